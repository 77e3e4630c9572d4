package app_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/camera"
)

// counter runs a test at a counter in a bubble of its own time.
func counter(t *testing.T, run func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		run(w)
		w.end()
	})
}

func (w *world) only() app.Case {
	w.t.Helper()
	w.ledger.mu.Lock()
	defer w.ledger.mu.Unlock()
	if len(w.ledger.cases) != 1 {
		w.t.Fatalf("%d decisions in the ledger, want 1", len(w.ledger.cases))
	}
	for _, c := range w.ledger.cases {
		return c
	}
	panic("unreachable")
}

func TestApproved(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toDecide(citizen)
		if v := w.now().Decide; v.Offered != activation.Approve || v.Second || len(v.Why) != 0 {
			t.Fatalf("decide %+v", v)
		}
		w.send(app.PIN{PIN: "271828"})
		w.on(app.ScreenDone)
		v := w.now().Done
		if !v.Saved || v.Decision != activation.Approve || v.Undo == 0 {
			t.Fatalf("done %+v", v)
		}
		c := w.only()
		if c.Session.Outcome.Decision != activation.Approve || len(c.Probe) == 0 || c.Engine.Matcher.Name != "test-matcher" || len(c.Session.Attempts) != 1 {
			t.Errorf("case %+v", c.Session)
		}
		if w.ledger.counts().drafts != 0 {
			t.Error("the draft outlived the decision")
		}
		last := w.lastTrace()
		if last.Packet == "" || last.Score == nil || *last.Score != 1 || last.Band != activation.BandMatch {
			t.Errorf("trace %+v", last)
		}
		w.pass(25 * time.Second)
		w.on(app.ScreenHome) // clears by itself
		if w.now().Served != 1 {
			t.Errorf("served %d", w.now().Served)
		}
	})
}

func TestImpostorIsRefused(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toFace()
		w.show(other, 2*time.Second)
		if v := w.now().Face; v.Band != "no-match" || !v.CanGoOn {
			t.Fatalf("face %+v", v)
		}
		w.send(app.Tick{Item: "look", On: true}, app.Next{})
		if v := w.now().Decide; v.Offered != activation.Refuse || v.Reason != activation.FaceNoMatch {
			t.Fatalf("decide %+v", v)
		}
		w.send(app.Choose{Decision: activation.Approve}, app.PIN{PIN: "271828"})
		w.on(app.ScreenDone)
		if c := w.only(); c.Session.Outcome.Decision != activation.Refuse {
			t.Errorf("outcome %+v", c.Session.Outcome)
		}
	})
}

func TestNotRecordedIsReferred(t *testing.T) {
	counter(t, func(w *world) {
		w.set(func() { w.records = nil })
		w.logIn()
		w.toCompare()
		if v := w.now().Compare; v.Verdict.State != app.LineBad || !v.CanGoOn {
			t.Fatalf("compare %+v", v)
		}
		w.send(app.Next{})
		w.on(app.ScreenDecide)
		w.send(app.PIN{PIN: "271828"})
		w.on(app.ScreenDone)
		if o := w.only().Session.Outcome; o.Decision != activation.Refer || o.Reason != activation.NotRecorded {
			t.Errorf("outcome %+v", o)
		}
	})
}

func TestLinkCutIsQueuedAndThenSent(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toFace()
		w.set(func() { w.link = app.Link{State: app.LinkOffline} })
		w.show(citizen, 2*time.Second)
		w.send(app.Tick{Item: "look", On: true}, app.Next{}, app.PIN{PIN: "271828"})
		w.on(app.ScreenDone)
		v := w.now()
		if !v.Done.Saved || v.Done.Sent || v.Link.State != app.LinkOffline {
			t.Fatalf("done %+v, link %+v", v.Done, v.Link)
		}
		w.ledger.mu.Lock()
		for id := range w.ledger.states {
			w.ledger.states[id] = "accepted"
		}
		w.ledger.mu.Unlock()
		w.pass(2 * time.Second)
		if v := w.now().Done; !v.Sent || v.Undo != 0 {
			t.Errorf("done %+v after it was sent", v)
		}
	})
}

