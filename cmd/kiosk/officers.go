package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"loket/app"
	"loket/sync/client"
	"loket/sync/vault"
	"loket/sync/wire"
)

// officers is app.Officers: the people at this counter.
type officers struct {
	s *station

	mu       sync.Mutex
	first    wire.SessionResponse // of a first log-in that is under way
	password string               // until it is changed
}

func (o *officers) Site() app.Site {
	k, ok := o.s.known()
	if !ok {
		return app.Site{}
	}
	return app.Site{Enrolled: true, Office: k.device.OfficeName, Counter: k.device.Counter, Training: k.policy.Training}
}

func (o *officers) Enrol(ctx context.Context, code string) error {
	err := o.s.enrol(ctx, code)
	var refused *wire.Error
	switch {
	case errors.Is(err, wire.ErrDeviceCode), errors.As(err, &refused) && refused.Code == wire.CodeDeviceCode:
		return &app.Fault{Code: "code", Err: err}
	case client.LinkOf(err) != client.Online && client.LinkOf(err) != client.Unchecked:
		return &app.Fault{Code: "offline", Err: err}
	}
	return err
}

func (o *officers) List(ctx context.Context) ([]app.OfficerChoice, error) {
	all, err := o.s.vault.Officers(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]app.OfficerChoice, 0, len(all))
	for _, x := range all {
		list = append(list, choiceOf(x))
	}
	return list, nil
}

func choiceOf(x vault.Officer) app.OfficerChoice {
	return app.OfficerChoice{ID: x.ID, Name: x.Name, Supervisor: x.Role == wire.RoleSupervisor}
}

// LogIn opens an officer's keys. The first who comes is who is logged in here;
// another one, a supervisor who signs too, opens only her own.
func (o *officers) LogIn(ctx context.Context, officer, pin string) (app.Officer, error) {
	session, err := o.s.vault.LogIn(ctx, officer, pin)
	var wrong *vault.PINError
	if errors.As(err, &wrong) {
		return app.Officer{}, &app.PINFault{Left: wrong.Left, Paused: wrong.Paused}
	}
	if err != nil {
		return app.Officer{}, err
	}
	o.take(session)
	return app.Officer{OfficerChoice: choiceOf(session.Officer()), Key: session}, nil
}

// take makes a session that of the counter, and opens one at central too.
func (o *officers) take(session *vault.Session) {
	s := o.s
	s.mu.Lock()
	if s.officer != nil && s.officer.Officer().ID != session.Officer().ID {
		s.mu.Unlock()
		return
	}
	before := s.officer
	s.officer = session
	central := s.central
	s.mu.Unlock()
	if before != nil && before != session {
		before.Lock() // its keys are this one's too; one copy in memory is enough
	}
	if central == nil || s.ctx.Err() != nil {
		return
	}
	s.work.Go(func() {
		if err := s.signIn(s.ctx, central, session); err != nil && s.ctx.Err() == nil {
			s.log.Warn("log in at central", "link", client.LinkOf(err), "err", err)
			return
		}
		s.kick()
		s.takeAlong(s.ctx, central, session)
	})
}

// signIn opens the officer's session at central with the officer's key, unless
// there is one, and renews the key's certificate where half of it is over.
func (s *station) signIn(ctx context.Context, central *client.Client, session *vault.Session) error {
	id := session.Officer().ID
	if have, ok := central.Session(); !ok || have.Officer != id || have.MustChange {
		key, err := session.Signer()
		if err != nil {
			return err
		}
		if _, err := central.LogInSigned(ctx, id, key); err != nil {
			return err
		}
	}
	if session.Officer().NotAfter.Sub(s.now()) > officerHalf {
		return nil
	}
	key, err := session.Signer()
	if err != nil {
		return err
	}
	certificate, notAfter, err := central.CertifyOfficer(ctx, key.Public())
	if err != nil {
		return err
	}
	return s.vault.Renew(ctx, id, certificate, notAfter)
}

// rosterLife is how long a roster is kept from its download.
const rosterLife = 3 * 24 * time.Hour

// takeAlong downloads the roster's areas; one that broke off goes on.
func (s *station) takeAlong(ctx context.Context, central *client.Client, session *vault.Session) {
	for _, area := range s.areas {
		err := s.roster.Download(ctx, session, area, central.Roster, rosterLife, nil)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("roster", "area", area, "link", client.LinkOf(err), "err", err)
		}
	}
}

func (o *officers) LogOut() {
	o.s.mu.Lock()
	session, central := o.s.officer, o.s.central
	o.s.officer = nil
	o.s.mu.Unlock()
	if session != nil {
		session.Lock()
	}
	if central != nil {
		central.LogOut()
	}
}

func (o *officers) First(ctx context.Context, officer, password string) (bool, error) {
	k, ok := o.s.known()
	if !ok {
		return false, errNotEnrolled
	}
	got, err := k.central.LogIn(ctx, officer, password)
	if err != nil {
		return false, lineFault("login", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.first, o.password = got, password
	return got.MustChange, nil
}

func (o *officers) NewPassword(ctx context.Context, password string) error {
	k, ok := o.s.known()
	if !ok {
		return errNotEnrolled
	}
	o.mu.Lock()
	old := o.password
	o.mu.Unlock()
	got, err := k.central.ChangePassword(ctx, old, password)
	if err != nil {
		return lineFault("password", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.first, o.password = got, ""
	return nil
}

func (o *officers) NewPIN(ctx context.Context, pin string) (app.Officer, error) {
	k, ok := o.s.known()
	if !ok {
		return app.Officer{}, errNotEnrolled
	}
	o.mu.Lock()
	first := o.first
	o.mu.Unlock()
	who := vault.Officer{ID: first.Officer, Name: first.Name, Role: first.Role}
	session, err := o.s.vault.Enrol(ctx, who, pin, k.central.CertifyOfficer)
	switch {
	case errors.Is(err, vault.ErrWeakPIN):
		return app.Officer{}, &app.Fault{Code: "pin-weak", Tone: app.Attention, Err: err}
	case err != nil:
		return app.Officer{}, lineFault("pin", err)
	}
	o.take(session)
	return app.Officer{OfficerChoice: choiceOf(session.Officer()), Key: session}, nil
}
