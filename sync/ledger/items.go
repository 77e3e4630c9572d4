package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"loket/sync/wire"
)

// Item is one decision as it is still readable after sealing.
type Item struct {
	Packet   wire.PacketID
	Seq      uint64
	At       time.Time // of the decision
	Last4    string
	Decision string
	Reason   string
	Cancels  *wire.PacketID
	State    wire.State
	StateAt  time.Time
	Cause    string        // code: why it waits, or was refused
	Next     string        // central's sentence; "" for none
	Wait     time.Duration // until the next try or the end of undo; 0 is none
	Tries    int
	Undo     time.Duration // left to take it back; 0 is over
}

const itemColumns = "id, seq, at, last4, decision, reason, cancels, state, state_at, cause, next, not_before, next_try, tries"

// Items reads the newest limit decisions, newest first.
func (l *Ledger) Items(ctx context.Context, limit int) ([]Item, error) {
	return l.items(ctx, "ORDER BY seq DESC LIMIT ?", limit)
}

// Item reads one decision; ErrNotFound where there is none.
func (l *Ledger) Item(ctx context.Context, id wire.PacketID) (Item, error) {
	items, err := l.items(ctx, "WHERE id = ?", id[:])
	if err == nil && len(items) == 0 {
		err = fmt.Errorf("packet %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return Item{}, err
	}
	return items[0], nil
}

// Duplicates reads the decisions since a time about the NIK with one of these
// keyed hashes (sync/vault gives one for each of its data keys), newest first,
// without those that were undone.
func (l *Ledger) Duplicates(ctx context.Context, since time.Time, hashes ...[]byte) ([]Item, error) {
	var out []Item
	for _, hash := range hashes {
		items, err := l.items(ctx, "WHERE duplicate = ? AND at >= ? ORDER BY seq DESC", hash, millis(since))
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
	}
	return out, nil
}

func (l *Ledger) items(ctx context.Context, where string, args ...any) ([]Item, error) {
	rows, err := l.read.QueryContext(ctx, "SELECT "+itemColumns+" FROM packets "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read packets: %w", err)
	}
	defer rows.Close()
	var out []Item
	for rows.Next() {
		i, err := scanItem(rows, l.now())
		if err != nil {
			return nil, fmt.Errorf("read packets: %w", err)
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

func scanItem(rows *sql.Rows, now time.Time) (Item, error) {
	var i Item
	var id, cancels []byte
	var at, stateAt, notBefore, nextTry int64
	err := rows.Scan(&id, &i.Seq, &at, &i.Last4, &i.Decision, &i.Reason, &cancels, &i.State, &stateAt, &i.Cause, &i.Next, &notBefore, &nextTry, &i.Tries)
	if err != nil {
		return i, err
	}
	if i.Packet, err = packetID(id); err != nil {
		return i, err
	}
	if cancels != nil {
		c, err := packetID(cancels)
		if err != nil {
			return i, err
		}
		i.Cancels = &c
	}
	i.At, i.StateAt = fromMillis(at), fromMillis(stateAt)
	if i.State == wire.StateQueued {
		i.Undo = left(notBefore, now, UndoFor)
	}
	if i.State == wire.StateQueued || i.State == wire.StateSent {
		i.Wait = max(left(notBefore, now, UndoFor), left(nextTry, now, MaxRetry))
	}
	return i, nil
}

// left is the rest of a wait; one that is longer than it can be is over (due).
func left(until int64, now time.Time, most time.Duration) time.Duration {
	d := fromMillis(until).Sub(now)
	if d < 0 || d > most {
		return 0
	}
	return d
}

// Counts are the queue screen's figures.
type Counts struct {
	Waiting   int // here, central does not have them: queued, sent
	Accepted  int // central has them: accepted, code mailed
	Active    int // the IKD is active
	Attention int // held, refused, bounced, expired, set aside
	Today     int // decisions since the start of the day, undone ones not counted
}

// counts repeats the conditions of packets_pending and packets_settled, by which SQLite knows
// that it may use them.
const counts = `WITH settled AS (SELECT state FROM packets WHERE state NOT IN ('queued', 'sent')) SELECT
	(SELECT count(*) FROM packets WHERE state IN ('queued', 'sent')),
	(SELECT count(*) FROM settled WHERE state IN ('accepted', 'mailed')),
	(SELECT count(*) FROM settled WHERE state = 'activated'),
	(SELECT count(*) FROM settled WHERE state IN ('held', 'refused', 'bounced', 'expired', 'aside')),
	(SELECT count(*) FROM packets WHERE at >= ? AND state != 'cancelled')`

// Counts counts by state; dayStart is local midnight.
func (l *Ledger) Counts(ctx context.Context, dayStart time.Time) (Counts, error) {
	var c Counts
	err := l.read.QueryRowContext(ctx, counts, millis(dayStart)).
		Scan(&c.Waiting, &c.Accepted, &c.Active, &c.Attention, &c.Today)
	if err != nil {
		return Counts{}, fmt.Errorf("count packets: %w", err)
	}
	return c, nil
}

// Oldest is the time of the oldest decision that central does not have, for
// policy's freeze rules; ok is false where there is none.
func (l *Ledger) Oldest(ctx context.Context) (at time.Time, ok bool, err error) {
	var ms sql.NullInt64
	err = l.read.QueryRowContext(ctx, "SELECT min(at) FROM packets WHERE state IN ('queued', 'sent')").Scan(&ms)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("oldest packet: %w", err)
	}
	return fromMillis(ms.Int64), ms.Valid, nil
}
