package wire

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
)

// PathRenew is POST RenewRequest -> DeviceResponse; it needs no certificate that
// is still good, only the device's signature.
const PathRenew = "/v1/devices/renew"

// PurposeRenewal and PurposeNewKey are those of a renewal and of the proof in it.
const (
	PurposeRenewal Purpose = "renewal"
	PurposeNewKey  Purpose = "renewal-key"
)

// RenewRequest carries a COSE_Sign1 (typ renewal) by the device's key.
type RenewRequest struct {
	Message []byte `json:"message"`
}

// Renewal asks for new certificates for a device, whose id is Subject. With Key
// (SPKI) the device takes another key; Proof is a signature by that one over the
// same Ask.
type Renewal struct {
	Ask
	Key   []byte `json:"key,omitempty"`
	Proof []byte `json:"proof,omitempty"`
}

// ErrProof says that nobody proved to have the new key.
var ErrProof = errors.New("no proof of the new key")

// SignRenewal makes the request of a device with its present key; fresh is the
// key that follows it, or nil.
func SignRenewal(device string, now time.Time, key, fresh crypto.Signer) ([]byte, error) {
	r := Renewal{Ask: Ask{Purpose: PurposeRenewal, Subject: device, At: now.UTC(), Nonce: make([]byte, 16)}}
	rand.Read(r.Nonce)
	if fresh != nil {
		var err error
		if r.Key, err = x509.MarshalPKIXPublicKey(fresh.Public()); err != nil {
			return nil, fmt.Errorf("sign renewal: %w", err)
		}
		if r.Proof, err = signJSON(r.proof(), fresh); err != nil {
			return nil, err
		}
	}
	return signJSON(r, key)
}

// proof is what the new key signs.
func (r Renewal) proof() Ask {
	a := r.Ask
	a.Purpose = PurposeNewKey
	return a
}

func signJSON(v any, key crypto.Signer) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("sign renewal: %w", err)
	}
	msg, err := token.Sign(token.TypRenewal, key, b)
	if err != nil {
		return nil, fmt.Errorf("sign renewal: %w", err)
	}
	return msg, nil
}

// OpenRenewal checks the signature of a renewal, and the proof of the new key
// where there is one, which it gives. Whether At is of now and Nonce new is for
// the caller to check.
func OpenRenewal(msg []byte, lookup token.Lookup) (r Renewal, fresh crypto.PublicKey, err error) {
	body, _, err := token.Open(token.TypRenewal, msg, lookup)
	if err != nil {
		return r, nil, fmt.Errorf("open renewal: %w", err)
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return r, nil, fmt.Errorf("open renewal: %w", err)
	}
	if r.Purpose != PurposeRenewal {
		return r, nil, fmt.Errorf("open renewal: %w: %q", ErrPurpose, r.Purpose)
	}
	if r.Key == nil {
		return r, nil, nil
	}
	if fresh, err = x509.ParsePKIXPublicKey(r.Key); err != nil {
		return r, nil, fmt.Errorf("open renewal: %w: %w", ErrProof, err)
	}
	got, _, err := token.Open(token.TypRenewal, r.Proof, token.Keys(fresh))
	want, encoded := json.Marshal(r.proof())
	if err != nil || encoded != nil || !bytes.Equal(got, want) {
		return r, nil, fmt.Errorf("open renewal: %w", ErrProof)
	}
	return r, fresh, nil
}
