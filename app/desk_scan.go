package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"loket/app/activation"
)

// preview shows the camera's pictures while its screen stands.
func (d *Desk) preview(ctx context.Context, cam Camera, _ tell) {
	seq := uint64(0)
	for {
		f, err := cam.Next(ctx, seq)
		if err != nil {
			return
		}
		seq = f.Seq
		if d.ports.Preview != nil {
			d.ports.Preview(f.Image)
		}
	}
}

// readCodes reads frames until a valid code was found.
func (d *Desk) readCodes(ctx context.Context, cam Camera, t tell) {
	seq := uint64(0)
	refused := map[string]bool{} // texts that were refused here: the answer would be the same
	for {
		f, err := cam.Next(ctx, seq)
		if err != nil {
			return
		}
		seq = f.Seq
		r := d.ports.Codes.Read(f.Image)
		if !t(func() { d.c.scan.Hint, d.c.scan.Outline = r.Hint, r.Outline }) {
			return
		}
		for _, text := range ordered(r.Texts) {
			if refused[text] {
				continue
			}
			if !d.verify(ctx, text, t) {
				refused[text] = true
			}
		}
	}
}

// ordered puts what looks like our own codes first: a shop's link beside the
// citizen's code is no matter.
func ordered(texts []string) []string {
	out := slices.Clone(texts)
	slices.SortStableFunc(out, func(a, b string) int {
		switch ours, theirs := strings.HasPrefix(a, "IKD1"), strings.HasPrefix(b, "IKD1"); {
		case ours && !theirs:
			return -1
		case theirs && !ours:
			return 1
		}
		return 0
	})
	return out
}

// verify checks one text, off the desk's goroutine, and tells what it is.
func (d *Desk) verify(ctx context.Context, text string, t tell) bool {
	known := make(chan *activation.Code, 1)
	if !t(func() {
		if c, ok := d.c.codes[text]; ok {
			known <- &c
		} else {
			known <- nil
		}
	}) {
		return false
	}
	var code activation.Code
	select {
	case <-ctx.Done():
		return false
	case c := <-known:
		if c != nil {
			code = *c
		} else {
			code = d.ports.Tokens.Verify(ctx, text, d.now())
		}
	}
	if ctx.Err() != nil {
		return false
	}
	t(func() { d.scanned(text, code) })
	return code.Valid
}

// scanned takes a verified code.
func (d *Desk) scanned(text string, code activation.Code) {
	c := d.c
	if code.Card != nil && c.s.Code != nil && c.s.Code.Card == code.Card {
		return // the camera still sees the card that is on show
	}
	if !d.step("", activation.CodeRead{Code: code}) {
		return
	}
	if !code.Valid {
		c.scan.Checks = checkLines(code.Checks)
		d.say("code-refused", Bad)
		d.audit("code-refused", failed(code.Checks))
		return
	}
	c.codes[text] = code
	d.notice = nil
	if code.Card != nil {
		d.carded()
		return
	}
	d.step("", activation.Advance{})
}

// failed names the first check that failed.
func failed(checks []activation.Check) string {
	for _, c := range checks {
		if !c.OK {
			return c.Name
		}
	}
	return ""
}

// checkLines writes checks as lines.
func checkLines(checks []activation.Check) []Line {
	lines := make([]Line, 0, len(checks))
	for _, c := range checks {
		l := Line{Code: c.Name, State: LineOK, Detail: c.Reason}
		switch {
		case !c.OK && c.Reason == "card":
			l.Code, l.State = "card", LineBad
		case !c.OK:
			l.State = LineBad
		case c.Name == "device" && c.Reason != "":
			continue // passed by policy alone: the line no-proof says so
		}
		lines = append(lines, l)
	}
	return lines
}

// takeScan answers on the scan screen.
func (d *Desk) takeScan(i Intent) {
	switch i := i.(type) {
	case Typed:
		d.typed(i.Text)
	case TypedCode:
		d.typedCode(i)
	case ShowCounterCode:
		d.citizen = !d.citizen && d.ports.Citizen != nil
	case Retry:
		d.c.turn++
	case Back:
		d.step("", activation.Return{})
	}
}

// typed is a code from a hand scanner.
func (d *Desk) typed(text string) {
	if text == "" {
		return
	}
	id := d.c.s.ID
	if code, ok := d.c.codes[text]; ok {
		d.scanned(text, code)
		return
	}
	d.do("verifying", func(ctx context.Context) func() {
		code := d.ports.Tokens.Verify(ctx, text, d.now())
		return func() {
			if d.c != nil && d.c.s.ID == id {
				d.scanned(text, code)
			}
		}
	})
}

// beatCase looks at the time during a case.
func (d *Desk) beatCase(now time.Time) {
	c := d.c
	for f, since := range c.revealed {
		if now.Sub(since) >= revealFor {
			delete(c.revealed, f)
		}
	}
	if c.packet != "" && now.Sub(c.doneAt) >= doneStays {
		d.home()
	}
}
