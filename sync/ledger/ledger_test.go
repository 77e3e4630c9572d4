package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/sync/ledger"
	"loket/sync/wire"
)

// The replay ledger is scanner/token's.
var _ interface {
	Seen(cti [16]byte, now time.Time) (bool, error)
} = (*ledger.Ledger)(nil)

func TestOpenAssertsDurable(t *testing.T) {
	for name, c := range map[string]struct {
		params string
		want   error
	}{
		"as shipped":            {ledger.DSN, nil},
		"synchronous normal":    {strings.Replace(ledger.DSN, "FULL", "NORMAL", 1), ledger.ErrNotDurable},
		"the driver's defaults": {"_journal_mode=WAL", ledger.ErrNotDurable},
		"no WAL":                {strings.Replace(ledger.DSN, "WAL", "DELETE", 1), ledger.ErrNotDurable},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := ledger.OpenWith(t.Context(), filepath.Join(t.TempDir(), "l.db"), ledger.Options{}, c.params)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err == nil {
				l.Close()
			}
		})
	}
}

// TestMigratesForward opens a ledger as the first version of the program left
// it, with a decision in it.
func TestMigratesForward(t *testing.T) {
	d := newDesk(t, t.TempDir())
	var newest int
	if err := d.DB().QueryRow("PRAGMA user_version").Scan(&newest); err != nil {
		t.Fatal(err)
	}
	e := d.decide(t)
	for _, q := range []string{"DROP INDEX packets_body", "DROP INDEX packets_settled", "CREATE INDEX packets_state ON packets (state)",
		"DROP TABLE relayed", "PRAGMA user_version = 1"} {
		if _, err := d.DB().Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	d.reopen(t)
	var now, made int
	if err := d.DB().QueryRow("PRAGMA user_version").Scan(&now); err != nil || now != newest || newest < 4 {
		t.Errorf("schema %d, want %d, %v", now, newest, err)
	}
	if err := d.DB().QueryRow("SELECT count(*) FROM sqlite_schema WHERE name IN ('relayed', 'packets_body', 'packets_settled')").Scan(&made); err != nil || made != 3 {
		t.Errorf("%d of 3 were made, %v", made, err)
	}
	if i := d.state(t, e.Packet.ID()); i.State != wire.StateQueued {
		t.Errorf("the decision is %+v", i)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Run("newer", func(t *testing.T) {
		d := newDesk(t, t.TempDir())
		if _, err := d.DB().Exec("PRAGMA user_version = 999"); err != nil {
			t.Fatal(err)
		}
		d.Close()
		if _, err := ledger.Open(t.Context(), d.path, ledger.Options{}); !errors.Is(err, ledger.ErrNewer) {
			t.Errorf("got %v, want ErrNewer", err)
		}
	})
	t.Run("damaged", func(t *testing.T) {
		d := newDesk(t, t.TempDir())
		for range 5 {
			d.decide(t)
		}
		d.Close()
		b, err := os.ReadFile(d.path)
		if err != nil {
			t.Fatal(err)
		}
		copy(b[4096:], bytes.Repeat([]byte{0xa5}, 3*4096))
		if err := os.WriteFile(d.path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.Open(t.Context(), d.path, ledger.Options{}); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("got %v, want ErrCorrupt", err)
		}
	})
}

func TestFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "100% a?b#c &_synchronous=OFF")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, dir)
	d.decide(t)
	for _, name := range []string{"ledger.db", "ledger.db-wal"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

func TestDisk(t *testing.T) {
	for free, want := range map[int64]ledger.Disk{
		-1:        {Free: -1},
		50 << 20:  {Free: 50 << 20, Warn: true, Stop: true},
		200 << 20: {Free: 200 << 20, Warn: true},
		900 << 20: {Free: 900 << 20},
	} {
		if got := ledger.DiskOf(free); got != want {
			t.Errorf("%d: got %+v", free, got)
		}
	}
	if got, err := newDesk(t, t.TempDir()).Disk(); err != nil || got.Free <= 0 {
		t.Errorf("this disk: %+v, %v", got, err)
	}
}

func TestDecide(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	if err := d.SaveDraft(ctx, ledger.Draft{Session: "s-1", Officer: "p-001", Body: []byte("sealed")}); err != nil {
		t.Fatal(err)
	}
	e := d.decide(t)
	d.reopen(t)
	i := d.state(t, e.Packet.ID())
	if i.State != wire.StateQueued || i.Last4 != "0001" || i.Seq != 1 || i.Undo != ledger.UndoFor || !i.At.Equal(start) {
		t.Errorf("item %+v", i)
	}
	if drafts, err := d.Drafts(ctx); err != nil || len(drafts) != 0 {
		t.Errorf("the draft outlives its decision: %v, %v", drafts, err)
	}
	if err := d.Decide(ctx, e); err != nil {
		t.Errorf("the same entry again: %v", err)
	}
	if c, err := d.Counts(ctx, start.Add(-time.Hour)); err != nil || c.Waiting != 1 || c.Today != 1 {
		t.Errorf("counts %+v, %v", c, err)
	}
	for name, seq := range map[string]uint64{"the position again": 1, "one left out": 3} {
		bad, err := d.entryAt(wire.Position{Epoch: 1, Seq: seq})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Decide(ctx, bad); !errors.Is(err, ledger.ErrPosition) {
			t.Errorf("%s: got %v, want ErrPosition", name, err)
		}
	}
	if same, err := d.Duplicates(ctx, start.Add(-time.Hour), []byte("of another key"), e.Duplicate); err != nil || len(same) != 1 {
		t.Errorf("duplicates %v, %v", same, err)
	}
}

func TestUndo(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	early, late := d.decide(t).Packet.ID(), d.decide(t).Packet.ID()
	d.now = start.Add(ledger.UndoFor - time.Millisecond)
	if out, err := d.Take(ctx, 100); err != nil || len(out) != 0 {
		t.Fatalf("offered while it can be undone: %d, %v", len(out), err)
	}
	if err := d.Undo(ctx, early); err != nil {
		t.Fatal(err)
	}
	d.now = start.Add(ledger.UndoFor)
	if err := d.Undo(ctx, late); !errors.Is(err, ledger.ErrTooLate) {
		t.Errorf("got %v, want ErrTooLate", err)
	}
	if err := d.Undo(ctx, wire.NewPacketID()); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	out, err := d.Take(ctx, 100)
	if err != nil || len(out) != 1 || out[0].ID != late {
		t.Fatalf("taken %d, %v", len(out), err)
	}
	if s := d.state(t, early).State; s != wire.StateCancelled {
		t.Errorf("undone is %s", s)
	}
	if r, err := d.Verify(ctx); err != nil || !r.OK() {
		t.Errorf("verify: %+v, %v", r, err)
	}
}

func TestDraftsAndReplay(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	for _, s := range []string{"a", "b"} {
		if err := d.SaveDraft(ctx, ledger.Draft{Session: s, Officer: "p-001", Body: []byte(s)}); err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(time.Minute)
	}
	if err := d.DropDraft(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	d.reopen(t)
	if got, err := d.Drafts(ctx); err != nil || len(got) != 1 || got[0].Session != "b" || string(got[0].Body) != "b" {
		t.Errorf("drafts %+v, %v", got, err)
	}
	if n, err := d.WipeDrafts(ctx, d.now); err != nil || n != 1 {
		t.Errorf("wiped %d, %v", n, err)
	}

	cti := [16]byte{1}
	for _, c := range []struct {
		name string
		at   time.Duration
		want bool
	}{{"first", 0, false}, {"again", time.Second, true}, {"after six days", 6 * 24 * time.Hour, true}} {
		d.reopen(t)
		if got, err := d.Seen(cti, start.Add(c.at)); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
	if _, err := d.Seen([16]byte{2}, start.Add(8*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Seen(cti, start.Add(8*24*time.Hour)); err != nil || got {
		t.Errorf("kept over %v: %v, %v", ledger.KeepSeen, got, err)
	}
}

func TestSettingsAndVault(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	if _, err := d.Get(ctx, "trust"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if err := d.SetAll(ctx, map[string][]byte{"trust": []byte("1"), "policy": []byte("2")}); err != nil {
		t.Fatal(err)
	}
	v := d.Vault()
	if err := v.Put(ctx, map[string][]byte{"officer/b": []byte("x"), "officer/a": []byte("y"), "device": []byte("z")}); err != nil {
		t.Fatal(err)
	}
	if err := v.Put(ctx, map[string][]byte{"device": nil}); err != nil {
		t.Fatal(err)
	}
	d.reopen(t)
	if b, err := d.Get(ctx, "trust"); err != nil || string(b) != "1" {
		t.Errorf("trust %q, %v", b, err)
	}
	v = d.Vault()
	if names, err := v.Names(ctx, "officer/"); err != nil || strings.Join(names, " ") != "officer/a officer/b" {
		t.Errorf("names %v, %v", names, err)
	}
	if _, ok, err := v.Get(ctx, "device"); ok || err != nil {
		t.Errorf("deleted row: %v, %v", ok, err)
	}
}

// TestCancelledContext: a decision whose caller gave up is either kept or not,
// and never half.
func TestCancelledContext(t *testing.T) {
	d := newDesk(t, t.TempDir())
	e, err := d.entry(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Decide(gone, e); err == nil {
		t.Error("kept for a caller who is gone")
	}
	if _, err := d.Item(t.Context(), e.Packet.ID()); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
