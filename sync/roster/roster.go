// Package roster holds the enrolled records and photos that a van takes along,
// so that it can serve without a link.
//
// They are chosen by area and downloaded in pages; a download that broke goes
// on where it was. Every row is sealed with the data key of sync/vault, bound
// to its place, and found by a keyed hash of the NIK: without an officer's PIN
// and this machine's secret the file says how many people of which area are in
// it, and nothing else. An area has an end, after which nothing of it is given
// out and Expire wipes it. While only an uncertain clock says that the end has
// come, the area is locked (ErrClock) and not wiped: setting a clock ahead must
// neither destroy the day's records nor keep them readable.
//
// The file can always be fetched again, so it is a database of its own beside
// the ledger: wiping it touches nothing that must be kept.
package roster

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"

	"loket/sync/wire"
)

//go:embed schema.sql
var schema string

// ErrNotFound says that nobody with this NIK is in an area that is still valid.
var ErrNotFound = errors.New("not in the roster")

// ErrClock says that the person is in an area whose end may have come: the clock
// is uncertain, and the area stays locked until it is not.
var ErrClock = errors.New("roster is locked until the clock is certain")

// Bounds gives the time that it surely is and the one that it may be
// (sync/clock's Clock.Bounds): what ends before the first is over, what ends
// before the second is not to be used.
type Bounds func() (sure, maybe time.Time)

// Keys seals and finds rows; sync/vault's Session is one.
type Keys interface {
	Seal(name string, plain []byte) ([]byte, error)
	Open(name string, sealed []byte) ([]byte, error)
	Hashes(purpose, value string) ([][]byte, error) // the first is the one to store
}

// Roster is an open file. It is safe for use by several goroutines.
type Roster struct {
	db  *sql.DB
	now Bounds
}

// Open opens or creates the file at path and wipes what has expired.
func Open(ctx context.Context, path string, now Bounds) (*Roster, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("open roster: %w", err)
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=5000&_foreign_keys=on&_secure_delete=on")
	if err != nil {
		return nil, fmt.Errorf("open roster: %w", err)
	}
	db.SetMaxOpenConns(2)
	r := &Roster{db: db, now: now}
	if err := prepare(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("open roster: %w", err), db.Close())
	}
	if _, err := r.Expire(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return r, nil
}

// prepare makes the tables. Those of an older version go: they can be fetched
// again.
func prepare(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version < 3 {
		if _, err := db.ExecContext(ctx, "DROP TABLE IF EXISTS labels; DROP TABLE IF EXISTS records; DROP TABLE IF EXISTS areas"); err != nil {
			return err
		}
	}
	_, err := db.ExecContext(ctx, schema)
	return err
}

// Close closes the file.
func (r *Roster) Close() error { return r.db.Close() }

// Found is one person's record with where it came from.
type Found struct {
	Record  wire.Record
	Area    string
	Fetched time.Time // the screen says how old it is
	Expires time.Time
}

// Old says that the roster is older than policy allows (OfflinePolicy's
// RosterDays; 0 is no limit): the screen says so on each record.
func (f Found) Old(now time.Time, days int) bool {
	return days > 0 && now.Sub(f.Fetched) > time.Duration(days)*24*time.Hour
}

// Get finds a person by NIK; ErrNotFound where the roster has none, ErrClock
// where the record is locked.
func (r *Roster) Get(ctx context.Context, keys Keys, nik string) (Found, error) {
	hashes, err := keys.Hashes("roster", nik)
	if err != nil {
		return Found{}, fmt.Errorf("roster: %w", err)
	}
	for _, hash := range hashes {
		f, err := r.get(ctx, keys, hash)
		if !errors.Is(err, sql.ErrNoRows) {
			return f, err
		}
	}
	return Found{}, ErrNotFound
}

func (r *Roster) get(ctx context.Context, keys Keys, hash []byte) (Found, error) {
	var f Found
	var fetched, expires int64
	var body []byte
	sure, maybe := r.now()
	err := r.db.QueryRowContext(ctx, `SELECT areas.area, fetched, expires, body FROM records JOIN areas USING (area)
		WHERE nik = ? AND expires > ? ORDER BY expires > ? DESC, fetched DESC LIMIT 1`, hash, sure.UnixMilli(), maybe.UnixMilli()).
		Scan(&f.Area, &fetched, &expires, &body)
	if err != nil {
		return f, fmt.Errorf("roster: %w", err)
	}
	if expires <= maybe.UnixMilli() {
		return Found{}, ErrClock
	}
	f.Fetched, f.Expires = time.UnixMilli(fetched).UTC(), time.UnixMilli(expires).UTC()
	plain, err := keys.Open(place(f.Area, hash), body)
	if err != nil {
		return f, fmt.Errorf("roster: %w", err)
	}
	if err := json.Unmarshal(plain, &f.Record); err != nil {
		return f, fmt.Errorf("roster: %w", err)
	}
	return f, nil
}

// place is what a row's seal is bound to.
func place(area string, hash []byte) string { return "roster/" + area + "/" + hex.EncodeToString(hash) }

// Area is one area of the roster.
type Area struct {
	Code     string
	Records  int // here
	Total    int // as central said
	Complete bool
	Fetched  time.Time
	Expires  time.Time
	Locked   bool // until the clock is certain
}

// Areas lists what is here, by code.
func (r *Roster) Areas(ctx context.Context) ([]Area, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT area, total, done, fetched, expires,
		(SELECT count(*) FROM records WHERE records.area = areas.area) FROM areas ORDER BY area`)
	if err != nil {
		return nil, fmt.Errorf("roster areas: %w", err)
	}
	defer rows.Close()
	sure, maybe := r.now()
	var out []Area
	for rows.Next() {
		var a Area
		var fetched, expires int64
		if err := rows.Scan(&a.Code, &a.Total, &a.Complete, &fetched, &expires, &a.Records); err != nil {
			return nil, fmt.Errorf("roster areas: %w", err)
		}
		a.Fetched, a.Expires = time.UnixMilli(fetched).UTC(), time.UnixMilli(expires).UTC()
		a.Locked = sure.Before(a.Expires) && !maybe.Before(a.Expires)
		out = append(out, a)
	}
	return out, rows.Err()
}

// Expire wipes every area whose time is surely over and says how many; call it
// at start and every few minutes.
func (r *Roster) Expire(ctx context.Context) (int, error) {
	sure, _ := r.now()
	return r.wipe(ctx, "DELETE FROM areas WHERE expires <= ?", sure.UnixMilli())
}

// Wipe removes one area.
func (r *Roster) Wipe(ctx context.Context, area string) error {
	_, err := r.wipe(ctx, "DELETE FROM areas WHERE area = ?", area)
	return err
}

// wipe deletes areas with their records, whose pages SQLite overwrites, and
// empties the WAL, where they stand too.
func (r *Roster) wipe(ctx context.Context, query string, arg any) (int, error) {
	result, err := r.db.ExecContext(ctx, query, arg)
	if err != nil {
		return 0, fmt.Errorf("wipe roster: %w", err)
	}
	n, err := result.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	if _, err := r.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return 0, fmt.Errorf("wipe roster: %w", err)
	}
	return int(n), nil
}
