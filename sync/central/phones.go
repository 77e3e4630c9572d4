package central

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"loket/scanner/token"
	"loket/sync/wire"
)

// signed opens a phone's request and gives the registration whose key made it.
// An unknown registration and a foreign key answer alike.
func (h *Home) signed(ctx context.Context, purpose wire.Purpose, req wire.Request, body wire.Asking, subject func() string) (registration, error) {
	key, _, err := parseKey(req.Key)
	if err != nil {
		return registration{}, fault(wire.CodeBadRequest)
	}
	if err := wire.OpenRequest(purpose, req, body, token.Keys(key)); err != nil {
		return registration{}, fault(wire.CodeSignature)
	}
	r, err := h.registration(ctx, h.store.db, subject())
	if errors.Is(err, errNoRegistration) || (err == nil && !bytes.Equal(spki(r.Key), spki(key))) {
		return registration{}, fault(wire.CodeSignature)
	}
	return r, err
}

// signedRegistration opens a registration: signed by the key that it names.
func (h *Home) signedRegistration(ctx context.Context, req wire.Request) (wire.RegistrationResponse, error) {
	var r wire.Registration
	key, _, err := parseKey(req.Key)
	if err != nil {
		return wire.RegistrationResponse{}, fault(wire.CodeBadRequest)
	}
	if err := wire.OpenRequest(wire.PurposeRegistration, req, &r, token.Keys(key)); err != nil || !bytes.Equal(r.Key, req.Key) {
		return wire.RegistrationResponse{}, fault(wire.CodeSignature)
	}
	return h.register(ctx, r, key)
}

// activate takes the code from the mail. A wrong answer or code counts even
// though it is refused, so refusals are committed.
func (h *Home) activate(ctx context.Context, req wire.Request) (wire.StateResponse, error) {
	var a wire.Activation
	r, err := h.signed(ctx, wire.PurposeActivation, req, &a, func() string { return a.Subject })
	if err != nil {
		return wire.StateResponse{}, err
	}
	err = h.store.verdict(ctx, func(tx *sql.Tx) error {
		if err := h.fresh(ctx, tx, a.Ask); err != nil {
			return err
		}
		ok, err := h.takeCaptcha(ctx, tx, a.Captcha, a.Answer)
		if err != nil {
			return err
		} else if !ok {
			return fault(wire.CodeCaptcha)
		}
		if _, err := h.takeCode(ctx, tx, r.ID, strings.Join(strings.Fields(a.Code), "")); err != nil {
			return err
		}
		return h.setProgress(ctx, tx, r.ID, wire.ProgressCoded, "")
	})
	if err != nil {
		return wire.StateResponse{}, err
	}
	return h.stateOf(ctx, r.ID)
}

// choosePIN ends the activation: from here on the IKD is active.
func (h *Home) choosePIN(ctx context.Context, req wire.Request) (wire.StateResponse, error) {
	var p wire.PIN
	r, err := h.signed(ctx, wire.PurposePIN, req, &p, func() string { return p.Subject })
	if err != nil {
		return wire.StateResponse{}, err
	}
	if r.State != wire.ProgressCoded {
		// Before the record is looked at: whoever registers a NIK must not learn
		// its date of birth by trying PINs.
		return wire.StateResponse{}, fault(wire.CodeNotNow)
	}
	rec, found, err := h.record(ctx, h.store.db, r.NIK)
	if err != nil {
		return wire.StateResponse{}, err
	}
	if weakPIN(p.PIN, rec.Born) {
		return wire.StateResponse{}, fault(wire.CodeWeakPIN)
	}
	hash := hashSecret(p.PIN)
	err = h.store.verdict(ctx, func(tx *sql.Tx) error {
		if err := h.fresh(ctx, tx, p.Ask); err != nil {
			return err
		}
		now := millis(h.now())
		ok, err := one(tx.ExecContext(ctx, "UPDATE registrations SET pin = $1, state = $2, state_at = $3, activated_at = $3 WHERE id = $4 AND state = $5",
			hash, string(wire.ProgressActive), now, r.ID, string(wire.ProgressCoded)))
		if err != nil {
			return err
		}
		if !ok || !found {
			return fault(wire.CodeNotNow)
		}
		ok, err = one(tx.ExecContext(ctx, "UPDATE records SET ikd = $1, ikd_registration = $2, changed = "+changedNow+" WHERE nik = $3 AND ikd = $4",
			string(wire.IKDActive), r.ID, r.NIK, string(wire.IKDNone)))
		if err != nil {
			return err
		} else if !ok {
			return fmt.Errorf("record of registration %s is not free for an IKD", r.ID)
		}
		var ref packetRef
		err = tx.QueryRowContext(ctx, "SELECT device, packet FROM codes WHERE registration = $1 AND state = $2 ORDER BY created DESC LIMIT 1", r.ID, codeUsed).
			Scan(&ref.Device, &ref.Packet)
		if err != nil {
			return err
		}
		return h.packetState(ctx, tx, ref, wire.StateActivated, "", "")
	})
	if err != nil {
		return wire.StateResponse{}, err
	}
	return h.stateOf(ctx, r.ID)
}

