package engine_test

import (
	"context"
	"errors"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"loket/scanner/face"
	"loket/scanner/face/engine"
)

// The child of these tests is this test program itself: with LOKET_TEST_ENGINE
// it serves a detector that does what the picture's first pixel says.
func TestMain(m *testing.M) {
	switch os.Getenv("LOKET_TEST_ENGINE") {
	case "":
		os.Exit(m.Run())
	case "silent": // never greets
		select {}
	case "once": // a second one never greets
		marker := os.Getenv("LOKET_TEST_ENGINE_ONCE")
		if _, err := os.Stat(marker); err == nil {
			select {}
		}
		check(os.WriteFile(marker, nil, 0o600))
		check(engine.Serve(os.Stdin, os.Stdout, byPixel{}, byPixel{}))
	case "no-model":
		check(engine.Serve(os.Stdin, os.Stdout, nil, nil))
	case "no-matcher":
		check(engine.Serve(os.Stdin, os.Stdout, byPixel{}, nil))
	case "passive":
		check(engine.Serve(os.Stdin, os.Stdout, byPixel{}, byPixel{}, passive{"first", 0.75}, passive{"broken", -1}))
	default:
		check(engine.Serve(os.Stdin, os.Stdout, byPixel{}, byPixel{}))
	}
	os.Exit(0)
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

// What the first pixel asks for.
const (
	normal = iota
	exits
	faults
	hangs
	fails
	nobody
	unsure // a score of 0.7: a face in a still picture, none in a live frame
	whole  // describes its own process id
	leans  // a larger face leans in beside the one in the guide
)

// passive is a liveness network that always says the same; below 0 it fails.
type passive struct {
	name  string
	share float64
}

func (p passive) Model() face.Model { return face.Model{Name: p.name} }
func (p passive) Live(*image.RGBA, face.Face) (float64, error) {
	if p.share < 0 {
		return 0, errors.New("contoh galat")
	}
	return p.share, nil
}

type byPixel struct{}

func (byPixel) Model() face.Model {
	return face.Model{Name: "by-pixel", SHA256: strings.Repeat("0", 64), Metric: face.Similarity}
}

func (byPixel) Thresholds() face.Thresholds {
	return face.Thresholds{Model: "by-pixel", Metric: face.Similarity, Match: 0.5, Doubtful: 0.4, Data: "gambar contoh", Measured: true}
}

func (byPixel) Detect(img *image.RGBA) ([]face.Face, error) {
	f := face.Face{
		Box:       face.Box{X: 10, Y: 10, W: 40, H: 50},
		Landmarks: face.Landmarks{{X: 20, Y: 25}, {X: 40, Y: 25}, {X: 30, Y: 37}, {X: 22, Y: 46}, {X: 38, Y: 46}},
		Score:     0.95,
	}
	switch img.Pix[0] {
	case exits:
		os.Exit(3)
	case faults:
		syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		select {}
	case hangs:
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case fails:
		return nil, errors.New("contoh galat")
	case nobody:
		return nil, nil
	case leans:
		larger := f
		larger.Box = face.Box{X: -20, Y: 0, W: 44, H: 60}
		return []face.Face{larger, f}, nil
	case unsure:
		f.Score = 0.7
	}
	return []face.Face{f}, nil
}

func (byPixel) Describe(img *image.RGBA, f face.Face) (face.Descriptor, error) {
	pid := float32(os.Getpid())
	return face.Descriptor{1, float32(img.Rect.Dx()), float32(f.Box.W), pid}, nil
}

func asked(what byte) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	img.Pix[0] = what
	return img
}

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

func TestRecovers(t *testing.T) {
	for _, c := range []struct {
		name string
		what byte
	}{{"it exits", exits}, {"it faults", faults}, {"it hangs", hangs}} {
		t.Run(c.name, func(t *testing.T) {
			client, states := start(t, "normal", 2*time.Second)
			ctx := soon(t)
			for range 3 {
				if err := client.Wait(ctx); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				if _, err := client.Look(ctx, asked(c.what), true); !errors.Is(err, engine.ErrRestarted) {
					t.Fatalf("got %v", err)
				}
				if took := time.Since(began); took > time.Minute {
					t.Errorf("told after %v", took)
				}
				if err := client.Wait(ctx); err != nil {
					t.Fatal(err)
				}
				if _, err := client.Look(ctx, asked(normal), true); err != nil {
					t.Fatalf("the next picture: %v", err)
				}
			}
			var restarts int
			for _, s := range states() {
				if s == engine.Restarting {
					restarts++
				}
			}
			if restarts != 3 {
				t.Errorf("states %v", states())
			}
		})
	}
}

