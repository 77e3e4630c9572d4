package app

import "loket/scanner/face"

// face is the live face against the enrolled photo.
func (pg *page) face() {
	f := pg.v.Face
	again := command{words: pg.say.say("face.again"), cap: "R", do: pg.send(Retry{})}
	if f.Attempts > 0 {
		again.words = pg.say.say("face.again.of", f.Attempt, f.Attempts)
	}
	right := []command{again}
	if f.Band == "" {
		right = []command{{words: pg.say.say("face.shoot"), cap: pg.say.say("key.space"), keys: []string{"Space"}, do: pg.send(Capture{})}}
	} else if f.Attempts > 0 && f.Attempt >= f.Attempts {
		right[0].off = true
	}
	going := command{words: pg.say.say("face.go"), cap: "Enter", kind: primary, off: !f.CanGoOn, do: pg.send(Next{})}
	switch {
	case f.Moving: // the citizen is busy with one thing
		right = nil
	case f.Again:
		right[0].words = pg.say.say("face.again.photo")
	}
	if f.Moving || f.Again {
		right = append(right, command{words: pg.say.say("face.cannot"), cap: "F6", do: pg.send(CannotMove{})})
	}
	if f.Again { // the comparison stands; what leads on is another round
		going = command{words: pg.say.say("face.move"), cap: pg.say.say("key.space"), keys: []string{"Space", "Enter"}, kind: primary, do: pg.send(Capture{})}
	}
	right = append(right, going)
	pl := pg.frame(pg.session(true), right)
	if pg.v.Asking {
		pg.reasons(pl.stage)
	} else {
		arrow := sign("")
		switch f.Sentence {
		case "turn-left":
			arrow = signLeft
		case "turn-right":
			arrow = signRight
		}
		said := ""
		if f.Sentence != "" {
			said = pg.say.say("sentence." + f.Sentence)
		}
		pg.picture(pl.stage, said, arrow)
		if f.Guide {
			pg.guide(pl.stage)
		}
		pg.way(pl.stage)
	}
	pg.faceSide(pl.side)
}

// guide draws the oval, its arc as far as the challenge has gone.
func (pg *page) guide(b box) {
	h := (b.h - bandHeight) * 0.74
	w := h * 0.77
	pg.mark(mark{kind: markSign, sign: signOval, x: b.x + (b.w-w)/2, y: b.y + (b.h-bandHeight-h)/2 + 4, w: w, h: h,
		fill: pg.p.guide, edge: pg.p.arc, stroke: 5, progress: pg.v.Face.Progress})
}

// way points beside the oval where the face goes in the picture: words say the
// citizen's own left and right, which are the other ones there.
func (pg *page) way(b box) {
	x, d, s := b.x+b.w/2, b.w*0.34, signLeft
	switch pg.v.Face.Sentence {
	case "challenge-turn-left", "challenge-turn-left-less":
		x -= d
	case "challenge-turn-right", "challenge-turn-right-less":
		x, s = x+d, signRight
	default:
		return
	}
	y := b.y + (b.h-bandHeight)/2
	pg.rect(box{x - 44, y - 44, 88, 88}, pg.p.band, rgba0, 0, 44)
	pg.signAt(x, y, 52, s, pg.p.onStage)
}

// faceSide: what is compared and how alike, quality, life. The cards close up
// where the window is low.
func (pg *page) faceSide(s box) {
	cards := func(level int) float32 {
		y := s.y
		gap := float32(14)
		if level > 0 {
			gap = 10
		}
		for _, draw := range []func(box, int) float32{pg.pairCard, pg.qualityCard, pg.liveCard} {
			b := box{s.x, y, s.w, 0}
			b.h = pg.measure(func() float32 { return draw(b, level) })
			if b.h == 0 {
				continue
			}
			pg.card(b)
			draw(b, level)
			y += b.h + gap
		}
		return y - gap - s.y
	}
	level := 0
	for level < 3 && pg.measure(func() float32 { return cards(level) }) > s.h {
		level++
	}
	if h := cards(level); h > s.h+0.5 {
		pg.spills = append(pg.spills, "face cards")
	}
}

// pairCard shows both crops alike, the band in words, the score beside it.
func (pg *page) pairCard(b box, level int) float32 { return pg.pair(b, level, pg.v.Face) }

