package app

import (
	"strconv"

	"loket/app/activation"
)

// compare is the enrolled record beside the KTP-el in hand.
func (pg *page) compare() {
	c := pg.v.Compare
	goOn := "compare.go"
	if c.Verdict.State == LineBad {
		goOn = "compare.stop" // there is no face to go on to
	}
	pl := pg.frame(pg.session(true), []command{
		{words: pg.say.say("compare.all"), cap: "A", do: pg.send(MarkField{Mark: MarkSame})},
		{words: pg.say.say(goOn), cap: "Enter", kind: primary, off: !c.CanGoOn, do: pg.send(Next{})},
	})
	if pg.v.Asking {
		pg.reasons(pl.stage)
	} else {
		b := pl.stage
		pg.nikCard(box{b.x, b.y, b.w, 86})
		pg.rows(box{b.x, b.y + 102, b.w, b.h - 102})
	}
	pg.compareSide(pl.side)
}

// nikCard shows the NIK in its three parts and what they say.
func (pg *page) nikCard(b box) {
	c := pg.v.Compare
	pg.card(b)
	x, y := b.x+20, b.y+14
	label := font{sizeBody - 1, false, pg.p.muted}
	lw := pg.text(x, y, "NIK", label)
	w := pg.nik(x, y+lineHeight(sizeBody-1)+2, c.NIK, 21)
	narrow := b.w < 680 // then the pill stands beside the first line only
	right := b.right() - 18
	if c.Verdict.Code != "" {
		s, t, sg := pg.say.line(c.Verdict), Good, signOf(c.Verdict.State)
		switch c.Verdict.State {
		case LineBad:
			t = Bad
		case LineWarn:
			t = Attention
		case LineOpen, LineNow:
			t = Info
		}
		pw, mid := pg.pillWidth(s), b.y+b.h/2
		if narrow {
			mid = b.y + 26
		}
		pg.pill(right-pw, mid, s, t, sg)
		right -= pw + 12
	}
	f := font{sizeBody, false, pg.p.muted}
	said := ""
	if !c.Born.IsZero() {
		said = pg.say.say("sex."+string(c.Sex)) + " · " + pg.say.longDate(c.Born) + " · " + pg.say.say("age.short", c.Age)
	}
	if narrow {
		pg.shrink(x+lw+14, y, right-x-lw-14, c.Region, label)
		pg.shrink(x+w+20, y+lineHeight(sizeBody-1)+6, b.right()-18-x-w-20, said, f)
		return
	}
	x += w + 20
	pg.shrink(x, b.y+b.h/2-lineHeight(sizeBody)-1, right-x, c.Region, f)
	pg.shrink(x, b.y+b.h/2+1, right-x, said, f)
}

// nik draws the three parts of a NIK and returns the width.
func (pg *page) nik(x, y float32, part [3]string, size float32) float32 {
	at := x
	bold, dot := font{size, true, pg.p.ink}, font{size, false, pg.p.muted}
	for i, p := range part {
		if i > 0 {
			at += 4
			at += pg.text(at, y, "·", dot) + 4
		}
		at += pg.text(at, y, p, bold)
	}
	return at - x
}

