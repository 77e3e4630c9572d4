package wire

import (
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
)

// AsRestorer is the capacity in which a supervisor confirms that a ledger was
// restored from a backup. The signature serves for nothing else.
const AsRestorer Capacity = "restorer"

// Opening says why a ledger's audit log has a new epoch: a backup was restored.
// It names the last head of the old epoch that the backup knows central to
// hold; central checks that it does, that the log continues it, and that a
// supervisor confirmed. What came after that head is lost here, and central
// knows how much.
type Opening struct {
	Version int       `cbor:"1,keyasint"`
	Device  string    `cbor:"2,keyasint"`
	Epoch   uint64    `cbor:"3,keyasint"` // the new one
	From    uint64    `cbor:"4,keyasint"` // the epoch of the named head
	Size    int64     `cbor:"5,keyasint"` // the named head
	Root    [32]byte  `cbor:"6,keyasint"`
	Kept    int64     `cbor:"7,keyasint"` // entries that the backup had
	At      time.Time `cbor:"8,keyasint"`
	Officer string    `cbor:"9,keyasint"` // the supervisor who confirms
}

// SignedOpening travels inside the signed head until central holds one of the
// new epoch.
type SignedOpening struct {
	Opening    []byte    `cbor:"1,keyasint"` // CBOR of Opening
	Supervisor Signature `cbor:"2,keyasint"`
}

// ErrOpening says that a new epoch is not confirmed as it should be.
var ErrOpening = errors.New("new epoch is not confirmed")

// SignOpening has a supervisor confirm an opening.
func SignOpening(o Opening, supervisor Approver) (SignedOpening, error) {
	o.Version = Version
	b, err := token.Encode(o)
	if err != nil {
		return SignedOpening{}, fmt.Errorf("sign opening: %w", err)
	}
	sig := Signature{Certificate: supervisor.Certificate()}
	if sig.COSE, err = supervisor.Approve(AsRestorer, b); err != nil {
		return SignedOpening{}, fmt.Errorf("sign opening: %w", err)
	}
	return SignedOpening{b, sig}, nil
}

// Open checks that a supervisor, with a certificate by these issuers that was
// valid then, confirmed the opening. Whether the named head is central's is
// for central to check.
func (s SignedOpening) Open(issuers token.Lookup) (Opening, error) {
	var o Opening
	if err := token.Decode(s.Opening, &o); err != nil {
		return o, fmt.Errorf("%w: %w", ErrOpening, err)
	}
	if o.Version != Version {
		return o, fmt.Errorf("%w: %w %d", ErrOpening, ErrVersion, o.Version)
	}
	o.At = o.At.UTC()
	cert, err := s.Supervisor.verify(AsRestorer, s.Opening, o.Officer, o.Device, certifiedBy(issuers), o.At)
	if err != nil {
		return o, fmt.Errorf("%w: %w", ErrOpening, err)
	}
	if cert.Role != RoleSupervisor {
		return o, fmt.Errorf("%w: role is %q", ErrOpening, cert.Role)
	}
	return o, nil
}

// Opens checks that head h begins the epoch that opening tells of and that
// proof (tlog.ProveTree from the named head) shows its log to continue it.
func (h Head) Opens(o Opening, proof [][]byte) error {
	if h.Device != o.Device || h.Epoch != o.Epoch || o.Epoch <= o.From || o.Kept < o.Size || h.Size <= o.Kept {
		return fmt.Errorf("%w: head of %s epoch %d, opening of %s epoch %d after %d", ErrOpening, h.Device, h.Epoch, o.Device, o.Epoch, o.From)
	}
	named := Head{Device: h.Device, Epoch: h.Epoch, Size: o.Size, Root: o.Root}
	return h.Continues(named, proof)
}

// Opened reads the opening that a head carries; ok is false where it
// carries none.
func (h Head) Opened(issuers token.Lookup) (o Opening, ok bool, err error) {
	if h.Opening == nil {
		return Opening{}, false, nil
	}
	o, err = h.Opening.Open(issuers)
	return o, true, err
}
