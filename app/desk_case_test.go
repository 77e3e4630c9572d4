package app_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
)

func TestIdleLocksAndKeepsTheCase(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toCompare()
		w.pass(4*time.Minute + 40*time.Second)
		if v := w.now(); v.Idle == 0 || v.Idle > 30*time.Second {
			t.Fatalf("no countdown: %s", v.Idle)
		}
		w.send(app.Seen{})
		if v := w.now(); v.Idle != 0 {
			t.Error("a movement does not put it off")
		}
		w.pass(5*time.Minute + time.Second)
		w.on(app.ScreenLock)
		if v := w.now(); !v.Lock.Case || v.Compare.Rows != nil || v.Decide.Name != "" {
			t.Errorf("locked view shows %+v", v)
		}
		w.send(app.PIN{PIN: "000000"})
		w.on(app.ScreenLock)
		w.send(app.PIN{PIN: "271828"})
		w.on(app.ScreenCompare)
		w.send(app.LockNow{})
		w.on(app.ScreenLock)
		w.send(app.LogOut{})
		w.on(app.ScreenLogIn)
		if !w.now().LogIn.Resume {
			t.Error("the case is not offered again")
		}
	})
}

func TestUndo(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toDecide(citizen)
		w.send(app.PIN{PIN: "271828"})
		w.pass(9 * time.Second)
		w.send(app.Undo{})
		w.on(app.ScreenDecide)
		w.notice("undone")
		w.send(app.PIN{PIN: "271828"})
		w.on(app.ScreenDone)
		w.pass(11 * time.Second)
		w.send(app.Undo{})
		w.notice("undo-over")
		w.on(app.ScreenDone)
		if states := w.ledger.counts().states; !slices.Equal(states, []string{"cancelled", "queued"}) {
			t.Errorf("states %v", states)
		}
	})
}

func TestCaseSurvivesAtEveryScreen(t *testing.T) {
	for name, c := range map[string]struct {
		to   func(*world)
		want app.Screen
	}{
		"ready":   {func(w *world) { w.send(app.Next{}) }, app.ScreenReady},
		"consent": {func(w *world) { w.send(app.Next{}, app.TickAll{}) }, app.ScreenReady},
		"scan":    {(*world).toScan, app.ScreenScan},
		"compare": {(*world).toCompare, app.ScreenCompare},
		"face":    {(*world).toFace, app.ScreenFace},
		"decide":  {func(w *world) { w.toDecide(citizen) }, app.ScreenDecide},
	} {
		for _, how := range []string{"killed", "set aside"} {
			t.Run(name+" "+how, func(t *testing.T) {
				counter(t, func(w *world) {
					w.logIn()
					c.to(w)
					w.show(nobody, 0)
					if how == "killed" {
						w.end()
						w.start()
						w.logIn()
						w.notice("draft-offered")
					} else {
						w.send(app.SetAside{})
						w.on(app.ScreenHome)
					}
					if len(w.now().Home.Drafts) != 1 {
						t.Fatalf("drafts %+v", w.now().Home.Drafts)
					}
					w.send(app.Resume{})
					w.on(c.want)
					if c.want == app.ScreenDecide {
						if v := w.now().Decide.Compared; v.Probe == nil || v.Reference == nil || v.Band != "match" {
							t.Errorf("what was compared is not shown again: %+v", v)
						}
						w.send(app.PIN{PIN: "271828"})
						w.on(app.ScreenDone)
						if len(w.only().Probe) == 0 {
							t.Error("the probe was lost")
						}
					}
				})
			})
		}
	}
}

func TestAnotherOfficerTakesOver(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toDecide(twin)
		w.send(app.SetAside{}, app.LogOut{}, app.LogInAs{Officer: "002"}, app.PIN{PIN: "314159"}, app.Resume{})
		w.on(app.ScreenDecide)
		w.send(app.PIN{PIN: "314159"})
		w.notice("no-supervisor") // 002 is the officer of the case now
		if w.ledger.counts().cases != 0 {
			t.Error("one person signed twice")
		}
	})
}

func TestFaultsAreNoDeadEnd(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		to     func(*world)
		fault  func(*world)
		do     []app.Intent
		notice string
		mend   func(*world)
		then   []app.Intent
		want   app.Screen
	}{
		"record can't be fetched": {(*world).toScan, func(w *world) { w.recordErr = broken }, nil, "record-failed",
			func(w *world) { w.recordErr = nil }, []app.Intent{app.Retry{}, app.MarkField{Mark: app.MarkSame}, app.Tick{Item: "contact", On: true}, app.Next{}}, app.ScreenFace},
		"record by a known fault": {(*world).toScan, func(w *world) { w.recordErr = &app.Fault{Code: "record-offline", Err: broken} }, nil, "record-offline",
			func(w *world) {}, []app.Intent{app.SetAside{}}, app.ScreenHome},
		"decision can't be saved": {func(w *world) { w.toDecide(citizen) }, func(w *world) { w.ledger.breaks(broken) }, []app.Intent{app.PIN{PIN: "271828"}}, "save-failed",
			func(w *world) { w.ledger.breaks(nil) }, []app.Intent{app.PIN{PIN: "271828"}}, app.ScreenDone},
		"draft can't be saved": {(*world).toScan, func(w *world) { w.ledger.breaks(broken) }, nil, "draft-failed",
			func(w *world) { w.ledger.breaks(nil) }, []app.Intent{app.MarkField{Mark: app.MarkSame}}, app.ScreenCompare},
		"a name differs": {(*world).toCompare, func(*world) {}, []app.Intent{app.MarkField{Field: activation.FieldName, Mark: app.MarkDiffer}, app.MarkField{Mark: app.MarkSame},
			app.Tick{Item: "contact", On: true}, app.Next{}}, "", func(*world) {}, []app.Intent{app.PIN{PIN: "271828"}}, app.ScreenDone},
	} {
		t.Run(name, func(t *testing.T) {
			counter(t, func(w *world) {
				w.logIn()
				c.to(w)
				w.set(func() { c.fault(w) })
				w.send(c.do...)
				w.show(phone, time.Second)
				if c.notice != "" {
					w.notice(c.notice)
				}
				w.set(func() { c.mend(w) })
				w.send(c.then...)
				w.pass(time.Second)
				w.on(c.want)
			})
		})
	}
}

func TestDecliningIsPossibleEverywhere(t *testing.T) {
	for name, to := range map[string]func(*world){
		"ready": func(w *world) { w.send(app.Next{}) }, "scan": (*world).toScan, "compare": (*world).toCompare, "face": (*world).toFace,
	} {
		t.Run(name, func(t *testing.T) {
			counter(t, func(w *world) {
				w.logIn()
				to(w)
				w.send(app.Ask{})
				if !w.now().Asking {
					t.Fatal("the panel is closed")
				}
				w.send(app.Choose{Decision: activation.Decline, Reason: activation.NotWanted}, app.PIN{PIN: "271828"})
				w.on(app.ScreenDone)
				if o := w.only().Session.Outcome; o.Decision != activation.Decline {
					t.Errorf("outcome %+v", o)
				}
			})
		})
	}
}
