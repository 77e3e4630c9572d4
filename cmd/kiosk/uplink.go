package main

import (
	"context"
	"sync/atomic"
	"time"

	"loket/app"
	"loket/sync/client"
	"loket/sync/client/outbox"
	"loket/sync/wire"
)

// uplink is app.Uplink: the sender of the outbox, and how many packets wait.
type uplink struct {
	s       *station
	sender  atomic.Pointer[client.Sender] // nil before enrolment
	waiting atomic.Int64
	paused  atomic.Bool
	burst   burst
}

// senderRest is how long after a fault of the disk the outbox is tried again.
const senderRest = 5 * time.Second

// run sends from the moment this PC is a counter until ctx ends.
func (u *uplink) run(ctx context.Context) {
	u.count(ctx)
	select {
	case <-ctx.Done():
		return
	case <-u.s.enrolled:
	}
	k, _ := u.s.known()
	box := outbox.Outbox{Ledger: u.s.ledger, Device: deviceKey{u.s.vault},
		Trust: func() uint64 { k, _ := u.s.known(); return k.trust.Version },
		Taken: func([]wire.Event) { u.count(ctx) },
		Done:  func(outs []client.Outcome) { u.burst.settled(outs); u.count(ctx) }}
	sender := &client.Sender{Outbox: pcTime{box, u.s.now}, Central: k.central, Keep: u.s.keep, Log: u.s.log,
		Watch: func(st client.State) { u.burst.watch(st.Link, time.Now()) }}
	sender.Pause(u.paused.Load())
	u.sender.Store(sender)
	for ctx.Err() == nil {
		if err := sender.Run(ctx); err != nil {
			u.s.log.Error("outbox", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(senderRest):
		}
	}
}

// pcTime tells when a packet is due by the PC's clock, by which the sender
// waits. The ledger goes by trusted time, which may be a second behind: without
// this a packet was not yet due when the sender looked, and then waited for the
// next look, 15 seconds later.
type pcTime struct {
	outbox.Outbox
	trusted func() time.Time
}

func (o pcTime) Due(ctx context.Context) (time.Time, bool, error) {
	at, ok, err := o.Outbox.Due(ctx)
	return time.Now().Add(at.Sub(o.trusted())), ok, err
}

// count reads how many packets central does not have.
func (u *uplink) count(ctx context.Context) {
	c, err := u.s.ledger.Counts(ctx, time.Time{})
	if err != nil {
		if ctx.Err() == nil {
			u.s.log.Error("count packets", "err", err)
		}
		return
	}
	u.waiting.Store(int64(c.Waiting))
	u.burst.waits(c.Waiting)
}

// changed is told by the desk's ledger: there is something new to send.
func (u *uplink) changed(ctx context.Context) {
	u.count(ctx)
	u.kick()
}

func (u *uplink) kick() {
	if s := u.sender.Load(); s != nil {
		s.Kick()
	}
}

// Link implements app.Uplink.
func (u *uplink) Link() app.Link {
	l := app.Link{State: app.LinkUnchecked, Waiting: int(u.waiting.Load())}
	if s := u.sender.Load(); s != nil {
		state := s.State()
		l.State = app.LinkState(state.Cause())
		l.Done, l.Total, l.Left = state.Progress.Done, state.Progress.Total, state.Progress.Left
		if !state.Retry.IsZero() {
			l.Retry = max(time.Until(state.Retry), 0)
		}
	}
	return l
}

// Pause implements app.Uplink.
func (u *uplink) Pause(on bool) {
	u.paused.Store(on)
	if s := u.sender.Load(); s != nil {
		s.Pause(on)
	}
}

// Retry implements app.Uplink: what waits is tried now.
func (u *uplink) Retry() { u.kick() }
