package central

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"loket/sync/wire"
)

const (
	codeDigits = 8
	codeLife   = 24 * time.Hour
	codeTries  = 5
)

// States of a code.
const (
	codeOpen    = "open"
	codeUsed    = "used"
	codeVoid    = "void" // replaced or cancelled
	codeExpired = "expired"
	codeSpent   = "spent" // five wrong tries
)

// packetRef names the packet that something follows from.
type packetRef struct{ Device, Packet string }

// newCode draws a code for a registration, voids every older one, and puts its
// mail into the outbox: all in the caller's transaction. Only a keyed hash of
// the code stays; the mail's copy is encrypted until it has left.
func (h *Home) newCode(ctx context.Context, tx queryer, ref packetRef, registration string) error {
	if err := h.voidCodes(ctx, tx, registration); err != nil {
		return err
	}
	code := make([]byte, codeDigits)
	for i := range code {
		code[i] = '0' + byte(draw(10))
	}
	raw := make([]byte, 12)
	rand.Read(raw)
	id := hex.EncodeToString(raw)
	now := h.now()
	_, err := tx.ExecContext(ctx, "INSERT INTO codes (id, registration, device, packet, hash, created, expires, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		id, registration, ref.Device, ref.Packet, h.keys.mac("code", registration, id, string(code)), millis(now), millis(now.Add(codeLife)), codeOpen)
	if err != nil {
		return fmt.Errorf("new code: %w", err)
	}
	return h.queueMail(ctx, tx, ref, registration, id, string(code))
}

// voidCodes ends every open code of a registration, and mails that have not left.
func (h *Home) voidCodes(ctx context.Context, tx queryer, registration string) error {
	if _, err := tx.ExecContext(ctx, "UPDATE codes SET state = $1 WHERE registration = $2 AND state = $3", codeVoid, registration, codeOpen); err != nil {
		return fmt.Errorf("void codes: %w", err)
	}
	_, err := tx.ExecContext(ctx, "UPDATE mail SET state = $1, sealed = NULL WHERE registration = $2 AND kind = $3 AND state = $4",
		mailVoid, registration, mailOfCode, mailQueued)
	return err
}

// takeCode tries a code. It is the right one only for this registration, whose
// phone signed the request.
func (h *Home) takeCode(ctx context.Context, tx queryer, registration, code string) (packetRef, error) {
	var id string
	var hash []byte
	var ref packetRef
	err := tx.QueryRowContext(ctx, "SELECT id, hash, device, packet FROM codes WHERE registration = $1 AND state = $2 AND expires > $3",
		registration, codeOpen, millis(h.now())).Scan(&id, &hash, &ref.Device, &ref.Packet)
	if errors.Is(err, sql.ErrNoRows) {
		return ref, fault(wire.CodeActivationEnded)
	} else if err != nil {
		return ref, fmt.Errorf("take code: %w", err)
	}
	if hmac.Equal(hash, h.keys.mac("code", registration, id, code)) {
		_, err := tx.ExecContext(ctx, "UPDATE codes SET state = $1 WHERE id = $2", codeUsed, id)
		return ref, err
	}
	var tries int
	err = tx.QueryRowContext(ctx, "UPDATE codes SET tries = tries + 1 WHERE id = $1 RETURNING tries", id).Scan(&tries)
	if err != nil {
		return ref, fmt.Errorf("take code: %w", err)
	}
	if tries < codeTries {
		return ref, fault(wire.CodeActivation)
	}
	if err := h.endCode(ctx, tx, ref, id, registration, codeSpent); err != nil {
		return ref, err
	}
	return ref, fault(wire.CodeActivationEnded)
}

// endCode closes a code that nobody used, and tells the counter.
func (h *Home) endCode(ctx context.Context, tx queryer, ref packetRef, id, registration, state string) error {
	if _, err := tx.ExecContext(ctx, "UPDATE codes SET state = $1 WHERE id = $2", state, id); err != nil {
		return fmt.Errorf("end code: %w", err)
	}
	if err := h.setProgress(ctx, tx, registration, wire.ProgressExpired, ""); err != nil {
		return err
	}
	return h.packetState(ctx, tx, ref, wire.StateExpired, "", "Warga dapat meminta kode baru di loket.")
}

// expireCodes ends the codes whose time is over and says how many.
func (h *Home) expireCodes(ctx context.Context) (n int, err error) {
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		for n = 0; ; n++ {
			var id, registration string
			var ref packetRef
			err := tx.QueryRowContext(ctx, "SELECT id, registration, device, packet FROM codes WHERE state = $1 AND expires <= $2 ORDER BY expires LIMIT 1",
				codeOpen, millis(h.now())).Scan(&id, &registration, &ref.Device, &ref.Packet)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			} else if err != nil {
				return fmt.Errorf("expire codes: %w", err)
			}
			if err := h.endCode(ctx, tx, ref, id, registration, codeExpired); err != nil {
				return err
			}
		}
	})
	return n, err
}

// packetState moves a packet on and tells its device.
func (h *Home) packetState(ctx context.Context, tx queryer, ref packetRef, state wire.State, reason, nextStep string) error {
	now := millis(h.now())
	_, err := tx.ExecContext(ctx, "UPDATE packets SET state = $1, state_at = $2, reason = $3, next = $4 WHERE device = $5 AND id = $6",
		string(state), now, reason, nextStep, ref.Device, ref.Packet)
	if err != nil {
		return fmt.Errorf("packet's state: %w", err)
	}
	cursor, err := next(ctx, tx, "event")
	if err != nil {
		return fmt.Errorf("event: %w", err)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO events (cursor, device, packet, state, at, reason, next) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		cursor, ref.Device, ref.Packet, string(state), now, reason, nextStep)
	return err
}
