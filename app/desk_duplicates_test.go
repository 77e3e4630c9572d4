package app_test

import (
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
)

// second is another citizen with the same face: the record of another NIK, and
// a phone that says so.
func (w *world) second(who byte) {
	const nik = "1702010505720011"
	w.set(func() {
		r := *w.records["1702014505720003"]
		r.NIK, r.Name, r.Sex, r.Photo = nik, "BUDI CONTOH", activation.Male, photo(who)
		w.records[nik] = &r
		code := w.codes["IKD1:SRI"]
		code.NIK, code.Registration = nik, "r2"
		w.codes["IKD1:BUDI"], w.texts[phone] = code, "IKD1:BUDI"
	})
}

func TestSameFaceAnotherNIK(t *testing.T) {
	for name, c := range map[string]struct {
		limit  float64 // 0: nobody measured one
		second byte
		wait   time.Duration
		near   int
	}{
		"the same face":                {0.9, citizen, 0, 1},
		"another face":                 {0.9, other, 0, 0},
		"control: no limit measured":   {0, citizen, 0, 0},
		"the same face, the day after": {0.9, citizen, 24 * time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			counter(t, func(w *world) {
				w.set(func() { w.faced.duplicate = c.limit })
				w.logIn()
				w.toDecide(citizen)
				w.send(app.PIN{PIN: "271828"}, app.Back{})
				w.second(c.second)
				w.set(func() { w.ahead = c.wait })
				w.show(nobody, time.Second)
				if c.wait > 0 { // nobody touched the counter for a day: it is locked
					w.send(app.PIN{PIN: "271828"})
				}
				w.on(app.ScreenHome)
				w.toDecide(c.second)
				v := w.now().Decide
				if got := w.lastTrace().Near; got != c.near || v.Second != (c.near > 0) {
					t.Fatalf("near %d, second %v, want %d", got, v.Second, c.near)
				}
				if c.near == 0 {
					return
				}
				if n := v.Compared.Near; n == nil || n.Last4 != "0003" || n.Crop == nil || n.Count != 1 {
					t.Fatalf("near %+v", n)
				}
				if !w.ledger.audited("near-face " + w.lastTrace().Case) {
					t.Error("not in the audit log")
				}
				w.send(app.PIN{PIN: "271828"})
				w.on(app.ScreenDecide)
				if w.now().Decide.Turn != app.TurnSupervisor {
					t.Fatal("one person was enough")
				}
				w.send(app.PIN{PIN: "314159"})
				w.on(app.ScreenDone)
			})
		})
	}
}

// The same citizen twice on a day is nobody else.
func TestSameFaceSameNIK(t *testing.T) {
	counter(t, func(w *world) {
		w.set(func() { w.faced.duplicate = 0.9 })
		w.logIn()
		w.toDecide(citizen)
		w.send(app.Choose{Decision: activation.Decline, Reason: activation.NotWanted}, app.PIN{PIN: "271828"}, app.Back{})
		w.set(func() { clear(w.verified) }) // a fresh code of the same phone
		w.show(nobody, 0)
		w.toDecide(citizen)
		if w.lastTrace().Near != 0 || w.now().Decide.Second {
			t.Errorf("near %d", w.lastTrace().Near)
		}
	})
}
