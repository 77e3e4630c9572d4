package central

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"time"

	"loket/app/activation"
	"loket/scanner/token"
	"loket/sync/wire"
)

// A device that typed lookupMisses codes which were none, or not of that NIK,
// within lookupPause waits until they are that old. Who knows a NIK so has 6,720
// tries in the seven days that a code lasts: a chance of one in 15,000.
const (
	lookupMisses = 10
	lookupPause  = 15 * time.Minute
)

// What is written to the access log.
const (
	accessRecord = "record"
	accessLookup = "lookup"
)

// drawCode gives a registration code that no registration of this NIK has.
func drawCode(ctx context.Context, tx queryer, nik string) (string, error) {
	for {
		n, err := rand.Int(rand.Reader, big.NewInt(activation.RegistrationPayloads))
		if err != nil {
			return "", fmt.Errorf("draw code: %w", err)
		}
		code := activation.RegistrationCode(int(n.Int64()))
		var taken int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM registrations WHERE code = $1 AND nik = $2", code, nik).Scan(&taken); err != nil {
			return "", fmt.Errorf("draw code: %w", err)
		}
		if taken == 0 {
			return code, nil
		}
	}
}

// typed finds the registration of a code and a NIK that an officer typed, as
// long as its credential lasts. A wrong code, another's NIK and a registration
// that has ended answer alike, and all of them are counted and written down.
func (h *Home) typed(ctx context.Context, s session, code, nik string) (registration, error) {
	code, err := activation.ParseRegistrationCode(code)
	if err != nil || !nikDigits.MatchString(nik) { // the counter named the slip already
		return registration{}, fault(wire.CodeBadRequest)
	}
	var r registration
	return r, h.store.verdict(ctx, func(tx *sql.Tx) error {
		var misses int
		err := tx.QueryRowContext(ctx, "SELECT count(*) FROM access WHERE device = $1 AND what = $2 AND found = 0 AND at > $3",
			s.Device, accessLookup, millis(h.now().Add(-lookupPause))).Scan(&misses)
		if err != nil {
			return fmt.Errorf("look up: %w", err)
		}
		if misses >= lookupMisses {
			return fault(wire.CodeLookupPaused)
		}
		var id string
		err = tx.QueryRowContext(ctx, "SELECT id FROM registrations WHERE code = $1 AND nik = $2 AND expires > $3", code, nik, millis(h.now())).Scan(&id)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look up: %w", err)
		}
		if err := h.auditIn(ctx, tx, s, accessLookup, id, id != ""); err != nil {
			return err
		}
		if id == "" {
			return fault(wire.CodeNoRegistration)
		}
		r, err = h.registration(ctx, tx, id)
		return err
	})
}

// lookup answers what the presentation would have said.
func (h *Home) lookup(ctx context.Context, s session, ask wire.LookupRequest) (wire.LookupResponse, error) {
	r, err := h.typed(ctx, s, ask.Code, ask.NIK)
	if err != nil {
		return wire.LookupResponse{}, err
	}
	return wire.LookupResponse{Registration: r.ID, Email: r.Email, Number: r.Number, Expires: r.Expires}, nil
}

// typedIn says what a decision lacks whose registration was typed instead of
// scanned; "" for nothing. The counter must have looked it up here, and the
// decision must say what the phone said.
func (h *Home) typedIn(ctx context.Context, tx queryer, in inside) (registration, string, error) {
	d := in.Decision
	r, err := h.registration(ctx, tx, d.Registration)
	if errors.Is(err, errNoRegistration) {
		return r, string(activation.CodeInvalid), nil
	} else if err != nil {
		return r, "", err
	}
	var lookups int
	err = tx.QueryRowContext(ctx, "SELECT count(*) FROM access WHERE device = $1 AND what = $2 AND subject = $3 AND found = 1",
		in.ref.Device, accessLookup, r.ID).Scan(&lookups)
	if err != nil {
		return r, "", fmt.Errorf("lookups: %w", err)
	}
	begun := r.Expires.Add(-token.CredentialLife)
	if lookups == 0 || r.Code == "" || r.Code != d.Typed || r.NIK != d.NIK || r.Email != d.Email || r.Number != d.Number ||
		!d.Unsure && (d.At.Before(begun.Add(-wire.RequestLeeway)) || d.At.After(r.Expires.Add(maxDraft))) {
		return r, string(activation.CodeInvalid), nil
	}
	return r, "", nil
}