// rows draws the table of fields; arrows move, Space marks the same, D differs.
func (pg *page) rows(b box) {
	c := pg.v.Compare
	pg.card(b)
	col1, col2 := b.x+20, b.x+b.w*0.30
	col3 := b.x + b.w*0.74
	y := b.y + 14
	head := font{sizeSmall, true, pg.p.muted}
	if c.Fetched.IsZero() {
		pg.middle(b, pg.say.say("compare.waiting"), font{sizeBody, false, pg.p.muted})
		return
	}
	pg.fit(col2, y, col3-col2-12, pg.say.say("compare.record."+or(c.Source, "central"), pg.say.day(c.Fetched, pg.v.Now)), head)
	pg.fit(col3, y, b.right()-col3-12, pg.say.say("compare.hand"), head)
	y += lineHeight(sizeSmall) + 10
	pg.line(b.x+6, y, b.w-12)
	room := b.bottom() - y - 44
	row := min(float32(54), room/float32(max(len(c.Rows), 1)))
	for i, r := range c.Rows {
		pg.row(box{b.x + 6, y, b.w - 12, row}, i, r, col1, col2, col3)
		y += row
		pg.line(b.x+6, y, b.w-12)
	}
	if n := len(c.Rows); n > 0 {
		sel := func(d int) func() { return pg.send(Select{(c.Selected + d + n) % n}) }
		pg.press(box{}, sel(-1), "Up")
		pg.press(box{}, sel(1), "Down")
		r := c.Rows[min(max(c.Selected, 0), n-1)]
		toggle := MarkSame
		if r.Mark == MarkSame {
			toggle = MarkNone
		}
		pg.press(box{}, pg.send(MarkField{r.Field, toggle}), "Space")
		pg.press(box{}, pg.send(MarkField{r.Field, MarkDiffer}), "D", "B")
	}
	if y+34 <= b.bottom() {
		y = b.bottom() - 34
		x := b.x + 20
		for _, k := range []struct {
			keys []string
			said string
		}{{[]string{"Up", "Down"}, "compare.move"}, {[]string{"Space"}, "compare.same"}, {[]string{"D"}, "compare.differ"}} {
			for _, c := range k.keys {
				x += pg.keyCap(x, y+9, pg.say.capWords(c), plain, false) + 4
			}
			x += 3 + pg.text(x+3, y, pg.say.say(k.said), font{sizeSmall, false, pg.p.muted}) + 18
		}
	}
}

// row draws one field. The chosen one is edged; a difference is lit and said.
func (pg *page) row(r box, i int, row CompareRow, col1, col2, col3 float32) {
	chosen := i == pg.v.Compare.Selected
	if row.Mark == MarkDiffer {
		pg.rect(r, pg.p.tones[Attention].fill, pg.p.tones[Attention].fill, 0, 0)
	} else if pg.hover(r) {
		pg.rect(r, pg.p.soft, pg.p.soft, 0, 0)
	}
	if chosen {
		pg.rect(box{r.x, r.y + 1, r.w, r.h - 2}, rgba0, pg.p.primary, 2, 6)
	}
	mid := r.y + r.h/2
	top := mid - lineHeight(sizeBody)/2
	pg.press(r, func() { pg.in.send(Select{i}) })
	pg.shrink(col1, top, col2-col1-8, pg.say.say("field."+string(row.Field)), font{sizeBody, false, pg.p.muted})
	value := row.Value
	if row.Field == activation.FieldSex {
		value = pg.say.say("sex." + row.Value)
	}
	f := font{sizeBody, row.Field == activation.FieldName, pg.p.ink}
	limit := col3 - col2 - 12
	x := col2
	if row.FromPhone && !row.Revealed {
		show := command{words: pg.say.say("reveal"), cap: "F6", do: pg.send(Reveal{row.Field})}
		bf := font{sizeSmall, true, pg.p.ink}
		bw := pg.width(show.words, bf) + pg.capWidth("F6") + 32
		x += pg.fit(col2, top, col3-col2-bw-20, value, f) + 12
		if chosen || row.Field == activation.FieldEmail && !pg.phoneChosen() {
			b := box{x, mid - 14, bw, 28}
			pg.rect(b, pg.p.card, pg.p.line, pg.p.stroke, 8)
			pg.text(b.x+11, mid-lineHeight(sizeSmall)/2, show.words, bf)
			pg.keyCap(b.right()-9-pg.capWidth("F6"), mid, "F6", plain, false)
			pg.press(b, show.do, "F6")
		}
	} else {
		pg.shrink(x, top, limit, value, f)
	}
	pg.rowMark(r, row, col3, mid, top)
}

// phoneChosen reports whether the chosen row is one that the phone said.
func (pg *page) phoneChosen() bool {
	c := pg.v.Compare
	return c.Selected >= 0 && c.Selected < len(c.Rows) && c.Rows[c.Selected].FromPhone
}

