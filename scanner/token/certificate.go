package token

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Kinds of certificate.
const (
	KindDevice  = "device"
	KindOfficer = "officer"
)

// ErrValidity says that a certificate, credential or code is not valid at the
// time it was asked about.
var ErrValidity = errors.New("not valid at this time")

// Certificate is central's word that a key belongs to a device, or to an
// officer on one device. It is a COSE_Sign1 (typ certificate) by a key with use
// "device" of the trust list.
type Certificate struct {
	Kind      string           // KindDevice or KindOfficer
	Subject   string           // device id or officer id
	Name      string           // what people call it
	Office    string           // office id
	Role      string           // officers: petugas, supervisor, administrator
	Device    string           // officers: the only device where the key lives
	Key       crypto.PublicKey // Ed25519 or P-256
	NotBefore time.Time        // whole seconds
	NotAfter  time.Time
}

type certificateBody struct {
	Kind      string `cbor:"1,keyasint"`
	Subject   string `cbor:"2,keyasint"`
	Name      string `cbor:"3,keyasint,omitempty"`
	Office    string `cbor:"4,keyasint,omitempty"`
	Role      string `cbor:"5,keyasint,omitempty"`
	Device    string `cbor:"6,keyasint,omitempty"`
	SPKI      []byte `cbor:"7,keyasint"`
	NotBefore int64  `cbor:"8,keyasint"`
	NotAfter  int64  `cbor:"9,keyasint"`
}

// IssueCertificate signs c.
func IssueCertificate(c Certificate, issuer crypto.Signer) ([]byte, error) {
	spki, err := x509.MarshalPKIXPublicKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("issue certificate: %w", err)
	}
	body, err := Encode(certificateBody{c.Kind, c.Subject, c.Name, c.Office, c.Role, c.Device,
		spki, c.NotBefore.Unix(), c.NotAfter.Unix()})
	if err != nil {
		return nil, fmt.Errorf("issue certificate: %w", err)
	}
	return Sign(TypCertificate, issuer, body)
}

// OpenCertificate checks a certificate's signature, its kind and that it is
// valid at now. When only the time is wrong it returns the certificate together
// with ErrValidity, for those who must say so or accept a late renewal.
func OpenCertificate(msg []byte, kind string, lookup Lookup, now time.Time) (Certificate, error) {
	body, _, err := Open(TypCertificate, msg, lookup)
	if err != nil {
		return Certificate{}, fmt.Errorf("open certificate: %w", err)
	}
	var b certificateBody
	if err := Decode(body, &b); err != nil {
		return Certificate{}, fmt.Errorf("open certificate: %w", err)
	}
	key, err := x509.ParsePKIXPublicKey(b.SPKI)
	if err != nil {
		return Certificate{}, fmt.Errorf("open certificate: %w: %w", ErrFormat, err)
	}
	if _, err := algorithm(key); err != nil {
		return Certificate{}, fmt.Errorf("open certificate: %w", err)
	}
	if b.Kind != kind {
		return Certificate{}, fmt.Errorf("open certificate: %w: of a %s, want a %s", ErrFormat, b.Kind, kind)
	}
	c := Certificate{b.Kind, b.Subject, b.Name, b.Office, b.Role, b.Device, key,
		time.Unix(b.NotBefore, 0).UTC(), time.Unix(b.NotAfter, 0).UTC()}
	if now.Before(c.NotBefore) || now.After(c.NotAfter) {
		return c, fmt.Errorf("open certificate: %w", ErrValidity)
	}
	return c, nil
}
