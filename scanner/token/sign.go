package token

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
)

// Typ says what a signature is for; "ikd/" and it are the protected header
// parameter 16 (RFC 9596, in the form type/subtype). Open refuses every other one.
type Typ string

func (t Typ) header() string { return "ikd/" + string(t) }

// The purposes of this project's signatures.
const (
	TypCredential  Typ = "credential"   // central's issuer key over a registration
	TypPresent     Typ = "presentation" // a phone over a credential
	TypCounter     Typ = "counter"      // a device over its counter's code
	TypCertificate Typ = "certificate"  // central over a device's or officer's key
	TypTrust       Typ = "trust"        // a root over a trust list
	TypPolicy      Typ = "policy"       // central over a policy
	TypPacket      Typ = "packet"       // a device over the outside of a packet
	TypDecision    Typ = "decision"     // device, officer, supervisor over the inside
	TypHead        Typ = "head"         // a device over the head of its audit log
	TypBundle      Typ = "bundle"       // a device over an export
	TypRenewal     Typ = "renewal"      // a device over a request for a new certificate
	TypRequest     Typ = "request"      // a phone over a request to central
	TypTime        Typ = "time"         // central over the current time
)

// Use says what a key in the trust list may sign.
type Use string

// The uses of the trust list.
const (
	UseCredential Use = "ikd-credential"
	UseClaim169   Use = "claim169"
	UseDevice     Use = "device"
	UseSeal       Use = "packet-seal"
	UsePolicy     Use = "policy"
)

// What Open refuses, beside ErrFormat.
var (
	ErrSignature  = errors.New("signature does not verify")
	ErrUnknownKey = errors.New("key is not known")
	ErrTyp        = errors.New("signature is for another purpose")
)

// Lookup finds the public key with this id, or says ErrUnknownKey. An empty
// kid is a message that names none.
type Lookup func(kid []byte) (crypto.PublicKey, error)

// Keys is a Lookup over a fixed few keys. A message without kid is accepted
// only where there is just one.
func Keys(pubs ...crypto.PublicKey) Lookup {
	return func(kid []byte) (crypto.PublicKey, error) {
		if len(kid) == 0 && len(pubs) == 1 {
			return pubs[0], nil
		}
		for _, pub := range pubs {
			if id, err := KeyID(pub); err == nil && bytes.Equal(id, kid) {
				return pub, nil
			}
		}
		return nil, ErrUnknownKey
	}
}

// KeyID is the kid of pub: the first 8 bytes of SHA-256 of its SPKI (DER).
func KeyID(pub crypto.PublicKey) ([]byte, error) {
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("key id: %w", err)
	}
	sum := sha256.Sum256(spki)
	return sum[:8], nil
}

// Sign makes a tagged COSE_Sign1 of payload with alg, kid and typ in the
// protected header. Keys are Ed25519 (EdDSA) or P-256 (ES256).
func Sign(typ Typ, key crypto.Signer, payload []byte) ([]byte, error) {
	return sign(typ, key, payload, nil, false)
}

// SignDetached is Sign with the payload left out of the message (nil) and with
// external data that is signed too (nil for none). Several people sign the
// same payload with one such message each.
func SignDetached(typ Typ, key crypto.Signer, payload, external []byte) ([]byte, error) {
	return sign(typ, key, payload, external, true)
}

func sign(typ Typ, key crypto.Signer, payload, external []byte, detached bool) ([]byte, error) {
	alg, err := algorithm(key.Public())
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", typ, err)
	}
	kid, err := KeyID(key.Public())
	if err != nil {
		return nil, err
	}
	signer, err := cose.NewSigner(alg, key)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", typ, err)
	}
	if payload == nil {
		payload = []byte{} // nil would mean detached
	}
	m := cose.Sign1Message{Headers: cose.Headers{Protected: cose.ProtectedHeader{
		cose.HeaderLabelAlgorithm: alg,
		cose.HeaderLabelKeyID:     kid,
		cose.HeaderLabelType:      typ.header(),
	}}, Payload: payload}
	if err := m.Sign(rand.Reader, external, signer); err != nil {
		return nil, fmt.Errorf("sign %s: %w", typ, err)
	}
	if detached {
		m.Payload = nil
	}
	return m.MarshalCBOR()
}

// Open checks a message that Sign made and gives its payload and kid. The key
// comes from lookup by the protected kid; typ must be the protected one.
func Open(typ Typ, msg []byte, lookup Lookup) (payload, kid []byte, err error) {
	m, err := parseSign1(msg, ownRules)
	if err != nil {
		return nil, nil, err
	}
	if m.Payload == nil {
		return nil, m.kid, fmt.Errorf("%w: payload is detached", ErrFormat)
	}
	if err := m.open(typ, nil, lookup); err != nil {
		return nil, m.kid, err
	}
	return bytes.Clone(m.Payload), m.kid, nil
}

// OpenDetached checks a message that SignDetached made over payload and
// external, and gives the kid of its key.
func OpenDetached(typ Typ, msg, payload, external []byte, lookup Lookup) (kid []byte, err error) {
	m, err := parseSign1(msg, ownRules)
	if err != nil {
		return nil, err
	}
	if m.Payload != nil {
		return m.kid, fmt.Errorf("%w: payload is not detached", ErrFormat)
	}
	if m.Payload = payload; payload == nil {
		m.Payload = []byte{}
	}
	return m.kid, m.open(typ, external, lookup)
}

// KIDOf reads the kid of a message without checking anything else about it
// than its form. It chooses a key and proves nothing.
func KIDOf(msg []byte) ([]byte, error) {
	m, err := parseSign1(msg, ownRules)
	if err != nil {
		return nil, err
	}
	return m.kid, nil
}

