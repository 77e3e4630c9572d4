package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"loket/app"
	"loket/camera"
	"loket/scanner/face/engine"
	"loket/sync/clock"
)

// tools is "periksa alat": every part, whether it works, and why not.
func (c *counter) tools(ctx context.Context) []app.Line {
	lines := []app.Line{cameraLine("tool-camera-codes", c.codes)}
	if c.faces != c.codes {
		lines = append(lines, cameraLine("tool-camera-faces", c.faces))
	}
	lines = append(lines, c.engineLines()...)
	k, enrolled := c.station.known()
	lines = append(lines, line("tool-enrolled", enrolled, "not-enrolled"))
	if enrolled {
		now := c.station.now()
		lines = append(lines, line("tool-trust", now.Before(k.trust.Expires), "trust-list-expired"))
		if k.policy.Training {
			lines = append(lines, app.Line{Code: "tool-training", State: app.LineWarn, Detail: "training"})
		}
	}
	link := c.link.Link()
	lines = append(lines, app.Line{Code: "tool-link", State: app.LineOK, Detail: "link-" + string(link.State)})
	if link.State != app.LinkOnline && link.State != app.LinkSending {
		lines[len(lines)-1].State = app.LineWarn
	}
	if _, doubt := c.station.clock.Check(); doubt == clock.None {
		lines = append(lines, app.Line{Code: "tool-clock", State: app.LineOK})
	} else {
		lines = append(lines, app.Line{Code: "tool-clock", State: app.LineWarn, Detail: "clock-" + string(doubt)})
	}
	disk, err := c.station.ledger.Disk()
	lines = append(lines, line("tool-disk", err == nil && !disk.Warn && !disk.Stop, "disk-low"))
	report, err := c.station.ledger.Verify(ctx)
	lines = append(lines, line("tool-audit", err == nil && report.OK(), "audit-broken"))
	return append(lines, keysLine(c.station.vault.Protection()))
}

func line(code string, ok bool, why string) app.Line {
	if ok {
		return app.Line{Code: code, State: app.LineOK}
	}
	return app.Line{Code: code, State: app.LineBad, Detail: why}
}

func cameraLine(code string, feed *camera.Feed) app.Line {
	switch h := feed.Health(); h.State {
	case camera.Live:
		return app.Line{Code: code, State: app.LineOK}
	case camera.Faulty:
		return app.Line{Code: code, State: app.LineBad, Detail: "camera-" + string(h.Fault)}
	}
	return app.Line{Code: code, State: app.LineNow}
}

func (c *counter) engineLines() []app.Line {
	detector, matcher, _ := c.engine.Models()
	lines := []app.Line{line("tool-detector", detector.Name != "", "no-model"), line("tool-matcher", matcher.Name != "", "no-matcher")}
	if matcher.Name != "" {
		same := app.Line{Code: "tool-same-day", State: app.LineOK}
		if (&faces{c.station, c.engine}).Engine().Limits.Duplicate == 0 {
			same.State, same.Detail = app.LineUnknown, "same-day-unmeasured"
		}
		lines = append(lines, same)
	}
	switch c.engine.State() {
	case engine.Starting, engine.Restarting:
		for i := range lines {
			lines[i] = app.Line{Code: lines[i].Code, State: app.LineNow}
		}
	}
	return lines
}

// selfLine is one line of `kiosk selftest`.
type selfLine struct {
	Part   string `json:"part"`
	OK     bool   `json:"ok"`
	State  string `json:"state"`
	Detail string `json:"detail,omitempty"`
	Means  []said `json:"means,omitempty"`
}

// selfWait is how long a camera and the engine may take to be ready.
const selfWait = 10 * time.Second

// selftest prints a line of JSON for each part. It returns 0 where all that is
// needed works, 1 where not, 2 for wrong usage.
func selftest(args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, os.Getenv, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "kiosk selftest: %v\n", err)
		return 2
	}
	log, file, err := openLog(o.Data)
	if err != nil {
		fmt.Fprintf(stderr, "kiosk selftest: %v\n", err)
		return 1
	}
	defer file.Close()
	ctx := context.Background()
	c, err := openCounter(ctx, lookFor(o), log)
	if err != nil {
		fmt.Fprintf(stderr, "kiosk selftest: %v\n", err)
		return 1
	}
	defer c.Close()
	ready, cancel := context.WithTimeout(ctx, selfWait)
	defer cancel()
	for _, feed := range slices.Compact([]*camera.Feed{c.codes, c.faces}) {
		wait, cancel := context.WithTimeout(ready, 4*time.Second)
		_, _ = feed.Next(wait, 0)
		cancel()
	}
	_ = c.engine.Wait(ready) // what it is says the line
	code := 0
	out := json.NewEncoder(stdout)
	for _, l := range c.tools(ctx) {
		if l.State == app.LineBad {
			code = 1
		}
		if err := out.Encode(selfLine{l.Code, l.State == app.LineOK, string(l.State), l.Detail, means(l)}); err != nil {
			return 1
		}
	}
	return code
}
