package qr

import (
	"image"
	"time"

	"github.com/makiuchi-d/gozxing"
)

// Decode tries every attempt on one still picture in order of cost, until one reads something.
func Decode(img image.Image) Reading {
	g := grayOf(img)
	for _, a := range ladder() {
		if s := a.read(g); len(s) > 0 {
			return Reading{Symbols: s}
		}
	}
	return Reading{}
}

// attempt is one way of reading a picture.
type attempt struct {
	name string
	read func(*image.Gray) []Symbol
}

// ladder lists the attempts in order of cost.
func ladder() []attempt {
	return []attempt{
		{"own", func(g *image.Gray) []Symbol { return symbols(locate(g, 3, 1), 1, "own") }},
		{"hybrid", func(g *image.Gray) []Symbol { return library(g, gozxing.NewHybridBinarizer, 1, "hybrid") }},
		{"global", func(g *image.Gray) []Symbol { return library(g, gozxing.NewGlobalHistgramBinarizer, 1, "global") }},
		{"half", func(g *image.Gray) []Symbol { return library(halved(g), gozxing.NewHybridBinarizer, 0.5, "half") }},
		{"double", func(g *image.Gray) []Symbol { return library(doubled(g), gozxing.NewHybridBinarizer, 2, "double") }},
		{"inverted", func(g *image.Gray) []Symbol { return library(inverted(g), gozxing.NewHybridBinarizer, 1, "inverted") }},
	}
}

// Options tell a Reader about its surroundings.
type Options struct {
	// Plausible says that a text has the structure the caller expects. Such a text counts at once; any other counts
	// when two frames agree on it. nil: every text needs two frames.
	Plausible func(text string) bool
	// Now is the clock that the time box is measured with; nil: time.Now.
	Now func() time.Time
}

// Reader reads successive frames of one stream. It is for one goroutine.
type Reader struct {
	opt  Options
	next int            // the attempt that the next frame starts with
	seen map[string]int // texts that did not count yet, and the number of frames that had them
}

// NewReader returns a Reader that has seen nothing.
func NewReader(opt Options) *Reader {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Reader{opt: opt, seen: map[string]int{}}
}

// Read looks for codes in the next frame and stops starting attempts once budget has passed; the first attempt is always
// made. The frame is not kept or changed.
func (r *Reader) Read(img *image.RGBA, budget time.Duration) Reading {
	start := r.opt.Now()
	g := grayOf(img)
	steps := ladder()
	var out Reading
	for i := range steps {
		if i > 0 && r.opt.Now().Sub(start) >= budget {
			break
		}
		k := 0
		if i > 0 { // the cheapest comes first on every frame, the others take turns
			k = 1 + r.next%(len(steps)-1)
			r.next++
		}
		if found := steps[k].read(g); len(found) > 0 {
			out.Symbols = r.believed(found)
			break
		}
	}
	return out
}

// believed keeps the symbols whose text counts.
func (r *Reader) believed(found []Symbol) []Symbol {
	var out []Symbol
	for _, s := range found {
		if r.opt.Plausible != nil && r.opt.Plausible(s.Text) {
			out = append(out, s)
			continue
		}
		if len(r.seen) > 64 { // a stream of ever new texts must not fill the memory
			clear(r.seen)
		}
		if r.seen[s.Text]++; r.seen[s.Text] >= 2 {
			out = append(out, s)
		}
	}
	return out
}

// Reset forgets what was seen, for the next citizen.
func (r *Reader) Reset() { *r = *NewReader(r.opt) }
