package token

import (
	"crypto"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

// CounterLife is how long a counter's code is valid; the counter renews it with
// every session and before it ends.
const CounterLife = 5 * time.Minute

// CounterCode is what the office's own QR says (IKDC1:): which counter this is
// and the key to which the phone may seal its presentation. It is signed by the
// device, whose certificate by central is inside.
type CounterCode struct {
	Device  string
	Office  string
	Nonce   [16]byte         // this session's
	Key     *ecdh.PublicKey  // X25519, this session's
	Expires time.Time        // whole seconds
	Text    string           // the QR's text, filled by IssueCounter and OpenCounter
	Counter crypto.PublicKey // the device's key, filled by OpenCounter
}

// Audience is SHA-256 of the QR's text: a presentation's aud.
func (c CounterCode) Audience() []byte {
	sum := sha256.Sum256([]byte(c.Text))
	return sum[:]
}

type counterBody struct {
	Device      string `cbor:"1,keyasint"`
	Office      string `cbor:"2,keyasint"`
	Nonce       []byte `cbor:"3,keyasint"`
	Expires     int64  `cbor:"4,keyasint"`
	Key         []byte `cbor:"5,keyasint"`
	Certificate []byte `cbor:"6,keyasint"`
}

// NewCounter makes the code of a new session: a fresh nonce and key pair, valid
// for 5 minutes, signed by the device. The private key opens what phones seal to
// it (Verifier.SessionKey) and is thrown away with the session.
func NewCounter(device, office string, certificate []byte, key crypto.Signer, now time.Time) (CounterCode, *ecdh.PrivateKey, error) {
	session, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return CounterCode{}, nil, fmt.Errorf("new counter code: %w", err)
	}
	c := CounterCode{Device: device, Office: office, Key: session.PublicKey(), Expires: now.Add(CounterLife).Truncate(time.Second), Counter: key.Public()}
	rand.Read(c.Nonce[:])
	if c.Text, err = counterText(c, certificate, key); err != nil {
		return CounterCode{}, nil, err
	}
	return c, session, nil
}

func counterText(c CounterCode, certificate []byte, key crypto.Signer) (string, error) {
	body, err := Encode(counterBody{c.Device, c.Office, c.Nonce[:], c.Expires.Unix(), c.Key.Bytes(), certificate})
	if err != nil {
		return "", fmt.Errorf("counter code: %w", err)
	}
	msg, err := Sign(TypCounter, key, body)
	if err != nil {
		return "", fmt.Errorf("counter code: %w", err)
	}
	return PrefixCounter + EncodeBase45(msg), nil
}

// What VerifyCounter tells apart: whose dates are wrong, and whose name.
var (
	errCertificate = errors.New("device certificate")
	errBearer      = errors.New("certificate of another device")
)

// OpenCounter reads a counter's code as a phone does: the certificate must be
// by a key of devices (TrustList.Lookup with use device), both must be valid at
// now, and the certificate must be of the device that the code names.
func OpenCounter(text string, devices Lookup, now time.Time) (CounterCode, error) {
	fail := func(err error) (CounterCode, error) {
		return CounterCode{}, fmt.Errorf("open counter code: %w", err)
	}
	msg, err := body45(text, PrefixCounter)
	if err != nil {
		return fail(err)
	}
	m, err := parseSign1(msg, ownRules)
	if err != nil {
		return fail(err)
	}
	var b counterBody
	if err := Decode(m.Payload, &b); err != nil {
		return fail(err)
	}
	cert, err := OpenCertificate(b.Certificate, KindDevice, devices, now)
	if err != nil {
		return fail(fmt.Errorf("%w: %w", errCertificate, err))
	}
	if err := m.open(TypCounter, nil, Keys(cert.Key)); err != nil {
		return fail(err)
	}
	key, err := ecdh.X25519().NewPublicKey(b.Key)
	if err != nil || len(b.Nonce) != 16 {
		return fail(fmt.Errorf("%w: key or nonce", ErrFormat))
	}
	if b.Device != cert.Subject || b.Office != cert.Office {
		return fail(fmt.Errorf("%w: %w", ErrFormat, errBearer))
	}
	c := CounterCode{Device: b.Device, Office: b.Office, Nonce: [16]byte(b.Nonce), Key: key,
		Expires: unix(b.Expires), Text: text, Counter: cert.Key}
	if now.After(c.Expires) {
		return fail(ErrValidity)
	}
	return c, nil
}
