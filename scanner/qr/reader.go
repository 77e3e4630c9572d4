package qr

import (
	"image"
	"time"
)

// Decode tries every attempt on one still picture in order of cost, until one reads something.
func Decode(img image.Image) Reading {
	g := grayOf(img)
	never := func() bool { return false }
	var best *sighting
	for _, a := range ladder() {
		if !a.fits(g.Rect.Dx(), g.Rect.Dy()) {
			continue
		}
		found := a.run(g, never)
		if s := symbols(found, a.name); len(s) > 0 {
			return Reading{Symbols: s}
		}
		if s := surest(found); s != nil && (best == nil || s.surer(best)) {
			best = s
		}
	}
	return unread(best)
}

// symbols are the sightings that were read.
func symbols(found []sighting, attempt string) []Symbol {
	var out []Symbol
	for _, s := range found {
		if s.text != "" {
			out = append(out, Symbol{Text: s.text, Corners: s.corners, ModulePixels: s.module, Attempt: attempt})
		}
	}
	return out
}

// unread is the reading of a frame whose surest sighting, if any, was not read.
func unread(s *sighting) Reading {
	h := hintFor(s)
	if h == HintNone {
		return Reading{}
	}
	return Reading{Hint: h, ModulePixels: s.module}
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
	opt    Options
	frames int
	next   int             // the attempt whose turn it is
	lucky  int             // the attempt that last saw a code
	seen   map[string]int  // texts that do not count yet, and the number of frames that had them
	region image.Rectangle // where the last frames had a code; empty where they had none
	missed int             // frames since
	stack  stack
	// last is the last reading with a hint, which stays for a few frames so that the screen does not flicker.
	last    Reading
	lastAge int
	// suspects is the number of successive frames in which three finder patterns fitted no grid.
	suspects int
	// hazes is the number of successive frames without a finder pattern that showed a blurred code.
	hazes int
}

// NewReader returns a Reader that has seen nothing.
func NewReader(opt Options) *Reader {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Reader{opt: opt, seen: map[string]int{}}
}

// Reset forgets what was seen, for the next citizen.
func (r *Reader) Reset() { *r = *NewReader(r.opt) }

const (
	// regionMisses frames without a code end the region that is looked at first. Every wholeEvery-th frame is looked at
	// as a whole, since there may be another code.
	regionMisses = 4
	wholeEvery   = 8
	// idleAttempts is how many further attempts a frame gets in which nothing looks like a code: all have had their turn
	// after a few frames, and a scan screen that waits for a citizen leaves the processor alone.
	idleAttempts = 2
	// suspectFrames is how many frames in a row must show three finder patterns, or a blurred patch, before they are
	// worth a hint.
	suspectFrames = 3
	// hintFrames is how many frames without a sighting a hint outlives.
	hintFrames = 5
)

// Read looks for codes in the next frame. It starts no further attempt once budget has passed; the first is always made,
// and ends between two candidates. The frame is neither kept nor changed.
//
// The region where the last frames had a code comes first, then the whole frame. While a code is in sight that can't be
// read, attempts that only look for codes are left out, and its modules are added to those of the frames before. A hint
// stays for a few frames after what it was derived from.
func (r *Reader) Read(img *image.RGBA, budget time.Duration) Reading {
	out := r.read(img, budget)
	switch {
	case len(out.Symbols) > 0:
		r.last, r.lastAge = Reading{}, 0
	case out.Hint != HintNone:
		r.last, r.lastAge = out, 0
	case r.last.Hint != HintNone:
		if r.lastAge++; r.lastAge > hintFrames {
			r.last = Reading{}
		}
		return r.last
	}
	return out
}

func (r *Reader) read(img *image.RGBA, budget time.Duration) Reading {
	end := r.opt.Now().Add(budget)
	stop := func() bool { return !r.opt.Now().Before(end) }
	r.frames++
	if !r.region.Empty() && r.frames%wholeEvery != 0 {
		part := r.region.Intersect(img.Rect)
		found := r.attempts(grayOf(img.SubImage(part)), part.Min.Sub(img.Rect.Min), stop, true)
		if len(found.Symbols) > 0 || found.Hint != HintNone || stop() {
			return found
		}
	}
	return r.attempts(grayOf(img), image.Point{}, stop, false)
}

