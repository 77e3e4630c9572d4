package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"loket/sync/ledger/thief"
)

// tampering counts what became of changes of one kind.
type tampering struct {
	Tried   int `json:"tried"`
	Central int `json:"found_by_central"` // which refused the head of the next sync
	Here    int `json:"found_here"`       // by the counter's own check after that sync
	Found   int `json:"found"`            // by either
	Alarmed int `json:"alarms"`           // that central keeps for its administrator
}

// tamperReport is what `trial tamper` prints.
type tamperReport struct {
	Trial   string                `json:"trial"`
	Seed    uint64                `json:"seed"`
	Entries int                   `json:"audit_entries"`
	Held    int64                 `json:"below_head"` // entries whose head central holds
	Below   map[string]*tampering `json:"changed_below_head"`
	Above   map[string]*tampering `json:"changed_above_head"`
	Means   string                `json:"above_head_means"`
	Control map[string]*tampering `json:"control_central_holds_no_head"`
	Honest  tampering             `json:"unchanged"` // must not be found
	Seconds float64               `json:"seconds"`
}

// aboveMeans is what the figures say about the part that central has not seen.
const aboveMeans = "what a thief changes above the last head that central holds, and covers up by rebuilding every hash, nobody finds: " +
	"central has never seen it; the counter's own check (kiosk audit verify) finds what is not covered up, and where log and packets then disagree"

// A tool is one kind of change: to entries from low to below high.
type tool func(t *thief.Thief, low, high int, rng *rand.Rand)

func tools() map[string]tool {
	in := func(low, high int, rng *rand.Rand) int { return low + rng.IntN(high-low) }
	return map[string]tool{
		"edit":   func(t *thief.Thief, low, high int, rng *rand.Rand) { t.Edit(in(low, high, rng), rng) },
		"delete": func(t *thief.Thief, low, high int, rng *rand.Rand) { t.Delete(in(low, high, rng)) },
		"reorder": func(t *thief.Thief, low, high int, rng *rand.Rand) {
			a, b := in(low, high, rng), in(low, high-1, rng)
			if b >= a {
				b++
			}
			t.Swap(a, b)
		},
		"truncate": func(t *thief.Thief, low, high int, rng *rand.Rand) { t.Truncate(in(low, high, rng)) },
	}
}

// tamper changes a counter's audit log as a thief would, and has it synced.
func tamper(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := newFlags("tamper", progress)
	each := flags.Int("each", 100, "changes of each kind below the head; a quarter as many above it and for the control")
	seed := flags.Uint64("seed", 1, "of the changes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	began := time.Now()
	dir, err := memoryDir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	v, err := newVictim(ctx, dir)
	if err != nil {
		return err
	}
	r := tamperReport{Trial: "tamper", Seed: *seed, Entries: v.entries, Held: v.held, Means: aboveMeans,
		Below: map[string]*tampering{}, Above: map[string]*tampering{}, Control: map[string]*tampering{}}
	rng := rand.New(rand.NewPCG(*seed, 3))
	err = func() error {
		for _, kind := range slices.Sorted(maps.Keys(tools())) {
			for _, c := range []struct {
				name      string
				into      map[string]*tampering
				times     int
				low, high int
				forgets   bool
			}{
				{"below the head", r.Below, *each, 0, int(v.held), false},
				{"above the head", r.Above, max(*each/4, 1), int(v.held), v.entries, false},
				{"control: central holds no head", r.Control, max(*each/4, 1), 0, int(v.held), true},
			} {
				c.into[kind] = &tampering{}
				for range c.times {
					change := func(t *thief.Thief) { tools()[kind](t, c.low, c.high, rng) }
					if err := v.try(ctx, change, rng.IntN(2) == 0, c.low, c.forgets, c.into[kind]); err != nil {
						return fmt.Errorf("%s, %s: %w", kind, c.name, err)
					}
				}
				fmt.Fprintf(progress, "%s %s: %+v\n", kind, c.name, *c.into[kind])
			}
		}
		return v.try(ctx, nil, false, 0, false, &r.Honest)
	}()
	if err = errors.Join(err, v.central.stop()); err != nil {
		return err
	}
	r.Seconds = secondsSince(began)
	return tell(out, r)
}

// judge holds the figures against the bars.
func (r tamperReport) judge() error {
	var errs []error
	for kind, b := range r.Below {
		if b.Central != b.Tried {
			errs = append(errs, fmt.Errorf("%s: central found %d of %d below the head", kind, b.Central, b.Tried))
		}
		if b.Alarmed != b.Tried {
			errs = append(errs, fmt.Errorf("%s: central kept an alarm of %d of %d below the head", kind, b.Alarmed, b.Tried))
		}
		if c := r.Control[kind]; c.Central > 0 || c.Alarmed > 0 {
			errs = append(errs, fmt.Errorf("control: central that holds no head found %d of kind %s, with %d alarms", c.Central, kind, c.Alarmed))
		}
	}
	if r.Honest.Found > 0 || r.Honest.Alarmed > 0 {
		errs = append(errs, errors.New("an unchanged log was refused"))
	}
	return errors.Join(errs...)
}
