package app

import (
	"time"

	"loket/app/activation"
)

// The places of the window are always the same: where am I (rail, left), what
// is happening (stage), what do I know (side, right), what can I do (bar,
// below). Nothing stands over the stage.
const (
	topHeight float32 = 48
	barHeight float32 = 72
	margin    float32 = 20
	railWidth float32 = 180
)

// places are the boxes of one drawing.
type places struct{ rail, stage, side, whole box }

// frame draws top bar, rail, notice and bar, and returns where the screen goes.
func (pg *page) frame(left, right []command) places {
	pg.topBar() // the paper under all is the theme's background
	bottom := pg.size.Height - barHeight - 16
	bottom -= pg.notices(bottom)
	if pg.v.Asking {
		left, right = pg.asking()
	}
	pg.commands(left, right)

	side := max(392, min(460, pg.size.Width*0.287))
	pl := places{
		rail:  box{margin, topHeight + margin, railWidth, bottom - topHeight - margin},
		whole: box{margin + railWidth + margin, topHeight + margin, pg.size.Width - 3*margin - railWidth, bottom - topHeight - margin},
	}
	pl.stage = pl.whole
	pl.stage.w -= side + margin
	pl.side = box{pl.stage.right() + margin, pl.stage.y, side, pl.stage.h}
	switch {
	case len(pg.v.Steps) > 0:
		pg.steps(pl.rail)
	case pg.v.Officer != "" && pg.v.Screen != ScreenLock && pg.v.Screen != ScreenLogIn && pg.v.Screen != ScreenSetup:
		pg.places(pl.rail)
	}
	return pl
}

// topBar says whose counter this is, how the link is, what time it is, who serves.
func (pg *page) topBar() {
	w := pg.size.Width
	pg.rect(box{0, 0, w, topHeight}, pg.p.card, pg.p.card, 0, 0)
	pg.line(0, topHeight-pg.p.stroke, w)
	mid := topHeight / 2
	x := margin
	x += pg.text(x, mid-lineHeight(17)/2, "Loket IKD", font{17, true, pg.p.ink}) + 18

	right := w - margin
	muted, strong := font{sizeBody, false, pg.p.muted}, font{sizeBody, true, pg.p.ink}
	lh := lineHeight(sizeBody)
	if pg.v.Officer != "" {
		if pg.v.Screen != ScreenLock && pg.v.Screen != ScreenLogIn {
			lock := command{words: pg.say.say("lock"), cap: "F12", do: pg.send(LockNow{})}
			f := font{sizeSmall, true, pg.p.ink}
			bw := pg.width(lock.words, f) + pg.capWidth("F12") + 36
			b := box{right - bw, mid - 17, bw, 34}
			fill := pg.p.card
			if pg.hover(b) {
				fill = pg.p.soft
			}
			pg.rect(b, fill, pg.p.line, pg.p.stroke, 10)
			pg.text(b.x+13, mid-lineHeight(sizeSmall)/2, lock.words, f)
			pg.keyCap(b.right()-11-pg.capWidth("F12"), mid, "F12", plain, false)
			pg.press(b, lock.do, "F12")
			right -= bw + 18
		}
		ow := min(pg.width(pg.v.Officer, strong), 220)
		pg.fit(right-ow, mid-lh/2, 220, pg.v.Officer, strong)
		right -= ow + 18
	}
	if !pg.v.Now.IsZero() {
		clock := pg.say.clock(pg.v.Now) + " " + zone(pg.v.Now)
		cw := pg.width(clock, muted)
		pg.text(right-cw, mid-lh/2, clock, muted)
		right -= cw + 18
	}
	if pg.v.Idle > 0 {
		s := pg.say.say("idle", pg.v.Idle)
		pw := pg.pillWidth(s)
		pg.pill(right-pw, mid, s, Attention, signLock)
		right -= pw + 18
	}
	if pg.v.Link.State != "" && pg.v.Idle == 0 {
		s, t := pg.link()
		pw := pg.pillWidth(s)
		pg.pill(right-pw, mid, s, t, signDot)
		right -= pw + 18
	}
	if pg.v.Training {
		s := pg.say.say("training")
		pw := pg.pillWidth(s)
		pg.pill(right-pw, mid, s, Attention, signBang)
		right -= pw + 18
	}
	office := pg.v.Office
	if office != "" && pg.v.Counter != "" {
		office += " · "
	}
	pg.fit(x, mid-lh/2, right-x, office+pg.v.Counter, muted)
}

