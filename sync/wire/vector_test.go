package wire_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/sync/wire"
)

var publish = flag.Bool("publish", false, "write the test vector of wire.Version anew (only before it is published)")

// vector is a packet that was published, with the keys that read it.
type vector struct {
	Version  int           `json:"version"`
	About    string        `json:"about"`
	Packet   string        `json:"packet"`   // hex
	Device   string        `json:"device"`   // Ed25519 seed, hex
	Issuer   string        `json:"issuer"`   // Ed25519 seed of the officers' certificates, hex
	Central  string        `json:"central"`  // MLKEM768-X25519 seed, hex
	Recovery string        `json:"recovery"` // likewise
	Decision wire.Decision `json:"decision"`
}

// TestVectors reads every published version back.
func TestVectors(t *testing.T) {
	if *publish {
		writeVector(t)
	}
	files, err := filepath.Glob("testdata/packet-v*.json")
	if err != nil || len(files) < wire.Version {
		t.Fatalf("vectors %v (%v): one of each version is needed", files, err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			v := readVector(t, name)
			d := desk{issuer: key(unhex(t, v.Issuer)[0]), device: key(unhex(t, v.Device)[0])}
			for _, seed := range []string{v.Central, v.Recovery} {
				k, err := wire.ReadSealKey(unhex(t, seed))
				if err != nil {
					t.Fatal(err)
				}
				got, err := d.read(unhex(t, v.Packet), k)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(v.Decision, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func readVector(t testing.TB, name string) vector {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var v vector
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func writeVector(t *testing.T) {
	d := newDesk(t)
	p, err := wire.Seal(d.sealing())
	if err != nil {
		t.Fatal(err)
	}
	central, _ := d.central.Bytes()
	recovery, _ := d.recovery.Bytes()
	v := vector{Version: wire.Version, About: "Sealed decision of a sample citizen who does not exist; every key stands here.",
		Packet: hex.EncodeToString(p.Bytes), Device: hex.EncodeToString(d.device.Seed()), Issuer: hex.EncodeToString(d.issuer.Seed()),
		Central: hex.EncodeToString(central), Recovery: hex.EncodeToString(recovery), Decision: sample()}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("testdata/packet-v1.json", append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil || len(b) == 0 {
		t.Fatalf("hex %q: %v", s, err)
	}
	return b
}

// TestVectorControl: a vector is no proof if anything would read it.
func TestVectorControl(t *testing.T) {
	d := newDesk(t)
	p, err := wire.Seal(d.sealing())
	if err != nil {
		t.Fatal(err)
	}
	d.issuer = key(77)
	if _, err := d.read(p.Bytes, d.central); err == nil {
		t.Error("certificates of another issuer are accepted")
	}
}
