package client_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"loket/sync/client"
	"loket/sync/wire"
)

// counted is a box that knows how many packets wait.
type counted struct{ *box }

func (c counted) Waiting(context.Context) (int, error) { return len(c.waiting), nil }

// slow is an office that takes ten seconds for a batch.
type slow struct{ *office }

func (s slow) Packets(ctx context.Context, bodies [][]byte) (wire.PacketsResponse, error) {
	time.Sleep(10 * time.Second) // false time
	return s.office.Packets(ctx, bodies)
}

func TestProgress(t *testing.T) {
	type steps = []client.Progress
	for _, c := range []struct {
		name    string
		packets int
		fail    []error // answers to the first tries
		want    steps
	}{
		{"a van comes home", 212, nil, steps{{0, 212, 0}, {100, 212, 11 * time.Second}, {200, 212, time.Second}, {}}},
		{"the line fails once", 212, []error{offline}, steps{{0, 212, 0}, {100, 212, 11 * time.Second}, {200, 212, time.Second}, {}}},
		{"a single decision", 1, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got steps
			synctest.Test(t, func(t *testing.T) {
				s := &client.Sender{Outbox: counted{newBox(t, c.packets)}, Central: slow{&office{start: time.Now(), fail: c.fail}}, Rand: func() float64 { return 0.5 },
					Watch: func(st client.State) {
						if n := len(got); st.Progress != (client.Progress{}) && n == 0 || n > 0 && got[n-1] != st.Progress {
							got = append(got, st.Progress)
						}
					}}
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				if err := s.Run(ctx); err != nil {
					t.Fatal(err)
				}
			})
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestCause: what other people must do something about has a name of its own,
// on the line and on each item that waits for it.
func TestCause(t *testing.T) {
	for _, c := range []struct {
		link   client.Link
		detail string
		want   string
	}{
		{client.Offline, "name", "name"},
		{client.Offline, "refused", "offline"},
		{client.TLS, "expired", "expired"},
		{client.TLS, "foreign", "tls"},
		{client.Server, "full", "full"},
		{client.Server, "status", "server"},
		{client.Clock, "late", "clock"},
		{client.Portal, "html", "portal"},
		{client.Busy, "status", "busy"},
	} {
		t.Run(c.want+" "+c.detail, func(t *testing.T) {
			b := newBox(t, 1)
			o := &office{fail: slices.Repeat([]error{&client.Fault{Link: c.link, Detail: c.detail, Err: context.Canceled}}, 50)}
			var state client.State
			if err := run(t, b, o, 10*time.Second, func(s *client.Sender) {
				time.Sleep(5 * time.Second) // false time
				state = s.State()
			}); err != nil {
				t.Fatal(err)
			}
			if got := state.Cause(); got != c.want {
				t.Errorf("the line says %q", got)
			}
			if got := b.cause[wire.PacketID{1}]; got != c.want {
				t.Errorf("the packet says %q", got)
			}
		})
	}
	if got := client.CauseOf(&wire.Error{Code: wire.CodeRevoked}); got != "revoked" {
		t.Errorf("a revoked device is %q", got)
	}
}
