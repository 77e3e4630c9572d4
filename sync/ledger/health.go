package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
)

// Disk space below which the officer is warned, and below which no new case
// begins; what is open is still saved.
const (
	DiskWarn = 500 << 20 // bytes
	DiskStop = 100 << 20
)

// Disk says how much room there is for the ledger.
type Disk struct {
	Free int64 // bytes; -1 where the system does not say
	Warn bool
	Stop bool
}

// Disk measures the file system of the database.
func (l *Ledger) Disk() (Disk, error) {
	free, err := freeBytes(filepath.Dir(l.path))
	if err != nil {
		return Disk{}, fmt.Errorf("disk space: %w", err)
	}
	return disk(free), nil
}

func disk(free int64) Disk {
	return Disk{Free: free, Warn: free >= 0 && free < DiskWarn, Stop: free >= 0 && free < DiskStop}
}

// Idle does what can wait for a moment without a citizen: it writes the WAL
// back, so that the next decision costs one fsync and no checkpoint. The WAL
// begins anew in the same file, which keeps its length: a decision that
// overwrites it costs the file system less than one that lengthens it. pages is
// how many 4 KiB pages of the WAL were written back.
func (l *Ledger) Idle(ctx context.Context) (pages int, err error) {
	return l.checkpoint(ctx, "RESTART")
}

// checkpoint writes the WAL back in one of SQLite's manners: TRUNCATE, unlike
// RESTART, leaves nothing in its file.
func (l *Ledger) checkpoint(ctx context.Context, manner string) (pages int, err error) {
	var busy, wal int
	err = l.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+manner+")").Scan(&busy, &wal, &pages)
	if err != nil {
		return 0, fmt.Errorf("checkpoint: %w", err)
	}
	return pages, nil
}

// Integrity is SQLite's whole check, which also compares every index with its
// table: ErrCorrupt says what it found first. It reads everything; Open only
// does the quick one.
func (l *Ledger) Integrity(ctx context.Context) error {
	return whole(ctx, l.read, "integrity_check")
}

// quickCheck is SQLite's own look at every page.
func quickCheck(ctx context.Context, db *sql.DB) error {
	return whole(ctx, db, "quick_check")
}

func whole(ctx context.Context, db *sql.DB, check string) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA "+check+"(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, verdict)
	}
	return nil
}
