package app

import "strings"

// scan is the code's screen: the picture with one sentence on it, and on the
// right what to do. A hand scanner may type here at any time.
func (pg *page) scan() {
	s := pg.v.Scan
	var right []command
	typing := s.CanType && (pg.in.panel == "code" || s.Card != nil)
	if s.CanType && !typing {
		right = []command{{words: pg.say.say("scan.type"), cap: "F3", do: func() { pg.in.panel = "code" }}}
	}
	left := pg.session(true)
	enter := func() {
		code, nik := pg.in.fields["code"], pg.value("nik")
		if s.Card != nil && s.Card.NIK != "" {
			nik = s.Card.NIK
		}
		switch {
		case len(code) > longestTyped || strings.HasPrefix(code, "IKD1"): // a hand scanner typed into the field
			delete(pg.in.fields, "code")
			pg.in.send(Typed{code})
		case strings.TrimSpace(code) == "" || nik == "":
			pg.remark("code-and-nik", Info)
		default:
			pg.in.send(TypedCode{strings.TrimSpace(code), nik})
		}
	}
	if typing {
		if s.Card == nil {
			left[0].do = func() { pg.in.panel = "" }
		}
		right = []command{{words: pg.say.say("scan.type.do"), cap: "Enter", kind: primary, do: enter}}
	} else {
		pg.burst = !pg.v.Asking
	}
	pl := pg.frame(left, right)
	switch {
	case pg.v.Asking:
		pg.reasons(pl.stage)
	case s.Card != nil:
		pg.cardSheet(pl.stage)
	default:
		pg.picture(pl.stage, pg.say.say("hint."+or(s.Hint, "show")), "")
		pg.scanGuide(pl.stage)
	}
	pg.scanSide(pl.side, typing, enter)
}

// scanSide says what to do, or which check of a refused code failed.
func (pg *page) scanSide(side box, typing bool, enter func()) {
	s := pg.v.Scan
	b := box{side.x, side.y, side.w, 0}
	if s.Card != nil {
		c := box{b.x, b.y, b.w, 0}
		c.h = pg.measure(func() float32 { return pg.cardSide(c) })
		pg.card(c)
		pg.cardSide(c)
		b.y = c.bottom() + 16
	}
	switch {
	case typing:
		form := func() float32 { return pg.typedForm(b, enter) }
		b.h = pg.measure(form)
		pg.card(b)
		form()
	case s.Card != nil:
		b.y -= 16
	case len(s.Checks) > 0:
		b.h = pg.stack(b, "scan.refused", s.Checks, Bad)
	default:
		b.h = pg.intro(b, "scan.title", "scan.text", true)
		pg.intro(b, "scan.title", "scan.text", false)
	}
	if s.Card != nil {
		return
	}
	y := b.bottom() + 16
	if len(s.Items) > 0 {
		c := box{side.x, y, side.w, 0}
		c.h = pg.measure(func() float32 { return pg.readySmall(c, s.Items) })
		if c.bottom() <= side.bottom() {
			pg.card(c)
			pg.readySmall(c, s.Items)
			y = c.bottom() + 16
		}
	}
	if s.CanShow && y+160 <= side.bottom() {
		c := box{side.x, y, side.w, 160}
		pg.card(c)
		h := pg.heading(c.x+18, c.y+16, c.w-36, pg.say.say("scan.other"))
		key := "scan.other"
		if s.Shown {
			key = "scan.shown"
		}
		h += pg.para(c.x+18, c.y+16+h, c.w-36, pg.say.say(key+".text"), font{sizeBody, false, pg.p.muted})
		pg.command(box{c.x + 18, c.y + 160 - 18 - cardButton, c.w - 36, cardButton},
			command{words: pg.say.say(key + ".do"), cap: "F4", do: pg.send(ShowCounterCode{})}, false)
	}
}

// longestTyped is more than anybody types as a registration code, grouped: what
// is longer came from a hand scanner.
const longestTyped = 24

