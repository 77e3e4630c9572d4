package app

import (
	"strconv"

	"loket/app/activation"
	"loket/scanner/face"
)

// decide is the whole case on one screen, and the PIN that signs it. Figures
// are the PIN's; what can be decided instead stands on F1 to F4.
func (pg *page) decide() {
	d := pg.v.Decide
	yes := d.Offered == activation.Approve || d.Offered == activation.Reactivate
	sign := func() {
		if len(pg.in.pin) < 6 {
			pg.remark("pin-first", Info)
			return
		}
		pg.in.send(PIN{pg.takePIN()})
	}
	do := command{words: pg.say.say("decide.do." + or(string(d.Offered), "none")), cap: "Enter", kind: primary, do: sign}
	if yes {
		do.kind = approve
	}
	if d.Turn == TurnSupervisor {
		do.words = pg.say.say("decide.do.second")
		if d.Asked != AskedNone || len(d.Supervisors) == 0 {
			do.off, do.do = true, func() { pg.remark("second-waits", Info) }
		}
	}
	do.off = do.off || d.Offered == "" || pg.v.Busy != nil
	pl := pg.frame(pg.session(false), []command{do})
	if pg.v.Asking {
		pg.reasons(pl.stage)
	} else {
		pg.caseOf(pl.stage, yes)
	}
	pg.decideSide(pl.side)
}

// caseOf draws what will happen, why, and the PIN.
func (pg *page) caseOf(b box, yes bool) {
	d := pg.v.Decide
	t := Attention
	switch {
	case yes && d.Compared.Band == face.NoMatch: // open to two people who see what the machine did not
	case yes:
		t = Good
	case d.Offered == activation.Refuse || d.Offered == activation.Block:
		t = Bad
	}
	head := box{b.x, b.y, b.w, 0}
	draw := func() float32 { return pg.outcome(head, t) }
	head.h = pg.measure(draw)
	pg.toneCard(head, t)
	draw()
	y := head.bottom() + 16

	y += pg.parts(box{b.x, y, b.w, 0}, d) + 16

	if len(d.Why) > 0 {
		c := box{b.x, y, b.w, 0}
		why := func() float32 {
			h := pg.heading(c.x+20, c.y+14, c.w-40, pg.say.say("decide.why"))
			for _, l := range d.Why {
				cap, do := "", func() {}
				if l.Code == "look" { // what is missing can be said here as well
					cap, do = "F7", pg.send(Tick{"look", true})
				}
				h += pg.check(c.x+20, c.y+14+h, c.w-40, l, true, cap, do)
			}
			return h + 14 + 8
		}
		c.h = pg.measure(why)
		if c.bottom()+16+112 <= b.bottom() {
			pg.card(c)
			why()
			y = c.bottom() + 16
		}
	}
	pg.signCard(box{b.x, y, b.w, 0}, b.bottom())
}

// parts draws code, data and face side by side, equally high, and returns that height.
func (pg *page) parts(b box, d Decide) float32 {
	w := (b.w - 32) / 3
	parts := []struct {
		title string
		line  Line
	}{{"decide.code", d.Code}, {"decide.data", d.Data}, {"decide.face", d.Face}}
	at := func(i int) box { return box{b.x + float32(i)*(w+16), b.y, w, 0} }
	h := float32(0)
	for i, p := range parts {
		h = max(h, pg.measure(func() float32 { return pg.part(at(i), p.title, p.line) }))
	}
	for i, p := range parts {
		c := at(i)
		c.h = h
		pg.card(c)
		pg.part(c, p.title, p.line)
	}
	return h
}

// outcome says what follows, in plain words.
func (pg *page) outcome(b box, t Tone) float32 {
	d := pg.v.Decide
	x, y := b.x+29, b.y+24
	key := "decide.ask." + or(string(d.Offered), "none")
	y += pg.para(x, y, b.w-58, pg.say.say(key, or(title(d.Name), pg.say.say("decide.nobody"))), font{sizeHead, true, pg.p.tones[t].ink}) + 6
	f := font{16, false, pg.p.ink}
	if d.Reason != "" && d.Offered != activation.Approve {
		y += pg.para(x, y, b.w-58, "*"+pg.say.say("reason."+string(d.Reason))+".* "+pg.say.say("reason."+string(d.Reason)+".next"), f)
	} else {
		y += pg.para(x, y, b.w-58, pg.say.say("decide.then."+or(string(d.Offered), "none"), "*"+d.Email+"*"), f)
	}
	return y - b.y + 26
}

// part is one of the three small cards.
func (pg *page) part(b box, head string, l Line) float32 {
	y := b.y + 16
	y += pg.heading(b.x+18, y, b.w-36, pg.say.say(head)) + 2
	if l.Code != "" {
		y += pg.check(b.x+18, y, b.w-36, l, true, "", nil)
	}
	return max(y-b.y+12, 108)
}

