package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"loket/sync/ledger"
	"loket/sync/ledger/powercut"
)

// unlucky is a counter whose file calls fail now and then. What failed it does
// again, as an officer would.
type unlucky struct {
	*trialDesk
	log      powercut.Log
	path     string
	careless bool // the control: takes every call for done
	calls    int
	kept     int // decisions that it was told are kept
}

// tries is how often a call is made again before the driver gives up.
const tries = 20000

// driveUnlucky keeps decisions decisions, with drafts, reads and new starts
// between them.
func driveUnlucky(ctx context.Context, dir string, decisions int, seed uint64, careless bool) error {
	log, ok, err := powercut.OpenLog()
	if err == nil && !ok {
		err = errors.New("the driver runs under a recorder only")
	}
	if err != nil {
		return err
	}
	defer log.Close()
	desk, err := newTrialDesk(seed)
	if err != nil {
		return err
	}
	u := &unlucky{trialDesk: desk, log: log, path: filepath.Join(dir, "ledger.db"), careless: careless}
	if err := u.open(ctx); err != nil {
		return err
	}
	for n := range decisions {
		if err := u.citizen(ctx, n); err != nil {
			return err
		}
	}
	u.close()
	return nil
}

// call makes one call between its marks.
func (u *unlucky) call(m mark, f func() error) error {
	u.calls++
	m.Call = u.calls
	if err := say(u.log, m); err != nil {
		return err
	}
	err := f()
	m.End = true
	if err != nil && !u.careless {
		m.Err = err.Error()
	}
	var wrong wrongError
	if errors.As(err, &wrong) {
		m.Wrong = string(wrong)
	}
	return errors.Join(err, say(u.log, m))
}

// again makes a call until it succeeds; the careless makes it once.
func (u *unlucky) again(m mark, f func() error) error {
	var err error
	for range tries {
		if err = u.call(m, f); err == nil || u.careless {
			return nil
		}
	}
	return fmt.Errorf("%s: %d times: %w", m.What, tries, err)
}

// open goes on trying even where the driver is careless: without a ledger there
// is nothing to be careless with.
func (u *unlucky) open(ctx context.Context) error {
	var err error
	for range tries {
		err = u.call(mark{What: "open"}, func() (err error) {
			opts := u.options()
			opts.Autocheckpoint = 300
			if u.Ledger, err = ledger.Open(ctx, u.path, opts); err != nil {
				return err
			}
			return u.log.SyncedDir() // as Open does
		})
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("open: %d times: %w", tries, err)
}

// close ends the ledger. Closing promises nothing: what it does not write back
// is in the WAL.
func (u *unlucky) close() {
	_ = u.call(mark{What: "close"}, u.Ledger.Close)
}

func (u *unlucky) citizen(ctx context.Context, n int) error {
	body := u.probe[n : n+3000]
	err := u.again(mark{What: "draft", Drafts: map[string]string{trialSession(n): sum(body)}}, func() error {
		return u.SaveDraft(ctx, ledger.Draft{Session: trialSession(n), Officer: trialOfficer, Body: body})
	})
	if err != nil {
		return err
	}
	decision := mark{What: "decide", Packets: map[string]string{trialPacket(n).String(): "queued"}, Drafts: map[string]string{trialSession(n): ""}}
	err = u.again(decision, func() error {
		e, err := u.entry(ctx, n)
		if err != nil {
			return err
		}
		return u.Decide(ctx, e)
	})
	if err != nil {
		return err
	}
	u.kept++
	if err := u.again(mark{What: "read"}, func() error { return u.look(ctx, n) }); err != nil {
		return err
	}
	if n%3 == 2 {
		if err := u.again(mark{What: "idle"}, func() error { _, err := u.Idle(ctx); return err }); err != nil {
			return err
		}
	}
	if n%4 == 3 {
		u.close()
		return u.open(ctx)
	}
	return nil
}

// wrongError is something that was read without an error and is not so.
type wrongError string

func (w wrongError) Error() string { return string(w) }

// look reads an old decision and the whole log.
func (u *unlucky) look(ctx context.Context, n int) error {
	i, err := u.Item(ctx, trialPacket(n/2))
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	if err != nil || i.State != "queued" {
		return wrongError(fmt.Sprintf("decision %d is %q", n/2, i.State))
	}
	r, err := u.Verify(ctx)
	if err == nil && (!r.OK() || r.Packets < u.kept) {
		err = wrongError(fmt.Sprintf("%d packets, want %d; %v", r.Packets, u.kept, r.Faults))
	}
	return err
}
