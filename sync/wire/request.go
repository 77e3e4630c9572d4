package wire

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
)

// ErrPurpose is a signed request that was made for something else.
var ErrPurpose = errors.New("request is for another purpose")

// RequestLeeway is how far a signed request's time may be from central's.
const RequestLeeway = 5 * time.Minute

// SignRequest makes the Request of body for purpose: it fills in Purpose, At
// and a fresh Nonce, and signs the JSON with the phone's (device's, officer's)
// key. Sending the result twice is refused; sign again instead.
func SignRequest(purpose Purpose, body Asking, now time.Time, key crypto.Signer) (Request, error) {
	a := body.ask()
	a.Purpose, a.At, a.Nonce = purpose, now.UTC(), make([]byte, 16)
	rand.Read(a.Nonce)
	payload, err := json.Marshal(body)
	if err != nil {
		return Request{}, fmt.Errorf("sign request: %w", err)
	}
	msg, err := token.Sign(token.TypRequest, key, payload)
	if err != nil {
		return Request{}, fmt.Errorf("sign request: %w", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return Request{}, fmt.Errorf("sign request: %w", err)
	}
	return Request{Key: spki, Message: msg}, nil
}

// OpenRequest checks r's signature and purpose and reads its body. Whether the
// key is the subject's, At of now and Nonce new is for the caller to check.
func OpenRequest(purpose Purpose, r Request, body Asking, lookup token.Lookup) error {
	payload, _, err := token.Open(token.TypRequest, r.Message, lookup)
	if err != nil {
		return fmt.Errorf("open request: %w", err)
	}
	if err := json.Unmarshal(payload, body); err != nil {
		return fmt.Errorf("open request: %w", err)
	}
	if got := body.ask().Purpose; got != purpose {
		return fmt.Errorf("open request: %w: %q, want %q", ErrPurpose, got, purpose)
	}
	return nil
}
