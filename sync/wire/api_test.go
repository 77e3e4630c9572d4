package wire_test

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

func TestDeviceCode(t *testing.T) {
	want := wire.NewDeviceCode("https://central.contoh.id:8443", []byte("root"))
	for name, text := range map[string]string{
		"as shown":      want.String(),
		"small letters": strings.ToLower(want.String()),
		"with spaces":   "  " + want.String() + "\n",
		"with a slash":  strings.Replace(want.String(), "#", "/#", 1),
	} {
		got, err := wire.ParseDeviceCode(text)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", name, got, err, want)
		}
	}
	for name, text := range map[string]string{
		"empty":       "",
		"plain http":  strings.Replace(want.String(), "https", "http", 1),
		"no root":     want.Central + "#" + want.SecretText(),
		"short":       want.String()[:len(want.String())-1],
		"a NIK":       "1702120505920001",
		"not base 32": strings.Replace(want.String(), "-", "-U", 1),
	} {
		if got, err := wire.ParseDeviceCode(text); !errors.Is(err, wire.ErrDeviceCode) {
			t.Errorf("%s: %v, %v; want ErrDeviceCode", name, got, err)
		}
	}
}

func TestSignedRequest(t *testing.T) {
	pub, key, _ := ed25519.GenerateKey(nil)
	other, _, _ := ed25519.GenerateKey(nil)
	now := time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)
	r, err := wire.SignRequest(wire.PurposePIN, &wire.PIN{Ask: wire.Ask{Subject: "r1"}, PIN: "258025"}, now, key)
	if err != nil {
		t.Fatal(err)
	}
	var got wire.PIN
	if err := wire.OpenRequest(wire.PurposePIN, r, &got, token.Keys(pub)); err != nil {
		t.Fatal(err)
	}
	if got.Subject != "r1" || got.PIN != "258025" || !got.At.Equal(now) || len(got.Nonce) != 16 {
		t.Errorf("got %+v", got)
	}
	if err := wire.OpenRequest(wire.PurposeCard, r, &got, token.Keys(pub)); !errors.Is(err, wire.ErrPurpose) {
		t.Errorf("another purpose: %v", err)
	}
	if err := wire.OpenRequest(wire.PurposePIN, r, &got, token.Keys(other)); !errors.Is(err, token.ErrUnknownKey) {
		t.Errorf("another key: %v", err)
	}
}

func TestPolicySignature(t *testing.T) {
	pub, key, _ := ed25519.GenerateKey(nil)
	other, _, _ := ed25519.GenerateKey(nil)
	msg, err := wire.SignPolicy(wire.Policy{Version: 3, Training: true}, key)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := wire.OpenPolicy(msg, pub, 3); err != nil || !p.Training {
		t.Errorf("got %+v, %v", p, err)
	}
	if _, err := wire.OpenPolicy(msg, pub, 4); !errors.Is(err, wire.ErrVersion) {
		t.Errorf("rolled back: %v", err)
	}
	if _, err := wire.OpenPolicy(msg, other, 0); err == nil {
		t.Error("another root signed it")
	}
}
