package app

// stickScreen is the way by USB stick: which stick, what would go, what went.
func (pg *page) stickScreen() {
	s := pg.v.Stick
	none := len(s.Places) == 0
	busy := pg.v.Busy != nil
	pl := pg.frame([]command{{words: pg.say.say("back"), cap: "Esc", keys: []string{"F10"}, do: pg.send(Back{})}}, []command{
		{words: pg.say.say("stick.take"), cap: "F6", off: none || busy, do: pg.send(TakeIn{})},
		{words: pg.say.say("stick.save"), cap: "Enter", kind: primary, off: none || busy, do: pg.send(Next{})},
	})
	b := pl.stage
	head := box{b.x, b.y, b.w, 0}
	title := func() float32 {
		y := head.y + 22
		pg.text(head.x+28, y, pg.say.say("stick.title"), font{sizeHead, true, pg.p.ink})
		y += lineHeight(sizeHead) + 4
		key := "stick.waiting"
		if s.Waiting == 0 {
			key = "stick.waiting.none"
		}
		y += pg.para(head.x+28, y, head.w-56, pg.say.say(key, s.Waiting), font{16, false, pg.p.muted})
		return y - head.y + 20
	}
	head.h = pg.measure(title)
	pg.card(head)
	title()
	y := head.bottom() + 16
	if r := s.Result; r != nil {
		c := box{b.x, y, b.w, 0}
		draw := func() float32 { return pg.stickResult(c, *r) }
		c.h = pg.measure(draw)
		pg.toneCard(c, Good)
		draw()
		y = c.bottom() + 16
	}
	list := box{b.x, y, b.w, b.bottom() - y}
	pg.card(list)
	pg.heading(list.x+20, list.y+16, list.w-40, pg.say.say("stick.places"))
	if none {
		key := "stick.none"
		if !s.Looked {
			key = "stick.looking"
		}
		pg.middle(box{list.x, list.y + 30, list.w, list.h - 30}, pg.say.say(key), font{sizeBody, false, pg.p.muted})
	}
	const row = 62
	ry := list.y + 44
	for i, p := range s.Places {
		if ry+row > list.bottom()-4 {
			break
		}
		o := box{list.x + 14, ry, list.w - 28, row - 6}
		f := font{sizeBody, false, pg.p.ink}
		if i == s.Selected {
			t := pg.p.tones[Info]
			pg.rect(o, t.fill, t.edge, pg.p.stroke, 10)
			f.bold = true
			pg.signAt(o.right()-24, o.y+o.h/2, 16, signCheck, t.ink)
		}
		pg.fit(o.x+16, o.y+8, o.w-60, p.Name, f)
		under := pg.say.say("stick.free", pg.say.size(p.Free))
		if p.Bundles > 0 {
			under += " · " + pg.say.say("stick.bundles", p.Bundles)
		}
		pg.fit(o.x+16, o.y+8+lineHeight(sizeBody)-1, o.w-60, under, font{sizeSmall, false, pg.p.muted})
		pg.press(o, pg.send(Select{i}))
		ry += row
	}
	pg.press(box{}, pg.send(Select{max(s.Selected-1, 0)}), "Up")
	pg.press(box{}, pg.send(Select{s.Selected + 1}), "Down")

	side := box{pl.side.x, pl.side.y, pl.side.w, 0}
	tips := func() float32 {
		x, y, w := side.x+18, side.y+16, side.w-36
		y += pg.heading(x, y, w, pg.say.say("stick.how"))
		for _, k := range []string{"stick.how.safe", "stick.how.both", "stick.how.bring", "stick.how.pull"} {
			pg.signAt(x+9, y+10, 14, signDot, pg.p.primary)
			y += pg.para(x+28, y, w-28, pg.say.say(k), font{sizeBody, false, pg.p.ink}) + 9
		}
		return y - side.y + 8
	}
	side.h = pg.measure(tips)
	pg.card(side)
	tips()
}

// stickResult says what is on the stick now, or what came from it.
func (pg *page) stickResult(c box, r StickResult) float32 {
	x, y, w := c.x+28, c.y+18, c.w-56
	key := "stick.done.out"
	n := r.Packets
	if r.Import {
		key, n = "stick.done.in", r.New
	}
	y += pg.para(x, y, w, pg.say.say(key, n), font{sizeTitle, true, pg.p.tones[Good].ink}) + 4
	f := font{sizeBody, false, pg.p.ink}
	add := func(when bool, key string, args ...any) {
		if when {
			y += pg.para(x, y, w, pg.say.say(key, args...), f) + 2
		}
	}
	add(!r.Import, "stick.done.file", r.File)
	add(!r.Import && r.Relayed > 0, "stick.done.relayed", r.Relayed)
	add(r.Left > 0, "stick.done.left", r.Left)
	add(r.Import, "stick.done.bundles", r.Bundles, r.Known)
	add(r.Forged > 0, "stick.done.forged", r.Forged)
	add(!r.Import, "stick.done.next")
	return y - c.y + 14
}
