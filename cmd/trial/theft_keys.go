package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"loket/sync/vault"
)

// theftPINs is what somebody got who has the disk, the ledger's schema, all the
// time in the world, and the right PIN.
type theftPINs struct {
	Owner        bool   `json:"owner_opens"`          // the control: the PC with its secret and the PIN
	Copy         string `json:"copied_disk"`          // without the machine's secret
	CopyForced   string `json:"copied_disk_forced"`   // and with the rows removed that would say so
	ForcedOpened bool   `json:"copied_disk_opens"`    // any of both
	Tries        int    `json:"tries"`                // wrong PINs at the machine itself, its own count removed after each
	Paused       bool   `json:"paused_by_machine"`    // it then refused even the right one
	OpensAfter   bool   `json:"right_pin_then_opens"` // after so many tries
}

// theftTries is how many wrong PINs the thief tries at the stolen machine.
const theftTries = 12

// keys attacks a stopped PC. A TPM's thief has two ways: with another chip, and
// with the PC itself, from which he started a system of his own.
func (p theftPC) keys(ctx context.Context, other string) (r theftPINs, err error) {
	if r.Owner, err = p.opens(ctx); err != nil {
		return r, fmt.Errorf("the owner: %w", err)
	}
	copied := theftPC{dir: p.dir + "-copied", tpm: other}
	if err := os.CopyFS(copied.dir, os.DirFS(p.dir)); err != nil {
		return r, err
	}
	if p.tpm == "" { // the secret was not on the copied disk
		if err := os.Remove(filepath.Join(copied.dir, vault.MachineFile)); err != nil {
			return r, err
		}
	}
	opened, err := copied.opens(ctx)
	r.Copy, r.ForcedOpened = why(err), opened
	// He makes a new secret and removes what the vault compares it with.
	if err := copied.force(ctx); err != nil {
		return r, err
	}
	opened, err = copied.opens(ctx)
	r.CopyForced, r.ForcedOpened = why(err), r.ForcedOpened || opened
	return r, p.guess(ctx, &r)
}

// why names what stopped the thief.
func why(err error) string {
	for _, known := range []error{vault.ErrMachine, vault.ErrNobody, vault.ErrPaused, vault.ErrPIN, vault.ErrOpen} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if err != nil {
		return err.Error()
	}
	return "opened"
}

// opens logs in with the right PIN and reads the open draft and the roster.
func (p theftPC) opens(ctx context.Context) (bool, error) {
	o, err := p.start(ctx)
	if err != nil {
		return false, err
	}
	defer o.close()
	s, err := o.vault.LogIn(ctx, theftOfficer, theftPIN)
	if err != nil {
		return false, err
	}
	drafts, err := o.ledger.Drafts(ctx)
	if err != nil || len(drafts) != 1 {
		return false, fmt.Errorf("%d drafts: %w", len(drafts), err)
	}
	if _, err := s.Open("draft/"+drafts[0].Session, drafts[0].Body); err != nil {
		return false, err
	}
	d, err := o.roster.Directory(ctx, s)
	if err != nil || d.Len() == 0 {
		return false, fmt.Errorf("roster: %w", err)
	}
	return true, nil
}

// force removes from a copy whatever is of the other machine: its blob and the
// rows by which the vault knows it.
func (p theftPC) force(ctx context.Context) error {
	if p.tpm != "" {
		if err := os.Remove(filepath.Join(p.dir, "machine.tpm")); err != nil {
			return err
		}
	}
	return p.edit(ctx, map[string][]byte{"machine": nil, "device": nil})
}

// guess tries wrong PINs at the machine with its secret, and forgets each time
// that there was one.
func (p theftPC) guess(ctx context.Context, r *theftPINs) error {
	for r.Tries < theftTries && !r.Paused {
		err := p.try(ctx, fmt.Sprintf("73%04d", 1641+r.Tries))
		switch {
		case errors.Is(err, vault.ErrPaused):
			r.Paused = true
		case errors.Is(err, vault.ErrPIN):
			r.Tries++
		default:
			return fmt.Errorf("a wrong PIN: %w", err)
		}
	}
	err := p.try(ctx, theftPIN)
	r.OpensAfter = err == nil
	if err != nil && !errors.Is(err, vault.ErrPaused) {
		return fmt.Errorf("the right PIN: %w", err)
	}
	return nil
}

func (p theftPC) try(ctx context.Context, pin string) error {
	o, err := p.start(ctx)
	if err != nil {
		return err
	}
	_, err = o.vault.LogIn(ctx, theftOfficer, pin)
	o.close()
	return errors.Join(err, p.edit(ctx, map[string][]byte{"tries/" + theftOfficer: nil}))
}

// edit changes the vault's rows as anybody can who has the file.
func (p theftPC) edit(ctx context.Context, rows map[string][]byte) error {
	l, err := openTheftLedger(ctx, p.dir)
	if err != nil {
		return err
	}
	return errors.Join(l.Vault().Put(ctx, rows), l.Close())
}
