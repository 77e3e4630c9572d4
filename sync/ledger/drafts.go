package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Draft is an unfinished case. Body is encrypted by the caller with the
// vault's data key; the ledger cannot read it.
type Draft struct {
	Session string
	Officer string
	At      time.Time
	Body    []byte
}

// SaveDraft keeps a case in its present form.
func (l *Ledger) SaveDraft(ctx context.Context, d Draft) error {
	return l.tx(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO drafts (session, officer, at, body) VALUES (?, ?, ?, ?)
			ON CONFLICT (session) DO UPDATE SET officer = excluded.officer, at = excluded.at, body = excluded.body`,
			d.Session, d.Officer, millis(t.now), d.Body)
		if err != nil {
			return fmt.Errorf("save draft: %w", err)
		}
		return nil
	})
}

// Drafts reads the unfinished cases, newest first.
func (l *Ledger) Drafts(ctx context.Context) ([]Draft, error) {
	rows, err := l.read.QueryContext(ctx, "SELECT session, officer, at, body FROM drafts ORDER BY at DESC, session")
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	defer rows.Close()
	var out []Draft
	for rows.Next() {
		var d Draft
		var at int64
		if err := rows.Scan(&d.Session, &d.Officer, &at, &d.Body); err != nil {
			return nil, fmt.Errorf("read drafts: %w", err)
		}
		d.At = fromMillis(at)
		out = append(out, d)
	}
	return out, rows.Err()
}

// DropDraft removes a case that was ended without a decision.
func (l *Ledger) DropDraft(ctx context.Context, session string) error {
	return l.tx(ctx, func(t *tx) error {
		if _, err := t.exec("DELETE FROM drafts WHERE session = ?", session); err != nil {
			return fmt.Errorf("drop draft: %w", err)
		}
		return nil
	})
}

// WipeDrafts removes every draft from before a time, as at the end of the day,
// and says so in the audit log.
func (l *Ledger) WipeDrafts(ctx context.Context, before time.Time) (int, error) {
	var n int64
	err := l.tx(ctx, func(t *tx) (err error) {
		if n, err = t.exec("DELETE FROM drafts WHERE at < ?", millis(before)); err != nil || n == 0 {
			return err
		}
		return t.audit(auditWipe, map[string]string{"what": "drafts", "count": strconv.FormatInt(n, 10)})
	})
	if err != nil {
		return 0, fmt.Errorf("wipe drafts: %w", err)
	}
	return int(n), nil
}

// KeepSeen is how long a presentation's cti is remembered: it is valid for 90
// seconds, and a clock may be days off.
const KeepSeen = 7 * 24 * time.Hour

// Seen remembers a cti and says whether it was there before. It implements
// scanner/token's Replay, also over a restart.
func (l *Ledger) Seen(cti [16]byte, now time.Time) (bool, error) {
	var before bool
	err := l.tx(context.Background(), func(t *tx) error {
		var at int64
		err := t.get("SELECT at FROM seen WHERE cti = ?", []any{cti[:]}, &at)
		if before = err == nil; before || !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := t.exec("DELETE FROM seen WHERE at < ?", millis(now.Add(-KeepSeen))); err != nil {
			return err
		}
		_, err = t.exec("INSERT INTO seen (cti, at) VALUES (?, ?)", cti[:], millis(now))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("replay: %w", err)
	}
	return before, nil
}

// WipeBodies removes the bytes of packets that central accepted before a time,
// as policy's retention says; what became of them stays. Settle and Apply do so
// as soon as central has a packet: this takes what an older program left.
func (l *Ledger) WipeBodies(ctx context.Context, before time.Time) (int, error) {
	var n int64
	err := l.tx(ctx, func(t *tx) (err error) {
		n, err = t.wipeBodies("state_at < ?", millis(before))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("wipe packets: %w", err)
	}
	return int(n), nil
}

// wipeBodies begins the statement of the method; its first line is the condition of the index
// packets_body.
const wipeBodies = `UPDATE packets SET body = NULL WHERE body IS NOT NULL AND state NOT IN ('queued', 'sent')
	AND state IN ('accepted', 'mailed', 'activated', 'refused', 'bounced', 'expired', 'cancelled') AND `

// wipeBodies removes the bytes of packets that central has and that which
// selects.
func (t *tx) wipeBodies(which string, args ...any) (int64, error) {
	n, err := t.exec(wipeBodies+which, args...)
	if err != nil || n == 0 {
		return n, err
	}
	return n, t.audit(auditWipe, map[string]string{"what": "packets", "count": strconv.FormatInt(n, 10)})
}
