package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// A clip of some kinds: the living heads pass, no attack does; with the
// challenge switched off it would. The whole is `kiosk eval liveness DIR`.
func TestEvalLiveness(t *testing.T) {
	if testing.Short() {
		t.Skip("clips take ten seconds")
	}
	faces := filepath.Join(sharedFaces(t), "nuaa")
	var stdout, stderr bytes.Buffer
	if code := evalLiveness([]string{"--clips", "1", "--seed", "2", "--kinds", "living,bent,real prints", faces}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	var out liveFigures
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, s := range out.Sources {
		for _, r := range s.BPCER {
			if kinds["people"]++; r.Clips != 1 || r.Passed != 1 || r.Rate != 0 {
				t.Errorf("%s: %+v", s.Source, r)
			}
		}
		for _, r := range s.APCER {
			if kinds["attacks"]++; r.Clips != 1 || r.Passed != 0 || r.Control != 1 || r.Rate != 0 {
				t.Errorf("%s: %+v", s.Source, r)
			}
		}
	}
	if kinds["people"] != 2 || kinds["attacks"] != 3 || len(out.Sources) != 3 {
		t.Errorf("%d sources, %v", len(out.Sources), kinds)
	}
}

// Of a folder like NUAA's what is live moves and what is printed stands still;
// of any other all faces move. A folder is a person.
func TestStillsUnder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"live/0001/a.jpg", "live/0002/b.jpg", "print/0001/c.jpg", "print/0001/d.jpg", "print/0002/e.jpg", "other/f.png", "other/g.png", "live/0002/h.jpg", "notes.txt"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name          string
		faces, prints int
	}{{"", 2, 2}, {"live", 2, 0}, {"print", 0, 2}, {"other", 2, 0}} {
		got, err := stillsUnder(filepath.Join(dir, c.name))
		if err != nil || len(got.faces) != c.faces || len(got.prints) != c.prints {
			t.Errorf("%q: %+v, %v", c.name, got, err)
		}
	}
	if _, err := stillsUnder(t.TempDir()); err == nil {
		t.Error("an empty folder is taken")
	}
}

func TestEvalLivenessUsage(t *testing.T) {
	for _, args := range [][]string{{"--clips", "0"}, {"a", "b"}, {"--unknown"}, {"--kinds", "nothing that is played"}} {
		var stdout, stderr bytes.Buffer
		if code := evalLiveness(args, &stdout, &stderr); code != 2 || stdout.Len() > 0 {
			t.Errorf("%q: exit %d", args, code)
		}
	}
}
