package client_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"loket/sync/client"
	"loket/sync/wire"
)

func TestOnceDoesOneRoundAndNeverWaits(t *testing.T) {
	box := newBox(t, 3)
	office := &office{start: time.Now(), fail: []error{&client.Fault{Link: client.Offline, Err: errors.New("cut")}}}
	s := &client.Sender{Outbox: box, Central: office}
	if n, err := s.Once(t.Context()); n != 0 || client.LinkOf(err) != client.Offline {
		t.Errorf("without a line: %d settled, %v", n, err)
	}
	if n, err := s.Once(t.Context()); n != 3 || err != nil {
		t.Errorf("with one: %d settled, %v", n, err)
	}
	for id, state := range box.state {
		if state != wire.StateAccepted {
			t.Errorf("%s: %s", id, state)
		}
	}
	if len(office.tries) != 2 || len(box.state) != 3 {
		t.Errorf("%d tries, %d settled", len(office.tries), len(box.state))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := s.Once(ctx); n != 0 || err != nil {
		t.Errorf("nothing waits: %d, %v", n, err)
	}
}
