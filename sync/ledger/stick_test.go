package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/ledger"
	"loket/sync/wire"
)

func certificate(t testing.TB, id string, k ed25519.PrivateKey) []byte {
	t.Helper()
	b, err := token.IssueCertificate(token.Certificate{Kind: token.KindDevice, Subject: id, Key: k.Public(), NotBefore: start, NotAfter: start.AddDate(1, 0, 0)}, newKey(1))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bundle writes packets as loket-3, or as another device, and reads them back
// as any counter would.
func bundle(t testing.TB, device string, k ed25519.PrivateKey, packets ...[]byte) wire.Bundle {
	t.Helper()
	var file bytes.Buffer
	certs := [][]byte{certificate(t, "loket-3", newKey(2)), certificate(t, "loket-66", newKey(9))}
	if _, err := wire.WriteBundle(&file, device, k, start, certs, packets); err != nil {
		t.Fatal(err)
	}
	b, err := wire.ReadBundle(&file, token.Keys(newKey(1).Public()))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestUnsent(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	a, b := d.decide(t), d.decide(t)
	if u, err := d.Unsent(ctx, 1<<20); err != nil || len(u.Packets) != 0 {
		t.Errorf("what can be undone left: %d, %v", len(u.Packets), err)
	}
	d.now = start.Add(time.Minute)
	u, err := d.Unsent(ctx, 1<<20)
	if err != nil || len(u.Packets) != 2 || !bytes.Equal(u.Packets[0], a.Packet.Bytes) || u.Left != 0 {
		t.Fatalf("%d packets, %d left, %v", len(u.Packets), u.Left, err)
	}
	if u, err := d.Unsent(ctx, len(a.Packet.Bytes)); err != nil || len(u.Packets) != 1 || u.Left != 1 {
		t.Errorf("%d packets, %d left, %v", len(u.Packets), u.Left, err)
	}
	// Both ways at once: the sender has one of them answered, the stick brings both again.
	if _, err := d.Take(ctx, 100); err != nil {
		t.Fatal(err)
	}
	if err := d.Settle(ctx, []ledger.Outcome{{ID: b.Packet.ID(), State: wire.StateAccepted}}); err != nil {
		t.Fatal(err)
	}
	if u, err := d.Unsent(ctx, 1<<20); err != nil || len(u.Packets) != 1 {
		t.Errorf("after an answer: %d packets, %v", len(u.Packets), err)
	}
}

// TestRelay brings one counter's packets to another, which sends them.
func TestRelay(t *testing.T) {
	ctx := t.Context()
	van := newDesk(t, t.TempDir())
	a, b := van.decide(t), van.decide(t)
	office := newDesk(t, t.TempDir())
	if err := office.SetDevice(ctx, "loket-9"); err != nil {
		t.Fatal(err)
	}
	own := office.decide(t)
	office.now = start.Add(time.Minute)

	forged := bytes.Clone(b.Packet.Bytes)
	forged[len(forged)/2] ^= 1
	got, err := office.Relay(ctx, bundle(t, "loket-66", newKey(9), a.Packet.Bytes, forged))
	if err != nil || got != (ledger.Brought{New: 1, Forged: 1}) {
		t.Fatalf("a rogue's bundle: %+v, %v", got, err)
	}
	// The rogue's forgery stands in nobody's way.
	whole := bundle(t, "loket-3", newKey(2), a.Packet.Bytes, b.Packet.Bytes)
	if got, err := office.Relay(ctx, whole); err != nil || got != (ledger.Brought{New: 1, Known: 1}) {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := office.Relay(ctx, whole); err != nil || got != (ledger.Brought{Known: 2}) {
		t.Fatalf("the same stick again: %+v, %v", got, err)
	}
	if u, err := office.Unsent(ctx, 1<<20); err != nil || len(u.Packets) != 3 || u.Relayed != 2 || len(u.Certificates) != 1 {
		t.Errorf("a stick from here: %d packets, %d others', %d certificates, %v", len(u.Packets), u.Relayed, len(u.Certificates), err)
	}
	first, err := office.Take(ctx, 100)
	if err != nil || len(first) != 1 || first[0].ID != own.Packet.ID() {
		t.Fatalf("own packets come first: %v, %v", first, err)
	}
	if err := office.Settle(ctx, []ledger.Outcome{{ID: own.Packet.ID(), State: wire.StateAccepted}}); err != nil {
		t.Fatal(err)
	}
	if _, waits, err := office.Due(ctx); err != nil || !waits {
		t.Errorf("the sender is not told that others' wait: %v", err)
	}
	second, err := office.Take(ctx, 100)
	if err != nil || len(second) != 2 {
		t.Fatalf("others': %v, %v", second, err)
	}
	sent := map[string]bool{string(second[0].Bytes): true, string(second[1].Bytes): true}
	if !sent[string(a.Packet.Bytes)] || !sent[string(b.Packet.Bytes)] {
		t.Error("not the bytes that were brought")
	}
	if err := office.Settle(ctx, []ledger.Outcome{{ID: second[0].ID, Retry: time.Minute}, {ID: second[1].ID, State: wire.StateHeld}}); err != nil {
		t.Fatal(err)
	}
	if again, err := office.Take(ctx, 100); err != nil || len(again) != 0 {
		t.Errorf("what is put off is taken: %v, %v", again, err)
	}
	if n, err := office.Relaying(ctx); err != nil || n != 1 {
		t.Errorf("%d still relayed, %v", n, err)
	}
	office.now = office.now.Add(time.Hour)
	if again, err := office.Take(ctx, 100); err != nil || len(again) != 1 || again[0].ID != second[0].ID {
		t.Errorf("what was put off: %v, %v", again, err)
	}
	if r, err := office.Verify(ctx); err != nil || !r.OK() {
		t.Errorf("verify: %+v, %v", r, err)
	}
}

// TestShadow: a rogue counter gives its packet the id of an honest one. Neither
// where it is relayed nor where the honest one was made does central's answer
// to the rogue's touch the other.
func TestShadow(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	if err := d.SetDevice(ctx, "loket-3"); err != nil {
		t.Fatal(err)
	}
	honest := d.decide(t)
	shadow, err := wire.Seal(wire.Sealing{Decision: wire.Decision{Version: wire.Version, Packet: honest.Packet.ID(), Device: "loket-66", Officer: "p-666", Kind: "approve", At: start},
		Position: wire.Position{Epoch: 1, Seq: 1}, Device: newKey(9), Officer: d.officer, Recipients: d.recipients})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := d.Relay(ctx, bundle(t, "loket-66", newKey(9), shadow.Bytes)); err != nil || got.New != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if shadow.Ticket() == honest.Packet.Ticket() || shadow.ID() != honest.Packet.ID() {
		t.Fatal("this test shows nothing")
	}
	taken, err := d.Take(ctx, 100) // the honest one can still be undone
	if err != nil || len(taken) != 1 || taken[0].ID == honest.Packet.ID() {
		t.Fatalf("took %v, %v", taken, err)
	}
	if err := d.Settle(ctx, []ledger.Outcome{{ID: taken[0].ID, State: wire.StateAccepted}}); err != nil {
		t.Fatal(err)
	}
	if i := d.state(t, honest.Packet.ID()); i.State != wire.StateQueued {
		t.Errorf("the honest packet is %s", i.State)
	}
	// Control: under the packet's own id the answer would have ended it.
	if err := d.Settle(ctx, []ledger.Outcome{{ID: shadow.ID(), State: wire.StateAccepted}}); err != nil {
		t.Fatal(err)
	}
	if i := d.state(t, honest.Packet.ID()); i.State != wire.StateAccepted {
		t.Errorf("control: the honest packet is %s", i.State)
	}
}
