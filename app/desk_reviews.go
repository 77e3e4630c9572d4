package app

import (
	"context"
	"image"
	"time"

	"loket/app/activation"
	"loket/scanner/face"
)

// Review is one line of the supervisor's queue; it names no citizen.
type Review struct {
	Held    bool // a packet that central holds; else a signature that another counter waits for
	Device  string
	Packet  string
	Counter string
	Officer string // name
	Case    activation.Decision
	Causes  []string // why, as codes
	At      time.Time
	Left    time.Duration // until a request ends; 0 for a held one
}

// Reviewed is what is to be looked at. Key is the adapter's own.
type Reviewed struct {
	Review
	Reason activation.Reason
	NIK    string
	Name   string
	Born   time.Time
	Email  string
	Checks []activation.Check
	Marks  map[activation.Field]bool // the same or not
	Face   bool                      // a face was compared
	Eye    bool                      // by eye
	Band   activation.Band
	Score  float64
	Limits face.Thresholds
	Probe  []byte // JPEG
	Photo  []byte // JPEG
	Taken  time.Time
	Key    any
}

// Reviews is the supervisor's screen: the queue, or one case that is open.
type Reviews struct {
	List     []Review
	Selected int
	Asked    time.Time // when central last answered; zero: not yet
	Away     bool      // central can't be reached: the list is as it was
	Open     *ReviewOpen
}

// ReviewOpen is a case that a supervisor looks at. Refusing says that the PIN
// would refuse.
type ReviewOpen struct {
	Review
	Decide   Decide
	Refusing bool
}

// reviewing is the supervisor's work at this desk.
type reviewing struct {
	list     []Review
	selected int
	answered time.Time
	tried    time.Time
	away     bool
	open     *Reviewed
	probe    *image.RGBA
	photo    *image.RGBA
	refusing bool
	pin      int
}

// reviewEvery is how often central is asked for what waits; reviewRest while the
// supervisor is elsewhere, for the figure in the rail.
const (
	reviewEvery = 3 * time.Second
	reviewRest  = 30 * time.Second
)

// supervises says whether who is logged in looks at others' cases.
func (d *Desk) supervises() bool {
	return d.officer != nil && d.officer.Supervisor && d.ports.Seconds != nil
}

// beatReviews reads what waits for the supervisor.
func (d *Desk) beatReviews(now time.Time) {
	every := reviewRest
	if d.at.screen == ScreenReviews {
		every = reviewEvery
	}
	if !d.supervises() || d.locked || d.c != nil || d.review.open != nil || !d.review.tried.IsZero() && now.Sub(d.review.tried) < every {
		return
	}
	d.review.tried = now
	d.start(d.bound(), func(ctx context.Context, t tell) {
		list, err := d.ports.Seconds.Reviews(ctx)
		t(func() {
			if d.review.away = err != nil; err != nil {
				d.log("reviews-failed", err)
				return
			}
			d.review.list, d.review.answered = list, d.now()
			d.review.selected = min(d.review.selected, max(len(list)-1, 0))
		})
	})
}

// takeReviews answers on the supervisor's screen.
func (d *Desk) takeReviews(i Intent) {
	r := &d.review
	switch i := i.(type) {
	case Select:
		if r.open == nil && i.Index >= 0 && i.Index < len(r.list) {
			r.selected = i.Index
		}
	case LookAt:
		if r.open == nil && r.selected < len(r.list) {
			d.lookAt(r.list[r.selected])
		}
	case Retry:
		r.tried = time.Time{}
	case Digits:
		r.pin = i.Count
	case Ask: // the other way round
		if r.open != nil {
			r.refusing, r.pin = !r.refusing, 0
		}
	case PIN:
		r.pin = 0
		if r.open != nil {
			d.settleReview(i.PIN)
		}
	}
}

// lookAt opens a case; central writes down who looked.
func (d *Desk) lookAt(which Review) {
	d.do("opening-review", func(ctx context.Context) func() {
		got, err := d.ports.Seconds.Look(ctx, which)
		return func() {
			if err != nil {
				d.fail("review-failed", err)
				d.review.tried = time.Time{}
				return
			}
			if d.at.screen != ScreenReviews || d.locked {
				return
			}
			d.review.open, d.review.refusing, d.review.pin = &got, false, 0
			d.review.probe, d.review.photo = pictureOf(got.Probe), pictureOf(got.Photo)
			d.audit("review", got.Packet)
		}
	})
}

// settleReview takes the supervisor's PIN for what the screen offers.
func (d *Desk) settleReview(pin string) {
	open, yes := *d.review.open, !d.review.refusing
	if d.officer.Name == "" {
		return
	}
	d.openWith(d.officer.ID, pin, func(o Officer) {
		if d.officer == nil || d.review.open == nil || d.review.open.Packet != open.Packet {
			return
		}
		d.officer = &o
		d.do("settling-review", func(ctx context.Context) func() {
			err := d.ports.Seconds.Settle(ctx, open, yes, o)
			return func() {
				if err != nil {
					d.fail("review-failed", err)
					return
				}
				d.closeReview()
				d.review.tried = time.Time{}
				d.say(map[bool]string{true: "review-signed", false: "review-refused"}[yes], Good)
			}
		})
	})
}

// closeReview forgets the case that was open: pictures are overwritten.
func (d *Desk) closeReview() {
	if d.review.open == nil {
		return
	}
	clear(d.review.open.Probe)
	clear(d.review.open.Photo)
	d.review.open, d.review.probe, d.review.photo, d.review.refusing, d.review.pin = nil, nil, nil, false, 0
	d.shown = View{}
}

// forgetReviews is for who leaves the desk.
func (d *Desk) forgetReviews() {
	d.closeReview()
	d.review = reviewing{}
}

// viewReviews is the supervisor's screen.
func (d *Desk) viewReviews(now time.Time) Reviews {
	r := d.review
	v := Reviews{List: r.list, Selected: r.selected, Asked: r.answered.Truncate(time.Second), Away: r.away}
	if r.open == nil {
		return v
	}
	v.Open = &ReviewOpen{Review: r.open.Review, Refusing: r.refusing, Decide: d.decideOf(*r.open, now)}
	return v
}

// decideOf shows another counter's case as its own decide screen does.
func (d *Desk) decideOf(r Reviewed, now time.Time) Decide {
	v := Decide{Name: r.Name, Offered: r.Case, Reason: r.Reason, Email: activation.MaskEmail(r.Email), PIN: d.review.pin, Photo: photoOf(d.review.photo)}
	if n, err := activation.ParseNIK(r.NIK, now); err == nil {
		v.NIK = n.Parts()
		v.Region, _ = activation.RegionOf(n, d.ports.Regions)
	}
	if !r.Born.IsZero() {
		v.Age = yearsOf(r.Born, now)
	}
	v.Code, v.Data, v.Face = codeLineOf(r.Checks), dataLineOf(r.Marks), faceLineOf(r.Face, r.Band)
	for _, c := range r.Causes {
		v.Why = append(v.Why, Line{Code: c, State: LineWarn})
	}
	if r.Face {
		v.Compared = FaceView{Band: face.Band(r.Band), Score: r.Score, Limits: r.Limits, Eye: r.Eye, Taken: r.Taken,
			Probe: photoOf(d.review.probe), Reference: photoOf(d.review.photo)}
	}
	return v
}

// yearsOf is somebody's age in whole years.
func yearsOf(born, now time.Time) int {
	n := now.Year() - born.Year()
	if now.Before(time.Date(now.Year(), born.Month(), born.Day(), 0, 0, 0, 0, now.Location())) {
		n--
	}
	return n
}
