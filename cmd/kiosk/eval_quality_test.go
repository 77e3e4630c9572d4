package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/camera/footage/people"
	"loket/scanner/face"
)

// drawnPictures writes live frames of some sample citizens.
func drawnPictures(t *testing.T, ids ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, id := range ids {
		p, ok := people.Find(id)
		if !ok {
			t.Fatal(id)
		}
		var data bytes.Buffer
		if err := jpeg.Encode(&data, p.Draw(image.Pt(640, 480), people.Look{Yaw: 3, Noise: 3, Seed: 5, Scale: 0.48}), &jpeg.Options{Quality: 95}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, id+".jpg"), data.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Every picture has a line with every component; what nothing measures says so.
func TestEvalQuality(t *testing.T) {
	sharedFaces(t)
	dir := drawnPictures(t, "warga-02", "warga-05")
	var stdout, stderr bytes.Buffer
	if code := evalQuality([]string{dir}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, l := range lines {
		var q qualityLine
		if err := json.Unmarshal([]byte(l), &q); err != nil {
			t.Fatal(err)
		}
		unmeasured := 0
		for _, c := range q.Components {
			if !c.Measured {
				unmeasured++
			}
		}
		if q.Faces != 1 || !q.Pass || len(q.Components) != 17 || unmeasured != 5 {
			t.Errorf("%s", l)
		}
	}
}

// The degraded component falls most on drawn frames; the picture as it is
// doesn't fall at all.
func TestEvalQualityDegrades(t *testing.T) {
	sharedFaces(t)
	dir := drawnPictures(t, "warga-02", "warga-05")
	var stdout, stderr bytes.Buffer
	if code := evalQuality([]string{"--degrade", "--seed", "77", dir}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	var sum degradeSum
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &sum); err != nil {
		t.Fatal(err)
	}
	t.Log(stdout.String())
	for _, d := range degradations() {
		if k := sum.Kinds[d.name]; k == nil || k.Cases != 2 || k.Right != 2 {
			t.Errorf("%s: %+v", d.name, k)
		}
	}
	q := face.Quality{Components: []face.Component{{Code: face.Yaw, Score: 90, Measured: true}}}
	if fell, by := fellMost(q, q); fell != "" || by != 0 {
		t.Errorf("nothing was done, yet %s fell by %v", fell, by)
	}
}
