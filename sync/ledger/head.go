package ledger

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"loket/scanner/token"
	"loket/sync/wire"
)

// Held is the last head that central acknowledged. What is below it cannot be
// changed here without being found.
type Held struct {
	Epoch uint64    `json:"epoch"`
	Size  int64     `json:"size"`
	Root  tlog.Hash `json:"root"`
}

// SetDevice names the counter's device after its enrolment.
func (l *Ledger) SetDevice(ctx context.Context, device string) error {
	return l.Set(ctx, settingDevice, []byte(device))
}

// Head is the state of the audit log now, unsigned.
func (l *Ledger) Head(ctx context.Context, trust uint64) (wire.Head, error) {
	t, err := l.snapshot(ctx)
	if err != nil {
		return wire.Head{}, err
	}
	defer t.Rollback()
	return t.head(trust)
}

// recheck is how long the stored hashes are believed once they were found to be
// those of the entries.
const recheck = time.Hour

// HeadRequest is the signed head and the proof that it continues the last one
// that central acknowledged. The first one after Open, and then one an hour, is
// recomputed from the entries as they stand there now, so that central also
// finds a change by somebody who left the stored hashes alone; where they
// differ, every one is.
func (l *Ledger) HeadRequest(ctx context.Context, device crypto.Signer, trust uint64) (wire.HeadRequest, error) {
	t, err := l.snapshot(ctx)
	if err != nil {
		return wire.HeadRequest{}, err
	}
	defer t.Rollback()
	tree, size, err := l.tree(t)
	if err != nil {
		return wire.HeadRequest{}, err
	}
	h, err := t.headOf(trust, size, tree)
	if err != nil {
		return wire.HeadRequest{}, err
	}
	held, err := t.held()
	if err != nil {
		return wire.HeadRequest{}, err
	}
	var req wire.HeadRequest
	// A log that is shorter than what central holds proves nothing: its head goes
	// there without proof, so that central finds it.
	if (held.Epoch == h.Epoch || h.Opening != nil) && held.Size > 0 && held.Size <= h.Size {
		if req.Proof, err = prove(h.Size, held.Size, tree); err != nil {
			return wire.HeadRequest{}, err
		}
	}
	req.Head, err = wire.SignHead(h, device)
	return req, err
}

// tree is the log's hashes, recomputed where it is time, and its size.
func (l *Ledger) tree(t *tx) (tlog.HashReader, int64, error) {
	l.checking.Lock()
	defer l.checking.Unlock()
	if since := t.now.Sub(l.checked); l.checked.IsZero() || since < 0 || since >= recheck {
		v := verifier{tx: t, logged: make(map[string]logged)}
		if err := v.entries(); err != nil {
			return nil, 0, fmt.Errorf("audit log: %w", err)
		}
		if err := v.storedHashes(); err != nil {
			return nil, 0, fmt.Errorf("audit log: %w", err)
		}
		l.checked = time.Time{}
		if !v.report.OK() {
			return &v, v.report.Entries, nil
		}
		l.checked = t.now
	}
	size, err := auditSize(t.ctx, t)
	return hashReader{t.ctx, t}, size, err
}

// prove makes the consistency proof between two sizes.
func prove(to, from int64, r tlog.HashReader) ([][]byte, error) {
	p, err := tlog.ProveTree(to, from, r)
	if err != nil {
		return nil, fmt.Errorf("%w: audit log of %d entries does not reach back to %d: %w", ErrCorrupt, to, from, err)
	}
	out := make([][]byte, len(p))
	for i := range p {
		out[i] = p[i][:]
	}
	return out, nil
}

// HeadAccepted keeps the head that central holds now. In a new epoch it counts
// from the first one that is of this epoch: until then central holds one of the
// old, whose end this ledger may have lost.
func (l *Ledger) HeadAccepted(ctx context.Context, r wire.HeadResponse) error {
	if len(r.Hash) != tlog.HashSize {
		return fmt.Errorf("head accepted: hash of %d bytes", len(r.Hash))
	}
	return l.tx(ctx, func(t *tx) error {
		e, err := epoch(t.ctx, t)
		if err != nil {
			return err
		}
		if ours, err := t.ofEpoch(e, r); err != nil || !ours {
			return err
		}
		b, err := json.Marshal(Held{e, r.Size, tlog.Hash(r.Hash)})
		if err != nil {
			return err
		}
		if err := put(t, "settings", settingHeld, b); err != nil {
			return err
		}
		return t.putNow(settingSynced)
	})
}

// ofEpoch says whether what central holds is a head of this epoch. It need not
// ask while none was restored since the last one.
func (t *tx) ofEpoch(epoch uint64, r wire.HeadResponse) (bool, error) {
	opening, err := t.opening(epoch)
	if err != nil || opening == nil {
		return err == nil, err
	}
	var o wire.Opening
	if err := token.Decode(opening.Opening, &o); err != nil {
		return false, fmt.Errorf("%w: opening: %w", ErrCorrupt, err)
	}
	size, err := auditSize(t.ctx, t)
	if err != nil || r.Size <= o.Kept || r.Size > size {
		return false, err
	}
	root, err := tlog.TreeHash(r.Size, hashReader{t.ctx, t})
	return err == nil && root == tlog.Hash(r.Hash), err
}

// snapshot is a transaction for reading: all it reads is of one moment.
func (l *Ledger) snapshot(ctx context.Context) (*tx, error) {
	t, err := l.read.BeginTx(ctx, nil) // these connections only query
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	return &tx{t, ctx, l.now()}, nil
}

// head is that of the stored hashes.
func (t *tx) head(trust uint64) (wire.Head, error) {
	size, err := auditSize(t.ctx, t)
	if err != nil {
		return wire.Head{}, err
	}
	return t.headOf(trust, size, hashReader{t.ctx, t})
}

func (t *tx) headOf(trust uint64, size int64, tree tlog.HashReader) (wire.Head, error) {
	h := wire.Head{Version: wire.Version, Trust: trust, At: t.now.UTC().Truncate(time.Second)}
	device, err := get(t.ctx, t, "settings", settingDevice)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return h, err
	}
	h.Device = string(device)
	if h.Epoch, err = epoch(t.ctx, t); err != nil {
		return h, err
	}
	if h.Packets, err = lastSeq(t.ctx, t); err != nil {
		return h, err
	}
	h.Size = size
	root, err := tlog.TreeHash(h.Size, tree)
	if err != nil {
		return h, fmt.Errorf("audit head: %w", err)
	}
	h.Root = root
	h.Opening, err = t.opening(h.Epoch)
	return h, err
}

// held is the zero Held before central has acknowledged any.
func (t *tx) held() (Held, error) {
	var h Held
	b, err := get(t.ctx, t, "settings", settingHeld)
	if errors.Is(err, ErrNotFound) {
		return h, nil
	}
	if err != nil {
		return h, err
	}
	if err := json.Unmarshal(b, &h); err != nil {
		return h, fmt.Errorf("%w: head held: %w", ErrCorrupt, err)
	}
	return h, nil
}
