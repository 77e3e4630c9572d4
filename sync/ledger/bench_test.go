package ledger_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"loket/scanner/token"
	"loket/sync/ledger"
)

// probe40 makes packets of about 40 KB, as an approval with its probe is.
var probe40 = bytes.Repeat([]byte{0xff, 0xd8, 0x55, 0x12}, 9200)

// BenchmarkApproval keeps approvals of 40 KB durably, sealing not counted;
// BenchmarkRawFsync beside it appends the same bytes to a file and syncs it.
// Their ratio is what the ledger costs over the disk. Benchmarks write to
// LOKET_BENCH_DIR where it is set, so that it can be a real disk.
func BenchmarkApproval(b *testing.B) {
	d := newDesk(b, benchDir(b))
	d.probe = probe40
	const batch = 64
	entries := make([]ledger.Entry, 0, batch)
	var size, n int
	for b.Loop() {
		if n%batch == 0 {
			b.StopTimer()
			entries = entries[:0]
			p, err := d.Next(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			for range batch {
				e, err := d.entryAt(p)
				if err != nil {
					b.Fatal(err)
				}
				entries = append(entries, e)
				p.Seq++
			}
			size = len(entries[0].Packet.Bytes)
			b.StartTimer()
		}
		if err := d.Decide(b.Context(), entries[n%batch]); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.SetBytes(int64(size))
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "approvals/s")
}

func BenchmarkRawFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(benchDir(b), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	body := make([]byte, 40<<10)
	n := 0
	for b.Loop() {
		if _, err := f.Write(body); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.SetBytes(int64(len(body)))
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "fsyncs/s")
}

// BenchmarkSeal makes packets of 40 KB: signed by device and officer, sealed for
// one recipient with MLKEM768-X25519. BenchmarkSign is one signature over the
// hash of as much.
func BenchmarkSeal(b *testing.B) {
	d := newDesk(b, b.TempDir())
	d.probe = probe40
	p, err := d.Next(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.entryAt(p); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(probe40)))
}

func BenchmarkSign(b *testing.B) {
	key := newKey(2)
	for b.Loop() {
		if _, err := token.Sign(token.TypPacket, key, probe40); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(probe40)))
}

func benchDir(b *testing.B) string {
	dir := os.Getenv("LOKET_BENCH_DIR")
	if dir == "" {
		return b.TempDir()
	}
	dir, err := os.MkdirTemp(dir, "ledger-bench")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// BenchmarkTake hands 100 of many packets to the sender.
func BenchmarkTake(b *testing.B) {
	for _, waiting := range []int{100, 1000} {
		b.Run(strconv.Itoa(waiting), func(b *testing.B) {
			d := newDesk(b, b.TempDir())
			for range waiting {
				d.decide(b)
			}
			d.now = start.Add(ledger.UndoFor)
			for b.Loop() {
				if out, err := d.Take(b.Context(), 100); err != nil || len(out) != 100 {
					b.Fatal(len(out), err)
				}
			}
		})
	}
}

// BenchmarkStart opens and verifies a ledger of 1,000 approvals of 40 KB, five
// days of a busy counter that has not reached central.
func BenchmarkStart(b *testing.B) {
	d := newDesk(b, b.TempDir())
	d.probe = probe40
	for range 1000 {
		d.decide(b)
	}
	b.Run("Open", func(b *testing.B) {
		for b.Loop() {
			d.reopen(b)
		}
	})
	b.Run("Verify", func(b *testing.B) {
		for b.Loop() {
			if r, err := d.Verify(b.Context()); err != nil || !r.OK() {
				b.Fatal(r, err)
			}
		}
	})
	b.Run("Queue", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Items(b.Context(), 200); err != nil {
				b.Fatal(err)
			}
			if _, err := d.Counts(b.Context(), start); err != nil {
				b.Fatal(err)
			}
		}
	})
}
