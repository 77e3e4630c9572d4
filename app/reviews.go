package app

import (
	"time"

	"loket/app/activation"
)

// reviews is the supervisor's screen: what waits for a second pair of eyes at
// other counters and at central, and one case that is open.
func (pg *page) reviews() {
	if pg.v.Reviews.Open != nil {
		pg.review()
		return
	}
	r := pg.v.Reviews
	n := len(r.List)
	open := command{words: pg.say.say("reviews.open"), cap: "Enter", kind: primary, off: n == 0 || pg.v.Busy != nil, do: pg.send(LookAt{})}
	pl := pg.frame([]command{{words: pg.say.say("reviews.serve"), cap: "F1", keys: []string{"Esc"}, do: pg.send(Open{ScreenHome})}},
		[]command{{words: pg.say.say("reviews.again"), cap: "F5", do: pg.send(Retry{})}, open})
	b := pl.whole
	pg.card(b)
	x, y := b.x+28, b.y+22
	pg.text(x, y, pg.say.say("reviews.title"), font{sizeHead, true, pg.p.ink})
	y += lineHeight(sizeHead) + 2
	said, c := pg.say.say("reviews.asking"), pg.p.muted
	switch {
	case r.Away:
		said, c = pg.say.say("reviews.away"), pg.p.tones[Info].ink
	case !r.Asked.IsZero():
		said = pg.say.say("reviews.text")
	}
	pg.fit(x, y, b.w-56, said, font{sizeBody, false, c})
	y += lineHeight(sizeBody) + 16
	pg.reviewRows(box{b.x + 6, y, b.w - 12, b.bottom() - y - 8})
}

// reviewRows draws the queue and keeps the chosen row in sight.
func (pg *page) reviewRows(b box) {
	r := pg.v.Reviews
	col := []float32{b.x + 22, b.x + b.w*0.10, b.x + b.w*0.30, b.x + b.w*0.52, b.x + b.w*0.74}
	for i, k := range []string{"reviews.when", "reviews.what", "reviews.who", "reviews.case", "reviews.why"} {
		pg.fit(col[i], b.y, b.w*0.2, pg.say.say(k), font{sizeSmall, true, pg.p.muted})
	}
	y := b.y + 28
	pg.line(b.x, y, b.w)
	n := len(r.List)
	if n == 0 {
		pg.middle(box{b.x, y, b.w, b.bottom() - y}, pg.say.say("reviews.none"), font{sizeBody, false, pg.p.muted})
		return
	}
	const row = 50
	fits := max(1, int((b.bottom()-y)/row))
	top := max(0, min(r.Selected-fits/2, n-fits))
	for i := top; i < min(top+fits, n); i++ {
		it, line := r.List[i], box{b.x, y, b.w, row}
		if i == r.Selected {
			pg.rect(box{line.x, line.y + 1, line.w, line.h - 1}, rgba0, pg.p.primary, 2, 6)
		} else if pg.hover(line) {
			pg.rect(line, pg.p.soft, rgba0, 0, 0)
		}
		mid, f := y+row/2, font{sizeBody, false, pg.p.ink}
		t := mid - lineHeight(sizeBody)/2
		pg.shrink(col[0], t, col[1]-col[0]-8, pg.dayAndClock(it.At), f)
		if it.Held {
			pg.pill(col[1], mid, pg.say.say("reviews.held"), Attention, signBang)
		} else {
			pg.pill(col[1], mid, pg.say.say("reviews.waiting", pg.say.short(it.Left)), Info, signPie)
		}
		who := it.Counter
		if it.Officer != "" {
			who += " · " + title(it.Officer)
		}
		pg.shrink(col[2], t, col[3]-col[2]-12, who, f)
		pg.fit(col[3], t, col[4]-col[3]-8, pg.say.say("decision."+or(string(it.Case), "sealed")), f)
		if len(it.Causes) > 0 {
			pg.shrink(col[4], t, b.right()-col[4]-10, pg.say.say("why."+it.Causes[0]), f)
		}
		pg.press(line, pg.send(Select{i}))
		y += row
		if i != r.Selected && i+1 != r.Selected { // the chosen one has a frame
			pg.line(b.x, y, b.w)
		}
	}
	sel := func(d int) func() { return pg.send(Select{min(max(r.Selected+d, 0), n-1)}) }
	pg.press(box{}, sel(-1), "Up")
	pg.press(box{}, sel(1), "Down")
}

// dayAndClock is a time, with its day where that is not today.
func (pg *page) dayAndClock(at time.Time) string {
	if y, m, d := at.Date(); !pg.v.Now.IsZero() {
		if ny, nm, nd := pg.v.Now.In(at.Location()).Date(); y != ny || m != nm || d != nd {
			return at.Format("02-01") + " " + pg.say.clock(at)
		}
	}
	return pg.say.clock(at)
}

