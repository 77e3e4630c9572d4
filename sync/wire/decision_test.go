package wire_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/sync/wire"
)

// sample is one approval with every field set; SRI CONTOH does not exist.
func sample() wire.Decision {
	at := time.Date(2026, 5, 4, 2, 15, 30, 0, time.UTC)
	return wire.Decision{
		Version: wire.Version,
		Packet:  wire.PacketID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
		Session: "s-0007", Kind: "approve", Next: "tunggu-kode", At: at, Zone: "Asia/Jakarta",
		Office: "1702", Counter: "3", Device: "loket-3", Officer: "p-001", Supervisor: "k-001",
		Registration: "r-42", NIK: "1702014505920001", Email: "sri@contoh.id", Number: "+62811000001",
		Presentation: []byte{0xd2, 0x84}, Audience: []byte{9, 9},
		Checks:    []wire.Check{{Name: "format", OK: true}, {Name: "replay", OK: false, Reason: "seen"}},
		Readiness: []string{"own-phone", "official-app"},
		Consent:   wire.Consent{At: at.Add(-time.Minute), How: "spoken"},
		Marks:     map[string]string{"name": "same", "born": "same", "address": "differ"},
		Contact:   true, Source: "central", Override: []string{"doubtful"}, App: "test",
		Face: &wire.Face{
			Probe:     bytes.Repeat([]byte{0xff, 0xd8, 0x17}, 100),
			Reference: wire.Reference{SHA256: [32]byte{7}, Source: "central", Taken: time.Date(2012, 1, 2, 0, 0, 0, 0, time.UTC), Width: 300, Height: 400},
			Detector:  wire.Model{Name: "yunet", SHA256: "ab"}, Matcher: wire.Model{Name: "retail", SHA256: "cd"},
			Metric: "similarity", Score: 0.51, Band: "doubtful",
			Limits:   wire.Thresholds{Match: 0.553, Doubtful: 0.433, Data: "NUAA", FMR: 0.001, Measured: true},
			Attempts: []wire.Attempt{{At: at, Score: 0.51, Band: "doubtful", Quality: map[string]float64{"sharpness": 80}}},
			Look:     true, Liveness: "turn-left:ok",
		},
	}
}

func TestDecisionRoundTrip(t *testing.T) {
	for name, d := range map[string]wire.Decision{
		"full": sample(),
		"no face": func() wire.Decision {
			d := sample()
			d.Kind, d.Reason, d.Face = "refer", "BELUM_REKAM", nil
			return d
		}(),
		"zero times": func() wire.Decision { d := sample(); d.Consent = wire.Consent{How: "none"}; return d }(),
	} {
		t.Run(name, func(t *testing.T) {
			b, err := d.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			got, err := wire.UnmarshalDecision(b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(d, got); diff != "" {
				t.Error(diff)
			}
			again, _ := got.Marshal()
			if !bytes.Equal(b, again) {
				t.Error("encoding is not deterministic")
			}
		})
	}
}

func TestDecisionRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*wire.Decision)
		want   error
	}{
		"whole":          {func(*wire.Decision) {}, nil},
		"same person":    {func(d *wire.Decision) { d.Supervisor = d.Officer }, wire.ErrSamePerson},
		"no packet":      {func(d *wire.Decision) { d.Packet = wire.PacketID{} }, wire.ErrIncomplete},
		"no device":      {func(d *wire.Decision) { d.Device = "" }, wire.ErrIncomplete},
		"cancel of what": {func(d *wire.Decision) { d.Kind = "cancel" }, wire.ErrIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			d := sample()
			c.change(&d)
			if _, err := d.Marshal(); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}
