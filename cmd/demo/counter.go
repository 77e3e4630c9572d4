package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face/liveness"
)

// A counter is the kiosk as an officer has it: the window, the keys, and what
// the window shows. The last comes from the file that `kiosk --observe` writes,
// one line for each change.
type counter struct {
	*display
	observed string

	file   *os.File
	in     *bufio.Reader
	rest   string
	traces []app.Trace
}

const (
	windowTitle  = "Loket IKD"
	citizenTitle = "Layar warga"
)

// read takes in what the kiosk wrote since the last call.
func (c *counter) read() error {
	if c.file == nil {
		f, err := os.Open(c.observed)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		c.file, c.in = f, bufio.NewReader(f)
	}
	for {
		line, err := c.in.ReadString('\n')
		c.rest += line
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var t app.Trace
		if err := json.Unmarshal([]byte(c.rest), &t); err != nil {
			return fmt.Errorf("line %d of the observations: %w", len(c.traces)+1, err)
		}
		c.rest = ""
		c.traces = append(c.traces, t)
	}
}

// now is what the window shows.
func (c *counter) now() app.Trace {
	if len(c.traces) == 0 {
		return app.Trace{}
	}
	return c.traces[len(c.traces)-1]
}

// shows waits until the window shows something.
func (c *counter) shows(ctx context.Context, what string, limit time.Duration, ok func(app.Trace) bool) error {
	err := await(ctx, what, limit, func() (bool, error) {
		err := c.read()
		return err == nil && len(c.traces) > 0 && ok(c.now()), err
	})
	if err != nil {
		t := c.now()
		return fmt.Errorf("%w; the window shows %s, notice %q, busy %q", err, t.Screen, t.Notice, t.Busy)
	}
	// What was written is what is about to be drawn; a picture needs it drawn.
	time.Sleep(settle)
	return nil
}

// settle is how long the window may take to draw what it was told, and how
// long a person takes to see it.
const settle = 400 * time.Millisecond

func on(s app.Screen) func(app.Trace) bool {
	return func(t app.Trace) bool { return t.Screen == s && t.Busy == "" }
}

// Enrol enters the device code.
func (c *counter) Enrol(ctx context.Context, code string) error {
	if err := c.shows(ctx, "the screen for the device code", 60*time.Second, on(app.ScreenSetup)); err != nil {
		return err
	}
	if err := c.Focus(ctx, windowTitle); err != nil {
		return err
	}
	return steps(
		func() error { return c.Type(ctx, code) },
		func() error { return c.Picture(ctx, "device-code") },
		func() error { return c.Key(ctx, "Return") },
		func() error { return c.shows(ctx, "log-in", 30*time.Second, on(app.ScreenLogIn)) },
	)
}

