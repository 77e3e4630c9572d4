package app

import "context"

// Stick is the way by USB stick where there is no line: what waits here goes out
// as one signed bundle, and other counters' bundles come in.
type Stick interface {
	// Places are the sticks that are in.
	Places(ctx context.Context) ([]StickPlace, error)
	// Export and Import do all or nothing; progress is told packets, or bundles.
	Export(ctx context.Context, place string, progress func(done, total int)) (StickResult, error)
	Import(ctx context.Context, place string, progress func(done, total int)) (StickResult, error)
}

// StickPlace is one stick.
type StickPlace struct {
	Path    string
	Name    string // as the system calls it
	Free    int64  // bytes
	Bundles int    // of counters, on it
}

// StickResult is what was done, whole.
type StickResult struct {
	Import  bool
	File    string // what was written
	Packets int
	Relayed int // of other counters, among them
	Left    int // did not fit
	Bundles int // that were read
	New     int // will be sent from here
	Known   int
	Forged  int // left out
}

// StickView is the stick's screen.
type StickView struct {
	Places   []StickPlace
	Selected int
	Looked   bool // Places is what is in now
	Waiting  int  // packets that could go
	Result   *StickResult
}

// sticking is the desk's side of it.
type sticking struct {
	places   []StickPlace
	selected int
	looked   bool
	result   *StickResult
}

// beatStick looks which sticks are in, while the screen is open.
func (d *Desk) beatStick() {
	if d.at.screen != ScreenStick || d.locked || d.job != "" || d.now().Sub(d.asked) < queueEvery {
		return
	}
	d.asked = d.now()
	d.start(d.bound(), func(ctx context.Context, t tell) {
		places, err := d.ports.Stick.Places(ctx)
		t(func() {
			if err != nil {
				d.log("stick-failed", err)
			}
			d.stick.places, d.stick.looked = places, true
			d.stick.selected = min(d.stick.selected, max(len(places)-1, 0))
		})
	})
}

// takeStick answers on the stick's screen.
func (d *Desk) takeStick(i Intent) {
	s := &d.stick
	switch i := i.(type) {
	case Select:
		if i.Index >= 0 && i.Index < len(s.places) {
			s.selected = i.Index
		}
	case Next:
		d.withStick("stick-writing", d.ports.Stick.Export)
	case TakeIn:
		d.withStick("stick-reading", d.ports.Stick.Import)
	case Back:
		d.screen, d.stick = ScreenQueue, sticking{}
	}
}

// withStick does one of both on the chosen stick.
func (d *Desk) withStick(code string, run func(context.Context, string, func(done, total int)) (StickResult, error)) {
	if d.stick.selected >= len(d.stick.places) {
		d.say("stick-none", Info)
		return
	}
	place := d.stick.places[d.stick.selected].Path
	d.stick.result = nil
	d.doing(code, func(ctx context.Context, progress func(done, total int)) func() {
		r, err := run(ctx, place, progress)
		return func() {
			d.asked = d.asked.Add(-queueEvery)
			switch {
			case err != nil:
				d.fail("stick-failed", err)
			case !r.Import && r.Packets == 0:
				d.say("stick-nothing", Info)
			default:
				d.stick.result = &r
				d.say(map[bool]string{true: "stick-read", false: "stick-written"}[r.Import], Good)
			}
		}
	})
}

// doing is do for a job that tells how far it is.
func (d *Desk) doing(code string, run func(ctx context.Context, progress func(done, total int)) func()) {
	d.progress = [2]int{}
	d.do(code, func(ctx context.Context) func() {
		apply := run(ctx, func(done, total int) {
			select {
			case d.results <- result{0, func() { d.progress = [2]int{done, total} }}:
			case <-ctx.Done():
			}
		})
		return func() { d.progress = [2]int{}; apply() }
	})
}
