package main

import (
	"context"
	"time"

	"loket/app"
)

// counterCode: the other direction. The window for the citizen shows the
// counter's code, the phone's camera sees a real picture of that window, and
// what the phone then shows can be opened by this counter in this session only.
func (r *run) counterCode(ctx context.Context, p *phone, c *Citizen) error {
	citizenSees := func(s app.CitizenStage) error {
		return r.shows(ctx, "the citizen's window at "+string(s), 10*time.Second, func(t app.Trace) bool { return t.Citizen == s })
	}
	r.camera.Show(emptyRoom())
	return steps(
		func() error { return r.Begin(ctx, c.Case) },
		func() error { return r.Key(ctx, "F4") },
		func() error { return citizenSees(app.CitizenScan) },
		func() error {
			seen, err := r.Window(ctx, citizenTitle, c.Case+"-citizen")
			if err != nil {
				return err
			}
			return p.ScanCounter(ctx, seen)
		},
		func() error { return r.Picture(ctx, c.Case+"-shown") },
		func() error { return r.keepScreen(ctx, p, c.Case+"-phone") },
		func() error { return r.holdUp(ctx, p, c.Case) },
		func() error { return citizenSees(app.CitizenWait) },
		func() error { r.camera.Show(p.sitter.Scene()); return r.Compare(ctx, c.Case) },
		func() error { return r.Face(ctx, c.Case, p.sitter) },
		func() error { return r.Sign(ctx, c.Case, officerPIN) },
		func() error { return citizenSees(app.CitizenMail) },
		func() error { _, err := r.Window(ctx, citizenTitle, c.Case+"-citizen-after"); return err },
		func() error { return r.codeAndPIN(ctx, p, c) },
	)
}
