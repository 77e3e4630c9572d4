package app

import (
	"image"
	"sync/atomic"

	"fyne.io/fyne/v2"
)

// CitizenView is all that the citizen's own window shows at one moment. There
// is no place in it for a name, a NIK or an address: whoever stands in the
// queue reads it too.
type CitizenView struct {
	On    bool // the window is open
	Lang  Lang
	Stage CitizenStage
	Code  image.Image // the counter's own, a pixel a module with its white border; nil for none
}

// CitizenStage is the one thing that the citizen's window says.
type CitizenStage string

const (
	CitizenIdle CitizenStage = ""     // nobody at the counter, or nothing to scan yet
	CitizenScan CitizenStage = "scan" // the code, for the citizen's app to scan
	CitizenWait CitizenStage = "wait" // a code was read; the officer goes on

	CitizenStraight CitizenStage = "straight" // look straight at the camera
	CitizenRight    CitizenStage = "right"    // turn to your own right
	CitizenLeft     CitizenStage = "left"     // turn to your own left
	CitizenCloser   CitizenStage = "closer"   // come closer

	CitizenMail   CitizenStage = "mail"   // decided: the letter with the activation code is next
	CitizenThanks CitizenStage = "thanks" // decided otherwise: the officer says what is next
)

// CitizenWindow is a second window, for the citizen's side of the counter: one
// thing at a time, large. It is drawn for a monitor of its own and also serves
// as a window that can be moved and made smaller.
type CitizenWindow struct {
	w       fyne.Window
	sheet   *sheet
	next    atomic.Pointer[CitizenView]
	opened  func()
	touched func()

	view CitizenView // Fyne's goroutine owns it and all below
	size fyne.Size
}

// NewCitizenWindow fills w, on Fyne's goroutine, without showing it. opened is
// called there after it was opened, to place it; touched whenever it may have
// taken the keyboard: it was opened, or somebody pressed something on it. The
// officer's window takes it back.
func NewCitizenWindow(w fyne.Window, opened, touched func()) *CitizenWindow {
	win := &CitizenWindow{w: w, opened: opened, touched: touched, size: usual}
	win.sheet = newSheet(newPreview().view)
	win.sheet.least = fyne.NewSize(640, 400)
	win.sheet.laidOut = func(s fyne.Size) { win.size = s; win.draw() }
	win.sheet.tapped = func(fyne.Position) { touched() }
	win.sheet.moved = func(fyne.Position) bool { return false }
	win.sheet.key = func(fyne.KeyName, bool) { touched() }
	win.sheet.char = func(rune) { touched() }
	win.sheet.paste = func(string) {}
	win.draw()
	w.SetPadded(false)
	w.SetContent(win.sheet)
	w.Resize(usual)
	w.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { touched() })
	return win
}

// Show draws v and opens or closes the window. Any goroutine may call it; it
// never waits, and a view that comes before the last one was drawn replaces it.
func (win *CitizenWindow) Show(v CitizenView) {
	if win.next.Swap(&v) != nil {
		return
	}
	fyne.Do(func() {
		v := win.next.Swap(nil)
		if v == nil {
			return
		}
		was := win.view.On
		win.view = *v
		win.draw()
		switch {
		case v.On && !was:
			win.w.Show()
			win.opened()
			win.touched()
		case was && !v.On:
			win.w.Hide()
		}
	})
}

func (win *CitizenWindow) draw() { win.sheet.show(newCitizenPage(win.view, win.size).marks) }

// Colours of the citizen's window, in every look: white on navy is 14 to 1.
var (
	citizenGround = rgb(0x0B2A45)
	citizenQuiet  = rgb(0xC9DCEC)
)

