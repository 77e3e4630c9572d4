package app_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"loket/app"
	"loket/app/activation"
)

// secondsPort is a central with supervisors at other counters. It checks its
// caller: a request is answered once, and by another person.
type secondsPort struct {
	w         *world
	asked     map[string]app.Case
	answers   map[string]app.Asked
	withdrawn []string
	list      []app.Review
	looked    []string
	settled   map[string]bool
	err       error
}

func newSeconds(w *world) *secondsPort {
	return &secondsPort{w: w, asked: map[string]app.Case{}, answers: map[string]app.Asked{}, settled: map[string]bool{}}
}

func (p *secondsPort) Ask(_ context.Context, c app.Case, o app.Officer) (string, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.err != nil {
		return "", p.err
	}
	if o.ID != c.Session.Officer || c.Session.Outcome.Decision == "" {
		p.w.t.Errorf("asked about %+v by %s", c.Session.Outcome, o.ID)
	}
	p.asked["t1"] = c
	return "t1", nil
}

func (p *secondsPort) Asked(_ context.Context, ticket string) (app.Asked, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if a, ok := p.answers[ticket]; ok {
		return a, p.err
	}
	return app.Asked{Stage: app.AskedWaiting}, p.err
}

func (p *secondsPort) Withdraw(_ context.Context, ticket string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.withdrawn = append(p.withdrawn, ticket)
	return nil
}

func (p *secondsPort) Reviews(context.Context) ([]app.Review, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return slices.Clone(p.list), p.err
}

func (p *secondsPort) Look(_ context.Context, r app.Review) (app.Reviewed, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.looked = append(p.looked, r.Packet)
	return app.Reviewed{Review: r, NIK: "1702014505720003", Name: "SRI CONTOH", Face: true, Band: activation.BandDoubtful, Probe: photo(twin), Photo: photo(citizen)}, p.err
}

func (p *secondsPort) Settle(_ context.Context, r app.Reviewed, yes bool, o app.Officer) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if _, open := o.Key.(time.Time); !open || !o.Supervisor {
		p.w.t.Errorf("settled by %+v", o)
	}
	p.settled[r.Packet] = yes
	p.list = slices.DeleteFunc(p.list, func(x app.Review) bool { return x.Packet == r.Packet })
	return p.err
}

// answer is what a supervisor elsewhere says.
func (p *secondsPort) answer(a app.Asked) {
	p.w.set(func() { p.answers["t1"] = a })
	p.w.pass(3 * time.Second)
}

var elsewhere = app.Officer{OfficerChoice: app.OfficerChoice{ID: "kasi-2", Name: "Ratna Contoh", Supervisor: true}, Key: "signature"}

// TestSecondFromAnotherCounter: the officer asks, a supervisor elsewhere
// answers, and the decision is completed, or not.
func TestSecondFromAnotherCounter(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(w *world, p *secondsPort)
		want app.Screen
		says string
		kept int
	}{
		{"signed at once", func(w *world, p *secondsPort) {
			p.answer(app.Asked{Stage: app.AskedLooked})
			if v := w.now().Decide; v.Asked != app.AskedLooked || v.Waits < 2*time.Second {
				w.t.Errorf("while somebody looks: %+v", v.Asked)
			}
			p.answer(app.Asked{Stage: app.AskedSigned, Supervisor: elsewhere})
		}, app.ScreenDone, "", 1},
		{"signed after the lock: the PIN once more", func(w *world, p *secondsPort) {
			w.send(app.LockNow{})
			w.on(app.ScreenLock)
			w.send(app.PIN{PIN: "271828"})
			p.answer(app.Asked{Stage: app.AskedSigned, Supervisor: elsewhere})
			w.on(app.ScreenDecide)
			w.notice("second-signed")
			w.send(app.PIN{PIN: "271828"})
		}, app.ScreenDone, "", 1},
		{"declined", func(w *world, p *secondsPort) { p.answer(app.Asked{Stage: app.AskedDeclined, Supervisor: elsewhere}) },
			app.ScreenDecide, "second-declined", 0},
		{"nobody answers", func(w *world, p *secondsPort) { p.answer(app.Asked{Stage: app.AskedOver}) }, app.ScreenDecide, "second-over", 0},
		{"withdrawn by F5", func(w *world, p *secondsPort) { w.send(app.AskElsewhere{}) }, app.ScreenDecide, "", 0},
		{"another decision instead", func(w *world, p *secondsPort) {
			w.send(app.Choose{Decision: activation.Decline, Reason: activation.NotWanted})
		}, app.ScreenDecide, "", 0},
		{"set aside", func(w *world, p *secondsPort) { w.send(app.SetAside{}) }, app.ScreenHome, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				p := newSeconds(w)
				w.seconds = p
				delete(w.pins, "002") // no supervisor at this counter
				w.start()
				defer w.end()
				w.logIn()
				w.toDecide(twin)
				w.send(app.AskElsewhere{})
				if len(p.asked) != 0 {
					t.Error("asked before the officer's own PIN")
				}
				w.send(app.PIN{PIN: "271828"})
				if v := w.now().Decide; v.Turn != app.TurnSupervisor || !v.CanAsk || len(v.Supervisors) != 0 {
					t.Fatalf("after the officer's PIN: %+v", v)
				}
				w.send(app.AskElsewhere{})
				if v := w.now().Decide; v.Asked != app.AskedWaiting {
					t.Fatalf("asked: %q", v.Asked)
				}
				c.play(w, p)
				w.on(c.want)
				if c.says != "" {
					w.notice(c.says)
				}
				if n := w.ledger.counts(); n.cases != c.kept {
					t.Errorf("%d decisions kept, want %d", n.cases, c.kept)
				}
				gone := c.name == "withdrawn by F5" || c.name == "another decision instead" || c.name == "set aside"
				if (len(p.withdrawn) == 1) != gone {
					t.Errorf("withdrawn: %v", p.withdrawn)
				}
			})
		})
	}
}

