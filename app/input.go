package app

import (
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
)

// input is what is typed and not yet sent, and where the mouse stands. It
// belongs to the window; secrets in it go as soon as they are sent or the
// screen changes.
type input struct {
	out    func(Intent)
	now    func() time.Time
	mouse  fyne.Position
	seen   time.Time
	fields map[string]string
	focus  string
	pin    string // figures typed into the PIN boxes
	first  string // a new PIN, while it is typed again
	remark *Notice
	panel  string // "code": the typed code's fields are open
	chosen int    // in the panel of reasons

	burst   strings.Builder // what a hand scanner types
	burstAt time.Time
}

// field is a text field of a page.
type field struct {
	id     string
	secret bool
	enter  func() // Enter in this field; nil goes to the next one
}

func newInput(out func(Intent)) *input {
	return &input{out: out, fields: map[string]string{}, mouse: fyne.NewPos(-1, -1)}
}

func (in *input) send(i Intent) { in.out(i) }

// turn forgets what was typed when another screen, step or turn begins.
func (in *input) turn(old, v View) {
	if v.Notice != nil && (old.Notice == nil || v.Notice.Code != old.Notice.Code) {
		in.remark = nil
	}
	if old.Screen == v.Screen && old.LogIn.Step == v.LogIn.Step && old.Asking == v.Asking && old.Decide.Turn == v.Decide.Turn {
		return
	}
	in.fields, in.focus, in.pin, in.first, in.panel, in.chosen = map[string]string{}, "", "", "", "", 0
	in.remark = nil
	in.burst.Reset()
}

// scannerPause parts two bursts of a hand scanner: one types a code in well
// under this, a person's stray key is older.
const scannerPause = 500 * time.Millisecond

// shortestCode is the least that Enter takes as a scanned code.
const shortestCode = 8

// seenEvery is how often movement alone is told to the desk.
const seenEvery = time.Second

func (win *Window) stir() {
	if now := win.in.now(); now.Sub(win.in.seen) >= seenEvery {
		win.in.seen = now
		win.in.send(Seen{})
	}
}

// key takes a named key. again is a held key's repeat: it moves and deletes,
// but never decides.
func (win *Window) key(name fyne.KeyName, again bool) {
	win.stir()
	in, pg := win.in, win.page
	cap := capOf(name)
	if cap == "" {
		return // a letter or a figure: it comes as text
	}
	moves := cap == "Backspace" || cap == "Up" || cap == "Down" || cap == "Left" || cap == "Right"
	if again && !moves {
		return
	}
	if cap == "Enter" && pg.burst && in.burst.Len() >= shortestCode {
		text := in.burst.String()
		in.burst.Reset()
		in.send(Typed{text})
		return
	}
	if cap == "Backspace" && win.erase() {
		return
	}
	if f := pg.focused(); f != nil {
		switch {
		case cap == "Tab" || cap == "Down" || cap == "Enter" && f.enter == nil:
			in.focus = pg.after(f.id, 1)
			win.draw()
			return
		case cap == "Up":
			in.focus = pg.after(f.id, -1)
			win.draw()
			return
		case cap == "Enter":
			f.enter()
			win.draw()
			return
		}
	}
	if do := pg.keys[cap]; do != nil {
		in.remark = nil
		do()
		win.draw()
	}
}

// erase takes back the last figure or letter.
func (win *Window) erase() bool {
	in, pg := win.in, win.page
	if f := pg.focused(); f != nil {
		r := []rune(in.fields[f.id])
		if len(r) > 0 {
			in.fields[f.id] = string(r[:len(r)-1])
			win.draw()
		}
		return true
	}
	if pg.digits > 0 {
		if len(in.pin) > 0 {
			in.pin = in.pin[:len(in.pin)-1]
			in.send(Digits{len(in.pin)})
			win.draw()
		}
		return true
	}
	return false
}

// char takes typed text.
func (win *Window) char(r rune) {
	win.stir()
	in, pg := win.in, win.page
	if f := pg.focused(); f != nil {
		if unicode.IsPrint(r) {
			in.remark = nil
			in.fields[f.id] += string(r)
			win.draw()
		}
		return
	}
	if pg.burst {
		if now := in.now(); now.Sub(in.burstAt) > scannerPause {
			in.burst.Reset()
		}
		in.burstAt = in.now()
		in.burst.WriteRune(r)
		return
	}
	if pg.digits > 0 && r >= '0' && r <= '9' {
		if len(in.pin) < pg.digits {
			in.remark = nil
			in.pin += string(r)
			in.send(Digits{len(in.pin)})
			if len(in.pin) == pg.digits && pg.full != nil {
				pg.full()
			}
			win.draw()
		}
		return
	}
	cap := strings.ToUpper(string(r))
	if r == ' ' {
		cap = "Space"
	}
	if do := pg.keys[cap]; do != nil {
		in.remark = nil
		do()
		win.draw()
	}
}

// paste puts text into the field that is typed in, or reads it as a code.
func (win *Window) paste(s string) {
	win.stir()
	if f := win.page.focused(); f != nil {
		win.in.fields[f.id] += strings.TrimSpace(s)
		win.draw()
		return
	}
	if win.page.burst && len(s) >= shortestCode {
		win.in.send(Typed{strings.TrimRight(s, "\r\n")})
	}
}

// tap is a click or a touch.
func (win *Window) tap(p fyne.Position) {
	win.stir()
	win.w.Canvas().Focus(win.sheet)
	hits := win.page.hits
	for i := len(hits) - 1; i >= 0; i-- {
		if hits[i].has(p) {
			win.in.remark = nil
			hits[i].do()
			win.draw()
			return
		}
	}
}

// move is the mouse; it reports whether something can be pressed there. Only
// coming to and leaving such a place draws anything.
func (win *Window) move(p fyne.Position) bool {
	win.stir()
	over := func(p fyne.Position) int {
		for i := len(win.page.hits) - 1; i >= 0; i-- {
			if win.page.hits[i].has(p) {
				return i
			}
		}
		return -1
	}
	was, is := over(win.in.mouse), over(p)
	win.in.mouse = p
	if was != is {
		win.draw()
	}
	return is >= 0
}

// focused is the field that is typed in; nil when there is none.
func (pg *page) focused() *field {
	for i := range pg.fields {
		if pg.fields[i].id == pg.in.focus {
			return &pg.fields[i]
		}
	}
	if len(pg.fields) > 0 {
		pg.in.focus = pg.fields[0].id
		return &pg.fields[0]
	}
	return nil
}

// after is the field d further on, in a ring.
func (pg *page) after(id string, d int) string {
	n := len(pg.fields)
	for i, f := range pg.fields {
		if f.id == id {
			return pg.fields[(i+d+n)%n].id
		}
	}
	return id
}

// capOf is what stands on a key's cap; "" for keys that come as text.
func capOf(name fyne.KeyName) string {
	switch name {
	case fyne.KeyReturn, fyne.KeyEnter:
		return "Enter"
	case fyne.KeyEscape:
		return "Esc"
	case fyne.KeyBackspace, fyne.KeyDelete:
		return "Backspace"
	case fyne.KeyTab:
		return "Tab"
	case fyne.KeyUp, fyne.KeyDown, fyne.KeyLeft, fyne.KeyRight,
		fyne.KeyF1, fyne.KeyF2, fyne.KeyF3, fyne.KeyF4, fyne.KeyF5, fyne.KeyF6,
		fyne.KeyF7, fyne.KeyF8, fyne.KeyF9, fyne.KeyF10, fyne.KeyF11, fyne.KeyF12:
		return string(name)
	}
	return ""
}
