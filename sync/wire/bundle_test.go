package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

// deviceCertificate is the issuer's word about a device's key; it expired years ago.
func deviceCertificate(t testing.TB, issuer ed25519.PrivateKey, id string, k ed25519.PrivateKey) []byte {
	t.Helper()
	b, err := token.IssueCertificate(token.Certificate{Kind: token.KindDevice, Subject: id, Name: "Loket 1", Office: "17.02",
		Key: k.Public(), NotBefore: time.Unix(1e9, 0), NotAfter: time.Unix(1e9+1, 0)}, issuer)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func seal(t testing.TB, d desk) wire.Packet {
	t.Helper()
	s := d.sealing()
	s.Decision.Packet = wire.NewPacketID()
	p, err := wire.Seal(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBundle(t *testing.T) {
	d := newDesk(t)
	rogue := key(9)
	mine := deviceCertificate(t, d.issuer, "loket-3", d.device)
	a, b := seal(t, d), seal(t, d)
	issuers := token.Keys(d.issuer.Public())
	write := func(device string, k ed25519.PrivateKey, certs [][]byte, packets ...[]byte) []byte {
		t.Helper()
		var out bytes.Buffer
		if _, err := wire.WriteBundle(&out, device, k, sample().At, certs, packets); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	good := write("loket-3", d.device, [][]byte{mine}, a.Bytes, b.Bytes)
	got, err := wire.ReadBundle(bytes.NewReader(good), issuers)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Packets) != 2 || got.Packets[1].ID() != b.ID() || got.Device != "loket-3" || !bytes.Equal(got.Certificate("loket-3"), mine) {
		t.Errorf("%+v", got.Manifest)
	}
	if k, ok := got.Key("loket-3"); !ok || got.Packets[0].Verify(k) != nil {
		t.Error("the packet's device is not known from the bundle")
	}
	selfMade := deviceCertificate(t, rogue, "loket-3", rogue)
	rogues := deviceCertificate(t, d.issuer, "loket-66", rogue)
	for name, file := range map[string][]byte{
		"empty":                    nil,
		"a shop's file":            []byte("PK\x03\x04 and so on, for as long as it takes"),
		"torn in the last packet":  good[:len(good)-1],
		"torn after the manifest":  good[:len(good)-len(b.Bytes)-4],
		"something added":          append(bytes.Clone(good), 0),
		"a self-made certificate":  write("loket-3", rogue, [][]byte{selfMade}, a.Bytes),
		"in another device's name": write("loket-3", rogue, [][]byte{mine, rogues}, a.Bytes),
		"without a certificate":    write("loket-3", d.device, nil, a.Bytes),
		"not packets":              write("loket-3", d.device, [][]byte{mine}, []byte("hello")),
		"a packet left out":        bytes.Replace(good, append([]byte{0, 0, byte(len(b.Bytes) >> 8), byte(len(b.Bytes))}, b.Bytes...), nil, 1),
	} {
		t.Run(name, func(t *testing.T) {
			if bytes.Equal(file, good) {
				t.Fatal("nothing was changed")
			}
			if _, err := wire.ReadBundle(bytes.NewReader(file), issuers); !errors.Is(err, wire.ErrBundle) {
				t.Errorf("got %v, want ErrBundle", err)
			}
		})
	}
	t.Run("any byte", func(t *testing.T) {
		for at := 0; at < len(good); at += 97 {
			bad := bytes.Clone(good)
			bad[at] ^= 0x40
			if _, err := wire.ReadBundle(bytes.NewReader(bad), issuers); err == nil {
				t.Fatalf("byte %d of %d can be changed", at, len(good))
			}
		}
	})
	// A rogue counter may write a bundle of its own; what it changed in another's
	// packet shows there.
	t.Run("relayed by a rogue", func(t *testing.T) {
		forged := bytes.Clone(a.Bytes)
		forged[len(forged)/2] ^= 1
		b, err := wire.ReadBundle(bytes.NewReader(write("loket-66", rogue, [][]byte{mine, rogues}, a.Bytes, forged)), issuers)
		if err != nil {
			t.Fatal(err)
		}
		k, _ := b.Key("loket-3")
		if b.Packets[0].Verify(k) != nil || b.Packets[1].Verify(k) == nil {
			t.Error("the outer signature does not tell them apart")
		}
	})
}

func FuzzBundle(f *testing.F) {
	d := newDesk(f)
	var out bytes.Buffer
	if _, err := wire.WriteBundle(&out, "loket-3", d.device, sample().At, [][]byte{deviceCertificate(f, d.issuer, "loket-3", d.device)}, [][]byte{seal(f, d).Bytes}); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := wire.ReadBundle(bytes.NewReader(file), token.Keys(d.issuer.Public()))
		if err == nil && len(b.Packets) != len(b.Hashes)/32 {
			t.Error("packets and manifest differ")
		}
	})
}
