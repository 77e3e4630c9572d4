package app_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face/liveness"
)

// challenged is a counter whose policy asks for the challenge.
func challenged(t *testing.T, f faced, run func(w *world)) {
	t.Helper()
	counter(t, func(w *world) {
		f.challenge = true
		w.set(func() { w.faced = f })
		w.logIn()
		w.toFace()
		run(w)
	})
}

func TestChallengePasses(t *testing.T) {
	challenged(t, faced{willing: true, passive: map[string]float64{"a": 0.9, "b": 0.7}}, func(w *world) {
		w.show(citizen, 1200*time.Millisecond)
		if v := w.now().Face; v.Band != "match" || !v.Moving || v.CanGoOn {
			t.Fatalf("face %+v", v)
		}
		w.send(app.Next{})
		w.on(app.ScreenFace)
		w.notice("challenge-open")
		w.pass(20 * time.Second)
		v := w.now().Face
		if !v.CanGoOn || v.Moving || v.Sentence != "taken" {
			t.Fatalf("face %+v, trace %+v", v, w.lastTrace())
		}
		codes := []string{}
		for _, l := range v.Live {
			codes = append(codes, l.Code)
		}
		if !slices.Equal(codes, []string{"challenge-passed", "passive", "look"}) || v.Live[1].Args[0] != 80 {
			t.Errorf("lines %+v", v.Live)
		}
		w.send(app.Tick{Item: "look", On: true}, app.Next{}, app.PIN{PIN: "271828"})
		w.on(app.ScreenDone)
		s := w.only().Session
		if s.Alive() != activation.AlivePassed || len(s.Challenges) != 1 || len(s.Challenges[0].Steps) != 3 || s.Attempts[0].Passive["a"] != 0.9 {
			t.Errorf("session %+v", s)
		}
	})
}

// The citizen's own window says it too, the citizen's own way round.
func TestCitizenIsAskedToMove(t *testing.T) {
	counter(t, func(w *world) {
		w.set(func() { w.faced = faced{challenge: true, willing: true} })
		w.logIn()
		w.toScan()
		w.send(app.ShowCounterCode{})
		w.show(phone, time.Second)
		w.send(app.MarkField{Mark: app.MarkSame}, app.Tick{Item: "contact", On: true}, app.Next{})
		w.on(app.ScreenFace)
		w.show(citizen, 20*time.Second)
		w.mu.Lock()
		defer w.mu.Unlock()
		pairs := map[liveness.Step]app.CitizenStage{liveness.TurnLeft: app.CitizenRight, liveness.TurnRight: app.CitizenLeft,
			liveness.ComeCloser: app.CitizenCloser, liveness.LookStraight: app.CitizenStraight}
		seen := 0
		for _, x := range w.trace {
			if x.Asked != "" && x.Citizen != "" && x.Citizen != app.CitizenWait {
				seen++
				if x.Citizen != pairs[x.Asked] {
					t.Errorf("asked for %s, the citizen reads %s", x.Asked, x.Citizen)
				}
			}
		}
		if seen < 4 {
			t.Errorf("%d requests seen", seen)
		}
	})
}

// Steps are asked one at a time, with how much is done.
func TestChallengeShowsNoStepAhead(t *testing.T) {
	challenged(t, faced{willing: true}, func(w *world) {
		w.show(citizen, 15*time.Second)
		w.mu.Lock()
		defer w.mu.Unlock()
		asked := map[string]bool{}
		most := 0.0
		for _, v := range w.views {
			for i, l := range v.Face.Challenge {
				if l.State == app.LineOpen && l.Code != "step-next" {
					t.Fatalf("line %d names %s before it is asked", i, l.Code)
				}
			}
			if v.Face.Moving {
				asked[v.Face.Sentence], most = true, max(most, v.Face.Progress)
			}
		}
		if !asked["challenge-look-straight"] || len(asked) < 3 || most < 0.6 {
			t.Errorf("asked %v, at most %.2f done", asked, most)
		}
	})
}

