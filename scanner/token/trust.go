package token

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// What a trust list can be refused for, beside its form and signature.
var (
	ErrRollback = errors.New("trust list is older than the one before")
	ErrStale    = errors.New("trust list is too old")
	ErrRevoked  = errors.New("key is revoked")
	ErrUse      = errors.New("key is for another use")
)

// TrustList names the keys that verification believes. It is signed by the
// root, has a version that never goes backwards, and an end.
type TrustList struct {
	Version uint64
	Issued  time.Time          // whole seconds
	Expires time.Time          // after it nothing is verified by this list
	Roots   []crypto.PublicKey // who may sign the next list
	Keys    []TrustedKey
}

// TrustedKey is one key and what it may sign.
type TrustedKey struct {
	Use       Use
	Key       crypto.PublicKey // Ed25519 (EdDSA), P-256 (ES256) or RSA from 2,048 bits (PS256)
	Issuer    string           // the iss it may sign as
	NotBefore time.Time        // zero: from ever
	NotAfter  time.Time        // zero: for ever
	RevokedAt time.Time        // zero: not revoked
	KID       []byte           // filled from Key unless the family has another rule (EU: of the certificate)
}

// Valid says whether the key may be believed at a time: ErrRevoked, ErrValidity.
func (k TrustedKey) Valid(at time.Time) error {
	switch {
	case !k.RevokedAt.IsZero() && !at.Before(k.RevokedAt):
		return ErrRevoked
	case !k.NotBefore.IsZero() && at.Before(k.NotBefore), !k.NotAfter.IsZero() && at.After(k.NotAfter):
		return ErrValidity
	}
	return nil
}

