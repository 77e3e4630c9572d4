package central

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"loket/sync/wire"
)

// States of a mail in the outbox.
const (
	mailQueued  = "queued"
	mailSending = "sending" // leased until next_at
	mailSent    = "sent"
	mailBounced = "bounced"
	mailVoid    = "void"
)

// What a mail says.
const (
	mailOfCode   = "code"
	mailOfCancel = "cancelled"
)

// mailLease is how long one process has to hand over one mail before another
// one tries, for it may have died; the Message-ID stays, so a mail server sees
// that it is the same. mailMost ends every try before the lease does.
const (
	mailLease = 30 * time.Second
	mailMost  = 25 * time.Second
)

// Letter is one mail to a citizen.
type Letter struct {
	To, Sender, Subject, Text string
	MessageID                 string // without angle brackets
	At                        time.Time
}

// Mailer hands letters to a mail server. ErrBounced says that this address
// will never take it; every other error is tried again.
type Mailer interface {
	Send(ctx context.Context, l Letter) error
}

// ErrBounced is a mail that the citizen's address refused for good.
var ErrBounced = errors.New("address refused the mail")

// mailCipher encrypts what waits in the outbox. Its nonce is random and stands
// before the text.
func (h *Home) mailCipher() cipher.AEAD {
	block, err := aes.NewCipher(h.keys.mac("mail"))
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size that GCM wants
	}
	return aead
}

// queueMail puts the mail of a code into the outbox.
func (h *Home) queueMail(ctx context.Context, tx queryer, ref packetRef, registration, codeID, code string) error {
	raw := make([]byte, 12)
	rand.Read(raw)
	id := hex.EncodeToString(raw)
	sealed := h.mailCipher().Seal(nil, nil, []byte(code), []byte(id))
	now := millis(h.now())
	_, err := tx.ExecContext(ctx, `INSERT INTO mail (id, registration, code, device, packet, kind, sealed, message_id, state, created, next_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`, id, registration, codeID, ref.Device, ref.Packet, mailOfCode, sealed, id+"@loket-ikd", mailQueued, now)
	if err != nil {
		return fmt.Errorf("queue mail: %w", err)
	}
	return nil
}

// queueCancelMail tells the citizen that an approval was taken back, once, where
// its code has left or may have. A mail that waits is voided instead.
func (h *Home) queueCancelMail(ctx context.Context, tx queryer, approval packetRef) error {
	raw := make([]byte, 12)
	rand.Read(raw)
	id := hex.EncodeToString(raw)
	_, err := tx.ExecContext(ctx, `INSERT INTO mail (id, registration, code, device, packet, kind, message_id, state, created, next_at)
		SELECT $1, registration, code, device, packet, $2, $3, $4, $5, $5 FROM mail
		WHERE device = $6 AND packet = $7 AND kind = $8 AND state IN ($9, $10)
			AND NOT EXISTS (SELECT 1 FROM mail WHERE device = $6 AND packet = $7 AND kind = $2) LIMIT 1`,
		id, mailOfCancel, id+"@loket-ikd", mailQueued, millis(h.now()), approval.Device, approval.Packet, mailOfCode, mailSending, mailSent)
	if err != nil {
		return fmt.Errorf("queue mail: %w", err)
	}
	return nil
}

// waiting is a mail that this process has leased.
type waiting struct {
	id, registration, code, kind, messageID string
	ref                                     packetRef
	sealed                                  []byte
	tries                                   int
	created                                 time.Time
}

// lease takes the next mail that is due; ok is false where there is none.
func (h *Home) lease(ctx context.Context) (w waiting, ok bool, err error) {
	now := h.now()
	var created int64
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `UPDATE mail SET state = $1, next_at = $2, tries = tries + 1 WHERE id =
			(SELECT id FROM mail WHERE state IN ($3, $1) AND next_at <= $4 ORDER BY next_at LIMIT 1)
			RETURNING id, registration, code, kind, device, packet, sealed, message_id, tries, created`,
			mailSending, millis(now.Add(mailLease)), mailQueued, millis(now)).
			Scan(&w.id, &w.registration, &w.code, &w.kind, &w.ref.Device, &w.ref.Packet, &w.sealed, &w.messageID, &w.tries, &created)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return waiting{}, false, nil
	} else if err != nil {
		return waiting{}, false, fmt.Errorf("lease mail: %w", err)
	}
	w.created = fromMillis(created)
	return w, true, nil
}

// mailDue hands over every mail that is due and says how many were.
func (s *Server) mailDue(ctx context.Context) (n int, err error) {
	for ; ctx.Err() == nil; n++ {
		w, ok, err := s.lease(ctx)
		if err != nil || !ok {
			return n, err
		}
		if err := s.deliver(ctx, w); err != nil {
			return n, err
		}
	}
	return n, ctx.Err()
}

