package app

import (
	"strings"
	"time"
	"unicode"

	"loket/app/activation"
)

// cardFirst are the attributes that tell who it is, in the order in which one
// reads a card; the others follow as the card numbers them.
var cardFirst = []string{"id", "fullName", "secondaryFullName", "dateOfBirth", "gender", "address"}

// cardLine is one attribute as it is shown.
type cardLine struct {
	label, value string
	name         bool // the holder's: seen first
	doubt        bool // something here has no word or no letters in this program
}

// cardLines are all attributes of a card, first those that tell who it is, last
// who made it and for how long.
func (w words) cardLines(c *activation.Card) []cardLine {
	var first, rest []cardLine
	for _, name := range cardFirst {
		for _, a := range c.Attributes {
			if a.Name == name {
				first = append(first, w.cardLine(a))
			}
		}
	}
	for _, a := range c.Attributes {
		if a.Name == "" || !contains(cardFirst, a.Name) {
			rest = append(rest, w.cardLine(a))
		}
	}
	lines := append(first, rest...)
	add := func(key, value string) {
		if value != "" {
			lines = append(lines, printable(w, cardLine{label: w.say("card." + key), value: value}))
		}
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return w.date(t)
	}
	add("issuer", c.Issuer)
	if c.Subject != "" && c.Subject != cardText(c, "id") {
		add("subject", c.Subject)
	}
	add("issued", day(c.Issued))
	add("not-before", day(c.NotBefore))
	add("expires", day(c.Expires))
	return lines
}