// weakPIN says that a PIN is not six digits, all alike, a run up or down, two
// or three digits repeated, or the date of birth.
func weakPIN(pin, born string) bool {
	if len(pin) != 6 || strings.Trim(pin, "0123456789") != "" {
		return true
	}
	up, down := true, true
	for i := 1; i < 6; i++ {
		up = up && pin[i] == pin[i-1]+1
		down = down && pin[i] == pin[i-1]-1
	}
	if up || down || pin[:3] == pin[3:] || pin[:2] == pin[2:4] && pin[2:4] == pin[4:] {
		return true
	}
	if len(born) != len("2006-01-02") {
		return false
	}
	y, m, d := born[2:4], born[5:7], born[8:10]
	return pin == d+m+y || pin == y+m+d || pin == m+d+y || pin == d+m+born[:2] || pin == born[:4]+m
}

// card is the active IKD, for the phone whose it is.
func (h *Home) card(ctx context.Context, req wire.Request) (wire.CardResponse, error) {
	r, err := h.asked(ctx, wire.PurposeCard, req)
	if err != nil {
		return wire.CardResponse{}, err
	}
	rec, found, err := h.record(ctx, h.store.db, r.NIK)
	if err != nil {
		return wire.CardResponse{}, err
	}
	if !found || r.State != wire.ProgressActive || rec.IKD != wire.IKDActive {
		return wire.CardResponse{}, fault(wire.CodeNotNow)
	}
	return wire.CardResponse{Registration: r.ID, NIK: rec.NIK, Name: rec.Name, BirthPlace: rec.BirthPlace, Born: rec.Born, Sex: rec.Sex,
		Address: rec.Address, Kelurahan: rec.Kelurahan, Kecamatan: rec.Kecamatan, Photo: rec.Photo, Activated: r.Activated}, nil
}

// progress is where a registration stands.
func (h *Home) progress(ctx context.Context, req wire.Request) (wire.StateResponse, error) {
	r, err := h.asked(ctx, wire.PurposeState, req)
	if err != nil {
		return wire.StateResponse{}, err
	}
	return r.state(), nil
}

// asked opens a request that only asks.
func (h *Home) asked(ctx context.Context, purpose wire.Purpose, req wire.Request) (registration, error) {
	var a wire.Ask
	r, err := h.signed(ctx, purpose, req, &a, func() string { return a.Subject })
	if err != nil {
		return registration{}, err
	}
	return r, h.store.tx(ctx, func(tx *sql.Tx) error { return h.fresh(ctx, tx, a) })
}

func (h *Home) stateOf(ctx context.Context, id string) (wire.StateResponse, error) {
	r, err := h.registration(ctx, h.store.db, id)
	if err != nil {
		return wire.StateResponse{}, err
	}
	return r.state(), nil
}
