package app_test

import (
	"errors"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
)

// shows checks what the citizen's window says.
func (w *world) shows(on bool, want app.CitizenStage) app.CitizenView {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if v := w.citizen; v.On != on || v.Stage != want || (v.Code != nil) != (want == app.CitizenScan) {
		w.t.Fatalf("the citizen's window %+v, want on %v, stage %q", v, on, want)
	}
	return w.citizen
}

func (w *world) made() (codes, forgotten int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counters, w.forgotten
}

// TestCitizenWindow: F4 opens it with a code of this session, the officer's own
// screen keeps the camera, and it goes along to the end of the case and on to
// the next citizen.
func TestCitizenWindow(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		w.shows(false, "")
		if n, _ := w.made(); n != 0 {
			t.Error("a code was made that nobody asked for")
		}
		w.send(app.ShowCounterCode{})
		first := w.shows(true, app.CitizenScan)
		if v := w.now(); v.Screen != app.ScreenScan || !v.Scan.Shown || v.Scan.Hint == "" && len(v.Scan.Outline) == 0 && v.Busy != nil {
			t.Errorf("the officer's screen: %+v", v.Scan)
		}
		w.show(phone, time.Second)
		w.on(app.ScreenCompare)
		w.shows(true, app.CitizenWait)
		w.send(app.MarkField{Mark: app.MarkSame}, app.Tick{Item: "contact", On: true}, app.Next{})
		w.show(citizen, 2*time.Second)
		w.send(app.Tick{Item: "look", On: true}, app.Next{}, app.LockNow{})
		w.shows(true, app.CitizenIdle)
		w.send(app.PIN{PIN: "271828"})
		w.shows(true, app.CitizenWait)
		w.send(app.PIN{PIN: "271828"})
		w.on(app.ScreenDone)
		w.shows(true, app.CitizenMail)
		w.pass(21 * time.Second)
		w.on(app.ScreenHome)
		w.shows(true, app.CitizenIdle)
		if _, n := w.made(); n != 1 {
			t.Errorf("keys were thrown away %d times after one session", n)
		}
		w.show(nobody, time.Second)
		w.toScan()
		if next := w.shows(true, app.CitizenScan); next.Code == first.Code {
			t.Error("the next citizen sees the code of the last")
		}
		w.send(app.ShowCounterCode{})
		w.shows(false, "")
	})
}

// TestCitizenRenewed: the code is another one before it ends, and one is made
// only when that is due.
func TestCitizenRenewed(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		w.send(app.ShowCounterCode{})
		first := w.shows(true, app.CitizenScan)
		w.pass(3*time.Minute + 50*time.Second)
		if n, _ := w.made(); n != 1 {
			t.Fatalf("%d codes before one was due", n)
		}
		w.send(app.Seen{})
		w.pass(20 * time.Second)
		if second := w.shows(true, app.CitizenScan); second.Code == first.Code {
			t.Error("50 s before its end the code is still the same")
		}
		if n, _ := w.made(); n != 2 {
			t.Errorf("%d codes, want 2", n)
		}
	})
}

// TestCitizenClosed: closing the window does no harm, and what was decided
// otherwise is not shown to the queue.
func TestCitizenClosed(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		w.send(app.ShowCounterCode{}, app.HideCounterCode{})
		w.shows(false, "")
		if w.now().Scan.Shown {
			t.Error("the officer is told that it is still open")
		}
		w.send(app.ShowCounterCode{})
		w.shows(true, app.CitizenScan)
		w.show(phone, time.Second)
		w.on(app.ScreenCompare)
		w.send(app.Ask{}, app.Choose{Decision: activation.Decline, Reason: activation.NotWanted}, app.PIN{PIN: "271828"})
		w.on(app.ScreenDone)
		w.shows(true, app.CitizenThanks)
		w.send(app.HideCounterCode{}, app.Next{})
		w.shows(false, "")
	})
}

// TestCitizenFails: a code that cannot be made is told, once, and the camera
// goes on reading.
func TestCitizenFails(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		w.set(func() { w.counterErr = errors.New("the key is away") })
		w.send(app.ShowCounterCode{})
		w.notice("counter-code-failed")
		w.shows(false, "")
		w.pass(2 * time.Second)
		w.mu.Lock()
		n := len(w.logged)
		w.mu.Unlock()
		if n != 1 {
			t.Errorf("told %d times", n)
		}
		w.show(phone, time.Second)
		w.on(app.ScreenCompare)
	})
}
