package wire

import (
	"crypto"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
)

// Capacity is as what somebody signs a decision. It is signed along as
// external data, so that a signature made in one capacity serves in no other.
type Capacity string

// The three capacities.
const (
	AsDevice     Capacity = "device"
	AsOfficer    Capacity = "officer"
	AsSupervisor Capacity = "supervisor"
)

// An Approver signs decisions: an officer's session of sync/vault, or a
// signature that came from another desk.
type Approver interface {
	// Certificate is central's word about the key (scanner/token, kind officer).
	Certificate() []byte
	// Approve signs the inner payload with SignPayload in this capacity.
	Approve(as Capacity, payload []byte) ([]byte, error)
}

// KeyApprover is an Approver with its key in hand.
type KeyApprover struct {
	Key  crypto.Signer
	Cert []byte
}

// Certificate implements Approver.
func (a KeyApprover) Certificate() []byte { return a.Cert }

// Approve implements Approver.
func (a KeyApprover) Approve(as Capacity, payload []byte) ([]byte, error) {
	return SignPayload(as, a.Key, payload)
}

// SignPayload signs an inner payload: a COSE_Sign1 (typ decision) without the
// payload and with the capacity as external data.
func SignPayload(as Capacity, key crypto.Signer, payload []byte) ([]byte, error) {
	return token.SignDetached(token.TypDecision, key, payload, []byte(as))
}

// Signature is one officer's signature with the certificate of its key.
type Signature struct {
	Certificate []byte `cbor:"1,keyasint"`
	COSE        []byte `cbor:"2,keyasint"`
}

// ErrPerson says that a signature is not that of the person whom the decision
// names, or that this person may not sign there.
var ErrPerson = errors.New("signed by another person than the decision names")

// verify checks the signature over payload and that its certificate is of
// subject, on this device, and valid at the time of the decision.
func (s Signature) verify(as Capacity, payload []byte, subject, device string, open openCertificate, at time.Time) (token.Certificate, error) {
	cert, err := open(s.Certificate, at)
	if err != nil {
		return cert, fmt.Errorf("%s: %w", as, err)
	}
	if cert.Subject != subject {
		return cert, fmt.Errorf("%s: %w: certificate of another", as, ErrPerson)
	}
	if as == AsOfficer && cert.Device != device {
		return cert, fmt.Errorf("%s: %w: certificate for another device", as, ErrPerson)
	}
	if as == AsSupervisor && cert.Role != RoleSupervisor {
		return cert, fmt.Errorf("%s: %w: role is %q", as, ErrPerson, cert.Role)
	}
	_, err = token.OpenDetached(token.TypDecision, s.COSE, payload, []byte(as), token.Keys(cert.Key))
	if err != nil {
		return cert, fmt.Errorf("%s: %w", as, err)
	}
	return cert, nil
}
