package central

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"loket/sync/wire"
)

// continues checks that a head continues the last one that central holds of its
// device, or begins a new epoch in order: a supervisor confirmed that a backup
// was restored, the opening names a head that central did hold, and the log
// continues that one. What the old epoch had beyond the backup is lost to that
// counter, and is written down here.
func (s *Server) continues(ctx context.Context, tx *sql.Tx, head, last wire.Head, proof [][]byte) error {
	if head.Epoch == last.Epoch {
		return head.Continues(last, proof)
	}
	o, ok, err := head.Opened(s.certifiers())
	if err != nil {
		return err
	}
	if !ok || head.Epoch < last.Epoch {
		return fmt.Errorf("%w: epoch %d after %d", wire.ErrOpening, head.Epoch, last.Epoch)
	}
	if err := head.Opens(o, proof); err != nil {
		return err
	}
	if now := s.now(); o.At.After(now.Add(wire.RequestLeeway)) {
		return fmt.Errorf("%w: it is of the future", wire.ErrOpening)
	}
	var hash []byte
	err = tx.QueryRowContext(ctx, "SELECT hash FROM heads WHERE device = $1 AND epoch = $2 AND size = $3", head.Device, o.From, o.Size).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && !bytes.Equal(hash, o.Root[:])) {
		return fmt.Errorf("%w: central never held the head that it names", wire.ErrOpening)
	} else if err != nil {
		return err
	}
	s.log.Warn("a counter's ledger was restored", "device", head.Device, "epoch", head.Epoch, "supervisor", o.Officer,
		slog.Int64("lost", max(last.Size-o.Kept, 0)))
	return nil
}