func TestWrongCodes(t *testing.T) {
	for name, check := range map[string]activation.Check{
		"another country's certificate": {Name: "format", Reason: "dgc"},
		"a shop's link":                 {Name: "format", Reason: "not-ikd"},
		"expired":                       {Name: "validity", Reason: "expired"},
		"replayed":                      {Name: "replay", Reason: "seen"},
		"altered":                       {Name: "signature", Reason: "signature"},
		"self-signed":                   {Name: "issuer", Reason: "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			counter(t, func(w *world) {
				w.set(func() { w.codes["https://toko.contoh.id"] = activation.Code{Checks: []activation.Check{check}} })
				w.logIn()
				w.toScan()
				w.show(shop, time.Second)
				w.on(app.ScreenScan)
				w.notice("code-refused")
				if c := w.now().Scan.Checks; len(c) != 1 || c[0].Code != check.Name || c[0].State != app.LineBad {
					t.Errorf("checks %+v", c)
				}
				w.show(phone, time.Second)
				w.on(app.ScreenCompare)
			})
		})
	}
}

func TestCameraFaults(t *testing.T) {
	for _, fault := range camera.Faults() {
		if fault == camera.Frozen || fault == camera.NoNewFrame {
			continue // found by the Feed itself, and tested there
		}
		t.Run(string(fault), func(t *testing.T) {
			counter(t, func(w *world) {
				w.logIn()
				w.toScan()
				w.set(func() { w.cameraIs = fault })
				w.pass(3 * time.Second)
				w.notice("camera-" + string(fault))
				w.set(func() { w.cameraIs = "" })
				w.pass(5 * time.Second)
				if n := w.now().Notice; n != nil {
					t.Errorf("notice %+v though the camera is back", n)
				}
				w.show(phone, time.Second)
				w.on(app.ScreenCompare)
			})
		})
	}
}

func TestEngineRestarts(t *testing.T) {
	counter(t, func(w *world) {
		w.set(func() { w.engineErr = errors.New("engine died") })
		w.logIn()
		w.toFace()
		w.show(citizen, time.Second)
		w.notice("engine-restarting")
		if !w.now().Face.Eye {
			t.Error("nothing offers to compare by eye meanwhile")
		}
		w.set(func() { w.engineErr = nil })
		w.pass(2 * time.Second)
		if v := w.now(); v.Face.Band != "match" || v.Notice != nil {
			t.Errorf("band %q, notice %+v", v.Face.Band, v.Notice)
		}
	})
}

func TestByEyeNeedsASupervisor(t *testing.T) {
	for name, c := range map[string]struct {
		setUp func(*world)
		want  bool // a face is found: it happens by itself
	}{
		"no matcher":      {func(w *world) { w.noMatcher = true }, true},
		"engine is dead":  {func(w *world) { w.engineErr = errors.New("engine died") }, false},
		"photo has none":  {func(w *world) { w.records["1702014505720003"].Photo = photo(nobody) }, true},
		"there is no one": {func(w *world) { w.records["1702014505720003"].Photo = nil }, true},
	} {
		t.Run(name, func(t *testing.T) {
			counter(t, func(w *world) {
				w.set(func() { c.setUp(w) })
				w.logIn()
				w.toFace()
				w.show(citizen, 2*time.Second)
				if !c.want {
					w.send(app.Capture{})
					w.pass(time.Second)
				}
				if v := w.now().Face; v.Band != "unknown" || !v.Eye {
					t.Fatalf("face %+v, notice %+v", v, w.now().Notice)
				}
				w.send(app.Tick{Item: "look", On: true}, app.Next{})
				if v := w.now().Decide; v.Offered != activation.Approve || !v.Second {
					t.Fatalf("decide %+v", v)
				}
				w.send(app.PIN{PIN: "271828"})
				w.on(app.ScreenDecide)
				v := w.now().Decide
				if v.Turn != app.TurnSupervisor || len(v.Supervisors) != 1 || v.Supervisors[0].ID != "002" {
					t.Fatalf("decide %+v", v)
				}
				w.send(app.PIN{PIN: "314159"})
				w.on(app.ScreenDone)
				if o := w.only().Session.Outcome; o.Supervisor != "002" {
					t.Errorf("outcome %+v", o)
				}
			})
		})
	}
}

func TestDoubtfulWithoutASupervisorWaits(t *testing.T) {
	counter(t, func(w *world) {
		w.set(func() { delete(w.pins, "002") })
		w.logIn()
		w.toDecide(twin)
		w.send(app.PIN{PIN: "271828"})
		w.on(app.ScreenDecide)
		w.notice("no-supervisor")
		if w.ledger.counts().cases != 0 {
			t.Error("decided by one")
		}
		w.send(app.SetAside{})
		w.on(app.ScreenHome)
	})
}

