package clock_test

import (
	"encoding/json"
	"testing"
	"time"

	"loket/sync/clock"
)

const (
	day    = 24 * time.Hour
	policy = 7 * day
)

var noon = time.Date(2026, 5, 4, 5, 0, 0, 0, time.UTC)

// pc is a machine in a test: true time passes, its clock is off by skew.
type pc struct {
	*clock.Clock
	t    *testing.T
	true time.Time
	skew time.Duration
	up   time.Duration
	boot string
}

func newPC(t *testing.T) *pc {
	p := &pc{t: t, true: noon, boot: "1", up: time.Minute}
	p.Clock = clock.New(p.read, clock.State{}, policy)
	return p
}

func (p *pc) read() clock.Reading {
	return clock.Reading{Wall: p.true.Add(p.skew), Mono: p.up, Boot: p.boot}
}

// pass lets the machine run; off is without power.
func (p *pc) pass(d time.Duration) { p.true, p.up = p.true.Add(d), p.up+d }

func (p *pc) off(d time.Duration) {
	p.restart()
	p.true, p.up, p.boot = p.true.Add(d), 20*time.Second, p.boot+"x"
}

// restart ends the program and starts it from what was kept.
func (p *pc) restart() {
	b, err := json.Marshal(p.State())
	if err != nil {
		p.t.Fatal(err)
	}
	var s clock.State
	if err := json.Unmarshal(b, &s); err != nil {
		p.t.Fatal(err)
	}
	p.Clock = clock.New(p.read, s, policy)
}

func TestClock(t *testing.T) {
	for name, c := range map[string]struct {
		story func(*pc)
		want  clock.Doubt
		error time.Duration // of Now against true time
	}{
		"new machine":            {func(p *pc) {}, clock.Unset, 0},
		"server said":            {func(p *pc) { p.Server(p.true) }, clock.None, 0},
		"server, wrong PC":       {func(p *pc) { p.skew = -30 * day; p.Server(p.true); p.pass(time.Hour) }, clock.None, 0},
		"server, set afterwards": {func(p *pc) { p.Server(p.true); p.pass(time.Hour); p.skew = -30 * day }, clock.None, 0},
		"server, slept": {func(p *pc) {
			p.Server(p.true)
			p.pass(8 * time.Hour)
			p.restart()
		}, clock.None, 0},
		"a night off":              {func(p *pc) { p.Server(p.true); p.off(14 * time.Hour) }, clock.None, 0},
		"a night off, bad PC":      {func(p *pc) { p.skew = 30 * day; p.Server(p.true); p.off(14 * time.Hour) }, clock.Ahead, 30 * day},
		"a night off, empty cell":  {func(p *pc) { p.Server(p.true); p.off(14 * time.Hour); p.skew = -20 * 365 * day }, clock.Behind, -20 * 365 * day},
		"a week in the van":        {func(p *pc) { p.Server(p.true); p.off(policy - time.Minute) }, clock.None, 0},
		"over a week":              {func(p *pc) { p.Server(p.true); p.off(policy + time.Minute) }, clock.Ahead, 0},
		"over a week with records": {func(p *pc) { p.Server(p.true); p.off(4 * day); p.Record(); p.off(4 * day) }, clock.None, 0},
		"59 s under":               {func(p *pc) { p.Server(p.true); p.off(0); p.skew = -59 * time.Second }, clock.None, -59 * time.Second},
		"60 s under":               {func(p *pc) { p.Server(p.true); p.off(0); p.skew = -60 * time.Second }, clock.Behind, -60 * time.Second},
		"61 s under":               {func(p *pc) { p.Server(p.true); p.off(0); p.skew = -61 * time.Second }, clock.Behind, -61 * time.Second},
		"under the last record":    {func(p *pc) { p.Server(p.true); p.off(day); p.Record(); p.off(day); p.skew = -25 * time.Hour }, clock.Behind, -25 * time.Hour},
		"set back while running": {func(p *pc) {
			p.Server(p.true)
			p.off(8 * time.Hour)
			p.Now()
			p.skew = -4 * time.Hour // above the floor still: eight hours were not counted
		}, clock.Jumped, -4 * time.Hour},
		"59 s forward while running": {func(p *pc) {
			p.Server(p.true)
			p.off(time.Hour)
			p.Now()
			p.skew = 59 * time.Second
		}, clock.None, 59 * time.Second},
		"60 s forward while running": {func(p *pc) {
			p.Server(p.true)
			p.off(time.Hour)
			p.Now()
			p.skew = 60 * time.Second
		}, clock.Jumped, 60 * time.Second},
		"asleep with the lid closed": {func(p *pc) {
			p.Server(p.true)
			p.off(time.Hour)
			p.Now()
			p.pass(9 * time.Hour) // the counter counts sleep too
		}, clock.None, 0},
		"the cell is empty at every start": {func(p *pc) {
			p.Server(p.true)
			for range 5 {
				p.off(time.Hour)
				p.skew = -26 * 365 * day
				p.pass(time.Hour)
			}
		}, clock.Behind, -26 * 365 * day},
		"without a limit on days": {func(p *pc) { p.Server(p.true); p.off(90 * day); p.SetAhead(0) }, clock.None, 0},
		"central's date above": {func(p *pc) {
			p.Server(p.true)
			p.off(14 * time.Hour)
			p.skew = -2 * time.Hour
			p.NotBefore(p.true.Add(-30 * time.Minute)) // a code that was registered this morning
		}, clock.Behind, -2 * time.Hour},
		"central's date below": {func(p *pc) {
			p.Server(p.true)
			p.off(14 * time.Hour)
			p.NotBefore(p.true.Add(-3 * day))
		}, clock.None, 0},
		"central's date, server said": {func(p *pc) { p.Server(p.true); p.NotBefore(p.true.Add(time.Hour)) }, clock.None, 0},
		"central's date, new machine": {func(p *pc) { p.NotBefore(p.true.Add(-day)) }, clock.Unset, 0},
		"set forward while running": {func(p *pc) {
			p.Server(p.true)
			p.off(time.Hour)
			p.Now()
			p.skew = 2 * time.Hour
		}, clock.Jumped, 2 * time.Hour},
		"set forward, program restarted": {func(p *pc) {
			p.Server(p.true)
			p.off(time.Hour)
			p.restart()
			p.skew = 2 * time.Hour
			p.restart()
		}, clock.Jumped, 2 * time.Hour},
		"set forward and back": {func(p *pc) {
			p.Server(p.true)
			p.off(time.Hour)
			p.Now()
			p.skew = 2 * time.Hour
			p.Now()
			p.skew = 0
		}, clock.Jumped, 0},
		"jump, then the server": {func(p *pc) {
			p.Server(p.true)
			p.off(time.Hour)
			p.Now()
			p.skew = 2 * time.Hour
			p.Now()
			p.Server(p.true)
		}, clock.None, 0},
		"server lowers the floor": {func(p *pc) { p.Server(p.true.Add(5 * day)); p.Server(p.true) }, clock.None, 0},
		"a record while uncertain does not count": {func(p *pc) {
			p.Server(p.true)
			p.off(time.Hour)
			p.skew = 30 * day
			p.Record()
			p.off(time.Hour)
			p.skew = 0
		}, clock.None, 0},
		"the ledger's last record": {func(p *pc) { p.Raise(p.true.Add(day)); p.pass(time.Minute) }, clock.Behind, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPC(t)
			c.story(p)
			now, doubt := p.Check()
			if doubt != c.want {
				t.Errorf("doubt %q, want %q", doubt, c.want)
			}
			if got := now.Sub(p.true); got != c.error {
				t.Errorf("off by %v, want %v", got, c.error)
			}
			if now.Location() != time.UTC {
				t.Errorf("zone %v", now.Location())
			}
		})
	}
}