// rowMark draws what was said of a field.
func (pg *page) rowMark(r box, row CompareRow, x, mid, top float32) {
	same, differ, open := "mark.same", "mark.differ", "mark.open"
	if row.FromPhone {
		same, differ, open = "mark.confirmed", "mark.denied", "mark.ask"
	}
	room := r.right() - x - 10
	switch row.Mark {
	case MarkSame:
		c := pg.p.tones[Good].ink
		pg.signAt(x+7, mid, 15, signCheck, c)
		pg.fit(x+20, top, room-20, pg.say.say(same), font{sizeBody, false, c})
	case MarkDiffer:
		c := pg.p.tones[Attention].ink
		pg.signAt(x+7, mid-9, 15, signBang, c)
		pg.fit(x+20, mid-lineHeight(sizeBody)+1, room-20, pg.say.say(differ), font{sizeBody, true, c})
		pg.fit(x+20, mid, room-20, pg.say.say("mark.next."+string(row.Field)), font{sizeTiny, false, c})
	default:
		pg.signAt(x+7, mid, 14, signRing, pg.p.muted)
		pg.fit(x+20, top, room-20, pg.say.say(open), font{sizeBody, false, pg.p.muted})
	}
}

// compareSide: enrolled photo, the code's checks, what the citizen confirmed.
func (pg *page) compareSide(s box) {
	c := pg.v.Compare
	b := box{s.x, s.y, s.w, 184}
	pg.card(b)
	ph := box{b.x + 18, b.y + 16, 114, 152}
	pg.image(ph, c.Photo, 10, pg.say.say("photo.none"))
	x, w := ph.right()+16, b.right()-ph.right()-32
	y := b.y + 16
	y += pg.heading(x, y, w, pg.say.say("photo.title"))
	if c.Photo != nil {
		if !c.Taken.IsZero() {
			y += pg.para(x, y, w, pg.say.say("photo.taken", pg.say.date(c.Taken)), font{sizeBody, false, pg.p.ink})
		}
		size := c.Photo.Bounds().Size()
		y += pg.para(x, y, w, strconv.Itoa(size.X)+" × "+strconv.Itoa(size.Y)+" · "+
			pg.say.say("source."+or(c.Source, "central")), font{sizeBody, false, pg.p.ink})
		pg.para(x, y+8, w, pg.say.say("photo.look"), font{sizeSmall, false, pg.p.muted})
	}
	y = b.bottom() + 14
	level := 0
	draw := func() float32 {
		h := 14 + pg.heading(s.x+18, y+14, s.w-36, pg.say.say("checks.title"))
		h += pg.lines(s.x+18, y+14+h-14, s.w-36, closedUp(c.Checks, level), level > 0)
		return h + 8
	}
	for level < 3 && y+pg.measure(draw) > s.bottom()-14-100 {
		level++
	}
	k := box{s.x, y, s.w, pg.measure(draw)}
	pg.card(k)
	draw()
	y = k.bottom() + 14
	t := box{s.x, y, s.w, 0}
	said := func() float32 { return pg.contact(t) }
	t.h = pg.measure(said)
	if t.bottom() > s.bottom()+0.5 {
		pg.spills = append(pg.spills, "contact")
	}
	pg.card(t)
	said()
}

// contact asks the citizen to confirm e-mail and number; F7 records it.
func (pg *page) contact(b box) float32 {
	st, any := LineOK, false
	for _, r := range pg.v.Compare.Rows {
		if r.FromPhone {
			any = true
			if r.Mark == MarkDiffer {
				st = LineWarn
			} else if r.Mark == MarkNone && st == LineOK {
				st = LineOpen
			}
		}
	}
	if !any {
		st = LineOpen
	}
	y := b.y + 14
	y += pg.heading(b.x+18, y, b.w-36, pg.say.say("contact.title"))
	y += pg.check(b.x+18, y, b.w-36, Line{Code: "contact-confirm", State: st, Detail: "contact-show"}, false, "F7", pg.send(Tick{"contact", st != LineOK}))
	return y - b.y + 5
}

// closedUp makes lines take less room: from level 2 without details where all
// is well, at level 3 what is well in one line.
func closedUp(ls []Line, level int) []Line {
	if level < 2 {
		return ls
	}
	var out []Line
	ok := 0
	for _, l := range ls {
		if l.State == LineOK {
			ok++
			l.Detail = ""
			if level > 2 {
				continue
			}
		}
		out = append(out, l)
	}
	if level > 2 && ok > 0 {
		out = append([]Line{{Code: "code-passed", State: LineOK, Args: []any{ok, ok}}}, out...)
	}
	return out
}
