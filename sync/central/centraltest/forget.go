package centraltest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
)

// Forget takes the idempotence key away from the central in dir: each packet
// that it keeps gets another id at once, so that the same bytes are new when
// they come again. It is the control of trials of the line, which must then
// find duplicates. Production can't do this: no program that ships is linked
// with this package (cmd/imports_test.go).
func Forget(ctx context.Context, dir string) error {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "central.db")+"?_busy_timeout=5000")
	if err != nil {
		return fmt.Errorf("forget: %w", err)
	}
	_, err = db.ExecContext(ctx, `CREATE TRIGGER forget AFTER INSERT ON packets BEGIN
		UPDATE packets SET id = id || '~' || new.rowid WHERE rowid = new.rowid; END`)
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("forget: %w", err)
	}
	return nil
}
