package app

import (
	"slices"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
)

// Window is the officer's window: it draws a View and sends Intents. It has no
// state of the case; what it keeps itself is what is being typed and where the
// mouse stands.
type Window struct {
	w       fyne.Window
	sheet   *sheet
	preview *Preview
	next    atomic.Pointer[View]

	view  View // the one that is drawn; Fyne's goroutine owns it and all below
	in    *input
	page  *page
	size  fyne.Size
	theme Look
}

// usual is the size that the window opens with, least the one it can shrink to:
// the screens are drawn for both and for more.
var (
	usual = fyne.NewSize(1366, 768)
	least = fyne.NewSize(1280, 720)
)

// NewWindow fills w, on Fyne's goroutine, and takes every key of it. send is
// called on Fyne's goroutine and must not wait.
func NewWindow(w fyne.Window, send func(Intent)) *Window {
	win := &Window{w: w, preview: newPreview(), theme: "none", size: usual}
	win.in = newInput(send)
	win.in.now = time.Now
	win.preview.shaped = win.draw
	win.sheet = newSheet(win.preview.view)
	win.sheet.laidOut = func(s fyne.Size) { win.size = s; win.draw() }
	win.sheet.tapped = win.tap
	win.sheet.moved = win.move
	win.sheet.key = win.key
	win.sheet.char = win.char
	win.sheet.paste = win.paste
	win.draw()
	w.SetPadded(false)
	w.SetContent(win.sheet)
	w.Resize(usual)
	c := w.Canvas()
	c.SetOnTypedKey(func(e *fyne.KeyEvent) { win.sheet.TypedKey(e) })
	c.SetOnTypedRune(win.char)
	c.Focus(win.sheet)
	return win
}

// Show draws v. Any goroutine may call it; it never waits. A View that comes
// before the last one was drawn replaces it: the desk says all there is to see
// in each, so that none has to be drawn for the sake of another.
func (win *Window) Show(v View) {
	if win.next.Swap(&v) != nil {
		return
	}
	fyne.Do(func() {
		if v := win.next.Swap(nil); v != nil {
			win.in.turn(win.view, *v)
			if win.view.Screen != v.Screen {
				win.preview.forget()
			}
			win.view = *v
			win.draw()
			if win.w.Canvas().Focused() == nil {
				win.w.Canvas().Focus(win.sheet)
			}
		}
	})
}

// Preview is where the camera's pictures go.
func (win *Window) Preview() *Preview { return win.preview }

// draw makes the page of the view and shows what is new on it.
func (win *Window) draw() {
	if win.view.Look != win.theme {
		win.theme = win.view.Look
		fyne.CurrentApp().Settings().SetTheme(newLook(win.theme))
	}
	pg := newPage(win.view, win.size, win.in, win.preview)
	pg.screen()
	win.page = pg
	win.preview.on = slices.ContainsFunc(pg.marks, func(m mark) bool { return m.kind == markPicture })
	win.sheet.show(pg.marks)
}

// newPage is an empty page for a view.
func newPage(v View, size fyne.Size, in *input, pv *Preview) *page {
	return &page{
		v: v, p: paletteOf(v.Look), say: words{v.Lang}, in: in, size: size,
		keys: map[string]func(){}, preview: pv,
	}
}

// screen draws the screen that the view names.
func (pg *page) screen() {
	switch pg.v.Screen {
	case ScreenSetup:
		pg.setup()
	case ScreenLogIn:
		pg.logIn()
	case ScreenLock:
		pg.lock()
	case ScreenReady:
		pg.ready()
	case ScreenScan:
		pg.scan()
	case ScreenCompare:
		pg.compare()
	case ScreenFace:
		pg.face()
	case ScreenDecide:
		pg.decide()
	case ScreenDone:
		pg.done()
	case ScreenQueue:
		pg.queue()
	case ScreenReviews:
		pg.reviews()
	case ScreenStick:
		pg.stickScreen()
	case ScreenRoster:
		pg.rosterScreen()
	case ScreenTools:
		pg.tools()
	case ScreenHome:
		pg.home()
	default:
		pg.frame(nil, nil)
	}
}