// TestSecondWithoutALine says that another counter can't be asked.
func TestSecondWithoutALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := newSeconds(w)
		w.seconds, p.err = p, &app.Fault{Code: "second-offline", Tone: app.Info, Err: errors.New("no route")}
		delete(w.pins, "002")
		w.start()
		defer w.end()
		w.logIn()
		w.toDecide(twin)
		w.send(app.PIN{PIN: "271828"}, app.AskElsewhere{})
		w.notice("second-offline")
		if v := w.now().Decide; v.Asked != app.AskedNone || !v.CanAsk {
			t.Errorf("%+v", v)
		}
	})
}

// TestSupervisorsScreen: what waits is listed, opened under audit, and settled
// with the supervisor's PIN; an officer has no such screen.
func TestSupervisorsScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := newSeconds(w)
		w.seconds = p
		p.list = []app.Review{{Packet: "a", Counter: "Loket 9", Officer: "BUDI CONTOH", Case: activation.Approve, Causes: []string{"doubtful"}},
			{Packet: "b", Held: true, Counter: "Loket 1", Case: activation.Approve, Causes: []string{"KODE_TERPAKAI"}}}
		w.start()
		defer w.end()
		w.logIn()
		w.send(app.Open{Screen: app.ScreenReviews})
		w.on(app.ScreenHome)
		if v := w.now(); v.Supervises || len(v.Reviews.List) != 0 {
			t.Errorf("an officer sees %+v", v.Reviews)
		}
		w.send(app.LogOut{}, app.LogInAs{Officer: "002"}, app.PIN{PIN: "314159"})
		w.pass(time.Second)
		if v := w.now(); !v.Supervises || len(v.Reviews.List) != 2 {
			t.Fatalf("the rail says %+v", v.Reviews)
		}
		w.send(app.Open{Screen: app.ScreenReviews}, app.LookAt{})
		o := w.now().Reviews.Open
		if o == nil || o.Packet != "a" || o.Decide.Name != "SRI CONTOH" || o.Decide.NIK[1] != "450572" || o.Decide.Compared.Probe == nil {
			t.Fatalf("opened: %+v", o)
		}
		if !w.ledger.audited("review a") {
			t.Errorf("audit: %v", w.ledger.audit)
		}
		w.send(app.PIN{PIN: "000000"})
		w.notice("pin-wrong")
		if len(p.settled) != 0 {
			t.Error("a wrong PIN signs")
		}
		w.send(app.PIN{PIN: "314159"})
		w.notice("review-signed")
		if yes, ok := p.settled["a"]; !yes || !ok || w.now().Reviews.Open != nil {
			t.Errorf("settled %v", p.settled)
		}
		w.pass(4 * time.Second)
		w.send(app.LookAt{}, app.Ask{})
		if o := w.now().Reviews.Open; o == nil || !o.Refusing || o.Packet != "b" {
			t.Fatalf("refusing: %+v", o)
		}
		w.send(app.PIN{PIN: "314159"})
		w.notice("review-refused")
		if yes, ok := p.settled["b"]; yes || !ok {
			t.Errorf("settled %v", p.settled)
		}
		w.set(func() { p.list = []app.Review{{Packet: "c", Case: activation.Approve}} })
		w.pass(4 * time.Second)
		w.send(app.LookAt{}, app.LockNow{}, app.PIN{PIN: "314159"})
		if w.now().Reviews.Open != nil {
			t.Error("a case is open after the lock")
		}
	})
}

// cancelsPort takes approvals back.
type cancelsPort struct {
	w    *world
	done []string
	err  error
}

func (p *cancelsPort) Cancel(_ context.Context, packet string, r activation.Reason, o app.Officer) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if _, open := o.Key.(time.Time); !open {
		p.w.t.Error("cancelled without a key")
	}
	if p.err == nil {
		p.done = append(p.done, packet+" "+string(r))
	}
	return p.err
}

// TestCancelFromTheQueue: with a reason and the PIN; what can't be cancelled
// says so, Esc keeps the approval.
func TestCancelFromTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := &cancelsPort{w: w}
		w.cancels = p
		w.ledger.queue = []app.QueueItem{{Packet: "x", State: "accepted", Decision: activation.Refer}, {Packet: "a", State: "mailed", Decision: activation.Approve, CanCancel: true}}
		w.start()
		defer w.end()
		w.logIn()
		w.send(app.Open{Screen: app.ScreenQueue})
		w.pass(2 * time.Second)
		w.send(app.Ask{})
		w.notice("cancel-late")
		w.send(app.Select{Index: 1}, app.Ask{})
		if c := w.now().Queue.Cancelling; c == nil || c.Item.Packet != "a" || len(c.Reasons) < 2 {
			t.Fatalf("panel: %+v", c)
		}
		w.send(app.Back{})
		if w.now().Queue.Cancelling != nil || w.now().Screen != app.ScreenQueue {
			t.Error("Esc leaves the panel open, or the screen")
		}
		w.send(app.Ask{}, app.Select{Index: 1}, app.PIN{PIN: "111111"})
		w.notice("pin-wrong")
		w.send(app.PIN{PIN: "271828"})
		w.notice("cancel-saved")
		if !slices.Equal(p.done, []string{"a " + string(app.CancelReasons()[1])}) || w.now().Queue.Cancelling != nil {
			t.Errorf("cancelled %v", p.done)
		}
	})
}
