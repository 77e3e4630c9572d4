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

// seen notes a scanned presentation and says whether another counter was first.
func (s *Server) seen(ctx context.Context, d device, in wire.SeenRequest) (wire.SeenResponse, error) {
	if len(in.Cti) != 16 {
		return wire.SeenResponse{}, fault(wire.CodeBadRequest)
	}
	var out wire.SeenResponse
	err := s.store.tx(ctx, func(tx *sql.Tx) error {
		now := s.now()
		if _, err := tx.ExecContext(ctx, "DELETE FROM presentations WHERE at < $1", millis(now.Add(-7*24*time.Hour))); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO presentations (cti, device, at) VALUES ($1, $2, $3) ON CONFLICT (cti) DO NOTHING", in.Cti, d.ID, millis(now)); err != nil {
			return err
		}
		var first string
		var at int64
		if err := tx.QueryRowContext(ctx, "SELECT device, at FROM presentations WHERE cti = $1", in.Cti).Scan(&first, &at); err != nil {
			return err
		}
		out = wire.SeenResponse{Seen: first != d.ID, At: fromMillis(at)}
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("seen: %w", err)
	}
	return out, nil
}

// lastHead is the head of a device's audit log that central holds.
func (h *Home) lastHead(ctx context.Context, q queryer, device string) (wire.Head, error) {
	last := wire.Head{Device: device}
	var hash []byte
	err := q.QueryRowContext(ctx, "SELECT head_epoch, head_size, head_hash FROM devices WHERE id = $1", device).Scan(&last.Epoch, &last.Size, &hash)
	if err != nil {
		return last, fmt.Errorf("head: %w", err)
	}
	if len(hash) == tlog.HashSize {
		last.Root = tlog.Hash(hash)
	}
	return last, nil
}

func (s *Server) heldHead(ctx context.Context, d device, _ none) (wire.HeadResponse, error) {
	last, err := s.lastHead(ctx, s.store.db, d.ID)
	return wire.HeadResponse{Size: last.Size, Hash: last.Root[:]}, err
}

// takeHead keeps the head of a device's audit log, if it continues the last. One
// that does not is refused, and an alarm where that says more than that an answer
// was lost.
func (s *Server) takeHead(ctx context.Context, d device, in wire.HeadRequest) (wire.HeadResponse, error) {
	head, err := wire.OpenHead(in.Head, d.Key)
	if err != nil || head.Device != d.ID || head.Size < 0 {
		return wire.HeadResponse{}, fault(wire.CodeBadRequest)
	}
	err = s.store.verdict(ctx, func(tx *sql.Tx) error {
		last, err := s.lastHead(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		if last.Size > 0 {
			refusal, err := s.continues(ctx, tx, head, last, in.Proof)
			if err != nil {
				return err
			}
			if refusal != nil {
				s.log.Warn("audit log does not continue", "device", d.ID, slog.Any("err", refusal))
				kind, err := s.alarming(ctx, tx, head, last, in.Proof)
				if err == nil && kind != "" {
					err = s.raise(ctx, tx, kind, head, last, in.Head)
				}
				if err != nil {
					return err
				}
				return fault(wire.CodeHead)
			}
		}
		now := millis(s.now())
		if _, err := tx.ExecContext(ctx, "UPDATE alarms SET continued_at = $1 WHERE device = $2 AND continued_at = 0", now, d.ID); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO heads (device, epoch, size, hash, message, at, packets) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
			d.ID, head.Epoch, head.Size, head.Root[:], in.Head, now, int64(head.Packets))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE devices SET head_epoch = $1, head_size = $2, head_hash = $3, head_at = $4 WHERE id = $5",
			head.Epoch, head.Size, head.Root[:], now, d.ID)
		return err
	})
	var known *wire.Error
	if err != nil && !errors.As(err, &known) {
		return wire.HeadResponse{}, fmt.Errorf("head: %w", err)
	}
	return wire.HeadResponse{Size: head.Size, Hash: head.Root[:]}, err
}
