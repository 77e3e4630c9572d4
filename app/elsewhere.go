package app

// elsewhere stands in the place of the supervisor's PIN while a supervisor at
// another counter is asked, or could be.
func (pg *page) elsewhere(b box, bottom float32) {
	d := pg.v.Decide
	if b.bottom() > bottom+0.5 {
		pg.spills = append(pg.spills, "elsewhere")
	}
	pg.card(b)
	said, c := "decide.elsewhere.ask", command{words: pg.say.say("decide.elsewhere"), cap: "F5", kind: primary, do: pg.send(AskElsewhere{})}
	sg, col := signBang, pg.p.tones[Attention].ink
	switch d.Asked {
	case AskedWaiting:
		said, sg, col = "decide.elsewhere.waiting", signPie, pg.p.primary
	case AskedLooked:
		said, sg, col = "decide.elsewhere.looked", signPie, pg.p.primary
	case AskedSigned:
		said, sg, col = "decide.elsewhere.signed", signCheck, pg.p.tones[Good].ink
	}
	if d.Asked != AskedNone {
		c = command{words: pg.say.say("decide.elsewhere.withdraw"), cap: "F5", do: pg.send(AskElsewhere{})}
	}
	c.off = pg.v.Busy != nil
	w := pg.commandWidth(c)
	pg.command(box{b.right() - 18 - w, b.y + (b.h-barButton)/2, w, barButton}, c, false)
	x, y := b.x+18, b.y+18
	room := b.w - 36 - w - 20 - 28
	pg.signAt(x+9, y+lineHeight(sizeLead)/2, 18, sg, col)
	y += pg.para(x+28, y, room, pg.say.say(said), font{sizeLead - 1, true, pg.p.ink}) + 2
	next := pg.say.say(said + ".next")
	if d.Asked == AskedWaiting || d.Asked == AskedLooked {
		next = pg.say.say("decide.elsewhere.since", pg.say.span(d.Waits)) + " " + next
	}
	pg.para(x+28, y, room, next, font{sizeSmall, false, pg.p.muted})
}
