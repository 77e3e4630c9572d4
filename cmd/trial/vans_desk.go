package main

import (
	"crypto/ecdh"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"loket/app/activation"
	"loket/scanner/token"
	"loket/sync/clock"
	"loket/sync/ledger"
	"loket/sync/roster"
	"loket/sync/vault"
	"loket/sync/wire"
)

// shown is a code of the counter and the key to what phones seal to it.
type shown struct {
	code token.CounterCode
	key  *ecdh.PrivateKey
}

// scanned is what the counter makes of a code: cmd/kiosk's tokens.code.
type scanned struct {
	valid, fresh bool
	doubt        clock.Doubt
	verdict      token.Verdict
	why          token.Reason
}

// scan verifies a text as the counter does, with the ledger's memory of codes.
func (v *van) scan(text string) scanned {
	w := token.Verifier{Trust: v.trust, Replay: v.ledger}
	if v.shown != nil && !v.now().After(v.shown.code.Expires) {
		w.Audience, w.SessionKey = v.shown.code.Audience(), v.shown.key
	}
	out := scanned{verdict: w.Verify(text, v.now())}
	if at, ok := out.verdict.Vouched(); ok {
		v.clock.NotBefore(at)
	}
	_, out.doubt = v.clock.Check()
	out.valid, out.why = out.verdict.Valid, out.verdict.Failed().Reason
	out.fresh = out.doubt.Fresh(out.verdict.Kind == token.KindSealed) || v.w.guards.noClock
	return out
}

// counterCode shows a new code; nil where the citizen's phone does not take it.
func (v *van) counterCode(c *citizen) *token.CounterCode {
	code, key, err := token.NewCounter(v.device.Device, v.device.Office, v.device.Certificate, v.vault.Device(), v.now())
	must(err)
	v.shown = &shown{code, key}
	phone := v.w.now.Add(c.skew)
	if _, err := token.OpenCounter(code.Text, v.trust.Lookup(token.UseDevice, phone), phone); err != nil {
		return nil
	}
	return &code
}

// logIn types a PIN at the log-in screen.
func (v *van) logIn(officer, pin string) error {
	s, err := v.vault.LogIn(v.w.ctx, officer, pin)
	if err != nil {
		return err
	}
	v.officer = s
	v.typed[officer] = true
	if v.w.guards.keepKey {
		v.kept, err = s.Signer()
		must(err)
	}
	return nil
}

// lock is the screen's lock: nobody's PIN counts any more.
func (v *van) lock() {
	v.officer.Lock()
	clear(v.typed)
}

// enrolled reads a record: from central, else from the roster.
func (v *van) enrolled(c *citizen, s scanned) (source string) {
	var audience []byte
	if v.shown != nil {
		audience = v.shown.code.Audience()
	}
	if s.verdict.Presentation != nil {
		if r, err := v.central.Record(v.w.ctx, s.verdict.Presentation.Raw, audience); err == nil && r.Found && r.Record.NIK == c.nik() {
			return "central"
		}
	}
	f, err := v.roster.Get(v.w.ctx, v.officer, c.nik())
	switch {
	case errors.Is(err, roster.ErrNotFound), errors.Is(err, roster.ErrClock): // nobody, or locked: turned away
		return ""
	case err != nil:
		must(err)
	case f.Record.NIK != c.nik():
		v.w.breach("roster", "%s: the record of another", v.name)
	}
	if f.Old(v.now(), v.policy.Offline.RosterDays) {
		v.w.tally.OldRecords++
	}
	return "roster"
}

// decided is a decision as the world knows it.
type decided struct {
	c       *citizen
	id      wire.PacketID
	bytes   []byte
	kind    string
	van     *van
	acked   bool // the screen said "tersimpan"
	undone  bool
	trusted bool // officer, and supervisor where there is one, had typed their PINs
	unsure  bool
}

