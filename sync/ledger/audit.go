package ledger

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// AuditEntry is one line of the audit log. Fields hold ids, codes, hashes and
// counts, never what names a person.
type AuditEntry struct {
	N      int64             `json:"n"`  // from 0
	At     time.Time         `json:"at"` // as the counter's clock had it
	Kind   string            `json:"kind"`
	Fields map[string]string `json:"fields,omitempty"`
}

// Kinds of entry that the ledger writes itself; callers of Record have others.
const (
	auditBegin    = "ledger-begin"
	auditDecision = "decision"
	auditUndo     = "undo"
	auditState    = "state"
	auditWipe     = "wipe"
	auditDay      = "day-closed"
	auditBackup   = "backup"
	auditEpoch    = "epoch" // a backup was restored
)

// ErrPersonal says that an audit entry would have held personal data.
var ErrPersonal = errors.New("audit entry would hold personal data")

// personal finds an e-mail address or a whole NIK: 16 digits that are not part of
// a longer hexadecimal number. Every field of every entry passes here, so it reads
// bytes, which costs a tenth of a regular expression.
func personal(s string) bool {
	run, digits := 0, 0 // of hexadecimal digits so far, and of decimal ones among them
	for i := range len(s) {
		switch c := s[i]; {
		case c == '@':
			return true
		case '0' <= c && c <= '9':
			run, digits = run+1, digits+1
		case 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F':
			run++
		default:
			if run == 16 && digits == 16 {
				return true
			}
			run, digits = 0, 0
		}
	}
	return run == 16 && digits == 16
}

// Record appends an entry of its own transaction: a log-in, a masked field
// revealed, a setting changed. It is on the disk when Record returns.
func (l *Ledger) Record(ctx context.Context, kind string, fields map[string]string) error {
	return l.tx(ctx, func(t *tx) error { return t.audit(kind, fields) })
}

// begin writes the first entry of a new ledger.
func (l *Ledger) begin(t *tx) error {
	_, err := get(t.ctx, t, "settings", settingEpoch)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := put(t, "settings", settingEpoch, binary.BigEndian.AppendUint64(nil, 1)); err != nil {
		return err
	}
	return t.audit(auditBegin, map[string]string{"epoch": "1"})
}

// epoch is the ledger's: 1 until a backup is restored, then the time of that.
func epoch(ctx context.Context, q querier) (uint64, error) {
	b, err := get(ctx, q, "settings", settingEpoch)
	if err != nil {
		return 0, err
	}
	if len(b) != 8 {
		return 0, fmt.Errorf("%w: epoch", ErrCorrupt)
	}
	return binary.BigEndian.Uint64(b), nil
}

// audit appends one entry and the tree's new hashes within a transaction.
func (t *tx) audit(kind string, fields map[string]string) error {
	for name, value := range fields {
		if personal(value) {
			return fmt.Errorf("%w: %s", ErrPersonal, name)
		}
	}
	n, err := auditSize(t.ctx, t)
	if err != nil {
		return err
	}
	text, err := json.Marshal(AuditEntry{n, t.now.UTC().Truncate(time.Millisecond), kind, fields})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	hashes, err := tlog.StoredHashes(n, text, hashReader{t.ctx, t})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if _, err := t.exec("INSERT INTO audit (n, entry) VALUES (?, ?)", n, string(text)); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	at := tlog.StoredHashIndex(0, n)
	for i, h := range hashes {
		if _, err := t.exec("INSERT INTO hashes (i, hash) VALUES (?, ?)", at+int64(i), h[:]); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
	}
	return nil
}

// auditSize is the number of entries.
func auditSize(ctx context.Context, q querier) (int64, error) {
	var n int64
	err := q.QueryRowContext(ctx, "SELECT coalesce(max(n), -1) + 1 FROM audit").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("audit size: %w", err)
	}
	return n, nil
}

// hashReader gives the tree its stored hashes.
type hashReader struct {
	ctx context.Context
	q   querier
}

// ReadHashes implements tlog.HashReader.
func (r hashReader) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, index := range at {
		var b []byte
		if err := r.q.QueryRowContext(r.ctx, "SELECT hash FROM hashes WHERE i = ?", index).Scan(&b); err != nil {
			return nil, fmt.Errorf("%w: hash %d: %w", ErrCorrupt, index, err)
		}
		if len(b) != tlog.HashSize {
			return nil, fmt.Errorf("%w: hash %d", ErrCorrupt, index)
		}
		out[i] = tlog.Hash(b)
	}
	return out, nil
}

// Entries reads up to limit entries of the log from entry n on.
func (l *Ledger) Entries(ctx context.Context, n int64, limit int) ([]AuditEntry, error) {
	rows, err := l.read.QueryContext(ctx, "SELECT entry FROM audit WHERE n >= ? ORDER BY n LIMIT ?", n, limit)
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	defer rows.Close()
	var out []AuditEntry
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read audit: %w", err)
		}
		var e AuditEntry
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return nil, fmt.Errorf("read audit: %w: %w", ErrCorrupt, err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}
