package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"loket/sync/wire"
)

// Outgoing is a packet that the sender took.
type Outgoing struct {
	ID    wire.PacketID
	Bytes []byte // as they were stored: what is sent
	Tries int    // this one included
}

// batchBytes bounds one batch: 100 packets of 40 KB are 4 MB.
const batchBytes = 8 << 20

// MaxRetry is the longest that one outcome puts a packet off.
const MaxRetry = time.Hour

// due is the condition that a packet can be taken at ?1. A wait that is longer
// than any can be was written under a clock that was ahead and has been set
// right since: it is over, or the packet would be stuck for as long.
func due() string {
	return fmt.Sprintf("(not_before <= ?1 OR not_before > ?1 + %d) AND (next_try <= ?1 OR next_try > ?1 + %d)",
		UndoFor.Milliseconds(), MaxRetry.Milliseconds())
}

// Take hands up to limit packets, oldest first, to the sender and marks them
// sent: from here on they may have arrived, whatever happens next. A packet
// that can still be undone, waits for its next try or was taken by a sender
// that died is left or given again as its state says.
func (l *Ledger) Take(ctx context.Context, limit int) ([]Outgoing, error) {
	var out []Outgoing
	err := l.tx(ctx, func(t *tx) error {
		var err error
		if out, err = t.pending(limit); err != nil {
			return err
		}
		own := out
		if len(out) == 0 { // own packets first
			if out, err = t.relayed(limit); err != nil {
				return err
			}
		}
		for _, o := range own {
			_, err := t.exec("UPDATE packets SET tries = tries + 1, state = ?, state_at = CASE state WHEN ? THEN ? ELSE state_at END WHERE id = ?",
				string(wire.StateSent), string(wire.StateQueued), millis(t.now), o.ID[:])
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("take from outbox: %w", err)
	}
	return out, nil
}

func (t *tx) pending(limit int) ([]Outgoing, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT id, body, tries + 1 FROM packets
		WHERE state IN ('queued', 'sent') AND `+due()+` ORDER BY seq LIMIT ?2`, millis(t.now), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Outgoing
	size := 0
	for rows.Next() {
		var o Outgoing
		var id []byte
		if err := rows.Scan(&id, &o.Bytes, &o.Tries); err != nil {
			return nil, err
		}
		if o.ID, err = packetID(id); err != nil {
			return nil, err
		}
		if size += len(o.Bytes); size > batchBytes && len(out) > 0 {
			break
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

// Outcome is what became of a packet that was taken. State "" says that it is
// still to be sent, and when: Retry from now on, MaxRetry at most.
type Outcome struct {
	ID    wire.PacketID
	State wire.State    // accepted, held, refused, aside, or a later one for a duplicate
	Cause string        // code: why it waits, or was refused
	Next  string        // central's sentence on what to do
	Retry time.Duration // with State "": not before this has passed
}

// Settle keeps what became of a batch, in one transaction, and wipes the bytes
// of the packets that central has now. A state that an event brought meanwhile is
// never turned back.
func (l *Ledger) Settle(ctx context.Context, outcomes []Outcome) error {
	err := l.tx(ctx, func(t *tx) error {
		for _, o := range outcomes {
			if err := t.settle(o); err != nil {
				return fmt.Errorf("%s: %w", o.ID, err)
			}
		}
		_, err := t.wipeBodies("true") // central has them: retention
		return err
	})
	if err != nil {
		return fmt.Errorf("settle outbox: %w", err)
	}
	return nil
}

func (t *tx) settle(o Outcome) error {
	if o.State == "" {
		until := millis(t.now.Add(min(o.Retry, MaxRetry)))
		n, err := t.exec("UPDATE packets SET cause = ?, next = ?, next_try = ? WHERE id = ? AND state IN ('queued', 'sent')", o.Cause, o.Next, until, o.ID[:])
		if err == nil && n == 0 {
			_, err = t.exec("UPDATE relayed SET next_try = ? WHERE ticket = ? AND state = 'queued'", until, o.ID[:])
		}
		return err
	}
	n, err := t.exec("UPDATE packets SET state = ?, state_at = ?, cause = ?, next = ?, next_try = 0 WHERE id = ? AND state IN ('queued', 'sent')",
		string(o.State), millis(t.now), o.Cause, o.Next, o.ID[:])
	if err != nil {
		return err
	}
	if n == 0 {
		return t.handedOver(o)
	}
	return t.audit(auditState, stateFields(o.ID, o.State, o.Cause))
}

func stateFields(id wire.PacketID, s wire.State, cause string) map[string]string {
	f := map[string]string{"packet": id.String(), "state": string(s)}
	if code.MatchString(cause) {
		f["cause"] = cause
	}
	return f
}

// code is what a cause looks like in the audit log; anything else that central
// may say there is left out, so that it can neither name a person nor stop the
// outbox.
var code = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

// Cursor is the last event that was applied; 0 before the first.
func (l *Ledger) Cursor(ctx context.Context) (int64, error) {
	return cursor(ctx, l.read)
}

func cursor(ctx context.Context, q querier) (int64, error) {
	b, err := get(ctx, q, "settings", settingCursor)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: cursor: %w", ErrCorrupt, err)
	}
	return n, nil
}

// Apply keeps events of central and the cursor after them in one transaction.
// Events at or below the cursor were applied before and are skipped; one for a
// packet that is not here, or that cannot be one, changes nothing but the
// cursor, so that it never stands in the way of others.
func (l *Ledger) Apply(ctx context.Context, events []wire.Event, after int64) error {
	err := l.tx(ctx, func(t *tx) error {
		have, err := cursor(t.ctx, t)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Cursor <= have {
				continue
			}
			if err := t.apply(e); err != nil {
				return fmt.Errorf("event %d: %w", e.Cursor, err)
			}
		}
		if _, err := t.wipeBodies("true"); err != nil {
			return err
		}
		return put(t, "settings", settingCursor, strconv.AppendInt(nil, max(after, have), 10))
	})
	if err != nil {
		return fmt.Errorf("apply events: %w", err)
	}
	return nil
}

func (t *tx) apply(e wire.Event) error {
	id, err := wire.ParsePacketID(e.Packet)
	if err != nil || e.State == "" || e.State == wire.StateQueued || e.State == wire.StateSent {
		return nil // not central's to say
	}
	n, err := t.exec("UPDATE packets SET state = ?, state_at = ?, cause = ?, next = ?, next_try = 0 WHERE id = ?",
		string(e.State), millis(e.At), e.Reason, e.Next, id[:])
	if err != nil || n == 0 {
		return err
	}
	return t.audit(auditState, stateFields(id, e.State, e.Reason))
}

// Retry makes packets that wait for a later try, or were set aside, ready now:
// all that wait, or those named. It says how many.
func (l *Ledger) Retry(ctx context.Context, ids ...wire.PacketID) (int, error) {
	var n int64
	err := l.tx(ctx, func(t *tx) (err error) {
		if len(ids) == 0 {
			if n, err = t.exec("UPDATE packets SET next_try = 0 WHERE state IN ('queued', 'sent') AND next_try > 0"); err != nil {
				return err
			}
			_, err = t.exec("UPDATE relayed SET next_try = 0 WHERE state = 'queued'")
			return err
		}
		for _, id := range ids {
			k, err := t.retry(id)
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			n += k
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("retry: %w", err)
	}
	return int(n), nil
}

func (t *tx) retry(id wire.PacketID) (int64, error) {
	n, err := t.exec("UPDATE packets SET next_try = 0 WHERE id = ? AND state IN ('queued', 'sent') AND next_try > 0", id[:])
	if err != nil || n > 0 {
		return n, err
	}
	n, err = t.exec("UPDATE packets SET next_try = 0, cause = '', next = '', state = ?, state_at = ? WHERE id = ? AND state = ? AND body IS NOT NULL",
		string(wire.StateQueued), millis(t.now), id[:], string(wire.StateAside))
	if err != nil || n == 0 {
		return n, err
	}
	return n, t.audit(auditState, stateFields(id, wire.StateQueued, "retry"))
}

// Due is when the sender has something to do next: the earliest moment at
// which a packet can be taken, 1970 for at once. ok is false where nothing waits.
func (l *Ledger) Due(ctx context.Context) (at time.Time, ok bool, err error) {
	var ms sql.NullInt64
	err = l.read.QueryRowContext(ctx, "SELECT min(CASE WHEN "+due()+` THEN 0 ELSE max(not_before, next_try) END) FROM (
		SELECT not_before, next_try FROM packets WHERE state IN ('queued', 'sent')
		UNION ALL SELECT 0, next_try FROM relayed WHERE state = 'queued')`, millis(l.now())).Scan(&ms)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("outbox: %w", err)
	}
	return fromMillis(ms.Int64), ms.Valid, nil
}