// review is a case of another counter, as the officer there sees it, and the
// supervisor's own PIN.
func (pg *page) review() {
	o := pg.v.Reviews.Open
	yes := o.Case == activation.Approve || o.Case == activation.Reactivate
	sign := func() {
		if len(pg.in.pin) < 6 {
			pg.remark("pin-first", Info)
			return
		}
		pg.in.send(PIN{pg.takePIN()})
	}
	key := "review.sign"
	if o.Held {
		key = "review.release"
	}
	do := command{words: pg.say.say(key), cap: "Enter", kind: approve, off: pg.v.Busy != nil, do: sign}
	other := command{words: pg.say.say("review.refuse"), cap: "F8", kind: grave, do: pg.send(Ask{})}
	if o.Refusing {
		do.words, do.kind = pg.say.say("review.refuse.do"), primary
		other = command{words: pg.say.say("review.back"), cap: "F8", do: pg.send(Ask{})}
	}
	pl := pg.frame([]command{{words: pg.say.say("back"), cap: "Esc", do: pg.send(Back{})}, other}, []command{do})
	was := pg.v.Decide
	pg.v.Decide = o.Decide
	pg.reviewCase(pl.stage, yes, o)
	pg.reviewSide(pl.side, o)
	pg.v.Decide = was
}

// reviewCase draws the case in the three parts of the decide screen.
func (pg *page) reviewCase(b box, yes bool, o *ReviewOpen) {
	d := pg.v.Decide
	t := Attention
	switch {
	case o.Refusing:
		t = Bad
	case yes:
		t = Good
	}
	head := box{b.x, b.y, b.w, 0}
	draw := func() float32 {
		if !o.Refusing {
			return pg.outcome(head, t)
		}
		y := head.y + 24
		y += pg.para(head.x+29, y, head.w-58, pg.say.say("review.refusing"), font{sizeHead, true, pg.p.tones[Bad].ink}) + 6
		key := "review.refusing.second"
		if o.Held {
			key = "review.refusing.held"
		}
		y += pg.para(head.x+29, y, head.w-58, pg.say.say(key, title(o.Officer)), font{16, false, pg.p.ink})
		return y - head.y + 26
	}
	head.h = pg.measure(draw)
	pg.toneCard(head, t)
	draw()
	y := head.bottom() + 16
	y += pg.parts(box{b.x, y, b.w, 0}, d) + 16
	pg.reviewSign(box{b.x, y, b.w, 110}, b.bottom(), o)
}

// reviewSign takes the supervisor's PIN.
func (pg *page) reviewSign(b box, bottom float32, o *ReviewOpen) {
	if b.bottom() > bottom+0.5 {
		pg.spills = append(pg.spills, "sign card")
	}
	pg.card(b)
	x, y := b.x+18, b.y+16
	pg.heading(x, y, 330, pg.say.say("decide.pin.second"))
	w := pg.pinBoxes(x, y+lineHeight(sizeSmall)+8, pg.v.Decide.PIN, nil)
	note := "review.note.second"
	switch {
	case o.Refusing:
		note = "review.note.refuse"
	case o.Held:
		note = "review.note.held"
	}
	nx := x + w + 40
	f := font{sizeBody, false, pg.p.muted}
	room := b.right() - nx - 18
	h := pg.measure(func() float32 { return pg.para(nx, y, room, pg.say.say(note), f) })
	pg.para(nx, b.y+b.h/2-h/2, room, pg.say.say(note), f)
}

// reviewSide: whose case it is, why somebody looks, and both pictures.
func (pg *page) reviewSide(s box, o *ReviewOpen) {
	d := pg.v.Decide
	b := box{s.x, s.y, s.w, 0}
	who := func() float32 {
		x, y, w := b.x+18, b.y+14, b.w-36
		y += pg.heading(x, y, w, pg.say.say("review.from", o.Counter, title(o.Officer), pg.say.clock(o.At)))
		y += pg.para(x, y, w, or(d.Name, pg.say.say("decide.nobody")), font{sizeLead, true, pg.p.ink})
		pg.nik(x, y, d.NIK, sizeBody)
		y += lineHeight(sizeBody) + 2
		line := d.Region
		if d.Age > 0 {
			line = pg.say.say("age.long", d.Age) + " · " + line
		}
		y += pg.para(x, y, w, line, font{sizeSmall, false, pg.p.muted}) + 8
		for _, l := range d.Why {
			y += pg.check(x, y, w, Line{Code: "why-" + l.Code, State: l.State}, true, "", nil)
		}
		return y - b.y + 12
	}
	b.h = pg.measure(who)
	pg.card(b)
	who()
	c := box{s.x, b.bottom() + 14, s.w, 0}
	if d.Compared.Probe == nil && d.Compared.Reference == nil {
		c.h = 190
		pg.card(c)
		pg.image(box{c.x + (c.w-130)/2, c.y + 14, 130, 162}, d.Photo, 10, pg.say.say("photo.none"))
		return
	}
	level := 0
	height := func() float32 { return pg.pair(c, level, d.Compared) }
	for c.h = pg.measure(height); level < 3 && c.bottom() > s.bottom(); c.h = pg.measure(height) {
		level++
	}
	pg.card(c)
	height()
}
