package ledger_test

import (
	"bytes"
	"testing"
	"time"

	"loket/sync/ledger"
	"loket/sync/wire"
)

func TestOutbox(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	var entries []ledger.Entry
	for range 5 {
		entries = append(entries, d.decide(t))
	}
	id := func(n int) wire.PacketID { return entries[n].Packet.ID() }
	if at, ok, err := d.Due(ctx); err != nil || !ok || !at.Equal(start.Add(ledger.UndoFor)) {
		t.Errorf("due %v %v %v", at, ok, err)
	}
	d.now = start.Add(time.Minute)
	out, err := d.Take(ctx, 3)
	if err != nil || len(out) != 3 {
		t.Fatalf("took %d, %v", len(out), err)
	}
	for n, o := range out {
		if o.ID != id(n) || !bytes.Equal(o.Bytes, entries[n].Packet.Bytes) || o.Tries != 1 {
			t.Errorf("packet %d is %s, try %d", n, o.ID, o.Tries)
		}
	}
	err = d.Settle(ctx, []ledger.Outcome{
		{ID: id(0), State: wire.StateAccepted},
		{ID: id(1), Cause: "busy", Retry: time.Minute},
		{ID: id(2), State: wire.StateAside, Cause: "poison", Next: "Hubungi admin, sebut nomor paket."},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a sender that died", func(t *testing.T) {
		d.reopen(t)
		out, err := d.Take(ctx, 100)
		if err != nil || len(out) != 2 || out[0].ID != id(3) || out[1].ID != id(4) {
			t.Fatalf("took %d, %v", len(out), err)
		}
		d.reopen(t) // nobody settled: they may have arrived, and are given again
		out, err = d.Take(ctx, 100)
		if err != nil || len(out) != 2 || out[0].Tries != 2 {
			t.Fatalf("took %+v, %v", out, err)
		}
	})
	t.Run("waits for its next try", func(t *testing.T) {
		if i := d.state(t, id(1)); i.State != wire.StateSent || i.Cause != "busy" || i.Wait != time.Minute {
			t.Errorf("item %+v", i)
		}
		if n, err := d.Retry(ctx); err != nil || n != 1 {
			t.Errorf("retry %d, %v", n, err)
		}
		out, err := d.Take(ctx, 1)
		if err != nil || len(out) != 1 || out[0].ID != id(1) {
			t.Errorf("took %+v, %v", out, err)
		}
	})
	t.Run("poison", func(t *testing.T) {
		if i := d.state(t, id(2)); i.State != wire.StateAside || i.Cause != "poison" || i.Next == "" {
			t.Errorf("item %+v", i)
		}
		if n, err := d.Retry(ctx, id(2)); err != nil || n != 1 {
			t.Errorf("retry %d, %v", n, err)
		}
		if i := d.state(t, id(2)); i.State != wire.StateQueued {
			t.Errorf("item %+v", i)
		}
	})
	if r, err := d.Verify(ctx); err != nil || !r.OK() {
		t.Errorf("verify: %+v, %v", r, err)
	}
}

func TestEvents(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	a, b := d.decide(t).Packet.ID(), d.decide(t).Packet.ID()
	d.now = start.Add(time.Minute)
	if _, err := d.Take(ctx, 100); err != nil {
		t.Fatal(err)
	}
	at := start.Add(2 * time.Minute)
	event := func(cursor int64, id string, s wire.State) wire.Event {
		return wire.Event{Cursor: cursor, Packet: id, State: s, At: at, Reason: "sri@contoh.id tidak ada"}
	}
	events := []wire.Event{
		event(7, a.String(), wire.StateMailed),
		event(8, "not a packet", wire.StateAccepted),
		event(9, wire.NewPacketID().String(), wire.StateAccepted),
		event(10, b.String(), wire.StateQueued), // not central's to say
		event(11, a.String(), wire.StateActivated),
	}
	if err := d.Apply(ctx, events, 11); err != nil {
		t.Fatal(err)
	}
	if err := d.Apply(ctx, events[:1], 7); err != nil { // an old page again
		t.Fatal(err)
	}
	if c, err := d.Cursor(ctx); err != nil || c != 11 {
		t.Errorf("cursor %d, %v", c, err)
	}
	if i := d.state(t, a); i.State != wire.StateActivated || !i.StateAt.Equal(at) {
		t.Errorf("a %+v", i)
	}
	if i := d.state(t, b); i.State != wire.StateSent {
		t.Errorf("b %+v", i)
	}
	// The answer to the batch comes after the events about it.
	if err := d.Settle(ctx, []ledger.Outcome{{ID: a, State: wire.StateAccepted}, {ID: b, State: wire.StateAccepted}}); err != nil {
		t.Fatal(err)
	}
	if i := d.state(t, a); i.State != wire.StateActivated {
		t.Errorf("turned back: %+v", i)
	}
	c, err := d.Counts(ctx, start)
	if err != nil || c != (ledger.Counts{Accepted: 1, Active: 1, Today: 2}) {
		t.Errorf("counts %+v, %v", c, err)
	}
	if r, err := d.Verify(ctx); err != nil || !r.OK() {
		t.Errorf("verify: %+v, %v", r, err)
	}
}

