package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"fmt"
	"strings"
	"time"
)

// CredentialLife is how long a registration credential is valid.
const CredentialLife = 7 * 24 * time.Hour

// Credential is what central signed when the phone registered. It carries only
// what the phone said: no name, no date of birth, no word on whether the NIK is
// known. It is a CWT (RFC 8392) with identity data in claim 169 and the phone's
// key in cnf (RFC 8747).
type Credential struct {
	Issuer       string           // iss: central's name
	Registration string           // sub: registration id
	IssuedAt     time.Time        // iat, whole seconds
	Expires      time.Time        // exp
	Phone        crypto.PublicKey // cnf: Ed25519 or P-256
	NIK          string           // 16 digits
	Email        string
	Number       string   // phone number, international form
	Selfie       [32]byte // SHA-256 of the JPEG that the phone sent
}

type credentialBody struct {
	Issuer       string   `cbor:"1,keyasint"`
	Registration string   `cbor:"2,keyasint"`
	Expires      int64    `cbor:"4,keyasint"`
	IssuedAt     int64    `cbor:"6,keyasint"`
	Confirm      confirm  `cbor:"8,keyasint"`
	Identity     identity `cbor:"169,keyasint"`
	Selfie       []byte   `cbor:"-65601,keyasint"` // private use
}

type confirm struct {
	Key coseKey `cbor:"1,keyasint"`
}

type identity struct {
	NIK    string `cbor:"1,keyasint"`
	Email  string `cbor:"11,keyasint"`
	Number string `cbor:"12,keyasint"`
}

// coseKey is a public COSE_Key (RFC 9053): OKP with Ed25519, or EC2 with P-256.
type coseKey struct {
	Kty int64  `cbor:"1,keyasint"`
	Crv int64  `cbor:"-1,keyasint"`
	X   []byte `cbor:"-2,keyasint"`
	Y   []byte `cbor:"-3,keyasint,omitempty"`
}

func toCOSEKey(pub crypto.PublicKey) (coseKey, error) {
	switch k := pub.(type) {
	case ed25519.PublicKey:
		return coseKey{Kty: 1, Crv: 6, X: k}, nil
	case *ecdsa.PublicKey:
		if point, err := k.Bytes(); err == nil && k.Curve == elliptic.P256() {
			return coseKey{Kty: 2, Crv: 1, X: point[1:33], Y: point[33:]}, nil
		}
	}
	return coseKey{}, fmt.Errorf("%w: %T is no key for a phone", ErrUnknownKey, pub)
}

func (k coseKey) public() (crypto.PublicKey, error) {
	switch {
	case k.Kty == 1 && k.Crv == 6 && len(k.X) == ed25519.PublicKeySize && len(k.Y) == 0:
		return ed25519.PublicKey(k.X), nil
	case k.Kty == 2 && k.Crv == 1 && len(k.X) == 32 && len(k.Y) == 32:
		point := append(append([]byte{4}, k.X...), k.Y...)
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			return nil, fmt.Errorf("%w: cnf: %w", ErrFormat, err)
		}
		return pub, nil
	}
	return nil, fmt.Errorf("%w: cnf: kind of key", ErrFormat)
}

// Issue signs c with an issuer key (use ikd-credential).
func Issue(c Credential, issuer crypto.Signer) ([]byte, error) {
	key, err := toCOSEKey(c.Phone)
	if err != nil {
		return nil, fmt.Errorf("issue credential: %w", err)
	}
	body, err := Encode(credentialBody{c.Issuer, c.Registration, c.Expires.Unix(), c.IssuedAt.Unix(),
		confirm{key}, identity{c.NIK, c.Email, c.Number}, c.Selfie[:]})
	if err != nil {
		return nil, fmt.Errorf("issue credential: %w", err)
	}
	return Sign(TypCredential, issuer, body)
}

// OpenCredential checks the issuer's signature and reads the credential. It
// does not look at the time: Verifier and central do, each by its own rules.
func OpenCredential(msg []byte, lookup Lookup) (Credential, error) {
	body, _, err := Open(TypCredential, msg, lookup)
	if err != nil {
		return Credential{}, fmt.Errorf("open credential: %w", err)
	}
	return readCredential(body)
}

func readCredential(body []byte) (Credential, error) {
	var b credentialBody
	if err := Decode(body, &b); err != nil {
		return Credential{}, fmt.Errorf("read credential: %w", err)
	}
	key, err := b.Confirm.Key.public()
	if err != nil {
		return Credential{}, fmt.Errorf("read credential: %w", err)
	}
	if len(b.Identity.NIK) != 16 || strings.Trim(b.Identity.NIK, "0123456789") != "" {
		return Credential{}, fmt.Errorf("read credential: %w: NIK is not 16 digits", ErrFormat)
	}
	for _, text := range []string{b.Issuer, b.Registration, b.Identity.Email, b.Identity.Number} {
		if !plainText(text) {
			return Credential{}, fmt.Errorf("read credential: %w: text", ErrFormat)
		}
	}
	if len(b.Selfie) != 32 {
		return Credential{}, fmt.Errorf("read credential: %w: selfie hash", ErrFormat)
	}
	c := Credential{Issuer: b.Issuer, Registration: b.Registration, IssuedAt: unix(b.IssuedAt), Expires: unix(b.Expires),
		Phone: key, NIK: b.Identity.NIK, Email: b.Identity.Email, Number: b.Identity.Number, Selfie: [32]byte(b.Selfie)}
	if c.IssuedAt.IsZero() || !c.Expires.After(c.IssuedAt) {
		return Credential{}, fmt.Errorf("read credential: %w: dates", ErrFormat)
	}
	return c, nil
}

// plainText says that s is a line for people: not empty, at most 254 bytes
// (an e-mail address's limit), no control characters.
func plainText(s string) bool {
	return s != "" && len(s) <= 254 && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f })
}

// unix is the time of a NumericDate in UTC; the zero time for seconds outside
// the years 1970 to 9999, which no honest signer writes.
func unix(seconds int64) time.Time {
	if seconds < 0 || seconds > 253402300799 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
