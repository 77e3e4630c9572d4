package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"loket/scanner/token"
	"loket/sync/wire"
)

// desk is a device with an officer and a supervisor, certified by one issuer,
// and the two recipients of its packets. Everything comes from fixed seeds.
type desk struct {
	issuer, device      ed25519.PrivateKey
	officer, supervisor wire.KeyApprover
	central, recovery   hpke.PrivateKey
	recipients          []wire.Recipient
}

func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func sealKey(t testing.TB, n byte) (hpke.PrivateKey, wire.Recipient) {
	t.Helper()
	k, err := wire.ReadSealKey(bytes.Repeat([]byte{n}, 32))
	if err != nil {
		t.Fatal(err)
	}
	r, err := wire.NewRecipient(k.PublicKey().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return k, r
}

func newDesk(t testing.TB) desk {
	t.Helper()
	d := desk{issuer: key(1), device: key(2)}
	d.officer = d.approver(t, key(3), token.Certificate{Subject: "p-001", Role: wire.RoleOfficer, Device: "loket-3"})
	d.supervisor = d.approver(t, key(4), token.Certificate{Subject: "k-001", Role: wire.RoleSupervisor, Device: "loket-9"})
	d.recipients = make([]wire.Recipient, 2)
	d.central, d.recipients[0] = sealKey(t, 5)
	d.recovery, d.recipients[1] = sealKey(t, 6)
	return d
}

// approver certifies key for the day of sample.
func (d desk) approver(t testing.TB, k ed25519.PrivateKey, c token.Certificate) wire.KeyApprover {
	t.Helper()
	c.Kind, c.Name, c.Office, c.Key = token.KindOfficer, "Contoh", "17.02", k.Public()
	c.NotBefore, c.NotAfter = sample().At.Add(-24*time.Hour), sample().At.Add(24*time.Hour)
	b, err := token.IssueCertificate(c, d.issuer)
	if err != nil {
		t.Fatal(err)
	}
	return wire.KeyApprover{Key: k, Cert: b}
}

func (d desk) sealing() wire.Sealing {
	return wire.Sealing{Decision: sample(), Position: wire.Position{Epoch: 1, Seq: 7},
		Device: d.device, Officer: d.officer, Supervisor: d.supervisor, Recipients: d.recipients}
}

// read does what central does with bytes from the network.
func (d desk) read(b []byte, keys ...hpke.PrivateKey) (wire.Decision, error) {
	p, err := wire.Parse(b)
	if err != nil {
		return wire.Decision{}, err
	}
	if err := p.Verify(d.device.Public()); err != nil {
		return wire.Decision{}, err
	}
	o, err := p.Open(keys...)
	if err != nil {
		return wire.Decision{}, err
	}
	err = o.Verify(d.device.Public(), token.Keys(d.issuer.Public()))
	officers := wire.NewCertificates(token.Keys(d.issuer.Public()))
	for range 2 { // the second time from memory
		if again := o.VerifyWith(d.device.Public(), officers); fmt.Sprint(again) != fmt.Sprint(err) {
			return wire.Decision{}, fmt.Errorf("%w, but with remembered certificates: %w", err, again)
		}
	}
	return o.Decision, err
}

func TestSealOpen(t *testing.T) {
	d := newDesk(t)
	p, err := wire.Seal(d.sealing())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("packet of %d bytes, probe of %d", len(p.Bytes), len(sample().Face.Probe))
	for name, k := range map[string]hpke.PrivateKey{"central": d.central, "recovery": d.recovery} {
		t.Run(name, func(t *testing.T) {
			got, err := d.read(p.Bytes, k)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sample(), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("nobody else", func(t *testing.T) {
		other, _ := sealKey(t, 9)
		if _, err := d.read(p.Bytes, other); !errors.Is(err, wire.ErrKeyMissing) {
			t.Errorf("got %v, want ErrKeyMissing", err)
		}
	})
	t.Run("nothing readable", func(t *testing.T) {
		for _, secret := range []string{sample().NIK, sample().Email, sample().Number, "SRI", string(sample().Face.Probe[:9])} {
			if bytes.Contains(p.Bytes, []byte(secret)) {
				t.Errorf("%q stands in the packet", secret)
			}
		}
	})
	t.Run("header", func(t *testing.T) {
		h, err := wire.Parse(p.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if h.ID() != sample().Packet || h.Header.Device != "loket-3" || h.Header.Position.Seq != 7 || !h.SignedBy(d.device.Public()) {
			t.Errorf("header %+v", h.Header)
		}
	})
}

// TestEveryByte flips each byte of a packet: none may pass as the same packet
// or as another one.
func TestEveryByte(t *testing.T) {
	d := newDesk(t)
	p, err := wire.Seal(d.sealing())
	if err != nil {
		t.Fatal(err)
	}
	step := 1
	if testing.Short() {
		step = 17
	}
	for i := 0; i < len(p.Bytes); i += step {
		b := bytes.Clone(p.Bytes)
		b[i] ^= 0x01
		if _, err := d.read(b, d.central); err == nil {
			t.Fatalf("byte %d of %d can be changed", i, len(b))
		}
	}
}

func TestOuterRefused(t *testing.T) {
	d := newDesk(t)
	p, err := wire.Seal(d.sealing())
	if err != nil {
		t.Fatal(err)
	}
	whole, err := wire.Parse(p.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if err := whole.Verify(d.device.Public()); err != nil {
		t.Errorf("its own device: %v", err)
	}
	if err := whole.Verify(key(8).Public()); !errors.Is(err, token.ErrUnknownKey) {
		t.Errorf("another device: got %v, want ErrUnknownKey", err)
	}
	for name, b := range map[string][]byte{
		"empty": {}, "cut": p.Bytes[:len(p.Bytes)-1], "longer": append(bytes.Clone(p.Bytes), 0),
		"huge": make([]byte, wire.MaxPacket+1),
	} {
		if _, err := wire.Parse(b); !errors.Is(err, wire.ErrPacket) {
			t.Errorf("%s: got %v, want ErrPacket", name, err)
		}
	}
}

// TestRelayCannotShadow writes a packet in other bytes, as a relay could: what
// still verifies keeps its hash, so that it is the same packet at central.
func TestRelayCannotShadow(t *testing.T) {
	d := newDesk(t)
	p, err := wire.Seal(d.sealing())
	if err != nil {
		t.Fatal(err)
	}
	var parts []any
	if err := cbor.Unmarshal(p.Bytes, &parts); err != nil {
		t.Fatal(err)
	}
	var outer cbor.Tag
	if err := cbor.Unmarshal(parts[3].([]byte), &outer); err != nil {
		t.Fatal(err)
	}
	outer.Content.([]any)[1] = map[any]any{99: "note"} // nobody signs the unprotected header
	parts[3], err = cbor.Marshal(outer)
	if err != nil {
		t.Fatal(err)
	}
	noted, err := cbor.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	long := append([]byte{0x98, 0x04}, p.Bytes[1:]...) // the array's length in two bytes
	verified := 0
	for name, b := range map[string][]byte{"unprotected header": noted, "long array": long} {
		got, err := wire.Parse(b)
		if err != nil || got.Verify(d.device.Public()) != nil {
			t.Logf("%s: refused", name)
			continue
		}
		verified++
		if got.Hash() != p.Hash() {
			t.Errorf("%s: another hash", name)
		}
	}
	if verified == 0 {
		t.Error("control: neither form is taken, so this shows nothing")
	}
	s := d.sealing() // the device itself makes another packet of this id
	other, err := wire.Seal(s)
	if err != nil || other.Hash() == p.Hash() {
		t.Errorf("another packet has the same hash: %v", err)
	}
}

// TestInnerRefused has packets whose outside is right and whose inside is not:
// what a device with changed software could send.
func TestInnerRefused(t *testing.T) {
	d := newDesk(t)
	self := d.approver(t, key(4), token.Certificate{Subject: "p-001", Role: wire.RoleSupervisor, Device: "loket-3"})
	twin := d.approver(t, key(3), token.Certificate{Subject: "k-001", Role: wire.RoleSupervisor, Device: "loket-3"})
	junior := d.approver(t, key(4), token.Certificate{Subject: "k-001", Role: wire.RoleOfficer, Device: "loket-3"})
	away := d.approver(t, key(3), token.Certificate{Subject: "p-001", Role: wire.RoleOfficer, Device: "loket-4"})
	rogue := d
	rogue.issuer = key(99)
	forged := rogue.approver(t, key(3), token.Certificate{Subject: "p-001", Role: wire.RoleOfficer, Device: "loket-3"})

	for name, c := range map[string]struct {
		change func(*wire.Sealing)
		want   error // nil: accepted
	}{
		"as it should be":                           {func(*wire.Sealing) {}, nil},
		"without a second person":                   {func(s *wire.Sealing) { s.Supervisor, s.Decision.Supervisor = nil, "" }, nil},
		"supervisor's certificate is the officer's": {func(s *wire.Sealing) { s.Supervisor = self }, wire.ErrPerson},
		"supervisor has the officer's key":          {func(s *wire.Sealing) { s.Supervisor = twin }, wire.ErrSamePerson},
		"supervisor is no supervisor":               {func(s *wire.Sealing) { s.Supervisor = junior }, wire.ErrPerson},
		"officer of another device":                 {func(s *wire.Sealing) { s.Officer = away }, wire.ErrPerson},
		"officer whom nobody certified":             {func(s *wire.Sealing) { s.Officer = forged }, token.ErrUnknownKey},
		"certificate over":                          {func(s *wire.Sealing) { s.Decision.At = s.Decision.At.Add(48 * time.Hour) }, token.ErrValidity},
		"officer signs as supervisor":               {func(s *wire.Sealing) { s.Officer = wrong{d.officer, wire.AsSupervisor} }, token.ErrSignature},
		"signature over something else":             {func(s *wire.Sealing) { s.Officer = other{d.officer} }, token.ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			s := d.sealing()
			c.change(&s)
			p, err := wire.Seal(s)
			if err != nil {
				t.Fatalf("seal: %v", err)
			}
			if _, err := d.read(p.Bytes, d.central); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// wrong signs in a capacity that is not its own.
type wrong struct {
	wire.KeyApprover
	as wire.Capacity
}

func (w wrong) Approve(_ wire.Capacity, payload []byte) ([]byte, error) {
	return w.KeyApprover.Approve(w.as, payload)
}

// other signs another payload.
type other struct{ wire.KeyApprover }

func (o other) Approve(as wire.Capacity, payload []byte) ([]byte, error) {
	return o.KeyApprover.Approve(as, append(bytes.Clone(payload), 0))
}

func TestSealRefuses(t *testing.T) {
	d := newDesk(t)
	for name, c := range map[string]struct {
		change func(*wire.Sealing)
		want   error
	}{
		"same person":         {func(s *wire.Sealing) { s.Decision.Supervisor = s.Decision.Officer }, wire.ErrSamePerson},
		"supervisor unsigned": {func(s *wire.Sealing) { s.Supervisor = nil }, wire.ErrPerson},
		"supervisor unnamed":  {func(s *wire.Sealing) { s.Decision.Supervisor = "" }, wire.ErrPerson},
		"nobody to open it":   {func(s *wire.Sealing) { s.Recipients = nil }, wire.ErrRecipients},
	} {
		t.Run(name, func(t *testing.T) {
			s := d.sealing()
			c.change(&s)
			if _, err := wire.Seal(s); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// TestRememberedCertificateExpires: one that was good last week does not sign
// what was decided after it had ended.
func TestRememberedCertificateExpires(t *testing.T) {
	d := newDesk(t)
	officers := wire.NewCertificates(token.Keys(d.issuer.Public()))
	for _, c := range []struct {
		name string
		late time.Duration
		want error
	}{{"in its time", 0, nil}, {"after it", 48 * time.Hour, token.ErrValidity}, {"before it", -48 * time.Hour, token.ErrValidity}} {
		t.Run(c.name, func(t *testing.T) {
			s := d.sealing()
			s.Decision.At = s.Decision.At.Add(c.late)
			p, err := wire.Seal(s)
			if err != nil {
				t.Fatal(err)
			}
			o, err := p.Open(d.central)
			if err != nil {
				t.Fatal(err)
			}
			if err := o.VerifyWith(d.device.Public(), officers); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}
