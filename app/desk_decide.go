package app

import (
	"context"
	"slices"

	"loket/app/activation"
)

// choose takes a decision from the panel or the decide screen. What is not an
// approval can be chosen at any stage; choosing the approval goes back to what
// the case proposes.
func (d *Desk) choose(i Choose) {
	c := d.c
	if c.packet != "" {
		return
	}
	c.signed, c.others = nil, nil
	d.withdraw()
	switch i.Decision {
	case activation.Approve, activation.Reactivate:
		c.choice, c.asking = nil, false
	case activation.Refuse, activation.Refer, activation.Decline, activation.Block:
		if !slices.Contains(activation.ReasonsFor(i.Decision), i.Reason) {
			d.say("reason-other", Attention)
			return
		}
		c.choice, c.asking = &i, false
	default:
		c.asking = true // a decision without a name asks for its reason first
	}
}

// offered is what a PIN would sign now.
func (c *current) offered() (activation.Decision, activation.Reason) {
	if c.choice != nil {
		return c.choice.Decision, c.choice.Reason
	}
	return c.s.Proposed()
}

// second says whether a supervisor must sign what is offered, and why.
func (c *current) second() []activation.Cause {
	return c.s.Second(c.offered())
}

// takeDecide answers on the decide screen.
func (d *Desk) takeDecide(i Intent) {
	c := d.c
	switch i := i.(type) {
	case Digits:
		c.pin = i.Count
	case Next:
		d.say("pin-needed", Info)
	case PIN:
		c.pin = 0
		if c.signed == nil {
			d.signOfficer(i.PIN)
		} else if len(c.others) > 0 {
			d.signSupervisor(i.PIN)
		}
	case Select:
		if c.signed != nil && i.Index >= 0 && i.Index < len(c.others) {
			c.supervisor = i.Index
		}
	case LogInAs:
		for n, o := range c.others {
			if o.ID == i.Officer {
				c.supervisor = n
			}
		}
	case AskElsewhere:
		d.askElsewhere()
	case Tick:
		if i.Item == "look" {
			d.step("", activation.Looked{OK: i.On})
		}
	case Back:
		switch {
		case c.request != nil:
			d.withdraw()
		case c.signed != nil:
			c.signed, c.others = nil, nil
		case c.choice != nil:
			c.choice = nil
		default:
			d.step("", activation.Return{})
		}
	}
}

// signOfficer opens the officer's key and commits, or asks for the supervisor.
func (d *Desk) signOfficer(pin string) {
	c := d.c
	if !d.signable() {
		return
	}
	d.openWith(d.officer.ID, pin, func(o Officer) {
		if d.c != c || d.officer == nil {
			return
		}
		d.officer = &o
		if second := c.given(); second != nil || len(c.second()) == 0 {
			d.commit(o, second)
			return
		}
		ctx, cancel := context.WithTimeout(d.ctx, diskLimit)
		defer cancel()
		all, err := d.ports.Officers.List(ctx)
		if err != nil {
			d.fail("ledger-failed", err)
			return
		}
		c.others = slices.DeleteFunc(all, func(x OfficerChoice) bool { return !x.Supervisor || x.ID == o.ID })
		if len(c.others) == 0 && d.ports.Seconds == nil {
			d.say("no-supervisor", Attention)
			return
		}
		c.signed, c.supervisor = &o, 0
	})
}

// signable says whether what is offered may be signed at all; what stands
// against it is told before anybody types a PIN in vain.
func (d *Desk) signable() bool {
	c := d.c
	decision, _ := c.offered()
	if decision != activation.Approve && decision != activation.Reactivate {
		return true
	}
	for _, o := range c.s.Approval("").Obstacles {
		switch o {
		case activation.SecondMissing:
		case activation.NotLookedAt:
			d.say("look-open", Attention)
			return false
		default:
			d.say("approval-closed", Attention)
			return false
		}
	}
	return true
}

// signSupervisor opens the supervisor's key, who is another person, and commits.
func (d *Desk) signSupervisor(pin string) {
	c := d.c
	id := c.others[c.supervisor].ID
	if id == c.s.Officer {
		d.say("same-person", Bad)
		return
	}
	d.openWith(id, pin, func(o Officer) {
		if d.c != c || c.signed == nil {
			return
		}
		d.commit(*c.signed, &o)
	})
}

// commit ends the session and has the ledger sign, seal and keep it. The
// screen says that it is saved only when the ledger says so.
func (d *Desk) commit(o Officer, supervisor *Officer) {
	c := d.c
	second := ""
	if supervisor != nil {
		second = supervisor.ID
	}
	done, work, err := d.finished(second)
	if err != nil {
		d.fail("approval-closed", err)
		return
	}
	d.do("signing", func(ctx context.Context) func() {
		packet, err := d.ports.Ledger.Decide(ctx, work, o, supervisor)
		return func() {
			if d.c != c {
				return
			}
			c.signed, c.others = nil, nil
			if err != nil { // a signature that came stays, for the officer's next PIN
				d.fail("save-failed", err)
				return
			}
			d.withdraw()
			d.saved(done, packet)
		}
	})
}

// saved shows that the decision is on disk.
func (d *Desk) saved(done activation.Session, packet string) {
	c := d.c
	c.s, c.packet, c.doneAt = done, packet, d.now()
	c.seconds = int(d.now().Sub(done.Started).Seconds())
	c.item = QueueItem{Packet: packet, State: "queued"}
	d.served++
	d.today++
	d.spent += d.now().Sub(done.Started)
	d.blank()
	d.listDrafts()
}

// takeDone answers on the done screen.
func (d *Desk) takeDone(i Intent) {
	c := d.c
	switch i.(type) {
	case Next:
		d.home()
		d.nextCitizen()
	case Back:
		d.home()
	case Undo:
		if d.now().Sub(c.s.Outcome.At) > activation.UndoWindow {
			d.say("undo-over", Info)
			return
		}
		d.do("undoing", func(ctx context.Context) func() {
			err := d.ports.Ledger.Undo(ctx, c.packet)
			return func() {
				if err != nil {
					d.fail("undo-failed", err)
					return
				}
				if d.c != c {
					return
				}
				back, err := c.s.Next(activation.Undone{}, c.s.Outcome.At)
				if err != nil {
					d.fail("undo-failed", err)
					return
				}
				d.served--
				d.today--
				d.spent -= c.doneAt.Sub(c.s.Started)
				c.s, c.packet, c.item, c.choice = back, "", QueueItem{}, nil
				c.compared = len(c.s.Attempts) > 0
				d.keep()
				d.say("undone", Info)
			}
		})
	}
}
