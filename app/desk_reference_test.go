package app_test

import (
	"slices"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face"
)

func TestOthersAreWarnedOf(t *testing.T) {
	counter(t, func(w *world) {
		w.set(func() { w.faced.others = 1 })
		w.logIn()
		w.toFace()
		w.show(citizen, 2*time.Second)
		if q := w.now().Face.Quality; !slices.ContainsFunc(q, func(l app.Line) bool { return l.Code == "others" && l.State == app.LineWarn }) {
			t.Errorf("quality %+v", q)
		}
	})
}

// The enrolled photo is weak: no match goes to the supervisor, and only by two
// is the citizen sent for another photo.
func TestWeakReference(t *testing.T) {
	small := []face.Component{{Code: face.EyeDistance, Score: 5, Limit: 30, Measured: true}}
	for name, c := range map[string]struct {
		taken     time.Duration // ago
		reference []face.Component
		who       byte
		offered   activation.Decision
		second    bool
	}{
		"old, no match":       {12 * 365 * 24 * time.Hour, nil, other, activation.Approve, true},
		"small, no match":     {24 * time.Hour, small, other, activation.Approve, true},
		"old, match":          {12 * 365 * 24 * time.Hour, nil, citizen, activation.Approve, false},
		"new, no match":       {24 * time.Hour, nil, other, activation.Refuse, false},
		"old, small, doubted": {12 * 365 * 24 * time.Hour, small, twin, activation.Approve, true},
	} {
		t.Run(name, func(t *testing.T) {
			counter(t, func(w *world) {
				w.set(func() {
					w.records["1702014505720003"].Taken = time.Now().Add(-c.taken)
					w.faced.reference = c.reference
				})
				w.logIn()
				w.toDecide(c.who)
				if v := w.now().Decide; v.Offered != c.offered || v.Second != c.second {
					t.Fatalf("decide %+v", v)
				}
				if c.who != other || !c.second {
					return
				}
				// The supervisor can't confirm either: a new photo, signed by both.
				w.send(app.Choose{Decision: activation.Refer, Reason: activation.PhotoInadequate}, app.PIN{PIN: "271828"})
				w.on(app.ScreenDecide)
				if v := w.now().Decide; v.Turn != app.TurnSupervisor {
					t.Fatalf("sent for a new photo by one: %+v", v)
				}
				w.send(app.PIN{PIN: "314159"})
				w.on(app.ScreenDone)
				if o := w.only().Session.Outcome; o.Reason != activation.PhotoInadequate || o.Supervisor != "002" {
					t.Errorf("outcome %+v", o)
				}
			})
		})
	}
}
