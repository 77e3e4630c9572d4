package app

// home is the counter with nobody at it.
func (pg *page) home() {
	begin := command{words: pg.say.say("home.begin"), cap: "Enter", kind: primary, do: pg.send(Next{})}
	drafts, rules := pg.v.Home.Drafts, pg.v.Home.Rules
	text := "home.text"
	if begin.off = len(rules) > 0 && rules[0].Stop; begin.off {
		text = "home.frozen"
	}
	out := command{words: pg.say.say("logout"), cap: "F10", do: pg.send(LogOut{})}
	left := []command{out}
	pl := pg.frame(left, []command{begin})

	b := pl.stage
	pg.card(b)
	h := lineHeight(34) + 12 + lineHeight(sizeLead) + 28 + 56
	y := b.y + (b.h-h)/2 - 20
	pg.middle(box{b.x + 20, y, b.w - 40, lineHeight(34)}, pg.say.say("home.title"), font{34, true, pg.p.ink})
	y += lineHeight(34) + 12
	pg.middle(box{b.x + 20, y, b.w - 40, lineHeight(sizeLead)}, pg.say.say(text), font{sizeLead, false, pg.p.muted})
	y += lineHeight(sizeLead) + 28
	w := pg.commandWidth(begin) + 40
	pg.command(box{b.x + (b.w-w)/2, y, w, 56}, begin, false)

	s := pl.side
	y = s.y
	for _, r := range rules[:min(len(rules), 2)] {
		y += pg.rule(box{s.x, y, s.w, 0}, r) + 16
	}
	if len(drafts) > 0 {
		d := drafts[0]
		box1 := box{s.x, y, s.w, 152}
		pg.toneCard(box1, Info)
		x := s.x + 18
		pg.heading(x, y+16, s.w-36, pg.say.say("home.draft"))
		what := pg.say.say("home.draft.text", pg.say.say("stage."+string(d.Stage)), d.Since)
		if d.Last4 != "" {
			what = "•••• " + d.Last4 + " · " + what
		}
		pg.fit(x, y+42, s.w-36, what, font{sizeBody, false, pg.p.ink})
		pg.command(box{x, y + 86, s.w - 36, cardButton}, command{words: pg.say.say("home.resume"), cap: "F6", do: pg.send(Resume{})}, false)
		y += box1.h + 16
		if len(drafts) > 1 {
			pg.fit(x, y-8, s.w-36, pg.say.say("home.drafts", len(drafts)-1), font{sizeSmall, false, pg.p.muted})
			y += 20
		}
	}
	lines := []string{"home.tip.free", "home.tip.pin", "home.tip.card"}
	tip := box{s.x, y, s.w, 0}
	tip.h = pg.measure(func() float32 { return pg.tips(tip, lines) })
	pg.card(tip)
	pg.tips(tip, lines)
}

// rule draws a limit that is near or reached, with what to do about it.
func (pg *page) rule(b box, r Rule) float32 {
	key, tone := "home.near.", Attention
	if r.Stop {
		key, tone = "home.stop.", Bad
	}
	draw := func() float32 {
		y := b.y + 16
		y += pg.para(b.x+18, y, b.w-36, pg.say.say(key+r.Code, r.Used, r.Most), font{sizeBody, true, pg.p.tones[tone].ink}) + 6
		y += pg.para(b.x+18, y, b.w-36, pg.say.say("home.rule."+r.Code), font{sizeBody, false, pg.p.ink})
		return y - b.y + 16
	}
	b.h = pg.measure(draw)
	pg.toneCard(b, tone)
	draw()
	return b.h
}

// tips draws what an officer says to everybody.
func (pg *page) tips(b box, keys []string) float32 {
	x, y := b.x+18, b.y+16
	y += pg.heading(x, y, b.w-36, pg.say.say("home.tips"))
	for _, k := range keys {
		pg.signAt(x+9, y+10, 16, signCheck, pg.p.tones[Good].ink)
		y += pg.para(x+28, y, b.w-64, pg.say.say(k), font{sizeBody, false, pg.p.ink}) + 9
	}
	return y - b.y + 8
}
