package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"loket/sync/ledger/powercut"
)

// failing counts what a driver met whose calls of one kind fail, and what was
// there afterwards.
type failing struct {
	Failed    map[string]int `json:"calls_failed"` // by kind, as the recorder saw them
	Calls     int            `json:"ledger_calls"`
	Refused   int            `json:"ledger_calls_refused"` // that returned an error
	Acked     int            `json:"decisions_acknowledged"`
	Reads     int            `json:"ledger_calls_with_failed_read"` // closing not counted
	Silent    int            `json:"of_these_no_error"`
	Wrong     int            `json:"read_wrong"` // read without an error, and not so
	Ledgers   int            `json:"ledgers"`
	Lost      int            `json:"ledgers_without_something_acknowledged"`
	Bad       int            `json:"ledgers_otherwise_bad"` // corrupt, broken chain, something that nobody made
	Cuts      int            `json:"power_cuts"`            // of the same recording; a failed sync leaves half of its writes unwritten for good
	CutsBad   int            `json:"power_cuts_bad"`
	FirstSign string         `json:"first,omitempty"`
}

// bad says that something acknowledged is not there, or an error was hidden.
func (f failing) bad() bool {
	return f.Lost > 0 || f.Bad > 0 || f.Silent > 0 || f.Wrong > 0 || f.CutsBad > 0
}

// iofailReport is what `trial iofail` prints.
type iofailReport struct {
	Trial   string              `json:"trial"`
	Percent float64             `json:"percent"`
	Kinds   map[string]*failing `json:"failing"`
	Control *failing            `json:"control_takes_every_call_for_done"`
	Seconds float64             `json:"seconds"`
}

// points are libfiu's names of the calls that fail.
var points = map[string][]string{
	"fsync": {"posix/io/sync/fsync", "posix/io/sync/fdatasync"},
	"write": {"posix/io/rw/write", "posix/io/rw/pwrite"},
	"read":  {"posix/io/rw/read", "posix/io/rw/pread"},
}

// iofail has 2 % of the ledger's file calls fail.
func iofail(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := newFlags("iofail", progress)
	percent := flags.Float64("percent", 2, "of the calls that fail")
	ledgers := flags.Int("ledgers", 8, "ledgers for each kind of call; four times as many for fsync, which is called least")
	decisions := flags.Int("decisions", 6, "approvals of 40 KB in each ledger: a larger one is never read without an error")
	cuts := flags.Int("cuts", 10, "power cuts in each ledger")
	seed := flags.Uint64("seed", 1, "of packets and power cuts; libfiu draws its own lots")
	folder := flags.String("drive", "", "be the driver of the ledger in this `folder`")
	careless := flags.Bool("careless", false, "as -drive, taking every call for done")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *folder != "" {
		return driveUnlucky(ctx, *folder, *decisions, *seed, *careless)
	}
	began := time.Now()
	dir, err := memoryDir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	h := hazard{dir: dir, percent: *percent, decisions: *decisions, cuts: *cuts, seed: *seed}
	if h.libraries, err = libfiu(); err != nil {
		return err
	}
	if h.shim, err = powercut.Build(ctx, dir); err != nil {
		return err
	}
	r := iofailReport{Trial: "iofail", Percent: *percent, Kinds: map[string]*failing{}}
	every := slices.Concat(points["fsync"], points["write"], points["read"])
	for _, k := range []struct {
		name    string
		points  []string
		ledgers int
	}{{"fsync", points["fsync"], *ledgers * 4}, {"write", points["write"], *ledgers}, {"read", points["read"], *ledgers}, {"all three", every, *ledgers}} {
		if r.Kinds[k.name], err = h.all(ctx, k.points, k.ledgers, false); err != nil {
			return fmt.Errorf("failing %s: %w", k.name, err)
		}
		fmt.Fprintf(progress, "failing %s: %+v\n", k.name, *r.Kinds[k.name])
	}
	h.cuts = 0
	if r.Control, err = h.all(ctx, every, *ledgers, true); err != nil {
		return fmt.Errorf("control: %w", err)
	}
	r.Seconds = secondsSince(began)
	return tell(out, r)
}

func (r iofailReport) judge() error {
	var errs []error
	for name, f := range r.Kinds {
		if len(f.Failed) == 0 {
			errs = append(errs, fmt.Errorf("failing %s: no call failed", name))
		}
		if f.bad() {
			errs = append(errs, fmt.Errorf("failing %s: %+v", name, *f))
		}
	}
	if r.Control.Lost == 0 {
		errs = append(errs, errors.New("control: who ignores errors lost nothing"))
	}
	return errors.Join(errs...)
}
