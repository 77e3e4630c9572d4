package app

import (
	"image"
	"image/color"
	"math"
	"strings"

	"fyne.io/fyne/v2"
)

// Type sizes of the screens; there are no others. sizeBoard is the citizen's
// text beside a code and sizePIN the figures that are read across the counter.
const (
	sizeTiny  float32 = 12
	sizeSmall float32 = 13
	sizeBody  float32 = 15
	sizeLead  float32 = 18
	sizeTitle float32 = 22
	sizeHead  float32 = 26
)

// box is a rectangle of the window.
type box struct{ x, y, w, h float32 }

func (b box) right() float32  { return b.x + b.w }
func (b box) bottom() float32 { return b.y + b.h }
func (b box) in(d float32) box {
	return box{b.x + d, b.y + d, b.w - 2*d, b.h - 2*d}
}
func (b box) has(p fyne.Position) bool {
	return p.X >= b.x && p.X < b.right() && p.Y >= b.y && p.Y < b.bottom()
}

// font is how a piece of text looks.
type font struct {
	size float32
	bold bool
	col  color.NRGBA
}

// page is one drawing of a View: the marks it made, what can be pressed and
// which keys do what. It is made anew for each View; the sheet finds out what
// is different.
type page struct {
	v     View
	p     palette
	say   words
	in    *input
	size  fyne.Size
	marks []mark
	hits  []hit
	keys  map[string]func()
	dry   bool // measure only: nothing is drawn or bound

	preview *Preview
	fields  []field // text fields, in the order of Tab
	digits  int     // PIN boxes that take figures; 0 for none
	full    func()  // the last PIN box was filled
	burst   bool    // a hand scanner may type here

	spills []string // texts that had to be cut to fit: tests look at them
}

// hit is a place that can be pressed.
type hit struct {
	box
	do func()
}

// rect draws a filled and edged rectangle.
func (pg *page) rect(b box, fill, edge color.NRGBA, stroke, radius float32) {
	pg.mark(mark{kind: markRect, x: b.x, y: b.y, w: b.w, h: b.h, fill: fill, edge: edge, stroke: stroke, radius: radius})
}

// line draws a hairline from left to right.
func (pg *page) line(x, y, w float32) {
	pg.rect(box{x, y, w, pg.p.stroke}, pg.p.line, color.NRGBA{}, 0, 0)
}

func (pg *page) mark(m mark) {
	if !pg.dry {
		pg.marks = append(pg.marks, m)
	}
}

// width measures text.
func (pg *page) width(s string, f font) float32 {
	return fyne.MeasureText(s, f.size, fyne.TextStyle{Bold: f.bold}).Width
}

func whole(v float32) float32 { return float32(math.Round(float64(v))) }

// lineHeight is the height of one line.
func lineHeight(size float32) float32 {
	return float32(int(size*1.4 + 0.5))
}

// rise lifts text so that its capitals stand in the middle of their line, as
// signs and key caps do: Noto keeps more room above than below.
const rise = 0.06

// text draws one line with its top at y and returns its width.
func (pg *page) text(x, y float32, s string, f font) float32 {
	size := fyne.MeasureText(s, f.size, fyne.TextStyle{Bold: f.bold})
	// On whole pixels: between them Fyne's GL painter stretches the letters.
	x, y = whole(x), whole(y+(lineHeight(f.size)-size.Height)/2-f.size*rise)
	pg.mark(mark{kind: markText, x: x, y: y, w: size.Width, h: size.Height, text: s, size: f.size, bold: f.bold, fill: f.col})
	return size.Width
}

// fit draws one line no wider than w, cut with … where it must be.
func (pg *page) fit(x, y, w float32, s string, f font) float32 {
	if pg.width(s, f) > w+0.5 {
		pg.spills = append(pg.spills, s)
		r := []rune(s)
		for len(r) > 1 && pg.width(string(r)+"…", f) > w {
			r = r[:len(r)-1]
		}
		s = strings.TrimRight(string(r), " ") + "…"
	}
	return pg.text(x, y, s, f)
}

// shrink is fit that tries the next smaller sizes before it cuts: for names of
// places and people, which are as long as they are.
func (pg *page) shrink(x, y, w float32, s string, f font) float32 {
	big := lineHeight(f.size)
	for _, size := range []float32{sizeBody, sizeSmall, sizeTiny} {
		if pg.width(s, f) <= w {
			break
		}
		f.size = min(f.size, size)
	}
	return pg.fit(x, y+(big-lineHeight(f.size))/2, w, s, f)
}

