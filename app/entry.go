package app

import (
	"image/color"
	"strings"
)

// entry draws a text field with its label above, h 48 for the box, and binds
// it. The field that is typed in is edged in primary and shows a caret.
func (pg *page) entry(x, y, w float32, label, hint string, f field) float32 {
	if !pg.dry {
		pg.fields = append(pg.fields, f)
	}
	on := pg.in.focus == f.id || pg.in.focus == "" && len(pg.fields) == 1
	pg.fit(x, y, w, label, font{sizeSmall, true, pg.p.muted})
	b := box{x, y + lineHeight(sizeSmall) + 5, w, 48}
	edge, width := pg.p.line, pg.p.stroke+0.5
	if on {
		edge, width = pg.p.primary, pg.p.stroke+1
	}
	pg.rect(b, pg.p.card, edge, width, 10)
	s := pg.in.fields[f.id]
	top := b.y + (b.h-lineHeight(17))/2
	at := b.x + 16
	switch {
	case s == "":
		pg.fit(at+6, top, w-38, hint, font{sizeBody, false, pg.p.muted})
	case f.secret:
		for range []rune(s) {
			if at > b.right()-32 {
				break
			}
			pg.signAt(at+5, b.y+b.h/2, 14, signDot, pg.p.ink)
			at += 13
		}
	default:
		// The end of a long text is where one types: cut its beginning.
		ft := font{17, false, pg.p.ink}
		r := []rune(s)
		for len(r) > 1 && pg.width(string(r), ft) > w-36 {
			r = r[1:]
		}
		at += pg.text(at, top, string(r), ft)
	}
	if on {
		pg.rect(box{at + 1, b.y + 13, 2, b.h - 26}, pg.p.primary, color.NRGBA{}, 0, 0)
	}
	pg.press(b, func() { pg.in.focus = f.id })
	return lineHeight(sizeSmall) + 5 + 48
}

// pinBoxes draws the six boxes of a PIN and takes figures for them. full is
// called with the last one; nil leaves that to Enter. shown is the desk's
// count while nothing is typed here (it signs with what was sent).
func (pg *page) pinBoxes(x, y float32, shown int, full func()) float32 {
	const side, gap = 44, 10
	pg.digits, pg.full = 6, full
	n := len(pg.in.pin)
	if n == 0 {
		n = shown
	}
	for i := range 6 {
		b := box{x + float32(i)*(side+gap), y, side, 50}
		edge, width := pg.p.line, pg.p.stroke+1
		if i == n {
			edge = pg.p.primary
		}
		pg.rect(b, pg.p.card, edge, width, 10)
		switch {
		case i < n:
			pg.signAt(b.x+b.w/2, b.y+b.h/2, 14, signDot, pg.p.ink)
		case i == n: // the caret: the next figure comes here
			pg.rect(box{b.x + b.w/2 - 1, b.y + 14, 2, b.h - 28}, pg.p.primary, rgba0, 0, 0)
		}
	}
	return 6*(side+gap) - gap
}

// takePIN takes the PIN out of the boxes; it is kept nowhere else here.
func (pg *page) takePIN() string {
	pin := pg.in.pin
	pg.in.pin = ""
	return pin
}

// value is what stands in a field.
func (pg *page) value(id string) string { return strings.TrimSpace(pg.in.fields[id]) }

// remark says something that the window alone knows.
func (pg *page) remark(code string, t Tone) { pg.in.remark = &Notice{Code: code, Tone: t} }