// While a new child loads its networks after a crash, however long that takes,
// whoever asks is told at once.
func TestSaysSoWhileItRestarts(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "began")
	started := make(chan struct{}, 2)
	client := engine.Start(engine.Options{StartTimeout: time.Hour, Command: func() *exec.Cmd {
		started <- struct{}{}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "LOKET_TEST_ENGINE=once", "LOKET_TEST_ENGINE_ONCE="+marker)
		return cmd
	}})
	t.Cleanup(func() { client.Close() })
	ctx := soon(t)
	if err := client.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	<-started
	for i := range 3 {
		what := byte(normal)
		if i == 0 {
			what = exits
		}
		if _, err := client.Look(ctx, asked(what), false); !errors.Is(err, engine.ErrRestarted) {
			t.Fatalf("picture %d: %v", i, err)
		}
		if i == 0 {
			select {
			case <-started: // the second child, which never greets
			case <-ctx.Done():
				t.Fatal("no second child")
			}
		}
	}
}

// A child that is killed or stopped from outside, between two pictures.
func TestRecoversFromSignals(t *testing.T) {
	for _, c := range []struct {
		name   string
		signal syscall.Signal
	}{{"kill", syscall.SIGKILL}, {"stop", syscall.SIGSTOP}, {"segmentation fault", syscall.SIGSEGV}} {
		t.Run(c.name, func(t *testing.T) {
			client, _ := start(t, "normal", 2*time.Second)
			ctx := soon(t)
			r, err := client.Look(ctx, asked(normal), true)
			if err != nil {
				t.Fatal(err)
			}
			pid := int(r.Descriptor[3])
			if err := syscall.Kill(pid, c.signal); err != nil {
				t.Fatal(err)
			}
			// At most one picture is lost to the dead child; the rest go to the next one.
			for i := range 2 {
				if err := client.Wait(ctx); err != nil {
					t.Fatal(err)
				}
				if r, err = client.Look(ctx, asked(normal), true); err == nil {
					break
				}
				if i == 1 || !errors.Is(err, engine.ErrRestarted) {
					t.Fatal(err)
				}
			}
			if int(r.Descriptor[3]) == pid {
				t.Error("the same process answered")
			}
			if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("the old process is still there: %v", err)
			}
		})
	}
}

// The control: without the time limit a hanging engine holds its caller, until
// the caller's own context ends.
func TestWithoutALimitAHangHangs(t *testing.T) {
	client, _ := start(t, "normal", -1)
	if err := client.Wait(soon(t)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
	defer cancel()
	if _, err := client.Look(ctx, asked(hangs), true); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if client.State() != engine.Ready {
		t.Errorf("nobody noticed, yet the state is %s", client.State())
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

func TestCloseEndsEverything(t *testing.T) {
	t.Run("an idle child", func(t *testing.T) {
		client, _ := start(t, "normal", 3*time.Second)
		r, err := client.Look(soon(t), asked(normal), true)
		if err != nil {
			t.Fatal(err)
		}
		client.Close()
		if err := syscall.Kill(int(r.Descriptor[3]), 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %s is still there: %v", strconv.Itoa(int(r.Descriptor[3])), err)
		}
		if _, err := client.Look(soon(t), asked(normal), true); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		if err := client.Wait(soon(t)); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("wait after Close: %v", err)
		}
	})
	t.Run("a hanging child", func(t *testing.T) {
		client, _ := start(t, "normal", -1)
		if err := client.Wait(soon(t)); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			_, err := client.Look(context.Background(), asked(hangs), true)
			done <- err
		}()
		client.Close()
		if err := <-done; !errors.Is(err, engine.ErrClosed) {
			t.Errorf("the waiting caller got %v", err)
		}
	})
	t.Run("a child that never greets", func(t *testing.T) {
		client, _ := start(t, "silent", 3*time.Second)
		client.Close()
		if client.State() != engine.Closed {
			t.Errorf("state %s", client.State())
		}
	})
}

// A program that can't be started is tried again and again, and nobody waits
// for it longer than they want to.
func TestNothingToStart(t *testing.T) {
	client := engine.Start(engine.Options{Command: func() *exec.Cmd { return exec.Command("/nonexistent/kiosk", "engine") }})
	defer client.Close()
	if _, err := client.Look(soon(t), asked(normal), true); !errors.Is(err, engine.ErrRestarted) {
		t.Errorf("got %v", err)
	}
	if client.State() != engine.Restarting {
		t.Errorf("state %s", client.State())
	}
}
