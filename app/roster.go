package app

import (
	"time"

	"loket/app/activation"
)

// rosterScreen is what is taken along: areas with their size, age and end.
func (pg *page) rosterScreen() {
	r := pg.v.Roster
	if r.Search != nil {
		pg.search()
		return
	}
	n := len(r.Areas)
	var a RosterArea
	if r.Selected < n {
		a = r.Areas[r.Selected]
	}
	key := "roster.fetch"
	switch {
	case !a.Fetched.IsZero() && !a.Complete:
		key = "roster.resume"
	case !a.Fetched.IsZero():
		key = "roster.refresh"
	}
	left := []command{{words: pg.say.say("roster.search"), cap: "F6", do: pg.send(Find{})}}
	if !a.Fetched.IsZero() {
		left = append(left, command{words: pg.say.say("roster.wipe"), cap: "F8", kind: grave, do: pg.send(Drop{})})
	}
	pl := pg.frame(left, []command{{words: pg.say.say("queue.serve"), cap: "F1", keys: []string{"Esc"}, do: pg.send(Open{ScreenHome})},
		{words: pg.say.say(key), cap: "Enter", kind: primary, off: a.Code == "" || pg.v.Busy != nil, do: pg.send(Fetch{})}})
	b := pl.whole
	pg.card(b)
	x, y := b.x+28, b.y+20
	pg.text(x, y, pg.say.say("roster.title"), font{sizeHead, true, pg.p.ink})
	y += lineHeight(sizeHead) + 2
	said, c := pg.say.say("roster.text"), pg.p.muted
	if r.Asked && !r.Offered {
		said, c = pg.say.say("roster.offline"), pg.p.tones[Info].ink
	}
	pg.fit(x, y, b.w-56, said, font{sizeBody, false, c})
	y += lineHeight(sizeBody) + 14
	pg.areaRows(box{b.x + 6, y, b.w - 12, b.bottom() - y - 8})
}

// areaRows draws the areas and keeps the chosen one in sight.
func (pg *page) areaRows(b box) {
	r := pg.v.Roster
	col := []float32{b.x + 22, b.x + b.w*0.36, b.x + b.w*0.50, b.x + b.w*0.62}
	for i, k := range []string{"roster.area", "roster.people", "roster.size", "roster.state"} {
		pg.fit(col[i], b.y, b.w*0.2, pg.say.say(k), font{sizeSmall, true, pg.p.muted})
	}
	y := b.y + 28
	pg.line(b.x, y, b.w)
	n := len(r.Areas)
	if n == 0 {
		key := "roster.none"
		if !r.Asked {
			key = "roster.asking"
		}
		pg.middle(box{b.x, y, b.w, b.bottom() - y}, pg.say.say(key), font{sizeBody, false, pg.p.muted})
		return
	}
	const row = 46
	fits := max(1, int((b.bottom()-y)/row))
	top := max(0, min(r.Selected-fits/2, n-fits))
	for i := top; i < min(top+fits, n); i++ {
		a, line := r.Areas[i], box{b.x, y, b.w, row}
		f := font{sizeBody, !a.Desa, pg.p.ink}
		if i == r.Selected {
			pg.rect(box{line.x, line.y + 1, line.w, line.h - 1}, rgba0, pg.p.primary, 2, 6)
		} else if pg.hover(line) {
			pg.rect(line, pg.p.soft, rgba0, 0, 0)
		}
		mid := y + row/2
		t := mid - lineHeight(sizeBody)/2
		at := col[0]
		name := pg.say.say("roster.kecamatan", or(title(a.Name), a.Code))
		if a.Desa {
			at, name = at+24, title(a.Name)
		}
		pg.shrink(at, t, col[1]-at-10, name, f)
		f.bold = false
		pg.fit(col[1], t, col[2]-col[1]-8, pg.say.count(a.People), f)
		size := "–"
		if a.Bytes > 0 {
			size = pg.say.size(a.Bytes)
		}
		pg.fit(col[2], t, col[3]-col[2]-8, size, f)
		pg.areaState(col[3], mid, a)
		pg.press(line, pg.send(Select{i}))
		y += row
		if i != r.Selected && i+1 != r.Selected { // the chosen one has a frame
			pg.line(b.x, y, b.w)
		}
	}
	sel := func(d int) func() { return pg.send(Select{min(max(r.Selected+d, 0), n-1)}) }
	pg.press(box{}, sel(-1), "Up")
	pg.press(box{}, sel(1), "Down")
}

