package centraltest

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/client"
	"loket/sync/wire"
)

// Counter is an enrolled counter with an officer logged in.
type Counter struct {
	Device  wire.DeviceResponse
	Key     ed25519.PrivateKey
	Client  *client.Client
	Officer wire.KeyApprover
	Signer  ed25519.PrivateKey // the officer's
	ID      string             // of the officer
	Seq     uint64

	now func() time.Time
	t   testing.TB
}

// Password is what Counter's officers change theirs to.
const Password = "sandi contoh 1"

// Counter enrols a counter and logs a new officer in there.
func (c *Central) Counter(officer, role string) *Counter {
	c.t.Helper()
	ctx := context.Background()
	now := c.now
	_, key, err := ed25519.GenerateKey(nil)
	c.ok(err)
	k := &Counter{Key: key, ID: officer, now: now, t: c.t}
	k.Device, err = client.Enrol(ctx, c.DeviceCode("Loket 1"), key, now)
	c.ok(err)
	k.Client, err = client.New(k.Device, key, client.Options{Now: now})
	c.ok(err)
	c.t.Cleanup(k.Client.Close)
	first := c.Officer(officer, "PETUGAS CONTOH", role)
	_, err = k.Client.LogIn(ctx, officer, first)
	c.ok(err)
	_, err = k.Client.ChangePassword(ctx, first, Password)
	c.ok(err)
	k.Officer, k.Signer = k.certify(c)
	return k
}

func (k *Counter) certify(c *Central) (wire.KeyApprover, ed25519.PrivateKey) {
	c.t.Helper()
	_, signer, err := ed25519.GenerateKey(nil)
	c.ok(err)
	cert, _, err := k.Client.CertifyOfficer(context.Background(), signer.Public())
	c.ok(err)
	return wire.KeyApprover{Key: signer, Cert: cert}, signer
}

// Approval is a complete approval of whoever holds this phone, decided now.
func (k *Counter) Approval(p *Phone) wire.Decision {
	k.t.Helper()
	cred, err := token.OpenCredential(p.Registration.Credential, k.issuers())
	if err != nil {
		k.t.Fatal(err)
	}
	now := k.now().UTC().Truncate(time.Second)
	return wire.Decision{
		Packet: wire.NewPacketID(), Session: "s-1", Kind: "approve", At: now, Zone: "Asia/Jakarta",
		Office: k.Device.Office, Counter: k.Device.Counter, Device: k.Device.Device, Officer: k.ID,
		Registration: cred.Registration, NIK: cred.NIK, Email: cred.Email, Number: cred.Number, Presentation: p.Present(),
		Checks:  []wire.Check{{Name: "signature", OK: true}},
		Consent: wire.Consent{At: now, How: "spoken"}, Contact: true,
		Face: &wire.Face{Metric: "similarity", Score: 0.7, Band: "match", Limits: wire.Thresholds{Match: 0.553, Doubtful: 0.433, Measured: true},
			Reference: wire.Reference{Taken: now.AddDate(-5, 0, 0)}, Look: true},
	}
}

func (k *Counter) issuers() token.Lookup {
	k.t.Helper()
	l, err := token.ReadTrust(k.Device.Trust)
	if err != nil {
		k.t.Fatal(err)
	}
	return l.Lookup(token.UseCredential, k.now())
}

// Policy is the policy in force, as the counter gets it.
func (k *Counter) Policy() wire.Policy {
	k.t.Helper()
	msg, err := k.Client.Policy(context.Background())
	if err != nil {
		k.t.Fatal(err)
	}
	root, err := x509.ParsePKIXPublicKey(k.Device.RootKey)
	if err != nil {
		k.t.Fatal(err)
	}
	policy, err := wire.OpenPolicy(msg, root, 0)
	if err != nil {
		k.t.Fatal(err)
	}
	return policy
}

// Seal makes the packet of a decision, with a supervisor's signature where one
// is given.
func (k *Counter) Seal(d wire.Decision, supervisor wire.Approver) wire.Packet {
	k.t.Helper()
	return k.SealUnder(k.Policy(), d, supervisor)
}

// SealUnder is Seal for the recipients of this policy.
func (k *Counter) SealUnder(policy wire.Policy, d wire.Decision, supervisor wire.Approver) wire.Packet {
	k.t.Helper()
	k.Seq++
	s := wire.Sealing{Decision: d, Position: wire.Position{Epoch: 1, Seq: k.Seq}, Device: k.Key, Officer: k.Officer, Supervisor: supervisor}
	for _, r := range policy.Recipients {
		s.Recipients = append(s.Recipients, wire.Recipient{KID: r.KID, Public: r.Public})
	}
	p, err := wire.Seal(s)
	if err != nil {
		k.t.Fatal(err)
	}
	return p
}

// Send hands packets in and gives their results.
func (k *Counter) Send(packets ...wire.Packet) []wire.PacketResult {
	k.t.Helper()
	var bodies [][]byte
	for _, p := range packets {
		bodies = append(bodies, p.Bytes)
	}
	out, err := k.Client.Packets(context.Background(), bodies)
	if err != nil {
		k.t.Fatal(err)
	}
	return out.Results
}
