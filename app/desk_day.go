package app

import (
	"context"
	"time"
)

// rulesEvery is how often the home screen asks for the freeze rules: they go by
// days, packets and free disk space.
const rulesEvery = 15 * time.Second

// beatRules reads the freeze rules while nobody is at the counter. A ledger that
// can't say leaves them as they were; a case that begins is told by it.
func (d *Desk) beatRules(now time.Time) {
	if d.locked || d.officer == nil || d.at.screen != ScreenHome || now.Sub(d.ruled) < rulesEvery {
		return
	}
	d.ruled = now
	d.start(d.bound(), func(ctx context.Context, t tell) {
		rules, err := d.ports.Ledger.Rules(ctx)
		t(func() {
			if err != nil {
				d.log("ledger-failed", err)
				return
			}
			d.rules = rules
		})
	})
}

// frozen says that no new case may begin, and tells the officer why.
func (d *Desk) frozen() bool {
	for _, r := range d.rules {
		if r.Stop {
			d.say("frozen-"+r.Code, Attention)
			return true
		}
	}
	return false
}

// endDay asks first, and at the second time ends the day: unfinished cases and
// the day's faces are gone.
func (d *Desk) endDay() {
	if d.screen != ScreenTools {
		return
	}
	if !d.tools.Ending {
		d.tools.Ending = true
		return
	}
	officer := *d.officer
	d.do("ending-day", func(ctx context.Context) func() {
		wiped, err := d.ports.Ledger.EndDay(ctx, officer)
		return func() {
			d.tools.Ending, d.ruled = false, time.Time{}
			if err != nil {
				d.fail("ledger-failed", err)
				return
			}
			d.day.End()
			d.listDrafts()
			d.say("day-ended", Good, wiped)
		}
	})
}
