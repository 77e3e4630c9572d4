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
	disk []byte // what was kept
}

func newPC(t *testing.T) *pc {
	p := &pc{t: t, true: noon, boot: "1", up: time.Minute}
	p.Clock = clock.New(p.read, clock.State{}, policy)
	p.keep()
	return p
}

func (p *pc) read() clock.Reading {
	return clock.Reading{Wall: p.true.Add(p.skew), Mono: p.up, Boot: p.boot}
}

// pass lets the machine run; off is without power.
func (p *pc) pass(d time.Duration) { p.true, p.up = p.true.Add(d), p.up+d }

func (p *pc) off(d time.Duration) { p.keep(); p.cut(d) }

// cut is off without a word: what was kept is what is left.
func (p *pc) cut(d time.Duration) {
	p.load()
	p.true, p.up, p.boot = p.true.Add(d), 20*time.Second, p.boot+"x"
}

// restart ends the program and starts it from what was kept.
func (p *pc) restart() { p.keep(); p.load() }

func (p *pc) keep() {
	var err error
	if p.disk, err = json.Marshal(p.State()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pc) kept() (s clock.State) {
	if err := json.Unmarshal(p.disk, &s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *pc) load() { p.Clock = clock.New(p.read, p.kept(), policy) }

// second passes, and the program keeps the clock where it was set.
func (p *pc) second() {
	p.pass(time.Second)
	if p.Moved(p.kept()) {
		p.keep()
	}
}

// step is one thing that happens to a PC.
type step func(*pc)

func said(p *pc)  { p.Server(p.true) }
func look(p *pc)  { p.Now() } // as the program does all the time
func keep(p *pc)  { p.Record() }
func again(p *pc) { p.restart() }
func tick(p *pc)  { p.second() }

func cut(d time.Duration) step  { return func(p *pc) { p.cut(d) } }
func run(d time.Duration) step  { return func(p *pc) { p.pass(d) } }
func off(d time.Duration) step  { return func(p *pc) { p.off(d) } }
func skew(d time.Duration) step { return func(p *pc) { p.skew = d } } // sets the clock

// signed is the date of something that central signed.
func signed(ago time.Duration) step { return func(p *pc) { p.NotBefore(p.true.Add(-ago)) } }

// wrote is the date of the ledger's last record.
func wrote(ahead time.Duration) step { return func(p *pc) { p.Raise(p.true.Add(ahead)) } }

func TestClock(t *testing.T) {
	const hour, ancient = time.Hour, -20 * 365 * day
	for name, c := range map[string]struct {
		story []step
		want  clock.Doubt
		error time.Duration // of Now against true time
	}{
		"new machine":                     {nil, clock.Unset, 0},
		"server said":                     {[]step{said}, clock.None, 0},
		"server, wrong PC":                {[]step{skew(-30 * day), said, run(hour)}, clock.None, 0},
		"server, set afterwards":          {[]step{said, run(hour), skew(-30 * day)}, clock.None, 0},
		"server, slept":                   {[]step{said, run(8 * hour), again}, clock.None, 0},
		"server lowers the floor":         {[]step{func(p *pc) { p.Server(p.true.Add(5 * day)) }, said}, clock.None, 0},
		"a night off":                     {[]step{said, off(14 * hour)}, clock.None, 0},
		"a night off, bad PC":             {[]step{skew(30 * day), said, off(14 * hour)}, clock.Ahead, 30 * day},
		"a night off, empty cell":         {[]step{said, off(14 * hour), skew(ancient)}, clock.Behind, ancient},
		"an empty cell at every start":    {[]step{said, off(hour), skew(ancient), run(hour), off(hour), run(hour), off(hour), run(hour)}, clock.Behind, ancient},
		"a week in the van":               {[]step{said, off(policy - time.Minute)}, clock.None, 0},
		"over a week":                     {[]step{said, off(policy + time.Minute)}, clock.Ahead, 0},
		"over a week with records":        {[]step{said, off(4 * day), keep, off(4 * day)}, clock.None, 0},
		"without a limit on days":         {[]step{said, off(90 * day), func(p *pc) { p.SetAhead(0) }}, clock.None, 0},
		"59 s under":                      {[]step{said, off(0), skew(-59 * time.Second)}, clock.None, -59 * time.Second},
		"60 s under":                      {[]step{said, off(0), skew(-60 * time.Second)}, clock.Behind, -60 * time.Second},
		"61 s under":                      {[]step{said, off(0), skew(-61 * time.Second)}, clock.Behind, -61 * time.Second},
		"under the last record":           {[]step{said, off(day), keep, off(day), skew(-25 * hour)}, clock.Behind, -25 * hour},
		"set back, above the floor":       {[]step{said, off(8 * hour), look, skew(-4 * hour)}, clock.Jumped, -4 * hour}, // eight hours were not counted
		"59 s forward while running":      {[]step{said, off(hour), look, skew(59 * time.Second)}, clock.None, 59 * time.Second},
		"60 s forward while running":      {[]step{said, off(hour), look, skew(60 * time.Second)}, clock.Jumped, 60 * time.Second},
		"set forward while running":       {[]step{said, off(hour), look, skew(2 * hour)}, clock.Jumped, 2 * hour},
		"set forward, program restarted":  {[]step{said, off(hour), again, skew(2 * hour), again}, clock.Jumped, 2 * hour},
		"set forward and back":            {[]step{said, off(hour), look, skew(2 * hour), look, skew(0)}, clock.Jumped, 0},
		"jump, then the server":           {[]step{said, off(hour), look, skew(2 * hour), look, said}, clock.None, 0},
		"set back beside the server":      {[]step{said, run(hour), skew(-10 * time.Minute), again, off(hour)}, clock.Jumped, -10 * time.Minute}, // the hour off hides it from the floor
		"wrong beside the server":         {[]step{skew(3 * hour), said, off(hour), run(hour), off(hour)}, clock.Jumped, 3 * hour},
		"wrong, then the server":          {[]step{skew(3 * hour), said, off(hour), skew(0), said, off(hour)}, clock.None, 0},
		"set right beside the server":     {[]step{skew(-10 * time.Minute), said, skew(0), again, off(hour)}, clock.None, 0},
		"set back, then a power cut":      {[]step{said, again, run(hour), skew(-10 * time.Minute), tick, cut(hour)}, clock.Jumped, -10 * time.Minute},
		"control: cut within a second":    {[]step{said, again, run(hour), skew(-10 * time.Minute), look, cut(hour)}, clock.None, -10 * time.Minute},
		"no server, set back, cut":        {[]step{said, off(hour), again, run(hour), skew(-10 * time.Minute), tick, cut(hour)}, clock.Jumped, -10 * time.Minute},
		"control: no server, cut at once": {[]step{said, off(hour), again, run(hour), skew(-10 * time.Minute), look, cut(hour)}, clock.None, -10 * time.Minute},
		"no server, set back, two nights": {[]step{said, off(hour), look, skew(-10 * time.Minute), off(hour), off(hour)}, clock.Jumped, -10 * time.Minute},
		"no server, set back and right":   {[]step{said, off(hour), look, skew(-10 * time.Minute), tick, skew(0), tick, cut(hour)}, clock.None, 0},
		"no server, right a night later":  {[]step{said, off(hour), look, skew(-10 * time.Minute), off(hour), look, skew(0), off(hour)}, clock.None, 0},
		"no server, set back by minutes":  {[]step{said, off(hour), look, skew(-59 * time.Second), off(hour), look, skew(-118 * time.Second), off(hour)}, clock.Jumped, -118 * time.Second},
		"set back, two nights, server":    {[]step{said, off(hour), look, skew(-10 * time.Minute), off(hour), skew(0), said, off(hour)}, clock.None, 0},
		"empty cell, by hand, a night":    {[]step{said, off(hour), skew(ancient), look, skew(0), off(14 * hour)}, clock.Jumped, 0}, // nobody but a hand says so
		"control: 59 s beside the server": {[]step{said, skew(-59 * time.Second), again, off(hour)}, clock.None, -59 * time.Second},
		"asleep with the lid closed":      {[]step{said, off(hour), look, run(9 * hour)}, clock.None, 0}, // the counter counts sleep too
		"a record while uncertain":        {[]step{said, off(hour), skew(30 * day), keep, off(hour), skew(0)}, clock.None, 0},
		"central's date above":            {[]step{said, off(14 * hour), skew(-2 * hour), signed(30 * time.Minute)}, clock.Behind, -2 * hour}, // a code of this morning
		"central's date below":            {[]step{said, off(14 * hour), signed(3 * day)}, clock.None, 0},
		"central's date, server said":     {[]step{said, signed(-hour)}, clock.None, 0},
		"central's date, new machine":     {[]step{signed(day)}, clock.Unset, 0},
		"central's date far above":        {[]step{said, off(30 * day), skew(-30 * day), signed(day)}, clock.Behind, -30 * day},
		"the ledger's last record":        {[]step{wrote(day), run(time.Minute)}, clock.Behind, 0},
		"a record under a clock ahead":    {[]step{said, off(hour), wrote(30 * day)}, clock.None, 0},
		"control: a record within days":   {[]step{said, off(hour), wrote(5 * day)}, clock.Behind, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPC(t)
			for _, happens := range c.story {
				happens(p)
			}
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
			sure, maybe := p.Bounds()
			if doubt == clock.None && (!sure.Equal(now) || !maybe.Equal(now)) {
				t.Errorf("certain, between %v and %v", sure.Sub(p.true), maybe.Sub(p.true))
			}
			if floor := p.Floor(); doubt != clock.None && (!sure.Equal(floor) || maybe.Before(floor) || maybe.Before(now)) {
				t.Errorf("uncertain, between %v and %v, the floor at %v", sure.Sub(p.true), maybe.Sub(p.true), floor.Sub(p.true))
			}
		})
	}
}

// TestMoved: what has to be kept at once, and only that.
func TestMoved(t *testing.T) {
	none := func(*pc) {}
	for name, c := range map[string]struct {
		before, then step
		want         bool
	}{
		"server's time, a day":           {said, run(day), false},
		"server's time, 59 s back":       {said, skew(-59 * time.Second), false},
		"server's time, a minute back":   {said, skew(-time.Minute), true},
		"server's time, a month forward": {said, skew(30 * day), true},
		"no server, a day":               {none, run(day), false},
		"no server, 59 s forward":        {none, skew(59 * time.Second), false},
		"no server, a minute forward":    {none, skew(time.Minute), true},
		"no server, there and back":      {none, func(p *pc) { p.skew = time.Hour; p.Now(); p.skew = 0 }, true},
		"wrong, now right by the server": {func(p *pc) { p.skew = time.Hour; p.Server(p.true) }, func(p *pc) { p.skew = 0; p.Server(p.true) }, true},
		"a night off":                    {said, func(p *pc) { p.cut(14 * time.Hour) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPC(t)
			p.Server(p.true)
			p.off(time.Hour)
			c.before(p)
			p.keep()
			c.then(p)
			if got := p.Moved(p.kept()); got != c.want {
				t.Errorf("moved: %v, want %v", got, c.want)
			}
			p.keep()
			if p.Moved(p.kept()) {
				t.Error("moved, and it is kept")
			}
		})
	}
}

func TestFloorGrowsWithinOneBoot(t *testing.T) {
	p := newPC(t)
	unset := p.Floor()
	p.pass(time.Hour)
	p.skew = 30 * day
	if got := p.Floor().Sub(unset); got != time.Hour {
		t.Errorf("nothing to compare with: %v, want what the counter says", got)
	}
	p = newPC(t)
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
