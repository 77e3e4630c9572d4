package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// One clip of each kind: the willing head passes, no attack does; with the
// challenge switched off all of them would.
func TestEvalLiveness(t *testing.T) {
	if testing.Short() {
		t.Skip("twelve drawn clips take ten seconds")
	}
	sharedFaces(t)
	var stdout, stderr bytes.Buffer
	if code := evalLiveness([]string{"--clips", "1"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	var out liveFigures
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	people := 0
	for _, r := range out.Rows {
		if !r.Attack {
			people++
		}
		if r.Clips != 1 || r.Attack != (r.Passed == 0) || r.Control != 1 || r.Rate != 0 {
			t.Errorf("%+v", r)
		}
	}
	if people != 1 || len(out.Rows) != 6 {
		t.Errorf("%d rows, %d of people", len(out.Rows), people)
	}
}

func TestEvalLivenessUsage(t *testing.T) {
	for _, args := range [][]string{{"--clips", "0"}, {"a", "b"}, {"--unknown"}} {
		var stdout, stderr bytes.Buffer
		if code := evalLiveness(args, &stdout, &stderr); code != 2 || stdout.Len() > 0 {
			t.Errorf("%q: exit %d", args, code)
		}
	}
}
