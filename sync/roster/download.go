package roster

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"loket/sync/wire"
)

// Fetch gives one page of an area after a cursor; sync/client's Roster is one.
type Fetch func(ctx context.Context, area, after string) (wire.RosterResponse, error)

// Download brings an area here and keeps it for a time from now. One that
// broke off goes on where it was. For a complete one central is asked what has
// changed since, where it gave a number for that; else it is fetched anew, and
// people who are no longer in the area go at its end. progress may be nil; it is
// called after each page, on this goroutine.
func (r *Roster) Download(ctx context.Context, keys Keys, area string, fetch Fetch, keep time.Duration, progress func(done, total int)) error {
	round, cursor, err := r.begin(ctx, keys, area, keep)
	if err != nil {
		return fmt.Errorf("download roster %s: %w", area, err)
	}
	for {
		page, err := fetch(ctx, area, cursor)
		if err != nil {
			return fmt.Errorf("download roster %s: %w", area, err)
		}
		done, err := r.keep(ctx, keys, area, round, page)
		if err != nil {
			return fmt.Errorf("download roster %s: %w", area, err)
		}
		if progress != nil {
			progress(done, page.Total)
		}
		if page.Next == "" {
			return nil
		}
		if page.Next == cursor {
			return fmt.Errorf("download roster %s: central's cursor does not move", area)
		}
		cursor = page.Next
	}
}

// Size says how much an area would bring, before it is downloaded: people, and
// bytes over the line, reckoned from the first page.
func Size(ctx context.Context, area string, fetch Fetch) (people int, bytes int64, err error) {
	page, err := fetch(ctx, area, "")
	if err != nil {
		return 0, 0, fmt.Errorf("size of roster %s: %w", area, err)
	}
	if len(page.Records) == 0 {
		return page.Total, 0, nil
	}
	b, err := json.Marshal(page)
	if err != nil {
		return 0, 0, fmt.Errorf("size of roster %s: %w", area, err)
	}
	return page.Total, int64(len(b)) * int64(page.Total) / int64(len(page.Records)), nil
}

// cursorPlace is what the cursor's seal is bound to: central's cursors are NIKs.
func cursorPlace(area string) string { return "roster-cursor/" + area }

// sealCursor gives a cursor as it is stored; "" stays.
func sealCursor(keys Keys, area, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	sealed, err := keys.Seal(cursorPlace(area), []byte(cursor))
	return base64.StdEncoding.EncodeToString(sealed), err
}

// openCursor opens what sealCursor made. One that does not open is of keys that
// are gone: the round begins at its first page again.
func openCursor(keys Keys, area, stored string) string {
	sealed, err := base64.StdEncoding.DecodeString(stored)
	if err != nil || len(sealed) == 0 {
		return ""
	}
	cursor, err := keys.Open(cursorPlace(area), sealed)
	if err != nil {
		return ""
	}
	return string(cursor)
}

// begin starts a round of an area, or finds the one that broke off.
func (r *Roster) begin(ctx context.Context, keys Keys, area string, keep time.Duration) (round int64, cursor string, err error) {
	now, _ := r.now()
	if _, err := r.Expire(ctx); err != nil {
		return 0, "", err
	}
	var done, delta bool
	var change int64
	err = r.db.QueryRowContext(ctx, "SELECT round, cursor, done, delta, change FROM areas WHERE area = ?", area).Scan(&round, &cursor, &done, &delta, &change)
	since := "~" + strconv.FormatInt(change, 10)
	switch {
	case err == nil && !done && delta && openCursor(keys, area, cursor) == "":
		return round, since, nil
	case err == nil && !done:
		return round, openCursor(keys, area, cursor), nil
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return 0, "", err
	case err == nil && change > 0:
		_, err = r.db.ExecContext(ctx, "UPDATE areas SET cursor = '', done = 0, delta = 1, fetched = ?, expires = ? WHERE area = ?",
			now.UnixMilli(), now.Add(keep).UnixMilli(), area)
		return round, since, err
	}
	round++
	_, err = r.db.ExecContext(ctx, `INSERT INTO areas (area, round, cursor, done, total, fetched, expires) VALUES (?, ?, '', 0, 0, ?, ?)
		ON CONFLICT (area) DO UPDATE SET round = excluded.round, cursor = '', done = 0, delta = 0, fetched = excluded.fetched, expires = excluded.expires`,
		area, round, now.UnixMilli(), now.Add(keep).UnixMilli())
	return round, "", err
}

// keep writes a page and the cursor after it in one transaction, and gives how
// many records this round has.
func (r *Roster) keep(ctx context.Context, keys Keys, area string, round int64, page wire.RosterResponse) (int, error) {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // does nothing after Commit
	for _, nik := range page.Gone {
		hashes, err := keys.Hashes("roster", nik)
		if err != nil {
			return 0, err
		}
		for _, hash := range hashes {
			if _, err := tx.ExecContext(ctx, "DELETE FROM records WHERE area = ? AND nik = ?", area, hash); err != nil {
				return 0, err
			}
		}
	}
	for _, rec := range page.Records {
		hash, body, err := sealRecord(keys, area, rec)
		if err != nil {
			return 0, err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO records (nik, area, round, body) VALUES (?, ?, ?, ?)
			ON CONFLICT (nik, area) DO UPDATE SET round = excluded.round, body = excluded.body`, hash, area, round, body)
		if err != nil {
			return 0, err
		}
		label, err := sealLabel(keys, area, hash, rec)
		if err != nil {
			return 0, err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO labels (nik, area, label) VALUES (?, ?, ?)
			ON CONFLICT (nik, area) DO UPDATE SET label = excluded.label`, hash, area, label)
		if err != nil {
			return 0, err
		}
	}
	cursor, err := sealCursor(keys, area, page.Next)
	if err != nil {
		return 0, err
	}
	var delta bool
	if err := tx.QueryRowContext(ctx, "SELECT delta FROM areas WHERE area = ?", area).Scan(&delta); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, "UPDATE areas SET cursor = ?, done = ?, change = CASE WHEN ? THEN ? ELSE change END WHERE area = ?",
		cursor, page.Next == "", page.Next == "", page.Change, area)
	if err != nil {
		return 0, err
	}
	if page.Next == "" && !delta {
		if _, err := tx.ExecContext(ctx, "DELETE FROM records WHERE area = ? AND round < ?", area, round); err != nil {
			return 0, err
		}
	}
	var n int
	err = tx.QueryRowContext(ctx, "SELECT count(*) FROM records WHERE area = ? AND round = ?", area, round).Scan(&n)
	if err != nil {
		return 0, err
	}
	total := page.Total
	if delta { // page's total counts changes
		total = n
	}
	if _, err := tx.ExecContext(ctx, "UPDATE areas SET total = ? WHERE area = ?", total, area); err != nil {
		return 0, err
	}
	return n, tx.Commit()
}

func sealRecord(keys Keys, area string, rec wire.Record) (hash, body []byte, err error) {
	hashes, err := keys.Hashes("roster", rec.NIK)
	if err != nil {
		return nil, nil, err
	}
	plain, err := json.Marshal(rec)
	if err != nil {
		return nil, nil, err
	}
	body, err = keys.Seal(place(area, hashes[0]), plain)
	return hashes[0], body, err
}
