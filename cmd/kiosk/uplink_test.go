package main

import (
	"context"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/sync/client/outbox"
	"loket/sync/wire"
)

// A PC whose clock is a minute from trusted time waits as long as is to wait.
func TestDueByThePCsClock(t *testing.T) {
	c := newCrash(t)
	s, _ := serving(t, c)
	s.areas = nil // central is not asked again
	s.clock.Server(time.Now().Add(-time.Minute))
	o, err := (&officers{s: s}).LogIn(t.Context(), "014", crashPIN)
	if err != nil {
		t.Fatal(err)
	}
	b := &book{s: s, zone: time.UTC, sent: func(context.Context) {}}
	work := app.Case{Session: declined(s.now())}
	begun := time.Now()
	if _, err := b.Decide(t.Context(), work, o, nil); err != nil {
		t.Fatal(err)
	}
	at, ok, err := pcTime{outbox.Outbox{Ledger: s.ledger}, s.now}.Due(t.Context())
	if wait := at.Sub(begun); err != nil || !ok || wait < 8*time.Second || wait > 10*time.Second+time.Since(begun) {
		t.Errorf("due %v after the decision began, %v, %v; want about 10s", wait, ok, err)
	}
	// Control: by the ledger's own time it seems to be over.
	if at, _, _ := (outbox.Outbox{Ledger: s.ledger}).Due(t.Context()); at.Sub(begun) > 0 {
		t.Error("the two clocks do not differ: nothing was tested")
	}
	items, err := s.ledger.Items(t.Context(), 1)
	if err != nil || len(items) != 1 || items[0].State != wire.StateQueued {
		t.Errorf("items %+v, %v", items, err)
	}
}

// declined is a session that ended at once.
func declined(now time.Time) activation.Session {
	s, err := activation.Begin("case-1", "014", now).Next(activation.Decided{Decision: activation.Decline, Reason: activation.NotWanted}, now)
	if err != nil {
		panic(err) // the rules allow that at any stage
	}
	return s
}
