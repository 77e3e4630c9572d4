package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// migrations are applied in the order of their numbers, one transaction each.
// A published one is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema from PRAGMA user_version to the newest number. A
// database that is already past it is ErrNewer: an older program must not
// write what it does not understand.
func migrate(ctx context.Context, db *sql.DB) error {
	var have int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return fmt.Errorf("schema version: %w", err)
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	if have > len(names) {
		return fmt.Errorf("%w: schema %d, this program knows %d", ErrNewer, have, len(names))
	}
	for i, name := range names[have:] {
		number := have + i + 1
		if err := step(ctx, db, name, number); err != nil {
			return fmt.Errorf("migration %d: %w", number, err)
		}
	}
	return nil
}

// step applies one migration and its number together.
func step(ctx context.Context, db *sql.DB, name string, number int) error {
	digits, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
	if n, err := strconv.Atoi(digits); err != nil || n != number {
		return fmt.Errorf("%s is out of order", name)
	}
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", number)); err != nil {
		return err
	}
	return tx.Commit()
}
