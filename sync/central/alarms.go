package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"loket/sync/wire"
)

// AlarmKind says what a refused head of an audit log shows.
type AlarmKind string

// The kinds.
const (
	AlarmRollback AlarmKind = "rollback" // the log is shorter than central has seen it
	AlarmFork     AlarmKind = "fork"     // as long, with other entries
	AlarmChanged  AlarmKind = "changed"  // longer, but what central has seen was changed
	AlarmEpoch    AlarmKind = "epoch"    // a restored backup that nobody, or nobody who may, confirmed
)

// Alarm is a refused head that an administrator has to look into. It holds no
// personal data.
type Alarm struct {
	Device    string    `json:"device"`
	Office    string    `json:"office"`
	Counter   string    `json:"counter"`
	Kind      AlarmKind `json:"kind"`
	HeldEpoch uint64    `json:"held_epoch"` // of the head that central holds
	HeldSize  int64     `json:"held_size"`
	Epoch     uint64    `json:"epoch"` // of the head that was offered last
	Size      int64     `json:"size"`
	Head      []byte    `json:"head"` // that head, signed by the device: the evidence
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Times     int       `json:"times"`
	Continued time.Time `json:"continued"` // a head that does continue came since: there may be two copies of this counter
	Seen      time.Time `json:"seen"`      // zero: nobody has looked into it
	SeenBy    string    `json:"seen_by"`
}

// alarming says what a head that was refused shows; "" where it may as well be
// honest: the answer to an earlier head was lost, and the proof is from the one
// before. Such a counter asks which head central holds, and tries once more.
func (s *Server) alarming(ctx context.Context, tx queryer, head, last wire.Head, proof [][]byte) (AlarmKind, error) {
	switch {
	case head.Epoch != last.Epoch:
		return AlarmEpoch, nil
	case head.Size < last.Size:
		return AlarmRollback, nil
	case head.Size == last.Size && head.Root == last.Root, len(proof) == 0 && head.Size > last.Size:
		return "", nil
	case head.Size == last.Size:
		return AlarmFork, nil
	}
	if o, ok, err := head.Opened(s.certifiers()); ok && err == nil && head.Opens(o, proof) == nil {
		return "", nil
	}
	rows, err := tx.QueryContext(ctx, "SELECT size, hash FROM heads WHERE device = $1 AND epoch = $2 AND size > 0 AND size < $3 ORDER BY size DESC LIMIT $4",
		head.Device, head.Epoch, last.Size, lostAnswers)
	if err != nil {
		return "", fmt.Errorf("heads before: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		before := wire.Head{Device: head.Device, Epoch: head.Epoch}
		var hash []byte
		if err := rows.Scan(&before.Size, &hash); err != nil {
			return "", fmt.Errorf("heads before: %w", err)
		}
		if len(hash) != tlog.HashSize {
			continue
		}
		before.Root = tlog.Hash(hash)
		if head.Continues(before, proof) == nil {
			return "", nil
		}
	}
	return AlarmChanged, rows.Err()
}

// lostAnswers is how many heads in a row a counter may have handed in without
// learning of it.
const lostAnswers = 64

// raise writes an alarm down, or once more.
func (s *Server) raise(ctx context.Context, tx queryer, kind AlarmKind, head, last wire.Head, message []byte) error {
	s.log.Error("audit alarm", "device", head.Device, "kind", string(kind), slog.Int64("held", last.Size), slog.Int64("offered", head.Size),
		"held_epoch", last.Epoch, "epoch", head.Epoch)
	_, err := tx.ExecContext(ctx, `INSERT INTO alarms (device, kind, held_epoch, held_size, held_hash, epoch, size, message, first_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
		ON CONFLICT (device, kind, held_epoch, held_size) DO UPDATE SET epoch = excluded.epoch, size = excluded.size, message = excluded.message,
			last_at = excluded.last_at, times = times + 1`,
		head.Device, string(kind), last.Epoch, last.Size, last.Root[:], head.Epoch, head.Size, message, millis(s.now()))
	if err != nil {
		return fmt.Errorf("raise alarm: %w", err)
	}
	return nil
}

// Alarms lists every alarm, those that nobody has looked into first.
func (h *Home) Alarms(ctx context.Context) ([]Alarm, error) {
	out := []Alarm{}
	err := h.each(ctx, `SELECT a.device, d.office, d.counter, a.kind, a.held_epoch, a.held_size, a.epoch, a.size, a.message, a.first_at, a.last_at, a.times,
		a.continued_at, a.seen_at, a.seen_by FROM alarms a JOIN devices d ON d.id = a.device ORDER BY a.seen_at > 0, a.last_at DESC, a.device, a.kind`, nil,
		func(scan func(...any) error) error {
			var a Alarm
			var first, last, continued, seen int64
			err := scan(&a.Device, &a.Office, &a.Counter, &a.Kind, &a.HeldEpoch, &a.HeldSize, &a.Epoch, &a.Size, &a.Head, &first, &last, &a.Times,
				&continued, &seen, &a.SeenBy)
			a.First, a.Last, a.Continued, a.Seen = fromMillis(first), fromMillis(last), fromMillis(continued), fromMillis(seen)
			out = append(out, a)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("alarms: %w", err)
	}
	return out, nil
}

// ErrNoAlarm says that a device has no alarm that nobody has looked into.
var ErrNoAlarm = errors.New("no open alarm of this device")

// SeeAlarms writes down who has looked into a device's alarms. The counter goes
// on offering its head, which is no new alarm: one of another kind, or under
// another held head, is.
func (h *Home) SeeAlarms(ctx context.Context, device, officer string) (n int64, err error) {
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		var role string
		err := tx.QueryRowContext(ctx, "SELECT role FROM officers WHERE id = $1 AND closed_at = 0", officer).Scan(&role)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if role != wire.RoleSupervisor && role != wire.RoleAdministrator {
			return fmt.Errorf("%q is no supervisor or administrator", officer)
		}
		r, err := tx.ExecContext(ctx, "UPDATE alarms SET seen_at = $1, seen_by = $2 WHERE device = $3 AND seen_at = 0", millis(h.now()), officer, device)
		if err != nil {
			return err
		}
		if n, err = r.RowsAffected(); err == nil && n == 0 {
			err = ErrNoAlarm
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("alarms of %s: %w", device, err)
	}
	return n, nil
}

// alarmsOpen is how many alarms nobody has looked into.
func (h *Home) alarmsOpen(ctx context.Context) (n int, err error) {
	err = h.store.db.QueryRowContext(ctx, "SELECT count(*) FROM alarms WHERE seen_at = 0").Scan(&n)
	return n, err
}
