package main

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/sync/client"
	"loket/sync/clock"
	"loket/sync/vault"
)

// monthAhead is this machine's clock after a boot that set it a month ahead.
func monthAhead() clock.Reading {
	r := clock.System()
	r.Wall, r.Boot = r.Wall.AddDate(0, 1, 0), "another"
	return r
}

// TestRecordAheadIsNoFloor: a decision that was kept while the clock ran a month
// ahead does not make the month true at the next start.
func TestRecordAheadIsNoFloor(t *testing.T) {
	c := newCrash(t)
	refuseUnder(t, c.dir, monthAhead)
	s, err := openStation(t.Context(), c.dir, monthAhead, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	items, err := s.ledger.Items(t.Context(), 1)
	if err != nil || len(items) != 1 || items[0].At.Before(time.Now().AddDate(0, 0, 20)) {
		t.Fatalf("%+v, %v", items, err)
	}
	if _, doubt := s.clock.Check(); doubt != clock.Ahead || s.clock.Floor().After(time.Now().Add(time.Hour)) {
		t.Errorf("doubt %q, the floor at %v", doubt, s.clock.Floor())
	}
}

// TestClockSetAheadOvernight: a van's PC wakes a month ahead, without a line.
// What it took along is locked and not wiped, a pause after wrong PINs goes on,
// and central's time gives everything back.
func TestClockSetAheadOvernight(t *testing.T) {
	c := newCrash(t)
	s, o := serving(t, c)
	var wrong *app.PINFault
	for range vault.Tries {
		if _, err := (&officers{s: s}).LogIn(t.Context(), o.ID, "130579"); !errors.As(err, &wrong) {
			t.Fatal(err)
		}
	}
	if wrong.Paused == 0 {
		t.Fatal("no pause after five wrong PINs")
	}
	key := s.officer
	if err := s.keepClock(t.Context()); err != nil {
		t.Fatal(err)
	}
	open := func() *station {
		t.Helper()
		s, err := openStation(t.Context(), c.dir, monthAhead, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		cut := *s.device
		cut.CountersURL = "https://127.0.0.1:9" // discard: nobody listens
		if s.central, err = client.New(cut, s.vault.Device(), client.Options{Now: s.now}); err != nil {
			t.Fatal(err)
		}
		s.officer = key // as one who logged in before the pause
		return s
	}
	van := open()
	if _, doubt := van.clock.Check(); doubt != clock.Ahead {
		t.Fatalf("doubt %q", doubt)
	}
	var told *app.Fault
	if rec, err := (&records{van}).Record(t.Context(), activation.Code{NIK: crashNIK, Typed: "1"}); !errors.As(err, &told) || told.Code != "roster-locked" {
		t.Errorf("record %v, %v", rec, err)
	}
	along := &alongside{s: van, zone: time.UTC, name: func(string) string { return "" }}
	if found, err := along.Search(t.Context(), "contoh", "kode tidak terbaca"); !errors.As(err, &told) || told.Code != "roster-locked" {
		t.Errorf("search %v, %v", found, err)
	}
	if areas, _, err := along.Areas(t.Context()); err != nil || len(areas) != 1 || !areas[0].Locked {
		t.Errorf("areas %+v, %v", areas, err)
	}
	if _, err := (&officers{s: van}).LogIn(t.Context(), o.ID, crashPIN); !errors.As(err, &wrong) || wrong.Paused == 0 {
		t.Errorf("the right PIN in the pause: %v", err)
	}
	van.serverTime(time.Now())
	if found, err := along.Search(t.Context(), "contoh", "kode tidak terbaca"); err != nil || len(found) == 0 {
		t.Errorf("after central's time: %v, %v", found, err)
	}
	van.serverTime(time.Now().Add(vault.Pause))
	if _, err := (&officers{s: van}).LogIn(t.Context(), o.ID, crashPIN); err != nil {
		t.Errorf("half an hour later by central: %v", err)
	}

	// The control: told by central that a month has passed, it wipes.
	van.serverTime(time.Now().AddDate(0, 1, 0))
	if n, err := van.roster.Expire(t.Context()); n != 1 || err != nil {
		t.Errorf("control: %d areas wiped, %v", n, err)
	}
}