// Who turns too far reads that, and how far is enough.
func TestChallengeAsksBack(t *testing.T) {
	for name, quick := range map[string]int{"turns too far": 1, "control: turns as asked": 0} {
		t.Run(name, func(t *testing.T) {
			challenged(t, faced{willing: true, quick: quick}, func(w *world) {
				w.show(citizen, 20*time.Second)
				if v := w.now().Face; !v.CanGoOn || v.Sentence != "taken" {
					t.Fatalf("face %+v", v)
				}
				w.mu.Lock()
				defer w.mu.Unlock()
				said := map[string]bool{}
				for _, v := range w.views {
					said[v.Face.Sentence] = true
				}
				turned := said["challenge-turn-left-less"] || said["challenge-turn-right-less"]
				if back := said["challenge-look-straight-less"]; back != (quick > 0) || turned != back {
					t.Errorf("said %v", said)
				}
			})
		})
	}
}

func TestChallengeFails(t *testing.T) {
	for name, c := range map[string]struct {
		face   faced
		reason liveness.Reason
	}{
		"stands still":                 {faced{}, liveness.TooLate},
		"a photograph that is turned":  {faced{willing: true, flat: true}, liveness.TooLate},
		"another movement":             {faced{willing: true, clip: func() bool { return true }}, liveness.WrongStep},
		"somebody else beside":         {faced{willing: true, others: 1}, liveness.OtherPerson},
		"a swap between the movements": {faced{willing: true, swap: other}, liveness.NotSame},
	} {
		t.Run(name, func(t *testing.T) {
			challenged(t, c.face, func(w *world) {
				w.show(citizen, 1200*time.Millisecond)
				for round := range activation.MaxChallenges {
					for range 60 {
						if w.now().Face.Again || w.lastTrace().Alive == activation.AliveFailed {
							break
						}
						w.pass(time.Second)
					}
					if got := w.lastTrace().Broke; got != string(c.reason) && got != string(liveness.TooLate) {
						t.Fatalf("round %d broke for %q, want %q", round, got, c.reason)
					}
					w.set(func() { w.before, w.faced.yaw, w.faced.eyes = citizen, 0, 0 })
					if round < activation.MaxChallenges-1 {
						w.send(app.Next{})
						w.on(app.ScreenFace)
						w.send(app.Capture{})
					}
				}
				if v := w.now().Face; !v.CanGoOn || v.Moving || v.Again {
					t.Fatalf("face %+v", v)
				}
				w.send(app.Tick{Item: "look", On: true}, app.Next{})
				if v := w.now().Decide; v.Offered != activation.Approve || !v.Second || v.Why[0].Code != string(activation.CauseLiveness) {
					t.Fatalf("decide %+v", v)
				}
				w.send(app.PIN{PIN: "271828"})
				w.on(app.ScreenDecide)
				w.send(app.PIN{PIN: "314159"})
				w.on(app.ScreenDone)
				s := w.only().Session
				broke := slices.IndexFunc(s.Challenges, func(x activation.Challenge) bool { return x.Reason == string(c.reason) })
				if s.Outcome.Supervisor != "002" || len(s.Challenges) != 3 || broke < 0 {
					t.Errorf("session %+v", s)
				}
			})
		})
	}
}

// The control: where the policy asks for nothing, what stands still passes.
func TestWithoutAChallengeAPhotographPasses(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toDecide(citizen)
		if v := w.now().Decide; v.Offered != activation.Approve || v.Second {
			t.Errorf("decide %+v", v)
		}
	})
}

