package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/assets/models"
	"loket/scanner/face"
)

// The bound of a count: three for none (the rule of three), and Poisson's for some.
func TestMostOf(t *testing.T) {
	for k, want := range map[int]float64{0: 2.996, 1: 4.744, 3: 7.754, 10: 16.962, 100: 118.1, 1000: 1053.5} {
		if got := mostOf(k); math.Abs(got-want) > 0.005*want {
			t.Errorf("%d: %v, want %v", k, got, want)
		}
	}
}

// impostors are n scores spread evenly over 0..0.5, and one genuine pair.
func impostors(n int) face.Trials {
	t := face.Trials{Metric: face.Similarity, Genuine: []float64{0.9, 0.52}}
	for i := range n {
		t.Impostor = append(t.Impostor, float64(i)/float64(n)/2)
	}
	return t
}

func TestDuplicatesOf(t *testing.T) {
	shipped := face.Thresholds{Model: "m", Metric: face.Similarity, Match: 0.45, Duplicate: 0.6, Measured: true}
	strict := shipped
	strict.Match = 0.55
	few, many := duplicatesOf(impostors(6000), shipped, 150), duplicatesOf(impostors(1_000_000), shipped, 150)
	if few.Measured != nil {
		t.Errorf("6,000 pairs say nothing about 1e-5, yet %+v", *few.Measured)
	}
	if s := few.Shipped; s.Passed != 0 || *s.FMR != 0 || math.Abs(*s.FMRUpper-3.0/6000) > 1e-6 || s.Caught != 1 || math.Abs(*s.AlarmsUpper-11175*3.0/6000) > 0.01 {
		t.Errorf("at shipped %+v", *s)
	}
	if few.Pairs != 11175 || math.Abs(few.Expected-0.11175) > 1e-9 {
		t.Errorf("%d pairs a day, %v expected", few.Pairs, few.Expected)
	}
	if m := many.Measured; m == nil || m.Passed != 10 || m.Threshold < 0.499 || m.Threshold > 0.5 || m.Caught != 2 || math.Abs(*m.Alarms-0.11175) > 1e-9 {
		t.Errorf("measured %+v", m)
	}
	if m := duplicatesOf(impostors(1_000_000), strict, 150).Measured; m.Threshold != 0.55 {
		t.Errorf("looser than match: %+v", *m)
	}
	if f := duplicatesOf(impostors(6000), face.Thresholds{}, 150); f.Shipped != nil {
		t.Errorf("nobody measured, yet %+v", *f.Shipped)
	}
}

// What is written loads again; too few pairs write nothing, and so does a model without a match threshold.
func TestWithDuplicate(t *testing.T) {
	d := models.Description{Name: "m", Policy: &models.Policy{Match: 0.45, Doubtful: 0.4, Data: "contoh"}}
	f := duplicatesOf(impostors(1_000_000), face.Thresholds{}, 150)
	f.Data = "kantor contoh"
	got, err := withDuplicate(d, f, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	if err != nil || got.Policy.Duplicate.Threshold != f.Measured.Threshold || got.Policy.Duplicate.Date != "2026-11-22" || d.Policy.Duplicate != nil {
		t.Errorf("%+v, %v", got.Policy, err)
	}
	if _, err := withDuplicate(d, duplicatesOf(impostors(6000), face.Thresholds{}, 150), time.Now()); err == nil || !strings.Contains(err.Error(), "1000000") {
		t.Errorf("too few: %v", err)
	}
	if _, err := withDuplicate(models.Description{}, f, time.Now()); err == nil {
		t.Error("wrote into a description without a match threshold")
	}
}

func TestEvalDuplicates(t *testing.T) {
	lfw := filepath.Join(sharedFaces(t), "lfw")
	dir := t.TempDir()
	for _, name := range []string{"Abel_Pacheco", "Akhmed_Zakayev"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(lfw, name))); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := evalDuplicates([]string{"--images", dir, "--citizens", "100"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	var f duplicateFigures
	if err := json.Unmarshal(stdout.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	if f.People != 2 || f.Genuine+f.Impostor != f.Pictures*(f.Pictures-1)/2 || f.Pairs != 4950 || f.Shipped.Threshold != 0.553 || f.Shipped.Passed != 0 || f.Measured != nil {
		t.Errorf("%s", stdout.String())
	}
	for _, args := range [][]string{nil, {"--images", dir, "--citizens", "1"}, {"--images", dir, "more"}} {
		if code := evalDuplicates(args, &stdout, &stderr); code != 2 {
			t.Errorf("%q: exit %d", args, code)
		}
	}
	if code := evalDuplicates([]string{"--images", dir, "--write-thresholds", filepath.Join(dir, "model.json")}, &stdout, &stderr); code != 1 {
		t.Errorf("too few pairs wrote a threshold: exit %d", code)
	}
}
