package token_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"loket/scanner/token"
)

// seedsOf are the vectors of a profile as bytes: base45 decoded where they are
// texts.
func seedsOf(f *testing.F, profile string) [][]byte {
	f.Helper()
	var out [][]byte
	for _, v := range readVectors(f) {
		if v.Profile != profile {
			continue
		}
		if v.Hex != "" {
			out = append(out, unhexed(v.Hex))
			continue
		}
		body := v.QR
		if i := strings.IndexByte(body, ':'); i > 0 && i < 6 && profile != "claim169" {
			body = body[i+1:]
		}
		if data, err := token.DecodeBase45(body); err == nil {
			out = append(out, data)
		}
	}
	if len(out) == 0 {
		f.Fatalf("no vectors of profile %s", profile)
	}
	return out
}

// FuzzText takes any text for what a camera or hand scanner read.
func FuzzText(f *testing.F) {
	for _, v := range readVectors(f) {
		if v.QR != "" {
			f.Add(v.QR)
		}
	}
	list := listOf(token.TrustedKey{Use: token.UseCredential, Key: named("issuer").Public()}, token.TrustedKey{Use: token.UseClaim169, Key: named("issuer").Public()})
	v := token.Verifier{Trust: list, SessionKey: sessionKey("here"), Audience: make([]byte, 32), Claim169: true, Decrypt: newCrypt(32).open}
	f.Fuzz(func(t *testing.T, text string) {
		got := v.Verify(text, start)
		if got.Valid != (got.Failed() == token.Check{}) || !got.Valid && len(got.Checks) == 0 {
			t.Errorf("valid %v with %v", got.Valid, got.Checks)
		}
		if got.Proof && got.Presentation == nil {
			t.Error("proof without a presentation")
		}
	})
}

// FuzzCBOR: what is decoded is written back as one form, and reads as the same.
func FuzzCBOR(f *testing.F) {
	for _, profile := range []string{"ikd", "counter", "trust"} {
		for _, data := range seedsOf(f, profile) {
			f.Add(data)
		}
	}
	f.Add([]byte(pairs(1, "a", 2, []byte{1}, -65601, 1.5)))
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if err := token.Decode(data, &v); err != nil {
			if !errors.Is(err, token.ErrFormat) {
				t.Errorf("error %v", err)
			}
			return
		}
		once, err := token.Encode(v)
		if err != nil {
			t.Fatalf("cannot be written: %v", err)
		}
		var again any
		if err := token.Decode(once, &again); err != nil {
			t.Fatalf("cannot be read again: %v", err)
		}
		if twice, err := token.Encode(again); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%x becomes %x", once, twice)
		}
	})
}

// FuzzInflate never gives more than 64 KiB.
func FuzzInflate(f *testing.F) {
	for _, data := range seedsOf(f, "claim169") {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := token.Inflate(data)
		if len(out) > 64<<10 || err != nil && !errors.Is(err, token.ErrFormat) {
			t.Errorf("%d bytes, error %v", len(out), err)
		}
	})
}

// FuzzCWT signs whatever comes, so that the claims, the card and its photo are
// reached too.
func FuzzCWT(f *testing.F) {
	for _, r := range cardRows() {
		c := newCard()
		if r.edit != nil {
			r.edit(c)
		}
		c.vector()
		f.Add(c.sign.payload)
	}
	issuer := named("issuer")
	foreign := token.Foreign{Trust: listOf(token.TrustedKey{Use: token.UseClaim169, Key: issuer.Public()}), Use: token.UseClaim169}
	f.Fuzz(func(t *testing.T, payload []byte) {
		text := token.EncodeBase45(deflated(draft{by: issuer, payload: payload}.bytes()))
		got := foreign.Claim169(text, start)
		if !got.Valid {
			if name := got.Failed().Name; name != token.CheckFormat && name != token.CheckValidity {
				t.Errorf("failed %v", got.Checks)
			}
			return
		}
		if got.Card == nil || got.Proof {
			t.Fatalf("card %v, proof %v", got.Card, got.Proof)
		}
		got.Card.Born()
		for _, a := range got.Card.Attributes {
			if strings.ContainsRune(a.Value, 0) {
				t.Errorf("NUL in %q", a.Value)
			}
		}
		if got.Card.Photo != nil {
			if img, err := got.Card.Photo.Image(); err == nil && (img.Bounds().Dx() > 1024 || img.Bounds().Dy() > 1024) {
				t.Errorf("photo of %v", img.Bounds())
			}
		}
	})
}

// FuzzCredential signs whatever comes as a credential and presents it.
func FuzzCredential(f *testing.F) {
	for _, r := range append(ikdClaims(), ikdCOSE()[:1]...) {
		x := newVisit()
		if r.edit != nil {
			r.edit(x)
		}
		x.vector()
		f.Add(x.inner.payload)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		x := newVisit()
		x.inner.payload = append([]byte{}, payload...)
		x.list.Keys[0].Issuer = ""
		got := token.Verifier{Trust: x.list}.Verify(x.vector().QR, start)
		if got.Valid && (len(got.Credential.NIK) != 16 || strings.Trim(got.Credential.NIK, "0123456789") != "") {
			t.Errorf("valid with NIK %q", got.Credential.NIK)
		}
	})
}

// FuzzEncrypt0 takes any bytes for an encrypted card.
func FuzzEncrypt0(f *testing.F) {
	for _, r := range cryptRows() {
		c := newCard()
		r.edit(c)
		if data, err := token.DecodeBase45(c.vector().QR); err == nil {
			if msg, err := token.Inflate(data); err == nil {
				f.Add(msg)
			}
		}
	}
	foreign := token.Foreign{Trust: newCard().list, Use: token.UseClaim169, Decrypt: newCrypt(32).open}
	f.Fuzz(func(t *testing.T, msg []byte) {
		foreign.Claim169(token.EncodeBase45(deflated(msg)), start)
	})
}

// FuzzCounter takes any bytes for a counter's code.
func FuzzCounter(f *testing.F) {
	for _, data := range seedsOf(f, "counter") {
		f.Add(data)
	}
	d := newDesk()
	good := d.vector()
	f.Fuzz(func(t *testing.T, data []byte) {
		got := token.VerifyCounter(token.PrefixCounter+token.EncodeBase45(data), d.list, start)
		if got.Valid && got.Claims["device"] != "D-01" {
			t.Errorf("valid: %s; good %s", hex.EncodeToString(data), good.QR)
		}
	})
}
