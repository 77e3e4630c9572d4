package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"loket/sync/client"
	"loket/sync/client/outbox"
	"loket/sync/ledger"
	"loket/sync/ledger/thief"
	"loket/sync/wire"
)

// victim is an enrolled counter whose ledger is stolen, changed and put back.
type victim struct {
	*trialDesk
	dir     string
	central *tamperCentral
	whole   []byte           // the ledger's file as it honestly is
	first   wire.HeadRequest // of the head that central holds
	held    int64
	entries int
	refused *refusals
	moved   bool // central holds another head than first
}

// refusals counts what central's log says about heads.
type refusals struct {
	slog.Handler
	n atomic.Int64
}

// Handle implements slog.Handler.
func (r *refusals) Handle(_ context.Context, rec slog.Record) error {
	if strings.Contains(rec.Message, "does not continue") {
		r.n.Add(1)
	}
	return nil
}

// newVictim works for a while, syncs, and works on.
func newVictim(ctx context.Context, dir string) (*victim, error) {
	desk, err := newTrialDesk(1)
	if err != nil {
		return nil, err
	}
	desk.probe = desk.probe[:200]
	v := &victim{trialDesk: desk, dir: dir, refused: &refusals{Handler: slog.NewTextHandler(io.Discard, nil)}}
	if v.central, err = startCentral(ctx, dir, desk.device, slog.New(v.refused)); err != nil {
		return nil, err
	}
	if v.Ledger, err = ledger.Open(ctx, v.path(), v.options()); err != nil {
		return nil, err
	}
	n := 0
	for range 40 {
		if err := v.work(ctx, &n); err != nil {
			return nil, err
		}
	}
	if v.first, err = v.HeadRequest(ctx, v.device, 1); err != nil {
		return nil, err
	}
	answer, err := v.central.client.Head(ctx, v.first)
	if err != nil {
		return nil, err
	}
	v.held = answer.Size
	if err := v.HeadAccepted(ctx, answer); err != nil {
		return nil, err
	}
	for range 15 {
		if err := v.work(ctx, &n); err != nil {
			return nil, err
		}
	}
	h, err := v.Head(ctx, 1)
	if err != nil {
		return nil, err
	}
	v.entries = int(h.Size)
	if err := v.Close(); err != nil {
		return nil, err
	}
	v.whole, err = os.ReadFile(v.path())
	return v, err
}

func (v *victim) path() string { return filepath.Join(v.dir, "ledger.db") }

func (v *victim) options() ledger.Options {
	o := v.trialDesk.options()
	o.Device = v.central.device.Device
	return o
}

// work is a log-in, a decision, and central's answer to it. Each is of another
// minute, so that no two entries say the same: to exchange these changes nothing.
func (v *victim) work(ctx context.Context, n *int) error {
	v.now = v.now.Add(time.Minute)
	if err := v.Record(ctx, "log-in", map[string]string{"officer": trialOfficer, "n": strconv.Itoa(*n)}); err != nil {
		return err
	}
	e, err := v.entry(ctx, *n)
	if err == nil {
		err = v.Decide(ctx, e)
	}
	if err == nil {
		_, err = v.Take(ctx, 100)
	}
	if err == nil {
		err = v.Settle(ctx, []ledger.Outcome{{ID: e.Packet.ID(), State: wire.StateAccepted}})
	}
	*n++
	return err
}

// try puts the honest file there, changes it, and syncs. below is how many
// entries stay as they were.
func (v *victim) try(ctx context.Context, change func(*thief.Thief), cover bool, below int, forgets bool, into *tampering) error {
	if v.moved {
		if err := v.central.home.ForgetHeads(ctx); err != nil {
			return err
		}
		if _, err := v.central.client.Head(ctx, v.first); err != nil {
			return fmt.Errorf("hand the first head in again: %w", err)
		}
		v.moved = false
	}
	if err := place(filepath.Dir(v.path())+"/pc", map[string][]byte{"ledger.db": v.whole}); err != nil {
		return err
	}
	path := filepath.Join(v.dir, "pc", "ledger.db")
	if change != nil {
		if err := steal(ctx, path, change, cover, below); err != nil {
			return err
		}
	}
	if forgets {
		if err := v.central.home.ForgetHeads(ctx); err != nil {
			return err
		}
		v.moved = true
	}
	return v.sync(ctx, path, into)
}

func steal(ctx context.Context, path string, change func(*thief.Thief), cover bool, below int) error {
	t, err := thief.Open(ctx, path)
	if err != nil {
		return err
	}
	change(t)
	return errors.Join(t.Write(ctx, cover, below), t.Close())
}

// sync starts the counter's sender on what the thief left, for one round.
func (v *victim) sync(ctx context.Context, path string, into *tampering) error {
	l, err := ledger.Open(ctx, path, v.options())
	if err != nil {
		return err
	}
	defer l.Close()
	before := v.refused.n.Load()
	raised, err := v.alarms(ctx)
	if err != nil {
		return err
	}
	round, stop := context.WithCancel(ctx)
	defer stop()
	var fault error
	sender := client.Sender{Central: v.central.client,
		Outbox: outbox.Outbox{Ledger: l, Device: v.device, Trust: func() uint64 { return 1 }},
		Watch: func(s client.State) {
			switch s.Link {
			case client.Online:
				stop()
			case client.Unchecked, client.Sending:
			default:
				fault = fmt.Errorf("no line to central: %s %s", s.Link, s.Detail)
				stop()
			}
		}}
	if err := sender.Run(round); err != nil && round.Err() == nil {
		return err
	}
	if fault != nil {
		return fault
	}
	r, err := l.Verify(ctx)
	if err != nil {
		return err
	}
	now, err := v.alarms(ctx)
	if err != nil {
		return err
	}
	if now > raised {
		into.Alarmed++
	}
	central := v.refused.n.Load() > before
	v.moved = v.moved || !central
	into.Tried++
	if central {
		into.Central++
	}
	if !r.OK() {
		into.Here++
	}
	if central || !r.OK() {
		into.Found++
	}
	return nil
}

// alarms is how often central has raised one.
func (v *victim) alarms(ctx context.Context) (n int, err error) {
	all, err := v.central.home.Alarms(ctx)
	for _, a := range all {
		n += a.Times
	}
	return n, err
}