// areaState says whether an area is here, how far, and until when.
func (pg *page) areaState(x, mid float32, a RosterArea) {
	switch {
	case a.Fetched.IsZero():
		pg.text(x, mid-lineHeight(sizeBody)/2, pg.say.say("roster.away"), font{sizeBody, false, pg.p.muted})
	case a.Locked:
		pg.pill(x, mid, pg.say.say("roster.locked"), Attention, signBang)
	case !a.Complete:
		pg.pill(x, mid, pg.say.say("roster.broke", pg.say.count(a.Here), pg.say.count(a.People)), Attention, signBang)
	case a.Old:
		pg.pill(x, mid, pg.say.say("roster.old", pg.dayAndClock(a.Fetched)), Attention, signBang)
	default:
		pg.pill(x, mid, pg.say.say("roster.here", pg.dayAndClock(a.Expires)), Good, signCheck)
	}
}

// search finds people of the roster: why, and whom; then who was found.
func (pg *page) search() {
	s := pg.v.Roster.Search
	switch {
	case s.Record != nil:
		pg.person()
		return
	case s.Asked:
		pg.found()
		return
	}
	enter := func() {
		reason, query := pg.value("reason"), pg.value("query")
		if reason == "" || query == "" {
			pg.remark("search-empty", Info)
			return
		}
		pg.in.send(Find{Query: query, Reason: reason})
	}
	pl := pg.frame([]command{{words: pg.say.say("back"), cap: "Esc", do: pg.send(Back{})}},
		[]command{{words: pg.say.say("search.do"), cap: "Enter", kind: primary, off: pg.v.Busy != nil, do: enter}})
	b := box{pl.stage.x, pl.stage.y, pl.stage.w, 282}
	pg.card(b)
	x, y, w := b.x+28, b.y+22, b.w-56
	pg.text(x, y, pg.say.say("search.title"), font{sizeHead, true, pg.p.ink})
	y += lineHeight(sizeHead) + 4
	y += pg.para(x, y, w, pg.say.say("search.text"), font{sizeBody, false, pg.p.muted}) + 16
	y += pg.entry(x, y, w, pg.say.say("search.reason"), pg.say.say("search.reason.hint"), field{id: "reason"}) + 16
	pg.entry(x, y, w, pg.say.say("search.query"), pg.say.say("search.query.hint"), field{id: "query", enter: enter})
	side := box{pl.side.x, pl.side.y, pl.side.w, 0}
	lines := []string{"search.tip.audit", "search.tip.offline", "search.tip.words"}
	side.h = pg.measure(func() float32 { return pg.searchTips(side, lines) })
	pg.card(side)
	pg.searchTips(side, lines)
}

func (pg *page) searchTips(b box, keys []string) float32 {
	x, y := b.x+18, b.y+16
	y += pg.heading(x, y, b.w-36, pg.say.say("search.tips"))
	for _, k := range keys {
		pg.signAt(x+9, y+10, 14, signDot, pg.p.primary)
		y += pg.para(x+28, y, b.w-64, pg.say.say(k), font{sizeBody, false, pg.p.ink}) + 9
	}
	return y - b.y + 8
}

