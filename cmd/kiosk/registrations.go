package main

import (
	"context"
	"errors"

	"loket/app/activation"
	"loket/scanner/token"
	"loket/sync/client"
	"loket/sync/wire"
)

// registrations is app.Registrations: what an officer typed, found by central.
// There is no way to it without a line: nothing here knows a code.
type registrations struct{ s *station }

func (r *registrations) Find(ctx context.Context, code, nik string) (activation.Code, error) {
	k, ok := r.s.known()
	if !ok || k.officer == nil {
		return activation.Code{}, errNotEnrolled
	}
	ctx, cancel := context.WithTimeout(ctx, centralWait)
	defer cancel()
	var found wire.LookupResponse
	err := r.s.inSession(ctx, k, func() (err error) {
		found, err = k.central.Lookup(ctx, code, nik)
		return err
	})
	if err != nil {
		return activation.Code{}, lineFault("lookup", err)
	}
	// What central has just said is fresh whatever the PC's clock says.
	return activation.Code{Kind: activation.KindTyped, Valid: true, Fresh: true, Typed: code,
		Registration: found.Registration, NIK: nik, Email: found.Email, Number: found.Number,
		Checks: []activation.Check{{Name: token.CheckFormat, OK: true}, {Name: "registration", OK: true}, {Name: token.CheckValidity, OK: true},
			{Name: activation.KindTyped, OK: true, Reason: string(token.ReasonNoProof)}}}, nil
}

// inSession asks central in the officer's session, and once more after logging
// in by key where there is none: offline at log-in, or it has ended.
func (s *station) inSession(ctx context.Context, k known, ask func() error) error {
	err := ask()
	if !errors.Is(err, client.ErrNoSession) {
		return err
	}
	if err := s.signIn(ctx, k.central, k.officer); err != nil {
		return err
	}
	return ask()
}