// typedForm takes a registration code, and the NIK unless a card said it.
func (pg *page) typedForm(b box, enter func()) float32 {
	s := pg.v.Scan
	title, text := "scan.type.title", "scan.type.text"
	if s.Card != nil {
		text = "card.type.text"
	}
	y := b.y + 16
	y += pg.para(b.x+18, y, b.w-36, pg.say.say(title), font{sizeTitle, true, pg.p.ink}) + 4
	y += pg.para(b.x+18, y, b.w-36, pg.say.say(text), font{sizeBody, false, pg.p.muted}) + 12
	asks := s.Card == nil || s.Card.NIK == ""
	next := enter
	if asks {
		next = func() {
			if len(pg.in.fields["code"]) > longestTyped {
				enter()
				return
			}
			pg.in.focus = "nik"
		}
	}
	y += pg.entry(b.x+18, y, b.w-36, pg.say.say("scan.type.code"), "", field{id: "code", enter: next})
	if asks {
		y += 14 + pg.entry(b.x+18, y+14, b.w-36, "NIK", "", field{id: "nik", enter: enter})
	}
	if len(s.Slips) > 0 {
		y += 14 + pg.lines(b.x+18, y+14, b.w-36, s.Slips, false)
	}
	return y - b.y + 18
}

// stack is a card of lines under a title in a tone. It returns its height.
func (pg *page) stack(b box, key string, ls []Line, t Tone) float32 {
	draw := func() float32 {
		y := b.y + 16
		y += pg.para(b.x+18, y, b.w-36, pg.say.say(key), font{sizeTitle, true, pg.p.tones[t].ink}) + 4
		y += pg.para(b.x+18, y, b.w-36, pg.say.say(key+".next"), font{sizeBody, false, pg.p.muted}) + 12
		y += pg.lines(b.x+18, y, b.w-36, ls, false)
		return y - b.y + 8
	}
	b.h = pg.measure(draw)
	pg.card(b)
	draw()
	return b.h
}

// bandHeight is the height of the sentence's band on the picture.
const bandHeight float32 = 60

// picture draws the camera's picture with one sentence at its bottom, beside
// it a drawn arrow where the sentence has one.
func (pg *page) picture(b box, sentence string, arrow sign) {
	if !pg.preview.live {
		pg.rect(b, pg.p.stage, rgba0, 0, 14)
	}
	pg.mark(mark{kind: markPicture, x: b.x, y: b.y, w: b.w, h: b.h, radius: 14})
	if sentence == "" {
		return
	}
	band := box{b.x, b.bottom() - bandHeight, b.w, bandHeight}
	pg.mark(mark{kind: markRect, x: band.x, y: band.y, w: band.w, h: band.h, fill: pg.p.band, radius: 14, low: true})
	f := font{sizeTitle, true, pg.p.onStage}
	if arrow == "" {
		pg.middle(band.in(8), sentence, f)
		return
	}
	w := min(pg.width(sentence, f), band.w-80)
	x := band.x + (band.w-w-34)/2
	pg.fit(x, band.y+(bandHeight-lineHeight(sizeTitle))/2, band.w-80, sentence, f)
	pg.signAt(x+w+24, band.y+bandHeight/2, 24, arrow, pg.p.onStage)
}

// scanGuide draws where the code belongs, or where it was found.
func (pg *page) scanGuide(b box) {
	o := pg.v.Scan.Outline
	if len(o) >= 3 {
		for i, p := range o {
			q := o[(i+1)%len(o)]
			x1, y1 := pg.preview.at(p.X, p.Y, b)
			x2, y2 := pg.preview.at(q.X, q.Y, b)
			pg.mark(mark{kind: markLine, x: clamp(x1, b.x, b.right()), y: clamp(y1, b.y, b.bottom()),
				w: clamp(x2, b.x, b.right()), h: clamp(y2, b.y, b.bottom()), fill: pg.p.guide, stroke: 4})
		}
		return
	}
	side := min(b.w*0.55, (b.h-bandHeight)*0.62)
	pg.mark(mark{kind: markSign, sign: signFrame, x: b.x + (b.w-side)/2, y: b.y + (b.h-bandHeight-side)/2, w: side, h: side,
		fill: pg.p.guide, stroke: 4, radius: 18})
}

func clamp(v, lo, hi float32) float32 { return max(lo, min(hi, v)) }

// or is s, or other where s is empty.
func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
