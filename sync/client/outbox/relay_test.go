package outbox_test

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/central/centraltest"
	"loket/sync/client"
	"loket/sync/client/outbox"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// TestVanComesHomeByStick: a van without a link hands a stick to an office,
// whose sender brings the van's packets to central.
func TestVanComesHomeByStick(t *testing.T) {
	ctx := t.Context()
	c := centraltest.Start(t)
	van, office := c.Counter("petugas-1", wire.RoleOfficer), c.Counter("petugas-2", wire.RoleOfficer)
	p := c.Phone()
	if err := p.Register("1702124505920001", "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	refusal := van.Approval(p)
	refusal.Kind, refusal.Reason, refusal.Presentation = "refuse", "KODE_TIDAK_SAH", nil
	packet := van.Seal(refusal, nil)
	var stick bytes.Buffer
	if _, err := wire.WriteBundle(&stick, van.Device.Device, van.Key, time.Now(), [][]byte{van.Device.Certificate}, [][]byte{packet.Bytes}); err != nil {
		t.Fatal(err)
	}
	trust, err := token.ReadTrust(office.Device.Trust)
	if err != nil {
		t.Fatal(err)
	}
	b, err := wire.ReadBundle(&stick, trust.Lookup(token.UseDevice, time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(ctx, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Device: office.Device.Device})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got, err := l.Relay(ctx, b); err != nil || got.New != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	moved := make(chan struct{}, 100)
	s := &client.Sender{Central: office.Client, Outbox: outbox.Outbox{Ledger: l, Device: office.Key, Trust: func() uint64 { return 1 },
		Done: func([]client.Outcome) { moved <- struct{}{} }}}
	running, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Run(running) }()
	select {
	case <-moved:
	case <-time.After(2 * time.Minute):
		t.Error("nothing was sent")
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n, err := l.Relaying(ctx); err != nil || n != 0 {
		t.Errorf("%d still wait here, %v", n, err)
	}
	// The van's own sender finds it there already, and its counter is told by it.
	if got := van.Send(packet)[0]; got.Result != wire.ResultDuplicate || got.State != wire.StateAccepted {
		t.Errorf("the van's own: %+v", got)
	}
}
