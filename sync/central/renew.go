package central

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

// renewDevice certifies a device anew because its own key asks: also after its
// certificate has expired, and for another key where it proves to have that one.
// A revoked device gets none.
func (s *Server) renewDevice(ctx context.Context, in wire.RenewRequest) (wire.DeviceResponse, error) {
	var out wire.DeviceResponse
	err := s.store.tx(ctx, func(tx *sql.Tx) error {
		d, r, fresh, err := s.openRenewal(ctx, tx, in.Message)
		if err != nil {
			return err
		}
		if d.Revoked {
			return fault(wire.CodeRevoked)
		}
		if err := s.fresh(ctx, tx, r.Ask); err != nil {
			return err
		}
		if fresh == nil {
			fresh = d.Key
		}
		out, err = s.recertify(ctx, tx, d, fresh)
		return err
	})
	if err != nil {
		return wire.DeviceResponse{}, fmt.Errorf("renew device: %w", err)
	}
	return out, s.completeEnrolment(ctx, &out)
}

// openRenewal finds whose renewal it is by the key that signed it: the present
// one of a device, or one that it had (an answer with a new key was lost).
func (h *Home) openRenewal(ctx context.Context, tx queryer, msg []byte) (device, wire.Renewal, crypto.PublicKey, error) {
	var signer string
	lookup := func(kid []byte) (crypto.PublicKey, error) {
		var der []byte
		err := tx.QueryRowContext(ctx, "SELECT id, spki FROM devices WHERE kid = $1 UNION ALL SELECT device, spki FROM device_keys WHERE kid = $1 LIMIT 1", kid).Scan(&signer, &der)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, token.ErrUnknownKey
		} else if err != nil {
			return nil, err
		}
		key, _, err := parseKey(der)
		return key, err
	}
	r, fresh, err := wire.OpenRenewal(msg, lookup)
	if err != nil || r.Subject != signer {
		return device{}, r, nil, fault(wire.CodeSignature)
	}
	if _, ok := fresh.(ed25519.PublicKey); fresh != nil && !ok {
		return device{}, r, nil, fault(wire.CodeBadRequest)
	}
	d, err := h.device(ctx, tx, signer)
	return d, r, fresh, err
}

// recertify writes new certificates of a device for this key; the one before
// goes among those that it had.
func (h *Home) recertify(ctx context.Context, tx queryer, d device, key crypto.PublicKey) (wire.DeviceResponse, error) {
	now := h.now().UTC().Truncate(time.Second)
	out := wire.DeviceResponse{Device: d.ID, Office: d.Office, Counter: d.Counter, Roots: [][]byte{h.chain.root.Raw}, RootKey: spki(h.RootKey()),
		Now: now, NotAfter: now.Add(deviceLife)}
	var err error
	if out.TLS, err = h.deviceTLS(d.ID, key, now); err != nil {
		return out, err
	}
	out.Certificate, err = token.IssueCertificate(token.Certificate{Kind: token.KindDevice, Subject: d.ID, Name: d.Counter, Office: d.Office,
		Key: key, NotBefore: now.Add(-early), NotAfter: out.NotAfter}, h.keys.device)
	if err != nil {
		return out, err
	}
	kid, err := token.KeyID(key)
	if err != nil {
		return out, err
	}
	if !samePublic(key, d.Key) {
		if err := retireKey(ctx, tx, d.ID, kid, millis(now)); err != nil {
			return out, err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE devices SET spki = $1, kid = $2, certificate = $3, not_after = $4 WHERE id = $5",
		spki(key), kid, out.Certificate, millis(out.NotAfter), d.ID)
	if err != nil {
		return out, fmt.Errorf("certify device: %w", err)
	}
	return out, nil
}

// retireKey keeps the present key of a device before another takes its place.
// A key that was retired, or is another device's, never comes back.
func retireKey(ctx context.Context, tx queryer, id string, fresh []byte, now int64) error {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM device_keys WHERE kid = $1) + (SELECT count(*) FROM devices WHERE kid = $1)", fresh).Scan(&n)
	if err != nil {
		return fmt.Errorf("device's keys: %w", err)
	}
	if n > 0 {
		return fault(wire.CodeSignature)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO device_keys (device, kid, spki, retired, revoked) SELECT id, kid, spki, $1, revoked_at FROM devices WHERE id = $2", now, id)
	if err != nil {
		return fmt.Errorf("device's keys: %w", err)
	}
	return nil
}

// enrolAgain makes a PC that was a counter before the same counter again, with
// a new device code and a new key: its id stays, so that what it still holds
// arrives and is answered. before is a renewal by the old key. A revoked device
// comes back so; what it signed before stays under its revocation.
func (h *Home) enrolAgain(ctx context.Context, tx queryer, before []byte, as wire.DeviceResponse, key crypto.PublicKey) (wire.DeviceResponse, error) {
	d, r, _, err := h.openRenewal(ctx, tx, before)
	if err != nil {
		return as, err
	}
	if err := h.fresh(ctx, tx, r.Ask); err != nil {
		return as, err
	}
	if d.Office != as.Office || samePublic(d.Key, key) {
		return as, fault(wire.CodeForbidden)
	}
	d.Counter = as.Counter
	out, err := h.recertify(ctx, tx, d, key)
	if err != nil {
		return as, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE devices SET counter = $1, revoked_at = 0 WHERE id = $2", d.Counter, d.ID); err != nil {
		return as, fmt.Errorf("enrol again: %w", err)
	}
	return out, nil
}

// maker is the device that made a packet, with the key that signed it: the
// present one or one that it had. Revoked says that the packet comes from a
// revoked device, above the last head that central holds of it: up to there it
// was the counter's, above it may be a thief's.
func (h *Home) maker(ctx context.Context, q queryer, d device, p wire.Packet) (device, error) {
	if d.Key == nil {
		return d, nil // unknown
	}
	if !p.SignedBy(d.Key) {
		if err := h.formerKey(ctx, q, &d, p); err != nil {
			return d, err
		}
	}
	if !d.Revoked {
		return d, nil
	}
	var packets int64
	err := q.QueryRowContext(ctx, "SELECT coalesce(max(packets), 0) FROM heads WHERE device = $1 AND epoch = $2", d.ID, int64(p.Header.Position.Epoch)).Scan(&packets)
	if err != nil {
		return d, fmt.Errorf("last head: %w", err)
	}
	d.Revoked = p.Header.Position.Seq > uint64(packets)
	return d, nil
}

// formerKey puts the key in d that the packet names, where the device had it.
func (h *Home) formerKey(ctx context.Context, q queryer, d *device, p wire.Packet) error {
	rows, err := q.QueryContext(ctx, "SELECT spki, revoked FROM device_keys WHERE device = $1", d.ID)
	if err != nil {
		return fmt.Errorf("device's keys: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var der []byte
		var revoked int64
		if err := rows.Scan(&der, &revoked); err != nil {
			return fmt.Errorf("device's keys: %w", err)
		}
		key, _, err := parseKey(der)
		if err != nil {
			return err
		}
		if p.SignedBy(key) {
			d.Key, d.Revoked = key, d.Revoked || revoked != 0
			return nil
		}
	}
	return rows.Err()
}

func samePublic(a, b crypto.PublicKey) bool { return bytes.Equal(spki(a), spki(b)) }
