package central

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

const (
	sessionLife        = 12 * time.Hour // a working day and its queue
	officerCertificate = 7 * 24 * time.Hour
	maxTries           = 5
	pause              = 30 * time.Minute
	minPassword        = 10
)

// Officer is somebody who serves, or administers.
type Officer struct {
	ID     string // letters, digits, ".", "-": an officer's NIP serves
	Name   string
	Role   string // wire.RoleOfficer, …
	Office string // code of the kabupaten/kota; "" for administrators
}

var officerID = regexp.MustCompile(`^[0-9A-Za-z.-]{2,40}$`)

// AddOfficer adds an officer and gives the first password, which is shown once
// and must be changed at the first log-in.
func (h *Home) AddOfficer(ctx context.Context, o Officer) (password string, err error) {
	switch {
	case !officerID.MatchString(o.ID):
		return "", fmt.Errorf("add officer: id %q: want 2 to 40 letters, digits, dots or hyphens", o.ID)
	case o.Name == "":
		return "", errors.New("add officer: the name is missing")
	case o.Role != wire.RoleOfficer && o.Role != wire.RoleSupervisor && o.Role != wire.RoleAdministrator:
		return "", fmt.Errorf("add officer: role %q: want officer, supervisor or administrator", o.Role)
	case o.Office == "" && o.Role != wire.RoleAdministrator:
		return "", errors.New("add officer: the office is missing")
	}
	password = newPassword()
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		ok, err := one(tx.ExecContext(ctx, `INSERT INTO officers (id, name, role, office, password, must_change, created)
			VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (id) DO NOTHING`,
			o.ID, o.Name, o.Role, o.Office, hashSecret(password), millis(h.now())))
		if err == nil && !ok {
			return errors.New("this id is taken")
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("add officer %s: %w", o.ID, err)
	}
	return password, nil
}

// session is who speaks: an officer at a device.
type session struct {
	Officer
	Device     string
	MustChange bool
	Expires    time.Time
}

// logIn checks a password. Unknown officers cost as much time as known ones.
func (h *Home) logIn(ctx context.Context, device, officer, password string) (wire.SessionResponse, error) {
	var encoded string
	var paused int64
	err := h.store.db.QueryRowContext(ctx, "SELECT password, paused_until FROM officers WHERE id = $1 AND closed_at = 0", officer).Scan(&encoded, &paused)
	if errors.Is(err, sql.ErrNoRows) {
		hashSecret(password)
		return wire.SessionResponse{}, fault(wire.CodePassword)
	} else if err != nil {
		return wire.SessionResponse{}, fmt.Errorf("log in: %w", err)
	}
	now := h.now()
	if now.Before(fromMillis(paused)) {
		return wire.SessionResponse{}, fault(wire.CodePaused)
	}
	if !secretMatches(encoded, password) {
		return wire.SessionResponse{}, h.wrongPassword(ctx, officer, now)
	}
	return h.newSession(ctx, device, officer, true)
}

