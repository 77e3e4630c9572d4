package token

import (
	"crypto"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// Prefixes of the texts in QR codes. What follows is base45.
const (
	PrefixPresentation = "IKD1:"
	PrefixSealed       = "IKD1E:"
	PrefixCounter      = "IKDC1:"
)

// PresentationLife is how long one presentation is valid; the phone makes a new
// one every 30 seconds.
const PresentationLife = 90 * time.Second

// Presentation is a phone's fresh proof that it holds the key of a credential.
type Presentation struct {
	IssuedAt   time.Time // iat, whole seconds, by the phone's clock
	Expires    time.Time // exp
	CTI        [16]byte  // random, for single use
	Audience   []byte    // SHA-256 of the counter's code (32 bytes), nil when none was scanned
	Credential []byte    // the COSE_Sign1 that central made
	Raw        []byte    // the COSE_Sign1 that the phone made: what a packet keeps
}

type presentationBody struct {
	Audience   []byte `cbor:"3,keyasint,omitempty"`
	Expires    int64  `cbor:"4,keyasint"`
	IssuedAt   int64  `cbor:"6,keyasint"`
	CTI        []byte `cbor:"7,keyasint"`
	Credential []byte `cbor:"-65602,keyasint"` // private use
}

// Present makes a presentation of credential, valid for 90 seconds from now,
// signed by the phone's key. audience is CounterCode.Audience of the counter's
// code that the phone scanned, or nil.
func Present(credential []byte, phone crypto.Signer, now time.Time, audience []byte) ([]byte, error) {
	cti := make([]byte, 16)
	rand.Read(cti)
	body, err := Encode(presentationBody{audience, now.Add(PresentationLife).Unix(), now.Unix(), cti, credential})
	if err != nil {
		return nil, fmt.Errorf("present: %w", err)
	}
	return Sign(TypPresent, phone, body)
}

// PresentationText is the text of the phone's QR: IKD1: and base45.
func PresentationText(msg []byte) string { return PrefixPresentation + EncodeBase45(msg) }

// sealInfo is the HPKE info that binds a sealed presentation to its use.
const sealInfo = "IKD1E"

// SealPresentation encrypts a presentation to the key in the counter's code
// (RFC 9180: DHKEM(X25519, HKDF-SHA256), AES-128-GCM) and gives the text of the
// QR: IKD1E: and base45 of the encapsulated key and the ciphertext.
func SealPresentation(msg []byte, counter *ecdh.PublicKey) (string, error) {
	to, err := hpke.NewDHKEMPublicKey(counter)
	if err != nil {
		return "", fmt.Errorf("seal presentation: %w", err)
	}
	sealed, err := hpke.Seal(to, hpke.HKDFSHA256(), hpke.AES128GCM(), []byte(sealInfo), msg)
	if err != nil {
		return "", fmt.Errorf("seal presentation: %w", err)
	}
	return PrefixSealed + EncodeBase45(sealed), nil
}

// OpenSealed decrypts the text that SealPresentation made, with the session's
// key of NewCounter. Whose presentation it is, Verifier says.
func OpenSealed(text string, session *ecdh.PrivateKey) ([]byte, error) {
	sealed, err := body45(text, PrefixSealed)
	if err != nil {
		return nil, fmt.Errorf("open sealed presentation: %w", err)
	}
	key, err := hpke.NewDHKEMPrivateKey(session)
	if err != nil {
		return nil, fmt.Errorf("open sealed presentation: %w", err)
	}
	msg, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES128GCM(), []byte(sealInfo), sealed)
	if err != nil {
		return nil, fmt.Errorf("open sealed presentation: %w", err)
	}
	return msg, nil
}

// ParsePresentation reads a presentation's message without checking any
// signature. OpenPresentation checks both.
func ParsePresentation(msg []byte) (Presentation, error) {
	m, err := parseSign1(msg, ownRules)
	if err != nil {
		return Presentation{}, fmt.Errorf("read presentation: %w", err)
	}
	return readPresentation(m, msg)
}

func readPresentation(m message, msg []byte) (Presentation, error) {
	if m.typ != TypPresent.header() {
		return Presentation{}, fmt.Errorf("read presentation: %w: %q", ErrTyp, m.typ)
	}
	var b presentationBody
	if err := Decode(m.Payload, &b); err != nil {
		return Presentation{}, fmt.Errorf("read presentation: %w", err)
	}
	p := Presentation{IssuedAt: unix(b.IssuedAt), Expires: unix(b.Expires), Credential: b.Credential, Raw: msg}
	if len(b.CTI) != 16 || p.IssuedAt.IsZero() || !p.Expires.After(p.IssuedAt) {
		return Presentation{}, fmt.Errorf("read presentation: %w: cti or dates", ErrFormat)
	}
	if p.CTI = [16]byte(b.CTI); len(b.Audience) == 32 {
		p.Audience = b.Audience
	} else if len(b.Audience) != 0 {
		return Presentation{}, fmt.Errorf("read presentation: %w: audience", ErrFormat)
	}
	return p, nil
}

// OpenPresentation checks the signatures of a presentation's message: central's
// on the credential (keys with use ikd-credential) and the phone's on the rest.
// Central uses it on packets that arrive days later, so it looks at no clock.
func OpenPresentation(msg []byte, issuers Lookup) (Presentation, Credential, error) {
	p, err := ParsePresentation(msg)
	if err != nil {
		return Presentation{}, Credential{}, err
	}
	c, err := OpenCredential(p.Credential, issuers)
	if err != nil {
		return Presentation{}, Credential{}, err
	}
	if _, _, err := Open(TypPresent, msg, Keys(c.Phone)); err != nil {
		return Presentation{}, Credential{}, fmt.Errorf("open presentation: %w", err)
	}
	return p, c, nil
}

// body45 decodes what stands after prefix in text.
func body45(text, prefix string) ([]byte, error) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return nil, fmt.Errorf("%w: prefix", ErrFormat)
	}
	return DecodeBase45(rest)
}
