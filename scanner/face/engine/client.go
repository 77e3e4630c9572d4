package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"loket/scanner/face"
)

var (
	// ErrRestarted means that the engine died or hung over this picture and is
	// being started again; the next picture may go well.
	ErrRestarted = errors.New("face engine stopped and is being restarted")
	// ErrNoModel means that no detector is installed.
	ErrNoModel = errors.New("no face model is installed")
	// ErrNoMatcher means that faces are found but can't be described.
	ErrNoMatcher = errors.New("no face matcher is installed")
	// ErrClosed means that the client was closed.
	ErrClosed = errors.New("face engine is closed")
)

// State is how the engine stands.
type State string

const (
	Starting   State = "starting"
	Ready      State = "ready"
	Restarting State = "restarting"
	NoModel    State = "no-model"   // no detector: nothing works
	NoMatcher  State = "no-matcher" // faces are found, none is compared
	Closed     State = "closed"
)

// Options of a Client; the zero value means the defaults.
type Options struct {
	// Command makes the child's command, without its pipes: by default this
	// program with the argument "engine".
	Command func() *exec.Cmd
	// Timeout is how long a picture may take, 3 s; below 0 there is none.
	Timeout time.Duration
	// StartTimeout is how long the child may take to load its networks, 20 s.
	StartTimeout time.Duration
	// OnState is called on the client's goroutine whenever the state changes; it
	// must return soon.
	OnState func(State)
	Stderr  io.Writer // the child's log; by default none
	Log     *slog.Logger
}

// Client owns one child process. Its methods may be called from any goroutine.
type Client struct {
	options Options
	jobs    chan job
	stop    chan struct{}
	stopped chan struct{}
	once    sync.Once
	changed chan struct{} // closed and replaced at every change of state

	mu       sync.Mutex
	state    State
	greeting greeting
}

type job struct {
	op    op
	img   *image.RGBA
	reply chan<- reply
}

type reply struct {
	result Result
	err    error
}

// Start starts the child in the background and returns at once.
func Start(o Options) *Client {
	if o.Command == nil {
		o.Command = ownCommand
	}
	if o.Timeout == 0 {
		o.Timeout = 3 * time.Second
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = 20 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{options: o, jobs: make(chan job), stop: make(chan struct{}), stopped: make(chan struct{}), changed: make(chan struct{}), state: Starting}
	go c.run()
	return c
}

// State returns how the engine stands now.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Models returns the networks that the child loaded, and the bands that ship
// with the matcher; empty before it is Ready and where there is none.
func (c *Client) Models() (detector, matcher face.Model, bands face.Thresholds) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.greeting.Detector, c.greeting.Matcher, c.greeting.Thresholds
}

// Look finds the faces of a live frame and measures its quality; with describe
// it also describes the largest face. The picture must never be written again,
// as camera.Frame promises: a Look that ctx ended is still being read.
func (c *Client) Look(ctx context.Context, img *image.RGBA, describe bool) (Result, error) {
	o := opLook
	if describe {
		o = opDescribe
	}
	return c.ask(ctx, o, img)
}

// Describe describes the largest face of an enrolled photo. face.ErrNoFace
// means that there is none.
func (c *Client) Describe(ctx context.Context, img *image.RGBA) (Result, error) {
	r, err := c.ask(ctx, opStill, img)
	if err != nil {
		return r, err
	}
	if len(r.Faces) == 0 {
		return r, face.ErrNoFace
	}
	if r.Descriptor == nil {
		if r.Matcher.Name == "" {
			return r, ErrNoMatcher
		}
		return r, face.ErrNoFace
	}
	return r, nil
}