func TestWrongPIN(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toDecide(citizen)
		for left := 4; left > 0; left-- {
			w.send(app.PIN{PIN: "000000"})
			w.on(app.ScreenDecide)
			w.notice("pin-wrong")
			if a := w.now().Notice.Args; len(a) != 1 || a[0] != left {
				t.Errorf("args %v, want %d", a, left)
			}
		}
		w.send(app.PIN{PIN: "000000"})
		w.notice("pin-paused")
		w.send(app.PIN{PIN: "271828"})
		w.notice("pin-paused")
		if w.ledger.counts().cases != 0 {
			t.Error("signed with a wrong PIN")
		}
	})
}

func TestFirstLogIn(t *testing.T) {
	counter(t, func(w *world) {
		w.send(app.LogInAs{}, app.Credentials{Officer: "021", Password: "rahasia-pertama"})
		if s := w.now().LogIn.Step; s != app.LogInNewPassword {
			t.Fatalf("step %q", s)
		}
		w.send(app.NewPassword{Password: "rahasia-sendiri"})
		if s := w.now().LogIn.Step; s != app.LogInNewPIN {
			t.Fatalf("step %q", s)
		}
		w.send(app.NewPIN{PIN: "161803"})
		w.on(app.ScreenHome)
	})
}

func TestPINRunsOutBetweenTwoSignatures(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toDecide(twin)
		w.send(app.PIN{PIN: "271828"})
		w.pass(4*time.Minute + 50*time.Second)
		w.send(app.Seen{})
		w.pass(time.Minute)
		w.send(app.PIN{PIN: "314159"})
		w.on(app.ScreenDecide)
		w.notice("save-failed") // the officer's key has closed
		if v := w.now().Decide; v.Turn != app.TurnOfficer || w.ledger.counts().cases != 0 {
			t.Fatalf("decide %+v", v)
		}
		w.send(app.PIN{PIN: "271828"}, app.PIN{PIN: "314159"})
		w.on(app.ScreenDone)
	})
}

func TestCounterCodeAndHandScanner(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		w.send(app.ShowCounterCode{})
		if !w.now().Scan.Shown {
			t.Fatal("the counter's code is not shown")
		}
		w.send(app.ShowCounterCode{})
		if w.now().Scan.Shown {
			t.Fatal("the counter's code is not hidden again")
		}
		w.send(app.Typed{Text: "https://toko.contoh.id"})
		w.notice("code-refused")
		w.send(app.Typed{Text: "IKD1:SRI"})
		w.on(app.ScreenCompare)
		// Back and the same code again: it was verified in this case, and is no replay of itself.
		w.send(app.Back{})
		w.on(app.ScreenScan)
		w.send(app.Typed{Text: "IKD1:SRI"})
		w.on(app.ScreenCompare)
	})
}

func TestRevealIsAuditedAndEnds(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toCompare()
		email := func() app.CompareRow {
			rows := w.now().Compare.Rows
			return rows[slices.IndexFunc(rows, func(r app.CompareRow) bool { return r.Field == activation.FieldEmail })]
		}
		if email().Value != "s•••••i@contoh.id" {
			t.Fatalf("row %+v", email())
		}
		w.send(app.Reveal{Field: activation.FieldEmail})
		if email().Value != "sri@contoh.id" || !w.ledger.audited("reveal email") {
			t.Errorf("row %+v", email())
		}
		w.pass(10 * time.Second)
		if email().Value != "s•••••i@contoh.id" {
			t.Errorf("still shown: %+v", email())
		}
	})
}

func TestNothingOfACitizenStays(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toDecide(citizen)
		w.send(app.PIN{PIN: "271828"}, app.Back{})
		w.on(app.ScreenHome)
		v := w.now()
		if v.Decide.Name != "" || v.Compare.Rows != nil || v.Face.Probe != nil || v.Done.Email != "" || v.Steps != nil {
			t.Errorf("home still shows %+v", v)
		}
		w.send(app.Open{Screen: app.ScreenQueue})
		w.pass(2 * time.Second)
		if q := w.now().Queue; len(q.Items) != 1 {
			t.Errorf("queue %+v", q)
		}
	})
}

func TestNoCaseBeginsThatCannotBeKept(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.ledger.breaks(&app.Fault{Code: "disk-full"})
		w.send(app.Next{})
		w.on(app.ScreenHome)
		w.ledger.breaks(nil)
		w.send(app.Next{})
		w.on(app.ScreenReady)
	})
}
