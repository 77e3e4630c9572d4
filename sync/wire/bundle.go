package wire

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"loket/scanner/token"
)

// MaxBundle is the most bytes of packets that one bundle holds: a month of a
// busy van. Readers keep a bundle in memory, so that all of it is checked
// before any of it is used.
const MaxBundle = 256 << 20

// bundleMagic begins the file: what it is and its version.
const bundleMagic = "IKD bundle 1\n"

// ErrBundle says that a file is not a bundle, not all of one, or was changed.
var ErrBundle = errors.New("not a whole bundle")

// Manifest is what a device signs (COSE_Sign1, typ bundle) about the packets
// that it hands over on a USB stick: its own, and others' that it relays.
type Manifest struct {
	Version      int       `cbor:"1,keyasint"`
	ID           PacketID  `cbor:"2,keyasint"`
	Device       string    `cbor:"3,keyasint"` // who wrote the bundle
	Created      time.Time `cbor:"4,keyasint"`
	Hashes       []byte    `cbor:"5,keyasint"` // SHA-256 of each packet's bytes, one after another
	Certificates []byte    `cbor:"6,keyasint"` // SHA-256 of the certificates' frame
}

// Bundle is a manifest with its packets. A packet in it is as good as its own
// outer signature: Key is its device's, and Packet.Verify checks it. Whoever
// wrote the bundle can neither change nor replace what another device signed.
type Bundle struct {
	Manifest
	Packets []Packet
	devices map[string]bundled
}

// bundled is a device that has a certificate in the bundle.
type bundled struct {
	key         crypto.PublicKey
	certificate []byte
}

// Key is the key of a device that has a certificate in the bundle.
func (b Bundle) Key(device string) (crypto.PublicKey, bool) {
	d, ok := b.devices[device]
	return d.key, ok
}

// Certificate is that certificate; nil where the device has none.
func (b Bundle) Certificate(device string) []byte { return b.devices[device].certificate }

// WriteBundle writes packets as one bundle of this device. certificates are
// those (token.KindDevice) of every device that made one of them or writes.
func WriteBundle(w io.Writer, device string, key crypto.Signer, now time.Time, certificates [][]byte, packets [][]byte) (Manifest, error) {
	m := Manifest{Version: Version, ID: NewPacketID(), Device: device, Created: now.UTC().Truncate(time.Second)}
	total := 0
	for _, p := range packets {
		m.Hashes = append(m.Hashes, sum(p)...)
		total += len(p)
	}
	if total > MaxBundle {
		return m, fmt.Errorf("write bundle: %d bytes of packets, at most %d", total, MaxBundle)
	}
	certs, err := token.Encode(certificates)
	if err != nil {
		return m, fmt.Errorf("write bundle: %w", err)
	}
	m.Certificates = sum(certs)
	body, err := token.Encode(m)
	if err != nil {
		return m, fmt.Errorf("write bundle: %w", err)
	}
	signed, err := token.Sign(token.TypBundle, key, body)
	if err != nil {
		return m, fmt.Errorf("write bundle: %w", err)
	}
	out := bufio.NewWriter(w)
	out.WriteString(bundleMagic) // bufio keeps the first error for Flush
	for _, frame := range append([][]byte{certs, signed}, packets...) {
		out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(frame))))
		out.Write(frame)
	}
	if err := out.Flush(); err != nil {
		return m, fmt.Errorf("write bundle: %w", err)
	}
	return m, nil
}

// ReadBundle reads a bundle and checks that it is whole: that a device which
// central certified signed the manifest, and that its packets, and nothing
// else, follow. issuers are the trust list's keys for devices. Certificates
// that have expired still name their keys: a van may come home late.
func ReadBundle(r io.Reader, issuers token.Lookup) (Bundle, error) {
	b, err := readBundle(bufio.NewReader(r), issuers)
	if err != nil {
		return Bundle{}, fmt.Errorf("read bundle: %w", err)
	}
	return b, nil
}

