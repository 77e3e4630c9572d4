package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"loket/sync/clock"
)

// hands are somebody's at this machine's clock, and at its plug.
type hands struct {
	set  atomic.Int64 // the clock's error, a time.Duration
	boot string
	off  time.Duration // without power before this boot
}

func (h *hands) read() clock.Reading {
	r := clock.System()
	r.Wall, r.Boot = r.Wall.Add(h.off+time.Duration(h.set.Load())), h.boot
	return r
}

// cutPower is a power cut of an hour: another station on what the disk has now.
func (h *hands) cutPower(t *testing.T, dir string) *station {
	t.Helper()
	next := &hands{boot: h.boot + "x", off: h.off + time.Hour}
	next.set.Store(h.set.Load())
	s, err := openStation(t.Context(), copyDir(t, dir), next.read, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestSetBackBeforeAPowerCut: somebody sets the clock back and takes the power
// away. The hour without power is longer than what the clock was set back, so
// that the floor can't show it; what was kept meanwhile does.
func TestSetBackBeforeAPowerCut(t *testing.T) {
	c := newCrash(t)
	h := &hands{boot: "first"}
	s, err := openStation(t.Context(), c.dir, h.read, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	kept := 0
	s.after = func(call string) {
		if call == "Set clock" {
			kept++
		}
	}
	s.serverTime(time.Now())
	before := kept
	if err := s.keepMoved(t.Context()); err != nil || kept != before {
		t.Errorf("kept %d times though nobody set the clock, %v", kept-before, err)
	}
	h.set.Store(int64(-10 * time.Minute))

	control := h.cutPower(t, c.dir)
	if _, doubt := control.clock.Check(); doubt != clock.None {
		t.Errorf("control: cut before the clock is kept: doubt %q", doubt)
	}
	if err := s.keepMoved(t.Context()); err != nil || kept != before+1 {
		t.Errorf("kept %d times after the clock was set, %v", kept-before, err)
	}
	if err := s.keepMoved(t.Context()); err != nil || kept != before+1 {
		t.Errorf("kept %d times, and once is enough, %v", kept-before, err)
	}
	after := h.cutPower(t, c.dir)
	if _, doubt := after.clock.Check(); doubt != clock.Jumped {
		t.Errorf("cut after the clock was kept: doubt %q", doubt)
	}
	after.serverTime(time.Now().Add(time.Hour))
	if _, doubt := after.clock.Check(); doubt != clock.None {
		t.Errorf("after central's time: doubt %q", doubt)
	}
}

// TestCounterLooksAtTheClock: the counter keeps a clock that was set without
// being asked, also one that central has said nothing about, and stops with it.
func TestCounterLooksAtTheClock(t *testing.T) {
	h := &hands{boot: "first"}
	s, err := openStation(t.Context(), newCrash(t).dir, h.read, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, doubt := s.clock.Check(); doubt != clock.None {
		t.Fatalf("doubt %q", doubt)
	}
	kept := make(chan struct{}, 1)
	s.after = func(call string) {
		if call == "Set clock" {
			kept <- struct{}{}
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		(&counter{station: s, log: s.log}).tidy(ctx, time.Hour, time.Millisecond)
	}()
	h.set.Store(int64(-10 * time.Minute))
	select {
	case <-kept:
	case <-time.After(time.Minute):
		t.Fatal("not kept in a minute")
	}
	stop()
	<-ended
	s.after = func(string) {}
	var state clock.State
	if ok, err := s.setting(t.Context(), settingClock, &state); !ok || err != nil || !state.Jump {
		t.Errorf("on the disk: %+v, %v", state, err)
	}
}
