package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"loket/sync/wire"
)

// Report is what Verify found.
type Report struct {
	Epoch   uint64    `json:"epoch"`
	Entries int64     `json:"entries"`
	Root    tlog.Hash `json:"root"` // recomputed from the entries
	Packets int       `json:"packets"`
	Held    *Held     `json:"held,omitempty"` // nil: central has acknowledged no head yet
	Faults  []Fault   `json:"faults"`
}

// OK says that nothing was found.
func (r Report) OK() bool { return len(r.Faults) == 0 }

// Fault is one thing that is not as the log says. N is an entry, or -1 for
// what belongs to none.
type Fault struct {
	N    int64  `json:"n"`
	What string `json:"what"`
}

// Verify reads the whole log and recomputes it: that entries are complete and
// hash to what is stored, that they continue the head which central holds, and
// that every packet is the one that was logged. It finds every change below
// that head. Above it, somebody who can write the file can also rewrite the
// hashes: that shows at central only, at the next sync.
func (l *Ledger) Verify(ctx context.Context) (Report, error) {
	t, err := l.snapshot(ctx)
	if err != nil {
		return Report{}, err
	}
	defer t.Rollback()
	v := verifier{tx: t, logged: make(map[string]logged)}
	for _, step := range []func() error{v.entries, v.storedHashes, v.head, v.packets} {
		if err := step(); err != nil {
			return Report{}, fmt.Errorf("verify audit log: %w", err)
		}
	}
	return v.report, nil
}

// verifier recomputes the tree in memory.
type verifier struct {
	*tx
	report Report
	hashes []tlog.Hash
	logged map[string]logged // packet id to its decision entry
}

type logged struct {
	n            int64
	seq, sha256  string
	state        wire.State // the last one logged; sending is not logged
	seenInTables bool
}

func (v *verifier) fault(n int64, format string, args ...any) {
	v.report.Faults = append(v.report.Faults, Fault{n, fmt.Sprintf(format, args...)})
}

// ReadHashes implements tlog.HashReader over what was recomputed.
func (v *verifier) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, index := range at {
		if index < 0 || index >= int64(len(v.hashes)) {
			return nil, fmt.Errorf("hash %d of %d", index, len(v.hashes))
		}
		out[i] = v.hashes[index]
	}
	return out, nil
}

// entries recomputes every leaf and node.
func (v *verifier) entries() error {
	rows, err := v.QueryContext(v.ctx, "SELECT n, entry FROM audit ORDER BY n")
	if err != nil {
		return err
	}
	defer rows.Close()
	for ; rows.Next(); v.report.Entries++ {
		var n int64
		var text string
		if err := rows.Scan(&n, &text); err != nil {
			return err
		}
		if n != v.report.Entries {
			v.fault(v.report.Entries, "entry is missing: the next one is %d", n)
			return nil // nothing after a gap can be placed
		}
		more, err := tlog.StoredHashes(n, []byte(text), v)
		if err != nil {
			return err
		}
		v.hashes = append(v.hashes, more...)
		v.entry(n, text)
	}
	return rows.Err()
}

// entry reads one entry's own number and what it logs.
func (v *verifier) entry(n int64, text string) {
	var e AuditEntry
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		v.fault(n, "entry is not JSON")
		return
	}
	if e.N != n {
		v.fault(n, "entry calls itself %d", e.N)
	}
	p := e.Fields["packet"]
	was := v.logged[p]
	switch e.Kind {
	case auditDecision:
		v.logged[p] = logged{n: n, seq: e.Fields["seq"], sha256: e.Fields["sha256"], state: wire.StateQueued}
	case auditUndo:
		was.state = wire.StateCancelled
		v.logged[p] = was
	case auditState:
		was.state = wire.State(e.Fields["state"])
		v.logged[p] = was
	}
}

// storedHashes compares what is stored with what was recomputed.
func (v *verifier) storedHashes() error {
	rows, err := v.QueryContext(v.ctx, "SELECT i, hash FROM hashes ORDER BY i")
	if err != nil {
		return err
	}
	defer rows.Close()
	var have int64
	for ; rows.Next(); have++ {
		var i int64
		var hash []byte
		if err := rows.Scan(&i, &hash); err != nil {
			return err
		}
		if i != have || i >= int64(len(v.hashes)) || !bytes.Equal(hash, v.hashes[i][:]) {
			_, n := tlog.SplitStoredHashIndex(i)
			v.fault(n, "stored hash %d is not that of the entries", i)
			return rows.Err()
		}
	}
	if have != int64(len(v.hashes)) {
		v.fault(-1, "%d hashes are stored, the entries have %d", have, len(v.hashes))
	}
	return rows.Err()
}

// head compares with the head that central acknowledged.
func (v *verifier) head() error {
	var err error
	if v.report.Epoch, err = epoch(v.ctx, v); err != nil {
		return err
	}
	if v.report.Root, err = tlog.TreeHash(v.report.Entries, v); err != nil {
		return err
	}
	held, err := v.held()
	if err != nil || held.Size == 0 { // one of an earlier epoch holds as well: the log goes on
		return err
	}
	v.report.Held = &held
	if held.Size > v.report.Entries {
		v.fault(held.Size-1, "central holds %d entries, here are %d", held.Size, v.report.Entries)
		return nil
	}
	root, err := tlog.TreeHash(held.Size, v)
	if err != nil {
		return err
	}
	if root != held.Root {
		v.fault(held.Size-1, "the first %d entries are not those whose head central holds", held.Size)
	}
	return nil
}

// packets compares each packet with its entry, and each entry with its packet.
func (v *verifier) packets() error {
	rows, err := v.QueryContext(v.ctx, "SELECT id, seq, hash, body, state FROM packets ORDER BY seq")
	if err != nil {
		return err
	}
	defer rows.Close()
	for ; rows.Next(); v.report.Packets++ {
		var id, hash, body []byte
		var seq string
		var state wire.State
		if err := rows.Scan(&id, &seq, &hash, &body, &state); err != nil {
			return err
		}
		name := hex.EncodeToString(id)
		e, ok := v.logged[name]
		sum := sha256.Sum256(body)
		switch {
		case !ok:
			v.fault(-1, "packet %s was never logged", name)
			continue
		case e.seq != seq || e.sha256 != hex.EncodeToString(hash):
			v.fault(e.n, "packet %s is not the one that was logged", name)
		case body != nil && !bytes.Equal(sum[:], hash):
			v.fault(e.n, "packet %s was changed", name)
		case body == nil && (state == wire.StateQueued || state == wire.StateSent):
			v.fault(e.n, "packet %s is empty and was not sent", name)
		case state != e.state && !(state == wire.StateSent && e.state == wire.StateQueued):
			v.fault(e.n, "packet %s says %s, the log says %s", name, state, e.state)
		}
		e.seenInTables = true
		v.logged[name] = e
	}
	for name, e := range v.logged {
		if !e.seenInTables {
			v.fault(e.n, "packet %s is gone", name)
		}
	}
	return rows.Err()
}
