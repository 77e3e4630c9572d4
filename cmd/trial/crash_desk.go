package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"loket/scanner/token"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// trialDevice and trialOfficer are ids that name nobody.
const (
	trialDevice  = "loket-uji"
	trialOfficer = "p-uji"
)

// probeBytes makes packets of about 40 KB, as an approval with its probe is.
const probeBytes = 39 << 10

// trialDesk is a ledger with the keys that a counter has round it. Keys and
// clock are the same in every process, so that another one can go on.
type trialDesk struct {
	*ledger.Ledger
	now        time.Time
	device     ed25519.PrivateKey
	officer    wire.KeyApprover
	recipients []wire.Recipient
	probe      []byte
}

// trialStart is when a driver's clock begins.
var trialStart = time.Date(2026, 5, 4, 2, 0, 0, 0, time.UTC)

func trialKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// newTrialDesk is a desk without its ledger.
func newTrialDesk(seed uint64) (*trialDesk, error) {
	d := &trialDesk{now: trialStart, device: trialKey(2), probe: make([]byte, probeBytes)}
	rand.NewChaCha8(sha256.Sum256(binary.BigEndian.AppendUint64(nil, seed))).Read(d.probe)
	cert, err := token.IssueCertificate(token.Certificate{Kind: token.KindOfficer, Subject: trialOfficer, Role: wire.RoleOfficer, Device: trialDevice,
		Key: trialKey(3).Public(), NotBefore: trialStart.AddDate(0, 0, -1), NotAfter: trialStart.AddDate(0, 0, 7)}, trialKey(1))
	if err != nil {
		return nil, err
	}
	d.officer = wire.KeyApprover{Key: trialKey(3), Cert: cert}
	k, err := wire.ReadSealKey(bytes.Repeat([]byte{5}, 32))
	if err != nil {
		return nil, err
	}
	r, err := wire.NewRecipient(k.PublicKey().Bytes())
	d.recipients = []wire.Recipient{r}
	return d, err
}

// options are the ledger's under this desk's clock.
func (d *trialDesk) options() ledger.Options {
	return ledger.Options{Now: func() time.Time { return d.now }, Device: trialDevice}
}

// trialPacket is the id of a driver's n-th packet.
func trialPacket(n int) wire.PacketID {
	var id wire.PacketID
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	id[0] = 0xc0
	return id
}

func trialSession(n int) string { return fmt.Sprintf("s-%d", n) }

// entry seals an approval of 40 KB at the ledger's next position.
func (d *trialDesk) entry(ctx context.Context, n int) (ledger.Entry, error) {
	p, err := d.Next(ctx)
	if err != nil {
		return ledger.Entry{}, err
	}
	return d.entryAt(n, p)
}

func (d *trialDesk) entryAt(n int, p wire.Position) (ledger.Entry, error) {
	pkt, err := wire.Seal(wire.Sealing{
		Decision: wire.Decision{Packet: trialPacket(n), Session: trialSession(n), Kind: "approve", At: d.now, Zone: "Asia/Jakarta",
			Office: "17.02", Counter: "3", Device: trialDevice, Officer: trialOfficer, NIK: "1702014505920001", Face: &wire.Face{Probe: d.probe}},
		Position: p, Device: d.device, Officer: d.officer, Recipients: d.recipients})
	hash := sha256.Sum256([]byte(trialSession(n)))
	return ledger.Entry{Packet: pkt, Last4: "0001", Decision: "approve", Duplicate: hash[:], Session: trialSession(n), Undo: -1}, err
}