// found lists who was found.
func (pg *page) found() {
	s := pg.v.Roster.Search
	n := len(s.Found)
	pl := pg.frame([]command{{words: pg.say.say("search.again"), cap: "Esc", do: pg.send(Back{})}},
		[]command{{words: pg.say.say("search.open"), cap: "Enter", kind: primary, off: n == 0 || pg.v.Busy != nil, do: pg.send(Next{})}})
	b := pl.whole
	pg.card(b)
	x, y := b.x+28, b.y+20
	pg.text(x, y, pg.say.say("search.found", n), font{sizeHead, true, pg.p.ink})
	y += lineHeight(sizeHead) + 12
	if n == 0 {
		pg.middle(box{b.x, y, b.w, b.bottom() - y}, pg.say.say("search.nobody"), font{sizeBody, false, pg.p.muted})
		return
	}
	const row = 46
	fits := max(1, int((b.bottom()-8-y)/row))
	top := max(0, min(s.Selected-fits/2, n-fits))
	pg.line(b.x+6, y, b.w-12)
	for i := top; i < min(top+fits, n); i++ {
		p, line := s.Found[i], box{b.x + 6, y, b.w - 12, row}
		if i == s.Selected {
			pg.rect(box{line.x, line.y + 1, line.w, line.h - 1}, rgba0, pg.p.primary, 2, 6)
		}
		f := font{sizeBody, i == s.Selected, pg.p.ink}
		t := y + (row-lineHeight(sizeBody))/2
		pg.shrink(x, t, b.w*0.36, p.Name, f)
		f.bold = false
		pg.fit(b.x+b.w*0.42, t, b.w*0.18, "•••• "+p.NIK[max(len(p.NIK)-4, 0):], f)
		pg.fit(b.x+b.w*0.58, t, b.w*0.16, p.Born.Format("02-01-2006"), f)
		pg.shrink(b.x+b.w*0.74, t, b.w*0.24, title(p.Desa), f)
		pg.press(line, pg.send(Select{i}))
		y += row
		if i != s.Selected && i+1 != s.Selected { // the chosen one has a frame
			pg.line(b.x+6, y, b.w-12)
		}
	}
	sel := func(d int) func() { return pg.send(Select{min(max(s.Selected+d, 0), n-1)}) }
	pg.press(box{}, sel(-1), "Up")
	pg.press(box{}, sel(1), "Down")
}

// person is one record of the roster, with where it came from and how old it is.
func (pg *page) person() {
	s := pg.v.Roster.Search
	r := s.Record
	pl := pg.frame([]command{{words: pg.say.say("search.back"), cap: "Esc", do: pg.send(Back{})}}, nil)
	b := box{pl.stage.x, pl.stage.y, pl.stage.w, 330}
	pg.card(b)
	ph := box{b.x + 24, b.y + 24, 210, 282}
	pg.image(ph, s.Photo, 10, pg.say.say("photo.none"))
	x, y := ph.right()+24, b.y+24
	w := b.right() - x - 24
	y += pg.para(x, y, w, r.Name, font{sizeTitle, true, pg.p.ink}) + 4
	pg.nik(x, y, s.NIK, sizeLead)
	y += lineHeight(sizeLead) + 10
	sex := "search.sex.L"
	if r.Sex == activation.Female {
		sex = "search.sex.P"
	}
	for _, line := range []string{
		pg.say.say("search.born", r.Born.Format("02-01-2006"), s.Age),
		pg.say.say(sex) + " · " + marriedIn(pg.v.Lang, r.Married),
		r.Address,
	} {
		y += pg.para(x, y, w, line, font{sizeBody, false, pg.p.ink}) + 4
	}
	c := box{pl.side.x, pl.side.y, pl.side.w, 0}
	side := func() float32 {
		x, y, w := c.x+18, c.y+16, c.w-36
		y += pg.heading(x, y, w, pg.say.say("search.record"))
		for _, l := range recordLines(*r, pg.v.Now) {
			y += pg.check(x, y, w, l, false, "", nil)
		}
		return y - c.y + 8
	}
	c.h = pg.measure(side)
	pg.card(c)
	side()
}

// recordLines says where a record came from, and what it says of its person.
func recordLines(r Record, now time.Time) []Line {
	age := Line{Code: "record-fetched", State: LineOK, Args: []any{r.Fetched.Format("02-01-2006"), daysBetween(r.Fetched, now)}}
	if r.Old {
		age = Line{Code: "record-old", State: LineWarn, Args: age.Args}
	}
	lines := []Line{age}
	line := func(ok bool, good, bad string) {
		if ok {
			lines = append(lines, Line{Code: good, State: LineOK})
			return
		}
		lines = append(lines, Line{Code: bad, State: LineWarn})
	}
	line(r.Status == activation.NIKActive, "nik-active", "nik-not-active")
	line(r.Recorded, "is-recorded", "not-recorded")
	switch r.IKD {
	case activation.IKDNone:
		lines = append(lines, Line{Code: "ikd-none", State: LineOK})
	case activation.IKDBlocked:
		lines = append(lines, Line{Code: "ikd-blocked", State: LineWarn})
	default:
		lines = append(lines, Line{Code: "ikd-active", State: LineWarn})
	}
	return lines
}

// daysBetween counts whole days.
func daysBetween(a, b time.Time) int { return max(int(b.Sub(a).Hours()/24), 0) }