// newCitizenPage draws the window of a view. Its measures are those of a window
// of 1366×768 and grow and shrink with it.
func newCitizenPage(v CitizenView, size fyne.Size) *page {
	white := rgb(0xFFFFFF)
	pg := newPage(View{Lang: v.Lang}, size, nil, nil)
	pg.p.paper, pg.p.ink = citizenGround, white
	pg.rect(box{0, 0, size.Width, size.Height}, citizenGround, citizenGround, 0, 0)
	k := min(size.Width/usual.Width, size.Height/usual.Height)
	upright := size.Height > size.Width
	if upright {
		k = min(size.Width/usual.Height, size.Height/usual.Width)
	}
	key := "citizen." + or(string(v.Stage), "idle")
	code := v.Stage == CitizenScan && v.Code != nil
	large := float32(1)
	if !code {
		large = 1.3
	}
	text := func(x, y, w float32) float32 {
		top := y
		y += pg.para(x, y, w, pg.say.say(key), font{whole(46 * k * large), true, white}) + 18*k*large
		y += pg.para(x, y, w, pg.say.say(key+".text"), font{whole(24 * k * large), false, citizenQuiet}) + 34*k*large
		y += pg.para(x, y, w, pg.say.say("citizen.free"), font{whole(22 * k), false, citizenQuiet})
		return y - top
	}
	gap := 72 * k
	switch {
	case !code:
		w, d := size.Width-2*gap, float32(0)
		h := pg.measure(func() float32 { return text(0, 0, w) })
		if s := v.Stage.sign(); s != "" {
			d = 104 * k
			if s != signCheck { // to be seen from the corner of an eye
				d = 190 * k
			}
			y := (size.Height - h - d - gap/2) / 2
			good := rgb(0x7FD6A5)
			pg.rect(box{(size.Width - d) / 2, y, d, d}, good, good, 0, d/2)
			pg.signAt(size.Width/2, y+d/2, d*0.62, s, citizenGround)
			d += gap / 2
		}
		from := len(pg.marks)
		text(0, (size.Height-h-d)/2+d, w)
		pg.centre(pg.marks[from:])
	case upright:
		w := size.Width - 2*gap
		h := pg.measure(func() float32 { return text(0, 0, w) })
		side := min(w, size.Height-3*gap-h)
		top := (size.Height - side - gap - h) / 2
		pg.citizenCode(box{(size.Width - side) / 2, top, side, side}, v.Code)
		text(gap, top+side+gap, w)
	default:
		side := min(size.Height-1.6*gap, size.Width*0.46)
		pg.citizenCode(box{gap * 0.8, (size.Height - side) / 2, side, side}, v.Code)
		x := gap*0.8 + side + gap*0.9
		w := size.Width - x - gap*0.75
		h := pg.measure(func() float32 { return text(x, 0, w) })
		text(x, (size.Height-h)/2, w)
	}
	return pg
}

// sign stands above what the citizen's window says. Its arrows point the way
// the citizen turns, who sits before it.
func (s CitizenStage) sign() sign {
	switch s {
	case CitizenIdle, CitizenScan:
		return ""
	case CitizenStraight:
		return signDot
	case CitizenRight:
		return signRight
	case CitizenLeft:
		return signLeft
	case CitizenCloser:
		return signUp
	}
	return signCheck
}

// centre moves lines of text to the middle of the window.
func (pg *page) centre(ms []mark) {
	for len(ms) > 0 {
		n := 1
		for n < len(ms) && ms[n].y == ms[0].y {
			n++
		}
		last := ms[n-1]
		by := whole((pg.size.Width - last.x - last.w - ms[0].x) / 2)
		for i := range n {
			ms[i].x += by
		}
		ms = ms[n:]
	}
}

// citizenCode draws a code in a white square, with a whole number of units a
// module so that each is a sharp square.
func (pg *page) citizenCode(b box, code image.Image) {
	white := rgb(0xFFFFFF)
	b = box{whole(b.x), whole(b.y), whole(b.w), whole(b.h)}
	pg.rect(b, white, white, 0, 22)
	n := float32(code.Bounds().Dx())
	side := n * max(1, float32(int((b.w-16)/n))) // clear of the round corners
	at := float32(int((b.w - side) / 2))
	pg.mark(mark{kind: markImage, x: b.x + at, y: b.y + at, w: side, h: side, img: code, sharp: true})
}
