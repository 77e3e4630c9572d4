package app

import "image/color"

// kind is how a command looks.
type kind uint8

const (
	plain   kind = iota
	primary      // the most likely action
	approve      // the action that activates
	grave        // an action one does not come back from
)

// command is one thing one can do: its words, the key that stands on its cap,
// and what it does. Extra keys do the same unseen. One that is off is drawn
// quietly, so that one sees where it will be; pressing it sends the same, and
// the desk says what is still missing.
type command struct {
	words string
	cap   string
	keys  []string // besides cap
	kind  kind
	off   bool
	do    func()
}

// Heights of the controls.
const (
	barButton  float32 = 48
	cardButton float32 = 48
	smallCap   float32 = 20
)

// commandWidth is how wide a command draws itself.
func (pg *page) commandWidth(c command) float32 {
	w := pg.width(c.words, pg.commandFont(c)) + 42
	if c.kind == primary || c.kind == approve {
		w += 16
	}
	if c.cap != "" {
		w += pg.capWidth(c.cap) + 10
	}
	return w
}

func (pg *page) commandFont(c command) font {
	f := font{sizeBody, true, pg.p.ink}
	switch {
	case c.off:
		f.col = pg.p.onOff
	case c.kind == grave:
		f.col = pg.p.tones[Bad].ink
	case c.kind == primary:
		f.col = pg.p.onPrimary
	case c.kind == approve:
		f.col = pg.p.onApprove
	}
	if c.kind == primary || c.kind == approve {
		f.size = 17
	}
	return f
}

// command draws c in b, words to the left when left is true, else in the middle.
func (pg *page) command(b box, c command, left bool) {
	fill, edge := pg.p.card, pg.p.line
	switch {
	case c.off && (c.kind == primary || c.kind == approve):
		fill, edge = pg.p.off, pg.p.off
		if pg.p.stroke > 1 {
			edge = pg.p.onOff
		}
	case c.kind == primary:
		fill, edge = pg.p.primary, pg.p.primary
	case c.kind == approve:
		fill, edge = pg.p.approve, pg.p.approve
	}
	if !c.off && pg.hover(b) && fill == pg.p.card {
		fill = pg.p.soft
		edge = pg.p.muted
	}
	pg.rect(b, fill, edge, pg.p.stroke, 10)
	f := pg.commandFont(c)
	room := b.w - 24
	capW := float32(0)
	if c.cap != "" {
		capW = pg.capWidth(c.cap) + 10
	}
	w := min(pg.width(c.words, f), room-capW)
	x := b.x + (b.w-w-capW)/2
	if left {
		x = b.x + 20
	}
	pg.fit(x, b.y+(b.h-lineHeight(f.size))/2, room-capW, c.words, f)
	if c.cap != "" {
		pg.keyCap(x+w+10, b.y+b.h/2, c.cap, c.kind, c.off)
	}
	pg.press(b, c.do, append([]string{c.cap}, c.keys...)...)
}

// hover reports whether the mouse stands in b.
func (pg *page) hover(b box) bool { return b.has(pg.in.mouse) }

// capWidth is the width of a key cap.
func (pg *page) capWidth(key string) float32 {
	if _, arrow := arrows[key]; arrow {
		return 22
	}
	return max(pg.width(key, font{sizeTiny, true, pg.p.ink})+12, 22)
}

// arrows are keys whose cap is a drawn sign.
var arrows = map[string]sign{"Up": signUp, "Down": signDown, "Left": signLeft, "Right": signRight}

// keyCap draws a key with its middle at y and returns its width.
func (pg *page) keyCap(x, y float32, key string, k kind, off bool) float32 {
	w := pg.capWidth(key)
	b := box{x, y - smallCap/2, w, smallCap}
	fill, edge, ink := pg.p.soft, pg.p.line, pg.p.muted
	if !off && (k == primary || k == approve) {
		back, on := pg.p.primary, pg.p.onPrimary
		if k == approve {
			back, on = pg.p.approve, pg.p.onApprove
		}
		// The darker way keeps the key readable; the lighter one would not be.
		fill, edge, ink = mix(back, color.NRGBA{A: 0xff}, 0.16), mix(back, on, 0.35), on
		if on.R < 0x80 { // dark words on a light fill
			fill = mix(back, rgb(0xFFFFFF), 0.25)
		}
	}
	pg.rect(b, fill, edge, 1, 5)
	if s, arrow := arrows[key]; arrow {
		pg.signAt(x+w/2, y, 12, s, ink)
		return w
	}
	f := font{sizeTiny, true, ink}
	pg.text(x+(w-pg.width(key, f))/2, y-lineHeight(sizeTiny)/2, key, f)
	return w
}

