package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/scanner/face"
	"loket/scanner/face/engine"
)

// TestEngineChild is no test: it is `kiosk engine` as a process of its own, for the tests below.
func TestEngineChild(t *testing.T) {
	if args, ok := os.LookupEnv("LOKET_TEST_ENGINE_ARGS"); ok {
		os.Exit(runEngine(strings.Fields(args)))
	}
}

// child starts `kiosk engine` with these arguments and networks.
func child(t *testing.T, folder, args string) *engine.Client {
	t.Helper()
	home := t.TempDir()
	c := engine.Start(engine.Options{Stderr: os.Stderr, Command: func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^TestEngineChild$")
		cmd.Env = append(os.Environ(), "LOKET_TEST_ENGINE_ARGS="+args, "LOKET_MODELS="+folder, "XDG_DATA_HOME="+home)
		return cmd
	}})
	t.Cleanup(func() { c.Close() })
	return c
}

func TestEngineTellsPeopleApart(t *testing.T) {
	faces := sharedFaces(t)
	c := child(t, os.Getenv("LOKET_MODELS"), "")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	detector, matcher, bands := c.Models()
	if detector.Name != "yunet-2022mar" || matcher.Name != "face-reidentification-retail-0095" || !strings.HasPrefix(matcher.SHA256, "3a7d34d8") {
		t.Errorf("models %+v, %+v", detector, matcher)
	}
	frames := func(person string) []string {
		all, err := filepath.Glob(filepath.Join(faces, "nuaa", "live", person, "*"))
		if err != nil || len(all) < 2 {
			t.Fatal(all, err)
		}
		return all
	}
	one, other := frames("0001"), frames("0004")
	img, err := openPicture(one[0])
	if err != nil {
		t.Fatal(err)
	}
	reference, err := c.Describe(ctx, img)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, path string
		want       face.Band
	}{{"the same person", one[len(one)-1], face.Match}, {"somebody else", other[0], face.NoMatch}} {
		t.Run(tt.name, func(t *testing.T) {
			img, err := openPicture(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			live, err := c.Look(ctx, img, true)
			if err != nil {
				t.Fatal(err)
			}
			score, err := face.Compare(reference.Descriptor, live.Descriptor, bands.Metric)
			if err != nil || bands.Band(score) != tt.want {
				t.Errorf("%s (%.3f), %v; want %s", bands.Band(score), score, err, tt.want)
			}
		})
	}
}

func TestEngineWithoutWhatItNeeds(t *testing.T) {
	shared := filepath.Dir(sharedFaces(t))
	for _, tt := range []struct {
		name, folder, args string
		state              engine.State
		err                error
	}{
		{"no models", t.TempDir(), "", engine.NoModel, engine.ErrNoModel},
		{"only the detector", filepath.Join(shared, "models", "yunet-2022mar"), "", engine.NoMatcher, engine.ErrNoMatcher},
		{"a matcher that is not installed", filepath.Join(shared, "models"), "--matcher sface-2021dec", engine.NoMatcher, engine.ErrNoMatcher},
		{"another matcher", filepath.Join(shared, "models"), "--matcher mobileface-v2", engine.Ready, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := child(t, tt.folder, tt.args)
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := c.Wait(ctx); err != nil && !errors.Is(err, engine.ErrNoModel) {
				t.Fatal(err)
			}
			if c.State() != tt.state {
				t.Errorf("state %s, want %s", c.State(), tt.state)
			}
			paths, err := filepath.Glob(filepath.Join(shared, "faces", "nuaa", "live", "0001", "*"))
			if err != nil || len(paths) == 0 {
				t.Fatal(paths, err)
			}
			img, err := openPicture(paths[0])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Describe(ctx, img); !errors.Is(err, tt.err) {
				t.Errorf("describe: %v, want %v", err, tt.err)
			}
			if _, _, bands := c.Models(); tt.state == engine.Ready && bands.Band(0.99) != face.Doubtful {
				t.Errorf("nobody measured this matcher, yet 0.99 is %s", bands.Band(0.99))
			}
		})
	}
}
