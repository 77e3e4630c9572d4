// Package clock says what time it is and whether that can be believed.
//
// A counter in a van has no time but the PC's, whose battery may be empty or
// whose date somebody may have set. Codes and certificates are judged by time,
// so the clock knows a floor under which it cannot be: the greater of the last
// time that the server said and the last record, plus what the machine's own
// counter has measured since, within one boot. It is uncertain when it is a
// minute under the floor, when it jumped against that counter, or when it runs
// past the floor by more days than policy allows.
//
// A time from the server is authoritative. From then on, until the machine is
// switched off, the time is the server's plus the counter, whatever the PC's
// clock says or is set to; so an honest code is not refused on a PC whose clock
// is wrong. By how much that clock is wrong, or was set since, is kept: switching
// the machine off and on clears no doubt.
//
// The package is pure: readings come in through a function, state goes out to
// be kept. System reads this machine's.
package clock

import (
	"sync"
	"time"
)

// Slack is how far two clocks have to be apart before it means something.
const Slack = 60 * time.Second

// Reading is what the machine says at one moment.
type Reading struct {
	Wall time.Time     // the PC's clock
	Mono time.Duration // since boot, sleep included; never set by anybody
	Boot string        // another for each boot
}

// Doubt is why the clock is uncertain.
type Doubt string

// The doubts.
const (
	None   Doubt = ""
	Unset  Doubt = "unset"  // nothing to compare with yet
	Behind Doubt = "behind" // under the floor
	Jumped Doubt = "jumped" // was set while running, or was wrong when last compared
	Ahead  Doubt = "ahead"  // further past the floor than policy allows
)

// Fresh says whether a code's dates can be believed under this doubt. A doubtful
// clock proves nothing about them; what is bound to a session of this counter
// (token.KindSealed) is as new as the session.
func (d Doubt) Fresh(bound bool) bool { return bound || d == None }

// State is what is kept over restarts. The zero State is a new machine's.
type State struct {
	Floor time.Time     `json:"floor"`
	Mono  time.Duration `json:"mono"`   // when Floor was, in Boot
	Boot  string        `json:"boot"`   // of Mono and Start
	Start time.Time     `json:"start"`  // wall minus Mono at the first reading of Boot
	Known bool          `json:"known"`  // Floor is the server's, said in Boot
	Jump  bool          `json:"jumped"` // in Boot, or the PC's clock was Off before it
	Off   time.Duration `json:"off"`    // the PC's clock less the time at Start: beside the server's, or set before Boot
	Set   time.Duration `json:"set"`    // how far the PC's clock was set since Start
}

// Clock is safe for use by several goroutines.
type Clock struct {
	read  func() Reading
	ahead time.Duration

	mu    sync.Mutex
	state State
}

// New continues from s. ahead is policy's: how far past the floor the clock may
// run without the server; 0 is without limit.
func New(read func() Reading, s State, ahead time.Duration) *Clock {
	return &Clock{read: read, ahead: ahead, state: s}
}

// SetAhead takes a new policy.
func (c *Clock) SetAhead(ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = ahead
}

// Now is the time in UTC: the server's plus the machine's counter where the
// server has said it since boot, else the PC's clock.
func (c *Clock) Now() time.Time {
	now, _ := c.Check()
	return now
}

// Check is Now with the doubt about it.
func (c *Clock) Check() (time.Time, Doubt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, _, doubt := c.check()
	return now, doubt
}

// Floor is the time before which it cannot be. It goes on with the machine's
// counter, with records and with what central says, but not with the PC's clock:
// a wait that nobody may cut short is counted by it.
func (c *Clock) Floor() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, floor, _ := c.check()
	return floor
}

// Bounds are what an end may be held against: what ends before sure is over
// whatever anybody sets the PC's clock to, and what ends before maybe is over if
// that clock is right. Both are Now while the clock is certain.
func (c *Clock) Bounds() (sure, maybe time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, floor, doubt := c.check()
	switch {
	case doubt == None:
		return now, now
	case now.After(floor):
		return floor, now
	}
	return floor, floor
}

