package app

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"time"

	"loket/app/activation"
	"loket/camera"
	"loket/scanner/face/sameday"
)

// IdleLimit is how long nobody may touch anything before the screen locks.
const IdleLimit = 5 * time.Minute

const (
	beat        = 250 * time.Millisecond // how often time and cameras are looked at
	idleWarning = 30 * time.Second
	doneStays   = 20 * time.Second // the done screen clears itself
	revealFor   = 10 * time.Second
	noticeStays = 15 * time.Second
	diskLimit   = 5 * time.Second // for what the desk itself asks of the ledger
)

// Desk is one counter: it takes intents, results of its workers and the time,
// and shows a View after each. All its state belongs to the goroutine of Run.
type Desk struct {
	ports   Ports
	intents chan Intent
	results chan result
	work    sync.WaitGroup

	// The rest is Run's.
	ctx    context.Context
	lang   Lang
	look   Look
	shown  View
	traced Trace

	site       Site
	screen     Screen // what stands there when no case does
	officer    *Officer
	logIn      LogIn
	setup      Setup
	locked     bool
	lock       Lock
	touched    time.Time // by the officer, last
	drafts     []Draft
	today      int           // decisions of this day, also by others before
	served     int           // here, since the window opened
	spent      time.Duration // on those
	paused     bool
	queue      Queue
	tools      Tools
	rules      []Rule    // that warn or stop new cases
	ruled      time.Time // when they were last asked for
	asked      time.Time // when queue, or the done screen's item, was last asked for
	job        string    // busy code of the one job under way
	citizen    bool      // the citizen's window is open
	seen       CitizenView
	making     bool // a code of this counter is being made
	review     reviewing
	cancelling *Cancelling // the panel of the queue's screen; nil while it is closed
	stick      sticking
	roster     rostering
	progress   [2]int // of job: done, total; zero where that is not known
	day        sameday.Day
	notice     *Notice
	noticeAt   time.Time

	at    place
	here  context.Context    // of the workers of at
	leave context.CancelFunc // ends here
	gen   int
	c     *current
}

// result is what a worker found, applied on the desk's goroutine. gen 0 is a
// job's, which counts wherever the desk has gone meanwhile.
type result struct {
	gen   int
	apply func()
}

// place is where the desk stands, as far as workers care. Another place means
// other workers.
type place struct {
	screen Screen
	on     bool // workers may run: not locked, no panel open
	turn   int  // counts repeats of the same place
}

// New makes a desk; Run makes it live.
func New(ports Ports, lang Lang, look Look) *Desk {
	return &Desk{ports: ports, lang: lang, look: look, intents: make(chan Intent, 64), results: make(chan result)}
}

// Send hands over an intent. It never waits: where the desk is 64 intents
// behind, one more is dropped, as a key that nobody saw react would be pressed
// again.
func (d *Desk) Send(i Intent) {
	select {
	case d.intents <- i:
	default:
	}
}

// Run serves until ctx ends, then waits for its workers and forgets the case
// (its draft stays). It returns ctx's error.
func (d *Desk) Run(ctx context.Context) error {
	d.ctx = ctx
	d.touched = d.now()
	d.begin()
	d.settle()
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		d.show()
		select {
		case <-ctx.Done():
			if d.leave != nil {
				d.leave()
			}
			d.work.Wait()
			d.wipe()
			d.day.End()
			return ctx.Err()
		case i := <-d.intents:
			d.take(i)
		case r := <-d.results:
			if r.gen == 0 || r.gen == d.gen {
				r.apply()
			}
		case <-tick.C:
			d.beat()
		}
		d.settle()
		d.counterCode()
	}
}

// begin is the first screen: enrol, or log in.
func (d *Desk) begin() {
	d.site = d.ports.Officers.Site()
	if !d.site.Enrolled {
		d.screen = ScreenSetup
		return
	}
	d.toLogIn()
}

func (d *Desk) now() time.Time { return d.ports.Clock.Now() }

// take answers one intent.
func (d *Desk) take(i Intent) {
	if _, ok := i.(HideCounterCode); ok { // from the citizen's side: nobody at the keys
		d.citizen = false
		return
	}
	d.touched = d.now()
	if _, ok := i.(Seen); ok {
		return
	}
	if _, ok := i.(Digits); !ok {
		d.notice = nil
	}
	switch {
	case d.locked:
		d.takeLocked(i)
	case d.officer == nil:
		d.takeOutside(i)
	case d.takeAnywhere(i):
	case d.c != nil:
		d.takeCase(i)
	default:
		d.takeHome(i)
	}
}

// place says where the desk stands.
func (d *Desk) place() place {
	p := place{screen: d.screen, on: true}
	if d.c != nil {
		p.screen, p.turn = d.c.screen(), d.c.turn
		p.on = !d.c.asking
	}
	if d.locked {
		p = place{screen: ScreenLock}
	}
	return p
}

