package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"loket/sync/ledger"
	"loket/sync/ledger/powercut"
	"loket/sync/wire"
)

// mark is what the driver says in the recorder's log before and after a call
// to the ledger: what it is about to change, and what it was told.
type mark struct {
	Call    int               `json:"call"`
	What    string            `json:"what"`
	End     bool              `json:"end,omitempty"`     // the call has returned
	Err     string            `json:"err,omitempty"`     // what it returned
	Packets map[string]string `json:"packets,omitempty"` // state of each that it changes
	Drafts  map[string]string `json:"drafts,omitempty"`  // SHA-256 of the body; "" is none
	Values  map[string]string `json:"values,omitempty"`  // settings
	Entries int64             `json:"entries,omitempty"` // of the audit log, after the call
	Root    string            `json:"root,omitempty"`
	Wrong   string            `json:"wrong,omitempty"` // what was read, without an error, and is not so
}

// driver is a counter's life without a window, told call by call.
type driver struct {
	*trialDesk
	log      powercut.Log
	path     string
	unsafe   bool // the control: a ledger that is not durable
	calls    int
	states   map[string]string // of packets, as the driver was told
	accepted []wire.PacketID   // of which no event has come yet
	cursor   int64
}

// drive lives through decisions decisions in the ledger in dir.
func drive(ctx context.Context, dir string, decisions int, seed uint64, unsafe bool) error {
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
	d := &driver{trialDesk: desk, log: log, path: filepath.Join(dir, "ledger.db"), unsafe: unsafe, states: map[string]string{}}
	if err := d.open(ctx); err != nil {
		return err
	}
	for n := range decisions {
		if err := d.citizen(ctx, n); err != nil {
			return err
		}
	}
	return d.Close()
}

func (d *driver) open(ctx context.Context) error {
	return d.call(ctx, mark{What: "open"}, func() (err error) {
		open := ledger.Open
		if d.unsafe {
			open = ledger.OpenNotDurable
		}
		opts := d.options()
		opts.Autocheckpoint = 150 // pages: the WAL begins anew a few times, beside what Idle does
		if d.Ledger, err = open(ctx, d.path, opts); err != nil {
			return err
		}
		return d.log.SyncedDir() // as Open does
	})
}

// call runs f between its two marks.
func (d *driver) call(ctx context.Context, m mark, f func() error) error {
	d.calls++
	m.Call = d.calls
	if err := say(d.log, m); err != nil {
		return err
	}
	if err := f(); err != nil {
		return fmt.Errorf("%s: %w", m.What, err)
	}
	for id, state := range m.Packets {
		d.states[id] = state
	}
	h, err := d.Head(ctx, 0)
	if err != nil {
		return err
	}
	m.End, m.Entries, m.Root = true, h.Size, hex.EncodeToString(h.Root[:])
	return say(d.log, m)
}

func say(log powercut.Log, m mark) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return log.Mark(b)
}

