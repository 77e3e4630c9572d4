package app

// logIn asks who serves: an officer of the list with the PIN, or somebody who
// logs in here for the first time.
func (pg *page) logIn() {
	switch pg.v.LogIn.Step {
	case LogInFirst:
		pg.logInFirst()
	case LogInNewPassword:
		pg.logInPassword()
	case LogInNewPIN:
		pg.logInPIN()
	default:
		pg.logInList()
	}
}

// logInList is the everyday log-in.
func (pg *page) logInList() {
	l := pg.v.LogIn
	someone := command{words: pg.say.say("login.new"), cap: "F2", do: pg.send(LogInAs{})}
	left := []command{someone}
	if pg.v.Link.State == LinkRevoked {
		left = append(left, command{words: pg.say.say("setup.again.open"), cap: "F3", do: pg.send(Open{ScreenSetup})})
	}
	pg.frame(left, nil)
	if len(l.Officers) == 0 {
		pg.logInNobody(someone)
		return
	}
	const w, gap = 440, 20
	x := (pg.size.Width - 2*w - gap) / 2
	y := max(72, pg.size.Height*0.13)
	pg.text(x, y, pg.say.say("login.title"), font{sizeHead, true, pg.p.ink})
	y += lineHeight(sizeHead) + 16

	const row = 60
	top := 0
	shown := max(1, min(len(l.Officers), int((pg.size.Height-y-barHeight-150)/row)))
	if l.Selected >= shown {
		top = l.Selected - shown + 1
	}
	list := box{x, y, w, float32(shown)*row + 16}
	pg.card(list)
	for i := range shown {
		o := l.Officers[top+i]
		r := box{x + 8, y + 8 + float32(i)*row, w - 16, row - 4}
		name := font{sizeBody, false, pg.p.ink}
		if top+i == l.Selected {
			c := pg.p.tones[Info]
			pg.rect(r, c.fill, c.edge, pg.p.stroke, 10)
			name.bold = true
			pg.signAt(r.right()-22, r.y+r.h/2, 16, signCheck, c.ink)
		}
		pg.fit(r.x+14, r.y+8, w-80, o.Name, name)
		role := o.ID + " · " + pg.say.say("role.officer")
		if o.Supervisor {
			role = o.ID + " · " + pg.say.say("role.supervisor")
		}
		pg.fit(r.x+14, r.y+8+lineHeight(sizeBody)-1, w-80, role, font{sizeSmall, false, pg.p.muted})
		pg.press(r, pg.send(LogInAs{o.ID}))
	}
	pick := func(d int) func() {
		n := len(l.Officers)
		return pg.send(LogInAs{l.Officers[(l.Selected+d+n)%n].ID})
	}
	pg.press(box{}, pick(-1), "Up")
	pg.press(box{}, pick(1), "Down")
	pg.keysLine(x+4, list.bottom()+12, []string{"Up", "Down"}, pg.say.say("login.arrows"))

	b := box{x + w + gap, y, w, 236}
	pg.card(b)
	px, py := b.x+28, b.y+22
	who := l.Officers[min(max(l.Selected, 0), len(l.Officers)-1)]
	pg.fit(px, py, w-56, pg.say.say("login.pin", title(who.Name)), font{sizeLead, true, pg.p.ink})
	py += lineHeight(sizeLead) + 18
	if l.Paused > 0 {
		c := pg.p.tones[Attention]
		pg.signAt(px+9, py+11, 16, signBang, c.ink)
		pg.para(px+28, py, w-84, pg.say.say("login.paused", l.Paused), font{sizeBody, false, c.ink})
		return
	}
	pg.pinBoxes(px, py, 0, func() { pg.in.send(PIN{pg.takePIN()}) })
	py += 50 + 18
	pg.pinHelp(px, py, w-56, l.TriesLeft)
	if l.Resume {
		pg.para(px, py+52, w-56, pg.say.say("login.resume"), font{sizeSmall, false, pg.p.tones[Info].ink})
	}
}

// pinHelp says what follows the sixth figure, or how many tries are left.
func (pg *page) pinHelp(x, y, w float32, left int) {
	if left > 0 {
		c := pg.p.tones[Attention]
		pg.signAt(x+9, y+11, 16, signBang, c.ink)
		pg.para(x+28, y, w-28, pg.say.say("pin.left", left), font{sizeBody, false, c.ink})
		return
	}
	pg.para(x, y, w, pg.say.say("pin.help"), font{sizeBody, false, pg.p.muted})
}

// keysLine draws key caps and what they are for.
func (pg *page) keysLine(x, y float32, keys []string, s string) {
	for _, k := range keys {
		x += pg.keyCap(x, y+10, k, plain, false) + 4
	}
	pg.text(x+6, y, s, font{sizeSmall, false, pg.p.muted})
}