// TestRetention: a packet's bytes go when central has it, by its answer or by an
// event, and the log says so. The controls are those that central does not have.
func TestRetention(t *testing.T) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		state wire.State
		event bool
		want  bool // the bytes are gone
	}{
		"accepted":          {wire.StateAccepted, false, true},
		"refused":           {wire.StateRefused, false, true},
		"mailed, by event":  {wire.StateMailed, true, true},
		"control: held":     {wire.StateHeld, false, false},
		"control: aside":    {wire.StateAside, false, false},
		"control: no event": {"", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, t.TempDir())
			sent, waiting := d.decide(t).Packet.ID(), d.decide(t).Packet.ID()
			d.now = start.Add(time.Minute)
			before, err := d.Head(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			if c.event {
				err = d.Apply(ctx, []wire.Event{{Cursor: 1, Packet: sent.String(), State: c.state, At: d.now}}, 1)
			} else {
				err = d.Settle(ctx, []ledger.Outcome{{ID: sent, State: c.state}})
			}
			if err != nil {
				t.Fatal(err)
			}
			var left int
			if err := d.DB().QueryRow("SELECT count(*) FROM packets WHERE body IS NOT NULL").Scan(&left); err != nil || (left == 1) != c.want {
				t.Errorf("%d packets have their bytes, %v", left, err)
			}
			entries, err := d.Entries(ctx, before.Size, 10)
			if err != nil {
				t.Fatal(err)
			}
			if wiped := len(entries) > 0 && entries[len(entries)-1].Kind == "wipe"; wiped != c.want {
				t.Errorf("the log says %+v", entries)
			}
			out, err := d.Take(ctx, 100)
			if err != nil || len(out) == 0 || out[len(out)-1].ID != waiting || len(out[len(out)-1].Bytes) == 0 {
				t.Errorf("took %v, %v", out, err)
			}
			if r, err := d.Verify(ctx); err != nil || !r.OK() {
				t.Errorf("verify: %+v, %v", r, err)
			}
		})
	}
}

// TestRetentionOfOld takes what a program left that wiped nothing itself.
func TestRetentionOfOld(t *testing.T) {
	d := newDesk(t, t.TempDir())
	d.decide(t)
	d.decide(t)
	if _, err := d.DB().Exec("UPDATE packets SET state = 'accepted' WHERE seq = 1"); err != nil {
		t.Fatal(err)
	}
	if n, err := d.WipeBodies(t.Context(), start); n != 0 || err != nil {
		t.Errorf("wiped %d too early, %v", n, err)
	}
	if n, err := d.WipeBodies(t.Context(), start.Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("wiped %d, %v", n, err)
	}
}

func TestOldest(t *testing.T) {
	d := newDesk(t, t.TempDir())
	if _, ok, err := d.Oldest(t.Context()); ok || err != nil {
		t.Errorf("of nothing: %v, %v", ok, err)
	}
	d.decide(t)
	d.now = start.Add(time.Hour)
	d.decide(t)
	if at, ok, err := d.Oldest(t.Context()); !at.Equal(start) || !ok || err != nil {
		t.Errorf("%v %v %v", at, ok, err)
	}
}

// TestClockSetRight: what was decided under a clock that was days ahead is not
// stuck for these days once it is set right.
func TestClockSetRight(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	d.now = start.AddDate(0, 0, 30)
	a, b := d.decide(t).Packet.ID(), d.decide(t).Packet.ID()
	d.now = d.now.Add(ledger.UndoFor)
	if out, err := d.Take(ctx, 1); err != nil || len(out) != 1 || out[0].ID != a {
		t.Fatalf("took %v, %v", out, err)
	}
	if err := d.Settle(ctx, []ledger.Outcome{{ID: a, Cause: "offline", Retry: 24 * time.Hour}}); err != nil {
		t.Fatal(err)
	}
	if i := d.state(t, a); i.Wait != ledger.MaxRetry {
		t.Errorf("put off by %v", i.Wait)
	}
	d.now = start // the server has said the time
	if at, ok, err := d.Due(ctx); err != nil || !ok || at.After(d.now) {
		t.Errorf("due %v %v %v", at, ok, err)
	}
	if i := d.state(t, b); i.Wait != 0 || i.Undo != 0 {
		t.Errorf("waits %v, undo %v", i.Wait, i.Undo)
	}
	if out, err := d.Take(ctx, 100); err != nil || len(out) != 2 {
		t.Errorf("took %d, %v", len(out), err)
	}
}
