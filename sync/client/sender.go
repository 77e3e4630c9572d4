package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"loket/sync/wire"
)

// Outgoing is a packet to be sent: its id, and the bytes as they are stored.
type Outgoing struct {
	ID    wire.PacketID
	Bytes []byte
}

// Outcome is what became of a packet. State "" says that it is still to be
// sent, not before Retry has passed; Cause is a Link or a reason's code.
type Outcome struct {
	ID    wire.PacketID
	State wire.State
	Cause string
	Next  string
	Retry time.Duration
}

// Outbox is the ledger as the sender sees it (sync/client/outbox makes one of a
// ledger). A packet that was taken and never settled is given again.
type Outbox interface {
	Take(ctx context.Context, limit int) ([]Outgoing, error)
	Settle(ctx context.Context, outcomes []Outcome) error
	Cursor(ctx context.Context) (int64, error)
	Apply(ctx context.Context, events []wire.Event, after int64) error
	Due(ctx context.Context) (at time.Time, ok bool, err error)
	HeadRequest(ctx context.Context) (wire.HeadRequest, error)
	HeadAccepted(ctx context.Context, r wire.HeadResponse) error
}

// Central is what the sender asks of central; *Client is one.
type Central interface {
	Packets(ctx context.Context, bodies [][]byte) (wire.PacketsResponse, error)
	Events(ctx context.Context, after int64) (wire.EventsResponse, error)
	Head(ctx context.Context, in wire.HeadRequest) (wire.HeadResponse, error)
	HeldHead(ctx context.Context) (wire.HeadResponse, error)
	Time(ctx context.Context) (time.Time, error)
	Trust(ctx context.Context) ([]byte, error)
	Policy(ctx context.Context) ([]byte, error)
	Session() (wire.SessionResponse, bool)
}

// State is the line to central at one moment.
type State struct {
	Link   Link
	Detail string    // of a fault
	Since  time.Time // when Link began
	Retry  time.Time // of the next try; zero while none is waited for
	Paused bool
	Synced time.Time // last time that everything went well; zero for never here

	Progress Progress // of what is being sent
}

// Cause is Link, or what is told apart from the others of that Link (CauseOf).
func (s State) Cause() string { return cause(s.Link, s.Detail) }

// How often the sender looks for events: soon after something was sent, then
// ever more rarely; and how it backs off.
const (
	pollSoon  = time.Second
	pollLate  = 15 * time.Second
	backFirst = 2 * time.Second
	backMost  = 5 * time.Minute
	backNear  = time.Minute      // the most while nothing reaches central at all: trying costs it nothing, and the officer waits
	refresh   = 10 * time.Minute // trust list and policy
)

// Sender empties the outbox and takes events. Run is its one goroutine; every
// other method may be called from any.
type Sender struct {
	Outbox  Outbox
	Central Central
	Keep    func(ctx context.Context, trust, policy []byte) error // new trust list and policy, to be opened and kept; nil for nobody
	Watch   func(State)                                           // told each change; must not block
	Log     *slog.Logger
	Rand    func() float64 // in [0, 1); math/rand/v2's unless given

	once sync.Once
	kick chan struct{}

	haul haul // of Run's goroutine

	mu     sync.Mutex
	state  State
	paused bool
}

func (s *Sender) init() {
	s.once.Do(func() {
		s.kick = make(chan struct{}, 1)
		s.state.Link = Unchecked
		if s.Rand == nil {
			s.Rand = rand.Float64
		}
		if s.Log == nil {
			s.Log = slog.New(slog.DiscardHandler)
		}
	})
}

// State is the line now.
func (s *Sender) State() State {
	s.init()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Kick ends any waiting: a decision was kept, an officer logged in, or somebody
// asked to try again.
func (s *Sender) Kick() {
	s.init()
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// Pause stops and resumes sending.
func (s *Sender) Pause(on bool) {
	s.init()
	s.mu.Lock()
	s.paused = on
	s.mu.Unlock()
	s.change(func(st *State) { st.Paused = on })
	s.Kick()
}

func (s *Sender) isPaused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paused
}

func (s *Sender) change(f func(*State)) {
	s.mu.Lock()
	old := s.state
	f(&s.state)
	if s.state.Link != old.Link {
		s.state.Since = time.Now()
	}
	now := s.state
	s.mu.Unlock()
	if now != old && s.Watch != nil {
		s.Watch(now)
	}
}

// Run sends until ctx ends. It returns an error of the outbox, which is the
// disk's; faults of the line only make it wait.
func (s *Sender) Run(ctx context.Context) error {
	s.init()
	back := backoff.NewExponentialBackOff()
	back.InitialInterval, back.MaxInterval, back.Multiplier, back.RandomizationFactor = backFirst, backMost, 2, 0
	back.Reset()
	poll, refreshed := pollSoon, time.Time{}
	for ctx.Err() == nil {
		if s.isPaused() {
			s.wait(ctx, pollLate)
			continue
		}
		sent, err := s.round(ctx, &refreshed)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			back.Reset()
			if sent > 0 {
				poll = pollSoon
			}
			s.change(func(st *State) { st.Link, st.Detail, st.Retry, st.Synced = Online, "", time.Time{}, time.Now() })
			d, err := s.until(ctx, poll)
			if err != nil {
				return err
			}
			if s.wait(ctx, d) {
				poll = pollSoon
			}
			poll = min(2*poll, pollLate)
		default:
			link := LinkOf(err)
			if link == Unchecked {
				return err
			}
			d := s.pause(back.NextBackOff(), err)
			s.fault(link, err, d)
			if s.wait(ctx, d) {
				back.Reset()
			}
		}
	}
	return nil
}

// pause is the backoff with full jitter, or what central asked for where that
// is longer, spread too so that counters do not come back all at once.
func (s *Sender) pause(most time.Duration, err error) time.Duration {
	if link := LinkOf(err); link == Offline || link == Portal {
		most = min(most, backNear)
	}
	d := time.Duration(s.Rand() * float64(most))
	var f *Fault
	if errors.As(err, &f) && f.After > 0 {
		d += f.After
	}
	return max(d, 100*time.Millisecond)
}

func (s *Sender) fault(link Link, err error, d time.Duration) {
	var f *Fault
	detail := ""
	if errors.As(err, &f) {
		detail = f.Detail
	}
	s.Log.Warn("no line to central", "link", string(link), "detail", detail, "retry", d.Round(time.Millisecond))
	s.change(func(st *State) { st.Link, st.Detail, st.Retry = link, detail, time.Now().Add(d) })
}

// until is how long to wait when all is well: to the next look for events, or
// to the next packet that is due, whichever is sooner.
func (s *Sender) until(ctx context.Context, poll time.Duration) (time.Duration, error) {
	at, ok, err := s.Outbox.Due(ctx)
	if err != nil {
		return 0, fmt.Errorf("sender: %w", err)
	}
	if d := time.Until(at); ok && d > 0 {
		poll = min(poll, d)
	} // what is due already was just taken, or the ledger's clock differs
	return poll, nil
}

// wait waits, and says whether somebody kicked.
func (s *Sender) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-s.kick:
		return true
	}
	return false
}
