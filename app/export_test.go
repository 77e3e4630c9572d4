package app

import (
	"image/color"

	"fyne.io/fyne/v2"
)

// Drawn is what a page draws, for tests that measure it.
type Drawn struct {
	Texts  []DrawnText
	Spills []string // texts that were cut or places that ran over
	Keys   []string
}

// DrawnText is one text, its box, its colour and what stands under it.
type DrawnText struct {
	Text       string
	X, Y, W, H float32
	Size       float32
	Ink, Paper color.NRGBA
}

// Draw makes the page of a view without a window; fonts must be set.
func Draw(v View, size fyne.Size) Drawn {
	in := newInput(func(Intent) {})
	if len(v.Scan.Slips) > 0 { // of what was typed, so the form is open
		in.panel = "code"
	}
	pg := newPage(v, size, in, newPreview())
	pg.screen()
	return pg.drawn()
}

// DrawCitizen makes the page of the citizen's window without one.
func DrawCitizen(v CitizenView, size fyne.Size) Drawn { return newCitizenPage(v, size).drawn() }

func (pg *page) drawn() Drawn {
	d := Drawn{Spills: pg.spills}
	for k := range pg.keys {
		d.Keys = append(d.Keys, k)
	}
	for i, m := range pg.marks {
		if m.kind == markText {
			d.Texts = append(d.Texts, DrawnText{m.text, m.x, m.y, m.w, m.h, m.size, m.fill, pg.under(i)})
		}
	}
	return d
}

// under is the colour below the middle of mark i.
func (pg *page) under(i int) color.NRGBA {
	m := pg.marks[i]
	at := fyne.NewPos(m.x+m.w/2, m.y+m.h/2)
	c := pg.p.paper
	for _, o := range pg.marks[:i] {
		if !(box{o.x, o.y, o.w, o.h}).has(at) {
			continue
		}
		switch {
		case o.kind == markRect && o.fill.A > 0:
			c = mix(c, o.fill, float64(o.fill.A)/255)
		case o.kind == markPicture:
			c = rgb(0xFFFFFF) // the worst a camera can show under white words
		}
	}
	return c
}

// WordTable is every key with its Indonesian and English words.
func WordTable() map[string][2]string { return table() }

// NewLook is the theme, which brings the fonts that text is measured with.
var NewLook = newLook

// DrawnBy is what a window shows now.
func DrawnBy(w *Window) Drawn { return w.page.drawn() }

// HasGlyph says what is taken for printable.
var HasGlyph = hasGlyph
