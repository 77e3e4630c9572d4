package app

import (
	"context"
	"image"
	"time"

	"loket/app/activation"
	"loket/scanner/face/liveness"
)

// CounterCode is a code of this counter: its picture, a pixel a module, and
// until when phones take it.
type CounterCode struct {
	Image   image.Image
	Expires time.Time
}

// renewBefore is how long before its end a counter's code is renewed, so that
// nobody scans one that ends while the phone thinks. The one before stays good
// until its own end.
const renewBefore = time.Minute

// counterCode makes and renews the counter's code while the citizen's window
// stands open beside the scan screen.
func (d *Desk) counterCode() {
	if !d.citizen || d.c == nil || d.at.screen != ScreenScan || !d.at.on || d.making ||
		d.c.counter.Expires.Sub(d.now()) > renewBefore {
		return
	}
	d.making = true
	d.start(d.here, func(ctx context.Context, t tell) {
		code, err := d.ports.Tokens.Counter(ctx, d.now())
		t(func() {
			d.making = false
			if err != nil {
				d.citizen = false
				d.fail("counter-code-failed", err)
				return
			}
			d.c.counter = code
		})
	})
}

// viewCitizen is what the citizen's window shows at this moment.
func (d *Desk) viewCitizen() CitizenView {
	if !d.citizen {
		return CitizenView{}
	}
	v, c := CitizenView{On: true, Lang: d.lang}, d.c
	switch {
	case c == nil || d.locked:
	case c.packet != "":
		v.Stage = CitizenThanks
		if k := c.s.Outcome.Decision; k == activation.Approve || k == activation.Reactivate {
			v.Stage = CitizenMail
		}
	case c.screen() == ScreenScan:
		if c.counter.Image != nil && d.now().Before(c.counter.Expires) {
			v.Stage, v.Code = CitizenScan, c.counter.Image
		}
	case c.asked != "" && c.screen() == ScreenFace && !c.asking:
		// The camera's left is the citizen's right.
		v.Stage = map[liveness.Step]CitizenStage{liveness.LookStraight: CitizenStraight, liveness.TurnLeft: CitizenRight,
			liveness.TurnRight: CitizenLeft, liveness.ComeCloser: CitizenCloser}[c.asked]
	case c.s.Code != nil && c.s.Code.Valid:
		v.Stage = CitizenWait
	}
	return v
}
