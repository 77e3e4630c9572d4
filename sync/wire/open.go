package wire

import (
	"bytes"
	"crypto"
	"crypto/hpke"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
)

// ErrKeyMissing says that a packet is sealed for others: central keeps it and
// answers so.
var ErrKeyMissing = errors.New("no key that opens this packet")

// Opened is the inside of a packet.
type Opened struct {
	Header     Header
	Decision   Decision
	Payload    []byte // what was signed
	Device     []byte // COSE_Sign1 of the device, detached
	Officer    Signature
	Supervisor *Signature
}

// Open unseals a packet with whichever of the keys it was sealed for. It does
// not check signatures: see Packet.Verify before and Opened.Verify after.
func (p Packet) Open(keys ...hpke.PrivateKey) (Opened, error) {
	content, err := p.unseal(keys)
	if err != nil {
		return Opened{}, fmt.Errorf("packet %s: %w", p.ID(), err)
	}
	var in inner
	if err := token.Decode(content, &in); err != nil {
		return Opened{}, fmt.Errorf("packet %s: %w: %w", p.ID(), ErrPacket, err)
	}
	d, err := UnmarshalDecision(in.Payload)
	if err != nil {
		return Opened{}, fmt.Errorf("packet %s: %w", p.ID(), err)
	}
	return Opened{p.Header, d, in.Payload, in.Device, in.Officer, in.Supervisor}, nil
}

func (p Packet) unseal(keys []hpke.PrivateKey) ([]byte, error) {
	for _, key := range keys {
		kid := SealKeyID(key.PublicKey().Bytes())
		for _, w := range p.Header.Recipients {
			if !bytes.Equal(w.KID, kid) {
				continue
			}
			content, err := unwrap(w, key, p.Header)
			if err != nil {
				return nil, fmt.Errorf("%w: wrapped key: %w", ErrPacket, err)
			}
			aead, err := contentCipher(content)
			if err != nil {
				return nil, err
			}
			plain, err := aead.Open(nil, nil, p.ciphertext, p.header)
			if err != nil {
				return nil, fmt.Errorf("%w: content: %w", ErrPacket, err)
			}
			return plain, nil
		}
	}
	return nil, ErrKeyMissing
}

// Verify checks everything inside: that header and decision agree, the
// device's signature, the officer's with a certificate for this person and
// device, and, where the decision names a supervisor, the signature of that
// other person. issuers are the trust list's keys for devices. Certificates are
// judged at the decision's own time; one that was not valid then is
// token.ErrValidity.
func (o Opened) Verify(device crypto.PublicKey, issuers token.Lookup) error {
	return o.verify(device, certifiedBy(issuers))
}

// VerifyWith is Verify for somebody who reads many packets of the same officers.
func (o Opened) VerifyWith(device crypto.PublicKey, officers *Certificates) error {
	return o.verify(device, officers.open)
}

// VerifyArrived is VerifyWith for whoever knows when the packet arrived. Where
// the counter's clock was in doubt the decision's own time says nothing about a
// certificate; one that is good still when the packet arrives was good when it
// was used, and one that is not is late: then somebody has to say whether it
// was. Everything else is checked all the same.
func (o Opened) VerifyArrived(device crypto.PublicKey, officers *Certificates, arrived time.Time) (late bool, err error) {
	if !o.Decision.Unsure {
		return false, o.VerifyWith(device, officers)
	}
	err = o.verify(device, func(msg []byte, _ time.Time) (token.Certificate, error) {
		cert, err := officers.open(msg, arrived)
		if errors.Is(err, token.ErrValidity) {
			late, err = true, nil
		}
		return cert, err
	})
	return late, err
}

func (o Opened) verify(device crypto.PublicKey, open openCertificate) error {
	d, h := o.Decision, o.Header
	if d.Packet != h.Packet || d.Device != h.Device || d.Officer != h.Officer || !d.At.Equal(h.Created) {
		return fmt.Errorf("packet %s: %w: header and decision differ", h.Packet, ErrPacket)
	}
	if _, err := token.OpenDetached(token.TypDecision, o.Device, o.Payload, []byte(AsDevice), token.Keys(device)); err != nil {
		return fmt.Errorf("packet %s: device: %w", h.Packet, err)
	}
	officer, err := o.Officer.verify(AsOfficer, o.Payload, d.Officer, d.Device, open, d.At)
	if err != nil {
		return fmt.Errorf("packet %s: %w", h.Packet, err)
	}
	if (o.Supervisor != nil) != (d.Supervisor != "") {
		return fmt.Errorf("packet %s: %w: supervisor", h.Packet, ErrPerson)
	}
	if o.Supervisor == nil {
		return nil
	}
	second, err := o.Supervisor.verify(AsSupervisor, o.Payload, d.Supervisor, d.Device, open, d.At)
	if err != nil {
		return fmt.Errorf("packet %s: %w", h.Packet, err)
	}
	if samePerson(officer, second) {
		return fmt.Errorf("packet %s: %w", h.Packet, ErrSamePerson)
	}
	return nil
}

// samePerson says whether two certificates are of one person, or share a key.
func samePerson(a, b token.Certificate) bool {
	ka, errA := token.KeyID(a.Key)
	kb, errB := token.KeyID(b.Key)
	return a.Subject == b.Subject || errA != nil || errB != nil || bytes.Equal(ka, kb)
}