func TestWhoCannotMoveGoesToTheSupervisor(t *testing.T) {
	challenged(t, faced{}, func(w *world) {
		w.show(citizen, 2*time.Second)
		w.send(app.CannotMove{}, app.Tick{Item: "look", On: true}, app.Next{})
		w.on(app.ScreenDecide)
		if v := w.now().Decide; !v.Second || v.Offered != activation.Approve {
			t.Fatalf("decide %+v", v)
		}
		w.send(app.PIN{PIN: "271828"}, app.PIN{PIN: "314159"})
		w.on(app.ScreenDone)
		if s := w.only().Session; s.Waived != activation.CannotMove || s.Outcome.Supervisor != "002" {
			t.Errorf("session %+v", s)
		}
	})
}

func TestWhoDoesNotMatchIsNotAskedToMove(t *testing.T) {
	challenged(t, faced{willing: true}, func(w *world) {
		w.show(other, 2*time.Second)
		if v := w.now().Face; v.Band != "no-match" || v.Moving || !v.CanGoOn {
			t.Errorf("face %+v", v)
		}
	})
}

// An engine that restarts in the middle costs nobody a round: it is drawn anew.
func TestChallengeOutlivesTheEngine(t *testing.T) {
	challenged(t, faced{willing: true}, func(w *world) {
		w.show(citizen, 1200*time.Millisecond)
		if !w.now().Face.Moving {
			t.Fatalf("face %+v", w.now().Face)
		}
		w.set(func() { w.engineErr = errors.New("engine died") })
		w.pass(time.Second)
		w.notice("engine-restarting")
		w.set(func() { w.engineErr = nil })
		w.pass(25 * time.Second)
		if v := w.now(); !v.Face.CanGoOn || v.Notice != nil {
			t.Fatalf("face %+v, notice %+v", v.Face, v.Notice)
		}
		if x := w.lastTrace(); x.Rounds != 1 || x.Alive != activation.AlivePassed {
			t.Errorf("trace %+v", x)
		}
	})
}

// A PC that looks too seldom fails nobody: the round is drawn anew, and the
// officer is told, who may have a supervisor look instead.
func TestChallengeOnASlowPC(t *testing.T) {
	for name, c := range map[string]struct {
		takes time.Duration // for one picture
		waits bool
	}{"far too slow": {3 * time.Second, true}, "slow": {700 * time.Millisecond, false}} {
		t.Run(name, func(t *testing.T) {
			challenged(t, faced{willing: true}, func(w *world) {
				w.show(citizen, 1200*time.Millisecond)
				w.set(func() { w.faced.takes = c.takes })
				w.pass(time.Minute)
				if x := w.lastTrace(); c.waits != (x.Rounds == 0) || c.waits != (x.Alive == activation.AliveOpen) {
					t.Fatalf("trace %+v", x)
				}
				if c.waits {
					w.notice("challenge-slow")
					w.set(func() { w.faced.takes = 0 })
					w.pass(30 * time.Second)
				}
				if x := w.lastTrace(); x.Rounds != 1 || x.Alive != activation.AlivePassed {
					t.Errorf("trace %+v", x)
				}
			})
		})
	}
}

// A case that was set aside before its challenge goes on with it.
func TestChallengeOfAResumedCase(t *testing.T) {
	challenged(t, faced{}, func(w *world) {
		w.show(citizen, 2*time.Second)
		w.send(app.SetAside{})
		w.on(app.ScreenHome)
		w.ledger.mu.Lock()
		for _, plain := range w.ledger.plain {
			var kept struct{ Session activation.Session }
			if err := json.Unmarshal(plain, &kept); err != nil || kept.Session.Alive() != activation.AliveOpen {
				t.Errorf("draft %s, %v", plain, err)
			}
		}
		w.ledger.mu.Unlock()
		w.set(func() { w.faced.willing = true })
		w.send(app.Resume{})
		w.pass(30 * time.Second)
		if x := w.lastTrace(); x.Screen != app.ScreenFace || x.Alive == activation.AliveOpen || x.Alive == activation.AliveFailed {
			t.Errorf("trace %+v", x)
		}
	})
}