// attempts runs the ladder on a part of the frame that begins at origin: the first attempt, then, where time is left,
// the others from where the last frame stopped.
func (r *Reader) attempts(g *image.Gray, origin image.Point, stop func() bool, region bool) Reading {
	steps := ladder()
	var best *sighting
	for i := range steps {
		k := 0
		if i > 0 {
			if stop() || best == nil && i > idleAttempts {
				break
			}
			if i == 1 && r.lucky > 0 {
				k = r.lucky
			} else {
				k = 1 + r.next%(len(steps)-1)
				r.next++
			}
		}
		a := steps[k]
		if !a.fits(g.Rect.Dx(), g.Rect.Dy()) || a.seeks && (region || best != nil && !best.suspect) {
			continue
		}
		found := a.run(g, stop)
		for k := range found {
			found[k].move(origin)
		}
		if s := symbols(found, a.name); len(s) > 0 {
			r.lucky = k
			r.follow(s[0].Corners)
			return Reading{Symbols: r.believed(s)}
		}
		s := surest(found)
		if s == nil || s.score < surelyCode {
			if s != nil && s.suspect && best == nil {
				best = s
			}
			continue
		}
		if text, ok := r.stack.add(s); ok {
			s.text = text
			r.follow(s.corners)
			return Reading{Symbols: r.believed(symbols([]sighting{*s}, "fused"))}
		}
		if best == nil || s.surer(best) {
			best, r.lucky = s, k
		}
	}
	if best == nil || best.suspect {
		if r.missed++; r.missed > regionMisses {
			r.region = image.Rectangle{}
		}
		if best == nil {
			r.suspects = 0
			return r.blurred(g, region)
		}
		r.hazes = 0
		if r.suspects++; r.suspects < suspectFrames { // clutter looks like three finder patterns now and then
			return Reading{}
		}
		return unread(best)
	}
	r.suspects, r.hazes = 0, 0
	r.follow(best.corners)
	return unread(best)
}

// blurred is the reading of a whole frame without a finder pattern.
func (r *Reader) blurred(g *image.Gray, region bool) Reading {
	if region {
		return Reading{}
	}
	if !hazy(g) {
		r.hazes = 0
		return Reading{}
	}
	if r.hazes++; r.hazes < suspectFrames {
		return Reading{}
	}
	return Reading{Hint: HintHold}
}

// move adds the origin of the part of the frame in which a code was sighted.
func (s *sighting) move(origin image.Point) {
	for c := range s.corners {
		s.corners[c] = s.corners[c].add(Point{float64(origin.X), float64(origin.Y)})
	}
}

// follow sets the region to look at first: the code's bounds and a quarter more on each side for the hand's movement.
func (r *Reader) follow(corners [4]Point) {
	lo, hi := corners[0], corners[0]
	for _, c := range corners[1:] {
		lo, hi = Point{min(lo.X, c.X), min(lo.Y, c.Y)}, Point{max(hi.X, c.X), max(hi.Y, c.Y)}
	}
	margin := hi.sub(lo).mul(0.25).add(Point{16, 16})
	lo, hi = lo.sub(margin), hi.add(margin)
	r.missed = 0
	r.region = image.Rect(int(lo.X), int(lo.Y), int(hi.X)+1, int(hi.Y)+1)
}

// mostUnbelieved bounds the texts that wait for a second frame.
const mostUnbelieved = 64

// believed keeps the symbols whose text counts.
func (r *Reader) believed(found []Symbol) []Symbol {
	var out []Symbol
	for _, s := range found {
		if r.opt.Plausible != nil && r.opt.Plausible(s.Text) {
			out = append(out, s)
			continue
		}
		if len(r.seen) > mostUnbelieved {
			clear(r.seen)
		}
		if r.seen[s.Text]++; r.seen[s.Text] >= 2 {
			out = append(out, s)
		}
	}
	return out
}
