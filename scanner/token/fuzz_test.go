package token_test

import (
	"bytes"
	"compress/zlib"
	"crypto"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"loket/scanner/token"
)

// packed is data as a claim-169 card's text.
func packed(data []byte) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return token.EncodeBase45(b.Bytes())
}

// nasty are structures that break one rule each.
func nasty(t testing.TB, w world) map[string][]byte {
	good := w.present(t, nil)
	protected := func(h map[int64]any) []byte {
		b, err := cbor.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	sign1 := func(parts ...any) []byte {
		b, err := cbor.Marshal(cbor.Tag{Number: 18, Content: parts})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	head := protected(map[int64]any{1: -8, 4: []byte("12345678")})
	none := map[int64]any{}
	sig := make([]byte, 64)
	return map[string][]byte{
		"duplicate protected key":     sign1([]byte{0xa2, 0x01, 0x27, 0x01, 0x26}, none, []byte("x"), sig),
		"duplicate unprotected key":   append(append([]byte{0xd2, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xa2, 0x04, 0x41, 0x31, 0x04, 0x41, 0x32}, 0x41, 0x78), 0x41, 0x79),
		"alg unprotected":             sign1([]byte{}, map[int64]any{1: -8}, []byte("x"), sig),
		"alg in both":                 sign1(head, map[int64]any{1: -8}, []byte("x"), sig),
		"alg none":                    sign1(protected(map[int64]any{1: 0}), none, []byte("x"), sig),
		"alg HMAC":                    sign1(protected(map[int64]any{1: 5}), none, []byte("x"), sig),
		"critical header":             sign1(protected(map[int64]any{1: -8, 2: []int{99}, 99: 1}), none, []byte("x"), sig),
		"empty map, not empty string": sign1([]byte{0xa0}, none, []byte("x"), sig),
		"three parts":                 sign1(head, none, []byte("x")),
		"five parts":                  sign1(head, none, []byte("x"), sig, sig),
		"payload is text":             sign1(head, none, "x", sig),
		"signature is a number":       sign1(head, none, []byte("x"), 7),
		"tag 98":                      append([]byte{0xd8, 98}, good[1:]...),
		"no tag":                      good[1:],
		"tag 61 without 18":           append([]byte{0xd8, 61}, good[1:]...),
		"tag 18 twice":                append([]byte{0xd2}, good...),
		"trailing byte":               append(bytes.Clone(good), 0),
		"deep nesting":                append(bytes.Repeat([]byte{0x81}, 60_000), 0),
		"deep tags":                   bytes.Repeat([]byte{0xd2}, 60_000),
		"deep protected header":       sign1(append([]byte{0xa1, 0x01}, append(bytes.Repeat([]byte{0x81}, 4000), 0)...), none, []byte("x"), sig),
		"array of 2^60":               {0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0},
		"string of 2^60":              {0xd2, 0x84, 0x5b, 0x10, 0, 0, 0, 0, 0, 0, 0},
		"60,000 empty maps":           append([]byte{0x99, 0xea, 0x60}, bytes.Repeat([]byte{0xa0}, 60_000)...),
		"huge integer":                sign1(head, none, []byte{0xa1, 0x04, 0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, sig),
		"date of the year 300,000":    sign1(head, none, []byte{0xa1, 0x04, 0x1b, 0, 0, 0x08, 0, 0, 0, 0, 0}, sig),
		"bignum date":                 sign1(head, none, []byte{0xa1, 0x04, 0xc2, 0x41, 0x01}, sig),
		"not-a-number date":           sign1(head, none, []byte{0xa1, 0x04, 0xf9, 0x7e, 0x00}, sig),
		"text that is not UTF-8":      sign1(head, none, []byte{0xa1, 0x01, 0x61, 0xff}, sig),
		"endless string":              sign1(head, none, []byte{0xa1, 0x01, 0x7f, 0x61, 0x61}, sig),
		"claims are a list":           sign1(head, none, []byte{0x80}, sig),
	}
}

// TestNasty: each is refused in its form, by every parser, with at most
// 256 KiB allocated.
func TestNasty(t *testing.T) {
	w := newWorld(t)
	v := token.Verifier{Trust: w.trust, Replay: seen{}, Claim169: true}
	f := token.Foreign{Trust: w.trust, Use: token.UseCredential}
	bomb := packed(make([]byte, 4<<20))
	whole := deflated(w.credential)
	if got := f.Claim169(token.EncodeBase45(whole), start); !got.Valid {
		t.Errorf("control: %v", got.Checks)
	}
	cases := map[string]string{"inflate bomb": bomb, "zlib without its end": token.EncodeBase45(whole[:len(whole)-2]), "zlib with another checksum": token.EncodeBase45(append(whole[:len(whole)-1:len(whole)-1], whole[len(whole)-1]^1)), "trailing bytes behind zlib": token.EncodeBase45(append(deflated([]byte("x")), 0))}
	for name, data := range nasty(t, w) {
		cases[name] = packed(data)
		if got := v.Verify(token.PresentationText(data), start); got.Failed().Name != token.CheckFormat {
			t.Errorf("presentation, %s: %v", name, got.Checks)
		}
	}
	var worst uint64
	for name, text := range cases {
		got := f.Claim169(text, start)
		if got.Failed().Name != token.CheckFormat {
			t.Errorf("claim 169, %s: %v", name, got.Checks)
		}
		if got := f.DGC("HC1:"+text, start); got.Failed().Name != token.CheckFormat {
			t.Errorf("health certificate, %s: %v", name, got.Checks)
		}
		n := allocated(func() { f.Claim169(text, start) })
		if worst = max(worst, n); n > 256<<10 {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
	}
	t.Logf("at most %d bytes allocated per refused input", worst)
}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

// allocated is how many bytes one call of f allocates, the least of three.
func allocated(f func()) uint64 {
	least := uint64(math.MaxUint64)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

func FuzzBase45(f *testing.F) {
	for _, s := range []string{"", "BB8", "%69 VD92EX0", "GGW", "::", "A"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		data, err := token.DecodeBase45(text)
		if err != nil {
			if !errors.Is(err, token.ErrFormat) {
				t.Errorf("error %v", err)
			}
			return
		}
		if back := token.EncodeBase45(data); back != text {
			t.Errorf("%q comes back as %q", text, back)
		}
	})
}

func FuzzClaim169(f *testing.F) {
	w := newWorld(f)
	for _, data := range nasty(f, w) {
		f.Add(deflated(data))
	}
	f.Add(deflated(w.credential))
	for _, data := range seedsOf(f, "claim169") {
		f.Add(data)
	}
	foreign := token.Foreign{Trust: w.trust, Use: token.UseCredential, Decrypt: make([]byte, 32)}
	f.Fuzz(func(t *testing.T, data []byte) {
		foreign.Claim169(token.EncodeBase45(data), start)
	})
}

func FuzzCOSE(f *testing.F) {
	w := newWorld(f)
	for _, data := range nasty(f, w) {
		f.Add(data)
	}
	f.Add(w.credential)
	f.Add(w.certificate)
	for _, data := range seedsOf(f, "ikd") {
		f.Add(data)
	}
	foreign := token.Foreign{Trust: w.trust, Use: token.UseCredential}
	payload := w.credential[bytes.Index(w.credential, []byte("central")) : len(w.credential)-66]
	f.Fuzz(func(t *testing.T, data []byte) {
		if got := foreign.COSE(data, nil, start); got.Valid && !bytes.Contains(data, payload) {
			t.Errorf("valid, and not what was signed: %x", data)
		}
	})
}

func FuzzPresentation(f *testing.F) {
	w := newWorld(f)
	for _, data := range nasty(f, w) {
		f.Add(data)
	}
	good := w.present(f, nil)
	f.Add(good)
	for _, data := range seedsOf(f, "ikd") {
		f.Add(data)
	}
	v := token.Verifier{Trust: w.trust}
	f.Fuzz(func(t *testing.T, data []byte) {
		got := v.Verify(token.PresentationText(data), start)
		if got.Valid && (got.Credential == nil || got.Credential.NIK != "1702014507900001") {
			t.Errorf("valid with %+v", got.Credential)
		}
	})
}

func FuzzTrustList(f *testing.F) {
	w := newWorld(f)
	msg, err := token.SignTrust(w.trust, w.root)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(msg)
	for _, data := range seedsOf(f, "trust") {
		f.Add(data)
	}
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}`))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"))
	f.Add([]byte(`{"1":2,"-1":1,"-2":"00","-3":"00"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := token.OpenTrust(data, []crypto.PublicKey{w.root.Public()}, 1, start.Add(time.Hour)); err == nil && l.Version != 1 {
			t.Errorf("version %d", l.Version)
		}
		if _, err := token.ReadKeyFile(data, "u"); err != nil && !errors.Is(err, token.ErrFormat) && !errors.Is(err, token.ErrUnknownKey) {
			t.Errorf("error %v", err)
		}
	})
}
