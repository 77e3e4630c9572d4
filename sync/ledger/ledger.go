package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"loket/sync/wire"
)

// Errors that callers branch on.
var (
	ErrNotDurable = errors.New("database would not survive a power cut")
	ErrNewer      = errors.New("database was written by a newer version of the program")
	ErrCorrupt    = errors.New("database is damaged")
	ErrNotFound   = errors.New("not in the ledger")
	ErrTooLate    = errors.New("can no longer be taken back here")
	ErrPosition   = errors.New("packet is out of turn")
	ErrDisk       = errors.New("disk is nearly full")
)

// Options are what a Ledger needs from outside.
type Options struct {
	Now    func() time.Time // trusted time (sync/clock); nil is time.Now
	Device string           // id of this counter's device, for heads; may be set later with SetDevice

	// Autocheckpoint is after how many 4 KiB pages of the WAL a decision also
	// writes it back; 0 is 10,000, which leaves that to Idle.
	Autocheckpoint int
}

// Ledger is an open database.
type Ledger struct {
	write *sql.DB // one connection
	read  *sql.DB // two, read-only
	path  string
	now   func() time.Time

	checking sync.Mutex
	checked  time.Time // when the stored hashes were last found to be the entries'
}

// Open opens or creates the database at path, brings it to this build's schema
// and checks it: that it is durable (ErrNotDurable), not from a newer program
// (ErrNewer), and whole (ErrCorrupt, by quick_check).
func Open(ctx context.Context, path string, opts Options) (*Ledger, error) {
	return open(ctx, path, opts, connector{dsn: dsnDurable})
}

// open opens with the parameters of c's address.
func open(ctx context.Context, path string, opts Options, c connector) (*Ledger, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if err := private(path); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	l := &Ledger{path: path, now: opts.Now}
	params := c.dsn
	c.pages = opts.Autocheckpoint
	c.dsn = address(path, "_txlock=immediate&"+params)
	l.write = sql.OpenDB(c)
	l.write.SetMaxOpenConns(1)
	l.write.SetConnMaxIdleTime(0)
	if err := l.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger: %w", err), l.write.Close())
	}
	// SQLite syncs the folder too, so that the WAL's name outlives a power cut,
	// but says nothing when that fails.
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger: folder: %w", err), l.write.Close())
	}
	c.dsn = address(path, "_txlock=deferred&_query_only=1&"+params)
	l.read = sql.OpenDB(c)
	l.read.SetMaxOpenConns(2)
	if opts.Device != "" {
		if err := l.Set(ctx, settingDevice, []byte(opts.Device)); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	return l, nil
}

// prepare checks what is there and migrates it.
func (l *Ledger) prepare(ctx context.Context) error {
	if err := l.write.PingContext(ctx); err != nil {
		return err
	}
	if err := quickCheck(ctx, l.write); err != nil {
		return err
	}
	if err := l.renew(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, l.write); err != nil {
		return err
	}
	return l.tx(ctx, l.begin)
}

// renew writes what was found in the WAL into the database and empties the WAL.
// A sync that failed leaves writes in the system's memory which never reach the
// disk, however often one syncs; SQLite gives that transaction up, but whoever
// opens the file next reads it back and takes it for committed. Where another
// process has the ledger open it did this, and nothing is to do.
func (l *Ledger) renew(ctx context.Context) error {
	_, err := l.checkpoint(ctx, "TRUNCATE")
	return err
}

// Close writes the WAL back into the database and closes it.
func (l *Ledger) Close() error {
	var err error
	if l.read != nil {
		err = l.read.Close()
	}
	return errors.Join(err, l.write.Close())
}

// tx runs f in one transaction on the writing connection. When it returns nil,
// f's writes are on the disk. The context ends the wait for the connection; a
// transaction that has begun goes on to its end, so that its caller is told what
// became of it, and no statement needs a goroutine that watches the context.
func (l *Ledger) tx(ctx context.Context, f func(*tx) error) error {
	conn, err := l.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Close() // after the transaction's end it only gives the connection back
	ctx = context.WithoutCancel(ctx)
	t, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer t.Rollback() // does nothing after Commit
	if err := f(&tx{t, ctx, l.now()}); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// tx is a running transaction with the one time that all its rows get.
type tx struct {
	*sql.Tx
	ctx context.Context
	now time.Time
}

func (t *tx) exec(query string, args ...any) (int64, error) {
	r, err := t.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (t *tx) get(query string, args []any, into ...any) error {
	return t.QueryRowContext(t.ctx, query, args...).Scan(into...)
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// packetID reads an id column.
func packetID(b []byte) (wire.PacketID, error) {
	if len(b) != len(wire.PacketID{}) {
		return wire.PacketID{}, fmt.Errorf("%w: packet id of %d bytes", ErrCorrupt, len(b))
	}
	return wire.PacketID(b), nil
}
