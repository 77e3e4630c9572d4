package ledger_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"loket/scanner/token"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// supervisor k-001 confirms restores.
func supervisor(t testing.TB) wire.KeyApprover {
	t.Helper()
	cert, err := token.IssueCertificate(token.Certificate{Kind: token.KindOfficer, Subject: "k-001", Role: wire.RoleSupervisor, Device: "loket-3",
		Key: newKey(4).Public(), NotBefore: start.AddDate(0, 0, -1), NotAfter: start.AddDate(0, 0, 7)}, newKey(1))
	if err != nil {
		t.Fatal(err)
	}
	return wire.KeyApprover{Key: newKey(4), Cert: cert}
}

func confirm(t testing.TB) ledger.Confirm {
	by := supervisor(t)
	return func(_ context.Context, _ *ledger.Ledger, o wire.Opening) (wire.SignedOpening, error) {
		o.Officer = "k-001"
		return wire.SignOpening(o, by)
	}
}

// sync hands the head in as central takes it: it continues what is held.
func (d *desk) sync(t testing.TB) wire.Head {
	t.Helper()
	req, err := d.HeadRequest(t.Context(), d.device, 1)
	if err != nil {
		t.Fatal(err)
	}
	h, err := wire.OpenHead(req.Head, d.device.Public())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.HeadAccepted(t.Context(), wire.HeadResponse{Size: h.Size, Hash: h.Root[:]}); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestBackupAndRestore(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	if err := d.SetDevice(ctx, "loket-3"); err != nil {
		t.Fatal(err)
	}
	second := t.TempDir()
	early, err := d.Backup(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a := d.decide(t)
	held := d.sync(t)
	d.now = start.Add(time.Minute)
	b := d.decide(t) // ten seconds are not over when the backup is made
	backup, err := d.Backup(ctx, second)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(backup); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	lost := d.decide(t)
	last := d.sync(t) // central is ahead of the backup
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	opts := ledger.Options{Now: func() time.Time { return d.now }}

	t.Run("refused", func(t *testing.T) {
		before, err := os.ReadFile(d.path)
		if err != nil {
			t.Fatal(err)
		}
		no := errors.New("no")
		refuse := func(context.Context, *ledger.Ledger, wire.Opening) (wire.SignedOpening, error) {
			return wire.SignedOpening{}, no
		}
		for name, c := range map[string]struct {
			from    string
			confirm ledger.Confirm
			want    error
		}{
			"nobody confirms":       {backup, refuse, no},
			"never synced":          {early, confirm(t), ledger.ErrNeverSynced},
			"not there":             {filepath.Join(second, "none.db"), confirm(t), os.ErrNotExist},
			"a ledger, no backup":   {d.path, confirm(t), ledger.ErrNoBackup},
			"an empty new database": {filepath.Join(t.TempDir(), "empty.db"), confirm(t), ledger.ErrNoBackup},
		} {
			if name == "an empty new database" {
				if err := os.WriteFile(c.from, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := ledger.Restore(ctx, c.from, d.path, opts, c.confirm); !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", name, err, c.want)
			}
		}
		after, err := os.ReadFile(d.path)
		left, _ := filepath.Glob(d.path + "*restoring*")
		if err != nil || string(after) != string(before) || left != nil {
			t.Errorf("the ledger was touched: %v, %v", left, err)
		}
	})

	d.now = start.Add(time.Hour)
	got, err := ledger.Restore(ctx, backup, d.path, opts, confirm(t))
	if err != nil {
		t.Fatal(err)
	}
	if got.Aside != 1 || got.Kept < held.Size || got.Epoch <= 1 {
		t.Errorf("%+v", got)
	}
	old, err := ledger.Open(ctx, got.OldAt, opts)
	if err != nil {
		t.Fatalf("the old ledger: %v", err)
	}
	if _, err := old.Item(ctx, lost.Packet.ID()); err != nil {
		t.Errorf("the old ledger has lost a packet: %v", err)
	}
	old.Close()
	d.reopenClosed(t)
	if i := d.state(t, a.Packet.ID()); i.State != wire.StateQueued {
		t.Errorf("a is %s", i.State)
	}
	if i := d.state(t, b.Packet.ID()); i.State != wire.StateAside || i.Cause != "restored" {
		t.Errorf("b, which may have been undone, is %s %s", i.State, i.Cause)
	}
	if _, err := d.Item(ctx, lost.Packet.ID()); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("from after the backup: %v", err)
	}
	if p, err := d.Next(ctx); err != nil || p.Epoch != got.Epoch {
		t.Errorf("position %v, %v", p, err)
	}
	d.decide(t)
	if r, err := d.Verify(ctx); err != nil || !r.OK() {
		t.Errorf("verify: %+v, %v", r, err)
	}

	req, err := d.HeadRequest(ctx, d.device, 1)
	if err != nil {
		t.Fatal(err)
	}
	h, err := wire.OpenHead(req.Head, d.device.Public())
	if err != nil {
		t.Fatal(err)
	}
	o, ok, err := h.Opened(token.Keys(newKey(1).Public()))
	if err != nil || !ok || o.Size != held.Size || o.Root != held.Root || o.From != 1 || h.Opens(o, req.Proof) != nil {
		t.Fatalf("opening %+v, %v, %v, %v", o, ok, err, h.Opens(o, req.Proof))
	}
	if err := h.Opens(wire.Opening{Device: o.Device, Epoch: o.Epoch, From: 1, Size: last.Size, Root: last.Root, Kept: last.Size}, req.Proof); err == nil {
		t.Error("control: it opens after a head that it does not continue")
	}
	// Central still says the old head: that is not this epoch's.
	if err := d.HeadAccepted(ctx, wire.HeadResponse{Size: last.Size, Hash: last.Root[:]}); err != nil {
		t.Fatal(err)
	}
	if h, err := d.Head(ctx, 1); err != nil || h.Opening == nil {
		t.Errorf("the opening is forgotten before central has it: %v", err)
	}
	if err := d.HeadAccepted(ctx, wire.HeadResponse{Size: h.Size, Hash: h.Root[:]}); err != nil {
		t.Fatal(err)
	}
	if h, err := d.Head(ctx, 1); err != nil || h.Opening != nil {
		t.Errorf("the opening is shown again: %v", err)
	}
	d.decide(t)
	next := d.sync(t)
	if next.Epoch != got.Epoch || tlog.Hash(next.Root) == tlog.Hash(h.Root) {
		t.Errorf("head %+v", next)
	}
}

// TestBackupWhole: what stands under the backup's name is always a whole one.
func TestBackupWhole(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	dir := t.TempDir()
	if _, err := d.Backup(ctx, dir); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, ledger.BackupName))
	if err != nil {
		t.Fatal(err)
	}
	d.decide(t)
	if err := os.MkdirAll(filepath.Join(dir, ledger.BackupName+".part", "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Backup(ctx, dir); err == nil {
		t.Error("a backup that can't be written is no error")
	}
	after, err := os.ReadFile(filepath.Join(dir, ledger.BackupName))
	if err != nil || string(before) != string(after) {
		t.Errorf("the older backup was touched: %v", err)
	}
}

// reopenClosed opens the ledger again after a restore.
func (d *desk) reopenClosed(t testing.TB) {
	t.Helper()
	if err := d.open(); err != nil {
		t.Fatal(err)
	}
}
