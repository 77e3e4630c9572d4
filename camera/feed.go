package camera

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"
)

// Patience is how long a picture may stay away, or stay the same to the last
// byte, before that is a fault. A sensor's noise changes every frame, so two
// equal ones are never a live picture. It is a quarter of a second under the
// three seconds in which the officer must read the sentence.
const Patience = 2750 * time.Millisecond

// grace is how long Run waits for a Read to return after Close. A dead V4L2
// device can hold it for ten seconds; then it is left behind.
const grace = 500 * time.Millisecond

// ErrRunning says that the Feed has its one reader already.
var ErrRunning = errors.New("camera: feed already has a reader")

// A Feed holds the newest frame of one camera. Its methods may be called from
// any goroutine and never wait for the camera, but for Next, which waits for a
// frame, and Run and Keep, which carry them.
type Feed struct {
	mu      sync.Mutex
	fresh   chan struct{} // closed when a frame is published
	latest  Frame
	running bool
	state   State
	since   time.Time // of state
	changed time.Time // when the bytes last differed from the frame before
	fault   Fault     // of the last attempt; kept until a live frame comes
	cause   error
	stuck   int // reads and opens left behind that have not returned
}

// NewFeed returns a Feed without a picture.
func NewFeed() *Feed {
	return &Feed{fresh: make(chan struct{}), state: Idle, since: time.Now()}
}

// Next returns the newest frame whose Seq is greater than after, waiting for
// one if need be. A caller passes the Seq it saw last; what came in between is
// skipped. The error is ctx's.
func (f *Feed) Next(ctx context.Context, after uint64) (Frame, error) {
	for {
		f.mu.Lock()
		frame, fresh := f.latest, f.fresh
		f.mu.Unlock()
		if frame.Seq > after {
			return frame, nil
		}
		select {
		case <-ctx.Done():
			return Frame{}, ctx.Err()
		case <-fresh:
		}
	}
}

// Latest returns the newest frame without waiting; false if there was none
// yet. It may be old: Frame.At and Health say how old.
func (f *Feed) Latest() (Frame, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.latest, f.latest.Seq > 0
}

// Run reads src without pause and publishes what it yields, until ctx ends
// (its error) or a fault is found: the error wraps a Fault. Run owns src and
// closes it. A Read that does not return after Close is left behind, and what
// it still yields is dropped. Two Runs at once are ErrRunning.
func (f *Feed) Run(ctx context.Context, src Source) error {
	if err := f.start(); err != nil {
		return errors.Join(err, src.Close())
	}
	defer f.stop()
	return f.run(ctx, src)
}

func (f *Feed) run(ctx context.Context, src Source) error {
	done := make(chan error, 1)
	reader := &reader{feed: f, src: src}
	f.begin(Starting)
	go func() { done <- reader.read() }()

	watch := time.NewTimer(Patience)
	defer watch.Stop()
	started := time.Now()
	var err error
	for err == nil {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case cause := <-done:
			done <- nil // for the goodbye below
			if err = ctx.Err(); err == nil {
				err = f.fail(FaultOf(cause, Ended), cause)
			}
		case <-watch.C:
			fault, wait := f.overdue(started)
			if fault != "" {
				err = f.fail(fault, nil)
			}
			watch.Reset(wait)
		}
	}
	reader.leave()
	f.abandon(func() error { return errors.Join(src.Close(), <-done) })
	return err
}

// abandon runs end on its own goroutine and waits for it at most grace long;
// after that it counts as stuck until it returns.
func (f *Feed) abandon(end func() error) {
	over := make(chan struct{})
	f.mu.Lock()
	f.stuck++
	f.mu.Unlock()
	go func() {
		defer close(over)
		_ = end() // the fault that led here is the one that counts
		f.mu.Lock()
		f.stuck--
		f.mu.Unlock()
	}()
	wait := time.NewTimer(grace)
	defer wait.Stop()
	select {
	case <-over:
	case <-wait.C:
	}
}

// overdue says which fault the frames' ages show at this moment, else how long
// until it can first be one. started is when reading began.
func (f *Feed) overdue(started time.Time) (Fault, time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	at, changed := later(f.latest.At, started), later(f.changed, started)
	switch {
	case now.Sub(at) >= Patience:
		return NoNewFrame, Patience
	case now.Sub(changed) >= Patience:
		return Frozen, Patience
	}
	return "", Patience - now.Sub(changed) // changed is never after at
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// fail records the fault and returns it as the error of this attempt.
func (f *Feed) fail(fault Fault, cause error) error {
	err := error(fault)
	if cause != nil && !errors.Is(cause, fault) {
		err = fmt.Errorf("%w: %w", fault, cause)
	} else if cause != nil {
		err = cause
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault != fault || f.state != Faulty {
		f.state, f.since = Faulty, time.Now()
	}
	f.fault, f.cause = fault, err
	return err
}

// publish makes img the newest frame. A frame that differs from the last one
// shows that the camera lives, and ends a fault; the very first one does too.
func (f *Feed) publish(img *image.RGBA) {
	now := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	if last := f.latest.Image; last == nil || last.Rect != img.Rect || !bytes.Equal(last.Pix, img.Pix) {
		f.changed = now
		f.fault, f.cause = "", nil
		if f.state != Live {
			f.state, f.since = Live, now
		}
	}
	f.latest = Frame{Image: img, Seq: f.latest.Seq + 1, At: now}
	close(f.fresh)
	f.fresh = make(chan struct{})
}

func (f *Feed) start() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running {
		return ErrRunning
	}
	f.running = true
	f.fault, f.cause = "", nil
	return nil
}

func (f *Feed) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running = false
	if f.state != Faulty {
		f.state, f.since = Idle, time.Now()
	}
}

// begin enters a state of a new attempt; a fault still on show stays on show.
func (f *Feed) begin(s State) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault == "" && f.state != s {
		f.state, f.since = s, time.Now()
	}
}

// reader is one Source being read on one goroutine. Once left, whatever it
// still yields is dropped.
type reader struct {
	feed *Feed
	src  Source
	mu   sync.Mutex
	left bool
}

func (r *reader) read() error {
	for {
		img, err := r.src.Read()
		if err != nil {
			return err
		}
		r.mu.Lock()
		left := r.left
		if !left {
			r.feed.publish(img)
		}
		r.mu.Unlock()
		if left {
			return nil
		}
	}
}

func (r *reader) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = true
}
