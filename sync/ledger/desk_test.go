package ledger_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"path/filepath"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// start is the time at which every test's clock begins.
var start = time.Date(2026, 5, 4, 2, 0, 0, 0, time.UTC)

// desk is a ledger with what a counter has round it: a device, an officer, a
// recipient, and a clock that tests set.
type desk struct {
	*ledger.Ledger
	path       string
	now        time.Time
	device     ed25519.PrivateKey
	officer    wire.KeyApprover
	recipients []wire.Recipient
	probe      []byte
	central    wire.Head // the last head that central acknowledged, in tests that have one
}

func newKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// newDesk opens the ledger at dir/ledger.db.
func newDesk(t testing.TB, dir string) *desk {
	t.Helper()
	d, err := setup(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// setup is newDesk outside a test.
func setup(dir string) (*desk, error) {
	d := &desk{path: filepath.Join(dir, "ledger.db"), now: start, device: newKey(2), probe: []byte("probe")}
	cert, err := token.IssueCertificate(token.Certificate{Kind: token.KindOfficer, Subject: "p-001", Role: wire.RoleOfficer, Device: "loket-3",
		Key: newKey(3).Public(), NotBefore: start.AddDate(0, 0, -1), NotAfter: start.AddDate(0, 0, 7)}, newKey(1))
	if err != nil {
		return nil, err
	}
	d.officer = wire.KeyApprover{Key: newKey(3), Cert: cert}
	k, err := wire.ReadSealKey(bytes.Repeat([]byte{5}, 32))
	if err != nil {
		return nil, err
	}
	r, err := wire.NewRecipient(k.PublicKey().Bytes())
	if err != nil {
		return nil, err
	}
	d.recipients = []wire.Recipient{r}
	return d, d.open()
}

// at is the desk's clock.
func (d *desk) at() time.Time { return d.now }

func (d *desk) open() (err error) {
	d.Ledger, err = ledger.Open(context.Background(), d.path, ledger.Options{Now: d.at})
	return err
}

func (d *desk) reopen(t testing.TB) {
	t.Helper()
	if d.Ledger != nil {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.open(); err != nil {
		t.Fatal(err)
	}
}

// entry seals a decision at the ledger's next position.
func (d *desk) entry(ctx context.Context) (ledger.Entry, error) {
	p, err := d.Next(ctx)
	if err != nil {
		return ledger.Entry{}, err
	}
	return d.entryAt(p)
}

func (d *desk) entryAt(p wire.Position) (ledger.Entry, error) {
	pkt, err := wire.Seal(wire.Sealing{
		Decision: wire.Decision{Packet: wire.NewPacketID(), Session: "s-1", Kind: "approve", At: d.now, Zone: "Asia/Jakarta",
			Office: "17.02", Counter: "3", Device: "loket-3", Officer: "p-001", NIK: "1702014505920001", Face: &wire.Face{Probe: d.probe}},
		Position: p, Device: d.device, Officer: d.officer, Recipients: d.recipients})
	return ledger.Entry{Packet: pkt, Last4: "0001", Decision: "approve", Duplicate: []byte("hash of 0001"), Session: "s-1"}, err
}

// decide keeps one decision.
func (d *desk) decide(t testing.TB) ledger.Entry {
	t.Helper()
	e, err := d.entry(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Decide(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

// state is what the ledger says of a packet.
func (d *desk) state(t testing.TB, id wire.PacketID) ledger.Item {
	t.Helper()
	i, err := d.Item(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
