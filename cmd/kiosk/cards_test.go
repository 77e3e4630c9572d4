package main

import (
	"bytes"
	"compress/zlib"
	"crypto"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/token"
)

// admit makes a station take cards of an issuer, as a trust list and a policy
// that central signed would.
func (s *station) admit(policy bool, keys ...token.TrustedKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trust.Keys = append(s.trust.Keys, keys...)
	s.policy.QR.Claim169 = policy
}

// mintCard is a bare card as an issuer makes it: claims in a COSE_Sign1, zlib,
// base45.
func mintCard(t *testing.T, by ed25519.PrivateKey, now time.Time, id map[int]any) string {
	t.Helper()
	encode := func(v any) []byte {
		b, err := token.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	header := encode(map[int]int{1: -8})
	payload := encode(map[int]any{1: "https://kartu.contoh.id", 4: now.AddDate(1, 0, 0).Unix(), 6: now.AddDate(0, -1, 0).Unix(), 169: id})
	signature := ed25519.Sign(by, encode([]any{"Signature1", header, []byte{}, payload}))
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(encode(cbor.Tag{Number: 18, Content: []any{header, map[int]int{}, payload, signature}})); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return token.EncodeBase45(b.Bytes())
}

// TestCardsOfOtherMakers shows cards of MOSIP's form, made by others, to a
// counter: taken and shown, or refused by a sentence of their own.
func TestCardsOfOtherMakers(t *testing.T) {
	c := newCrash(t)
	s, _ := serving(t, c)
	at := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC) // of EXPECTED.tsv
	var file struct {
		QR  string `json:"qr_data"`
		Key struct {
			Public string `json:"public_key_hex"`
		} `json:"signing_key"`
	}
	read := func(t *testing.T, name string) {
		data, err := os.ReadFile(filepath.Join("../../../shared/vectors/claim169/valid", name))
		if os.IsNotExist(err) {
			t.Skip("no vectors of others beside the project")
		}
		if err == nil {
			err = json.Unmarshal(data, &file)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	trust := s.trust
	for _, x := range []struct {
		name, file      string
		policy, trusted bool
		check           string
		reason          token.Reason
	}{
		{"taken", "ed25519-signed.json", true, true, "", ""},
		{"policy takes no cards", "ed25519-signed.json", false, true, token.CheckDevice, token.ReasonCard},
		{"an issuer whom nobody trusts", "ed25519-signed.json", true, false, token.CheckIssuer, token.ReasonUnknownKey},
		{"nobody signed it", "demographics-full.json", true, true, token.CheckSignature, token.ReasonEmpty},
		{"encrypted for somebody else", "encrypted-signed.json", true, true, token.CheckFormat, token.ReasonDecrypt},
	} {
		t.Run(x.name, func(t *testing.T) {
			read(t, "ed25519-signed.json")
			key, err := hex.DecodeString(file.Key.Public)
			if err != nil {
				t.Fatal(err)
			}
			read(t, x.file)
			s.trust = trust
			if s.admit(x.policy); x.trusted {
				s.admit(x.policy, token.TrustedKey{Use: token.UseClaim169, Key: ed25519.PublicKey(key)})
			}
			code := (&tokens{s: s}).Verify(t.Context(), file.QR, at)
			if x.check == "" {
				if !code.Valid || code.Proof || code.Card == nil || code.NIK != "" || code.Registration != "" || code.Card.Issuer != "https://mosip.example.org" ||
					len(code.Card.Attributes) != 2 || code.Card.Attributes[1] != (activation.CardAttribute{Name: "fullName", Value: "Signed Test Person"}) {
					t.Errorf("code %+v, card %+v", code, code.Card)
				}
				return
			}
			last := code.Checks[len(code.Checks)-1]
			if code.Valid || code.Card != nil || last.Name != x.check || last.Reason != string(x.reason) || !app.HasWords("detail."+last.Reason) {
				t.Errorf("code %+v", code)
			}
		})
	}
}

// TestCardOf writes every kind of line of a card, and its photo, for the screen.
func TestCardOf(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	list := token.TrustList{Keys: []token.TrustedKey{{Use: token.UseClaim169, Key: crypto.PublicKey(key.Public())}}}
	var small bytes.Buffer
	if err := jpeg.Encode(&small, image.NewGray(image.Rect(0, 0, 24, 32)), nil); err != nil {
		t.Fatal(err)
	}
	webp, err := os.ReadFile(filepath.Join("..", "..", "scanner", "token", "testdata", "photo.webp"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		id    map[int]any
		nik   string
		shown bool   // a photo
		not   string // a format that is not shown
		line  activation.CardAttribute
	}{
		"NIK, date in digits":  {map[int]any{1: crashNIK, 8: "19920525"}, crashNIK, false, "", activation.CardAttribute{Name: "dateOfBirth", Value: "1992-05-25"}},
		"another id, ISO date": {map[int]any{1: "ID-1", 8: "1992-05-25"}, "", false, "", activation.CardAttribute{Name: "dateOfBirth", Value: "1992-05-25"}},
		"a NIK that can't be":  {map[int]any{1: "1702099905920003", 9: 2}, "", false, "", activation.CardAttribute{Name: "gender", Value: "2", Word: "female"}},
		"second language":      {map[int]any{19: "سري"}, "", false, "", activation.CardAttribute{Name: "secondaryFullName", Value: "سري"}},
		"unknown":              {map[int]any{99: "x"}, "", false, "", activation.CardAttribute{Label: "99", Value: "x"}},
		"JPEG":                 {map[int]any{16: small.Bytes(), 17: 1}, "", true, "", activation.CardAttribute{Name: "photoFormat", Value: "1", Word: "JPEG"}},
		"WebP":                 {map[int]any{16: webp, 17: 4}, "", true, "", activation.CardAttribute{Name: "photoFormat", Value: "4", Word: "WEBP"}},
		"AVIF": {map[int]any{16: []byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00"), 17: 3}, "", false, "AVIF",
			activation.CardAttribute{Name: "photoFormat", Value: "3", Word: "AVIF"}},
		"JPEG 2000, by its word": {map[int]any{16: []byte("?"), 17: 2}, "", false, "JPEG2000", activation.CardAttribute{Name: "photoFormat", Value: "2", Word: "JPEG2000"}},
		"broken":                 {map[int]any{16: small.Bytes()[:200]}, "", false, "JPEG", activation.CardAttribute{}},
		"no format at all":       {map[int]any{16: []byte("?")}, "", false, "?", activation.CardAttribute{}},
		"a sample": {map[int]any{50: map[int]any{0: []byte("12345"), 1: 0, 2: 6, 3: "VendorA"}}, "", false, "",
			activation.CardAttribute{Name: "rightThumb", Value: "VendorA", Word: "image WSQ", Size: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			v := token.Verifier{Trust: list, Claim169: true}.Verify(mintCard(t, key, now, c.id), now)
			if !v.Valid || v.Card == nil {
				t.Fatalf("checks %v", v.Checks)
			}
			got := cardOf(v.Card, now)
			if got.NIK != c.nik || (got.Photo != nil) != c.shown || got.NotShown != c.not || got.Expires.Year() != 2027 {
				t.Errorf("card %+v", got)
			}
			found := c.line == activation.CardAttribute{}
			for _, a := range got.Attributes {
				found = found || a == c.line
			}
			if !found {
				t.Errorf("no line %+v in %+v", c.line, got.Attributes)
			}
			if c.shown {
				if _, err := jpeg.Decode(bytes.NewReader(got.Photo)); err != nil {
					t.Error(fmt.Errorf("photo: %w", err))
				}
			}
		})
	}
}
