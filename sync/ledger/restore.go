package ledger

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

// settingOpening is the signed opening of this epoch, for the head.
const settingOpening = "ledger.opening"

// Errors of Restore.
var (
	ErrNoBackup    = errors.New("not a backup of a ledger")
	ErrNeverSynced = errors.New("backup is from before the first sync: no head of it is known to central")
)

// Confirm has a supervisor sign the opening of the new epoch. l is the restored
// ledger, from whose vault the supervisor's key comes.
type Confirm func(ctx context.Context, l *Ledger, o wire.Opening) (wire.SignedOpening, error)

// Restored says what a restore did.
type Restored struct {
	Epoch  uint64 `json:"epoch"`
	Kept   int64  `json:"kept"`   // audit entries of the backup
	Aside  int64  `json:"aside"`  // decisions that could still be undone when it was made: somebody must look
	OldAt  string `json:"old_at"` // where the ledger that was there lies now; "" where none was
	Backup string `json:"backup"` // when it was made, RFC 3339
}

// Restore puts a backup in the place of the ledger at path, as a new epoch that
// names the last head which the backup knows central to hold. A ledger that is
// there is kept beside it: what it still holds may be sent by export. The
// ledger must not be open. Without the supervisor's signature nothing changes.
func Restore(ctx context.Context, backup, path string, opts Options, confirm Confirm) (Restored, error) {
	next := path + ".restoring"
	var out Restored
	err := copyWhole(backup, next)
	if err == nil {
		out, err = openEpoch(ctx, next, opts, confirm)
	}
	if err != nil {
		return Restored{}, errors.Join(fmt.Errorf("restore ledger: %w", err), removeAll(next))
	}
	if out.OldAt, err = setAside(path, opts); err != nil {
		return Restored{}, fmt.Errorf("restore ledger: %w", err)
	}
	if err := errors.Join(os.Rename(next, path), syncDir(filepath.Dir(path))); err != nil {
		return Restored{}, fmt.Errorf("restore ledger: %w", err)
	}
	return out, nil
}

// openEpoch begins the new epoch in the copy and closes it.
func openEpoch(ctx context.Context, path string, opts Options, confirm Confirm) (out Restored, err error) {
	l, err := Open(ctx, path, opts)
	if err != nil {
		return out, err
	}
	defer func() {
		err = errors.Join(err, l.renew(ctx), l.Close()) // the copy goes to its place without a WAL
	}()
	at, err := l.moment(ctx, settingBackup, time.Time{})
	if err != nil {
		return out, err
	}
	if at.IsZero() {
		return out, ErrNoBackup
	}
	r, err := l.Verify(ctx)
	if err != nil {
		return out, err
	}
	if !r.OK() {
		return out, fmt.Errorf("%w: %s", ErrCorrupt, r.Faults[0].What)
	}
	if r.Held == nil {
		return out, ErrNeverSynced
	}
	device, err := l.Get(ctx, settingDevice)
	if err != nil {
		return out, err
	}
	// The number is the time, so that restoring an older backup a second time
	// still opens a newer epoch than central has seen.
	o := wire.Opening{Device: string(device), Epoch: max(r.Epoch+1, uint64(l.now().Unix())), From: r.Held.Epoch, Size: r.Held.Size, Root: r.Held.Root,
		Kept: r.Entries, At: l.now().UTC().Truncate(time.Second)}
	signed, err := confirm(ctx, l, o)
	if err != nil {
		return out, err
	}
	out = Restored{Epoch: o.Epoch, Kept: o.Kept, Backup: at.Format(time.RFC3339)}
	return out, l.tx(ctx, func(t *tx) error { return t.openEpoch(o, signed, at, &out) })
}

func (t *tx) openEpoch(o wire.Opening, signed wire.SignedOpening, at time.Time, out *Restored) error {
	if err := token.Decode(signed.Opening, &o); err != nil {
		return err
	}
	b, err := token.Encode(signed)
	if err != nil {
		return err
	}
	// The log was not closed between Verify and here: Kept is where it ends, but
	// for what confirming wrote.
	err = t.audit(auditEpoch, map[string]string{"epoch": strconv.FormatUint(o.Epoch, 10), "from": strconv.FormatUint(o.From, 10),
		"size": strconv.FormatInt(o.Size, 10), "root": hex.EncodeToString(o.Root[:]), "kept": strconv.FormatInt(o.Kept, 10), "officer": o.Officer})
	if err != nil {
		return err
	}
	for name, value := range map[string][]byte{settingEpoch: binary.BigEndian.AppendUint64(nil, o.Epoch), settingOpening: b, settingBackup: nil} {
		if err := put(t, "settings", name, value); err != nil {
			return err
		}
	}
	return t.asideUndoable(at, out)
}

// asideUndoable sets decisions aside that could still be undone when the backup
// was made: they may have been, and must not be sent by themselves.
func (t *tx) asideUndoable(at time.Time, out *Restored) error {
	var ids []wire.PacketID
	err := t.eachRow("SELECT id FROM packets WHERE state = 'queued' AND not_before > ?", []any{millis(at)}, func(scan func(...any) error) error {
		var b []byte
		if err := scan(&b); err != nil {
			return err
		}
		id, err := packetID(b)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := t.exec("UPDATE packets SET state = ?, state_at = ?, cause = 'restored' WHERE id = ?", string(wire.StateAside), millis(t.now), id[:]); err != nil {
			return err
		}
		if err := t.audit(auditState, stateFields(id, wire.StateAside, "restored")); err != nil {
			return err
		}
		out.Aside++
	}
	return nil
}

// opening is the one to show central; nil where none is needed.
func (t *tx) opening(epoch uint64) (*wire.SignedOpening, error) {
	held, err := t.held()
	if err != nil || held.Epoch == epoch {
		return nil, err
	}
	b, err := get(t.ctx, t, "settings", settingOpening)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var s wire.SignedOpening
	if err := token.Decode(b, &s); err != nil {
		return nil, fmt.Errorf("%w: opening: %w", ErrCorrupt, err)
	}
	return &s, nil
}

// copyWhole copies a file and has it on the disk.
func copyWhole(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := errors.Join(removeAll(to), private(to)); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// setAside gives the ledger at path a second name, and takes its WAL away,
// which must not be read with another database.
func setAside(path string, opts Options) (string, error) {
	now := time.Now
	if opts.Now != nil {
		now = opts.Now
	}
	aside := path + ".lost-" + now().UTC().Format("20060102T150405Z")
	if err := os.Link(path, aside); errors.Is(err, os.ErrNotExist) {
		return "", removeAll(path)
	} else if err != nil {
		return "", err
	}
	if err := os.Rename(path+"-wal", aside+"-wal"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	return aside, removeIfThere(path + "-shm")
}

// removeAll removes a database with what SQLite keeps beside it.
func removeAll(path string) error {
	return errors.Join(removeIfThere(path), removeIfThere(path+"-wal"), removeIfThere(path+"-shm"))
}
