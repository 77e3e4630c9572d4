package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"loket/app"
)

func (l ledgerPort) Rules(context.Context) ([]app.Rule, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.rules), l.err
}

func (l ledgerPort) EndDay(_ context.Context, o app.Officer) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return 0, l.err
	}
	n := len(l.drafts)
	l.drafts = nil
	clear(l.plain)
	l.audit = append(l.audit, "day-ended "+o.ID)
	return n, nil
}

// TestFrozen: a limit that is reached stops new cases and nothing else; one
// that is near only warns.
func TestFrozen(t *testing.T) {
	near, reached := app.Rule{Code: "pending", Used: 400, Most: 500}, app.Rule{Code: "sync", Used: 7, Most: 7, Stop: true}
	for name, c := range map[string]struct {
		rules  []app.Rule
		notice string
	}{
		"control: none": {nil, ""},
		"near":          {[]app.Rule{near}, ""},
		"reached":       {[]app.Rule{reached, near}, "frozen-sync"},
	} {
		t.Run(name, func(t *testing.T) {
			counter(t, func(w *world) {
				w.logIn()
				w.send(app.Next{})
				w.on(app.ScreenReady) // this case was begun before
				w.ledger.mu.Lock()
				w.ledger.rules = c.rules
				w.ledger.mu.Unlock()
				w.send(app.SetAside{})
				w.on(app.ScreenHome)
				w.pass(20 * time.Second)
				if got := w.now().Home.Rules; !slices.Equal(got, c.rules) {
					t.Errorf("home shows %+v", got)
				}
				w.send(app.Next{})
				if c.notice == "" {
					w.on(app.ScreenReady)
					return
				}
				w.on(app.ScreenHome)
				w.notice(c.notice)
				w.send(app.Resume{}) // what is open goes on
				w.on(app.ScreenReady)
			})
		})
	}
}

// TestEndDay: the day ends when it was asked for twice, and takes the unfinished
// cases along.
func TestEndDay(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.send(app.Next{}, app.SetAside{})
		w.on(app.ScreenHome)
		w.send(app.EndDay{}) // not from here
		w.send(app.Open{Screen: app.ScreenTools}, app.EndDay{})
		if v := w.now().Tools; !v.Ending || v.Drafts != 1 {
			t.Errorf("asked with %+v", v)
		}
		w.send(app.Back{})
		if w.now().Tools.Ending || w.ledger.counts().drafts != 1 {
			t.Error("ended although the officer went back")
		}
		w.send(app.EndDay{}, app.Open{Screen: app.ScreenHome}, app.Open{Screen: app.ScreenTools})
		if w.now().Tools.Ending {
			t.Error("still asks after another screen was open")
		}
		w.send(app.EndDay{}, app.EndDay{})
		w.notice("day-ended")
		if w.ledger.counts().drafts != 0 || !w.ledger.audited("day-ended 014") {
			t.Error("the day did not end")
		}
		w.send(app.Open{Screen: app.ScreenHome})
		if d := w.now().Home.Drafts; len(d) != 0 {
			t.Errorf("home offers %+v", d)
		}
	})
}

// TestEndDayNotDuringACase: a citizen at the counter keeps the day open.
func TestEndDayNotDuringACase(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.send(app.Next{})
		w.on(app.ScreenReady)
		w.send(app.Open{Screen: app.ScreenTools}, app.EndDay{}, app.EndDay{})
		w.on(app.ScreenReady)
		if w.ledger.audited("day-ended 014") {
			t.Error("ended during a case")
		}
	})
}
