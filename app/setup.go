package app

// setup asks for the device code with which this PC becomes a counter.
func (pg *page) setup() {
	const w = 560
	enter := func() {
		if code := pg.value("device-code"); code != "" {
			pg.in.send(DeviceCode{code})
		} else {
			pg.remark("code-empty", Info)
		}
	}
	var left []command
	title, text := "setup.title", "setup.text"
	if pg.v.Setup.Again {
		left = []command{{words: pg.say.say("back"), cap: "Esc", do: pg.send(Back{})}}
		title, text = "setup.again.title", "setup.again.text"
	}
	pg.frame(left, []command{{words: pg.say.say("setup.do"), cap: "Enter", kind: primary, off: pg.v.Busy != nil, do: enter}})
	x := (pg.size.Width - w) / 2
	b := box{x, max(80, pg.size.Height*0.18), w, 268}
	pg.card(b)
	x, y := b.x+28, b.y+24
	pg.text(x, y, pg.say.say(title), font{sizeHead, true, pg.p.ink})
	y += lineHeight(sizeHead) + 8
	y += pg.para(x, y, w-56, pg.say.say(text), font{sizeBody, false, pg.p.muted}) + 20
	y += pg.entry(x, y, w-56, pg.say.say("setup.label"), pg.say.say("setup.hint"), field{id: "device-code", enter: enter}) + 14
	if pg.v.Setup.Fault != "" {
		t := pg.p.tones[Bad]
		pg.signAt(x+9, y+10, 16, signCross, t.ink)
		pg.para(x+28, y, w-84, pg.say.say("setup."+pg.v.Setup.Fault), font{sizeBody, false, t.ink})
		return
	}
	pg.para(x, y, w-56, pg.say.say("setup.once"), font{sizeSmall, false, pg.p.muted})
}
