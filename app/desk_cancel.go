package app

import (
	"context"

	"loket/app/activation"
)

// Cancels takes an approval back after its ten seconds, by a packet of its own.
type Cancels interface {
	Cancel(ctx context.Context, packet string, reason activation.Reason, officer Officer) error
}

// CancelReasons are those for which an approval is taken back.
func CancelReasons() []activation.Reason {
	return []activation.Reason{activation.DataProblem, activation.Suspected, activation.NotWanted}
}

// Cancelling is the panel of the queue's screen that takes an approval back.
type Cancelling struct {
	Item    QueueItem
	Reasons []activation.Reason
	Chosen  int
	PIN     int // digits typed
}

// takeCancelling answers while the panel is open; false passes the intent on.
func (d *Desk) takeCancelling(i Intent) bool {
	p := d.cancelling
	if p == nil {
		if _, ok := i.(Ask); !ok || d.screen != ScreenQueue || d.ports.Cancels == nil || d.queue.Selected >= len(d.queue.Items) {
			return false
		}
		item := d.queue.Items[d.queue.Selected]
		if !item.CanCancel {
			d.say("cancel-late", Info)
			return true
		}
		d.cancelling = &Cancelling{Item: item, Reasons: CancelReasons()}
		return true
	}
	switch i := i.(type) {
	case Select:
		if i.Index >= 0 && i.Index < len(p.Reasons) {
			p.Chosen = i.Index
		}
	case Digits:
		p.PIN = i.Count
	case Back, Ask:
		d.cancelling = nil
	case PIN:
		p.PIN = 0
		d.signCancel(i.PIN)
	}
	return true
}

// signCancel opens the officer's key and has the cancel kept.
func (d *Desk) signCancel(pin string) {
	p := d.cancelling
	packet, reason := p.Item.Packet, p.Reasons[p.Chosen]
	d.openWith(d.officer.ID, pin, func(o Officer) {
		if d.cancelling != p || d.officer == nil {
			return
		}
		d.officer = &o
		d.do("cancelling", func(ctx context.Context) func() {
			err := d.ports.Cancels.Cancel(ctx, packet, reason, o)
			return func() {
				if err != nil {
					d.fail("cancel-failed", err)
					return
				}
				d.cancelling = nil
				d.say("cancel-saved", Good)
				d.asked = d.asked.Add(-queueEvery)
			}
		})
	})
}
