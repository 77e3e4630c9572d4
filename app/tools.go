package app

// tools is periksa alat: each part in a line, what is wrong with it said with
// its next step.
func (pg *page) tools() {
	t := pg.v.Tools
	if t.Ending {
		pg.ending()
		return
	}
	pl := pg.frame([]command{{words: pg.say.say("tools.end"), cap: "F6", do: pg.send(EndDay{})}}, []command{
		{words: pg.say.say("tools.again"), cap: "F5", do: pg.send(Retry{})},
		{words: pg.say.say("queue.serve"), cap: "F1", keys: []string{"Esc"}, kind: primary, do: pg.send(Open{ScreenHome})},
	})
	b := pl.whole
	pg.card(b)
	x, y := b.x+28, b.y+22
	pg.text(x, y, pg.say.say("tools.title"), font{sizeHead, true, pg.p.ink})
	said := pg.say.say("tools.running")
	if !t.Checked.IsZero() {
		said = pg.say.say("tools.checked", t.Checked)
	}
	y += lineHeight(sizeHead) + 2
	pg.text(x, y, said, font{sizeBody, false, pg.p.muted})
	y += lineHeight(sizeBody) + 18
	w := (b.w - 56 - 40) / 2
	half := (len(t.Lines) + 1) / 2
	for i, col := range [][]Line{t.Lines[:half], t.Lines[half:]} {
		at := y
		for _, l := range col {
			at += pg.check(x+float32(i)*(w+40), at, w, l, false, "", nil) + 6
		}
		if at > b.bottom() {
			pg.spills = append(pg.spills, "tools")
		}
	}
}

// ending asks whether the day ends here, and says what goes then.
func (pg *page) ending() {
	pl := pg.frame([]command{{words: pg.say.say("tools.end.not"), cap: "Esc", do: pg.send(Back{})}},
		[]command{{words: pg.say.say("tools.end.do"), cap: "F6", kind: primary, off: pg.v.Busy != nil, do: pg.send(EndDay{})}})
	b := pl.whole
	b.h = pg.measure(func() float32 { return pg.endingText(b) })
	pg.card(b)
	pg.endingText(b)
}

func (pg *page) endingText(b box) float32 {
	x, y, w := b.x+28, b.y+22, b.w-56
	pg.text(x, y, pg.say.say("tools.end.title"), font{sizeHead, true, pg.p.ink})
	y += lineHeight(sizeHead) + 12
	drafts, tone := "tools.end.drafts", pg.p.tones[Attention].ink
	if pg.v.Tools.Drafts == 0 {
		drafts, tone = "tools.end.none", pg.p.ink
	}
	y += pg.para(x, y, w, pg.say.say(drafts, pg.v.Tools.Drafts), font{sizeLead, false, tone}) + 10
	y += pg.para(x, y, w, pg.say.say("tools.end.text"), font{sizeBody, false, pg.p.muted})
	return y - b.y + 24
}
