package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face"
	"loket/sync/client"
	"loket/sync/vault"
	"loket/sync/wire"
)

// seconds is app.Seconds: a second pair of eyes at another counter, through
// central.
type seconds struct {
	s    *station
	book *book
}

// secondWait is how long central may take for one question.
const secondWait = 10 * time.Second

// given is the supervisor's signature that came from another counter, with the
// decision that it is for: an app.Officer's Key.
type given struct {
	decision wire.Decision // with the supervisor
	wire.Given
}

// pending is a request of this counter that was not completed yet.
type pending struct {
	second wire.Second
	id     wire.PacketID
}

func (x *seconds) Ask(ctx context.Context, c app.Case, officer app.Officer) (string, error) {
	k, ok := x.s.known()
	if !ok || k.officer == nil {
		return "", errNotEnrolled
	}
	d := x.book.decision(c, k)
	d.Supervisor = ""
	second := wire.Second{Decision: d}
	if r := c.Record; r != nil {
		second.Name, second.Born, second.Photo, second.Taken = r.Name, r.Born.UTC(), r.Photo, r.Taken.UTC()
	}
	to, err := centralKey(k.policy)
	if err != nil {
		return "", err
	}
	sealed, err := wire.SealSecond(second, to)
	if err != nil {
		return "", err
	}
	err = x.ask(ctx, k, func(ctx context.Context) error {
		_, err := k.central.AskSecond(ctx, d.Packet, sealed)
		return err
	})
	if err != nil {
		return "", err
	}
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.seconds = map[string]pending{d.Packet.String(): {second, d.Packet}} // one citizen, one request
	return d.Packet.String(), nil
}

// centralKey is whom a request is sealed for: central alone, not the recovery key.
func centralKey(p wire.Policy) (wire.Recipient, error) {
	for _, r := range p.Recipients {
		if r.Name == "central" {
			return wire.NewRecipient(r.Public)
		}
	}
	return wire.Recipient{}, wire.ErrRecipients
}

// ask is a question to central in the officer's session. Without a line another
// counter cannot be asked: the officer is told so.
func (x *seconds) ask(ctx context.Context, k known, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, secondWait)
	defer cancel()
	err := x.s.inSession(ctx, k, func() error { return f(ctx) })
	switch link := client.LinkOf(err); {
	case err == nil:
		return nil
	case link != client.Online && link != client.Unchecked:
		return &app.Fault{Code: "second-offline", Tone: app.Info, Err: err}
	}
	return lineFault("second", err)
}

func (x *seconds) Asked(ctx context.Context, ticket string) (app.Asked, error) {
	k, ok := x.s.known()
	x.s.mu.Lock()
	p, mine := x.s.seconds[ticket]
	x.s.mu.Unlock()
	if !ok || k.officer == nil || !mine {
		return app.Asked{Stage: app.AskedOver}, nil
	}
	var st wire.SecondState
	err := x.ask(ctx, k, func(ctx context.Context) (err error) {
		st, err = k.central.SecondState(ctx, p.id)
		return err
	})
	if err != nil {
		return app.Asked{}, err
	}
	switch st.Stage {
	case wire.SecondWaiting:
		return app.Asked{Stage: app.AskedWaiting}, nil
	case wire.SecondLooked:
		return app.Asked{Stage: app.AskedLooked}, nil
	case wire.SecondDeclined:
		return app.Asked{Stage: app.AskedDeclined, Supervisor: app.Officer{OfficerChoice: app.OfficerChoice{ID: st.Supervisor, Name: st.Name, Supervisor: true}},
			Reason: activation.Reason(st.Reason)}, nil
	case wire.SecondSigned:
		return x.signed(k, p, st)
	}
	return app.Asked{Stage: app.AskedOver}, nil
}

// signed checks the signature that came: central is believed in nothing that
// the trust list does not say.
func (x *seconds) signed(k known, p pending, st wire.SecondState) (app.Asked, error) {
	sig := wire.Signature{Certificate: st.Certificate, COSE: st.Signature}
	if _, err := p.second.VerifySecond(st.Supervisor, sig, k.trust.Lookup("device", x.s.now())); err != nil {
		return app.Asked{}, err
	}
	payload, err := p.second.Payload(st.Supervisor)
	if err != nil {
		return app.Asked{}, err
	}
	g := given{decision: p.second.Decision, Given: wire.Given{Signature: sig, Payload: payload}}
	g.decision.Supervisor = st.Supervisor
	return app.Asked{Stage: app.AskedSigned, Supervisor: app.Officer{OfficerChoice: app.OfficerChoice{ID: st.Supervisor, Name: st.Name, Supervisor: true}, Key: g}}, nil
}

