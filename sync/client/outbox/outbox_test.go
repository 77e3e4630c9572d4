package outbox_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/client"
	"loket/sync/client/outbox"
	"loket/sync/ledger"
	"loket/sync/wire"
)

func TestDecisionReachesCentralAndComesBackActive(t *testing.T) {
	const nik = "1702124505920001"
	c := centraltest.Start(t)
	c.Records(wire.Record{NIK: nik, Name: "SRI CONTOH", Born: "1992-05-05", Sex: "P", Kecamatan: "17.02.12", Recorded: true,
		NIKStatus: wire.NIKActive, IKD: wire.IKDNone, Photo: centraltest.JPEG()})
	k := c.Counter("petugas-1", wire.RoleOfficer)
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Device: k.Device.Device})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	packet := k.Seal(k.Approval(p), nil)
	if err := l.Decide(t.Context(), ledger.Entry{Packet: packet, Last4: "0001", Decision: "approve", Undo: -1}); err != nil {
		t.Fatal(err)
	}
	moved := make(chan struct{}, 100)
	tell := func() { moved <- struct{}{} }
	var kept atomic.Int32
	s := &client.Sender{Central: k.Client,
		Keep: func(context.Context, []byte, []byte) error { kept.Add(1); return nil },
		Outbox: outbox.Outbox{Ledger: l, Device: k.Key, Trust: func() uint64 { return 1 },
			Taken: func([]wire.Event) { tell() }, Done: func([]client.Outcome) { tell() }}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	await := func(want wire.State) {
		t.Helper()
		limit := time.After(2 * time.Minute)
		for {
			item, err := l.Item(t.Context(), packet.ID())
			if err != nil {
				t.Fatal(err)
			}
			if item.State == want {
				return
			}
			select {
			case <-moved:
			case <-limit:
				t.Fatalf("state %s, want %s", item.State, want)
			}
		}
	}
	await(wire.StateMailed)
	if err := p.Activate(c.AwaitMail(0).Code()); err != nil {
		t.Fatal(err)
	}
	if err := p.SetPIN("258025"); err != nil {
		t.Fatal(err)
	}
	s.Kick()
	await(wire.StateActivated)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	held, err := k.Client.HeldHead(t.Context())
	if err != nil || held.Size == 0 {
		t.Errorf("central holds the head of %d entries, %v", held.Size, err)
	}
	if kept.Load() == 0 {
		t.Error("trust list and policy were not fetched")
	}
}
