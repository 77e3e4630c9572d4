package app

import (
	"strconv"
)

// session are the commands on the left of every screen with a citizen.
func (pg *page) session(ask bool) []command {
	left := []command{
		{words: pg.say.say("cancel"), cap: "Esc", do: pg.send(Back{})},
		{words: pg.say.say("aside"), cap: "F9", do: pg.send(SetAside{})},
	}
	if ask {
		left = append(left, command{words: pg.say.say("ask"), cap: "F8", kind: grave, do: pg.send(Ask{})})
	}
	return left
}

// ready is readiness and consent: what the officer asks before anything else.
func (pg *page) ready() {
	all := pg.v.Ready.Consent
	for _, it := range pg.v.Ready.Items {
		all = all && it.Done
	}
	pl := pg.frame(pg.session(true), []command{
		{words: pg.say.say("ready.all"), cap: "A", keys: []string{"Space"}, do: pg.send(TickAll{})},
		{words: pg.say.say("ready.go"), cap: "Enter", kind: primary, off: !all, do: pg.send(Next{})},
	})
	if pg.v.Asking {
		pg.reasons(pl.stage)
	} else {
		pg.readiness(pl.stage)
	}
	s := pl.side
	b := box{s.x, s.y, s.w, 0}
	b.h = pg.intro(b, "ready.title", "ready.text", true)
	pg.intro(b, "ready.title", "ready.text", false)
	tip := box{s.x, b.bottom() + 16, s.w, 0}
	tip.h = pg.measure(func() float32 { return pg.tips(tip, []string{"home.tip.free", "home.tip.pin", "home.tip.card"}) })
	if tip.bottom() <= s.bottom() {
		pg.card(tip)
		pg.tips(tip, []string{"home.tip.free", "home.tip.pin", "home.tip.card"})
	}
}

// intro is the card that says what this screen is for.
func (pg *page) intro(b box, head, text string, measure bool) float32 {
	if measure {
		return pg.measure(func() float32 { return pg.intro(b, head, text, false) })
	}
	if !pg.dry {
		pg.card(b)
	}
	y := b.y + 16
	y += pg.para(b.x+18, y, b.w-36, pg.say.say(head), font{sizeHead, true, pg.p.ink}) + 6
	y += pg.para(b.x+18, y, b.w-36, pg.say.say(text), font{sizeBody, false, pg.p.muted})
	return y - b.y + 16
}

// readiness draws the four questions and consent.
func (pg *page) readiness(b box) {
	const row = 64
	items := pg.v.Ready.Items
	c := box{b.x, b.y, b.w, float32(len(items))*row + 50}
	pg.card(c)
	pg.heading(c.x+24, c.y+16, c.w-48, pg.say.say("ready.asked"))
	y := c.y + 42
	for i, it := range items {
		pg.tickRow(box{c.x + 8, y, c.w - 16, row}, it, strconv.Itoa(i+1))
		if i > 0 {
			pg.line(c.x+24, y, c.w-48)
		}
		y += row
	}
	t := box{b.x, c.bottom() + 16, b.w, 0}
	text := func() float32 {
		return pg.para(t.x+24, t.y+46, t.w-48, pg.say.say("consent.text"), font{sizeBody, false, pg.p.muted})
	}
	h := pg.measure(text)
	t.h = min(46+h+12+52+8, b.bottom()-t.y)
	pg.card(t)
	pg.heading(t.x+24, t.y+16, t.w-48, pg.say.say("consent.title"))
	text()
	r := box{t.x + 8, t.y + 46 + h + 8, t.w - 16, 52}
	on := pg.v.Ready.Consent
	pg.tick(r, "consent.given", on, "F5", pg.send(Tick{"consent", !on}), false)
}

// tickRow is one readiness item.
func (pg *page) tickRow(r box, it ReadyItem, key string) {
	pg.tick(r, "ready."+string(it.Check), it.Done, key, pg.send(Tick{string(it.Check), !it.Done}), true)
}

// tick is one thing that is asked and marked as done, with its key.
func (pg *page) tick(r box, key string, on bool, cap string, do func(), detail bool) {
	if pg.hover(r) {
		pg.rect(r.in(2), pg.p.soft, pg.p.soft, 0, 10)
	}
	mid := r.y + r.h/2
	c := pg.p.tones[Good]
	b := box{r.x + 16, mid - 13, 26, 26}
	if on {
		pg.rect(b, c.ink, c.ink, 1, 8)
		pg.signAt(b.x+13, mid, 18, signCheck, pg.p.card)
	} else {
		pg.rect(b, pg.p.card, pg.p.muted, 2, 8)
	}
	room := r.w - 58 - 60
	if detail {
		pg.fit(r.x+58, mid-lineHeight(sizeBody)-1, room, pg.say.say(key), font{sizeBody, true, pg.p.ink})
		pg.fit(r.x+58, mid+1, room, pg.say.say(key+".how"), font{sizeSmall, false, pg.p.muted})
	} else {
		pg.fit(r.x+58, mid-lineHeight(sizeBody)/2, room, pg.say.say(key), font{sizeBody, true, pg.p.ink})
	}
	pg.keyCap(r.right()-16-pg.capWidth(cap), mid, cap, plain, false)
	pg.press(r, do, cap)
}

// readySmall lists readiness on a later screen.
func (pg *page) readySmall(b box, items []ReadyItem) float32 {
	x, y := b.x+18, b.y+16
	y += pg.heading(x, y, b.w-36, pg.say.say("ready.before"))
	for _, it := range items {
		st := LineOpen
		if it.Done {
			st = LineOK
		}
		y += pg.check(x, y, b.w-36, Line{Code: "ready-" + string(it.Check), State: st}, false, "", nil)
	}
	return y - b.y + 8
}
