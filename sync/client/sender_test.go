package client_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"loket/sync/client"
	"loket/sync/wire"
)

// box is a small outbox in memory that checks the sender.
type box struct {
	t       *testing.T
	waiting []client.Outgoing
	state   map[wire.PacketID]wire.State
	cause   map[wire.PacketID]string
	cursor  int64
	events  []wire.Event
	head    int64 // size central is thought to hold
	broken  error
}

func newBox(t *testing.T, n int) *box {
	b := &box{t: t, state: map[wire.PacketID]wire.State{}, cause: map[wire.PacketID]string{}}
	for i := range n {
		b.waiting = append(b.waiting, client.Outgoing{ID: wire.PacketID{byte(i + 1)}, Bytes: []byte{byte(i + 1)}})
	}
	return b
}

func (b *box) Take(_ context.Context, limit int) ([]client.Outgoing, error) {
	return slices.Clone(b.waiting[:min(limit, len(b.waiting))]), b.broken
}

func (b *box) Settle(_ context.Context, outs []client.Outcome) error {
	for _, o := range outs {
		i := slices.IndexFunc(b.waiting, func(w client.Outgoing) bool { return w.ID == o.ID })
		if i < 0 {
			b.t.Errorf("settled %s, which does not wait", o.ID)
			continue
		}
		b.cause[o.ID] = o.Cause
		if o.State != "" {
			b.state[o.ID] = o.State
			b.waiting = slices.Delete(b.waiting, i, i+1)
		}
	}
	return nil
}

func (b *box) Cursor(context.Context) (int64, error) { return b.cursor, nil }

func (b *box) Apply(_ context.Context, events []wire.Event, after int64) error {
	if after <= b.cursor {
		b.t.Errorf("cursor from %d to %d", b.cursor, after)
	}
	b.events, b.cursor = append(b.events, events...), after
	return nil
}

func (b *box) Due(context.Context) (time.Time, bool, error) { return time.Time{}, false, nil }

func (b *box) HeadRequest(context.Context) (wire.HeadRequest, error) {
	return wire.HeadRequest{Head: []byte{byte(b.head)}}, nil
}

func (b *box) HeadAccepted(_ context.Context, r wire.HeadResponse) error {
	b.head = r.Size
	return nil
}

// office is a central in memory: it keeps what it got, and fails as told.
type office struct {
	start   time.Time
	fail    []error         // answers to the next tries
	lose    bool            // takes the next batch in, and the answer is lost
	bad     byte            // a packet that makes a request unreadable
	got     map[byte]int    // how often each packet was taken in
	tries   []time.Duration // since start
	pages   [][]wire.Event
	session bool
	times   int
	heads   []int64
	held    int64
}

func (o *office) Packets(_ context.Context, bodies [][]byte) (wire.PacketsResponse, error) {
	o.tries = append(o.tries, time.Since(o.start))
	if len(o.fail) > 0 {
		err := o.fail[0]
		o.fail = o.fail[1:]
		return wire.PacketsResponse{}, err
	}
	if o.got == nil {
		o.got = map[byte]int{}
	}
	for _, b := range bodies {
		if o.bad != 0 && b[0] == o.bad {
			return wire.PacketsResponse{}, &wire.Error{Status: 400, Code: wire.CodeBadRequest}
		}
	}
	var out wire.PacketsResponse
	for _, b := range bodies {
		r := wire.PacketResult{Result: wire.ResultAccepted, State: wire.StateAccepted}
		if o.got[b[0]]++; o.got[b[0]] > 1 {
			r.Result = wire.ResultDuplicate
		}
		out.Results = append(out.Results, r)
	}
	if o.lose {
		o.lose = false
		return wire.PacketsResponse{}, &client.Fault{Link: client.Offline, Detail: "closed", Err: errors.New("cut")}
	}
	return out, nil
}

func (o *office) Events(_ context.Context, after int64) (wire.EventsResponse, error) {
	if len(o.pages) == 0 {
		return wire.EventsResponse{Cursor: after}, nil
	}
	page := o.pages[0]
	o.pages = o.pages[1:]
	return wire.EventsResponse{Events: page, Cursor: page[len(page)-1].Cursor, More: len(o.pages) > 0}, nil
}

func (o *office) Head(_ context.Context, in wire.HeadRequest) (wire.HeadResponse, error) {
	o.heads = append(o.heads, int64(in.Head[0]))
	if int64(in.Head[0]) != o.held {
		return wire.HeadResponse{}, &wire.Error{Code: wire.CodeHead}
	}
	o.held++
	return wire.HeadResponse{Size: o.held}, nil
}

func (o *office) HeldHead(context.Context) (wire.HeadResponse, error) {
	return wire.HeadResponse{Size: o.held}, nil
}

func (o *office) Time(context.Context) (time.Time, error) {
	o.times++
	return time.Now(), nil
}

func (o *office) Trust(context.Context) ([]byte, error)  { return []byte("trust"), nil }
func (o *office) Policy(context.Context) ([]byte, error) { return []byte("policy"), nil }
func (o *office) Session() (wire.SessionResponse, bool)  { return wire.SessionResponse{}, o.session }

// run runs a sender for a while of false time and gives what Run returned.
func run(t *testing.T, b *box, o *office, d time.Duration, during func(*client.Sender)) error {
	t.Helper()
	var err error
	synctest.Test(t, func(t *testing.T) {
		o.start = time.Now()
		s := &client.Sender{Outbox: b, Central: o, Rand: func() float64 { return 0.5 }}
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		if during != nil {
			go during(s)
		}
		err = s.Run(ctx)
	})
	return err
}

