package token_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"loket/scanner/token"
)

// raw are encoded CBOR bytes that stand in a structure as they are.
type raw = cbor.RawMessage

func enc(v any) []byte {
	b, err := cbor.Marshal(v)
	if err != nil {
		panic(err) // a constant of the generator
	}
	return b
}

// pairs is a CBOR map in the given order, with every key that is given, also twice.
func pairs(kv ...any) raw {
	out := enc(uint64(len(kv) / 2))
	out[0] |= 5 << 5
	for _, v := range kv {
		out = append(out, enc(v)...)
	}
	return out
}

// draft is a COSE_Sign1 before it is signed, as wrong as a vector wants it.
// Zero fields are what an honest signer writes.
type draft struct {
	by       crypto.Signer
	alg      any    // in the header; nil: what the key is for
	kid      []byte // nil: the key's own
	typ      any    // nil: none
	header   raw    // instead of all three
	outside  raw    // unprotected header; nil: empty
	payload  []byte
	carried  any // in place of the payload, when it is not the bytes that were signed
	external []byte
	tags     []byte // nil: tag 18
	keep     func(sig []byte) any
}

func (d draft) bytes() []byte {
	header := d.header
	if header == nil {
		kv := []any{1, d.alg, 4, d.kid}
		if d.alg == nil {
			kv[1] = algOf(d.by.Public())
		}
		if d.kid == nil {
			kv[3] = kidOf(d.by.Public())
		}
		if d.typ != nil {
			kv = append(kv, 16, d.typ)
		}
		header = pairs(kv...)
	}
	sig := rawSign(d.by, toBeSigned(header, d.external, d.payload))
	parts := []any{[]byte(header), map[int]int{}, d.payload, sig}
	if d.outside != nil {
		parts[1] = d.outside
	}
	if d.carried != nil {
		parts[2] = d.carried
	}
	if d.keep != nil {
		parts[3] = d.keep(sig)
	}
	tags := d.tags
	if tags == nil {
		tags = []byte{0xd2}
	}
	return append(append([]byte{}, tags...), enc(parts)...)
}

// toBeSigned is RFC 9052's Sig_structure.
func toBeSigned(header, external, payload []byte) []byte {
	return enc([]any{"Signature1", append([]byte{}, header...), append([]byte{}, external...), append([]byte{}, payload...)})
}

func algOf(pub crypto.PublicKey) int {
	switch pub.(type) {
	case ed25519.PublicKey:
		return -8
	case *ecdsa.PublicKey:
		return -7
	}
	return -37
}

func kidOf(pub crypto.PublicKey) []byte {
	kid, err := token.KeyID(pub)
	if err != nil {
		panic(err)
	}
	return kid
}

func rawSign(by crypto.Signer, data []byte) []byte {
	var sig []byte
	var err error
	sum := sha256.Sum256(data)
	switch key := by.(type) {
	case ed25519.PrivateKey:
		sig = ed25519.Sign(key, data)
	case *ecdsa.PrivateKey:
		sig = make([]byte, 64)
		r, s, failed := ecdsa.Sign(rand.Reader, key, sum[:])
		if err = failed; err == nil {
			r.FillBytes(sig[:32])
			s.FillBytes(sig[32:])
		}
	case *rsa.PrivateKey:
		sig, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	}
	if err != nil {
		panic(err)
	}
	return sig
}

