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
// counter, and is written down here. refusal is why it does not; err is
// central's own fault.
func (s *Server) continues(ctx context.Context, tx *sql.Tx, head, last wire.Head, proof [][]byte) (refusal, err error) {
	if head.Epoch == last.Epoch {
		return head.Continues(last, proof), nil
	}
	o, ok, refusal := head.Opened(s.certifiers())
	if refusal != nil {
		return refusal, nil
	}
	if !ok || head.Epoch < last.Epoch {
		return fmt.Errorf("%w: epoch %d after %d", wire.ErrOpening, head.Epoch, last.Epoch), nil
	}
	if refusal := head.Opens(o, proof); refusal != nil {
		return refusal, nil
	}
	if now := s.now(); o.At.After(now.Add(wire.RequestLeeway)) {
		return fmt.Errorf("%w: it is of the future", wire.ErrOpening), nil
	}
	var hash []byte
	err = tx.QueryRowContext(ctx, "SELECT hash FROM heads WHERE device = $1 AND epoch = $2 AND size = $3", head.Device, o.From, o.Size).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && !bytes.Equal(hash, o.Root[:])) {
		return fmt.Errorf("%w: central never held the head that it names", wire.ErrOpening), nil
	} else if err != nil {
		return nil, fmt.Errorf("head that an opening names: %w", err)
	}
	s.log.Warn("a counter's ledger was restored", "device", head.Device, "epoch", head.Epoch, "supervisor", o.Officer,
		slog.Int64("lost", max(last.Size-o.Kept, 0)))
	return nil, nil
}
