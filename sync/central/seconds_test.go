package central_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// doubtful is an approval that needs a second pair of eyes.
func doubtful(k *centraltest.Counter, p *centraltest.Phone) wire.Second {
	d := k.Approval(p)
	d.Face.Band, d.Face.Score, d.Override = "doubtful", 0.5, []string{"doubtful"}
	return wire.Second{Decision: d, Name: "SRI CONTOH", Born: time.Date(1992, 5, 5, 0, 0, 0, 0, time.UTC), Photo: centraltest.JPEG()}
}

// sealed seals s for this counter's central.
func sealed(t *testing.T, k *centraltest.Counter, s wire.Second) []byte {
	t.Helper()
	for _, r := range k.Policy().Recipients {
		if r.Name == "central" {
			b, err := wire.SealSecond(s, wire.Recipient{KID: r.KID, Public: r.Public})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
	t.Fatal("central has no key")
	return nil
}

// signed is a supervisor's signature over what was asked.
func signed(t *testing.T, k *centraltest.Counter, s wire.Second) wire.SecondAnswer {
	t.Helper()
	payload, err := s.Payload(k.ID)
	if err != nil {
		t.Fatal(err)
	}
	cose, err := k.Officer.Approve(wire.AsSupervisor, payload)
	if err != nil {
		t.Fatal(err)
	}
	return wire.SecondAnswer{Device: s.Decision.Device, Packet: s.Decision.Packet.String(), Certificate: k.Officer.Cert, Signature: cose}
}

// remote is a supervisor's signature that came from another desk.
func remote(t *testing.T, s wire.Second, st wire.SecondState) wire.Given {
	t.Helper()
	payload, err := s.Payload(st.Supervisor)
	if err != nil {
		t.Fatal(err)
	}
	return wire.Given{Signature: wire.Signature{Certificate: st.Certificate, COSE: st.Signature}, Payload: payload}
}

// TestSecondSignature: a supervisor at another counter sees the request, looks,
// signs the same payload, and the officer's counter completes the decision,
// which central takes.
func TestSecondSignature(t *testing.T) {
	ctx := context.Background()
	c := centraltest.Start(t)
	c.Records(sample(nik))
	officer, boss := c.Counter("petugas-1", wire.RoleOfficer), c.Counter("kasi-1", wire.RoleSupervisor)
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	s := doubtful(officer, p)
	if r := officer.Send(officer.Seal(s.Decision, nil)); r[0].Result != wire.ResultRefused || r[0].Reason != "PERLU_ATASAN" {
		t.Fatalf("control: alone: %+v", r[0])
	}
	s.Decision.Packet = wire.NewPacketID()
	s.Decision.Presentation = p.Present()
	id := s.Decision.Packet
	st, err := officer.Client.AskSecond(ctx, id, sealed(t, officer, s))
	if err != nil || st.Stage != wire.SecondWaiting {
		t.Fatalf("%+v, %v", st, err)
	}
	if again, err := officer.Client.AskSecond(ctx, id, sealed(t, officer, s)); err != nil || again.Stage != wire.SecondWaiting {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	list, err := boss.Client.Reviews(ctx)
	if err != nil || len(list.Reviews) != 1 || list.Reviews[0].Kind != wire.ReviewSecond || list.Reviews[0].Officer != "petugas-1" || list.Reviews[0].Causes[0] != "doubtful" {
		t.Fatalf("%+v, %v", list, err)
	}
	ref := wire.SecondRef{Device: officer.Device.Device, Packet: id.String()}
	look, err := boss.Client.Review(ctx, ref)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := wire.DecodeSecond(look.Second)
	if err != nil || seen.Name != "SRI CONTOH" || seen.Decision.NIK != nik || len(seen.Photo) == 0 {
		t.Fatalf("%+v, %v", seen, err)
	}
	if st, err = officer.Client.SecondState(ctx, id); err != nil || st.Stage != wire.SecondLooked {
		t.Errorf("%+v, %v", st, err)
	}
	if _, err := boss.Client.AnswerSecond(ctx, signed(t, boss, seen)); err != nil {
		t.Fatal(err)
	}
	if st, err = officer.Client.SecondState(ctx, id); err != nil || st.Stage != wire.SecondSigned || st.Supervisor != "kasi-1" {
		t.Fatalf("%+v, %v", st, err)
	}
	s.Decision.Supervisor = st.Supervisor
	if r := officer.Send(officer.Seal(s.Decision, remote(t, s, st))); r[0].Result != wire.ResultAccepted {
		t.Errorf("%+v", r[0])
	}
	if list, err = boss.Client.Reviews(ctx); err != nil || len(list.Reviews) != 0 {
		t.Errorf("afterwards: %+v, %v", list, err)
	}
	if _, err := boss.Client.AnswerSecond(ctx, signed(t, boss, seen)); code(err) != wire.CodeReviewOver {
		t.Errorf("answered twice: %v", err)
	}
}

// TestSecondRefusals: who may not ask, look or sign. Each is a way round the
// second person.
func TestSecondRefusals(t *testing.T) {
	ctx := context.Background()
	c, ahead := moving(t)
	c.Records(sample(nik))
	officer, colleague := c.Counter("petugas-1", wire.RoleOfficer), c.Counter("petugas-2", wire.RoleOfficer)
	serving, boss := c.Counter("kasi-1", wire.RoleSupervisor), c.Counter("kasi-2", wire.RoleSupervisor)
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	s, own := doubtful(officer, p), doubtful(serving, p)
	id := s.Decision.Packet
	if _, err := officer.Client.AskSecond(ctx, id, sealed(t, officer, own)); code(err) != wire.CodeBadRequest {
		t.Errorf("another device's case: %v", err)
	}
	foreign := s
	foreign.Decision.Officer = "petugas-2"
	if _, err := officer.Client.AskSecond(ctx, id, sealed(t, officer, foreign)); code(err) != wire.CodeForbidden {
		t.Errorf("another officer's case: %v", err)
	}
	for k, s := range map[*centraltest.Counter]wire.Second{officer: s, serving: own} {
		if _, err := k.Client.AskSecond(ctx, s.Decision.Packet, sealed(t, k, s)); err != nil {
			t.Fatal(err)
		}
	}
	ref := wire.SecondRef{Device: officer.Device.Device, Packet: id.String()}
	if _, err := colleague.Client.Reviews(ctx); code(err) != wire.CodeForbidden {
		t.Errorf("an officer sees the supervisor's queue: %v", err)
	}
	if _, err := colleague.Client.Review(ctx, ref); code(err) != wire.CodeForbidden {
		t.Errorf("an officer looks: %v", err)
	}
	if _, err := colleague.Client.AnswerSecond(ctx, signed(t, colleague, s)); code(err) != wire.CodeForbidden {
		t.Errorf("an officer signs as supervisor: %v", err)
	}
	if _, err := colleague.Client.SettleHeld(ctx, wire.HeldSettle{Device: ref.Device, Packet: ref.Packet, Release: true}); code(err) != wire.CodeForbidden {
		t.Errorf("an officer releases: %v", err)
	}
	if _, err := colleague.Client.WithdrawSecond(ctx, id); code(err) != wire.CodeReviewOver {
		t.Errorf("another counter withdraws: %v", err)
	}
	// A supervisor who serves is the officer of that case.
	mine := wire.SecondRef{Device: serving.Device.Device, Packet: own.Decision.Packet.String()}
	if _, err := serving.Client.Review(ctx, mine); code(err) != wire.CodeSamePerson {
		t.Errorf("looks at the own case: %v", err)
	}
	if _, err := serving.Client.AnswerSecond(ctx, wire.SecondAnswer{Device: mine.Device, Packet: mine.Packet, Certificate: serving.Officer.Cert, Signature: []byte{1}}); code(err) != wire.CodeSamePerson {
		t.Errorf("signs the own case: %v", err)
	}
	if list, err := serving.Client.Reviews(ctx); err != nil || len(list.Reviews) != 1 || list.Reviews[0].Packet != id.String() {
		t.Errorf("the own case is in the queue: %+v, %v", list, err)
	}
	// Signatures that are none.
	other := s
	other.Decision.NIK = "1702124505920099"
	bad := map[string]wire.SecondAnswer{"over another decision": signed(t, boss, other), "with another's certificate": signed(t, boss, s), "in the officer's capacity": signed(t, boss, s)}
	a := bad["with another's certificate"]
	a.Certificate = serving.Officer.Cert
	bad["with another's certificate"] = a
	payload, err := s.Payload(boss.ID)
	if err != nil {
		t.Fatal(err)
	}
	a = bad["in the officer's capacity"]
	if a.Signature, err = boss.Officer.Approve(wire.AsOfficer, payload); err != nil {
		t.Fatal(err)
	}
	bad["in the officer's capacity"] = a
	for name, a := range bad {
		if _, err := boss.Client.AnswerSecond(ctx, a); code(err) != wire.CodeBadRequest {
			t.Errorf("signature %s: %v", name, err)
		}
	}
	if st, err := boss.Client.AnswerSecond(ctx, wire.SecondAnswer{Device: ref.Device, Packet: ref.Packet, Reason: "WAJAH_TIDAK_COCOK"}); err != nil || st.Stage != wire.SecondDeclined {
		t.Errorf("declined: %+v, %v", st, err)
	}
	if st, err := officer.Client.SecondState(ctx, id); err != nil || st.Stage != wire.SecondDeclined || st.Reason != "WAJAH_TIDAK_COCOK" || st.Name == "" {
		t.Errorf("the officer hears: %+v, %v", st, err)
	}
	ahead.Store(int64(wire.SecondLife + time.Minute))
	if _, err := boss.Client.Review(ctx, mine); code(err) != wire.CodeReviewOver {
		t.Errorf("after its time: %v", err)
	}
	if st, err := serving.Client.SecondState(ctx, own.Decision.Packet); err != nil || st.Stage != wire.SecondExpired {
		t.Errorf("after its time: %+v, %v", st, err)
	}
	// The control: the same person's signature verifies but for who it is.
	if _, err := own.VerifySecond(serving.ID, wire.Signature{}, token.Keys()); !errors.Is(err, wire.ErrSamePerson) {
		t.Errorf("control: %v", err)
	}
}

// TestHeldPackets: what central holds goes on, or not, by a supervisor who is
// another person, and the counter hears of it.
func TestHeldPackets(t *testing.T) {
	ctx := context.Background()
	c := centraltest.Start(t)
	c.Records(sample(nik), sample("1702124505920098"))
	officer, boss := c.Counter("petugas-1", wire.RoleOfficer), c.Counter("kasi-1", wire.RoleSupervisor)
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	first := officer.Approval(p)
	refuse := first
	refuse.Packet, refuse.Kind, refuse.Reason, refuse.Face = wire.NewPacketID(), "decline", "TIDAK_INGIN", nil
	again, third := first, first
	again.Packet, third.Packet = wire.NewPacketID(), wire.NewPacketID()
	r := officer.Send(officer.Seal(refuse, nil), officer.Seal(again, nil), officer.Seal(third, nil))
	if r[0].Result != wire.ResultAccepted || r[1].Result != wire.ResultHeld || r[2].Result != wire.ResultHeld {
		t.Fatalf("%+v", r)
	}
	list, err := boss.Client.Reviews(ctx)
	if err != nil || len(list.Reviews) != 2 || list.Reviews[0].Kind != wire.ReviewHeld || list.Reviews[0].Causes[0] != "KODE_TERPAKAI" {
		t.Fatalf("%+v, %v", list, err)
	}
	look, err := boss.Client.Review(ctx, wire.SecondRef{Device: officer.Device.Device, Packet: again.Packet.String()})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := wire.DecodeSecond(look.Second); err != nil || s.Decision.NIK != nik || s.Name != sample(nik).Name {
		t.Errorf("%+v, %v", s, err)
	}
	out, err := boss.Client.SettleHeld(ctx, wire.HeldSettle{Device: officer.Device.Device, Packet: again.Packet.String(), Release: true})
	if err != nil || out.Result != wire.ResultAccepted {
		t.Fatalf("%+v, %v", out, err)
	}
	out, err = boss.Client.SettleHeld(ctx, wire.HeldSettle{Device: officer.Device.Device, Packet: third.Packet.String()})
	if err != nil || out.State != wire.StateRefused || out.Next == "" {
		t.Fatalf("%+v, %v", out, err)
	}
	if _, err := boss.Client.SettleHeld(ctx, wire.HeldSettle{Device: officer.Device.Device, Packet: again.Packet.String(), Release: true}); code(err) != wire.CodeReviewOver {
		t.Errorf("released twice: %v", err)
	}
	c.AwaitMail(0) // the code follows from the release
	events, err := officer.Client.Events(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]wire.State{}
	for _, e := range events.Events {
		if e.State == wire.StateAccepted || e.State == wire.StateRefused {
			seen[e.Packet] = e.State
		}
	}
	if seen[again.Packet.String()] != wire.StateAccepted || seen[third.Packet.String()] != wire.StateRefused {
		t.Errorf("events: %v", seen)
	}
	if d := officer.Send(officer.Seal(again, nil)); d[0].Result != wire.ResultConflict && d[0].Result != wire.ResultDuplicate {
		t.Errorf("sent once more: %+v", d)
	}
}
