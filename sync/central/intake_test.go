package central_test

import (
	"bytes"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// desk is a central with a counter and one recorded citizen.
type desk struct {
	*centraltest.Central
	counter *centraltest.Counter
}

func newDesk(t *testing.T, records ...wire.Record) desk {
	t.Helper()
	c := centraltest.Start(t)
	c.Records(append(records, sample(nik))...)
	return desk{c, c.Counter("petugas-1", wire.RoleOfficer)}
}

// phone registers a phone for a NIK.
func (d desk) phone(t *testing.T, nik string) *centraltest.Phone {
	t.Helper()
	p := d.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestIntakeJudgesByTheRecord(t *testing.T) {
	record := func(last string, change func(*wire.Record)) wire.Record {
		r := sample("17021245059200" + last)
		change(&r)
		return r
	}
	child := record("11", func(r *wire.Record) { r.Born = time.Now().AddDate(-17, 0, 1).Format(time.DateOnly) })
	seventeen := record("12", func(r *wire.Record) { r.Born = time.Now().AddDate(-17, 0, -1).Format(time.DateOnly) })
	married := record("13", func(r *wire.Record) { r.Born, r.Married = time.Now().AddDate(-16, 0, 0).Format(time.DateOnly), true })
	unrecorded := record("14", func(r *wire.Record) { r.Recorded = false })
	dead := record("15", func(r *wire.Record) { r.NIKStatus = wire.NIKInactive })
	doubled := record("16", func(r *wire.Record) { r.NIKStatus = wire.NIKProblem })
	active := record("17", func(r *wire.Record) { r.IKD = wire.IKDActive })
	blocked := record("18", func(r *wire.Record) { r.IKD = wire.IKDBlocked })
	d := newDesk(t, child, seventeen, married, unrecorded, dead, doubled, active, blocked)
	supervisor := d.Central.Counter("kasi-1", wire.RoleSupervisor).Officer
	plain := func(*wire.Decision) {}
	second := func(w *wire.Decision) { w.Supervisor = "kasi-1" }
	moved := func(w *wire.Decision) {
		w.Face.Attempts = []wire.Attempt{{At: w.At, Score: 0.7, Band: "match"}}
		w.Face.Live = &wire.Live{Outcome: "passed", Challenges: []wire.Challenge{{At: w.At, Attempt: 1, Steps: []string{"turn-left", "come-closer", "turn-right"}, Done: 3, Passed: true}}}
	}
	tests := []struct {
		name   string
		nik    string
		change func(*wire.Decision)
		result wire.Result
		reason string
	}{
		{"a good approval", nik, plain, wire.ResultAccepted, ""},
		{"17 years yesterday", seventeen.NIK, plain, wire.ResultAccepted, ""},
		{"16 and married", married.NIK, plain, wire.ResultAccepted, ""},
		{"17 years tomorrow", child.NIK, plain, wire.ResultRefused, "DI_BAWAH_17"},
		{"nobody recorded", "1702124505920099", plain, wire.ResultRefused, "BELUM_REKAM"},
		{"biometrics not recorded", unrecorded.NIK, plain, wire.ResultRefused, "BELUM_REKAM"},
		{"NIK not active", dead.NIK, plain, wire.ResultRefused, "NIK_TIDAK_AKTIF"},
		{"data in doubt", doubled.NIK, plain, wire.ResultRefused, "DATA_BERMASALAH"},
		{"active elsewhere", active.NIK, plain, wire.ResultRefused, "SUDAH_AKTIF"},
		{"active elsewhere, moved", active.NIK, func(w *wire.Decision) { w.Kind = "reactivate" }, wire.ResultAccepted, ""},
		{"blocked", blocked.NIK, plain, wire.ResultRefused, "DIBLOKIR"},
		{"blocked, reactivated alone", blocked.NIK, func(w *wire.Decision) { w.Kind = "reactivate" }, wire.ResultRefused, "DIBLOKIR"},
		{"blocked, reactivated by two", blocked.NIK, func(w *wire.Decision) { w.Kind = "reactivate"; second(w) }, wire.ResultAccepted, ""},
		{"no presentation", nik, func(w *wire.Decision) { w.Presentation = nil }, wire.ResultRefused, "KODE_TIDAK_SAH"},
		{"another's NIK", nik, func(w *wire.Decision) { w.NIK = active.NIK }, wire.ResultRefused, "KODE_TIDAK_SAH"},
		{"another address", nik, func(w *wire.Decision) { w.Email = "lain@contoh.id" }, wire.ResultRefused, "KODE_TIDAK_SAH"},
		{"decided two days after the scan", nik, func(w *wire.Decision) { w.At = w.At.Add(48 * time.Hour) }, wire.ResultRefused, "KODE_TIDAK_SAH"},
		{"no consent", nik, func(w *wire.Decision) { w.Consent = wire.Consent{How: "none"} }, wire.ResultRefused, "TANPA_PERSETUJUAN"},
		{"contact not confirmed", nik, func(w *wire.Decision) { w.Contact = false }, wire.ResultRefused, "TANPA_PERSETUJUAN"},
		{"no match", nik, func(w *wire.Decision) { w.Face.Band = "no-match"; second(w) }, wire.ResultRefused, "WAJAH_TIDAK_COCOK"},
		{"doubtful, alone", nik, func(w *wire.Decision) { w.Face.Band = "doubtful" }, wire.ResultRefused, "PERLU_ATASAN"},
		{"doubtful, by two", nik, func(w *wire.Decision) { w.Face.Band = "doubtful"; second(w) }, wire.ResultAccepted, ""},
		{"compared by eye, alone", nik, func(w *wire.Decision) { w.Face = nil }, wire.ResultRefused, "PERLU_ATASAN"},
		{"unmeasured thresholds, alone", nik, func(w *wire.Decision) { w.Face.Limits.Measured = false }, wire.ResultRefused, "PERLU_ATASAN"},
		{"near another's face, alone", nik, func(w *wire.Decision) { w.Face.Near = true }, wire.ResultRefused, "PERLU_ATASAN"},
		{"moved as asked", nik, moved, wire.ResultAccepted, ""},
		{"moved as asked, another face before", nik, func(w *wire.Decision) { moved(w); w.Face.Live.Challenges[0].Attempt = 2 }, wire.ResultRefused, "PERLU_ATASAN"},
		{"moved, but not all of it", nik, func(w *wire.Decision) { moved(w); w.Face.Live.Challenges[0].Done = 2 }, wire.ResultRefused, "PERLU_ATASAN"},
		{"asked for nothing, and passed", nik, func(w *wire.Decision) { moved(w); w.Face.Live.Challenges[0].Steps = nil }, wire.ResultRefused, "PERLU_ATASAN"},
		{"failed to move, alone", nik, func(w *wire.Decision) { moved(w); w.Face.Live.Challenges[0].Passed = false }, wire.ResultRefused, "PERLU_ATASAN"},
		{"failed to move, by two", nik, func(w *wire.Decision) { moved(w); w.Face.Live.Challenges[0].Passed = false; second(w) }, wire.ResultAccepted, ""},
		{"can't move, alone", nik, func(w *wire.Decision) { w.Face.Live = &wire.Live{Outcome: "waived", Why: "cannot-move"} }, wire.ResultRefused, "PERLU_ATASAN"},
		{"can't move, by two", nik, func(w *wire.Decision) { w.Face.Live = &wire.Live{Outcome: "waived", Why: "cannot-move"}; second(w) }, wire.ResultAccepted, ""},
		{"no match, old photo, alone", nik, func(w *wire.Decision) { w.Face.Band, w.Face.Reference.Weak = "no-match", []string{"old"} }, wire.ResultRefused, "WAJAH_TIDAK_COCOK"},
		{"no match, old photo, by two", nik, func(w *wire.Decision) {
			w.Face.Band, w.Face.Reference.Weak = "no-match", []string{"old"}
			second(w)
		}, wire.ResultAccepted, ""},
		{"a check failed, alone", nik, func(w *wire.Decision) { w.Checks[0].OK = false }, wire.ResultRefused, "PERLU_ATASAN"},
		{"uncertain clock, alone", nik, func(w *wire.Decision) { w.Unsure = true }, wire.ResultRefused, "PERLU_ATASAN"},
		{"from a training", nik, func(w *wire.Decision) { w.Train = true }, wire.ResultRefused, "LATIHAN"},
		{"a kind that nobody knows", nik, func(w *wire.Decision) { w.Kind = "maybe" }, wire.ResultPoison, "TIDAK_TERBACA"},
		{"a refusal", nik, func(w *wire.Decision) { w.Kind, w.Reason, w.Face = "refuse", "WAJAH_TIDAK_COCOK", nil }, wire.ResultAccepted, ""},
		{"a refusal without a code", nik, func(w *wire.Decision) { w.Kind, w.Reason, w.Presentation = "refuse", "KODE_TIDAK_SAH", nil }, wire.ResultAccepted, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := d.phone(t, tt.nik)
			w := d.counter.Approval(p)
			tt.change(&w)
			var by wire.Approver
			if w.Supervisor != "" {
				by = supervisor
			}
			packet := d.counter.Seal(w, by)
			got := d.counter.Send(packet)[0]
			if got.Result != tt.result || got.Reason != tt.reason {
				t.Errorf("%s %s, want %s %s", got.Result, got.Reason, tt.result, tt.reason)
			}
			if got.Result != wire.ResultAccepted && got.Next == "" {
				t.Errorf("%s has no next step", got.Reason)
			}
			if again := d.counter.Send(packet)[0]; again.Result != wire.ResultDuplicate || again.Packet != packet.ID().String() {
				t.Errorf("again: %+v", again)
			}
		})
	}
}

func TestIntakeBelievesNobody(t *testing.T) {
	d := newDesk(t)
	other := d.Central.Counter("petugas-9", wire.RoleOfficer)
	good := d.counter.Seal(d.counter.Approval(d.phone(t, nik)), nil)
	changed := bytes.Clone(good.Bytes)
	changed[len(changed)-80] ^= 1
	foreign := d.counter.Approval(d.phone(t, nik))
	foreign.Officer = "petugas-9"
	theirs := *d.counter
	theirs.Officer = other.Officer // certified for another device
	alone := d.counter.Approval(d.phone(t, nik))
	alone.Supervisor = "kasi-9"
	junior := d.Central.Counter("kasi-9", wire.RoleOfficer).Officer
	tests := []struct {
		name   string
		bytes  []byte
		result wire.Result
		status int
	}{
		{"no packet at all", []byte("halo"), wire.ResultPoison, 400},
		{"a byte changed", changed, wire.ResultPoison, 400},
		{"an officer's certificate for another device", theirs.Seal(foreign, nil).Bytes, wire.ResultPoison, 400},
		{"an officer as supervisor", d.counter.Seal(alone, junior).Bytes, wire.ResultPoison, 400},
		{"the good one, through another counter", good.Bytes, wire.ResultAccepted, 201},
		{"the good one again", good.Bytes, wire.ResultDuplicate, 200},
	}
	for _, tt := range tests {
		out, err := other.Client.Packets(t.Context(), [][]byte{tt.bytes})
		if err != nil {
			t.Fatal(err)
		}
		if got := out.Results[0]; got.Result != tt.result || got.Status != tt.status {
			t.Errorf("%s: %+v, want %s", tt.name, got, tt.result)
		}
	}
	if got := d.Rows().Tables["codes"]; got != 1 {
		t.Errorf("%d codes, want 1", got)
	}
}

func TestSameIDWithAnotherBodyIsAConflict(t *testing.T) {
	d := newDesk(t)
	w := d.counter.Approval(d.phone(t, nik))
	first, second := d.counter.Seal(w, nil), d.counter.Seal(w, nil) // sealed twice: other bytes
	got := d.counter.Send(first, second, first)
	for i, want := range []int{201, 409, 200} {
		if got[i].Status != want {
			t.Errorf("packet %d: %+v, want %d", i, got[i], want)
		}
	}
}

func TestSecondPacketWithTheSamePresentationIsHeld(t *testing.T) {
	d := newDesk(t)
	p := d.phone(t, nik)
	w := d.counter.Approval(p)
	again := w
	again.Packet = wire.NewPacketID()
	other := d.counter.Approval(p) // another presentation of the same phone
	got := d.counter.Send(d.counter.Seal(w, nil), d.counter.Seal(again, nil), d.counter.Seal(other, nil))
	if got[0].Result != wire.ResultAccepted || got[1].Result != wire.ResultHeld || got[1].Reason != "KODE_TERPAKAI" || got[2].Result != wire.ResultAccepted {
		t.Errorf("got %+v", got)
	}
}

func TestCancel(t *testing.T) {
	t.Run("before the code is used", func(t *testing.T) {
		d := newDesk(t)
		p := d.phone(t, nik)
		w := d.counter.Approval(p)
		d.counter.Send(d.counter.Seal(w, nil))
		secret := d.AwaitMail(0).Code()
		if got := d.counter.Send(d.counter.Seal(cancelOf(w), nil))[0]; got.Result != wire.ResultAccepted {
			t.Fatalf("cancel: %+v", got)
		}
		if err := p.Activate(secret); code(err) != wire.CodeActivationEnded {
			t.Errorf("the code after the cancel: %v", err)
		}
		if got := p.State(); got != wire.ProgressCancelled {
			t.Errorf("state %s", got)
		}
	})
	t.Run("of an active IKD", func(t *testing.T) {
		d := newDesk(t)
		p := d.phone(t, nik)
		w := d.counter.Approval(p)
		d.counter.Send(d.counter.Seal(w, nil))
		if err := p.Activate(d.AwaitMail(0).Code()); err != nil {
			t.Fatal(err)
		}
		if err := p.SetPIN("258025"); err != nil {
			t.Fatal(err)
		}
		d.counter.Send(d.counter.Seal(cancelOf(w), nil))
		ask, card := p.Subject(), wire.CardResponse{}
		if err := p.Ask(wire.PathCard, wire.PurposeCard, &ask, &card); code(err) != wire.CodeNotNow {
			t.Errorf("the card after the cancel: %v", err)
		}
		if got := d.Rows().Registrations[0].IKD; got != string(wire.IKDNone) {
			t.Errorf("IKD %s", got)
		}
	})
	t.Run("that overtakes its approval", func(t *testing.T) {
		d := newDesk(t)
		p := d.phone(t, nik)
		w := d.counter.Approval(p)
		late := d.counter.Seal(cancelOf(w), nil)
		if got := d.counter.Send(late)[0]; got.Result != wire.ResultHeld {
			t.Fatalf("cancel: %+v", got)
		}
		d.counter.Send(d.counter.Seal(w, nil))
		if got := p.State(); got != wire.ProgressCancelled {
			t.Errorf("state %s", got)
		}
		if got := d.Rows().Tables["codes"]; got != 0 {
			t.Errorf("%d codes", got)
		}
		if got := d.counter.Send(late)[0]; got.State != wire.StateAccepted {
			t.Errorf("the cancel again: %+v", got)
		}
	})
}

func TestSecondPhoneEndsTheFirst(t *testing.T) {
	d := newDesk(t)
	first, second := d.phone(t, nik), d.phone(t, nik)
	d.counter.Send(d.counter.Seal(d.counter.Approval(first), nil))
	early := d.AwaitMail(0).Code()
	d.counter.Send(d.counter.Seal(d.counter.Approval(second), nil))
	if err := first.Activate(early); code(err) != wire.CodeActivationEnded {
		t.Errorf("the first phone's code: %v", err)
	}
	if err := second.Activate(d.AwaitMail(1).Code()); err != nil {
		t.Fatal(err)
	}
	if err := second.SetPIN("258025"); err != nil {
		t.Fatal(err)
	}
	if first.State() != wire.ProgressCancelled || second.State() != wire.ProgressActive {
		t.Errorf("first %s, second %s", first.State(), second.State())
	}
}

func TestBlockEndsTheIKDEverywhere(t *testing.T) {
	d := newDesk(t)
	p := d.phone(t, nik)
	d.counter.Send(d.counter.Seal(d.counter.Approval(p), nil))
	if err := p.Activate(d.AwaitMail(0).Code()); err != nil {
		t.Fatal(err)
	}
	if err := p.SetPIN("258025"); err != nil {
		t.Fatal(err)
	}
	w := d.counter.Approval(d.phone(t, nik))
	w.Kind, w.Reason = "block", "DICURIGAI"
	if got := d.counter.Send(d.counter.Seal(w, nil))[0]; got.Result != wire.ResultAccepted {
		t.Fatalf("block: %+v", got)
	}
	if got := p.State(); got != wire.ProgressBlocked {
		t.Errorf("state %s", got)
	}
	if got := d.Rows().States["records"]["blocked"]; got != 1 {
		t.Errorf("%d blocked records", got)
	}
}

func TestPacketForAKeyThatCentralLacksIsHeld(t *testing.T) {
	d := newDesk(t)
	key, err := wire.NewSealKey()
	if err != nil {
		t.Fatal(err)
	}
	to, err := wire.NewRecipient(key.PublicKey().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	w := d.counter.Approval(d.phone(t, nik))
	packet, err := wire.Seal(wire.Sealing{Decision: w, Position: wire.Position{Epoch: 1, Seq: 1}, Device: d.counter.Key, Officer: d.counter.Officer,
		Recipients: []wire.Recipient{to}})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.counter.Send(packet)[0]; got.Result != wire.ResultHeld || got.Reason != "KUNCI_TIDAK_ADA" {
		t.Errorf("got %+v", got)
	}
}

func TestOnePacketThatCentralCannotKeepBlocksNobody(t *testing.T) {
	d := newDesk(t)
	bad, good := d.counter.Approval(d.phone(t, nik)), d.counter.Approval(d.phone(t, nik))
	first, second := d.counter.Seal(bad, nil), d.counter.Seal(good, nil)
	if err := d.Home.Refuse(t.Context(), first.ID()); err != nil {
		t.Fatal(err)
	}
	got := d.counter.Send(first, second)
	if got[0].Result != wire.ResultLater || got[0].Packet != first.ID().String() || got[1].Result != wire.ResultAccepted {
		t.Errorf("got %+v", got)
	}
	if _, err := d.counter.Client.Packets(t.Context(), [][]byte{first.Bytes}); err == nil {
		t.Error("alone it is central's own fault, and was accepted")
	}
	if err := d.Home.Refuse(t.Context(), wire.PacketID{}); err != nil {
		t.Fatal(err)
	}
	if got := d.counter.Send(first)[0]; got.Result != wire.ResultAccepted {
		t.Errorf("after the trouble: %+v", got)
	}
}

// Where the policy asks everybody to move, an approval without it needs a
// supervisor at central too. The control: the same packet under a policy that
// leaves it to the counter.
func TestPolicyAsksForTheChallenge(t *testing.T) {
	for _, c := range []struct {
		liveness string
		want     wire.Result
	}{{wire.LivenessAlways, wire.ResultRefused}, {wire.LivenessWhere, wire.ResultAccepted}, {wire.LivenessOff, wire.ResultAccepted}} {
		t.Run("liveness "+c.liveness, func(t *testing.T) {
			d := newDesk(t)
			p, err := d.Central.Home.Policy(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			p.Liveness = c.liveness
			if _, err := d.Central.Home.SetPolicy(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			w := d.counter.Approval(d.phone(t, nik))
			if got := d.counter.Send(d.counter.Seal(w, nil))[0]; got.Result != c.want {
				t.Errorf("%+v, want %s", got, c.want)
			}
			p.Liveness = "sometimes"
			if _, err := d.Central.Home.SetPolicy(t.Context(), p); err == nil {
				t.Error("a policy that means nothing was signed")
			}
		})
	}
}
