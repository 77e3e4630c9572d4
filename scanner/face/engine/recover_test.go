package engine_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"loket/scanner/face/engine"
)

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
