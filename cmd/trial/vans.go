package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// guards are what a control switches off. The zero value has all of them on.
type guards struct {
	ackFirst    bool // the screen says "tersimpan" before the commit
	freshIDs    bool // what may have arrived is sent again under a new id
	noClock     bool // the clock is never doubted
	noLook      bool // a clock that somebody sets is kept with the next decision, not within a second
	deafClock   bool // what central says of the time is not taken
	clearDrafts bool // open cases are not sealed
	keepKey     bool // the officer's key stays outside the vault
}

// vansInWorld share a central: one for each of vanZones.
const vansInWorld = 3

var vanZones = []string{"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}

// vanResult is one seed's world.
type vanResult struct {
	Seed   uint64   `json:"seed"`
	Story  string   `json:"story"` // SHA-256 of what happened: the same for the same seed
	Broken []string `json:"broken,omitempty"`
	tally  tally
	lines  []string
}

// vanReport is what the trial prints.
type vanReport struct {
	Seeds   [2]uint64    `json:"seeds"` // first and last
	Worlds  int          `json:"worlds"`
	Tally   tally        `json:"tally"`
	Failing []vanResult  `json:"failing"` // none, or it failed
	Seconds float64      `json:"seconds"`
	Control []vanControl `json:"control"`
}

// vanControl is a guard switched off, and the first seed that fails by it.
type vanControl struct {
	Off     string   `json:"off"`
	Breaks  string   `json:"breaks"` // the invariant that has to fail
	Worlds  int      `json:"worlds"` // tried until one failed
	Failing uint64   `json:"failing_seed"`
	Found   []string `json:"found"`
}

// vanControls are the guards, and what breaks without each.
func vanControls() []struct {
	name, breaks string
	guards       guards
} {
	return []struct {
		name, breaks string
		guards       guards
	}{
		{"commit before the screen says so", "lost", guards{ackFirst: true}},
		{"one id for one decision (idempotence)", "twice", guards{freshIDs: true}},
		{"the clock's doubt", "silent", guards{noClock: true}},
		{"sealed drafts", "theft", guards{clearDrafts: true}},
		{"the officer's key under the PIN", "officer", guards{keepKey: true}},
	}
}

// vans runs weeks of vans.
func vans(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("trial vans", flag.ContinueOnError)
	flags.SetOutput(progress)
	weeks := flags.Int("weeks", 100, "van-weeks")
	seed := flags.Uint64("seed", 1, "first seed; one world of three vans each")
	tell := flags.Bool("tell", false, "run this one seed and tell its story")
	most := flags.Int("control", 40, "worlds that a control may take to fail")
	if err := flags.Parse(args); err != nil {
		return err
	}
	from := time.Now()
	dir, err := memoryDir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := template(ctx, filepath.Join(dir, "central"), vansInWorld*weekDays*citizensADay); err != nil {
		return fmt.Errorf("make central: %w", err)
	}
	if *tell {
		r, err := vanWorld(ctx, dir, *seed, guards{}, true)
		fmt.Fprintln(out, strings.Join(r.lines, "\n")+"\n"+r.Story)
		return err
	}
	worlds := (*weeks + vansInWorld - 1) / vansInWorld
	results, err := vanWorlds(ctx, dir, *seed, worlds, progress)
	if err != nil {
		return err
	}
	report := vanReport{Seeds: [2]uint64{*seed, *seed + uint64(worlds) - 1}, Worlds: worlds, Failing: []vanResult{}}
	for _, r := range results {
		addInts(&report.Tally, r.tally)
		if len(r.Broken) > 0 {
			report.Failing = append(report.Failing, r)
		}
	}
	var bad error
	for _, c := range vanControls() {
		found, err := vanControlOf(ctx, dir, *seed, *most, c.guards, c.breaks)
		if err != nil {
			return fmt.Errorf("control: %s: %w", c.name, err)
		}
		found.Off, found.Breaks = c.name, c.breaks
		report.Control = append(report.Control, found)
		if len(found.Found) == 0 {
			bad = errors.Join(bad, fmt.Errorf("control: without %s nothing breaks %q", c.name, c.breaks))
		}
	}
	report.Seconds = time.Since(from).Seconds()
	if n := len(report.Failing); n > 0 {
		bad = errors.Join(bad, fmt.Errorf("%d seeds fail; trial vans -tell -seed %d tells the story of the first", n, report.Failing[0].Seed))
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return errors.Join(enc.Encode(report), bad)
}

// vanWorlds runs worlds of successive seeds on all cores.
func vanWorlds(ctx context.Context, dir string, seed uint64, n int, progress io.Writer) ([]vanResult, error) {
	results := make([]vanResult, n)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.NumCPU())
	for i := range n {
		g.Go(func() (err error) {
			if results[i], err = vanWorld(ctx, dir, seed+uint64(i), guards{}, false); err != nil {
				return fmt.Errorf("seed %d: %w", seed+uint64(i), err)
			}
			if (i+1)%200 == 0 {
				fmt.Fprintf(progress, "vans: %d of %d worlds\n", i+1, n)
			}
			return nil
		})
	}
	return results, g.Wait()
}

// vanControlOf tries seeds until one breaks the invariant.
func vanControlOf(ctx context.Context, dir string, seed uint64, most int, g guards, breaks string) (vanControl, error) {
	var c vanControl
	for ; c.Worlds < most && len(c.Found) == 0; c.Worlds++ {
		r, err := vanWorld(ctx, dir, seed+uint64(c.Worlds), g, false)
		if err != nil {
			return c, err
		}
		for _, b := range r.Broken {
			if strings.HasPrefix(b, breaks+":") {
				c.Found, c.Failing = append(c.Found, b), r.Seed
			}
		}
	}
	return c, nil
}

// vanWorld runs one seed's week.
func vanWorld(ctx context.Context, dir string, seed uint64, g guards, keep bool) (r vanResult, err error) {
	if err := ctx.Err(); err != nil {
		return r, err
	}
	own, err := os.MkdirTemp(dir, "world")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(own)
	r.Seed = seed
	var w *world
	err = simulate(func() {
		w = newWorld(ctx, filepath.Join(dir, "central"), own, seed, g)
		w.keep = keep
		for i := range vansInWorld {
			w.wake(i)
		}
		w.week()
		w.check()
	})
	if w != nil {
		r.Story, r.Broken, r.tally, r.lines = w.fingerprint(), w.broken, w.tally, w.lines
		err = errors.Join(err, simulate(w.close))
	}
	return r, err
}

// addInts adds each count of a struct of counts.
func addInts[T any](sum *T, more T) {
	to, from := reflect.ValueOf(sum).Elem(), reflect.ValueOf(more)
	for i := range from.NumField() {
		if from.Field(i).Kind() == reflect.Struct { // counts of their own
			for j := range from.Field(i).NumField() {
				to.Field(i).Field(j).SetInt(to.Field(i).Field(j).Int() + from.Field(i).Field(j).Int())
			}
			continue
		}
		to.Field(i).SetInt(to.Field(i).Int() + from.Field(i).Int())
	}
}
