package central_test

import (
	"errors"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// sample is a recorded citizen who may have an IKD.
func sample(nik string) wire.Record {
	return wire.Record{NIK: nik, Name: "SRI CONTOH", BirthPlace: "CURUP", Born: "1992-05-05", Sex: "P", Address: "JL. CONTOH 1",
		Kelurahan: "PASAR BARU", Kecamatan: "17.02.12", Recorded: true, NIKStatus: wire.NIKActive, IKD: wire.IKDNone,
		Photo: centraltest.JPEG(), PhotoTaken: "2012-03-01"}
}

const nik = "1702124505920001"

// code is the code of a refusal; "" for none.
func code(err error) string {
	var told *wire.Error
	if errors.As(err, &told) {
		return told.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestFromRegistrationToActiveIKD(t *testing.T) {
	c := centraltest.Start(t)
	c.Records(sample(nik))
	k := c.Counter("petugas-1", wire.RoleOfficer)
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	r, err := k.Client.Record(t.Context(), p.Present(), nil)
	if err != nil || !r.Found || r.Record.Name != "SRI CONTOH" || len(r.Record.Photo) == 0 {
		t.Fatalf("record: %v, %v", r.Found, err)
	}
	packet := k.Seal(k.Approval(p), nil)
	if got := k.Send(packet)[0]; got.Result != wire.ResultAccepted || got.Status != 201 {
		t.Fatalf("packet: %+v", got)
	}
	mail := c.AwaitMail(0)
	if mail.To != "sri@contoh.id" || len(mail.Code()) < 6 {
		t.Fatalf("mail to %q has code %q", mail.To, mail.Code())
	}
	if err := p.SetPIN("258025"); code(err) != wire.CodeNotNow {
		t.Errorf("a PIN before the code: %v", err)
	}
	if err := p.Activate(mail.Code()); err != nil {
		t.Fatal(err)
	}
	if err := p.Activate(mail.Code()); code(err) != wire.CodeActivationEnded {
		t.Errorf("the code a second time: %v", err)
	}
	for _, weak := range []string{"123456", "987654", "111111", "121212", "123123", "050592", "920505", "199205", "12345", "1234567", "12345a"} {
		if err := p.SetPIN(weak); code(err) != wire.CodeWeakPIN {
			t.Errorf("weak PIN %s: %v", weak, err)
		}
	}
	if err := p.SetPIN("258025"); err != nil {
		t.Fatal(err)
	}
	var card wire.CardResponse
	ask := p.Subject()
	if err := p.Ask(wire.PathCard, wire.PurposeCard, &ask, &card); err != nil || card.Name != "SRI CONTOH" || card.NIK != nik {
		t.Fatalf("card: %+v, %v", card.Name, err)
	}
	var states []wire.State
	events, err := k.Client.Events(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events.Events {
		if e.Packet != packet.ID().String() {
			t.Errorf("event of packet %s", e.Packet)
		}
		states = append(states, e.State)
	}
	if len(states) != 2 || states[0] != wire.StateMailed || states[1] != wire.StateActivated {
		t.Errorf("events %v, want mailed, activated", states)
	}
	rows := c.Rows()
	got := rows.Registrations[0]
	if got.State != wire.ProgressActive || got.IKD != "active" || got.Access != 1 || got.MessageIDs[0] != mail.MessageID || got.Codes[0] != "used" || got.Packets[0].State != wire.StateActivated {
		t.Errorf("rows: %+v", got)
	}
}

func TestActivationIsBoundToPhoneAndTries(t *testing.T) {
	c := centraltest.Start(t)
	c.Records(sample(nik))
	k := c.Counter("petugas-1", wire.RoleOfficer)
	p, thief := c.Phone(), c.Phone()
	if err := errors.Join(p.Register(nik, "sri@contoh.id"), thief.Register(nik, "budi@contoh.id")); err != nil {
		t.Fatal(err)
	}
	k.Send(k.Seal(k.Approval(p), nil))
	secret := c.AwaitMail(0).Code()
	if err := thief.Activate(secret); code(err) != wire.CodeActivationEnded {
		t.Errorf("the code on another phone: %v", err)
	}
	thief.Registration = p.Registration
	if err := thief.Activate(secret); code(err) != wire.CodeSignature {
		t.Errorf("another phone's signature: %v", err)
	}
	for i := range 5 {
		want := wire.CodeActivation
		if i == 4 {
			want = wire.CodeActivationEnded
		}
		if err := p.Activate("00000000"); code(err) != want {
			t.Errorf("wrong code %d: %v, want %s", i+1, err, want)
		}
	}
	if err := p.Activate(secret); code(err) != wire.CodeActivationEnded {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
	if got := p.State(); got != wire.ProgressExpired {
		t.Errorf("state %s", got)
	}
}

func TestRegistrationAnswersAlikeForEveryNIK(t *testing.T) {
	c := centraltest.Start(t)
	child, blocked := sample("1702120505150001"), sample("1702124505920002")
	child.Born, blocked.IKD = "2015-05-05", wire.IKDBlocked
	c.Records(sample(nik), child, blocked)
	var size int
	for name, n := range map[string]string{"known": nik, "unknown": "1702120505920009", "under age": child.NIK, "blocked": blocked.NIK} {
		p := c.Phone()
		if err := p.Register(n, "sama@contoh.id"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, pin := range []string{"050592", "050515", "258025", "1"} { // dates of birth among them
			if err := p.SetPIN(pin); code(err) != wire.CodeNotNow {
				t.Errorf("%s: PIN %s: %v", name, pin, err)
			}
		}
		if p.State() != wire.ProgressRegistered {
			t.Errorf("%s: state %s", name, p.State())
		}
		if got := len(p.Registration.Credential); size == 0 {
			size = got
		} else if got != size {
			t.Errorf("%s: credential of %d bytes, others have %d", name, got, size)
		}
	}
	if err := c.Phone().Register("17021245", "sri@contoh.id"); code(err) != wire.CodeBadRequest {
		t.Errorf("eight digits: %v", err)
	}
}

func TestSignedRequestWorksOnce(t *testing.T) {
	c := centraltest.Start(t)
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	ask := p.Subject()
	r, err := wire.SignRequest(wire.PurposeState, &ask, time.Now(), p.Key)
	if err != nil {
		t.Fatal(err)
	}
	var s wire.StateResponse
	if err := p.Post(wire.PathState, r, &s); err != nil {
		t.Fatal(err)
	}
	if err := p.Post(wire.PathState, r, &s); code(err) != wire.CodeRequestSeen {
		t.Errorf("a second time: %v", err)
	}
	p.Now = func() time.Time { return time.Now().Add(-10 * time.Minute) }
	if err := p.Ask(wire.PathState, wire.PurposeState, &ask, &s); code(err) != wire.CodeRequestOld {
		t.Errorf("ten minutes old: %v", err)
	}
	p.Now = time.Now
	if err := p.Ask(wire.PathState, wire.PurposeCard, &ask, &s); code(err) != wire.CodeSignature {
		t.Errorf("signed for another purpose: %v", err)
	}
}

func TestCaptchaIsAnsweredOnce(t *testing.T) {
	c := centraltest.Start(t)
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	var q wire.CaptchaResponse
	if err := p.Post(wire.PathCaptchas, struct{}{}, &q); err != nil {
		t.Fatal(err)
	}
	try := func(answer string) string {
		var s wire.StateResponse
		return code(p.Ask(wire.PathActivations, wire.PurposeActivation, &wire.Activation{Ask: p.Subject(), Code: "00000000", Captcha: q.ID, Answer: answer}, &s))
	}
	if got := try("99"); got != wire.CodeCaptcha {
		t.Errorf("wrong answer: %s", got)
	}
	if got := try(centraltest.Answer(q.Question)); got != wire.CodeCaptcha {
		t.Errorf("right answer after a wrong one: %s", got)
	}
	if err := p.Post(wire.PathCaptchas, struct{}{}, &q); err != nil {
		t.Fatal(err)
	}
	if got := try(" " + centraltest.Answer(q.Question) + " "); got != wire.CodeActivationEnded {
		t.Errorf("right answer, no code: %s", got)
	}
}