// wrongPassword counts, and pauses after the fifth.
func (h *Home) wrongPassword(ctx context.Context, officer string, now time.Time) error {
	err := h.store.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE officers SET
			paused_until = CASE WHEN tries + 1 >= $1 THEN $2 ELSE paused_until END,
			tries = CASE WHEN tries + 1 >= $1 THEN 0 ELSE tries + 1 END WHERE id = $3`, maxTries, millis(now.Add(pause)), officer)
		return err
	})
	if err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	return fault(wire.CodePassword)
}

// newSession opens a session; the token is kept as its hash only. byPassword
// says that the first password still has to be changed where it was not.
func (h *Home) newSession(ctx context.Context, device, officer string, byPassword bool) (wire.SessionResponse, error) {
	secret := make([]byte, 32)
	rand.Read(secret)
	hash := sha256.Sum256(secret)
	now := h.now()
	s := wire.SessionResponse{Token: base64.RawURLEncoding.EncodeToString(secret), Officer: officer, Expires: now.Add(sessionLife).UTC()}
	err := h.store.tx(ctx, func(tx *sql.Tx) error {
		var mustChange bool
		err := tx.QueryRowContext(ctx, "SELECT name, role, office, must_change FROM officers WHERE id = $1 AND closed_at = 0", officer).
			Scan(&s.Name, &s.Role, &s.Office, &mustChange)
		if errors.Is(err, sql.ErrNoRows) {
			return fault(wire.CodePassword)
		} else if err != nil {
			return err
		}
		s.MustChange = byPassword && mustChange
		if _, err := tx.ExecContext(ctx, "UPDATE officers SET tries = 0 WHERE id = $1", officer); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE expires < $1", millis(now)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO sessions (hash, officer, device, must_change, created, expires) VALUES ($1, $2, $3, $4, $5, $6)",
			hash[:], officer, device, s.MustChange, millis(now), millis(s.Expires))
		return err
	})
	return s, err
}

// session finds the session of a token at the device that opened it.
func (h *Home) session(ctx context.Context, device, bearer string) (session, error) {
	secret, err := base64.RawURLEncoding.DecodeString(bearer)
	if err != nil || len(secret) != 32 {
		return session{}, fault(wire.CodeSession)
	}
	hash := sha256.Sum256(secret)
	s := session{Device: device}
	var expires int64
	err = h.store.db.QueryRowContext(ctx, `SELECT o.id, o.name, o.role, o.office, s.must_change, s.expires
		FROM sessions s JOIN officers o ON o.id = s.officer
		WHERE s.hash = $1 AND s.device = $2 AND s.expires > $3 AND o.closed_at = 0`, hash[:], device, millis(h.now())).
		Scan(&s.ID, &s.Name, &s.Role, &s.Office, &s.MustChange, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return session{}, fault(wire.CodeSession)
	}
	s.Expires = fromMillis(expires)
	return s, err
}

// changePassword ends the officer's other sessions and opens a full one.
func (h *Home) changePassword(ctx context.Context, s session, old, fresh string) (wire.SessionResponse, error) {
	if len(fresh) < minPassword || fresh == old {
		return wire.SessionResponse{}, fault(wire.CodeWeakPassword)
	}
	if _, err := h.logIn(ctx, s.Device, s.ID, old); err != nil {
		return wire.SessionResponse{}, err
	}
	err := h.store.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE officers SET password = $1, must_change = 0 WHERE id = $2", hashSecret(fresh), s.ID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE officer = $1", s.ID)
		return err
	})
	if err != nil {
		return wire.SessionResponse{}, fmt.Errorf("change password: %w", err)
	}
	return h.newSession(ctx, s.Device, s.ID, true)
}

// certifyOfficer signs the officer's key for this one device.
func (h *Home) certifyOfficer(ctx context.Context, s session, key crypto.PublicKey) (wire.CertificateResponse, error) {
	kid, err := token.KeyID(key)
	if err != nil {
		return wire.CertificateResponse{}, fault(wire.CodeBadRequest)
	}
	now := h.now().UTC().Truncate(time.Second)
	c := token.Certificate{Kind: token.KindOfficer, Subject: s.ID, Name: s.Name, Office: s.Office, Role: s.Role, Device: s.Device,
		Key: key, NotBefore: now.Add(-early), NotAfter: now.Add(officerCertificate)}
	msg, err := token.IssueCertificate(c, h.keys.device)
	if err != nil {
		return wire.CertificateResponse{}, fault(wire.CodeBadRequest)
	}
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO officer_certificates (kid, device, officer, spki, certificate, not_before, not_after)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, kid, s.Device, s.ID, spki(key), msg, millis(c.NotBefore), millis(c.NotAfter))
		return err
	})
	if err != nil {
		return wire.CertificateResponse{}, fmt.Errorf("certify officer: %w", err)
	}
	return wire.CertificateResponse{Certificate: msg, NotAfter: c.NotAfter}, nil
}

// officerKeys finds the certified keys of an officer at a device.
func (h *Home) officerKeys(ctx context.Context, device, officer string) (token.Lookup, error) {
	rows, err := h.store.db.QueryContext(ctx, "SELECT spki FROM officer_certificates WHERE device = $1 AND officer = $2 AND not_after > $3",
		device, officer, millis(h.now()))
	if err != nil {
		return nil, fmt.Errorf("officer's keys: %w", err)
	}
	defer rows.Close()
	keys := map[string]crypto.PublicKey{}
	for rows.Next() {
		var der []byte
		if err := rows.Scan(&der); err != nil {
			return nil, fmt.Errorf("officer's keys: %w", err)
		}
		key, kid, err := parseKey(der)
		if err != nil {
			return nil, err
		}
		keys[string(kid)] = key
	}
	return func(kid []byte) (crypto.PublicKey, error) {
		if key, ok := keys[string(kid)]; ok {
			return key, nil
		}
		return nil, token.ErrUnknownKey
	}, rows.Err()
}