// draft keeps a case as it is now, sealed.
func (v *van) draft(c *citizen) {
	plain, err := json.Marshal(c.record())
	must(err)
	body := plain
	if !v.w.guards.clearDrafts {
		body, err = v.officer.Seal("draft/"+c.session(), plain)
		must(err)
	}
	must(v.ledger.SaveDraft(v.w.ctx, ledger.Draft{Session: c.session(), Officer: v.officer.Officer().ID, Body: body}))
}

func (c *citizen) session() string { return fmt.Sprintf("kasus-%d", c.n) }

// seal makes the packet of a decision with the officer's key.
func (v *van) seal(c *citizen, kind string, s scanned, source string, second *vault.Session, cancels *wire.PacketID) (wire.Packet, *decided, error) {
	now, doubt := v.clock.Check()
	at := now.UTC().Truncate(time.Second)
	officer := v.officer.Officer().ID
	d := wire.Decision{Packet: wire.NewPacketID(), Session: c.session(), Kind: kind, At: at, Zone: v.zone, Unsure: doubt != clock.None && !v.w.guards.noClock,
		Office: v.device.Office, Counter: v.device.Counter, Device: v.device.Device, Officer: officer, Registration: c.registration,
		NIK: c.nik(), Email: c.email(), Number: c.number(), Consent: wire.Consent{How: "spoken", At: at}, Contact: true, Source: source, Cancels: cancels}
	out := &decided{c: c, id: d.Packet, kind: kind, van: v, trusted: v.typed[officer], unsure: d.Unsure}
	if p := s.verdict.Presentation; p != nil && s.valid {
		d.Presentation, d.Audience = p.Raw, p.Audience
		for _, x := range s.verdict.Checks {
			d.Checks = append(d.Checks, wire.Check{Name: x.Name, OK: x.OK, Reason: string(x.Reason)})
		}
	}
	if kind == string(activation.Approve) {
		d.Face = &wire.Face{Metric: "similarity", Score: 0.7, Band: "match", Look: true,
			Limits: wire.Thresholds{Match: 0.553, Doubtful: 0.433, Measured: true}, Reference: wire.Reference{Source: source}}
	}
	var signer wire.Approver = v.officer
	if v.kept != nil && !v.typed[officer] {
		signer = wire.KeyApprover{Key: v.kept, Cert: v.officer.Certificate()}
	}
	sealing := wire.Sealing{Decision: d, Device: v.vault.Device(), Officer: signer}
	if second != nil {
		sealing.Decision.Supervisor, sealing.Supervisor = vanSupervisor, second
		out.trusted = out.trusted && v.typed[vanSupervisor]
		if !s.fresh {
			sealing.Decision.Override = []string{string(activation.CauseClock)}
		}
	}
	var err error
	if sealing.Position, err = v.ledger.Next(v.w.ctx); err != nil {
		return wire.Packet{}, nil, err
	}
	for _, r := range v.policy.Recipients {
		to, err := wire.NewRecipient(r.Public)
		must(err)
		sealing.Recipients = append(sealing.Recipients, to)
	}
	p, err := wire.Seal(sealing)
	if err != nil {
		return wire.Packet{}, nil, err
	}
	out.bytes = p.Bytes
	return p, out, nil
}

// entry is a packet as the ledger takes it.
func (v *van) entry(c *citizen, p wire.Packet, kind string, cancels *wire.PacketID) ledger.Entry {
	e := ledger.Entry{Packet: p, Last4: c.nik()[12:], Decision: kind, Session: c.session(), Cancels: cancels}
	if hashes, err := v.officer.Hashes("nik", c.nik()); err == nil {
		e.Duplicate = hashes[0]
	}
	return e
}

// supervisor has the supervisor type the PIN beside the officer; nil where that
// is refused.
func (v *van) supervisor() *vault.Session {
	s, err := v.vault.LogIn(v.w.ctx, vanSupervisor, vanPIN)
	if err != nil {
		return nil
	}
	v.typed[vanSupervisor] = true
	return s
}
