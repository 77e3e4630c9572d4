package engine_test

import (
	"context"
	"errors"
	"image"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/scanner/face"
	"loket/scanner/face/engine"
)

// start runs a client of that kind of child; states are collected.
func start(t *testing.T, kind string, timeout time.Duration) (*engine.Client, func() []engine.State) {
	t.Helper()
	var mu sync.Mutex
	var states []engine.State
	c := engine.Start(engine.Options{
		Command: func() *exec.Cmd {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "LOKET_TEST_ENGINE="+kind)
			return cmd
		},
		Timeout: timeout,
		OnState: func(s engine.State) {
			mu.Lock()
			defer mu.Unlock()
			states = append(states, s)
		},
	})
	t.Cleanup(func() { c.Close() })
	return c, func() []engine.State {
		mu.Lock()
		defer mu.Unlock()
		return append([]engine.State(nil), states...)
	}
}

// soon bounds a whole test.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestLook(t *testing.T) {
	c, _ := start(t, "normal", 3*time.Second)
	ctx := soon(t)
	if err := c.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	if _, m, bands := c.Models(); m.Name != "by-pixel" || bands.Match != 0.5 || c.State() != engine.Ready {
		t.Errorf("models %+v, bands %+v, state %s", m, bands, c.State())
	}
	for _, c2 := range []struct {
		name       string
		img        *image.RGBA
		describe   bool
		still      bool
		faces      int
		descriptor bool
		err        error
	}{
		{"faces only", asked(normal), false, false, 1, false, nil},
		{"with a descriptor", asked(normal), true, false, 1, true, nil},
		{"nobody", asked(nobody), true, false, 0, false, nil},
		{"an unsure face in a live frame", asked(unsure), true, false, 0, false, nil},
		{"an unsure face in a photo", asked(unsure), true, true, 1, true, nil},
		{"nobody in a photo", asked(nobody), true, true, 0, false, face.ErrNoFace},
		{"a cut-out of a picture", image.NewRGBA(image.Rect(0, 0, 99, 99)).SubImage(image.Rect(9, 9, 73, 73)).(*image.RGBA), true, false, 1, true, nil},
	} {
		t.Run(c2.name, func(t *testing.T) {
			r, err := engine.Result{}, error(nil)
			if c2.still {
				r, err = c.Describe(ctx, c2.img)
			} else {
				r, err = c.Look(ctx, c2.img, c2.describe)
			}
			if !errors.Is(err, c2.err) || len(r.Faces) != c2.faces || (r.Descriptor != nil) != c2.descriptor {
				t.Fatalf("%+v, %v", r, err)
			}
			if c2.descriptor && (r.Descriptor[1] != 64 || r.Matcher.Name != "by-pixel" || r.Detector.Name != "by-pixel") {
				t.Errorf("%+v", r)
			}
			if len(r.Quality.Components) == 0 {
				t.Error("no quality")
			}
		})
	}
	if _, err := c.Look(ctx, asked(fails), false); err == nil || !strings.Contains(err.Error(), "contoh galat") {
		t.Errorf("the engine's own error: %v", err)
	}
	if _, err := c.Look(ctx, image.NewRGBA(image.Rect(0, 0, 9000, 1)), false); !errors.Is(err, engine.ErrTooLarge) {
		t.Errorf("9000 pixels wide: %v", err)
	}
}

// The largest face in the guide is the subject, and is described; in a still
// picture it is the largest.
func TestSubject(t *testing.T) {
	c, _ := start(t, "normal", time.Minute)
	ctx := soon(t)
	live, err := c.Look(ctx, asked(leans), true)
	if err != nil || len(live.Faces) != 2 || live.Faces[0].Box.W != 40 || live.Descriptor[2] != 40 {
		t.Errorf("live %+v, %v", live.Faces, err)
	}
	if one := live.Quality.Component(face.OneFace); one.Score >= 50 {
		t.Errorf("one face: %+v, though another one is larger", one)
	}
	still, err := c.Describe(ctx, asked(leans))
	if err != nil || len(still.Faces) != 2 || still.Faces[0].Box.W != 44 {
		t.Errorf("still %+v, %v", still.Faces, err)
	}
}

// The subject alone is looked at again, and that is what is described.
func TestRefinesTheSubject(t *testing.T) {
	c, _ := start(t, "refines", time.Minute)
	r, err := c.Look(soon(t), asked(leans), true)
	if err != nil || len(r.Faces) != 2 || r.Faces[0].Box.W != 41 || r.Faces[1].Box.W != 44 || r.Descriptor[2] != 41 {
		t.Errorf("%+v, %v", r, err)
	}
}

// Passive networks look at described live frames; one that fails costs nothing.
func TestPassive(t *testing.T) {
	c, _ := start(t, "passive", time.Minute)
	ctx := soon(t)
	for _, k := range []struct {
		name     string
		describe bool
		want     int
	}{{"a frame that is described", true, 1}, {"one that is not", false, 0}} {
		r, err := c.Look(ctx, asked(normal), k.describe)
		if err != nil || len(r.Passive) != k.want || k.want == 1 && r.Passive["first"] != 0.75 {
			t.Errorf("%s: %+v, %v", k.name, r.Passive, err)
		}
	}
	if r, err := c.Describe(ctx, asked(normal)); err != nil || r.Passive != nil {
		t.Errorf("an enrolled photo: %+v, %v", r.Passive, err)
	}
}

func TestWithoutModels(t *testing.T) {
	for _, c := range []struct {
		kind        string
		state       engine.State
		look, still error
	}{
		{"no-model", engine.NoModel, engine.ErrNoModel, engine.ErrNoModel},
		{"no-matcher", engine.NoMatcher, nil, engine.ErrNoMatcher},
	} {
		t.Run(c.kind, func(t *testing.T) {
			client, _ := start(t, c.kind, 3*time.Second)
			ctx := soon(t)
			if _, err := client.Look(ctx, asked(normal), true); !errors.Is(err, c.look) {
				t.Errorf("look: %v", err)
			}
			if _, err := client.Describe(ctx, asked(normal)); !errors.Is(err, c.still) {
				t.Errorf("describe: %v", err)
			}
			if client.State() != c.state {
				t.Errorf("state %s", client.State())
			}
		})
	}
}
