// Package thief does to a ledger's file what somebody with the disk can: it
// changes, removes and rearranges the entries of the audit log, and covers that
// up as far as what lies on the disk allows. It is for trials.
package thief

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	_ "github.com/mattn/go-sqlite3" // the driver
	"golang.org/x/mod/sumdb/tlog"

	"loket/sync/ledger"
)

// Thief has the file of a closed ledger.
type Thief struct {
	db      *sql.DB
	Entries []Entry // of the audit log, as read; Write puts them back
}

// Entry is a row of the log.
type Entry struct {
	N    int
	Text string
}

// Open reads the log of the ledger at path.
func Open(ctx context.Context, path string) (*Thief, error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=OFF")
	if err != nil {
		return nil, err
	}
	t := &Thief{db: db}
	rows, err := db.QueryContext(ctx, "SELECT n, entry FROM audit ORDER BY n")
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e Entry
		if err := rows.Scan(&e.N, &e.Text); err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
		t.Entries = append(t.Entries, e)
	}
	return t, rows.Err()
}

// Close closes the file.
func (t *Thief) Close() error { return t.db.Close() }

// Edit changes one letter or digit of entry n, within the values.
func (t *Thief) Edit(n int, rng *rand.Rand) {
	b := []byte(t.Entries[n].Text)
	for {
		at := 8 + rng.IntN(len(b)-8) // its own number stays
		if c := b[at]; c >= '0' && c <= '9' {
			b[at] = '0' + (c-'0'+1+byte(rng.IntN(9)))%10
		} else if c >= 'a' && c <= 'z' {
			b[at] = 'a' + (c-'a'+1+byte(rng.IntN(25)))%26
		} else {
			continue
		}
		t.Entries[n].Text = string(b)
		return
	}
}

// Delete takes entry n out.
func (t *Thief) Delete(n int) { t.Entries = slices.Delete(t.Entries, n, n+1) }

// Swap exchanges two entries.
func (t *Thief) Swap(a, b int) {
	t.Entries[a].Text, t.Entries[b].Text = t.Entries[b].Text, t.Entries[a].Text
}

// Truncate leaves the first n entries.
func (t *Thief) Truncate(n int) { t.Entries = t.Entries[:n] }

// Write puts the entries in the file. With cover it renumbers them, rebuilds
// every hash, removes what the log no longer names, and has the file claim that
// central holds a head of no more than the first below entries, which were left
// alone.
func (t *Thief) Write(ctx context.Context, cover bool, below int) error {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if cover {
		if err := t.cover(ctx, tx, below); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM audit"); err != nil {
		return err
	}
	for _, e := range t.Entries {
		if _, err := tx.ExecContext(ctx, "INSERT INTO audit (n, entry) VALUES (?, ?)", e.N, e.Text); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (t *Thief) cover(ctx context.Context, tx *sql.Tx, below int) error {
	var tree hashes
	named := map[string]bool{}
	for n := range t.Entries {
		row := &t.Entries[n]
		row.N = n
		var e ledger.AuditEntry
		if json.Unmarshal([]byte(row.Text), &e) == nil { // an edit may have spoilt it
			e.N = int64(n)
			named[e.Fields["packet"]] = true
			b, err := json.Marshal(e)
			if err != nil {
				return err
			}
			row.Text = string(b)
		}
		more, err := tlog.StoredHashes(int64(n), []byte(row.Text), tree)
		if err != nil {
			return err
		}
		tree = append(tree, more...)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM hashes"); err != nil {
		return err
	}
	for i, h := range tree {
		if _, err := tx.ExecContext(ctx, "INSERT INTO hashes (i, hash) VALUES (?, ?)", i, h[:]); err != nil {
			return err
		}
	}
	if err := t.coverPackets(ctx, tx, named); err != nil {
		return err
	}
	held := ledger.Held{Epoch: 1, Size: int64(below)}
	var err error
	if held.Root, err = tlog.TreeHash(held.Size, tree); err != nil {
		return err
	}
	b, err := json.Marshal(held)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE settings SET value = ? WHERE name = 'ledger.head-held'", b)
	return err
}

// coverPackets removes the packets that no entry names.
func (t *Thief) coverPackets(ctx context.Context, tx *sql.Tx, named map[string]bool) error {
	rows, err := tx.QueryContext(ctx, "SELECT lower(hex(id)) FROM packets")
	if err != nil {
		return err
	}
	defer rows.Close()
	var gone []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if !named[id] {
			gone = append(gone, id)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, id := range gone {
		if _, err := tx.ExecContext(ctx, "DELETE FROM packets WHERE lower(hex(id)) = ?", id); err != nil {
			return err
		}
	}
	return nil
}

// hashes are a log's stored hashes.
type hashes []tlog.Hash

// ReadHashes implements tlog.HashReader.
func (h hashes) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, a := range at {
		out[i] = h[a]
	}
	return out, nil
}
