package central

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3" // and the driver "sqlite3"

	"loket/sync/wire"
)

//go:embed migrations/*.sql
var migrations embed.FS

// store is central's database. Reads go through db, transactions that write
// through the one connection of writer: SQLite has one writer at a time, and a
// queue in this process is fairer than its polling.
type store struct{ db, writer *sql.DB }

// dsn asks SQLite for what must hold on every pooled connection: go-sqlite3
// would otherwise take WAL to mean synchronous=NORMAL, which loses commits when
// the power goes.
const dsn = "?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=5000&_foreign_keys=on"

// autocheckpoint is in pages of 4 KiB. A batch of 100 packets is 4 MB, SQLite's
// default of 1,000 pages: each would pay for a checkpoint of its own.
const autocheckpoint = 10000

func openStore(ctx context.Context, dir string) (*store, error) {
	path := filepath.Join(dir, "central.db")
	name := "file:" + strings.ReplaceAll(path, "?", "%3f") + dsn
	db, err := sql.Open("sqlite3", name)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	writer, err := sql.Open("sqlite3", name)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), db.Close())
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	writer.SetMaxOpenConns(1)
	s := &store{db, writer}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *store) close() error { return errors.Join(s.db.Close(), s.writer.Close()) }

// migrate runs each numbered file that has not run, one transaction each, and
// makes sure that a commit is on the disk before it is acknowledged.
func (s *store) migrate(ctx context.Context) error {
	var synchronous int
	if err := s.writer.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous); err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	if synchronous != 2 {
		return fmt.Errorf("open store: synchronous is %d, want 2 (FULL)", synchronous)
	}
	if _, err := s.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", autocheckpoint)); err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)"); err != nil {
			return err
		}
		for _, name := range files { // Glob sorts
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM migrations WHERE name = $1", name).Scan(&n); err != nil || n > 0 {
				if err != nil {
					return err
				}
				continue
			}
			text, err := migrations.ReadFile(name)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, string(text)); err != nil {
				return fmt.Errorf("migrate %s: %w", name, err)
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO migrations (name) VALUES ($1)", name); err != nil {
				return err
			}
		}
		return nil
	})
}

// tx runs f in one transaction, which holds the write lock from its start.
func (s *store) tx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// verdict is tx for work whose refusal must be remembered: when f answers with a
// wire.Error, what it wrote is committed and the answer is given.
func (s *store) verdict(ctx context.Context, f func(*sql.Tx) error) error {
	var answer error
	err := s.tx(ctx, func(tx *sql.Tx) error {
		err := f(tx)
		if refusal := (*wire.Error)(nil); errors.As(err, &refusal) {
			answer, err = err, nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return answer
}

// isFull says that the disk, or the room that the database may have, is full.
func isFull(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == sqlite3.ErrFull
}

// queryer is a transaction or the database.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// next counts a counter up inside tx.
func next(ctx context.Context, tx queryer, name string) (n int64, err error) {
	err = tx.QueryRowContext(ctx, "UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value", name).Scan(&n)
	return n, err
}

// setting reads a setting; nil where there is none.
func setting(ctx context.Context, q queryer, name string) ([]byte, error) {
	var value []byte
	err := q.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = $1", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return value, err
}

func putSetting(ctx context.Context, q queryer, name string, value []byte) error {
	_, err := q.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return err
}

// one says whether exactly one row was changed.
func one(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
