package app

import (
	"time"

	"loket/app/activation"
)

// takeAnywhere answers what means the same on every screen of an officer.
func (d *Desk) takeAnywhere(i Intent) bool {
	switch i := i.(type) {
	case LockNow:
		d.lockNow()
	case LogOut:
		d.logOut()
	case Pause:
		d.paused = !d.paused
		d.ports.Line.Pause(d.paused)
	case Open:
		if d.c != nil && d.c.packet != "" {
			d.home()
		}
		if d.c != nil {
			d.say("case-open", Info)
			return true
		}
		switch i.Screen {
		case ScreenHome, ScreenQueue, ScreenTools:
			d.leaveScreens()
			d.screen, d.asked = i.Screen, time.Time{}
		case ScreenStick:
			if d.ports.Stick != nil {
				d.leaveScreens()
				d.screen, d.asked = i.Screen, time.Time{}
			}
		case ScreenRoster:
			if d.ports.Roster != nil {
				d.leaveScreens()
				d.screen, d.asked = i.Screen, time.Time{}
			}
		case ScreenReviews:
			if d.supervises() {
				d.leaveScreens()
				d.screen, d.review.tried = i.Screen, time.Time{}
			}
		}
	default:
		return false
	}
	return true
}

// takeHome answers while nobody is at the counter.
func (d *Desk) takeHome(i Intent) {
	switch {
	case d.takeCancelling(i):
		return
	case d.screen == ScreenStick:
		d.takeStick(i)
		return
	case d.screen == ScreenRoster:
		d.takeRoster(i)
		return
	}
	switch i := i.(type) {
	case Next:
		if d.screen == ScreenHome {
			d.nextCitizen()
		} else {
			d.screen = ScreenHome
		}
	case Back:
		if d.review.open != nil {
			d.closeReview()
			return
		}
		if d.tools.Ending {
			d.tools.Ending = false
			return
		}
		d.screen = ScreenHome
	case Resume:
		d.resume()
	case EndDay:
		d.endDay()
	default:
		d.takeQueue(i)
	}
}

// takeCase answers during a case.
func (d *Desk) takeCase(i Intent) {
	c := d.c
	switch i := i.(type) {
	case Ask:
		if c.packet == "" {
			c.asking = !c.asking
		}
		return
	case SetAside:
		if c.packet == "" {
			d.keep()
			d.audit("case-aside", c.s.ID)
			d.home()
			d.say("set-aside", Info)
		}
		return
	case Choose:
		d.choose(i)
		return
	case Back:
		if c.asking {
			c.asking = false
			return
		}
	}
	switch c.screen() {
	case ScreenReady:
		d.takeReady(i)
	case ScreenScan:
		d.takeScan(i)
	case ScreenCompare:
		d.takeCompare(i)
	case ScreenFace:
		d.takeFace(i)
	case ScreenDecide:
		d.takeDecide(i)
	case ScreenDone:
		d.takeDone(i)
	}
}

// takeReady answers on readiness and consent.
func (d *Desk) takeReady(i Intent) {
	c := d.c
	switch i := i.(type) {
	case TickAll:
		for _, r := range activation.AllReadiness() {
			d.affirm(r, true)
		}
	case Tick:
		if i.Item == "consent" {
			d.consent(i.On)
		} else {
			d.affirm(activation.Readiness(i.Item), i.On)
		}
	case Next:
		if c.s.Stage == activation.StageReady {
			d.say("ready-open", Attention)
			return
		}
		d.step("consent-open", activation.Advance{})
	case Back:
		d.abandon()
	}
}

// affirm marks one readiness item; the last one opens consent.
func (d *Desk) affirm(r activation.Readiness, yes bool) {
	if d.c.s.Stage == activation.StageConsent && !yes {
		d.step("", activation.Return{})
	}
	if d.step("", activation.Asked{Item: r, Yes: yes}) && d.c.s.Stage == activation.StageReady && d.c.s.CanGoOn() {
		d.step("", activation.Advance{})
	}
}

func (d *Desk) consent(on bool) {
	if d.c.s.Stage == activation.StageReady {
		d.say("ready-open", Attention)
		return
	}
	d.step("", activation.Consented{Yes: on})
}
