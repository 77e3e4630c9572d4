package central_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// TestRestoredLedger restores a counter's ledger from a backup and syncs it
// with a real central, which is ahead of the backup.
func TestRestoredLedger(t *testing.T) {
	ctx := t.Context()
	c := centraltest.Start(t)
	k := c.Counter("petugas-1", wire.RoleOfficer)
	boss := c.Counter("kasi-1", wire.RoleSupervisor)
	path := filepath.Join(t.TempDir(), "ledger.db")
	open := func() *ledger.Ledger {
		t.Helper()
		l, err := ledger.Open(ctx, path, ledger.Options{Device: k.Device.Device})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	sync := func(l *ledger.Ledger) error {
		t.Helper()
		req, err := l.HeadRequest(ctx, k.Key, 1)
		if err != nil {
			t.Fatal(err)
		}
		held, err := k.Client.Head(ctx, req)
		if err != nil {
			return err
		}
		return l.HeadAccepted(ctx, held)
	}
	record := func(l *ledger.Ledger, kind string) {
		t.Helper()
		if err := l.Record(ctx, kind, nil); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	confirm := func(by wire.Approver, officer string) ledger.Confirm {
		return func(_ context.Context, _ *ledger.Ledger, o wire.Opening) (wire.SignedOpening, error) {
			o.Officer = officer
			return wire.SignOpening(o, by)
		}
	}
	restore := func(backup string, at time.Time, f ledger.Confirm) *ledger.Ledger {
		t.Helper()
		_, err := ledger.Restore(ctx, backup, path, ledger.Options{Now: func() time.Time { return at }}, f)
		must(err)
		return open()
	}
	refused := func(name string, l *ledger.Ledger) {
		t.Helper()
		err := sync(l)
		if e := (*wire.Error)(nil); !errors.As(err, &e) || e.Code != wire.CodeHead {
			t.Errorf("%s: got %v, want %s", name, err, wire.CodeHead)
		}
		must(l.Close())
	}

	l := open()
	record(l, "one")
	must(sync(l))
	backup, err := l.Backup(ctx, t.TempDir())
	must(err)
	record(l, "lost")
	must(sync(l))
	must(l.Close())

	now := time.Now()
	refused("an officer confirms", restore(backup, now, confirm(k.Officer, "petugas-1")))
	l = restore(backup, now.Add(time.Second), confirm(boss.Officer, "kasi-1"))
	must(sync(l))
	record(l, "after")
	must(sync(l))
	second, err := l.Backup(ctx, t.TempDir())
	must(err)
	must(l.Close())

	// The same old backup again is a newer epoch, from a head that central knows.
	l = restore(backup, now.Add(2*time.Second), confirm(boss.Officer, "kasi-1"))
	must(sync(l))
	must(l.Close())
	// An epoch that is not newer than central's is none.
	refused("back in time", restore(second, now.Add(-time.Hour), confirm(boss.Officer, "kasi-1")))
}
