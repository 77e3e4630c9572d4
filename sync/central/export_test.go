package central

import (
	"context"
	"database/sql"
	"fmt"

	"loket/sync/wire"
)

// MailDue is one round of the mail sender.
func (s *Server) MailDue(ctx context.Context) error {
	_, err := s.mailDue(ctx)
	return err
}

// ExpireCodes is one round of ending codes.
func (h *Home) ExpireCodes(ctx context.Context) (int, error) { return h.expireCodes(ctx) }

// Fill leaves the database no page more than it has, as a full disk does; with
// false it may grow again.
func (h *Home) Fill(ctx context.Context, full bool) error {
	most := 1 << 30
	if full {
		most = 1 // SQLite takes the number of pages that there are
	}
	_, err := h.store.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", most))
	return err
}

// Refuse makes the database fail for one packet, as a full or faulty disk may;
// the zero id ends it.
func (h *Home) Refuse(ctx context.Context, id wire.PacketID) error {
	return h.store.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DROP TRIGGER IF EXISTS refuse")
		if err == nil && id != (wire.PacketID{}) {
			_, err = tx.ExecContext(ctx, "CREATE TRIGGER refuse BEFORE INSERT ON packets WHEN new.id = '"+id.String()+"' BEGIN SELECT raise(ABORT, 'refused'); END")
		}
		return err
	})
}
