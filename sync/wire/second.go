package wire

import (
	"bytes"
	"crypto/hpke"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
)

// MaxSecond is the largest sealed Second in bytes that anybody reads.
const MaxSecond = 1 << 20

// secondInfo is HPKE's info: what is sealed for a second pair of eyes opens as
// nothing else.
const secondInfo = "loket second signature"

// Second is what a supervisor at another counter looks at before signing too:
// the decision with its probe, and what it was compared with. The decision
// names no supervisor yet. Whoever signs is filled in, and then the payload is
// the same at both counters, since it is deterministic (see Decision.Marshal).
type Second struct {
	Version  int       `cbor:"1,keyasint"`
	Decision Decision  `cbor:"2,keyasint"`
	Name     string    `cbor:"3,keyasint,omitempty"` // of the enrolled record
	Born     time.Time `cbor:"4,keyasint"`
	Photo    []byte    `cbor:"5,keyasint,omitempty"` // enrolled, JPEG; nil for none
	Taken    time.Time `cbor:"6,keyasint"`           // zero: unknown
}

// Payload is what supervisor and officer sign: the decision with this supervisor.
func (s Second) Payload(supervisor string) ([]byte, error) {
	d := s.Decision
	d.Supervisor = supervisor
	return d.Marshal()
}

// Encode is the CBOR of a Second.
func (s Second) Encode() ([]byte, error) {
	s.Version = Version
	return token.Encode(s)
}

// DecodeSecond reads what Encode wrote.
func DecodeSecond(b []byte) (Second, error) {
	var s Second
	if err := token.Decode(b, &s); err != nil {
		return Second{}, fmt.Errorf("decode second: %w", err)
	}
	if s.Version != Version {
		return Second{}, fmt.Errorf("decode second: %w %d", ErrVersion, s.Version)
	}
	s.Decision.utc()
	s.Born, s.Taken = s.Born.UTC(), s.Taken.UTC()
	return s, nil
}

// sealedSecond is a Second on its way: for central alone, which keeps it sealed
// until a supervisor looks.
type sealedSecond struct {
	_    struct{} `cbor:",toarray"`
	KID  []byte   // SealKeyID of the recipient
	Enc  []byte   // HPKE's encapsulated key
	Text []byte   // sealed CBOR of Second, bound to device and packet
}

// SealSecond seals s for one recipient: central.
func SealSecond(s Second, to Recipient) ([]byte, error) {
	plain, err := s.Encode()
	if err != nil {
		return nil, fmt.Errorf("seal second: %w", err)
	}
	pub, err := hpke.MLKEM768X25519().NewPublicKey(to.Public)
	if err != nil {
		return nil, fmt.Errorf("seal second: %w", err)
	}
	enc, sender, err := hpke.NewSender(pub, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(secondInfo))
	if err != nil {
		return nil, fmt.Errorf("seal second: %w", err)
	}
	text, err := sender.Seal(bindSecond(s.Decision.Device, s.Decision.Packet), plain)
	if err != nil {
		return nil, fmt.Errorf("seal second: %w", err)
	}
	return token.Encode(sealedSecond{KID: to.KID, Enc: enc, Text: text})
}

// OpenSecond opens what SealSecond made for this device and packet.
func OpenSecond(sealed []byte, device string, packet PacketID, key hpke.PrivateKey) (Second, error) {
	var e sealedSecond
	if err := token.Decode(sealed, &e); err != nil {
		return Second{}, fmt.Errorf("open second: %w", err)
	}
	if !bytes.Equal(e.KID, SealKeyID(key.PublicKey().Bytes())) {
		return Second{}, fmt.Errorf("open second: %w", ErrKeyMissing)
	}
	r, err := hpke.NewRecipient(e.Enc, key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(secondInfo))
	if err != nil {
		return Second{}, fmt.Errorf("open second: %w", err)
	}
	plain, err := r.Open(bindSecond(device, packet), e.Text)
	if err != nil {
		return Second{}, fmt.Errorf("open second: %w", err)
	}
	s, err := DecodeSecond(plain)
	if err == nil && (s.Decision.Device != device || s.Decision.Packet != packet) {
		err = errors.New("open second: it is another device's or packet's")
	}
	return s, err
}

func bindSecond(device string, packet PacketID) []byte { return append(packet[:], device...) }

// VerifySecond checks that a supervisor signed the decision that s asks about:
// a certificate for this person in that role, good at the time of the decision,
// and a signature in the supervisor's capacity. The officer can't be the second
// person. It gives the certificate.
func (s Second) VerifySecond(supervisor string, sig Signature, issuers token.Lookup) (token.Certificate, error) {
	if supervisor == s.Decision.Officer {
		return token.Certificate{}, ErrSamePerson
	}
	payload, err := s.Payload(supervisor)
	if err != nil {
		return token.Certificate{}, err
	}
	return sig.verify(AsSupervisor, payload, supervisor, s.Decision.Device, certifiedBy(issuers), s.Decision.At)
}

// Given is an Approver whose signature came from another desk. It is good for
// the one payload that was signed there.
type Given struct {
	Signature Signature
	Payload   []byte
}

// Certificate implements Approver.
func (g Given) Certificate() []byte { return g.Signature.Certificate }

// Approve implements Approver.
func (g Given) Approve(as Capacity, payload []byte) ([]byte, error) {
	if as != AsSupervisor || !bytes.Equal(payload, g.Payload) {
		return nil, fmt.Errorf("%w: it is for another payload", ErrPerson)
	}
	return g.Signature.COSE, nil
}
