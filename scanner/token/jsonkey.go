package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
)

// jsonKey collects the parts of one public key from their many names.
type jsonKey struct {
	kty, crv, alg string
	x, y, n, e    []byte
	whole         []byte // public_key_hex
	kid           []byte
}

// names of COSE_Key's labels and values where they stand as numbers.
var (
	coseKty = map[string]string{"1": "OKP", "2": "EC", "3": "RSA"}
	coseCrv = map[string]string{"1": "P-256", "6": "Ed25519"}
)

// set takes one field. Private parts and what is not known are passed over.
func (k *jsonKey) set(name string, value any) (err error) {
	word := fmt.Sprint(value)
	plainName, isHex := strings.CutSuffix(name, "_hex")
	switch plainName {
	case "kty", "1":
		if k.kty = word; coseKty[word] != "" {
			k.kty = coseKty[word]
		}
		if k.kty == "EC2" {
			k.kty = "EC"
		}
	case "crv", "-1":
		if plainName == "-1" && len(word) > 4 && coseCrv[word] == "" { // RSA: n
			k.n, err = bytesOf(word, isHex)
		} else if k.crv = word; coseCrv[word] != "" {
			k.crv = coseCrv[word]
		}
	case "alg", "algorithm":
		k.alg = word
	case "x":
		k.x, err = bytesOf(word, isHex)
	case "-2":
		k.x, err = bytesOf(word, isHex)
		k.e = k.x
	case "y", "-3":
		k.y, err = bytesOf(word, isHex)
	case "n":
		k.n, err = bytesOf(word, isHex)
	case "e":
		k.e, err = bytesOf(word, isHex)
	case "kid":
		if isHex {
			k.kid, err = bytesOf(word, true)
		} else {
			k.kid = []byte(word)
		}
	case "2":
		k.kid, err = bytesOf(word, isHex)
	case "public_key":
		k.whole, err = bytesOf(word, isHex)
	}
	return err
}

// public puts the parts together. A key of a kind that is not used here is
// ErrUnknownKey, half a key ErrFormat.
func (k *jsonKey) public() (crypto.PublicKey, error) {
	if k.whole != nil {
		return wholeKey(k.whole)
	}
	switch {
	case k.kty == "OKP" && k.crv == "Ed25519" && len(k.x) == ed25519.PublicKeySize:
		return ed25519.PublicKey(k.x), nil
	case k.kty == "EC" && k.crv == "P-256" && len(k.x) <= 32 && len(k.y) <= 32:
		point := make([]byte, 65)
		point[0] = 4
		copy(point[33-len(k.x):33], k.x)
		copy(point[65-len(k.y):], k.y)
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		return pub, nil
	case k.kty == "RSA" && len(k.n) >= 256 && len(k.n) <= 1024 && len(k.e) > 0 && len(k.e) <= 4:
		return &rsa.PublicKey{N: new(big.Int).SetBytes(k.n), E: int(new(big.Int).SetBytes(k.e).Int64())}, nil
	}
	if k.kty != "" && k.crv != "P-256" && k.crv != "Ed25519" {
		return nil, fmt.Errorf("%w: kty %q, crv %q is not used here", ErrUnknownKey, k.kty, k.crv)
	}
	return nil, fmt.Errorf("%w: no whole key", ErrFormat)
}

// wholeKey reads a key in one piece: Ed25519's 32 bytes, a P-256 point, an SPKI.
func wholeKey(b []byte) (crypto.PublicKey, error) {
	switch {
	case len(b) == ed25519.PublicKeySize:
		return ed25519.PublicKey(b), nil
	case len(b) == 64:
		return wholeKey(append([]byte{4}, b...))
	case len(b) == 65 && b[0] == 4:
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), b)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		return pub, nil
	case len(b) == 33:
		if x, y := elliptic.UnmarshalCompressed(elliptic.P256(), b); x != nil {
			point := make([]byte, 65)
			point[0] = 4
			x.FillBytes(point[1:33])
			y.FillBytes(point[33:])
			return wholeKey(point)
		}
	}
	pub, err := x509.ParsePKIXPublicKey(b)
	if err != nil {
		return nil, fmt.Errorf("%w: public key of %d bytes", ErrFormat, len(b))
	}
	return pub, nil
}

// bytesOf reads hexadecimal where the name says so (or where a COSE_Key's value
// is nothing else), base64url otherwise.
func bytesOf(word string, isHex bool) ([]byte, error) {
	if isHex || len(word) >= 64 && len(word)%2 == 0 && strings.Trim(word, "0123456789abcdefABCDEF") == "" {
		b, err := hex.DecodeString(word)
		if err != nil {
			return nil, fmt.Errorf("%w: hexadecimal", ErrFormat)
		}
		return b, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(word), "="))
	if err != nil {
		return nil, fmt.Errorf("%w: base64url", ErrFormat)
	}
	return b, nil
}
