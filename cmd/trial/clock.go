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
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"loket/sync/central"
	"loket/sync/clock"
	"loket/sync/vault"
)

// clockCounts are what a scenario's codes came to, over three zones.
type clockCounts struct {
	Expired   int `json:"expired_codes"`
	Refused   int `json:"expired_refused"`
	Doubted   int `json:"expired_left_to_a_supervisor"`
	Silent    int `json:"expired_passed_silently"`
	Replayed  int `json:"codes_shown_again"`
	Taken     int `json:"codes_taken_twice"`
	Honest    int `json:"honest_codes"`
	Before    int `json:"honest_refused_before_servers_time"`
	After     int `json:"honest_refused_after_servers_time"`
	Seconds   int `json:"honest_with_supervisor"`
	Records   int `json:"records"`
	Uncertain int `json:"records_while_uncertain"`
	Marked    int `json:"of_them_marked_at_central"`
	Wrongly   int `json:"certain_but_marked"`
	Zones     int `json:"records_in_their_zone"`
	Lost      int `json:"records_not_at_central"`
	aheadCounts
}

// clockLine is a scenario as it is printed.
type clockLine struct {
	Name  string `json:"scenario"`
	Limit bool   `json:"limit,omitempty"` // nothing on the PC can tell
	clockCounts
}

// bad says what a scenario must not have.
func (l clockLine) bad() error {
	var err error
	fail := func(what string, n int) {
		if n > 0 {
			err = errors.Join(err, fmt.Errorf("%s: %d %s", l.Name, n, what))
		}
	}
	if !l.Limit {
		fail("expired codes passed silently", l.Silent)
	}
	fail("codes taken twice", l.Taken)
	fail("honest codes refused after central said the time", l.After)
	fail("uncertain records not marked", l.Uncertain-l.Marked)
	fail("certain records marked", l.Wrongly)
	fail("records without their zone", l.Records-l.Zones)
	fail("records lost", l.Lost)
	fail("rosters that were never taken along", len(vanZones)-l.Rosters)
	fail("rosters wiped by a clock in doubt", l.Wiped)
	fail("rosters read past their end", l.Readable)
	fail("rosters gone when the clock was set right", l.Rosters-l.Back)
	fail("PIN pauses ended by the clock", l.Cut)
	return err
}

// clockReport is what the trial prints.
type clockReport struct {
	Seed      uint64      `json:"seed"`
	Zones     []string    `json:"zones"`
	Scenarios []clockLine `json:"scenarios"`
	Total     clockCounts `json:"total"` // without the limit
	Seconds   float64     `json:"seconds"`
	Control   struct {
		NoDoubt  clockCounts `json:"clock_never_doubted"`
		NoServer clockCounts `json:"servers_time_not_taken"`
		NoLook   clockCounts `json:"set_clock_not_kept_at_once"`
	} `json:"control"`
}

