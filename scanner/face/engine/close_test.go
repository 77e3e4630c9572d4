package engine_test

import (
	"context"
	"errors"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"loket/scanner/face/engine"
)

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
