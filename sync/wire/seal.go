package wire

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
)

// sealInfo is HPKE's info: these keys wrap nothing but content keys of packets.
const sealInfo = "loket packet content key"

// Recipient is somebody who can open a packet: central's current key or the
// offline recovery key. Public is an MLKEM768-X25519 key as HPKE serialises it
// (1,216 bytes).
type Recipient struct {
	KID    []byte
	Public []byte
}

// NewRecipient names a public key.
func NewRecipient(public []byte) (Recipient, error) {
	if _, err := hpke.MLKEM768X25519().NewPublicKey(public); err != nil {
		return Recipient{}, fmt.Errorf("recipient: %w", err)
	}
	return Recipient{KID: SealKeyID(public), Public: public}, nil
}

// SealKeyID is the id of a recipient's key: the first 8 bytes of SHA-256 of
// its serialised public key.
func SealKeyID(public []byte) []byte {
	h := sha256.Sum256(public)
	return h[:8]
}

// NewSealKey makes a recipient's key. Its secret is the 32-byte seed of
// private.Bytes(), which ReadSealKey takes.
func NewSealKey() (hpke.PrivateKey, error) { return hpke.MLKEM768X25519().GenerateKey() }

// ReadSealKey reads the seed of a recipient's key.
func ReadSealKey(seed []byte) (hpke.PrivateKey, error) {
	k, err := hpke.MLKEM768X25519().NewPrivateKey(seed)
	if err != nil {
		return nil, fmt.Errorf("seal key: %w", err)
	}
	return k, nil
}

// inner is what is under the seal.
type inner struct {
	_          struct{} `cbor:",toarray"`
	Payload    []byte   // CBOR of Decision
	Device     []byte   // COSE_Sign1, detached
	Officer    Signature
	Supervisor *Signature
}

// Sealing is all that makes a packet.
type Sealing struct {
	Decision   Decision
	Position   Position
	Device     crypto.Signer
	Officer    Approver
	Supervisor Approver // nil where Decision.Supervisor is ""
	Recipients []Recipient
}

// ErrRecipients says that nobody, or too few, could open the packet.
var ErrRecipients = errors.New("no recipient for the packet")

// Seal signs the decision and seals it. After that only the recipients' keys
// read it.
func Seal(s Sealing) (Packet, error) {
	if len(s.Recipients) == 0 {
		return Packet{}, ErrRecipients
	}
	if (s.Supervisor != nil) != (s.Decision.Supervisor != "") {
		return Packet{}, fmt.Errorf("%w: supervisor", ErrPerson)
	}
	content, err := s.sign()
	if err != nil {
		return Packet{}, fmt.Errorf("seal packet: %w", err)
	}
	key := make([]byte, 32)
	rand.Read(key)
	h := Header{Version: Version, Packet: s.Decision.Packet, Device: s.Decision.Device, Officer: s.Decision.Officer,
		Created: s.Decision.At.UTC().Truncate(time.Second), Position: s.Position}
	for _, r := range s.Recipients {
		w, err := wrap(r, key, h)
		if err != nil {
			return Packet{}, fmt.Errorf("seal packet: %w", err)
		}
		h.Recipients = append(h.Recipients, w)
	}
	header, err := token.Encode(h)
	if err != nil {
		return Packet{}, fmt.Errorf("seal packet: %w", err)
	}
	aead, err := contentCipher(key)
	if err != nil {
		return Packet{}, err
	}
	ciphertext := aead.Seal(nil, nil, content, header)
	return finish(h, header, ciphertext, s.Device)
}

// sign makes the inner part.
func (s Sealing) sign() ([]byte, error) {
	payload, err := s.Decision.Marshal()
	if err != nil {
		return nil, err
	}
	in := inner{Payload: payload}
	if in.Device, err = SignPayload(AsDevice, s.Device, payload); err != nil {
		return nil, err
	}
	in.Officer.Certificate = s.Officer.Certificate()
	if in.Officer.COSE, err = s.Officer.Approve(AsOfficer, payload); err != nil {
		return nil, fmt.Errorf("officer: %w", err)
	}
	if s.Supervisor != nil {
		in.Supervisor = &Signature{Certificate: s.Supervisor.Certificate()}
		if in.Supervisor.COSE, err = s.Supervisor.Approve(AsSupervisor, payload); err != nil {
			return nil, fmt.Errorf("supervisor: %w", err)
		}
	}
	return token.Encode(in)
}

// finish signs the outside and puts the packet together.
func finish(h Header, header, ciphertext []byte, device crypto.Signer) (Packet, error) {
	p := Packet{Header: h, header: header, ciphertext: ciphertext, signed: outsideOf(header, ciphertext)}
	var err error
	if p.outer, err = token.SignDetached(token.TypPacket, device, p.signed, nil); err != nil {
		return Packet{}, err
	}
	if p.Bytes, err = token.Encode(envelope{Version: Version, Header: header, Ciphertext: ciphertext, Outer: p.outer}); err != nil {
		return Packet{}, err
	}
	if len(p.Bytes) > MaxPacket {
		return Packet{}, fmt.Errorf("%w: %d bytes", ErrPacket, len(p.Bytes))
	}
	return p, nil
}

// wrap seals the content key for one recipient, bound to packet and device.
func wrap(r Recipient, key []byte, h Header) (Wrapped, error) {
	pub, err := hpke.MLKEM768X25519().NewPublicKey(r.Public)
	if err != nil {
		return Wrapped{}, fmt.Errorf("recipient %x: %w", r.KID, err)
	}
	enc, sender, err := hpke.NewSender(pub, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(sealInfo))
	if err != nil {
		return Wrapped{}, fmt.Errorf("recipient %x: %w", r.KID, err)
	}
	sealed, err := sender.Seal(h.binding(), key)
	if err != nil {
		return Wrapped{}, fmt.Errorf("recipient %x: %w", r.KID, err)
	}
	return Wrapped{KID: r.KID, Enc: enc, Key: sealed}, nil
}

// unwrap opens the content key of one recipient.
func unwrap(w Wrapped, private hpke.PrivateKey, h Header) ([]byte, error) {
	r, err := hpke.NewRecipient(w.Enc, private, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(sealInfo))
	if err != nil {
		return nil, err
	}
	return r.Open(h.binding(), w.Key)
}

// binding ties a wrapped key to its packet.
func (h Header) binding() []byte { return append(h.Packet[:], h.Device...) }

// contentCipher puts its random nonce before the ciphertext. The key is used once.
func contentCipher(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("content key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