// link says how the line to central is: calm where work goes on without it.
func (pg *page) link() (string, Tone) {
	l := pg.v.Link
	key := "link." + string(l.State)
	switch l.State {
	case LinkOnline:
		if l.Waiting > 0 {
			return pg.say.say("link.waiting", l.Waiting), Info
		}
		return pg.say.say(key), Good
	case LinkSending:
		return pg.say.say(key, l.Waiting), Info
	case LinkUnchecked:
		return pg.say.say(key), Info
	case LinkOffline:
		if l.Waiting == 0 {
			return pg.say.say("link.offline.none"), Info
		}
		return pg.say.say(key, l.Waiting), Info
	}
	s := pg.say.say(key)
	if l.Retry > 0 {
		s += " · " + pg.say.say("link.retry", pg.say.short(l.Retry))
	}
	t := Attention
	if l.State == LinkRevoked {
		t = Bad
	}
	return s, t
}

// commands draws the bar: on the left what leads away, on the right what goes on.
func (pg *page) commands(left, right []command) {
	y := pg.size.Height - barHeight
	pg.rect(box{0, y, pg.size.Width, barHeight}, pg.p.card, pg.p.card, 0, 0)
	pg.line(0, y, pg.size.Width)
	x := margin
	for _, c := range left {
		w := pg.commandWidth(c)
		pg.command(box{x, y + 13, w, barButton}, c, false)
		x += w + 12
	}
	r := pg.size.Width - margin
	for i := len(right) - 1; i >= 0; i-- {
		w := pg.commandWidth(right[i])
		r -= w
		pg.command(box{r, y + 13, w, barButton}, right[i], false)
		r -= 12
	}
	if r < x-12 {
		pg.spills = append(pg.spills, "bar")
	}
}

// notices draws what has to be said, and what takes a while, above the bar. It
// returns the height that is taken.
func (pg *page) notices(bottom float32) float32 {
	n := pg.v.Notice
	if pg.in.remark != nil {
		n = pg.in.remark
	}
	x, w := margin+railWidth+margin, pg.size.Width-3*margin-railWidth
	if pg.v.Screen == ScreenLogIn || pg.v.Screen == ScreenLock || pg.v.Screen == ScreenSetup {
		x, w = margin, pg.size.Width-2*margin
	}
	taken := float32(0)
	if b := pg.v.Busy; b != nil {
		h := float32(44)
		area := box{x, bottom - taken - h, w, h}
		pg.card(area)
		s := pg.say.say("busy." + b.Code)
		if b.Total > 0 {
			s += " · " + pg.say.say("busy.of", b.Done, b.Total)
		}
		f := font{sizeBody, true, pg.p.ink}
		tw := pg.width(s, f)
		pg.signAt(area.x+24, area.y+h/2, 16, signPie, pg.p.primary)
		pg.fit(area.x+42, area.y+(h-lineHeight(sizeBody))/2, w-80, s, f)
		if b.Total > 0 && w-tw > 160 {
			pg.bar(box{area.x + 60 + tw, area.y + h/2 - 5, w - tw - 80, 10}, float32(b.Done)/float32(b.Total), pg.p.primary)
		}
		taken += h + 12
	}
	if n != nil {
		h := float32(52)
		area := box{x, bottom - taken - h, w, h}
		t := pg.p.tones[n.Tone]
		pg.toneCard(area, n.Tone)
		pg.signAt(area.x+26, area.y+h/2, 18, signOfTone(n.Tone), t.ink)
		said, next := pg.say.say("notice."+n.Code, n.Args...), pg.say.say("notice."+n.Code+".next", n.Args...)
		bold, thin := font{sizeBody, true, t.ink}, font{sizeBody, false, pg.p.ink}
		room := w - 48 - 20
		sw := pg.width(said, bold)
		if sw+14+pg.width(next, thin) <= room {
			y := area.y + (h-lineHeight(sizeBody))/2
			pg.text(area.x+48, y, said, bold)
			pg.text(area.x+48+sw+14, y, next, thin)
		} else {
			bold.size, thin.size = sizeBody-1, sizeBody-1
			pg.fit(area.x+48, area.y+5, room, said, bold)
			pg.fit(area.x+48, area.y+5+lineHeight(sizeBody-1)-1, room, next, thin)
		}
		taken += h + 12
	}
	return taken
}

