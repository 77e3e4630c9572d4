//go:build unix

package central_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// BenchmarkIntake hands in packets over mutual TLS in batches of 100, as the
// sender does: each signed by device and officer, sealed, with a presentation
// to be proven, and one durable transaction. ns/op is for one packet. "verify"
// is one Ed25519 verification in the same run: the bar is a ratio to it. On a
// machine that does other things too, cpu-ns/op is the one to compare: processor
// time of this process, counter and central together.
func BenchmarkIntake(b *testing.B) {
	c := centraltest.Start(b)
	c.Records(sample(nik))
	k := c.Counter("petugas-1", wire.RoleOfficer)
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		b.Fatal(err)
	}
	hand := func(packets []wire.Packet, want wire.Result) error { // one batch
		var bodies [][]byte
		for _, p := range packets {
			bodies = append(bodies, p.Bytes)
		}
		out, err := k.Client.Packets(context.Background(), bodies)
		for _, r := range out.Results {
			if r.Result != want {
				err = errors.Join(err, fmt.Errorf("%+v, want %s", r, want))
			}
		}
		return err
	}
	send := func(b *testing.B, packets []wire.Packet, want wire.Result) {
		for batch := range slices.Chunk(packets, wire.MaxBatch) {
			if err := hand(batch, want); err != nil {
				b.Fatal(err)
			}
		}
	}
	prepare := func(n int) (packets []wire.Packet) {
		policy := k.Policy()
		for range n {
			w := k.Approval(p)
			w.Kind, w.Reason = "refuse", "WAJAH_TIDAK_COCOK"
			w.Face.Probe = probe()
			packets = append(packets, k.SealUnder(policy, w, nil))
		}
		return packets
	}
	var last []wire.Packet
	b.Run("new", func(b *testing.B) {
		last = prepare(b.N)
		b.ResetTimer()
		defer processor(b)()
		send(b, last, wire.ResultAccepted)
	})
	b.Run("together", func(b *testing.B) { // several counters at once, as after an outage
		packets := prepare(b.N)
		b.ResetTimer()
		defer processor(b)()
		var g errgroup.Group
		g.SetLimit(4)
		for batch := range slices.Chunk(packets, wire.MaxBatch) {
			g.Go(func() error { return hand(batch, wire.ResultAccepted) })
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("duplicate", func(b *testing.B) {
		var packets []wire.Packet
		for i := range b.N {
			packets = append(packets, last[i%len(last)])
		}
		b.ResetTimer()
		defer processor(b)()
		send(b, packets, wire.ResultDuplicate)
	})
	b.Run("verify", func(b *testing.B) {
		msg := sha256.Sum256([]byte("message"))
		public, private, err := ed25519.GenerateKey(nil)
		if err != nil {
			b.Fatal(err)
		}
		sig := ed25519.Sign(private, msg[:])
		defer processor(b)()
		for b.Loop() {
			if !ed25519.Verify(public, msg[:], sig) {
				b.Fatal("does not verify")
			}
		}
	})
}

// processor reports the processor time of this process from now on, per op.
func processor(b *testing.B) func() {
	used := func() int64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return u.Utime.Nano() + u.Stime.Nano()
	}
	from := used()
	return func() { b.ReportMetric(float64(used()-from)/float64(b.N), "cpu-ns/op") }
}