// pair is pairCard for any comparison.
func (pg *page) pair(b box, level int, f FaceView) float32 {
	side := []float32{118, 104, 84, 64}[level]
	x, y := b.x+18, b.y+12
	y += pg.heading(x, y, b.w-36, pg.say.say("face.compared")) - 2
	shown := float32(2)
	if f.Near != nil { // a third one, of another NIK
		shown, side = 3, min(side, (b.w-36-24)/3)
	}
	left := b.x + (b.w-shown*side-(shown-1)*12)/2
	pg.image(box{left, y, side, side}, f.Probe, 10, pg.say.say("face.none"))
	pg.image(box{left + side + 12, y, side, side}, f.Reference, 10, pg.say.say("photo.none"))
	if f.Near != nil {
		pg.image(box{left + 2*(side+12), y, side, side}, f.Near.Crop, 10, pg.say.say("photo.none"))
	}
	y += side + 3
	small := font{sizeTiny, false, pg.p.muted}
	when := pg.say.say("face.reference")
	if !f.Taken.IsZero() {
		when += " " + f.Taken.Format("2006")
	}
	pg.middle(box{left - 6, y, side + 12, lineHeight(sizeTiny)}, pg.say.say("face.probe"), small)
	pg.middle(box{left + side + 6, y, side + 12, lineHeight(sizeTiny)}, when, small)
	if f.Near != nil {
		third := box{left + 2*(side+12) - 6, y, side + 12, lineHeight(sizeTiny)}
		pg.middle(third, pg.say.say("face.near.of", f.Near.Last4), font{sizeTiny, true, pg.p.tones[Attention].ink})
	}
	y += lineHeight(sizeTiny) + 4
	if f.Eye {
		c := pg.p.tones[Attention].ink
		pg.text(x, y, pg.say.say("face.eye"), font{sizeLead, true, c})
		y += lineHeight(sizeLead)
		y += pg.para(x, y, b.w-36, pg.say.say("face.eye.next"), font{sizeSmall, false, pg.p.muted})
		return y - b.y + 14
	}
	if f.Band == "" {
		y += pg.para(x, y, b.w-36, pg.say.say("face.waiting"), font{sizeBody, false, pg.p.muted})
		return y - b.y + 14
	}
	c := pg.bandTone(f.Band)
	pg.signAt(x+9, y+lineHeight(sizeLead)/2, 18, signOfTone(c), pg.p.tones[c].ink)
	pg.text(x+24, y, pg.say.say("band."+string(f.Band)), font{sizeLead, true, pg.p.tones[c].ink})
	y += lineHeight(sizeLead)
	y += pg.para(x, y, b.w-36, pg.scoreWords(f), font{sizeSmall, false, pg.p.muted}) + 6
	pg.scoreBar(box{x, y, b.w - 36, 10}, f)
	y += 10
	warn := font{sizeSmall, true, pg.p.tones[Attention].ink}
	if f.Band == face.NoMatch && len(f.Weak) > 0 {
		y += 8
		y += pg.para(x, y, b.w-36, pg.say.say("face.weak."+string(f.Weak[0])), warn)
	}
	if f.Near != nil {
		y += 8
		y += pg.para(x, y, b.w-36, pg.say.say("face.near", f.Near.Last4, f.Near.At), warn)
	}
	return y - b.y + 16
}

// bandTone is a band's colour.
func (pg *page) bandTone(b face.Band) Tone {
	switch b {
	case face.Match:
		return Good
	case face.NoMatch:
		return Bad
	}
	return Attention
}

// scoreWords says score and limit, and what the limit was measured on.
func (pg *page) scoreWords(f FaceView) string {
	kind := "face.similarity"
	if f.Limits.Metric == face.Distance {
		kind = "face.distance"
	}
	s := pg.say.say(kind, f.Score, f.Limits.Match)
	switch {
	case !f.Limits.Measured:
		s += " " + pg.say.say("face.unmeasured")
	case f.Limits.FMR > 0:
		s += " " + pg.say.say("face.fmr", f.Limits.Data, pg.say.count(int(1/f.Limits.FMR+0.5)))
	case f.Limits.Data != "":
		s += " " + pg.say.say("face.data", f.Limits.Data)
	}
	return s
}

// scoreBar draws the three bands with the score on them, better to the right.
func (pg *page) scoreBar(b box, f FaceView) {
	at := func(score float64) float32 {
		t := score
		if f.Limits.Metric == face.Distance {
			t = 1 - score/1.2 // dlib's distances of different people reach about 1.2
		}
		return clamp(float32(t), 0, 1) * b.w
	}
	doubt, match := at(f.Limits.Doubtful), at(f.Limits.Match)
	soft := func(t Tone) (c tone) { return pg.p.tones[t] }
	pg.rect(box{b.x, b.y, b.w, b.h}, soft(Good).edge, rgba0, 0, 5)
	pg.rect(box{b.x, b.y, match, b.h}, soft(Attention).edge, rgba0, 0, 5)
	pg.rect(box{b.x, b.y, doubt, b.h}, soft(Bad).edge, rgba0, 0, 5)
	x := b.x + clamp(at(f.Score), 2, b.w-2)
	pg.rect(box{x - 4, b.y - 4, 8, b.h + 8}, pg.p.card, rgba0, 0, 3)
	pg.rect(box{x - 2, b.y - 4, 4, b.h + 8}, pg.p.ink, rgba0, 0, 2)
}

// qualityCard and liveCard are lines that one can read.
func (pg *page) qualityCard(b box, level int) float32 {
	return pg.linesCard(b, level, "quality.title", grouped(pg.v.Face.Quality))
}

func (pg *page) liveCard(b box, level int) float32 {
	return pg.linesCard(b, level, "live.title", pg.v.Face.Live)
}

func (pg *page) linesCard(b box, level int, title string, ls []Line) float32 {
	if len(ls) == 0 {
		return 0
	}
	y := b.y + 12
	y += pg.heading(b.x+18, y, b.w-36, pg.say.say(title)) - 2
	for _, l := range ls {
		var cap string
		var do func()
		if l.Code == "look" {
			cap, do = "F7", pg.send(Tick{"look", l.State != LineOK})
		}
		if level > 2 || level > 1 && l.State != LineWarn {
			l.Detail = ""
		}
		y += pg.check(b.x+18, y, b.w-36, l, level > 0, cap, do)
	}
	return y - b.y + 6
}
