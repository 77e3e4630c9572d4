package main

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"loket/sync/ledger"
)

// rate is approvals a second beside raw fsyncs a second of the same bytes on the
// same file system. Both are done by turns in short blocks, and medians of the
// blocks are compared: what else the machine does in between falls on few of
// them. Totals, with every checkpoint in them, stand beside.
type rate struct {
	Bytes     int     `json:"packet_bytes"`
	Blocks    int     `json:"blocks"` // of each, of perBlock
	Approvals float64 `json:"approvals_a_second"`
	Raw       float64 `json:"raw_fsyncs_a_second"` // each lengthens a file
	Ratio     float64 `json:"ratio"`               // the bar is on this
	Judged    bool    `json:"judged"`              // not where the folder's disk syncs faster than disks do
	InPlace   float64 `json:"raw_fsyncs_in_place_a_second"`
	Totals    float64 `json:"ratio_of_totals"` // checkpoints included
	Idle      float64 `json:"checkpoint_ms"`   // one after every perIdle blocks
	Seals     float64 `json:"sealed_and_signed_a_second"`
}

const (
	perBlock = 8  // approvals or syncs, in a row
	perIdle  = 12 // blocks of approvals between two checkpoints, as a counter makes one every ten minutes
)

// turns measures.
type turns struct {
	*trialDesk
	raw, place                               *os.File
	sealing, deciding, syncing, same, idling []time.Duration // of a block
}

// measureRate makes so many blocks of each in dir.
func measureRate(ctx context.Context, dir string, blocks int) (r rate, err error) {
	t := &turns{}
	if t.trialDesk, err = newTrialDesk(1); err != nil {
		return r, err
	}
	if t.Ledger, err = ledger.Open(ctx, filepath.Join(dir, "rate.db"), t.options()); err != nil {
		return r, err
	}
	defer t.Close()
	if t.raw, err = os.Create(filepath.Join(dir, "raw")); err != nil {
		return r, err
	}
	defer t.raw.Close()
	if t.place, err = os.Create(filepath.Join(dir, "place")); err != nil {
		return r, err
	}
	defer t.place.Close()
	for b := range blocks {
		if err := t.turn(ctx, b, &r); err != nil {
			return r, err
		}
	}
	return t.sum(r), nil
}

// turn makes one block of each, in an order that changes.
func (t *turns) turn(ctx context.Context, b int, r *rate) error {
	var entries []ledger.Entry
	seal := func() error {
		p, err := t.Next(ctx)
		for i := 0; i < perBlock && err == nil; i++ {
			var e ledger.Entry
			e, err = t.entryAt(b*perBlock+i, p)
			entries = append(entries, e)
			p.Seq++
		}
		return err
	}
	if err := timed(&t.sealing, seal); err != nil {
		return err
	}
	r.Blocks++
	r.Bytes = len(entries[0].Packet.Bytes)
	steps := []func() error{
		func() error { return timed(&t.deciding, func() error { return t.decide(ctx, entries) }) },
		func() error { return timed(&t.syncing, func() error { return syncEach(t.raw, entries, false) }) },
		func() error { return timed(&t.same, func() error { return syncEach(t.place, entries, true) }) },
	}
	for i := range steps {
		if err := steps[(i+b)%len(steps)](); err != nil {
			return err
		}
	}
	if b%perIdle != perIdle-1 {
		return nil
	}
	return timed(&t.idling, func() error { _, err := t.Idle(ctx); return err })
}

func (t *turns) decide(ctx context.Context, entries []ledger.Entry) error {
	for _, e := range entries {
		if err := t.Decide(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// syncEach writes and syncs each packet by itself, in the same place or at the
// end of the file.
func syncEach(f *os.File, entries []ledger.Entry, same bool) error {
	for _, e := range entries {
		if same {
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				return err
			}
		}
		_, err := f.Write(e.Packet.Bytes)
		if err = errors.Join(err, f.Sync()); err != nil {
			return err
		}
	}
	return nil
}

func timed(into *[]time.Duration, f func() error) error {
	from := time.Now()
	err := f()
	*into = append(*into, time.Since(from))
	return err
}

func (t *turns) sum(r rate) rate {
	each := func(blocks []time.Duration) float64 { return round(perBlock / median(blocks).Seconds()) }
	r.Approvals, r.Raw, r.InPlace, r.Seals = each(t.deciding), each(t.syncing), each(t.same), each(t.sealing)
	r.Ratio = round(median(t.syncing).Seconds() / median(t.deciding).Seconds())
	r.Totals = round(total(t.syncing).Seconds() / (total(t.deciding) + total(t.idling)).Seconds())
	r.Judged = median(t.syncing)/perBlock >= tooFast
	if len(t.idling) > 0 {
		r.Idle = round(median(t.idling).Seconds() * 1000)
	}
	return r
}

func round(x float64) float64 { return math.Round(x*100) / 100 }

// median sorts d.
func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func total(d []time.Duration) time.Duration {
	var sum time.Duration
	for _, x := range d {
		sum += x
	}
	return sum
}