func (x *seconds) Withdraw(ctx context.Context, ticket string) error {
	k, ok := x.s.known()
	x.s.mu.Lock()
	p, mine := x.s.seconds[ticket]
	delete(x.s.seconds, ticket)
	x.s.mu.Unlock()
	if !ok || k.officer == nil || !mine {
		return nil
	}
	return x.ask(ctx, k, func(ctx context.Context) error {
		_, err := k.central.WithdrawSecond(ctx, p.id)
		return err
	})
}

func (x *seconds) Reviews(ctx context.Context) ([]app.Review, error) {
	k, ok := x.s.known()
	if !ok || k.officer == nil {
		return nil, errNotEnrolled
	}
	var got wire.ReviewsResponse
	err := x.ask(ctx, k, func(ctx context.Context) (err error) {
		got, err = k.central.Reviews(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := make([]app.Review, len(got.Reviews))
	for i, r := range got.Reviews {
		list[i] = x.review(r, got.Now)
	}
	return list, nil
}

func (x *seconds) review(r wire.Review, now time.Time) app.Review {
	out := app.Review{Held: r.Kind == wire.ReviewHeld, Device: r.Device, Packet: r.Packet, Counter: r.Counter, Officer: r.Name,
		Case: activation.Decision(r.Case), Causes: r.Causes, At: r.At.In(x.book.zone)}
	if !r.Expires.IsZero() {
		out.Left = max(r.Expires.Sub(now).Truncate(time.Minute), time.Minute)
	}
	return out
}

// looked is what Settle needs of a case that was opened: an app.Reviewed's Key.
type looked struct {
	ref    wire.SecondRef
	second wire.Second
}

func (x *seconds) Look(ctx context.Context, r app.Review) (app.Reviewed, error) {
	k, ok := x.s.known()
	if !ok || k.officer == nil {
		return app.Reviewed{}, errNotEnrolled
	}
	key := looked{ref: wire.SecondRef{Device: r.Device, Packet: r.Packet}}
	var got wire.ReviewLook
	err := x.ask(ctx, k, func(ctx context.Context) (err error) {
		got, err = k.central.Review(ctx, key.ref)
		return err
	})
	if err != nil {
		return app.Reviewed{}, err
	}
	if key.second, err = wire.DecodeSecond(got.Second); err != nil {
		return app.Reviewed{}, err
	}
	d := key.second.Decision
	out := app.Reviewed{Review: x.review(got.Review, x.s.now()), Reason: activation.Reason(d.Reason), NIK: d.NIK, Name: key.second.Name, Born: key.second.Born,
		Email: d.Email, Photo: key.second.Photo, Taken: key.second.Taken, Key: key}
	out.Case = activation.Decision(d.Kind)
	for _, c := range d.Checks {
		out.Checks = append(out.Checks, activation.Check{Name: c.Name, OK: c.OK, Reason: c.Reason})
	}
	if len(d.Marks) > 0 {
		out.Marks = map[activation.Field]bool{}
		for f, mark := range d.Marks {
			out.Marks[activation.Field(f)] = mark == "same"
		}
	}
	if f := d.Face; f != nil {
		out.Face, out.Eye, out.Band, out.Score, out.Probe = true, f.Matcher.Name == "", activation.Band(f.Band), f.Score, f.Probe
		out.Limits = face.Thresholds{Model: f.Matcher.Name, Metric: face.Metric(f.Metric), Match: f.Limits.Match, Doubtful: f.Limits.Doubtful,
			Data: f.Limits.Data, FMR: f.Limits.FMR, Measured: f.Limits.Measured}
	}
	return out, nil
}

func (x *seconds) Settle(ctx context.Context, r app.Reviewed, yes bool, supervisor app.Officer) error {
	k, ok := x.s.known()
	key, isLooked := r.Key.(looked)
	session, isOpen := supervisor.Key.(*vault.Session)
	if !ok || k.officer == nil || !isLooked || !isOpen {
		return errNoOfficer
	}
	if r.Held {
		in := wire.HeldSettle{Device: key.ref.Device, Packet: key.ref.Packet, Release: yes}
		return x.ask(ctx, k, func(ctx context.Context) error {
			_, err := k.central.SettleHeld(ctx, in)
			return err
		})
	}
	in := wire.SecondAnswer{Device: key.ref.Device, Packet: key.ref.Packet}
	if yes {
		payload, err := key.second.Payload(session.Officer().ID)
		if errors.Is(err, wire.ErrSamePerson) {
			return &app.Fault{Code: "central-same-person", Tone: app.Bad, Err: err}
		} else if err != nil {
			return err
		}
		if in.Signature, err = session.Approve(wire.AsSupervisor, payload); err != nil {
			return fmt.Errorf("sign as supervisor: %w", err)
		}
		in.Certificate = session.Certificate()
	}
	return x.ask(ctx, k, func(ctx context.Context) error {
		_, err := k.central.AnswerSecond(ctx, in)
		return err
	})
}
