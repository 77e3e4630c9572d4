package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sharedFaces points LOKET_MODELS at the shared networks and returns the folder of pictures, or skips.
func sharedFaces(t *testing.T) string {
	t.Helper()
	shared := filepath.Join("..", "..", "..", "shared")
	if _, err := os.Stat(filepath.Join(shared, "faces", "pairs.txt")); err != nil {
		t.Skip("../shared/faces is not here")
	}
	t.Setenv("LOKET_MODELS", filepath.Join(shared, "models"))
	return filepath.Join(shared, "faces")
}

func TestEvalFacesOnTheSharedPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("1,583 pictures take half a minute")
	}
	faces := sharedFaces(t)
	var stdout, stderr bytes.Buffer
	if code := evalFaces([]string{"--pairs", filepath.Join(faces, "pairs.txt"), "--images", filepath.Join(faces, "lfw")}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	t.Log(stdout.String())
	var keys map[string]any
	if err := json.Unmarshal(stdout.Bytes(), &keys); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"pairs", "skipped", "accuracy", "eer", "fnmr_at_fmr_1e-2", "fnmr_at_fmr_1e-3", "threshold", "detect_ms", "embed_ms", "forward_ms", "engine", "model"} {
		if _, ok := keys[key]; !ok {
			t.Errorf("no %q", key)
		}
	}
	var f faceFigures
	if err := json.Unmarshal(stdout.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	if f.Pairs != 1200 || f.Accuracy < 0.9925 {
		t.Errorf("%d pairs, accuracy %v, the bar is 0.9925", f.Pairs, f.Accuracy)
	}
	if f.FNMR2 != nil {
		t.Errorf("600 impostor pairs say nothing about a rate of 1e-2, yet it is %v", *f.FNMR2)
	}
	if f.Model != "face-reidentification-retail-0095" || f.Engine != "onnx" {
		t.Errorf("%s by %s", f.Model, f.Engine)
	}
}

// A picture without a face makes its pairs wrong, and is counted.
func TestEvalFacesCountsUndetected(t *testing.T) {
	faces := sharedFaces(t)
	dir := t.TempDir()
	for _, name := range []string{"Abel_Pacheco/Abel_Pacheco_0001.jpg", "Abel_Pacheco/Abel_Pacheco_0004.jpg"} {
		data, err := os.ReadFile(filepath.Join(faces, "lfw", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, person := range []string{"A", "B"} {
			path := filepath.Join(dir, person, person+"_"+name[len(name)-8:])
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "B", "B_0009.jpg"), blankJPEG(t), 0o644); err != nil {
		t.Fatal(err)
	}
	pairs := filepath.Join(dir, "pairs.txt")
	if err := os.WriteFile(pairs, []byte("1\t1\nA\t1\t4\nA\t1\tB\t9\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if code := evalFaces([]string{"--pairs", pairs, "--images", dir}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	var f faceFigures
	if err := json.Unmarshal(stdout.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	if f.Pairs != 2 || f.Skipped != 1 || f.Accuracy != 0.5 {
		t.Errorf("%s", stdout.String())
	}
}

func TestEvalFacesUsage(t *testing.T) {
	t.Setenv("LOKET_MODELS", t.TempDir())
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"nothing", nil, 2, "usage"},
		{"pairs without pictures", []string{"--pairs", "x"}, 2, "usage"},
		{"both kinds", []string{"--sample", "--pairs", "x", "--images", "y"}, 2, "usage"},
		{"no such file", []string{"--pairs", filepath.Join(dir, "absent"), "--images", dir}, 1, "absent"},
		{"fewer pairs than its header says", []string{"--pairs", write("short.txt", "1 2\nA 1 2\n"), "--images", dir}, 1, "header says 4"},
		{"a name that leaves the folder", []string{"--pairs", write("escape.txt", "1 1\n../A 1 2\nB 1 C 2\n"), "--images", dir}, 1, "../A"},
		{"no models", []string{"--pairs", write("good.txt", "1 1\nA 1 2\nA 1 B 2\n"), "--images", dir}, 1, "missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := evalFaces(c.args, &stdout, &stderr)
			if code != c.code || !strings.Contains(stderr.String(), c.says) || stdout.Len() > 0 {
				t.Errorf("exit %d, want %d; stderr %q", code, c.code, stderr.String())
			}
		})
	}
}
