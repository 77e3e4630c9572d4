package app

// cancelPanel takes an approval back: which one, why, and the officer's PIN.
func (pg *page) cancelPanel() {
	c := pg.v.Queue.Cancelling
	sign := func() {
		if len(pg.in.pin) < 6 {
			pg.remark("pin-first", Info)
			return
		}
		pg.in.send(PIN{pg.takePIN()})
	}
	pl := pg.frame([]command{{words: pg.say.say("cancel.keep"), cap: "Esc", do: pg.send(Back{})}},
		[]command{{words: pg.say.say("cancel.do"), cap: "Enter", kind: primary, off: pg.v.Busy != nil, do: sign}})
	b := pl.stage
	head := box{b.x, b.y, b.w, 0}
	draw := func() float32 {
		y := head.y + 24
		y += pg.para(head.x+29, y, head.w-58, pg.say.say("cancel.ask", pg.say.clock(c.Item.At), c.Item.Last4), font{sizeHead, true, pg.p.tones[Bad].ink}) + 6
		y += pg.para(head.x+29, y, head.w-58, pg.say.say("cancel.text"), font{16, false, pg.p.ink})
		return y - head.y + 26
	}
	head.h = pg.measure(draw)
	pg.toneCard(head, Bad)
	draw()

	y := head.bottom() + 16
	const row = 48
	list := box{b.x, y, b.w, 50 + float32(len(c.Reasons))*(row+6) + 10}
	pg.card(list)
	pg.heading(list.x+20, list.y+16, list.w-40, pg.say.say("cancel.why"))
	ry := list.y + 44
	for i, r := range c.Reasons {
		o := box{list.x + 14, ry, list.w - 28, row}
		f := font{sizeBody, false, pg.p.ink}
		if i == c.Chosen {
			t := pg.p.tones[Info]
			pg.rect(o, t.fill, t.edge, pg.p.stroke, 10)
			f.bold = true
			pg.signAt(o.right()-24, o.y+row/2, 16, signCheck, t.ink)
		}
		pg.fit(o.x+16, o.y+(row-lineHeight(sizeBody))/2, o.w-60, pg.say.say("cancel.reason."+string(r)), f)
		pg.press(o, pg.send(Select{i}))
		ry += row + 6
	}
	n := len(c.Reasons)
	pg.press(box{}, pg.send(Select{(c.Chosen + n - 1) % n}), "Up")
	pg.press(box{}, pg.send(Select{(c.Chosen + 1) % n}), "Down")

	y = list.bottom() + 16
	card := box{b.x, y, b.w, 110}
	if card.bottom() > b.bottom()+0.5 {
		pg.spills = append(pg.spills, "cancel's PIN")
	}
	pg.card(card)
	pg.heading(card.x+18, y+16, 330, pg.say.say("decide.pin"))
	w := pg.pinBoxes(card.x+18, y+16+lineHeight(sizeSmall)+8, c.PIN, nil)
	nx := card.x + 18 + w + 40
	f := font{sizeBody, false, pg.p.muted}
	h := pg.measure(func() float32 { return pg.para(nx, y, card.right()-nx-18, pg.say.say("cancel.signs"), f) })
	pg.para(nx, card.y+card.h/2-h/2, card.right()-nx-18, pg.say.say("cancel.signs"), f)

	s := pl.side
	side := box{s.x, s.y, s.w, 0}
	what := func() float32 {
		x, y, w := side.x+18, side.y+16, side.w-36
		y += pg.heading(x, y, w, pg.say.say("cancel.follows"))
		for _, k := range []string{"cancel.follows.code", "cancel.follows.ikd", "cancel.follows.again", "cancel.follows.offline"} {
			pg.signAt(x+9, y+10, 14, signDot, pg.p.primary)
			y += pg.para(x+28, y, w-28, pg.say.say(k), font{sizeBody, false, pg.p.ink}) + 9
		}
		return y - side.y + 8
	}
	side.h = pg.measure(what)
	pg.card(side)
	what()
}
