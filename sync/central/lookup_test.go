package central_test

import (
	"sync/atomic"
	"testing"
	"time"

	"loket/app/activation"
	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

func TestLookupNeedsCodeAndNIKTogether(t *testing.T) {
	other := sample("1702124505920002")
	d := newDesk(t, other)
	p, theirs := d.phone(t, nik), d.phone(t, other.NIK)
	own := p.Registration.Code
	if _, err := activation.ParseRegistrationCode(own); err != nil {
		t.Fatalf("central's own code %q: %v", own, err)
	}
	tests := []struct {
		name      string
		code, nik string
		want      string
	}{
		{"both right", own, nik, ""},
		{"as it is read aloud", activation.GroupCode(own), nik, ""},
		{"another's code", theirs.Registration.Code, nik, wire.CodeNoRegistration},
		{"another's NIK", own, other.NIK, wire.CodeNoRegistration},
		{"a NIK that nobody has", own, "1702124505920099", wire.CodeNoRegistration},
		{"check digits that are wrong", "0000000000", nik, wire.CodeBadRequest},
		{"a NIK of 15 digits", own, nik[:15], wire.CodeBadRequest},
	}
	counted := 0
	for _, tt := range tests {
		r, err := d.counter.Client.Lookup(t.Context(), tt.code, tt.nik)
		if code(err) != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if tt.want == "" && (r.Registration != p.Registration.Registration || r.Email != "sri@contoh.id" || r.Number == "" || !r.Expires.Equal(p.Registration.Expires)) {
			t.Errorf("%s: %+v", tt.name, r)
		}
		if tt.want != wire.CodeBadRequest {
			counted++
		}
		if rec, err := d.counter.Client.TypedRecord(t.Context(), tt.code, tt.nik); code(err) != tt.want || rec.Found != (tt.want == "") {
			t.Errorf("%s: record %t, %v", tt.name, rec.Found, err)
		}
	}
	// Each look-up is written down, and each record that was shown once more.
	if got, want := d.Rows().Tables["access"], 2*counted+2; got != want {
		t.Errorf("%d entries in the access log, want %d", got, want)
	}
	d.counter.Client.LogOut()
	if _, err := d.counter.Client.Lookup(t.Context(), own, nik); err == nil {
		t.Error("a look-up without an officer")
	}
}

// clock is a time that a test moves.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

func TestTenMissesPauseTheDevice(t *testing.T) {
	var now clock
	c := centraltest.StartWith(t, centraltest.Options{Now: now.now})
	c.Records(sample(nik))
	k, beside := c.Counter("petugas-1", wire.RoleOfficer), c.Counter("petugas-2", wire.RoleOfficer)
	p := c.Phone()
	p.Now = now.now
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	look := func(k *centraltest.Counter, payload int) string {
		text := activation.RegistrationCode(payload)
		if payload < 0 {
			text = p.Registration.Code
		}
		_, err := k.Client.Lookup(t.Context(), text, nik)
		return code(err)
	}
	for i := range 9 {
		if got := look(k, i); got != wire.CodeNoRegistration {
			t.Fatalf("miss %d: %q", i+1, got)
		}
	}
	if got := look(k, -1); got != "" { // the control: nine misses pause nobody
		t.Errorf("the right code after nine misses: %q", got)
	}
	look(k, 9)
	if got := look(k, -1); got != wire.CodeLookupPaused {
		t.Errorf("the right code after ten misses: %q", got)
	}
	if _, err := k.Client.TypedRecord(t.Context(), p.Registration.Code, nik); code(err) != wire.CodeLookupPaused {
		t.Errorf("a record after ten misses: %v", err)
	}
	if got := look(beside, -1); got != "" {
		t.Errorf("another device: %q", got)
	}
	now.forward(16 * time.Minute)
	if got := look(k, -1); got != "" {
		t.Errorf("after the pause: %q", got)
	}
}

func TestLookupEndsWithTheRegistration(t *testing.T) {
	var now clock
	c := centraltest.StartWith(t, centraltest.Options{Now: now.now})
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	k := c.Counter("petugas-1", wire.RoleOfficer)
	for _, tt := range []struct {
		later time.Duration
		want  string
	}{{6 * time.Hour, ""}, {8 * 24 * time.Hour, wire.CodeNoRegistration}} {
		now.ahead.Store(int64(tt.later))
		if tt.later > 24*time.Hour { // the session has ended meanwhile
			if _, err := k.Client.LogIn(t.Context(), "petugas-1", centraltest.Password); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := k.Client.Lookup(t.Context(), p.Registration.Code, nik); code(err) != tt.want {
			t.Errorf("%s later: %v, want %q", tt.later, err, tt.want)
		}
	}
}

func TestIntakeOfTypedCodes(t *testing.T) {
	d := newDesk(t)
	supervisor := d.Central.Counter("kasi-1", wire.RoleSupervisor).Officer
	second := func(w *wire.Decision) { w.Supervisor = "kasi-1" }
	tests := []struct {
		name    string
		blind   bool // the counter never looked it up
		change  func(*wire.Decision)
		result  wire.Result
		reason  string
		stands  wire.Progress // where the registration is afterwards
		control bool          // scanned, not typed
	}{
		{name: "by two", change: second, result: wire.ResultAccepted, stands: wire.ProgressApproved},
		{name: "alone", change: func(*wire.Decision) {}, result: wire.ResultRefused, reason: "PERLU_ATASAN", stands: wire.ProgressRegistered},
		{name: "alone, without saying why two", change: func(w *wire.Decision) { w.Override = nil }, result: wire.ResultRefused, reason: "PERLU_ATASAN", stands: wire.ProgressRegistered},
		{name: "scanned, alone", control: true, change: func(w *wire.Decision) {}, result: wire.ResultAccepted, stands: wire.ProgressApproved},
		{name: "never looked up here", blind: true, change: second, result: wire.ResultRefused, reason: "KODE_TIDAK_SAH", stands: wire.ProgressRegistered},
		{name: "neither scanned nor typed", change: func(w *wire.Decision) { second(w); w.Typed = "" }, result: wire.ResultRefused, reason: "KODE_TIDAK_SAH", stands: wire.ProgressRegistered},
		{name: "another code", change: func(w *wire.Decision) { second(w); w.Typed = "0000000000" }, result: wire.ResultRefused, reason: "KODE_TIDAK_SAH", stands: wire.ProgressRegistered},
		{name: "another NIK", change: func(w *wire.Decision) { second(w); w.NIK = "1702124505920099" }, result: wire.ResultRefused, reason: "KODE_TIDAK_SAH", stands: wire.ProgressRegistered},
		{name: "another address", change: func(w *wire.Decision) { second(w); w.Email = "lain@contoh.id" }, result: wire.ResultRefused, reason: "KODE_TIDAK_SAH", stands: wire.ProgressRegistered},
		{name: "another number", change: func(w *wire.Decision) { second(w); w.Number = "+6281200000000" }, result: wire.ResultRefused, reason: "KODE_TIDAK_SAH", stands: wire.ProgressRegistered},
		{name: "decided before it registered", change: func(w *wire.Decision) { second(w); w.At = w.At.Add(-10 * time.Minute) }, result: wire.ResultRefused, reason: "KODE_TIDAK_SAH", stands: wire.ProgressRegistered},
		{name: "a refusal", change: func(w *wire.Decision) { w.Kind, w.Reason = "refuse", "WAJAH_TIDAK_COCOK" }, result: wire.ResultAccepted, stands: wire.ProgressRefused},
		{name: "a refusal, never looked up", blind: true, change: func(w *wire.Decision) { w.Kind, w.Reason = "refuse", "WAJAH_TIDAK_COCOK" }, result: wire.ResultAccepted, stands: wire.ProgressRegistered},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := d.phone(t, nik)
			w := d.counter.Approval(p)
			if !tt.control {
				w.Presentation, w.Typed, w.Override = nil, p.Registration.Code, []string{"no-proof"}
			}
			if !tt.blind {
				if _, err := d.counter.Client.Lookup(t.Context(), p.Registration.Code, nik); err != nil {
					t.Fatal(err)
				}
			}
			tt.change(&w)
			var by wire.Approver
			if w.Supervisor != "" {
				by = supervisor
			}
			if got := d.counter.Send(d.counter.Seal(w, by))[0]; got.Result != tt.result || got.Reason != tt.reason {
				t.Errorf("%s %s, want %s %s", got.Result, got.Reason, tt.result, tt.reason)
			}
			if got := p.State(); got != tt.stands && !(tt.stands == wire.ProgressApproved && got == wire.ProgressMailed) {
				t.Errorf("the registration is %s, want %s", got, tt.stands)
			}
		})
	}
}

// A typed code has no cti: while one approval is under way another is held.
func TestSecondTypedApprovalIsHeld(t *testing.T) {
	d := newDesk(t)
	supervisor := d.Central.Counter("kasi-1", wire.RoleSupervisor).Officer
	p := d.phone(t, nik)
	if _, err := d.counter.Client.Lookup(t.Context(), p.Registration.Code, nik); err != nil {
		t.Fatal(err)
	}
	w := d.counter.Approval(p)
	w.Presentation, w.Typed, w.Supervisor = nil, p.Registration.Code, "kasi-1"
	again := w
	again.Packet = wire.NewPacketID()
	got := d.counter.Send(d.counter.Seal(w, supervisor), d.counter.Seal(again, supervisor))
	if got[0].Result != wire.ResultAccepted || got[1].Result != wire.ResultHeld || got[1].Reason != "KODE_TERPAKAI" {
		t.Errorf("got %+v", got)
	}
}
