package app

import (
	"context"
	"time"

	"loket/app/activation"
)

// Seconds carries what needs a second pair of eyes between this counter and
// supervisors at others, through central. Every call needs the line.
type Seconds interface {
	// Ask shows a case to the supervisors of the office. Session.Outcome is the
	// decision; its supervisor is not known yet. ticket names the request.
	Ask(ctx context.Context, c Case, officer Officer) (ticket string, err error)
	Asked(ctx context.Context, ticket string) (Asked, error)
	Withdraw(ctx context.Context, ticket string) error

	// Reviews is what waits for the supervisor who is logged in, Look opens one
	// of them, which is audited, and Settle signs or releases it, or refuses.
	Reviews(ctx context.Context) ([]Review, error)
	Look(ctx context.Context, r Review) (Reviewed, error)
	Settle(ctx context.Context, r Reviewed, yes bool, supervisor Officer) error
}

// AskedStage is where a request to another counter stands.
type AskedStage string

const (
	AskedNone     AskedStage = ""
	AskedWaiting  AskedStage = "waiting"
	AskedLooked   AskedStage = "looked" // a supervisor has it open
	AskedSigned   AskedStage = "signed"
	AskedDeclined AskedStage = "declined"
	AskedOver     AskedStage = "over" // nobody answered in time
)

// Asked is what became of a request. Supervisor signs with it where it is
// signed (its Key is the signature that came).
type Asked struct {
	Stage      AskedStage
	Supervisor Officer
	Reason     activation.Reason // of a refusal; may be ""
}

// anotherCounter stands for the supervisor who is not known yet while the
// session is asked whether it may end.
const anotherCounter = "-"

// request is a case's request to other counters.
type request struct {
	ticket string
	since  time.Time
	asked  Asked
	seen   time.Time // when it was last asked for
}

// secondEvery is how often central is asked for the supervisor's answer.
const secondEvery = 2 * time.Second

// askElsewhere sends the case to the supervisors of the office, or withdraws it.
func (d *Desk) askElsewhere() {
	c := d.c
	if d.ports.Seconds == nil || c.signed == nil && c.request == nil {
		return
	}
	if c.request != nil {
		d.withdraw()
		return
	}
	_, work, err := d.finished(anotherCounter)
	if err != nil {
		d.fail("approval-closed", err)
		return
	}
	officer := *c.signed
	d.do("asking-second", func(ctx context.Context) func() {
		ticket, err := d.ports.Seconds.Ask(ctx, work, officer)
		return func() {
			switch {
			case err != nil:
				d.fail("second-failed", err)
			case d.c != c:
				d.forgetRequest(ticket)
			default:
				c.request = &request{ticket: ticket, since: d.now(), asked: Asked{Stage: AskedWaiting}}
			}
		}
	})
}

// finished is the session as the decision ends it, and what the ledger signs.
func (d *Desk) finished(supervisor string) (activation.Session, Case, error) {
	c := d.c
	decision, reason := c.offered()
	e := activation.Decided{Decision: decision, Reason: reason, Supervisor: supervisor}
	if decision == activation.Approve {
		e.Reason = ""
	}
	done, err := c.s.Next(e, d.now())
	work := Case{Session: done, Record: c.Record, Probe: c.Probe, Engine: c.Engine,
		Unsure: d.ports.Clock.Uncertain(), Causes: c.second(), Training: d.site.Training}
	if len(done.Attempts) == 0 {
		work.Probe, work.Engine = nil, Engine{}
	}
	return done, work, err
}

// withdraw ends the request of this case, if there is one: the decision changes,
// or somebody signs here.
func (d *Desk) withdraw() {
	if d.c == nil || d.c.request == nil {
		return
	}
	r := d.c.request
	d.c.request = nil
	if r.asked.Stage == AskedWaiting || r.asked.Stage == AskedLooked {
		d.forgetRequest(r.ticket)
	}
}

// forgetRequest tells central that nobody need answer. Where the line is away
// the request ends by itself.
func (d *Desk) forgetRequest(ticket string) {
	d.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), diskLimit)
		defer cancel()
		if err := d.ports.Seconds.Withdraw(ctx, ticket); err != nil && d.ports.Log != nil {
			d.ports.Log("second-withdraw", err)
		}
	})
}

// beatSecond asks for the answer while the decide screen waits for one.
func (d *Desk) beatSecond(now time.Time) {
	c := d.c
	if c == nil || c.request == nil || d.locked || d.at.screen != ScreenDecide || now.Sub(c.request.seen) < secondEvery {
		return
	}
	r := c.request
	if r.asked.Stage != AskedWaiting && r.asked.Stage != AskedLooked {
		return
	}
	r.seen = now
	d.start(d.bound(), func(ctx context.Context, t tell) {
		asked, err := d.ports.Seconds.Asked(ctx, r.ticket)
		t(func() {
			if c.request != r {
				return
			}
			if err != nil {
				d.fail("second-failed", err)
				return
			}
			r.asked = asked
			d.answered()
		})
	})
}

// answered goes on with what the supervisor said: a signature completes the
// decision at once while the officer's own key is still open, else with the
// officer's next PIN.
func (d *Desk) answered() {
	c := d.c
	switch a := c.request.asked; a.Stage {
	case AskedSigned:
		if c.signed != nil {
			d.commit(*c.signed, &a.Supervisor)
			return
		}
		d.say("second-signed", Good, a.Supervisor.Name)
	case AskedDeclined:
		c.request = nil
		d.say("second-declined", Attention, a.Supervisor.Name)
	case AskedOver:
		c.request = nil
		d.say("second-over", Attention)
	}
}

// given is the supervisor whose signature came from another counter; nil for none.
func (c *current) given() *Officer {
	if c.request == nil || c.request.asked.Stage != AskedSigned {
		return nil
	}
	return &c.request.asked.Supervisor
}

// viewSecond says on the decide screen who signs as the second person.
func (d *Desk) viewSecond(v *Decide, now time.Time) {
	c := d.c
	if c.request != nil {
		v.Asked = c.request.asked.Stage
		v.Waits = now.Sub(c.request.since).Truncate(time.Second)
	}
	if c.signed == nil {
		return
	}
	v.Turn, v.Supervisors, v.Supervisor = TurnSupervisor, c.others, c.supervisor
	v.CanAsk = d.ports.Seconds != nil
	if len(c.others) > 0 {
		v.SecondBy = c.others[c.supervisor].Name
	}
}
