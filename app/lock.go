package app

// lock is the locked screen: who, and that the case is kept.
func (pg *page) lock() {
	l := pg.v.Lock
	pg.frame([]command{{words: pg.say.say("lock.other"), cap: "Esc", do: pg.send(LogOut{})}}, nil)
	const w = 440
	b := box{(pg.size.Width - w) / 2, max(90, pg.size.Height*0.2), w, 280}
	pg.card(b)
	x, y := b.x+58, b.y+28
	pg.signAt(b.x+w/2, y+14, 32, signLock, pg.p.muted)
	y += 40
	pg.middle(box{b.x + 20, y, w - 40, lineHeight(sizeTitle)}, pg.say.say("lock.title"), font{sizeTitle, true, pg.p.ink})
	y += lineHeight(sizeTitle) + 4
	said := "lock.text"
	if l.Case {
		said = "lock.case"
	}
	pg.middle(box{b.x + 16, y, w - 32, lineHeight(sizeBody)}, pg.say.say(said, pg.v.Officer), font{sizeBody, false, pg.p.muted})
	y += lineHeight(sizeBody) + 22
	if l.Paused > 0 {
		c := pg.p.tones[Attention]
		pg.signAt(x+9, y+11, 16, signBang, c.ink)
		pg.para(x+28, y, w-116, pg.say.say("login.paused", l.Paused), font{sizeBody, false, c.ink})
		return
	}
	pg.pinBoxes(x, y, 0, func() { pg.in.send(PIN{pg.takePIN()}) })
	y += 50 + 16
	if l.TriesLeft > 0 {
		pg.pinHelp(x, y, w-100, l.TriesLeft)
	}
}
