package wire_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"loket/scanner/token"
	"loket/sync/wire"
)

// travelVector is a published bundle, head or opening with what it says. Keys
// are Ed25519 seeds, everything in hex.
type travelVector struct {
	Version int           `json:"version"`
	About   string        `json:"about"`
	Message string        `json:"message"`           // the file, or the COSE_Sign1
	Device  string        `json:"device,omitempty"`  // seed
	Issuer  string        `json:"issuer,omitempty"`  // seed of the certificates
	Head    *wire.Head    `json:"head,omitempty"`    // what it says
	Opening *wire.Opening `json:"opening,omitempty"` // likewise
	Bundle  *bundleSays   `json:"bundle,omitempty"`  // likewise
	After   *wire.Head    `json:"after,omitempty"`   // the head before, and the proof from there
	Proof   []string      `json:"proof,omitempty"`
}

type bundleSays struct {
	ID      wire.PacketID   `json:"id"`
	Device  string          `json:"device"`
	Created time.Time       `json:"created"`
	Packets []wire.PacketID `json:"packets"`
}

// travelKinds are what is published beside the packet: how a vector is made,
// and how it is read. again makes the same message anew where nothing in it is
// random: an encoding that changed would break what was signed before.
var travelKinds = []struct {
	name  string
	make  func(t *testing.T, d desk) travelVector
	read  func(t *testing.T, v travelVector, message []byte) error
	again func(t *testing.T, v travelVector) []byte
}{
	{"head", makeHead, readHead, func(t *testing.T, v travelVector) []byte {
		b, err := wire.SignHead(*v.Head, key(unhex(t, v.Device)[0]))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}},
	{"opening", makeOpening, readOpening, func(t *testing.T, v travelVector) []byte {
		return signedOpening(t, newDesk(t), *v.Opening)
	}},
	{"bundle", makeBundle, readBundleVector, nil},
}

// TestTravelVectors reads every published version back.
func TestTravelVectors(t *testing.T) {
	for _, k := range travelKinds {
		if *publish {
			publishTravel(t, k.name, k.make(t, newDesk(t)))
		}
		for version := 1; version <= wire.Version; version++ {
			t.Run(fmt.Sprintf("%s %d", k.name, version), func(t *testing.T) {
				v := readTravel(t, k.name, version)
				message := unhex(t, v.Message)
				if err := k.read(t, v, message); err != nil {
					t.Fatal(err)
				}
				if k.again != nil && version == wire.Version && !bytes.Equal(k.again(t, v), message) {
					t.Error("the same is encoded in another way now")
				}
				for _, at := range []int{len(message) / 3, len(message) / 2, len(message) - 5} { // the control
					changed := bytes.Clone(message)
					changed[at] ^= 1
					if k.read(t, v, changed) == nil {
						t.Errorf("changed at %d it is read all the same", at)
					}
				}
			})
		}
	}
}

func travelFile(name string, version int) string {
	return fmt.Sprintf("testdata/%s-v%d.json", name, version)
}

func readTravel(t *testing.T, name string, version int) (v travelVector) {
	t.Helper()
	b, err := os.ReadFile(travelFile(name, version))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func publishTravel(t *testing.T, name string, v travelVector) {
	t.Helper()
	v.Version = wire.Version
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(travelFile(name, wire.Version), append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func makeHead(t *testing.T, d desk) travelVector {
	var h tree
	for n := range int64(9) {
		h.add(t, n, fmt.Sprint(n))
	}
	after, head := h.head(t, 6), h.head(t, 9)
	v := travelVector{About: "Head of an audit log of the nine entries 0 to 8, and the proof that it continues the one of six.",
		Device: hex.EncodeToString(d.device.Seed()), Head: &head, After: &after}
	proof, err := tlog.ProveTree(9, 6, &h)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range proof {
		v.Proof = append(v.Proof, hex.EncodeToString(p[:]))
	}
	msg, err := wire.SignHead(head, d.device)
	if err != nil {
		t.Fatal(err)
	}
	v.Message = hex.EncodeToString(msg)
	return v
}

func readHead(t *testing.T, v travelVector, message []byte) error {
	got, err := wire.OpenHead(message, key(unhex(t, v.Device)[0]).Public())
	if err != nil {
		return err
	}
	if d := cmp.Diff(*v.Head, got); d != "" {
		return fmt.Errorf("it says another thing: %s", d)
	}
	var proof [][]byte
	for _, p := range v.Proof {
		proof = append(proof, unhex(t, p))
	}
	return got.Continues(*v.After, proof)
}

func signedOpening(t *testing.T, d desk, o wire.Opening) []byte {
	t.Helper()
	s, err := wire.SignOpening(o, d.supervisor)
	if err != nil {
		t.Fatal(err)
	}
	b, err := token.Encode(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func makeOpening(t *testing.T, d desk) travelVector {
	o := wire.Opening{Version: wire.Version, Device: "loket-3", Epoch: 2, From: 1, Size: 7, Root: [32]byte{7}, Kept: 9, At: sample().At, Officer: "k-001"}
	return travelVector{About: "A supervisor's word that a ledger was restored, as it stands in the first head of its new epoch.",
		Message: hex.EncodeToString(signedOpening(t, d, o)), Issuer: hex.EncodeToString(d.issuer.Seed()), Opening: &o}
}

func readOpening(t *testing.T, v travelVector, message []byte) error {
	var s wire.SignedOpening
	if err := token.Decode(message, &s); err != nil {
		return err
	}
	got, err := s.Open(token.Keys(key(unhex(t, v.Issuer)[0]).Public()))
	if err != nil {
		return err
	}
	if d := cmp.Diff(*v.Opening, got); d != "" {
		return fmt.Errorf("it says another thing: %s", d)
	}
	return nil
}

func makeBundle(t *testing.T, d desk) travelVector {
	now := sample().At
	cert, err := token.IssueCertificate(token.Certificate{Kind: token.KindDevice, Subject: "loket-3", Name: "Contoh", Office: "17.02", Device: "loket-3",
		Key: d.device.Public(), NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(24 * time.Hour)}, d.issuer)
	if err != nil {
		t.Fatal(err)
	}
	p, err := wire.Seal(d.sealing())
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	m, err := wire.WriteBundle(&file, "loket-3", d.device, now, [][]byte{cert}, [][]byte{p.Bytes})
	if err != nil {
		t.Fatal(err)
	}
	return travelVector{About: "A USB stick's file with the one packet of a sample citizen who does not exist.", Message: hex.EncodeToString(file.Bytes()),
		Device: hex.EncodeToString(d.device.Seed()), Issuer: hex.EncodeToString(d.issuer.Seed()),
		Bundle: &bundleSays{m.ID, m.Device, m.Created, []wire.PacketID{p.ID()}}}
}

func readBundleVector(t *testing.T, v travelVector, message []byte) error {
	b, err := wire.ReadBundle(bytes.NewReader(message), token.Keys(key(unhex(t, v.Issuer)[0]).Public()))
	if err != nil {
		return err
	}
	got := bundleSays{ID: b.ID, Device: b.Device, Created: b.Created}
	for _, p := range b.Packets {
		if err := p.Verify(key(unhex(t, v.Device)[0]).Public()); err != nil {
			return err
		}
		got.Packets = append(got.Packets, p.ID())
	}
	if d := cmp.Diff(*v.Bundle, got); d != "" {
		return fmt.Errorf("it says another thing: %s", d)
	}
	return nil
}
