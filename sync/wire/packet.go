package wire

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
)

// MaxPacket is the largest packet in bytes that anybody reads.
const MaxPacket = 1 << 20

// ErrPacket says that bytes are not a packet, or one that was changed.
var ErrPacket = errors.New("not a whole packet")

// Position is where a packet stands among all that its device has made: Seq
// counts up from 1 within an epoch (sync/ledger). Central sees what is missing.
type Position struct {
	Epoch uint64 `cbor:"1,keyasint"`
	Seq   uint64 `cbor:"2,keyasint"`
}

// Header is what anybody can read of a packet. It is authenticated by the seal
// (as additional data) and by the outer signature.
type Header struct {
	Version    int       `cbor:"1,keyasint"`
	Packet     PacketID  `cbor:"2,keyasint"`
	Device     string    `cbor:"3,keyasint"`
	Officer    string    `cbor:"4,keyasint"`
	Created    time.Time `cbor:"5,keyasint"` // the decision's time, whole seconds, UTC
	Position   Position  `cbor:"6,keyasint"`
	Recipients []Wrapped `cbor:"7,keyasint"`
}

// Wrapped is the content key for one recipient.
type Wrapped struct {
	KID []byte `cbor:"1,keyasint"` // SealKeyID
	Enc []byte `cbor:"2,keyasint"` // HPKE's encapsulated key, 1,120 bytes
	Key []byte `cbor:"3,keyasint"` // the content key, sealed
}

// Packet is one sealed decision. Bytes are what is stored and what is sent.
type Packet struct {
	Header Header
	Bytes  []byte

	header, ciphertext, outer []byte
	signed                    []byte // outer's payload: made once, as it hashes the ciphertext
}

// envelope is the packet's outermost array.
type envelope struct {
	_          struct{} `cbor:",toarray"`
	Version    int
	Header     []byte // CBOR of Header
	Ciphertext []byte // 12-byte nonce, AES-256-GCM of the inner part, tag
	Outer      []byte // COSE_Sign1 (typ packet), detached, by the device over CBOR of outside
}

// outside is what the device's outer signature covers.
type outside struct {
	_      struct{} `cbor:",toarray"`
	Header []byte
	SHA256 []byte // of the ciphertext
}

// Parse reads a packet's form and header. It checks no signature: see Verify.
func Parse(b []byte) (Packet, error) {
	if len(b) > MaxPacket {
		return Packet{}, fmt.Errorf("%w: %d bytes", ErrPacket, len(b))
	}
	var e envelope
	if err := token.Decode(b, &e); err != nil {
		return Packet{}, fmt.Errorf("%w: %w", ErrPacket, err)
	}
	if e.Version != Version {
		return Packet{}, fmt.Errorf("packet: %w %d", ErrVersion, e.Version)
	}
	p := Packet{Bytes: b, header: e.Header, ciphertext: e.Ciphertext, outer: e.Outer, signed: outsideOf(e.Header, e.Ciphertext)}
	if err := token.Decode(e.Header, &p.Header); err != nil {
		return Packet{}, fmt.Errorf("%w: header: %w", ErrPacket, err)
	}
	if p.Header.Version != e.Version {
		return Packet{}, fmt.Errorf("%w: header says version %d", ErrPacket, p.Header.Version)
	}
	p.Header.Created = p.Header.Created.UTC()
	return p, nil
}

// ID is the packet's id.
func (p Packet) ID() PacketID { return p.Header.Packet }

// Hash names what the device signed: SHA-256 of the outer signature's payload.
// The idempotence key (device, packet) is bound to it. It is not the hash of
// Bytes: whoever relays a packet could write its envelope or the signature's
// unprotected header in another way, send that first, and have the device's own
// bytes refused as a conflict.
func (p Packet) Hash() [32]byte { return sha256.Sum256(p.signed) }

// outsideOf is the payload of the outer signature.
func outsideOf(header, ciphertext []byte) []byte {
	b, err := token.Encode(outside{Header: header, SHA256: sum(ciphertext)})
	if err != nil {
		panic(err) // two byte strings can always be encoded
	}
	return b
}

// Verify checks the outer signature with the device's key. Whoever relays a
// packet can do so.
func (p Packet) Verify(device crypto.PublicKey) error {
	if _, err := token.OpenDetached(token.TypPacket, p.outer, p.signed, nil, token.Keys(device)); err != nil {
		return fmt.Errorf("packet %s: outer: %w", p.ID(), err)
	}
	return nil
}

// SignedBy says whether the outer signature names this key; it proves nothing.
func (p Packet) SignedBy(device crypto.PublicKey) bool {
	kid, err := token.KIDOf(p.outer)
	if err != nil {
		return false
	}
	want, err := token.KeyID(device)
	return err == nil && bytes.Equal(kid, want)
}

func sum(b []byte) []byte {
	h := sha256.Sum256(b)
	return h[:]
}