// settle starts the workers of the place where the desk stands now and ends
// those of the one it left.
func (d *Desk) settle() {
	p := d.place()
	if p == d.at {
		return
	}
	if d.leave != nil {
		d.leave()
	}
	d.at = p
	d.gen++
	ctx, cancel := context.WithCancel(d.ctx)
	d.here, d.leave, d.making = ctx, cancel, false
	d.asked, d.tools.Ending = time.Time{}, false
	if !p.on {
		return
	}
	switch p.screen {
	case ScreenScan:
		d.c.scan = Scan{}
		d.worker(ctx, d.ports.CodesCamera, d.preview)
		d.worker(ctx, d.ports.CodesCamera, d.readCodes)
	case ScreenCompare:
		d.fetch(ctx)
	case ScreenFace:
		d.worker(ctx, d.ports.FacesCamera, d.preview)
		switch {
		case !d.c.compared:
			d.watchFace(ctx)
		case d.c.s.Alive() == activation.AliveOpen && !d.c.halted:
			d.challenge(ctx)
		}
	}
}

// tell carries a worker's finding to the desk; false when nobody wants it any more.
type tell func(apply func()) bool

// start runs a worker bound to ctx, whose findings count only in this place.
func (d *Desk) start(ctx context.Context, run func(ctx context.Context, t tell)) {
	gen := d.gen
	d.work.Go(func() {
		run(ctx, func(apply func()) bool {
			select {
			case d.results <- result{gen, apply}:
				return true
			case <-ctx.Done():
				return false
			}
		})
	})
}

func (d *Desk) worker(ctx context.Context, cam Camera, run func(context.Context, Camera, tell)) {
	d.start(ctx, func(ctx context.Context, t tell) { run(ctx, cam, t) })
}

// do runs one job that takes over a moment. Its result counts wherever the
// desk has gone meanwhile. A second job while one is under way is refused.
func (d *Desk) do(code string, run func(ctx context.Context) (apply func())) {
	if d.job != "" {
		return
	}
	d.job = code
	d.work.Go(func() {
		apply := run(d.ctx)
		select {
		case d.results <- result{0, func() { d.job = ""; apply() }}:
		case <-d.ctx.Done():
		}
	})
}

// beat looks at time and cameras.
func (d *Desk) beat() {
	now := d.now()
	if d.notice != nil && now.Sub(d.noticeAt) > noticeStays && !d.cameraNotice() {
		d.notice = nil
	}
	if d.officer != nil && !d.locked && now.Sub(d.touched) >= IdleLimit {
		d.lockNow()
	}
	d.camera()
	d.day.Turn(now)
	if d.c != nil {
		d.beatCase(now)
	}
	d.beatQueue(now)
	d.beatRules(now)
	d.beatSecond(now)
	d.beatReviews(now)
	d.beatStick()
	d.beatRoster(now)
}

// camera tells a fault of the camera that this place looks through, and takes
// the notice away when it is over.
func (d *Desk) camera() {
	var cam Camera
	switch {
	case d.at.screen == ScreenScan && d.at.on:
		cam = d.ports.CodesCamera
	case d.at.screen == ScreenFace && d.at.on:
		cam = d.ports.FacesCamera
	}
	if cam != nil {
		if h := cam.Health(); h.State == camera.Faulty {
			if d.notice == nil || d.notice.Code != "camera-"+string(h.Fault) {
				d.say("camera-"+string(h.Fault), Bad)
				d.log("camera-"+string(h.Fault), h.Cause)
			}
			return
		}
	}
	if d.cameraNotice() {
		d.notice = nil
	}
}

func (d *Desk) cameraNotice() bool {
	return d.notice != nil && len(d.notice.Code) > 7 && d.notice.Code[:7] == "camera-"
}

// say puts a notice on the screen.
func (d *Desk) say(code string, tone Tone, args ...any) {
	d.notice, d.noticeAt = &Notice{Code: code, Tone: tone, Args: args}, d.now()
}

// fail tells a fault: its own code where it has one, else the code of the place.
func (d *Desk) fail(code string, err error) {
	if pin, ok := errors.AsType[*PINFault](err); ok {
		if pin.Paused > 0 {
			d.say("pin-paused", Bad, pin.Paused)
		} else {
			d.say("pin-wrong", Bad, pin.Left)
		}
		return
	}
	tone, args := Bad, []any(nil)
	if f, ok := errors.AsType[*Fault](err); ok {
		code, args = f.Code, f.Args
		if f.Tone != "" {
			tone = f.Tone
		}
	}
	d.say(code, tone, args...)
	d.log(code, err)
}

func (d *Desk) log(code string, err error) {
	if d.ports.Log != nil && err != nil && !errors.Is(err, context.Canceled) {
		d.ports.Log(code, err)
	}
}

// show hands a View over, when it is another one.
func (d *Desk) show() {
	v := d.view()
	if !reflect.DeepEqual(v, d.shown) {
		d.shown = v
		d.ports.Show(v)
	}
	if c := d.viewCitizen(); c != d.seen {
		d.seen = c
		d.ports.Citizen(c)
	}
	if d.ports.Observe != nil {
		t := d.trace(v)
		if stamp := t.At; !reflect.DeepEqual(t.at(d.traced.At), d.traced) {
			d.traced = t.at(stamp)
			d.ports.Observe(d.traced)
		}
	}
}

// step moves the session; an event that the rules refuse changes nothing and
// is told by code.
func (d *Desk) step(code string, events ...activation.Event) bool {
	s := d.c.s
	for _, e := range events {
		next, err := s.Next(e, d.now())
		if err != nil {
			if code != "" {
				d.say(code, Attention)
			}
			return false
		}
		s = next
	}
	moved := s.Stage != d.c.s.Stage
	d.c.s = s
	if moved {
		d.keep()
	}
	return true
}
