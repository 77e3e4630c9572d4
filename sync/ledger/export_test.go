package ledger

import (
	"context"
	"database/sql"

	"golang.org/x/mod/sumdb/tlog"
)

// OpenWith opens with other parameters than the durable ones, as a control.
func OpenWith(ctx context.Context, path string, opts Options, params string) (*Ledger, error) {
	return open(ctx, path, opts, connector{dsn: params})
}

// DSN is what Open uses.
const DSN = dsnDurable

// DB is the writing connection, for tests that do what a thief would.
func (l *Ledger) DB() *sql.DB { return l.write }

// DiskOf is the judgement about so many free bytes.
var DiskOf = disk

// Tree is the stored hashes of a log with these entries.
func Tree(entries []string) ([]tlog.Hash, error) {
	var v verifier
	for n, e := range entries {
		more, err := tlog.StoredHashes(int64(n), []byte(e), &v)
		if err != nil {
			return nil, err
		}
		v.hashes = append(v.hashes, more...)
	}
	return v.hashes, nil
}

// Statements that have to use an index, or they read every decision ever made.
const (
	StatementCounts = counts
	StatementWipe   = wipeBodies + "state_at < ?"
)