var offline = &client.Fault{Link: client.Offline, Detail: "refused", Err: errors.New("refused")}

func TestSenderBacksOff(t *testing.T) {
	b, o := newBox(t, 3), &office{fail: []error{offline, offline, &client.Fault{Link: client.Busy, Detail: "status", After: 30 * time.Second, Err: errors.New("503")}, offline}}
	if err := run(t, b, o, time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	// Half of 2 s, 4 s, 8 s and 16 s, and the 30 s that central asked for.
	want := []time.Duration{0, 1 * time.Second, 3 * time.Second, 37 * time.Second, 45 * time.Second}
	if !slices.Equal(o.tries, want) {
		t.Errorf("tried at %v, want %v", o.tries, want)
	}
	if len(b.waiting) != 0 || len(b.state) != 3 {
		t.Errorf("%d wait, %d are settled", len(b.waiting), len(b.state))
	}
}

func TestSenderIsKicked(t *testing.T) {
	b, o := newBox(t, 1), &office{fail: slices.Repeat([]error{offline}, 20)}
	var state client.State
	err := run(t, b, o, 10*time.Minute, func(s *client.Sender) {
		time.Sleep(130 * time.Second) // false time: the sender waits for its tenth try, at 151 s
		state = s.State()
		o.fail = nil
		s.Kick()
	})
	if err != nil {
		t.Fatal(err)
	}
	if state.Link != client.Offline || state.Detail != "refused" || !state.Retry.After(o.start.Add(130*time.Second)) {
		t.Errorf("state %+v", state)
	}
	want := []time.Duration{0, 1, 3, 7, 15, 31, 61, 91, 121, 130} // half of at most a minute while offline
	for i := range want {
		want[i] *= time.Second
	}
	if !slices.Equal(o.tries, want) {
		t.Errorf("tried at %v, want %v: the last at the kick", o.tries, want)
	}
	if len(b.waiting) != 0 {
		t.Error("still waits")
	}
}

func TestSenderSendsAgainWhatMayHaveArrived(t *testing.T) {
	b, o := newBox(t, 2), &office{lose: true}
	if err := run(t, b, o, time.Minute, nil); err != nil {
		t.Fatal(err)
	}
	if o.got[1] != 2 || o.got[2] != 2 {
		t.Errorf("central got them %v times, want twice", o.got)
	}
	if len(b.waiting) != 0 || b.state[wire.PacketID{1}] != wire.StateAccepted {
		t.Errorf("%d wait, state %v", len(b.waiting), b.state)
	}
}

func TestPoisonBlocksNobody(t *testing.T) {
	b, o := newBox(t, 250), &office{bad: 7}
	if err := run(t, b, o, time.Minute, nil); err != nil {
		t.Fatal(err)
	}
	if len(b.waiting) != 0 {
		t.Errorf("%d still wait", len(b.waiting))
	}
	for i := range 250 {
		want := wire.StateAccepted
		if i+1 == 7 {
			want = wire.StateAside
		}
		if got := b.state[wire.PacketID{byte(i + 1)}]; got != want {
			t.Errorf("packet %d is %s, want %s", i+1, got, want)
		}
	}
}

func TestSenderTakesEvents(t *testing.T) {
	page := func(from int64, n int) (events []wire.Event) {
		for i := range n {
			events = append(events, wire.Event{Cursor: from + int64(i)})
		}
		return events
	}
	b, o := newBox(t, 0), &office{session: true, pages: [][]wire.Event{page(1, 3), page(10, 2)}}
	if err := run(t, b, o, time.Second, nil); err != nil {
		t.Fatal(err)
	}
	if len(b.events) != 5 || b.cursor != 11 || o.times != 0 {
		t.Errorf("%d events, cursor %d, asked for the time %d times", len(b.events), b.cursor, o.times)
	}
	b, o = newBox(t, 0), &office{pages: [][]wire.Event{page(1, 3)}}
	if err := run(t, b, o, time.Second, nil); err != nil {
		t.Fatal(err)
	}
	if len(b.events) != 0 || o.times == 0 {
		t.Errorf("without an officer: %d events, asked for the time %d times", len(b.events), o.times)
	}
}

func TestSenderFindsTheHeadThatCentralHolds(t *testing.T) {
	b, o := newBox(t, 1), &office{held: 5}
	if err := run(t, b, o, time.Second, nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(o.heads, []int64{0, 5}) || b.head != 6 {
		t.Errorf("offered heads %v, holds %d", o.heads, b.head)
	}
}

func TestSenderPauses(t *testing.T) {
	b, o := newBox(t, 1), &office{}
	err := run(t, b, o, time.Minute, func(s *client.Sender) {
		s.Pause(true)
		time.Sleep(30 * time.Second)
		b.waiting = append(b.waiting, client.Outgoing{ID: wire.PacketID{9}, Bytes: []byte{9}})
		time.Sleep(10 * time.Second)
		if o.got[9] != 0 || !s.State().Paused {
			t.Error("sent while paused")
		}
		s.Pause(false)
	})
	if err != nil || o.got[9] != 1 {
		t.Errorf("after the pause central got %d, %v", o.got[9], err)
	}
}

func TestSenderEndsWithItsOutbox(t *testing.T) {
	b, o := newBox(t, 1), &office{}
	b.broken = errors.New("disk")
	if err := run(t, b, o, time.Minute, nil); !errors.Is(err, b.broken) {
		t.Errorf("got %v", err)
	}
}
