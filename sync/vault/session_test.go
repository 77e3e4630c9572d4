package vault_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/sync/vault"
	"loket/sync/wire"
)

// Central's time, in whole seconds, sets the clock back just after a PIN: that
// is no reason to ask for it again, but an hour is.
func TestSignAfterTheClockWasSetRight(t *testing.T) {
	p := newPC(t)
	s := p.enrol(t, "p-001")
	p.now = p.now.Add(-900 * time.Millisecond)
	if _, err := s.Approve(wire.AsOfficer, nil); err != nil {
		t.Errorf("a second back: %v", err)
	}
	p.now = p.now.Add(-time.Hour)
	if _, err := s.Approve(wire.AsOfficer, nil); !errors.Is(err, vault.ErrPINAgain) {
		t.Errorf("an hour back: %v, want ErrPINAgain", err)
	}
}

func TestSignWindowAndLock(t *testing.T) {
	ctx := t.Context()
	p := newPC(t)
	s := p.enrol(t, "p-001")
	sealed, err := s.Seal("draft/1", []byte("SRI CONTOH"))
	if err != nil {
		t.Fatal(err)
	}
	p.now = p.now.Add(vault.SignFor)
	if _, err := s.Approve(wire.AsOfficer, nil); err != nil {
		t.Errorf("within the window: %v", err)
	}
	p.now = p.now.Add(time.Second)
	if _, err := s.Approve(wire.AsOfficer, nil); !errors.Is(err, vault.ErrPINAgain) {
		t.Errorf("got %v, want ErrPINAgain", err)
	}
	p.now = p.now.Add(-time.Minute) // turning the clock back brings nothing back
	if _, err := s.Approve(wire.AsOfficer, nil); !errors.Is(err, vault.ErrPINAgain) {
		t.Errorf("got %v, want ErrPINAgain", err)
	}
	if err := s.Confirm(ctx, other); !errors.Is(err, vault.ErrPIN) {
		t.Errorf("got %v, want ErrPIN", err)
	}
	if err := s.Confirm(ctx, pin); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Approve(wire.AsOfficer, nil); err != nil {
		t.Errorf("after the PIN: %v", err)
	}
	s.Lock()
	_, err1 := s.Approve(wire.AsOfficer, nil)
	_, err2 := s.Seal("draft/1", nil)
	_, err3 := s.Open("draft/1", sealed)
	_, err4 := s.Hashes("nik", "1")
	for i, err := range []error{err1, err2, err3, err4} {
		if !errors.Is(err, vault.ErrLocked) {
			t.Errorf("locked, %d: %v", i, err)
		}
	}
	if err := s.Confirm(ctx, pin); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Open("draft/1", sealed); err != nil || string(got) != "SRI CONTOH" {
		t.Errorf("after unlocking: %q, %v", got, err)
	}
	if _, err := s.Open("draft/2", sealed); !errors.Is(err, vault.ErrOpen) {
		t.Errorf("moved to another row: %v", err)
	}
}

func TestChangePIN(t *testing.T) {
	ctx := t.Context()
	p := newPC(t)
	sealed, err := p.enrol(t, "p-001").Seal("x", []byte("y"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.ChangePIN(ctx, "p-001", other, pin); !errors.Is(err, vault.ErrPIN) {
		t.Errorf("got %v, want ErrPIN", err)
	}
	if err := p.ChangePIN(ctx, "p-001", pin, "111111"); !errors.Is(err, vault.ErrWeakPIN) {
		t.Errorf("got %v, want ErrWeakPIN", err)
	}
	if err := p.ChangePIN(ctx, "p-001", pin, other); err != nil {
		t.Fatal(err)
	}
	if _, err := p.LogIn(ctx, "p-001", pin); !errors.Is(err, vault.ErrPIN) {
		t.Errorf("the old PIN: %v", err)
	}
	s, err := p.LogIn(ctx, "p-001", other)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Open("x", sealed); err != nil || string(got) != "y" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestOfficersShare: what one wrote the other reads, as soon as one who holds
// the key has logged in after the other was enrolled.
func TestOfficersShare(t *testing.T) {
	p := newPC(t)
	first := p.enrol(t, "p-001")
	sealed, err := first.Seal("draft/1", []byte("kept"))
	if err != nil {
		t.Fatal(err)
	}
	old, _ := first.Hashes("nik", "17")
	first.Lock()

	second := p.enrol(t, "p-002") // nobody else is logged in
	if _, err := second.Open("draft/1", sealed); !errors.Is(err, vault.ErrOpen) {
		t.Errorf("before anybody let them in: %v", err)
	}
	own, err := second.Seal("draft/2", []byte("theirs"))
	if err != nil {
		t.Fatal(err)
	}
	p.restart(t, p.dir)
	if got, err := p.logIn(t, "p-001").Open("draft/2", own); err != nil || string(got) != "theirs" {
		t.Errorf("the first reads the second: %q, %v", got, err)
	}
	second = p.logIn(t, "p-002")
	if got, err := second.Open("draft/1", sealed); err != nil || string(got) != "kept" {
		t.Errorf("the second reads the first: %q, %v", got, err)
	}
	hashes, err := second.Hashes("nik", "17")
	was := func(h []byte) bool { return bytes.Equal(h, old[0]) }
	if err != nil || len(hashes) != 2 || !slices.ContainsFunc(hashes, was) {
		t.Errorf("%d hashes, %v", len(hashes), err)
	}
	if err := p.Remove(t.Context(), "p-001"); err != nil {
		t.Fatal(err)
	}
	if got, err := p.Officers(t.Context()); err != nil || len(got) != 1 || got[0].ID != "p-002" {
		t.Errorf("officers %v, %v", got, err)
	}
	if _, err := p.logIn(t, "p-002").Open("draft/1", sealed); err != nil {
		t.Errorf("after the first left: %v", err)
	}
}

// TestForgottenPIN: enrolled again, an officer is let in by the others.
func TestForgottenPIN(t *testing.T) {
	p := newPC(t)
	sealed, err := p.enrol(t, "p-001").Seal("x", []byte("y"))
	if err != nil {
		t.Fatal(err)
	}
	p.enrol(t, "p-002")
	p.logIn(t, "p-001")
	p.enrol(t, "p-001") // again
	p.logIn(t, "p-002")
	if got, err := p.logIn(t, "p-001").Open("x", sealed); err != nil || string(got) != "y" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestIntruder: an officer's row that the machine did not write is not let in.
func TestIntruder(t *testing.T) {
	p := newPC(t)
	p.enrol(t, "p-001")
	rows := p.ledger.Vault()
	row, _, err := rows.Get(t.Context(), "officer/p-001")
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Put(t.Context(), map[string][]byte{"officer/x-001": row}); err != nil {
		t.Fatal(err)
	}
	p.enrol(t, "p-002")
	p.logIn(t, "p-001")
	names, err := rows.Names(t.Context(), "key/")
	if err != nil {
		t.Fatal(err)
	}
	granted := func(id string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, "/"+id) })
	}
	if granted("x-001") || !granted("p-001") || !granted("p-002") {
		t.Errorf("granted to %v", names)
	}
	if o, err := p.Officers(t.Context()); err != nil || len(o) != 2 {
		t.Errorf("officers %v, %v", o, err)
	}
}
