package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"loket/sync/wire"
)

// UndoFor is how long a decision can be taken back before it is sent.
const UndoFor = 10 * time.Second

// Entry is one decision as the ledger keeps it.
type Entry struct {
	Packet    wire.Packet
	Last4     string         // of the NIK; "" where none was read
	Decision  string         // activation.Decision
	Reason    string         // activation.Reason
	Duplicate []byte         // keyed hash of the NIK (sync/vault); nil where none was read
	Cancels   *wire.PacketID // of a cancel
	Session   string         // the draft of this case, which ends with it
	Undo      time.Duration  // 0 is UndoFor, the longest; negative is none
}

// Next is the position that the next packet must have. Only the desk makes
// packets, one at a time; Decide refuses one that is out of turn.
func (l *Ledger) Next(ctx context.Context) (wire.Position, error) {
	return next(ctx, l.read)
}

func next(ctx context.Context, q querier) (wire.Position, error) {
	e, err := epoch(ctx, q)
	if err != nil {
		return wire.Position{}, err
	}
	seq, err := lastSeq(ctx, q)
	return wire.Position{Epoch: e, Seq: seq + 1}, err
}

func lastSeq(ctx context.Context, q querier) (uint64, error) {
	var seq int64
	if err := q.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM packets").Scan(&seq); err != nil {
		return 0, fmt.Errorf("last packet: %w", err)
	}
	return uint64(seq), nil
}

// Decide keeps a decision: packet, audit entry and place in the outbox in one
// transaction, and the end of its draft. When it returns nil the decision is on
// the disk and the screen may say so. Where an error leaves that open, the same
// entry can be given again: what is there already stays, once.
func (l *Ledger) Decide(ctx context.Context, e Entry) error {
	hash := sha256.Sum256(e.Packet.Bytes)
	err := l.tx(ctx, func(t *tx) error {
		if there, err := t.has(e.Packet.ID(), hash); there || err != nil {
			return err
		}
		want, err := next(t.ctx, t)
		if err != nil {
			return err
		}
		if e.Packet.Header.Position != want {
			return fmt.Errorf("%w: %v, want %v", ErrPosition, e.Packet.Header.Position, want)
		}
		if err := t.insert(e, hash); err != nil {
			return err
		}
		if e.Session != "" {
			if _, err := t.exec("DELETE FROM drafts WHERE session = ?", e.Session); err != nil {
				return fmt.Errorf("draft: %w", err)
			}
		}
		return t.audit(auditDecision, e.fields(hash))
	})
	if err != nil {
		return fmt.Errorf("keep decision %s: %w", e.Packet.ID(), err)
	}
	return nil
}

// has says whether this very packet is kept already; another one with the same
// id is an error.
func (t *tx) has(id wire.PacketID, hash [sha256.Size]byte) (bool, error) {
	var have []byte
	err := t.get("SELECT hash FROM packets WHERE id = ?", []any{id[:]}, &have)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err == nil && !bytes.Equal(have, hash[:]) {
		err = fmt.Errorf("%w: its id is another packet's", ErrPosition)
	}
	return err == nil, err
}

func (t *tx) insert(e Entry, hash [sha256.Size]byte) error {
	undo := e.Undo
	if undo == 0 || undo > UndoFor {
		undo = UndoFor
	}
	h, id := e.Packet.Header, e.Packet.ID()
	var cancels []byte
	if e.Cancels != nil {
		cancels = e.Cancels[:]
	}
	_, err := t.exec(`INSERT INTO packets (seq, epoch, id, at, last4, decision, reason, duplicate, cancels,
		state, state_at, not_before, hash, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(h.Position.Seq), int64(h.Position.Epoch), id[:], millis(h.Created), e.Last4, e.Decision, e.Reason, e.Duplicate, cancels,
		string(wire.StateQueued), millis(t.now), millis(t.now.Add(max(undo, 0))), hash[:], e.Packet.Bytes)
	if err != nil {
		return fmt.Errorf("packet: %w", err)
	}
	return nil
}

// fields are the decision in the audit log; hash is that of its packet's bytes.
func (e Entry) fields(hash [sha256.Size]byte) map[string]string {
	h := e.Packet.Header
	f := map[string]string{"packet": e.Packet.ID().String(), "seq": strconv.FormatUint(h.Position.Seq, 10),
		"sha256": hex.EncodeToString(hash[:]), "officer": h.Officer, "decision": e.Decision}
	if e.Reason != "" {
		f["reason"] = e.Reason
	}
	if e.Cancels != nil {
		f["cancels"] = e.Cancels.String()
	}
	return f
}

// Undo takes a decision back that nobody was offered yet: its packet is wiped
// and never sent. Later it is ErrTooLate, and a cancel is a packet of its own.
func (l *Ledger) Undo(ctx context.Context, id wire.PacketID) error {
	err := l.tx(ctx, func(t *tx) error {
		var state string
		var notBefore int64
		err := t.get("SELECT state, not_before FROM packets WHERE id = ?", []any{id[:]}, &state, &notBefore)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if state != string(wire.StateQueued) || millis(t.now) >= notBefore {
			return ErrTooLate
		}
		_, err = t.exec("UPDATE packets SET state = ?, state_at = ?, cause = 'undone', body = NULL, duplicate = NULL WHERE id = ?",
			string(wire.StateCancelled), millis(t.now), id[:])
		if err != nil {
			return err
		}
		return t.audit(auditUndo, map[string]string{"packet": id.String()})
	})
	if err != nil {
		return fmt.Errorf("undo %s: %w", id, err)
	}
	return nil
}
