package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"loket/scanner/token"
)

var start = time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)

func edKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ecKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestOpen(t *testing.T) {
	mine, other, p256 := edKey(t), edKey(t), ecKey(t)
	sign := func(key crypto.Signer) []byte {
		msg, err := token.Sign(token.TypPacket, key, []byte("isi"))
		if err != nil {
			t.Fatal(err)
		}
		return msg
	}
	flip := func(msg []byte, i int) []byte {
		out := append([]byte(nil), msg...)
		if i < 0 {
			i += len(out)
		}
		out[i] ^= 1
		return out
	}
	good := sign(mine)
	for _, c := range []struct {
		name string
		typ  token.Typ
		msg  []byte
		keys token.Lookup
		want error
	}{
		{"ed25519", token.TypPacket, good, token.Keys(mine.Public()), nil},
		{"p-256", token.TypPacket, sign(p256), token.Keys(p256.Public()), nil},
		{"one of two keys", token.TypPacket, good, token.Keys(other.Public(), mine.Public()), nil},
		{"cwt tag outside", token.TypPacket, append([]byte{0xd8, 61}, good...), token.Keys(mine.Public()), nil},
		{"cwt tag twice", token.TypPacket, append([]byte{0xd8, 61, 0xd8, 61}, good...), token.Keys(mine.Public()), token.ErrFormat},
		{"tag 98", token.TypPacket, append([]byte{0xd8, 98}, good[1:]...), token.Keys(mine.Public()), token.ErrFormat},
		{"no tag", token.TypPacket, good[1:], token.Keys(mine.Public()), token.ErrFormat},
		{"trailing byte", token.TypPacket, append(good[:len(good):len(good)], 0), token.Keys(mine.Public()), token.ErrFormat},
		{"other purpose", token.TypHead, good, token.Keys(mine.Public()), token.ErrTyp},
		{"other key", token.TypPacket, good, token.Keys(other.Public()), token.ErrUnknownKey},
		{"other kind of key", token.TypPacket, good, func([]byte) (crypto.PublicKey, error) { return p256.Public(), nil }, token.ErrSignature},
		{"signature altered", token.TypPacket, flip(good, -1), token.Keys(mine.Public()), token.ErrSignature},
		{"payload altered", token.TypPacket, flip(good, -68), token.Keys(mine.Public()), token.ErrSignature},
		{"empty", token.TypPacket, nil, token.Keys(mine.Public()), token.ErrFormat},
	} {
		t.Run(c.name, func(t *testing.T) {
			payload, _, err := token.Open(c.typ, c.msg, c.keys)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if c.want == nil && string(payload) != "isi" {
				t.Errorf("payload %q", payload)
			}
		})
	}
}

func TestDetached(t *testing.T) {
	key := edKey(t)
	keys := token.Keys(key.Public())
	msg, err := token.SignDetached(token.TypDecision, key, []byte("isi"), []byte("luar"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := token.OpenDetached(token.TypDecision, msg, []byte("isi"), []byte("luar"), keys); err != nil {
		t.Error(err)
	}
	if _, err := token.OpenDetached(token.TypDecision, msg, []byte("isi2"), []byte("luar"), keys); !errors.Is(err, token.ErrSignature) {
		t.Errorf("other payload: %v", err)
	}
	if _, err := token.OpenDetached(token.TypDecision, msg, []byte("isi"), nil, keys); !errors.Is(err, token.ErrSignature) {
		t.Errorf("other external data: %v", err)
	}
	if _, _, err := token.Open(token.TypDecision, msg, keys); !errors.Is(err, token.ErrFormat) {
		t.Errorf("opened without its payload: %v", err)
	}
}

func TestCertificate(t *testing.T) {
	ca, device := edKey(t), edKey(t)
	msg, err := token.IssueCertificate(token.Certificate{
		Kind: token.KindDevice, Subject: "D-01", Name: "Loket 1", Office: "1702", Key: device.Public(),
		NotBefore: start, NotAfter: start.AddDate(1, 0, 0),
	}, ca)
	if err != nil {
		t.Fatal(err)
	}
	c, err := token.OpenCertificate(msg, token.KindDevice, token.Keys(ca.Public()), start)
	if err != nil || c.Subject != "D-01" || !device.Public().(ed25519.PublicKey).Equal(c.Key) {
		t.Errorf("certificate %+v, %v", c, err)
	}
	if _, err := token.OpenCertificate(msg, token.KindOfficer, token.Keys(ca.Public()), start); !errors.Is(err, token.ErrFormat) {
		t.Errorf("device as officer: %v", err)
	}
	if c, err := token.OpenCertificate(msg, token.KindDevice, token.Keys(ca.Public()), start.AddDate(2, 0, 0)); !errors.Is(err, token.ErrValidity) || c.Subject == "" {
		t.Errorf("expired: %+v, %v", c, err)
	}
	if _, err := token.OpenCertificate(msg, token.KindDevice, token.Keys(device.Public()), start); !errors.Is(err, token.ErrUnknownKey) {
		t.Errorf("self-signed: %v", err)
	}
}
