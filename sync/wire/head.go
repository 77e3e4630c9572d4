package wire

import (
	"crypto"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"loket/scanner/token"
)

// Head is the state of a counter's audit log (a Merkle log, sync/ledger) at
// one moment. Central keeps each head of a device and asks with every new one
// for the proof that it continues the last: what was changed below it is found.
type Head struct {
	Version int       `cbor:"1,keyasint"`
	Device  string    `cbor:"2,keyasint"`
	Epoch   uint64    `cbor:"3,keyasint"` // counts up when a backup was restored
	Size    int64     `cbor:"4,keyasint"` // entries
	Root    [32]byte  `cbor:"5,keyasint"` // tlog.TreeHash of Size
	Packets uint64    `cbor:"6,keyasint"` // Seq of the last packet of the epoch, 0 before the first
	Trust   uint64    `cbor:"7,keyasint"` // version of the trust list in use
	At      time.Time `cbor:"8,keyasint"`

	Opening *SignedOpening `cbor:"9,keyasint,omitempty"` // of this epoch, until central holds a head of it
}

// SignHead signs h with the device's key.
func SignHead(h Head, device crypto.Signer) ([]byte, error) {
	h.Version = Version
	b, err := token.Encode(h)
	if err != nil {
		return nil, fmt.Errorf("sign head: %w", err)
	}
	return token.Sign(token.TypHead, device, b)
}

// OpenHead reads a head signed by this device's key.
func OpenHead(msg []byte, device crypto.PublicKey) (Head, error) {
	b, _, err := token.Open(token.TypHead, msg, token.Keys(device))
	if err != nil {
		return Head{}, fmt.Errorf("open head: %w", err)
	}
	var h Head
	if err := token.Decode(b, &h); err != nil {
		return Head{}, fmt.Errorf("open head: %w", err)
	}
	if h.Version != Version {
		return Head{}, fmt.Errorf("open head: %w %d", ErrVersion, h.Version)
	}
	h.At = h.At.UTC()
	return h, nil
}

// Continues checks proof (tlog.ProveTree from old.Size to h.Size) that h is
// old with entries added. A head before the first entry, Size 0, needs none.
func (h Head) Continues(old Head, proof [][]byte) error {
	if h.Device != old.Device || h.Epoch != old.Epoch {
		return fmt.Errorf("head of %s epoch %d does not continue %s epoch %d", h.Device, h.Epoch, old.Device, old.Epoch)
	}
	if old.Size == 0 {
		return nil
	}
	p := make(tlog.TreeProof, len(proof))
	for i, b := range proof {
		if len(b) != tlog.HashSize {
			return fmt.Errorf("head of %s: proof has a hash of %d bytes", h.Device, len(b))
		}
		p[i] = tlog.Hash(b)
	}
	if err := tlog.CheckTree(p, h.Size, h.Root, old.Size, old.Root); err != nil {
		return fmt.Errorf("head of %s at %d does not continue %d: %w", h.Device, h.Size, old.Size, err)
	}
	return nil
}
