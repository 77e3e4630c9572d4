package outbox_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/client"
	"loket/sync/client/outbox"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// BenchmarkSync is a counter that comes home: packets of the usual size (a face
// crop of 30 KB) from its ledger to a central on loopback, over mutual TLS, in
// batches of 100, until the ledger knows what became of each (packets/s); and then
// the same packets once more, as after an answer that was lost (duplicates/s). An
// op is a packet.
func BenchmarkSync(b *testing.B) {
	ctx := b.Context()
	c := centraltest.Start(b)
	k := c.Counter("petugas-1", wire.RoleOfficer)
	p := c.Phone()
	if err := p.Register("1702124505920001", "sri@contoh.id"); err != nil {
		b.Fatal(err)
	}
	l, err := ledger.Open(ctx, filepath.Join(b.TempDir(), "ledger.db"), ledger.Options{Device: k.Device.Device})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	policy := k.Policy()
	var bodies [][]byte
	for range b.N {
		d := k.Approval(p)
		d.Kind, d.Reason, d.Face.Probe = "refuse", "WAJAH_TIDAK_COCOK", make([]byte, 30<<10)
		packet := k.SealUnder(policy, d, nil)
		bodies = append(bodies, packet.Bytes)
		if err := l.Decide(ctx, ledger.Entry{Packet: packet, Decision: d.Kind, Undo: -1}); err != nil {
			b.Fatal(err)
		}
	}
	s := &client.Sender{Central: k.Client, Outbox: outbox.Outbox{Ledger: l, Device: k.Key, Trust: func() uint64 { return 1 }}}
	b.SetBytes(int64(len(bodies[0])))
	b.ResetTimer()
	n, err := s.Once(context.WithoutCancel(ctx))
	if err != nil || n != b.N {
		b.Fatalf("%d of %d packets: %v", n, b.N, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "packets/s")
	b.StopTimer()
	began := time.Now()
	for batch := range slices.Chunk(bodies, 100) {
		got, err := k.Client.Packets(ctx, batch)
		if err != nil || len(got.Results) != len(batch) {
			b.Fatalf("%d of %d answers: %v", len(got.Results), len(batch), err)
		}
		for _, r := range got.Results {
			if r.Result != wire.ResultDuplicate {
				b.Fatalf("not known as a duplicate: %+v", r)
			}
		}
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "duplicates/s")
}
