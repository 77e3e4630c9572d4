package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestMain lets this test's own program be the engine's child process, as the
// kiosk is. Tests leave this PC's own TPM alone.
func TestMain(m *testing.M) {
	if err := os.Setenv("LOKET_TPM", "none"); err != nil {
		panic(err)
	}
	if len(os.Args) > 1 && os.Args[1] == "engine" {
		os.Exit(runEngine(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func TestRun(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		out  string
		err  string
	}{
		"help":              {[]string{"help"}, 0, "kiosk selftest", ""},
		"version":           {[]string{"version"}, 0, "", ""},
		"no such command":   {[]string{"serve"}, 2, "", "no such command"},
		"no such look":      {[]string{"--look", "pink"}, 2, "", "want light, dark or contrast"},
		"half a command":    {[]string{"eval"}, 2, "", "no such command"},
		"flags of selftest": {[]string{"selftest", "--zone", "Mars"}, 2, "", "unknown time zone"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(c.args, strings.NewReader(""), &out, &errs); code != c.code {
				t.Errorf("exit %d, want %d: %s", code, c.code, errs.String())
			}
			if !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.err) {
				t.Errorf("stdout %q, stderr %q", out.String(), errs.String())
			}
		})
	}
}

// A PC that is no counter yet and has no camera says so, a line of JSON each,
// and which parts work all the same.
func TestSelftestOfABarePC(t *testing.T) {
	t.Setenv("LOKET_MODELS", t.TempDir())
	var out, errs bytes.Buffer
	code := run([]string{"selftest", "--data", t.TempDir(), "--codes-camera", "/dev/video-none"}, strings.NewReader(""), &out, &errs)
	if code != 1 {
		t.Errorf("exit %d, want 1: %s", code, errs.String())
	}
	got := map[string]selfLine{}
	for l := range strings.Lines(out.String()) {
		var x selfLine
		if err := json.Unmarshal([]byte(l), &x); err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		got[x.Part] = x
	}
	for part, want := range map[string]bool{"tool-camera-codes": false, "tool-enrolled": false, "tool-disk": true, "tool-audit": true, "tool-keys": false} {
		if x, ok := got[part]; !ok || x.OK != want {
			t.Errorf("%s: %+v, want ok %v", part, x, want)
		}
	}
	if m := got["tool-keys"].Means; len(m) != 2 || m[0].Indonesian == "" || m[0].English == "" {
		t.Errorf("the keys' protection means %+v", m)
	}
	if got["tool-keys"].Detail != "keys-in-file" || got["tool-camera-codes"].Detail != "camera-no-camera" {
		t.Errorf("%+v", got)
	}
}
