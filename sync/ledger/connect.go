package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"

	"github.com/mattn/go-sqlite3"
)

// dsnDurable is in the address because PRAGMAs by Exec reach one pooled
// connection only. The writing connection begins immediate, readers deferred.
// Statements stay prepared: compiling them anew took a fifth of a decision's
// processor time. What is wiped is overwritten in its page, for a draft that went
// could still be opened by who has the machine and an officer's PIN.
const dsnDurable = "_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_foreign_keys=on&_stmt_cache_size=64&_secure_delete=on"

// autocheckpoint is in pages of 4 KiB: the WAL may grow to 40 MB, so that a
// decision costs one fsync and checkpoints happen in idle moments (Idle).
const autocheckpoint = 10000

// walKept is how many bytes of the WAL's file stay when it begins anew: more than
// autocheckpoint's, less than what a large bundle from a stick lengthens it to.
const walKept = 48 << 20

// address is the database's as SQLite's URI; a path may hold any character.
func address(path, params string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + params
}

// private makes the file where it is not there, readable by the program's user
// only; SQLite gives the WAL the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// connector opens connections of which each has asserted that it is durable.
type connector struct {
	dsn    string
	pages  int  // of the WAL, before a commit also checkpoints; 0 is autocheckpoint
	unsafe bool // asserts nothing
}

// Connect implements driver.Connector.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	return c.Driver().Open(c.dsn)
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver {
	return &sqlite3.SQLiteDriver{ConnectHook: func(conn *sqlite3.SQLiteConn) error {
		pages := autocheckpoint
		if c.pages > 0 {
			pages = c.pages
		}
		settings := fmt.Sprintf("PRAGMA wal_autocheckpoint = %d; PRAGMA journal_size_limit = %d", pages, walKept)
		if _, err := conn.Exec(settings, nil); err != nil || c.unsafe {
			return err
		}
		return assertDurable(conn)
	}}
}

// assertDurable asks SQLite what it really does: settings in the address that
// it did not understand are silently left out.
func assertDurable(conn *sqlite3.SQLiteConn) error {
	for _, want := range []struct {
		pragma string
		value  any
	}{
		{"journal_mode", "wal"},
		{"synchronous", int64(2)}, // FULL
	} {
		got, err := pragma(conn, want.pragma)
		if err != nil {
			return fmt.Errorf("pragma %s: %w", want.pragma, err)
		}
		if got != want.value {
			return fmt.Errorf("%w: %s is %v, want %v", ErrNotDurable, want.pragma, got, want.value)
		}
	}
	return nil
}

func pragma(conn *sqlite3.SQLiteConn, name string) (any, error) {
	rows, err := conn.Query("PRAGMA "+name, nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		return nil, err
	}
	if b, ok := row[0].([]byte); ok {
		return string(b), nil
	}
	return row[0], nil
}