// mix goes from a towards b by t.
func mix(a, b color.NRGBA, t float64) color.NRGBA {
	m := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*t + 0.5) }
	return color.NRGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xff}
}

// card draws a card's ground.
func (pg *page) card(b box) { pg.rect(b, pg.p.card, pg.p.line, pg.p.stroke, 14) }

// toneCard draws a card in a tone.
func (pg *page) toneCard(b box, t Tone) {
	c := pg.p.tones[t]
	pg.rect(b, mix(c.fill, pg.p.card, 0.55), c.edge, pg.p.stroke+0.5, 14)
}

// pillWidth is the width of a pill.
func (pg *page) pillWidth(s string) float32 {
	return pg.width(s, font{sizeSmall, true, pg.p.ink}) + 24 + 16
}

// pill draws a state: its sign and its word on the tone's fill, 26 high with
// its middle at y. It returns its width.
func (pg *page) pill(x, y float32, s string, t Tone, sg sign) float32 {
	c := pg.p.tones[t]
	f := font{sizeSmall, true, c.ink}
	w := pg.pillWidth(s)
	edge := c.fill
	if pg.p.stroke > 1 {
		edge = c.edge
	}
	pg.rect(box{x, y - 13, w, 26}, c.fill, edge, 1, 13)
	pg.signAt(x+17, y, 13, sg, c.ink)
	pg.text(x+28, y-lineHeight(sizeSmall)/2, s, f)
	return w
}

// toneOf and signOf are how a line's state looks.
func (pg *page) toneOf(s LineState) color.NRGBA {
	switch s {
	case LineOK:
		return pg.p.tones[Good].ink
	case LineWarn:
		return pg.p.tones[Attention].ink
	case LineBad:
		return pg.p.tones[Bad].ink
	case LineNow:
		return pg.p.primary
	}
	return pg.p.muted
}

func signOf(s LineState) sign {
	switch s {
	case LineOK:
		return signCheck
	case LineWarn:
		return signBang
	case LineBad:
		return signCross
	case LineNow:
		return signPie
	case LineUnknown:
		return signDash
	}
	return signRing
}

// signOfTone is the sign of a notice.
func signOfTone(t Tone) sign {
	switch t {
	case Good:
		return signCheck
	case Attention:
		return signBang
	case Bad:
		return signCross
	}
	return signDot
}

// heading draws a card's small title and returns its height with the space under it.
func (pg *page) heading(x, y, w float32, s string) float32 {
	pg.fit(x, y, w, s, font{sizeSmall, true, pg.p.muted})
	return lineHeight(sizeSmall) + 8
}

// check draws one readable line: sign, words, and under them why. It returns
// its height. cap and do make it something to press; tight saves space.
func (pg *page) check(x, y, w float32, l Line, tight bool, cap string, do func()) float32 {
	f := font{sizeBody, false, pg.p.ink}
	room := w - 28
	if cap != "" {
		room -= pg.capWidth(cap) + 8
	}
	label := pg.say.line(l)
	lh := lineHeight(sizeBody)
	pg.signAt(x+9, y+lh/2, 16, signOf(l.State), pg.toneOf(l.State))
	h := pg.para(x+28, y, room, label, f)
	if cap != "" {
		at := min(pg.width(label, f), room)
		pg.keyCap(x+28+at+8, y+lh/2, cap, plain, false)
	}
	if l.Detail != "" {
		h += pg.para(x+28, y+h, w-28, pg.say.say("detail."+l.Detail, l.Args...), font{sizeTiny + 1, false, pg.p.muted})
	}
	if cap != "" {
		pg.press(box{x, y - 4, w, h + 8}, do, cap)
	}
	if tight {
		return h + 4
	}
	return h + 9
}

// lines draws checks one under the other and returns their height.
func (pg *page) lines(x, y, w float32, ls []Line, tight bool) float32 {
	top := y
	for _, l := range ls {
		y += pg.check(x, y, w, l, tight, "", nil)
	}
	return y - top
}

// bar draws how far something is, 0..1, 10 high.
func (pg *page) bar(b box, part float32, c color.NRGBA) {
	pg.rect(b, mix(pg.p.line, pg.p.card, 0.25), color.NRGBA{}, 0, b.h/2)
	if part > 0 {
		pg.rect(box{b.x, b.y, max(b.w*min(part, 1), b.h), b.h}, c, color.NRGBA{}, 0, b.h/2)
	}
}
