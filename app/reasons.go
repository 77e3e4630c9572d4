package app

import "loket/app/activation"

// reasonGroups are the decisions under which reasons stand in the panel, in
// two columns of about the same height.
var reasonGroups = [2][]activation.Decision{
	{activation.Refer},
	{activation.Refuse, activation.Decline},
}

// reasonsOf lists the reasons that usually go with a decision.
func reasonsOf(d activation.Decision) []activation.Reason {
	var rs []activation.Reason
	for _, r := range activation.Reasons() {
		if activation.DecisionFor(r) == d {
			rs = append(rs, r)
		}
	}
	return rs
}

// reasonOrder is every reason in the order of the panel.
func reasonOrder() []Choose {
	var cs []Choose
	for _, col := range reasonGroups {
		for _, d := range col {
			for _, r := range reasonsOf(d) {
				cs = append(cs, Choose{d, r})
			}
		}
	}
	return cs
}

// reasonRow is the least height of a row with its next step in two lines.
const reasonRow float32 = 58

// asking are the bar's commands while the panel is open.
func (pg *page) asking() (left, right []command) {
	all := reasonOrder()
	left = []command{{words: pg.say.say("reasons.close"), cap: "Esc", keys: []string{"F8"}, do: pg.send(Back{})}}
	right = []command{{words: pg.say.say("reasons.take"), cap: "Enter", kind: primary, do: func() { pg.in.send(all[pg.in.chosen%len(all)]) }}}
	return left, right
}

// reasons is the panel "Tidak bisa dilayani…", in the stage's place: every
// reason with what the citizen does next, one key each.
func (pg *page) reasons(b box) {
	all := reasonOrder()
	pg.burst, pg.digits = false, 0
	pg.card(b)
	y := b.y + 18
	pg.fit(b.x+24, y, b.w-48, pg.say.say("reasons.title"), font{sizeTitle, true, pg.p.ink})
	y += lineHeight(sizeTitle)
	const head = 30
	w := (b.w - 48 - 20) / 2
	row := min(float32(66), (b.bottom()-y-lineHeight(sizeBody)-24-2*head)/7)
	low := row < reasonRow
	said := pg.say.say("reasons.text")
	if low { // no room in the rows: the chosen one's next step stands here
		said = pg.say.say("reason." + string(all[pg.in.chosen%len(all)].Reason) + ".next")
	}
	pg.shrink(b.x+24, y, b.w-48, said, font{sizeBody, false, pg.p.muted})
	y += lineHeight(sizeBody) + 12
	n := 0
	for col, ds := range reasonGroups {
		x, at := b.x+24+float32(col)*(w+20), y
		for _, d := range ds {
			pg.fit(x+8, at+6, w-8, pg.say.say("reasons."+string(d)), font{sizeSmall, true, pg.p.muted})
			at += head
			for _, r := range reasonsOf(d) {
				pg.reason(box{x, at, w, row}, n, r, all, low)
				at += row
				n++
			}
		}
	}
	step := func(d int) func() { return func() { pg.in.chosen = (pg.in.chosen + d + len(all)) % len(all) } }
	pg.press(box{}, step(-1), "Up")
	pg.press(box{}, step(1), "Down")
	half := len(reasonsOf(activation.Refer))
	pg.press(box{}, step(half), "Right")
	pg.press(box{}, step(-half), "Left")
}

// reason is one row of the panel.
func (pg *page) reason(r box, n int, reason activation.Reason, all []Choose, low bool) {
	key := string(rune('A' + n))
	inner := box{r.x, r.y + 1, r.w, r.h - 2}
	switch {
	case n == pg.in.chosen:
		pg.rect(inner, pg.p.tones[Info].fill, pg.p.primary, 2, 10)
	case pg.hover(inner):
		pg.rect(inner, pg.p.soft, pg.p.soft, 0, 10)
	}
	mid := r.y + r.h/2
	pg.keyCap(r.x+10, mid, key, plain, false)
	x, w := r.x+44, r.w-54
	name, small := font{sizeBody, true, pg.p.ink}, font{sizeTiny, false, pg.p.muted}
	next := pg.say.say("reason." + string(reason) + ".next")
	lines := float32(0)
	if !low {
		lines = pg.measure(func() float32 { return pg.para(x, 0, w, next, small) })
	}
	top := mid - (lineHeight(sizeBody)+lines)/2
	pg.fit(x, top, w, pg.say.say("reason."+string(reason)), name)
	if !low {
		pg.para(x, top+lineHeight(sizeBody), w, next, small)
	}
	pg.press(inner, pg.send(all[n]), key)
}