// compose writes what a mail says; ok is false where that is true no more, as
// when its code was voided between two tries.
func (s *Server) compose(ctx context.Context, w waiting) (l Letter, ok bool, err error) {
	l = Letter{MessageID: w.messageID, At: w.created}
	if w.kind == mailOfCancel {
		l.Subject, l.Text = cancelSubject, cancelText(w.created)
		return l, true, nil
	}
	if ok, err = s.codeOpen(ctx, s.store.db, w.code); err != nil || !ok {
		return l, false, err
	}
	code, err := s.mailCipher().Open(nil, nil, w.sealed, []byte(w.id))
	l.Subject, l.Text = mailSubject, activationText(string(code), s.link(), w.created.Add(codeLife))
	return l, true, err
}

// deliver hands over one mail and writes down what became of it.
func (s *Server) deliver(ctx context.Context, w waiting) error {
	letter, ok, err := s.compose(ctx, w)
	if err != nil {
		return fmt.Errorf("mail %s: %w", w.id, err)
	}
	if !ok {
		return s.store.tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE mail SET state = $1, sealed = NULL WHERE id = $2 AND state = $3", mailVoid, w.id, mailSending)
			return err
		})
	}
	r, err := s.registration(ctx, s.store.db, w.registration)
	if err != nil {
		return fmt.Errorf("mail %s: %w", w.id, err)
	}
	p, err := s.Policy(ctx)
	if err != nil {
		return fmt.Errorf("mail %s: %w", w.id, err)
	}
	try, cancel := context.WithTimeout(ctx, mailMost)
	defer cancel()
	letter.To, letter.Sender = r.Email, p.Mail.Sender
	sent := s.mailer.Send(try, letter)
	return s.store.tx(ctx, func(tx *sql.Tx) error {
		switch {
		case sent == nil:
			s.log.Info("mail sent", "mail", w.id, "packet", w.ref.Packet)
			return s.mailSent(ctx, tx, w)
		case errors.Is(sent, ErrBounced):
			s.log.Warn("mail bounced", "mail", w.id, "packet", w.ref.Packet)
			return s.mailBounced(ctx, tx, w)
		}
		s.log.Warn("mail put off", "mail", w.id, "tries", w.tries, slog.Any("err", sent))
		wait := min(time.Second<<min(w.tries, 12), 15*time.Minute)
		_, err := tx.ExecContext(ctx, "UPDATE mail SET state = $1, next_at = $2, fault = $3 WHERE id = $4 AND state = $5",
			mailQueued, millis(s.now().Add(wait)), "temporary", w.id, mailSending)
		return err
	})
}

func (s *Server) mailSent(ctx context.Context, tx *sql.Tx, w waiting) error {
	ok, err := one(tx.ExecContext(ctx, "UPDATE mail SET state = $1, sealed = NULL, sent_at = $2, fault = '' WHERE id = $3 AND state = $4",
		mailSent, millis(s.now()), w.id, mailSending))
	if err != nil || !ok || w.kind != mailOfCode {
		return err // another process was quicker to say so, or nothing waits for it
	}
	open, err := s.codeOpen(ctx, tx, w.code)
	if err != nil || !open {
		return err // cancelled meanwhile: the mail says nothing that is still true
	}
	if err := s.setProgress(ctx, tx, w.registration, wire.ProgressMailed, ""); err != nil {
		return err
	}
	return s.packetState(ctx, tx, w.ref, wire.StateMailed, "", "")
}

func (s *Server) mailBounced(ctx context.Context, tx *sql.Tx, w waiting) error {
	if _, err := tx.ExecContext(ctx, "UPDATE mail SET state = $1, sealed = NULL, fault = $2 WHERE id = $3", mailBounced, "refused", w.id); err != nil || w.kind != mailOfCode {
		return err
	}
	open, err := s.codeOpen(ctx, tx, w.code)
	if err != nil || !open {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE codes SET state = $1 WHERE id = $2", codeVoid, w.code); err != nil {
		return err
	}
	if err := s.setProgress(ctx, tx, w.registration, wire.ProgressExpired, ""); err != nil {
		return err
	}
	return s.packetState(ctx, tx, w.ref, wire.StateBounced, "EMAIL_TIDAK_TERBUKA", "E-mail ditolak. Warga mendaftar ulang dengan alamat yang benar.")
}

func (s *Server) codeOpen(ctx context.Context, tx queryer, id string) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM codes WHERE id = $1 AND state = $2", id, codeOpen).Scan(&n)
	return n == 1, err
}