// steps draws the rail of a session.
func (pg *page) steps(b box) {
	y := b.y + 4
	n := 0
	for _, s := range pg.v.Steps {
		n++
		detail := ""
		switch {
		case s.Stage == activation.StageDone:
		case s.State == StepHere:
			detail = pg.say.say("rail.running", pg.say.span(s.Elapsed))
		case s.State == StepPast:
			detail = pg.say.span(s.Elapsed)
		}
		h := float32(48)
		if detail != "" {
			h = 58
		}
		name := font{sizeBody, false, pg.p.muted}
		fill, edge, ink := pg.p.card, pg.p.line, pg.p.muted
		if s.State == StepHere {
			pg.rect(box{b.x, y, b.w, h}, pg.p.card, pg.p.line, pg.p.stroke, 12)
			name = font{sizeBody, true, pg.p.ink}
			fill, edge, ink = pg.p.primary, pg.p.primary, pg.p.onPrimary
		}
		cy := y + 24
		if s.State == StepPast {
			c := pg.p.tones[Good]
			fill, edge = c.fill, c.fill
			if pg.p.stroke > 1 {
				edge = c.edge
			}
		}
		pg.rect(box{b.x + 8, cy - 14, 28, 28}, fill, edge, 2, 14)
		if s.State == StepPast {
			pg.signAt(b.x+22, cy, 16, signCheck, pg.p.tones[Good].ink)
		} else {
			pg.middle(box{b.x + 8, cy - 14, 28, 28}, pg.say.count(n), font{sizeBody - 1, true, ink})
		}
		top := cy - lineHeight(sizeBody)/2
		if detail != "" {
			top = y + 9
			pg.fit(b.x+48, top+lineHeight(sizeBody)-1, b.w-52, detail, font{sizeTiny, false, pg.p.muted})
		}
		pg.fit(b.x+48, top, b.w-52, pg.say.say("stage."+string(s.Stage)), name)
		y += h
	}
	pg.today(b, y+18)
}

// today says how many were served and how long it took.
func (pg *page) today(b box, y float32) {
	f := font{sizeSmall, false, pg.p.muted}
	if pg.v.Served > 0 {
		y += pg.para(b.x+8, y, b.w-8, pg.say.say("rail.served", pg.v.Served), f)
	}
	if pg.v.Mean > 0 {
		pg.fit(b.x+8, y, b.w-8, pg.say.say("rail.mean", pg.say.span(pg.v.Mean.Round(time.Second))), f)
	}
}

// places draws the rail outside a session.
func (pg *page) places(b box) {
	y := b.y + 4
	type place struct {
		screen Screen
		cap    string
	}
	all := []place{{ScreenHome, "F1"}, {ScreenQueue, "F2"}, {ScreenTools, "F3"}}
	if pg.v.CanTake {
		all = append(all, place{ScreenRoster, "F4"})
	}
	if pg.v.Supervises {
		all = append(all, place{ScreenReviews, "F7"})
	}
	for _, r := range all {
		h := float32(58)
		name := font{sizeBody, false, pg.p.muted}
		row := box{b.x, y, b.w, h}
		if pg.v.Screen == r.screen {
			pg.rect(row, pg.p.card, pg.p.line, pg.p.stroke, 12)
			name = font{sizeBody, true, pg.p.ink}
		}
		pg.fit(b.x+10, y+9, b.w-16, pg.say.say("place."+string(r.screen)), name)
		under := r.cap
		if n := len(pg.v.Reviews.List); r.screen == ScreenReviews && n > 0 {
			under += " · " + pg.say.say("reviews.count", n)
		}
		pg.fit(b.x+10, y+9+lineHeight(sizeBody)-1, b.w-16, under, font{sizeTiny, false, pg.p.muted})
		pg.press(row, pg.send(Open{r.screen}), r.cap)
		y += h
	}
	pg.today(b, y+18)
}