// middle draws one line in the middle of a box, across and up and down.
func (pg *page) middle(b box, s string, f font) {
	w := min(pg.width(s, f), b.w)
	pg.fit(b.x+(b.w-w)/2, b.y+(b.h-lineHeight(f.size))/2, b.w, s, f)
}

// para draws text in lines no wider than w and returns its height. Words
// between asterisks are bold and in ink.
func (pg *page) para(x, y, w float32, s string, f font) float32 {
	strong := font{f.size, true, pg.p.ink}
	if f.col == pg.p.onStage {
		strong.col = f.col
	}
	type piece struct {
		text string
		font font
	}
	lh, top, at := lineHeight(f.size), y, float32(0)
	space := pg.width(" ", f)
	var line []piece // what stands on this line; neighbours in one font are one text
	flush := func() {
		at := x
		for _, p := range line {
			pg.text(at, y, p.text, p.font)
			at += pg.width(p.text, p.font)
		}
		line, y = nil, y+lh
	}
	add := func(t string, f font) {
		if n := len(line); n > 0 && line[n-1].font == f {
			line[n-1].text += t
			return
		}
		line = append(line, piece{t, f})
	}
	bold := false
	for _, word := range strings.Fields(s) {
		var parts []piece
		wide := float32(0)
		for i, t := range strings.Split(word, "*") {
			if i > 0 {
				bold = !bold
			}
			if t == "" {
				continue
			}
			p := piece{t, f}
			if bold {
				p.font = strong
			}
			if r := []rune(t); pg.width(t, p.font) > w { // one word wider than the place
				pg.spills = append(pg.spills, t)
				for len(r) > 1 && pg.width(string(r)+"…", p.font) > w {
					r = r[:len(r)-1]
				}
				p.text = string(r) + "…"
				t = p.text
			}
			parts = append(parts, p)
			wide += pg.width(t, p.font)
		}
		if at > 0 && at+space+wide > w {
			flush()
			at = 0
		}
		if at > 0 {
			add(" ", line[len(line)-1].font)
			at += space
		}
		for _, p := range parts {
			add(p.text, p.font)
		}
		at += wide
	}
	flush()
	return y - top
}

// signAt draws a sign of size d with its middle at x, y.
func (pg *page) signAt(x, y, d float32, s sign, c color.NRGBA) {
	pg.mark(mark{kind: markSign, x: x - d/2, y: y - d/2, w: d, h: d, sign: s, fill: c})
}

// image draws a picture that covers b; without one the place is said to be empty.
func (pg *page) image(b box, img image.Image, radius float32, none string) {
	if img == nil {
		pg.rect(b, pg.p.soft, pg.p.line, pg.p.stroke, radius)
		f := font{sizeSmall, false, pg.p.muted}
		h := pg.measure(func() float32 { return pg.para(0, 0, b.w-12, none, f) })
		pg.para(b.x+6, b.y+(b.h-h)/2, b.w-12, none, f)
		return
	}
	pg.mark(mark{kind: markImage, x: b.x, y: b.y, w: b.w, h: b.h, img: img, radius: radius})
}

// measure runs draw without drawing.
func (pg *page) measure(draw func() float32) float32 {
	was := pg.dry
	pg.dry = true
	spills := len(pg.spills)
	h := draw()
	pg.dry = was
	pg.spills = pg.spills[:spills]
	return h
}

// touch is the least place that a finger hits.
const touch float32 = 44

// press binds a place and keys to what they do.
func (pg *page) press(b box, do func(), keys ...string) {
	if pg.dry || do == nil {
		return
	}
	if b.w > 0 {
		dx, dy := max(0, touch-b.w)/2, max(0, touch-b.h)/2
		b = box{b.x - dx, b.y - dy, b.w + 2*dx, b.h + 2*dy}
		pg.hits = append(pg.hits, hit{b, do})
	}
	for _, k := range keys {
		pg.keys[k] = do
	}
}

// send binds nothing: it makes what a press does out of an Intent.
func (pg *page) send(i Intent) func() { return func() { pg.in.send(i) } }
