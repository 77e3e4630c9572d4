package main

import (
	"log/slog"
	"testing"
	"time"

	"loket/sync/ledger"
	"loket/sync/wire"
)

// TestQueueSaysWhatCentralSays: the sentence with which central answered stands
// in the queue until the state moves on.
func TestQueueSaysWhatCentralSays(t *testing.T) {
	c := newCrash(t)
	refuse(t, c.dir)
	s, err := openStation(t.Context(), c.dir, later, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	items, err := s.ledger.Items(t.Context(), 1)
	if err != nil || len(items) != 1 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	b := &book{s: s, zone: time.UTC}
	for _, o := range []ledger.Outcome{
		{State: wire.StateHeld, Cause: "KODE_TERPAKAI", Next: "Menunggu pemeriksaan penyelia di pusat."},
		{State: wire.StateAccepted},
	} {
		o.ID = items[0].Packet
		if o.State == wire.StateHeld {
			if err := s.ledger.Settle(t.Context(), []ledger.Outcome{o}); err != nil {
				t.Fatal(err)
			}
		} else if err := s.ledger.Apply(t.Context(), []wire.Event{{Cursor: 1, Packet: o.ID.String(), State: o.State, At: time.Now()}}, 1); err != nil {
			t.Fatal(err)
		}
		q, err := b.Queue(t.Context())
		if err != nil || len(q.Items) != 1 {
			t.Fatalf("queue %+v, %v", q, err)
		}
		if got := q.Items[0]; got.State != string(o.State) || got.Cause != o.Cause || got.Next != o.Next {
			t.Errorf("item %+v, want %+v", got, o)
		}
	}
}
