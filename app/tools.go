package app

// tools is periksa alat: each part in a line, what is wrong with it said with
// its next step.
func (pg *page) tools() {
	t := pg.v.Tools
	pl := pg.frame(nil, []command{
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