// Find gives the key with this use and kid. An empty kid finds a key only where
// the list holds one for that use. A key under another use is ErrUse.
func (l TrustList) Find(use Use, kid []byte) (TrustedKey, error) {
	var found []TrustedKey
	other := false
	for _, k := range l.Keys {
		id := k.KID
		if id == nil {
			id, _ = KeyID(k.Key)
		}
		if len(kid) != 0 && !bytes.Equal(id, kid) {
			continue
		}
		if k.Use == use {
			found = append(found, k)
		} else if len(kid) != 0 {
			other = true
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0 && other:
		return TrustedKey{}, ErrUse
	}
	return TrustedKey{}, ErrUnknownKey
}

// Lookup is the list as seen by Open for one use at one time.
func (l TrustList) Lookup(use Use, at time.Time) Lookup {
	return func(kid []byte) (crypto.PublicKey, error) {
		k, err := l.Find(use, kid)
		if err != nil {
			return nil, err
		}
		return k.Key, k.Valid(at)
	}
}

type trustBody struct {
	Version uint64       `cbor:"1,keyasint"`
	Issued  int64        `cbor:"2,keyasint"`
	Expires int64        `cbor:"3,keyasint"`
	Roots   [][]byte     `cbor:"4,keyasint"`
	Keys    []trustEntry `cbor:"5,keyasint"`
}

type trustEntry struct {
	Use       string `cbor:"1,keyasint"`
	SPKI      []byte `cbor:"2,keyasint"`
	Issuer    string `cbor:"3,keyasint,omitempty"`
	NotBefore int64  `cbor:"4,keyasint,omitempty"`
	NotAfter  int64  `cbor:"5,keyasint,omitempty"`
	RevokedAt int64  `cbor:"6,keyasint,omitempty"`
}

// trustMessage is the list with one detached COSE_Sign1 of each root.
type trustMessage struct {
	_          struct{} `cbor:",toarray"`
	Body       []byte
	Signatures []cbor.RawMessage
}

// SignTrust signs a list with one root, or with the old and the new one. Every
// key in l.Roots that phones and counters do not know yet must be among them.
func SignTrust(l TrustList, roots ...crypto.Signer) ([]byte, error) {
	b := trustBody{Version: l.Version, Issued: l.Issued.Unix(), Expires: l.Expires.Unix()}
	for _, root := range l.Roots {
		spki, err := x509.MarshalPKIXPublicKey(root)
		if err != nil {
			return nil, fmt.Errorf("sign trust list: %w", err)
		}
		b.Roots = append(b.Roots, spki)
	}
	for _, k := range l.Keys {
		spki, err := x509.MarshalPKIXPublicKey(k.Key)
		if err != nil {
			return nil, fmt.Errorf("sign trust list: %w", err)
		}
		b.Keys = append(b.Keys, trustEntry{string(k.Use), spki, k.Issuer, seconds(k.NotBefore), seconds(k.NotAfter), seconds(k.RevokedAt)})
	}
	body, err := Encode(b)
	if err != nil {
		return nil, fmt.Errorf("sign trust list: %w", err)
	}
	m := trustMessage{Body: body}
	for _, root := range roots {
		sig, err := SignDetached(TypTrust, root, body, nil)
		if err != nil {
			return nil, fmt.Errorf("sign trust list: %w", err)
		}
		m.Signatures = append(m.Signatures, sig)
	}
	return Encode(m)
}

// OpenTrust checks a list: signed by a root that is known, and by each root
// that it brings along; not older than version have; not past its end at now.
// Whoever keeps the result keeps its Roots as the known ones from then on.
// On ErrStale the list is returned too, for those who must show its dates.
func OpenTrust(msg []byte, known []crypto.PublicKey, have uint64, now time.Time) (TrustList, error) {
	fail := func(err error) (TrustList, error) {
		return TrustList{}, fmt.Errorf("open trust list: %w", err)
	}
	l, m, err := parseTrust(msg)
	if err != nil {
		return fail(err)
	}
	signed := func(root crypto.PublicKey) bool {
		for _, sig := range m.Signatures {
			if _, err := OpenDetached(TypTrust, sig, m.Body, nil, Keys(root)); err == nil {
				return true
			}
		}
		return false
	}
	believed := false
	for _, root := range known {
		believed = believed || signed(root)
	}
	if !believed {
		return fail(ErrSignature)
	}
	for _, root := range l.Roots {
		if !signed(root) && !contains(known, root) {
			return fail(fmt.Errorf("%w: the new root has not signed", ErrSignature))
		}
	}
	if l.Version < have {
		return fail(fmt.Errorf("%w: version %d, have %d", ErrRollback, l.Version, have))
	}
	if now.After(l.Expires) {
		return l, fmt.Errorf("open trust list: %w: ended %s", ErrStale, l.Expires.Format(time.RFC3339))
	}
	return l, nil
}

// ReadTrust reads a signed list without checking who signed it, for tools to
// which a person hands the file as the one to believe.
func ReadTrust(msg []byte) (TrustList, error) {
	l, _, err := parseTrust(msg)
	if err != nil {
		return TrustList{}, fmt.Errorf("read trust list: %w", err)
	}
	return l, nil
}

func parseTrust(msg []byte) (TrustList, trustMessage, error) {
	fail := func(err error) (TrustList, trustMessage, error) { return TrustList{}, trustMessage{}, err }
	var m trustMessage
	if err := decode(looseMode, msg, &m); err != nil {
		return fail(err)
	}
	if n := len(m.Signatures); n == 0 || n > 4 {
		return fail(fmt.Errorf("%w: %d signatures", ErrFormat, n))
	}
	var b trustBody
	if err := Decode(m.Body, &b); err != nil {
		return fail(err)
	}
	l := TrustList{Version: b.Version, Issued: unix(b.Issued), Expires: unix(b.Expires)}
	for _, spki := range b.Roots {
		root, err := x509.ParsePKIXPublicKey(spki)
		if err != nil {
			return fail(fmt.Errorf("%w: root: %w", ErrFormat, err))
		}
		l.Roots = append(l.Roots, root)
	}
	if len(l.Roots) == 0 {
		return fail(fmt.Errorf("%w: no roots", ErrFormat))
	}
	for _, e := range b.Keys {
		key, err := x509.ParsePKIXPublicKey(e.SPKI)
		if err != nil {
			return fail(fmt.Errorf("%w: key: %w", ErrFormat, err))
		}
		l.Keys = append(l.Keys, TrustedKey{Use: Use(e.Use), Key: key, Issuer: e.Issuer,
			NotBefore: maybe(e.NotBefore), NotAfter: maybe(e.NotAfter), RevokedAt: maybe(e.RevokedAt)})
	}
	return l, m, nil
}

// contains says whether pub is one of keys.
func contains(keys []crypto.PublicKey, pub crypto.PublicKey) bool {
	want, err := KeyID(pub)
	if err != nil {
		return false
	}
	_, err = Keys(keys...)(want)
	return err == nil
}

// seconds and maybe carry an optional time as Unix seconds, 0 for none.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func maybe(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return unix(s)
}