func readBundle(r *bufio.Reader, issuers token.Lookup) (Bundle, error) {
	magic := make([]byte, len(bundleMagic))
	if _, err := io.ReadFull(r, magic); err != nil || string(magic) != bundleMagic {
		return Bundle{}, fmt.Errorf("%w: it does not begin like one", ErrBundle)
	}
	certs, err := frame(r)
	if err != nil {
		return Bundle{}, err
	}
	b := Bundle{devices: make(map[string]bundled)}
	if err := b.certificates(certs, issuers); err != nil {
		return Bundle{}, err
	}
	if err := b.manifest(r, certs); err != nil {
		return Bundle{}, err
	}
	return b, b.read(r)
}

// certificates reads who is who.
func (b *Bundle) certificates(frame []byte, issuers token.Lookup) error {
	var certs [][]byte
	if err := token.Decode(frame, &certs); err != nil {
		return fmt.Errorf("%w: %w", ErrBundle, err)
	}
	for _, msg := range certs {
		c, err := token.OpenCertificate(msg, token.KindDevice, issuers, time.Time{})
		if err != nil && (!errors.Is(err, token.ErrValidity) || c.Key == nil) {
			return fmt.Errorf("%w: %w", ErrBundle, err)
		}
		b.devices[c.Subject] = bundled{c.Key, msg}
	}
	return nil
}

func (b *Bundle) manifest(r *bufio.Reader, certs []byte) error {
	signed, err := frame(r)
	if err != nil {
		return err
	}
	all := make([]crypto.PublicKey, 0, len(b.devices))
	for _, d := range b.devices {
		all = append(all, d.key)
	}
	body, kid, err := token.Open(token.TypBundle, signed, token.Keys(all...))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBundle, err)
	}
	if err := token.Decode(body, &b.Manifest); err != nil {
		return fmt.Errorf("%w: %w", ErrBundle, err)
	}
	if b.Version != Version {
		return fmt.Errorf("bundle: %w %d", ErrVersion, b.Version)
	}
	want, err := token.KeyID(b.devices[b.Device].key)
	if err != nil || !bytes.Equal(kid, want) {
		return fmt.Errorf("%w: signed by another device than %q", ErrBundle, b.Device)
	}
	if len(b.Hashes)%sha256.Size != 0 || !bytes.Equal(b.Certificates, sum(certs)) {
		return fmt.Errorf("%w: manifest", ErrBundle)
	}
	b.Created = b.Created.UTC()
	return nil
}

func (b *Bundle) read(r *bufio.Reader) error {
	total := 0
	for rest := b.Hashes; len(rest) > 0; rest = rest[sha256.Size:] {
		body, err := frame(r)
		if err != nil {
			return err
		}
		if total += len(body); total > MaxBundle {
			return fmt.Errorf("%w: more than %d bytes", ErrBundle, MaxBundle)
		}
		if !bytes.Equal(sum(body), rest[:sha256.Size]) {
			return fmt.Errorf("%w: packet %d was changed", ErrBundle, len(b.Packets)+1)
		}
		p, err := Parse(body)
		if err != nil {
			return fmt.Errorf("%w: packet %d: %w", ErrBundle, len(b.Packets)+1, err)
		}
		b.Packets = append(b.Packets, p)
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows its end", ErrBundle)
	}
	return nil
}

// frame reads four bytes of length, big endian, and so many bytes.
func frame(r io.Reader) ([]byte, error) {
	var n uint32
	if err := binary.Read(r, binary.BigEndian, &n); err != nil {
		return nil, fmt.Errorf("%w: it ends too early", ErrBundle)
	}
	if n > MaxPacket {
		return nil, fmt.Errorf("%w: a part of %d bytes", ErrBundle, n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("%w: it ends too early", ErrBundle)
	}
	return b, nil
}

// Ticket names what a device signed where other devices' packets are kept
// beside it: nobody can make a packet that gets another's ticket.
func (p Packet) Ticket() PacketID {
	h := sha256.New()
	fmt.Fprintf(h, "loket ticket %d:%s", len(p.Header.Device), p.Header.Device)
	hash := p.Hash()
	h.Write(p.Header.Packet[:])
	h.Write(hash[:])
	return PacketID(h.Sum(nil)[:16])
}

// BundleName is the file name of a bundle: device, time and a few random
// letters, so that two never collide on one stick.
func BundleName(device string, now time.Time) string {
	b := make([]byte, 3)
	rand.Read(b)
	return fmt.Sprintf("ikd-%s-%s-%s.ikdb", device, now.UTC().Format("20060102T150405Z"), hex.EncodeToString(b))
}
