package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/sync/clock"
	"loket/sync/ledger"
	"loket/sync/vault"
	"loket/sync/wire"
)

// kasiPIN is the PIN of the supervisor of withSupervisor.
const kasiPIN = "730164"

// withSupervisor enrols kasi-1 at this counter, whose head central then holds.
func (c *crash) withSupervisor() {
	c.t.Helper()
	ctx := c.t.Context()
	s, err := openStation(ctx, c.dir, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		c.t.Fatal(err)
	}
	cheapPINs(c.t, s, c.dir)
	o := &officers{s: s}
	password := c.central.Officer("kasi-1", "Kasi Contoh", wire.RoleSupervisor)
	for _, err := range []error{
		func() error { _, err := o.First(ctx, "kasi-1", password); return err }(),
		o.NewPassword(ctx, "sandi contoh 2"),
		func() error { _, err := o.NewPIN(ctx, kasiPIN); return err }(),
		s.reportHead(ctx),
		s.Close(),
	} {
		if err != nil {
			c.t.Fatal(err)
		}
	}
}

// reportHead has central hold the ledger's head.
func (s *station) reportHead(ctx context.Context) error {
	req, err := s.ledger.HeadRequest(ctx, s.vault.Device(), 1)
	if err != nil {
		return err
	}
	held, err := s.central.Head(ctx, req)
	if err != nil {
		return err
	}
	return s.ledger.HeadAccepted(ctx, held)
}

// TestRestoreGivesNothingBack: with a backup come back neither tries of a PIN
// nor an earlier time, as long as the ledger that it replaces can be read. The
// control is the same where that is gone.
func TestRestoreGivesNothingBack(t *testing.T) {
	c := newCrash(t)
	c.withSupervisor()
	ctx := t.Context()
	backup := filepath.Join(t.TempDir(), ledger.BackupName)
	s, err := openStation(ctx, c.dir, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ledger.Backup(ctx, filepath.Dir(backup)); err != nil {
		t.Fatal(err)
	}
	// Two days later central says so.
	later := s.now().Add(48 * time.Hour)
	s.clock.Server(later)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		there bool // the ledger that is replaced, and can be read
		told  bool // that it can't be
		spoil func(path string) error
	}{
		{"beside the ledger", true, false, func(string) error { return nil }},
		{"control: without it", false, false, os.Remove},
		{"beside one that is damaged", false, true, func(path string) error { return os.WriteFile(path, []byte("no ledger"), 0o600) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := copyDir(t, c.dir)
			if err := tt.spoil(filepath.Join(dir, ledgerName)); err != nil {
				t.Fatal(err)
			}
			set := time.Duration(0) // by hand, on the PC's clock
			passed := time.Duration(0)
			read := func() clock.Reading {
				r := clock.System()
				r.Wall, r.Mono = r.Wall.Add(set+passed), r.Mono+passed
				return r
			}
			var said strings.Builder
			restore := func(pin string) error {
				said.Reset()
				_, err := restoring{data: dir, supervisor: "kasi-1", pin: pin, read: read, stderr: &said}.run(ctx, backup)
				return err
			}
			for range vault.Tries {
				if err := restore("482914"); !errors.Is(err, vault.ErrPIN) && !errors.Is(err, vault.ErrPaused) {
					t.Fatal(err)
				}
			}
			set = vault.Pause + time.Minute
			if err := restore(kasiPIN); errors.Is(err, vault.ErrPaused) != tt.there || !tt.there && err != nil {
				t.Errorf("after five wrong PINs, with the PC's clock set ahead: %v", err)
			}
			if strings.Contains(said.String(), "can't be used") != tt.told {
				t.Errorf("it said %q", said.String())
			}
			if set, passed = 0, vault.Pause+time.Minute; tt.there {
				if err := restore(kasiPIN); err != nil {
					t.Fatalf("after the pause: %v", err)
				}
			}
			s, err := openStation(ctx, dir, clock.System, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if floor := s.clock.Floor(); !floor.Before(later) != tt.there {
				t.Errorf("the floor is %v, it was %v", floor, later)
			}
		})
	}
}