// Server takes the time that the server said, which is authoritative and may
// lower the floor.
func (c *Clock) Server(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.observe()
	c.state.Floor, c.state.Mono, c.state.Known, c.state.Jump = t.UTC(), r.Mono, true, false
	c.state.Start, c.state.Off, c.state.Set = r.Wall.Add(-r.Mono), r.Wall.Sub(t), 0
}

// Record raises the floor to now, as a decision is kept. While the clock is
// uncertain it does nothing: a wrong date must not become the floor.
func (c *Clock) Record() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, floor, doubt := c.check()
	if doubt != None || c.state.Known || !now.After(floor) {
		return
	}
	c.state.Floor, c.state.Mono = now, c.observe().Mono
}

// Raise lifts the floor to the date of a record of this PC's, as the ledger's
// last at start. One further past the floor than policy allows was written under
// a clock that ran ahead, and does nothing; so call it after SetAhead.
func (c *Clock) Raise(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, floor, doubt := c.check(); c.ahead <= 0 || doubt == Unset || !t.After(floor.Add(c.ahead)) {
		c.lift(t, floor)
	}
}

func (c *Clock) lift(t, floor time.Time) {
	if t.After(floor) && !c.state.Known {
		c.state.Floor, c.state.Mono = t.UTC(), c.observe().Mono
	}
}

// NotBefore takes the date of something that central signed, such as the
// credential in a code: it cannot be earlier now. A clock with nothing to
// compare with stays so, since a date says nothing about how late it is.
func (c *Clock) NotBefore(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, floor, doubt := c.check(); doubt != Unset {
		c.lift(t, floor)
	}
}

// State is what to keep, with every record, every server's time and now and
// then: the floor in it has grown to this moment.
func (c *Clock) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.observe(); !c.state.Floor.IsZero() {
		c.state.Floor, c.state.Mono = c.state.Floor.Add(r.Mono-c.state.Mono), r.Mono
	}
	return c.state
}

// Moved says that kept, the State on the disk, does not know of the PC's clock
// being set since. Until State is kept, a power cut would hide that; so ask every
// second. It costs one reading.
func (c *Clock) Moved(kept State) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.observe()
	return c.state.Jump && !kept.Jump || (c.state.Off+c.state.Set-kept.Off-kept.Set).Abs() >= Slack
}

// observe reads the machine and notes a new boot or a jump.
func (c *Clock) observe() Reading {
	r := c.read()
	r.Wall = r.Wall.UTC().Round(0) // without Go's own monotonic reading
	start := r.Wall.Add(-r.Mono)
	if r.Boot != c.state.Boot || r.Mono < c.state.Mono {
		c.state.Boot, c.state.Start, c.state.Mono = r.Boot, start, r.Mono
		// A clock that was wrong beside the server's time, or was set, is wrong after a
		// power cut too, and the time without power may hide it from the floor.
		c.state.Off, c.state.Set = c.state.Off+c.state.Set, 0
		c.state.Known, c.state.Jump = false, c.state.Off.Abs() >= Slack
		return r
	}
	c.state.Set = start.Sub(c.state.Start)
	if c.state.Set.Abs() >= Slack {
		c.state.Jump = true
	}
	return r
}

func (c *Clock) check() (now, floor time.Time, doubt Doubt) {
	r := c.observe()
	if c.state.Floor.IsZero() {
		return r.Wall, c.state.Floor.Add(r.Mono), Unset // a date of nothing, but a wait can be counted by it
	}
	floor = c.state.Floor.Add(r.Mono - c.state.Mono)
	switch {
	case c.state.Known:
		return floor, floor, None
	case !r.Wall.After(floor.Add(-Slack)):
		doubt = Behind
	case c.ahead > 0 && r.Wall.After(floor.Add(c.ahead)):
		doubt = Ahead
	case c.state.Jump:
		doubt = Jumped
	}
	return r.Wall, floor, doubt
}
