package app

import (
	"context"
	"time"
)

// queueEvery is how often the queue's screen and the done screen's item are
// read again: state changes come from the network, at no moment that anybody knows.
const queueEvery = time.Second

// beatQueue reads what the queue, the done screen and the tools show.
func (d *Desk) beatQueue(now time.Time) {
	if d.locked || now.Sub(d.asked) < queueEvery {
		return
	}
	switch {
	case d.at.screen == ScreenQueue:
		d.asked = now
		d.start(d.bound(), func(ctx context.Context, t tell) {
			q, err := d.ports.Ledger.Queue(ctx)
			t(func() {
				if err != nil {
					d.fail("ledger-failed", err)
					return
				}
				q.Selected = min(d.queue.Selected, max(len(q.Items)-1, 0))
				d.queue = q
			})
		})
	case d.at.screen == ScreenDone && d.c != nil:
		d.asked = now
		packet := d.c.packet
		d.start(d.bound(), func(ctx context.Context, t tell) {
			item, err := d.ports.Ledger.Item(ctx, packet)
			t(func() {
				if err == nil {
					d.c.item = item
				}
			})
		})
	case d.at.screen == ScreenTools && d.tools.Checked.IsZero() && d.ports.Tools != nil:
		d.asked = now.Add(time.Minute)
		d.start(d.bound(), func(ctx context.Context, t tell) {
			lines := d.ports.Tools(ctx)
			t(func() { d.tools.Lines, d.tools.Checked = lines, d.now() })
		})
	}
}

// bound is a context that ends with the place.
func (d *Desk) bound() context.Context {
	ctx, cancel := context.WithCancel(d.ctx)
	leave := d.leave
	d.leave = func() { leave(); cancel() }
	return ctx
}

// takeQueue answers on the queue's screen and on the tools'.
func (d *Desk) takeQueue(i Intent) {
	if d.screen == ScreenReviews {
		d.takeReviews(i)
		return
	}
	switch i := i.(type) {
	case Select:
		if i.Index >= 0 && i.Index < len(d.queue.Items) {
			d.queue.Selected = i.Index
		}
	case Retry:
		d.ports.Line.Retry()
		d.tools.Checked, d.asked = time.Time{}, time.Time{}
	case Act:
		d.do("acting", func(ctx context.Context) func() {
			err := d.ports.Ledger.Act(ctx, i.Packet, i.Action, *d.officer)
			return func() {
				if err != nil {
					d.fail("act-failed", err)
				}
				d.asked = time.Time{}
			}
		})
	}
}