// named is the Ed25519 key of a name: always the same, so that files change
// only where the generator did. These keys stand in no real trust list.
func named(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("loket vector: " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func namedP256(name string) *ecdsa.PrivateKey {
	seed := sha256.Sum256([]byte("loket vector: " + name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		panic(err)
	}
	return key
}

func (v vector) session(t *testing.T) *ecdh.PrivateKey {
	t.Helper()
	if v.Session == "" {
		return nil
	}
	key, err := ecdh.X25519().NewPrivateKey(unhex(t, v.Session))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// loosely reads a vector without any of the rules: tags, duplicates, bytes
// behind the end, headers and claims are passed over; each signature is tried
// with every key at hand. It is this file's own code, not the verifier's.
func (v vector) loosely(t *testing.T) error {
	t.Helper()
	msg := []byte(nil)
	switch {
	case v.Hex != "":
		msg = unhex(t, v.Hex)
	case v.Session != "" && strings.HasPrefix(v.QR, token.PrefixSealed):
		opened, err := token.OpenSealed(v.QR, v.session(t))
		if err != nil {
			return err
		}
		msg = opened
	default:
		body := v.QR
		if v.Profile != "claim169" {
			_, body, _ = strings.Cut(v.QR, ":")
		}
		packed, err := token.DecodeBase45(body)
		if err != nil {
			return err
		}
		if msg = packed; v.Profile == "claim169" {
			if msg, err = token.Inflate(packed); err != nil {
				return err
			}
		}
	}
	var keys []crypto.PublicKey
	file, err := token.ReadKeyFile(enc2json(v), token.UseClaim169)
	if err != nil {
		return err
	}
	for _, k := range file.Trust.Keys {
		keys = append(keys, k.Key)
	}
	for _, name := range []string{"phone", "device", "other"} {
		keys = append(keys, named(name).Public(), namedP256(name).Public())
	}
	inside, err := looseOpen(msg, unhexed(v.External), keys)
	if err != nil || v.Profile != "ikd" {
		return err
	}
	var claims map[int64]cbor.RawMessage
	if _, err := cbor.UnmarshalFirst(inside, &claims); err != nil {
		return fmt.Errorf("presentation: %w", err)
	}
	var credential []byte
	if err := cbor.Unmarshal(claims[-65602], &credential); err != nil {
		return fmt.Errorf("credential: %w", err)
	}
	_, err = looseOpen(credential, nil, keys)
	return err
}

func looseOpen(msg, external []byte, keys []crypto.PublicKey) ([]byte, error) {
	for len(msg) > 0 && msg[0]>>5 == 6 {
		head := 1
		if msg[0]&31 >= 24 {
			head += 1 << (msg[0]&31 - 24)
		}
		msg = msg[head:]
	}
	var parts []cbor.RawMessage
	if _, err := cbor.UnmarshalFirst(msg, &parts); err != nil || len(parts) < 4 {
		return nil, fmt.Errorf("message: %d parts, %w", len(parts), err)
	}
	var header, payload, sig []byte
	for i, into := range []*[]byte{&header, nil, &payload, &sig} {
		if into != nil {
			if err := cbor.Unmarshal(parts[i], into); err != nil {
				return nil, err
			}
		}
	}
	data := toBeSigned(header, external, payload)
	sum := sha256.Sum256(data)
	for _, pub := range keys {
		ok := false
		switch k := pub.(type) {
		case ed25519.PublicKey:
			ok = ed25519.Verify(k, data, sig)
		case *ecdsa.PublicKey:
			ok = len(sig) == 64 && ecdsa.VerifyASN1(k, sum[:], asn1Sig(sig))
		case *rsa.PublicKey:
			ok = rsa.VerifyPSS(k, crypto.SHA256, sum[:], sig, nil) == nil
		}
		if ok {
			return payload, nil
		}
	}
	return nil, errors.New("no key verifies it")
}

// asn1Sig writes r‖s as ECDSA-Sig-Value.
func asn1Sig(sig []byte) []byte {
	number := func(b []byte) []byte {
		for len(b) > 1 && b[0] == 0 {
			b = b[1:]
		}
		if b[0]&0x80 != 0 {
			b = append([]byte{0}, b...)
		}
		return append([]byte{2, byte(len(b))}, b...)
	}
	body := append(number(sig[:32]), number(sig[32:])...)
	return append([]byte{0x30, byte(len(body))}, body...)
}

func unhexed(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func enc2json(v vector) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