// logInNobody is a counter at which nobody has logged in yet.
func (pg *page) logInNobody(c command) {
	const w = 560
	b := box{(pg.size.Width - w) / 2, max(90, pg.size.Height*0.22), w, 230}
	pg.card(b)
	pg.text(b.x+28, b.y+24, pg.say.say("login.none"), font{sizeHead, true, pg.p.ink})
	pg.para(b.x+28, b.y+24+lineHeight(sizeHead)+8, w-56, pg.say.say("login.none.text"), font{sizeBody, false, pg.p.muted})
	c.kind = primary
	c.keys = []string{"Enter"}
	pg.command(box{b.x + 28, b.bottom() - 28 - barButton, pg.commandWidth(c) + 16, barButton}, c, false)
}

// form is the card of a first log-in's step: title, text, fields, Enter.
func (pg *page) form(key string, fields []field, enter func(), back bool) {
	var left []command
	if back {
		left = []command{{words: pg.say.say("back"), cap: "Esc", do: pg.send(Back{})}}
	}
	pg.frame(left, []command{{words: pg.say.say(key + ".do"), cap: "Enter", kind: primary, off: pg.v.Busy != nil, do: enter}})
	const w = 560
	h := 142 + float32(len(fields))*88
	b := box{(pg.size.Width - w) / 2, max(72, pg.size.Height*0.15), w, h}
	pg.card(b)
	x, y := b.x+28, b.y+24
	pg.text(x, y, pg.say.say(key+".title"), font{sizeHead, true, pg.p.ink})
	y += lineHeight(sizeHead) + 8
	y += pg.para(x, y, w-56, pg.say.say(key+".text"), font{sizeBody, false, pg.p.muted}) + 18
	for _, f := range fields {
		y += pg.entry(x, y, w-56, pg.say.say(key+"."+f.id), "", f) + 18
	}
}

// logInFirst asks for the officer's id and the administrator's password.
func (pg *page) logInFirst() {
	enter := func() {
		id, password := pg.value("officer"), pg.in.fields["password"]
		if id == "" || password == "" {
			pg.remark("field-empty", Info)
			return
		}
		delete(pg.in.fields, "password")
		pg.in.send(Credentials{id, password})
	}
	pg.form("first", []field{{id: "officer"}, {id: "password", secret: true, enter: enter}}, enter, true)
}

// shortestPassword is what NIST SP 800-63B asks of a password that a person chooses
// and a second secret (the PIN and this PC) goes with.
const shortestPassword = 10

// logInPassword asks for a password of the officer's own, twice.
func (pg *page) logInPassword() {
	enter := func() {
		a, b := pg.in.fields["password"], pg.in.fields["again"]
		switch {
		case len([]rune(a)) < shortestPassword:
			pg.remark("password-short", Attention)
		case a != b:
			delete(pg.in.fields, "again")
			pg.in.focus = "again"
			pg.remark("password-differs", Attention)
		default:
			clear(pg.in.fields)
			pg.in.send(NewPassword{a})
		}
	}
	pg.form("password", []field{{id: "password", secret: true}, {id: "again", secret: true, enter: enter}}, enter, false)
}

// logInPIN asks for a PIN of the officer's own, twice.
func (pg *page) logInPIN() {
	pg.frame(nil, nil)
	const w = 560
	b := box{(pg.size.Width - w) / 2, max(72, pg.size.Height*0.18), w, 216}
	pg.card(b)
	x, y := b.x+28, b.y+24
	key := "newpin.first"
	if pg.in.first != "" {
		key = "newpin.again"
	}
	pg.text(x, y, pg.say.say(key), font{sizeHead, true, pg.p.ink})
	y += lineHeight(sizeHead) + 8
	y += pg.para(x, y, w-56, pg.say.say("newpin.text"), font{sizeBody, false, pg.p.muted}) + 20
	pg.pinBoxes(x, y, 0, func() {
		pin := pg.takePIN()
		switch {
		case pg.in.first == "" && weak(pin):
			pg.remark("pin-weak", Attention)
		case pg.in.first == "":
			pg.in.first = pin
		case pg.in.first != pin:
			pg.in.first = ""
			pg.remark("pin-differs", Attention)
		default:
			pg.in.first = ""
			pg.in.send(NewPIN{pin})
		}
	})
}

// weak is a PIN that is guessed first: one figure six times, or in a row.
func weak(pin string) bool {
	same, up, down := true, true, true
	for i := 1; i < len(pin); i++ {
		same = same && pin[i] == pin[0]
		up = up && pin[i] == pin[i-1]+1
		down = down && pin[i] == pin[i-1]-1
	}
	return same || up || down
}