// Wait returns when the engine is Ready, NoMatcher (nil), NoModel or Closed.
func (c *Client) Wait(ctx context.Context) error {
	for {
		c.mu.Lock()
		state, changed := c.state, c.changed
		c.mu.Unlock()
		switch state {
		case Ready, NoMatcher:
			return nil
		case NoModel:
			return ErrNoModel
		case Closed:
			return ErrClosed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Close ends the child and waits for it.
func (c *Client) Close() error {
	c.once.Do(func() { close(c.stop) })
	<-c.stopped
	return nil
}

func (c *Client) ask(ctx context.Context, o op, img *image.RGBA) (Result, error) {
	if err := allowed(img.Rect.Dx(), img.Rect.Dy()); err != nil {
		return Result{}, err
	}
	answered := make(chan reply, 1)
	select {
	case c.jobs <- job{o, img, answered}:
	case <-c.stopped:
		return Result{}, ErrClosed
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	select {
	case r := <-answered:
		return r.result, r.err
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

func (c *Client) become(s State, g greeting) {
	c.mu.Lock()
	was := c.state
	c.state, c.greeting = s, g
	if was != s {
		close(c.changed)
		c.changed = make(chan struct{})
	}
	c.mu.Unlock()
	if was != s {
		c.options.Log.Info("face engine", "state", s, "detector", g.Detector.Name, "matcher", g.Matcher.Name)
		if c.options.OnState != nil {
			c.options.OnState(s)
		}
	}
}

// The pauses between failed starts grow from the first to the last.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
)

// run owns the child: it starts it, hands it jobs and starts it again.
func (c *Client) run() {
	defer close(c.stopped)
	defer c.become(Closed, greeting{})
	unlock := lockThread()
	defer unlock()
	pause := firstPause
	for {
		worked, err := c.life()
		if err == nil {
			return
		}
		c.options.Log.Warn("face engine ended", "err", err)
		c.become(Restarting, greeting{})
		if worked {
			pause = firstPause
		}
		if !c.rest(pause) {
			return
		}
		pause = min(2*pause, lastPause)
	}
}

// rest waits before the next start and answers what comes meanwhile.
func (c *Client) rest(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return true
		case j := <-c.jobs:
			j.reply <- reply{err: ErrRestarted}
		case <-c.stop:
			return false
		}
	}
}

// life is one child from start to end; nil means that Close was called. worked
// says whether it ever answered.
func (c *Client) life() (worked bool, err error) {
	child, err := startChild(c.options.Command(), c.options.Stderr)
	if err != nil {
		return false, err
	}
	defer child.end()
	first, err := c.greeted(child)
	if errors.Is(err, ErrClosed) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("start: %w", err)
	}
	switch {
	case first.Greeting == nil:
		return false, errors.New("start: the child did not greet")
	case first.Greeting.Detector.Name == "":
		c.become(NoModel, *first.Greeting)
	case first.Greeting.Matcher.Name == "":
		c.become(NoMatcher, *first.Greeting)
	default:
		c.become(Ready, *first.Greeting)
	}
	for {
		select {
		case <-c.stop:
			return worked, nil
		case <-child.gone:
			return worked, errors.New("the child ended")
		case j := <-c.jobs:
			if c.State() == NoModel {
				j.reply <- reply{err: ErrNoModel}
				continue
			}
			a, err := within(c.options.Timeout, c.stop, child, func() (answer, error) { return child.ask(j.op, j.img) })
			switch {
			case errors.Is(err, ErrClosed):
				j.reply <- reply{err: ErrClosed}
				return worked, nil
			case err != nil || a.Result == nil && a.Error == "":
				// The state first: who is told ErrRestarted finds it Restarting.
				c.become(Restarting, greeting{})
				j.reply <- reply{err: fmt.Errorf("%w: %v", ErrRestarted, err)}
				return worked, fmt.Errorf("answer: %w", err)
			case a.Error != "":
				j.reply <- reply{err: errors.New("face engine: " + a.Error)}
			default:
				j.reply <- reply{result: *a.Result}
			}
			worked = true
		}
	}
}

// greeted waits until the child has loaded its networks. After a restart whoever
// asks meanwhile is told at once; at the first start they wait.
func (c *Client) greeted(child *child) (answer, error) {
	turned := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for c.State() == Restarting {
			select {
			case j := <-c.jobs:
				j.reply <- reply{err: ErrRestarted}
			case <-turned:
				return
			}
		}
	}()
	a, err := within(c.options.StartTimeout, c.stop, child, child.greet)
	close(turned)
	<-done
	return a, err
}

var errTimeout = errors.New("no answer in time")

// within runs do against the child; past the time, or when stop closes, the
// child is killed, which makes do return.
func within(limit time.Duration, stop <-chan struct{}, child *child, do func() (answer, error)) (answer, error) {
	type outcome struct {
		a   answer
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		a, err := do()
		done <- outcome{a, err}
	}()
	var late <-chan time.Time
	if limit >= 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case o := <-done:
		return o.a, o.err
	case <-late:
		child.kill()
		<-done
		return answer{}, errTimeout
	case <-stop:
		child.kill()
		<-done
		return answer{}, ErrClosed
	}
}