// clockTrial runs wrong clocks.
func clockTrial(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("trial clock", flag.ContinueOnError)
	flags.SetOutput(progress)
	rounds := flags.Int("rounds", 4, "rounds of codes before and after central's time, in each zone")
	seed := flags.Uint64("seed", 1, "seed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	from := time.Now()
	dir, err := memoryDir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := template(ctx, filepath.Join(dir, "central"), 14**rounds+10); err != nil {
		return fmt.Errorf("make central: %w", err)
	}
	report := clockReport{Seed: *seed, Zones: vanZones}
	if report.Scenarios, report.Total, err = clockAll(ctx, dir, *seed, *rounds, guards{}); err != nil {
		return err
	}
	var bad error
	for _, l := range report.Scenarios {
		bad = errors.Join(bad, l.bad())
	}
	if _, report.Control.NoDoubt, err = clockAll(ctx, dir, *seed, 1, guards{noClock: true}); err != nil {
		return err
	}
	if _, report.Control.NoServer, err = clockAll(ctx, dir, *seed, 1, guards{deafClock: true}); err != nil {
		return err
	}
	if _, report.Control.NoLook, err = clockAll(ctx, dir, *seed, 1, guards{noLook: true}); err != nil {
		return err
	}
	if report.Control.NoLook.Silent == 0 {
		bad = errors.Join(bad, errors.New("control: no expired code passes where the clock that was set is not kept at once"))
	}
	if report.Control.NoDoubt.Silent == 0 {
		bad = errors.Join(bad, errors.New("control: no expired code passes a clock that is never doubted"))
	}
	if report.Control.NoDoubt.Wiped == 0 || report.Control.NoDoubt.Cut == 0 {
		bad = errors.Join(bad, errors.New("control: a clock that is never doubted wipes no roster, or ends no PIN pause"))
	}
	if report.Control.NoServer.After == 0 {
		bad = errors.Join(bad, errors.New("control: no honest code is refused by a clock that takes no time from central"))
	}
	report.Seconds = time.Since(from).Seconds()
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return errors.Join(enc.Encode(report), bad)
}

// clockAll runs every scenario in every zone, on all cores.
func clockAll(ctx context.Context, dir string, seed uint64, rounds int, off guards) ([]clockLine, clockCounts, error) {
	scenarios := clockScenarios()
	counts := make([]clockCounts, len(scenarios)*len(vanZones))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.NumCPU())
	for i := range counts {
		g.Go(func() error {
			s := scenarios[i/len(vanZones)]
			c, err := clockOne(ctx, dir, s, i%len(vanZones), seed+uint64(i)<<32, rounds, off)
			counts[i] = c
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, clockCounts{}, err
	}
	lines := make([]clockLine, len(scenarios))
	var total clockCounts
	for i, c := range counts {
		l := &lines[i/len(vanZones)]
		l.Name, l.Limit = scenarios[i/len(vanZones)].name, scenarios[i/len(vanZones)].limit
		addInts(&l.clockCounts, c)
		if !l.Limit {
			addInts(&total, c)
		}
	}
	return lines, total, nil
}

// clockOne is a van of one zone in one scenario: codes while the line is gone,
// codes after central has said the time, and then what central has of it.
func clockOne(ctx context.Context, dir string, s clockScenario, zone int, seed uint64, rounds int, off guards) (clockCounts, error) {
	var n clockCounts
	own, err := os.MkdirTemp(dir, "clock")
	if err != nil {
		return n, err
	}
	defer os.RemoveAll(own)
	return n, simulate(func() {
		w := newWorld(ctx, filepath.Join(dir, "central"), own, seed, off)
		defer w.close()
		v := w.wake(zone)
		v.line.down = true
		w.pass(8 * hour)
		v.unlock()
		v.clock.Record()
		v.keepClock()
		s.story(v)
		desk := clockDesk{v: v, n: &n}
		for range rounds {
			desk.round()
		}
		v.askTime()
		for range rounds {
			desk.round()
		}
		desk.settle()
		v.wakeAhead(&n.aheadCounts)
	})
}

// clockDesk shows codes to a van and counts.
type clockDesk struct {
	v    *van
	n    *clockCounts
	kept []*decided
}

// round shows old codes, first one of just when the PC believes it is, and
// honest ones, each of them a second time.
func (d *clockDesk) round() {
	v, w, n := d.v, d.v.w, d.n
	v.unlock()
	for _, age := range []time.Duration{w.now.Sub(v.now()) + 30*time.Second, 4 * time.Minute, 3 * hour, 2 * day, 25 * day} {
		if age < 4*time.Minute || w.now.Add(-age).Before(vanCentral.Add(day)) {
			continue // no code that is 90 s and both clocks' minutes past, or older than central
		}
		n.Expired++
		switch s := v.scan(w.photograph(age)); {
		case !s.valid:
			n.Refused++
		case s.fresh:
			n.Silent++
		default:
			n.Doubted++
		}
	}
	for i := range 2 {
		c := w.register()
		w.pass(w.between(20*time.Second, 5*time.Minute))
		var text string
		sealed := i == 1
		if sealed {
			if code := v.counterCode(c); code != nil {
				text, _ = w.show(c, code)
			}
		} else {
			v.shown = nil
		}
		if text == "" {
			text, _ = w.show(c, nil)
		}
		w.pass(w.between(time.Second, 15*time.Second))
		n.Honest++
		s := v.scan(text)
		switch {
		case s.valid:
			d.record(c, s)
			n.Replayed++
			if v.scan(text).valid {
				n.Taken++
			}
		case v.said:
			n.After++
		default:
			n.Before++
		}
	}
	w.pass(w.between(time.Minute, 10*time.Minute))
}

// photograph is a code that a phone showed some time ago and nobody scanned. Its
// credential is as old.
func (w *world) photograph(age time.Duration) string {
	now := w.now
	defer func() { w.now = now }()
	w.now = now.Add(-age - time.Hour)
	c := w.register()
	w.now = now.Add(-age)
	c.skew = 0
	text, _ := w.show(c, nil)
	return text
}

// record keeps the decision on an honest code.
func (d *clockDesk) record(c *citizen, s scanned) {
	v, n := d.v, d.n
	if v.now().After(v.officer.Officer().NotAfter) {
		return // cmd/kiosk lets nobody decide with a certificate that has ended by its clock
	}
	must(v.officer.Confirm(v.w.ctx, vanPIN))
	var second *vault.Session
	if !s.fresh {
		n.Seconds++
		if second = v.supervisor(); second == nil {
			must(errors.New("the supervisor's PIN is refused"))
		}
		defer second.Lock()
	}
	_, doubt := v.clock.Check()
	p, x, err := v.seal(c, "approve", s, "roster", second, nil)
	must(err)
	must(v.ledger.Decide(v.w.ctx, v.entry(c, p, "approve", nil)))
	v.clock.Record()
	v.keepClock()
	x.unsure = doubt != clock.None
	n.Records++
	d.kept = append(d.kept, x)
}

// settle sends everything and reads what central opened.
func (d *clockDesk) settle() {
	v, w, n := d.v, d.v.w, d.n
	w.pass(time.Minute)
	v.line.down = false
	v.sync()
	for _, x := range d.kept {
		subject, err := w.home.ExportSubject(w.ctx, x.c.nik(), "admin")
		must(err)
		i := slices.IndexFunc(subject.Decisions, func(s central.SubjectDecision) bool { return s.Decision.Packet == x.id })
		if i < 0 {
			n.Lost++
			continue
		}
		got := subject.Decisions[i]
		if got.State == "aside" || got.State == "refused" && x.unsure {
			n.Lost++
		}
		if got.Decision.Zone == v.zone {
			n.Zones++
		}
		switch {
		case x.unsure:
			n.Uncertain++
			if got.Decision.Unsure {
				n.Marked++
			}
		case got.Decision.Unsure:
			n.Wrongly++
		}
	}
}