// errEmpty comes with the parsed message.
var errEmpty = fmt.Errorf("%w: it is empty", ErrSignature)

// rules are what one family of messages may do beyond the strictest form.
type rules struct {
	looseKID bool // kid in the unprotected header, or none
}

var ownRules = rules{}

// message is a parsed COSE_Sign1 whose signature nobody has checked yet.
type message struct {
	cose.Sign1Message // Payload is a part of what was parsed
	protected         []byte
	alg               cose.Algorithm
	kid               []byte
	typ               string
}

// parseSign1 reads one COSE_Sign1: tag 18, outside it at most a tag 61; alg in
// the protected header only; no critical headers; a signature that is not empty.
func parseSign1(msg []byte, r rules) (message, error) {
	fail := func(why string) (message, error) {
		return message{}, fmt.Errorf("%w: %s", ErrFormat, why)
	}
	body, err := untag(msg, 18)
	if err != nil {
		return message{}, err
	}
	parts, err := split(body, 4)
	if err != nil {
		return message{}, err
	}
	var m message
	if m.protected, err = byteString(parts[0]); err != nil {
		return message{}, err
	}
	payload, err := byteString(parts[2])
	if err != nil {
		return message{}, err
	}
	signature, err := byteString(parts[3])
	if err != nil || parts[3][0] == 0xf6 {
		return fail("no signature")
	}
	if len(m.protected) > maxHeader || len(parts[1]) > maxHeader || len(signature) > maxSignature {
		return fail("header or signature of too many bytes")
	}
	if len(m.protected) > 0 { // the library has limits of its own
		if err := looseMode.Wellformed(m.protected); err != nil {
			return fail("protected header")
		}
	}
	if countItems(m.protected, maxHeaderItems) != nil || countItems(parts[1], maxHeaderItems) != nil {
		return fail("header of too many items")
	}
	// The library reads the headers. It need not see the payload, and it stops
	// at an empty signature, where what nobody signed can still be shown.
	empty := len(signature) == 0
	small, err := Encode([]any{cbor.RawMessage(parts[0]), cbor.RawMessage(parts[1]), []byte{}, []byte{0}})
	if err != nil {
		return message{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if err := (*cose.UntaggedSign1Message)(&m.Sign1Message).UnmarshalCBOR(small); err != nil {
		return message{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	m.Payload, m.Signature = payload, signature
	if m.alg, err = m.Headers.Protected.Algorithm(); err != nil {
		return fail("no alg in the protected header")
	}
	if _, ok := m.Headers.Unprotected[cose.HeaderLabelAlgorithm]; ok {
		return fail("alg in the unprotected header")
	}
	if _, ok := m.Headers.Protected[cose.HeaderLabelCritical]; ok {
		return fail("critical headers")
	}
	m.kid, _ = m.Headers.Protected[cose.HeaderLabelKeyID].([]byte)
	if r.looseKID && len(m.kid) == 0 {
		m.kid, _ = m.Headers.Unprotected[cose.HeaderLabelKeyID].([]byte)
	}
	if !r.looseKID && len(m.kid) == 0 {
		return fail("no kid in the protected header")
	}
	m.typ, _ = m.Headers.Protected[cose.HeaderLabelType].(string)
	switch m.alg {
	case cose.AlgorithmEdDSA, cose.AlgorithmES256, cose.AlgorithmPS256:
	default:
		return message{}, fmt.Errorf("%w: %w: %d", ErrFormat, errAlg, m.alg)
	}
	if empty {
		return m, errEmpty
	}
	return m, nil
}

// untag takes the tag want from data, and before it one tag 61 (a CWT's). It
// reads the heads itself: the decoder passes over tag 55799 without a word.
func untag(data []byte, want uint64) ([]byte, error) {
	for seen61 := false; ; {
		if len(data) == 0 || data[0]>>5 != 6 {
			return nil, fmt.Errorf("%w: tag %d is missing", ErrFormat, want)
		}
		number, rest, err := argument(data)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		switch {
		case number == want:
			return rest, nil
		case number == 61 && !seen61:
			seen61, data = true, rest
		default:
			return nil, fmt.Errorf("%w: tag %d", ErrFormat, number)
		}
	}
}

// open checks purpose, key and signature.
func (m *message) open(typ Typ, external []byte, lookup Lookup) error {
	if m.typ != typ.header() {
		return fmt.Errorf("%w: %q, want %q", ErrTyp, m.typ, typ)
	}
	pub, err := lookup(m.kid)
	if err != nil {
		return fmt.Errorf("key %x: %w", m.kid, err)
	}
	return m.verify(pub, external)
}

// verify checks the signature with pub, whose kind must be that of alg.
func (m *message) verify(pub crypto.PublicKey, external []byte) error {
	alg, err := algorithm(pub)
	if err != nil {
		return err
	}
	if alg != m.alg {
		return fmt.Errorf("%w: alg %d with a key for %d", ErrSignature, m.alg, alg)
	}
	verifier, err := cose.NewVerifier(alg, pub)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if err := verifier.Verify(toBeSigned(m.protected, external, m.Payload), m.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return nil
}

// algorithm is the one algorithm that a key is used with here.
func algorithm(pub crypto.PublicKey) (cose.Algorithm, error) {
	switch k := pub.(type) {
	case ed25519.PublicKey:
		if len(k) == ed25519.PublicKeySize {
			return cose.AlgorithmEdDSA, nil
		}
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return cose.AlgorithmES256, nil
		}
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n >= 2048 && n <= 8192 {
			return cose.AlgorithmPS256, nil
		}
	}
	return 0, fmt.Errorf("%w: %T is no key for signatures here", ErrUnknownKey, pub)
}
