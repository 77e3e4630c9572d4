package central_test

import (
	"sync/atomic"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// TestDecidedUnderDoubt: a counter whose battery is empty believes that it is
// 2000, says so on its decisions, and has a supervisor sign. They count: what
// certificates and birthdays say is held against when they arrived, or the
// phone's time. Once the officer's certificate has ended nobody can tell any
// more when it was used, and a supervisor at central says whether it counts.
func TestDecidedUnderDoubt(t *testing.T) {
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	c := centraltest.StartWith(t, centraltest.Options{Now: now})
	var people []wire.Record
	for _, n := range []string{nik, "1702124505920097", "1702124505920098"} {
		people = append(people, sample(n))
	}
	c.Records(people...)
	officer, second := c.Counter("petugas-1", wire.RoleOfficer), c.Counter("kasi-1", wire.RoleSupervisor)
	decide := func(nik string, unsure bool) wire.Packet {
		p := c.Phone()
		p.Now = now
		if err := p.Register(nik, "sri@contoh.id"); err != nil {
			t.Fatal(err)
		}
		d := officer.Approval(p)
		d.At, d.Unsure, d.Supervisor, d.Override = time.Date(2000, 1, 1, 0, 3, 0, 0, time.UTC), unsure, "kasi-1", []string{"clock"}
		return officer.Seal(d, second.Officer)
	}
	marked, bare, late := decide(nik, true), decide("1702124505920097", false), decide("1702124505920098", true)
	r := officer.Send(marked, bare)
	if r[0].Result != wire.ResultAccepted {
		t.Errorf("marked: %+v", r[0])
	}
	// The control: without the mark the same certificates were not valid then.
	if r[1].Result != wire.ResultPoison || r[1].Reason != "TANDA_TANGAN" {
		t.Errorf("not marked: %+v", r[1])
	}
	ahead.Store(int64(8 * 24 * time.Hour))
	if r := officer.Send(late); r[0].Result != wire.ResultHeld || r[0].Reason != "JAM_TIDAK_PASTI" || r[0].Next == "" {
		t.Fatalf("after the certificates: %+v", r[0])
	}
	boss := c.Counter("kasi-2", wire.RoleSupervisor)
	out, err := boss.Client.SettleHeld(t.Context(), wire.HeldSettle{Device: officer.Device.Device, Packet: late.ID().String(), Release: true})
	if err != nil || out.Result != wire.ResultAccepted {
		t.Errorf("released: %+v, %v", out, err)
	}
}