// cardText is the value of a card's attribute.
func cardText(c *activation.Card, name string) string {
	for _, a := range c.Attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

func contains(all []string, s string) bool {
	for _, x := range all {
		if x == s {
			return true
		}
	}
	return false
}

// cardLine puts an attribute into words.
func (w words) cardLine(a activation.CardAttribute) cardLine {
	l := cardLine{label: w.say("card.unknown", a.Label), value: a.Value, name: a.Name == "fullName", doubt: a.Name == ""}
	if a.Name != "" {
		l.label = w.say("card." + a.Name)
	}
	if at, err := time.Parse(time.DateOnly, a.Value); err == nil && a.Name == "dateOfBirth" {
		l.value = w.date(at)
	}
	if parts := strings.Fields(a.Word); len(parts) > 0 {
		for i, part := range parts {
			if _, ok := table()["card.word."+part]; ok {
				parts[i] = w.say("card.word." + part)
			}
		}
		l.value = strings.Join(parts, ", ")
	}
	if a.Size > 0 { // a biometric sample: its value is who took it
		l.value += " · " + w.count(a.Size) + " B"
		if a.Value != "" {
			l.value += " · " + a.Value
		}
	}
	return printable(w, l)
}

// printable takes what the shipped fonts have no letters for out of a line, and
// says so: a box or the system's own guess of a letter would be nobody's name.
func printable(w words, l cardLine) cardLine {
	lost, kept := 0, 0
	clean := func(s string) string {
		var out strings.Builder
		gap := false
		for _, r := range s {
			switch {
			case r == '\n', r == '\t':
				out.WriteByte(' ')
			case hasGlyph(r):
				if unicode.IsLetter(r) || unicode.IsDigit(r) {
					kept++
				}
				out.WriteRune(r)
				gap = false
			default:
				if lost++; !gap {
					out.WriteString("[…]")
				}
				gap = true
			}
		}
		return out.String()
	}
	l.label = clean(l.label)
	lost, kept = 0, 0
	l.value = clean(l.value)
	if lost > 0 {
		l.doubt = true
		if kept == 0 {
			l.value = w.say("card.letters", lost)
		}
	}
	return l
}

// glyphs are the letters of the shipped fonts (Noto Sans, cut to what Latin
// writing needs): first and last of each run.
var glyphs = [][2]rune{{0x20, 0x7e}, {0xa0, 0x17f}, {0x192, 0x192}, {0x2bb, 0x2bc}, {0x2c6, 0x2dd}, {0x300, 0x304}, {0x1e00, 0x1eff},
	{0x2010, 0x2015}, {0x2018, 0x201e}, {0x2020, 0x2022}, {0x2026, 0x2026}, {0x2030, 0x2030}, {0x2032, 0x2033}, {0x2039, 0x203a},
	{0x2044, 0x2044}, {0x20ac, 0x20ac}, {0x2122, 0x2122}}

func hasGlyph(r rune) bool {
	for _, run := range glyphs {
		if r >= run[0] && r <= run[1] {
			return true
		}
	}
	return false
}

// Places of the card's sheet.
const (
	cardPhotoW float32 = 112
	cardPhotoH float32 = 144
	cardColumn float32 = 196 // the least width of a column
	cardGap    float32 = 22
)

// cardSheet shows all that a card says, in columns; what has no room stands on
// further sheets.
func (pg *page) cardSheet(b box) {
	c := pg.v.Scan.Card
	pg.card(b)
	in := box{b.x + 20, b.y + 16, b.w - 40, b.h - 32}
	mark := pg.say.say("card.mark")
	pw := pg.pillWidth(mark)
	pg.fit(in.x, in.y, in.w-pw-16, pg.say.say("card.title"), font{sizeTitle, true, pg.p.ink})
	pg.pill(in.right()-pw, in.y+lineHeight(sizeTitle)/2, mark, Attention, signBang)
	top := in.y + lineHeight(sizeTitle) + 4
	top += pg.para(in.x, top, in.w, pg.say.say("card.text"), font{sizeBody, false, pg.p.muted}) + 12
	bottom := in.bottom() - 30 // the line that says which sheet this is
	n := max(1, int((in.w+cardGap)/(cardColumn+cardGap)))
	w := (in.w - float32(n-1)*cardGap) / float32(n)

	photo := pg.v.Scan.Photo != nil || c.NotShown != ""
	type placed struct {
		line cardLine
		x, y float32
	}
	sheets := [][]placed{nil}
	col, y := 0, top
	if photo {
		y += cardPhotoH + 14
	}
	for _, l := range pg.say.cardLines(c) {
		h := pg.measure(func() float32 { return pg.cardEntry(0, 0, w, l) })
		if y+h > bottom && y > top {
			col, y = col+1, top
			if col == n {
				col, sheets = 0, append(sheets, nil)
			}
		}
		last := len(sheets) - 1
		sheets[last] = append(sheets[last], placed{l, in.x + float32(col)*(w+cardGap), y})
		y += h
	}
	at := pg.in.chosen % len(sheets)
	if photo && at == 0 {
		none := pg.say.say("photo.none")
		if c.NotShown == "?" {
			none = pg.say.say("card.photo.unknown")
		} else if c.NotShown != "" {
			none = pg.say.say("card.photo.not-shown", c.NotShown)
		}
		pg.image(box{in.x, top, cardPhotoW, cardPhotoH}, pg.v.Scan.Photo, 10, none)
	}
	for _, p := range sheets[at] {
		pg.cardEntry(p.x, p.y, w, p.line)
	}
	if len(sheets) > 1 {
		turn := func(d int) func() { return func() { pg.in.chosen = (at + d + len(sheets)) % len(sheets) } }
		pg.press(box{}, turn(-1), "Left")
		foot := box{in.x, in.bottom() - 22, in.w, 22}
		x := in.x + pg.keyCap(in.x, foot.y+11, "Left", plain, false) + 4
		x += pg.keyCap(x, foot.y+11, "Right", plain, false) + 10
		pg.fit(x, foot.y, in.right()-x, pg.say.say("card.sheet", at+1, len(sheets)), font{sizeSmall, false, pg.p.muted})
		pg.press(foot, turn(1), "Right")
	}
}

// cardEntry draws one attribute, its name above its value, and returns the
// height.
func (pg *page) cardEntry(x, y, w float32, l cardLine) float32 {
	f := font{sizeBody - 1, l.name, pg.p.ink}
	if l.doubt {
		f.col = pg.p.tones[Attention].ink
	}
	small, top := font{sizeTiny, false, pg.p.muted}, y
	for _, s := range pg.wrap(l.label, w, small, 2) {
		pg.text(x, y, s, small)
		y += lineHeight(sizeTiny) - 1
	}
	for _, s := range pg.wrap(or(l.value, "–"), w, f, 6) {
		pg.text(x, y, s, f)
		y += lineHeight(f.size) - 1
	}
	return y - top + 6
}

// wrap breaks text into at most most lines no wider than w, between words where
// it can and inside them where it must; what is left over ends in ….
func (pg *page) wrap(s string, w float32, f font, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		for word != "" {
			next := word
			if line != "" {
				next = line + " " + word
			}
			if pg.width(next, f) <= w {
				line, word = next, ""
				break
			}
			if line != "" {
				lines, line = append(lines, line), ""
				continue
			}
			r := []rune(word)
			n := len(r)
			for n > 1 && pg.width(string(r[:n]), f) > w {
				n--
			}
			lines, word = append(lines, string(r[:n])), string(r[n:])
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) > most {
		lines = lines[:most]
		r := []rune(lines[most-1])
		for len(r) > 1 && pg.width(string(r)+"…", f) > w {
			r = r[:len(r)-1]
		}
		lines[most-1] = string(r) + "…"
	}
	return lines
}

// cardSide says what was checked of the card, and that it proves no phone; or
// which check of the code that came after it failed.
func (pg *page) cardSide(b box) float32 {
	s := pg.v.Scan
	title, lines, col := "card.checked", closedUp(s.CardChecks, 3), pg.p.ink
	if len(s.Checks) > 0 {
		title, lines, col = "scan.refused", closedUp(s.Checks, 3), pg.p.tones[Bad].ink
	}
	y := b.y + 16
	y += pg.para(b.x+18, y, b.w-36, pg.say.say(title), font{sizeTitle, true, col}) + 8
	y += pg.lines(b.x+18, y, b.w-36, lines, false)
	return y - b.y + 8
}