func TestFloorGrowsWithinOneBoot(t *testing.T) {
	p := newPC(t)
	p.Server(p.true)
	p.pass(time.Hour)
	if got := p.Floor().Sub(noon); got != time.Hour {
		t.Errorf("running: %v", got)
	}
	p.off(time.Hour)
	if got := p.Floor().Sub(noon); got != time.Hour {
		t.Errorf("after an hour off: %v, want what had passed before", got)
	}
}

// TestWithoutTheGuards is the control: where the floor is forgotten, as when the
// state is not kept, or no limit is set, the same stories raise no doubt.
func TestWithoutTheGuards(t *testing.T) {
	p := newPC(t)
	p.Server(p.true)
	p.off(14 * time.Hour)
	p.skew = -20 * day
	if _, doubt := p.Check(); doubt != clock.Behind {
		t.Errorf("with the floor: %q", doubt)
	}
	p.Clock = clock.New(p.read, clock.State{Floor: time.Unix(0, 0)}, 0)
	if _, doubt := p.Check(); doubt != clock.None {
		t.Errorf("with a floor of 1970: %q", doubt)
	}
}

func TestFresh(t *testing.T) {
	for _, c := range []struct {
		doubt        clock.Doubt
		plain, bound bool
	}{
		{clock.None, true, true}, {clock.Unset, false, true}, {clock.Behind, false, true}, {clock.Jumped, false, true}, {clock.Ahead, false, true},
	} {
		if plain, bound := c.doubt.Fresh(false), c.doubt.Fresh(true); plain != c.plain || bound != c.bound {
			t.Errorf("%q: plain %v, bound %v", c.doubt, plain, bound)
		}
	}
}

func TestSystem(t *testing.T) {
	a, b := clock.System(), clock.System()
	if a.Boot == "" || a.Boot != b.Boot || b.Mono < a.Mono || a.Mono <= 0 || b.Wall.Before(a.Wall) {
		t.Errorf("%+v then %+v", a, b)
	}
}