// signCard takes the PIN of whose turn it is.
func (pg *page) signCard(b box, bottom float32) {
	d := pg.v.Decide
	head, note := "decide.pin", "decide.signs"
	b.h = 110
	if d.Turn == TurnSupervisor {
		head, note = "decide.pin.second", "decide.signs.second"
		b.h += 52
	}
	if d.Turn == TurnSupervisor && (d.Asked != AskedNone || len(d.Supervisors) == 0) {
		pg.elsewhere(box{b.x, b.y, b.w, 110}, bottom)
		return
	}
	if b.bottom() > bottom+0.5 {
		pg.spills = append(pg.spills, "sign card")
	}
	pg.card(b)
	x, y := b.x+18, b.y+16
	if d.Turn == TurnSupervisor {
		pg.chooseSupervisor(box{x, y, b.w - 36, 40})
		if d.CanAsk {
			c := command{words: pg.say.say("decide.elsewhere"), cap: "F5", do: pg.send(AskElsewhere{})}
			w := pg.commandWidth(c) - 8
			pg.command(box{b.right() - 18 - w, y - 2, w, touch}, c, false)
		}
		y += 52
	}
	pg.heading(x, y, 330, pg.say.say(head))
	w := pg.pinBoxes(x, y+lineHeight(sizeSmall)+8, d.PIN, nil)
	if d.Second && d.Turn == TurnOfficer {
		note = "decide.signs.both"
	}
	nx := x + w + 40
	f := font{sizeBody, false, pg.p.muted}
	room := b.right() - nx - 18
	if pg.measure(func() float32 { return pg.para(nx, y, room, pg.say.say(note, d.SecondBy), f) }) > 92 {
		f.size = sizeSmall
	}
	h := pg.measure(func() float32 { return pg.para(nx, y, room, pg.say.say(note, d.SecondBy), f) })
	pg.para(nx, b.bottom()-55-h/2, room, pg.say.say(note, d.SecondBy), f)
}

// chooseSupervisor shows who signs as the second person; arrows change it.
func (pg *page) chooseSupervisor(b box) {
	d := pg.v.Decide
	n := len(d.Supervisors)
	if n == 0 {
		c := pg.p.tones[Attention].ink
		pg.signAt(b.x+9, b.y+12, 16, signBang, c)
		pg.fit(b.x+28, b.y+2, b.w-28, pg.say.say("decide.second.none"), font{sizeBody, false, c})
		return
	}
	at := min(max(d.Supervisor, 0), n-1)
	who := d.Supervisors[at]
	x := b.x + pg.text(b.x, b.y+8, pg.say.say("decide.second"), font{sizeBody, false, pg.p.muted}) + 10
	x += pg.fit(x, b.y+8, b.w*0.55, who.Name, font{sizeBody, true, pg.p.ink}) + 14
	if n > 1 {
		x += pg.keyCap(x, b.y+19, "Up", plain, false) + 4
		pg.keyCap(x, b.y+19, "Down", plain, false)
		pg.press(b, pg.send(Select{(at + 1) % n}), "Down")
		pg.press(box{}, pg.send(Select{(at - 1 + n) % n}), "Up")
	}
}

// decideSide: who it is, or for a second pair of eyes what was compared; and
// what can be decided instead.
func (pg *page) decideSide(s box) {
	d := pg.v.Decide
	if d.Compared.Probe != nil && (d.Turn == TurnSupervisor || d.Compared.Band != face.Match) {
		b, level := box{s.x, s.y, s.w, 0}, 0
		height := func() float32 { return pg.pair(b, level, d.Compared) }
		for b.h = pg.measure(height); level < 3 && b.h+14+260 > s.h; b.h = pg.measure(height) {
			level++
		}
		pg.card(b)
		height()
		pg.instead(box{s.x, b.bottom() + 14, s.w, s.bottom() - b.bottom() - 14})
		return
	}
	b := box{s.x, s.y, s.w, 182}
	pg.card(b)
	ph := box{b.x + 18, b.y + 16, 112, 150}
	pg.image(ph, d.Photo, 10, pg.say.say("photo.none"))
	x, w := ph.right()+14, b.right()-ph.right()-28
	y := b.y + 16
	y += pg.para(x, y, w, d.Name, font{sizeLead, true, pg.p.ink}) + 2
	pg.nik(x, y, d.NIK, sizeBody)
	y += lineHeight(sizeBody) + 6
	if d.Age > 0 {
		y += pg.para(x, y, w, pg.say.say("age.long", d.Age), font{sizeBody, false, pg.p.muted})
	}
	pg.para(x, y, w, d.Region, font{sizeBody, false, pg.p.muted})
	pg.instead(box{s.x, b.bottom() + 14, s.w, s.bottom() - b.bottom() - 14})
}

// instead lists what can be decided instead.
func (pg *page) instead(s box) {
	d := pg.v.Decide
	options := d.Options
	if options == nil {
		options = []Choose{{activation.Refer, activation.DataProblem}, {activation.Refer, activation.PhotoInadequate}, {activation.Decline, activation.NotWanted}}
	}
	row, gap := float32(48), float32(8)
	if n := float32(len(options) + 1); 54+n*(row+gap) > s.h { // the least that a finger hits
		row, gap = 44, 4
	}
	o := box{s.x, s.y, s.w, 44 + float32(len(options)+1)*(row+gap) + 10}
	if o.bottom() > s.bottom()+0.5 {
		pg.spills = append(pg.spills, "options")
	}
	pg.card(o)
	pg.heading(o.x+18, o.y+16, o.w-36, pg.say.say("decide.else"))
	y := o.y + 44
	for i, c := range options {
		pg.command(box{o.x + 18, y, o.w - 36, row}, command{words: pg.optionWords(c), cap: "F" + strconv.Itoa(i+1), do: pg.send(c)}, true)
		y += row + gap
	}
	pg.command(box{o.x + 18, y, o.w - 36, row}, command{words: pg.say.say("decide.other"), cap: "F8", kind: grave, do: pg.send(Ask{})}, true)
}

// optionWords says an option in a few words.
func (pg *page) optionWords(c Choose) string {
	if c.Reason == "" {
		return pg.say.say("option." + string(c.Decision))
	}
	return pg.say.say("option."+string(c.Decision)+".for", pg.say.say("reason."+string(c.Reason)))
}