// citizen is one case, and what a counter does between cases.
func (d *driver) citizen(ctx context.Context, n int) error {
	d.now = d.now.Add(time.Minute)
	body := d.probe[n : n+3000+50*n]
	for range 1 + n%2 {
		if err := d.draft(ctx, n, body); err != nil {
			return err
		}
		body = body[100:]
	}
	if err := d.decide(ctx, n); err != nil {
		return err
	}
	for _, step := range []struct {
		every int
		do    func(context.Context, int) error
	}{{5, d.undo}, {6, d.send}, {8, d.events}, {9, d.idle}, {11, d.set}, {14, d.reopen}, {19, d.closeDay}} {
		if n%step.every == step.every-1 {
			if err := step.do(ctx, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *driver) draft(ctx context.Context, n int, body []byte) error {
	return d.call(ctx, mark{What: "draft", Drafts: map[string]string{trialSession(n): sum(body)}}, func() error {
		return d.SaveDraft(ctx, ledger.Draft{Session: trialSession(n), Officer: trialOfficer, Body: body})
	})
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// decide keeps decision n; every fifth can be undone, and the case of every
// seventh is another one, so that a draft stays.
func (d *driver) decide(ctx context.Context, n int) error {
	e, err := d.entry(ctx, n)
	if err != nil {
		return err
	}
	m := mark{What: "decide", Packets: map[string]string{e.Packet.ID().String(): "queued"}, Drafts: map[string]string{e.Session: ""}}
	if n%5 == 4 {
		e.Undo = 0
	}
	if n%7 == 6 {
		e.Session, m.Drafts = "", nil
	}
	return d.call(ctx, m, func() error { return d.Decide(ctx, e) })
}

func (d *driver) undo(ctx context.Context, n int) error {
	id := trialPacket(n)
	return d.call(ctx, mark{What: "undo", Packets: map[string]string{id.String(): "cancelled"}}, func() error { return d.Undo(ctx, id) })
}

// send takes what waits and has most of it accepted.
func (d *driver) send(ctx context.Context, _ int) error {
	sent := map[string]string{}
	for id, state := range d.states {
		if state == "queued" {
			sent[id] = "sent"
		}
	}
	var taken []ledger.Outgoing
	err := d.call(ctx, mark{What: "take", Packets: sent}, func() (err error) {
		taken, err = d.Take(ctx, 100)
		if err == nil && len(taken) < len(sent) {
			err = fmt.Errorf("%d of %d waiting packets were taken", len(taken), len(sent))
		}
		return err
	})
	if err != nil {
		return err
	}
	became := map[string]string{}
	var outcomes []ledger.Outcome
	for i, o := range taken {
		out := ledger.Outcome{ID: o.ID, State: wire.StateAccepted}
		if i%4 == 3 {
			out = ledger.Outcome{ID: o.ID, Cause: "server", Retry: time.Second}
		} else {
			became[o.ID.String()] = "accepted"
			d.accepted = append(d.accepted, o.ID)
		}
		outcomes = append(outcomes, out)
	}
	if err := d.call(ctx, mark{What: "settle", Packets: became}, func() error { return d.Settle(ctx, outcomes) }); err != nil {
		return err
	}
	return d.call(ctx, mark{What: "head"}, func() error {
		h, err := d.Head(ctx, 0)
		if err != nil {
			return err
		}
		return d.HeadAccepted(ctx, wire.HeadResponse{Size: h.Size, Hash: h.Root[:]})
	})
}

func (d *driver) events(ctx context.Context, _ int) error {
	mailed := map[string]string{}
	var events []wire.Event
	for _, id := range d.accepted {
		d.cursor++
		mailed[id.String()] = "mailed"
		events = append(events, wire.Event{Cursor: d.cursor, Packet: id.String(), State: wire.StateMailed, At: d.now})
	}
	d.accepted = nil
	return d.call(ctx, mark{What: "events", Packets: mailed}, func() error { return d.Apply(ctx, events, d.cursor) })
}

func (d *driver) idle(ctx context.Context, _ int) error {
	return d.call(ctx, mark{What: "idle"}, func() error { _, err := d.Idle(ctx); return err })
}

func (d *driver) set(ctx context.Context, n int) error {
	value := strconv.Itoa(n)
	return d.call(ctx, mark{What: "set", Values: map[string]string{"trial": value}}, func() error { return d.Set(ctx, "trial", []byte(value)) })
}

func (d *driver) reopen(ctx context.Context, _ int) error {
	if err := d.call(ctx, mark{What: "check"}, func() error { return d.Integrity(ctx) }); err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return err
	}
	return d.open(ctx)
}

// closeDay wipes every draft, and what central has.
func (d *driver) closeDay(ctx context.Context, _ int) error {
	left, err := d.Drafts(ctx)
	if err != nil {
		return err
	}
	gone := map[string]string{}
	for _, l := range left {
		gone[l.Session] = ""
	}
	return d.call(ctx, mark{What: "close day", Drafts: gone}, func() error { _, _, err := d.CloseDay(ctx, 0); return err })
}