// FirstLogIn is an officer's first time here: id and password, a password of
// one's own, a PIN.
func (c *counter) FirstLogIn(ctx context.Context, id, password, own, pin string) error {
	at := func(s app.LogInStep) func() error {
		return func() error {
			return c.shows(ctx, "log-in step "+string(s), 30*time.Second, func(t app.Trace) bool { return t.Screen == app.ScreenLogIn && t.Step == s && t.Busy == "" })
		}
	}
	enter := func(lines ...string) func() error {
		return func() error {
			for _, l := range lines {
				if err := c.Type(ctx, l); err != nil {
					return err
				}
				if err := c.Key(ctx, "Return"); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return steps(
		func() error { return c.Picture(ctx, "log-in") },
		func() error { return c.Key(ctx, "F2") },
		at(app.LogInFirst), enter(id, password),
		at(app.LogInNewPassword), enter(own, own),
		at(app.LogInNewPIN),
		func() error { return c.Type(ctx, pin) },
		func() error { return c.Picture(ctx, "new-pin") },
		func() error { return c.Type(ctx, pin) },
		func() error { return c.shows(ctx, "home", 30*time.Second, on(app.ScreenHome)) },
		func() error { return c.Picture(ctx, "home") },
	)
}

// LogIn is every other time: the PIN.
func (c *counter) LogIn(ctx context.Context, pin string) error {
	return steps(
		func() error { return c.Type(ctx, pin) },
		func() error { return c.shows(ctx, "home", 30*time.Second, on(app.ScreenHome)) },
	)
}

// Begin asks readiness and consent and comes to the scan screen.
func (c *counter) Begin(ctx context.Context, picture string) error {
	return steps(
		func() error { return c.Key(ctx, "Return") },
		func() error { return c.shows(ctx, "readiness", 10*time.Second, on(app.ScreenReady)) },
		func() error { return c.Key(ctx, "a", "F5") },
		func() error {
			return c.shows(ctx, "readiness and consent ticked", 10*time.Second, func(t app.Trace) bool { return t.Screen == app.ScreenReady && t.CanGoOn })
		},
		func() error { return c.picture(ctx, picture, "ready") },
		func() error { return c.Key(ctx, "Return") },
		func() error { return c.shows(ctx, "scan", 10*time.Second, on(app.ScreenScan)) },
	)
}

// Compare marks the fields the same, has the citizen confirm e-mail and
// number, and goes on to the face; the marking is real keys, a row at a time
// where the citizen is asked.
func (c *counter) Compare(ctx context.Context, picture string) error {
	return steps(
		func() error { return c.Key(ctx, "a") },
		func() error { time.Sleep(settle); return c.Key(ctx, "space") }, // the e-mail
		func() error { time.Sleep(settle); return c.Key(ctx, "F7") },    // both, as the citizen says
		func() error {
			return c.shows(ctx, "all fields marked", 10*time.Second, func(t app.Trace) bool { return t.Screen == app.ScreenCompare && t.CanGoOn })
		},
		func() error { return c.picture(ctx, picture, "compare") },
		func() error { return c.Key(ctx, "Return") },
		func() error { return c.shows(ctx, "face", 10*time.Second, on(app.ScreenFace)) },
	)
}

// Face waits for the comparison, has the citizen move as the counter asks, says
// what the officer's own eyes say, and goes on to the decision.
func (c *counter) Face(ctx context.Context, picture string, s *sitter) error {
	return steps(
		func() error { return c.picture(ctx, picture, "face-live") },
		func() error {
			return c.shows(ctx, "a comparison", 40*time.Second, func(t app.Trace) bool { return t.Screen == app.ScreenFace && t.Compared })
		},
		func() error { return c.moves(ctx, picture, s) },
		func() error { return c.Key(ctx, "F7") },
		func() error {
			return c.shows(ctx, "the officer's look", 10*time.Second, func(t app.Trace) bool { return t.Look && t.CanGoOn })
		},
		func() error { return c.picture(ctx, picture, "face") },
		func() error { return c.Key(ctx, "Return") },
		func() error { return c.shows(ctx, "decide", 10*time.Second, on(app.ScreenDecide)) },
	)
}

// moves goes through the liveness challenge, which only a face that was compared
// without a clear no is asked for. A round that fails is begun again, as an
// officer would.
func (c *counter) moves(ctx context.Context, picture string, s *sitter) error {
	rounds, kept := 0, false
	err := await(ctx, "the movements", 2*time.Minute, func() (bool, error) {
		if err := c.read(); err != nil {
			return false, err
		}
		t := c.now()
		s.Ask(t.Asked)
		switch {
		case t.Alive != activation.AliveOpen:
			return true, nil
		case t.Rounds > rounds:
			rounds = t.Rounds
			return false, c.Key(ctx, "space")
		case !kept && (t.Asked == liveness.TurnLeft || t.Asked == liveness.TurnRight):
			kept = true
			return false, c.Picture(ctx, strings.Trim(picture+"-move", "-"))
		}
		return false, nil
	})
	s.Ask(liveness.LookStraight)
	return err
}

// Sign types the PIN and takes the decision that the screen offers.
func (c *counter) Sign(ctx context.Context, picture, pin string) error {
	return steps(
		func() error { return c.Type(ctx, pin) },
		func() error { return c.picture(ctx, picture, "decide") },
		func() error { return c.Key(ctx, "Return") },
		func() error {
			return c.shows(ctx, "saved", 20*time.Second, func(t app.Trace) bool { return t.Screen == app.ScreenDone && t.Saved })
		},
		func() error { return c.picture(ctx, picture, "saved") },
	)
}

func (c *counter) picture(ctx context.Context, of, what string) error {
	time.Sleep(settle)
	return c.Picture(ctx, strings.Trim(of+"-"+what, "-"))
}

// steps runs one after the other until one fails.
func steps(all ...func() error) error {
	for _, s := range all {
		if err := s(); err != nil {
			return err
		}
	}
	return nil
}
