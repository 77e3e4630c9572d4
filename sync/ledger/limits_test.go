package ledger_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/sync/ledger"
	"loket/sync/wire"
)

func TestLimits(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	policy := wire.OfflinePolicy{DaysWithoutSync: 10, PacketsPending: 5, DaysWithoutEndOfDay: 2}
	check := func(name string, want ...ledger.Limit) {
		t.Helper()
		got, err := d.Limits(ctx, policy)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	check("new", ledger.Limit{Rule: ledger.RuleSync, Most: 10}, ledger.Limit{Rule: ledger.RuleDay, Most: 2}, ledger.Limit{Rule: ledger.RulePending, Most: 5})
	d.now = start.AddDate(0, 0, 8)
	for range 4 {
		d.decide(t)
	}
	check("80 %", ledger.Limit{Rule: ledger.RuleSync, Used: 8, Most: 10, Warn: true},
		ledger.Limit{Rule: ledger.RuleDay, Used: 8, Most: 2, Warn: true, Stop: true}, ledger.Limit{Rule: ledger.RulePending, Used: 4, Most: 5, Warn: true})
	if err := d.SaveDraft(ctx, ledger.Draft{Session: "s-9", Officer: "p-001", Body: []byte("sealed")}); err != nil {
		t.Fatal(err)
	}
	drafts, packets, err := d.CloseDay(ctx, 0)
	if err != nil || drafts != 1 || packets != 0 {
		t.Errorf("closed with %d drafts, %d packets, %v", drafts, packets, err)
	}
	h, err := d.Head(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.HeadAccepted(ctx, wire.HeadResponse{Size: h.Size, Hash: h.Root[:]}); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(12 * time.Hour)
	policy.PacketsPending = 4
	check("after a sync and an end of day", ledger.Limit{Rule: ledger.RuleSync, Used: 0.5, Most: 10}, ledger.Limit{Rule: ledger.RuleDay, Used: 0.5, Most: 2},
		ledger.Limit{Rule: ledger.RulePending, Used: 4, Most: 4, Warn: true, Stop: true})
	policy = wire.OfflinePolicy{}
	check("no limits")
}

// TestDiskFull: a decision for which there is no room is an error and leaves
// nothing behind; once there is room the same one is kept.
func TestDiskFull(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	d.probe = probe40
	d.decide(t)
	var pages int
	if err := d.DB().QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		t.Helper()
		if err := d.DB().QueryRow(fmt.Sprintf("PRAGMA max_page_count = %d", n)).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages + 4) // a packet needs ten
	e, err := d.entry(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Decide(ctx, e); err == nil {
		t.Fatal("kept on a full disk")
	}
	if _, err := d.Item(ctx, e.Packet.ID()); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("half of it is there: %v", err)
	}
	if r, err := d.Verify(ctx); err != nil || !r.OK() || r.Packets != 1 {
		t.Errorf("verify: %+v, %v", r, err)
	}
	limit(1 << 20)
	if err := d.Decide(ctx, e); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if s := d.state(t, e.Packet.ID()).State; s != wire.StateQueued {
		t.Errorf("state %s", s)
	}
}
