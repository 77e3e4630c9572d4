package qr

import (
	"bytes"
	"cmp"
	"image"
	"math"
	"slices"
)

// thresholds splits a picture into black and white by block: the middle between the darkest and the brightest pixel,
// averaged over the blocks around and weighted by their contrast, so that flat paper and glare say nothing.
type thresholds struct {
	g     *image.Gray
	shift int // a block's edge is 1<<shift pixels
	w, h  int // in blocks
	at    []uint8
}

// flatContrast is the difference of grey values under which a block is noise.
const flatContrast = 20

// newThresholds measures g in blocks of 1<<shift pixels.
func newThresholds(g *image.Gray, shift int) *thresholds {
	size := 1 << shift
	t := &thresholds{g: g, shift: shift, w: (g.Rect.Dx() + size - 1) >> shift, h: (g.Rect.Dy() + size - 1) >> shift}
	mid, weight := make([]int32, t.w*t.h), make([]int32, t.w*t.h)
	for by := range t.h {
		for bx := range t.w {
			lo, hi := uint8(255), uint8(0)
			x0, x1 := bx<<shift, min((bx+1)<<shift, g.Rect.Dx())
			for y := by << shift; y < min((by+1)<<shift, g.Rect.Dy()); y++ {
				for _, p := range g.Pix[y*g.Stride+x0 : y*g.Stride+x1] {
					lo, hi = min(lo, p), max(hi, p)
				}
			}
			i := by*t.w + bx
			if c := int32(hi) - int32(lo); c > flatContrast {
				weight[i] = c - flatContrast
				mid[i] = (int32(hi) + int32(lo) + 1) / 2 * weight[i]
			}
		}
	}
	t.at = make([]uint8, t.w*t.h)
	sumM, sumW := boxSum(mid, t.w, t.h, 2), boxSum(weight, t.w, t.h, 2)
	for i := range t.at {
		if sumW[i] > 0 {
			t.at[i] = uint8(sumM[i] / sumW[i])
		}
	}
	return t
}

// boxSum adds up the (2r+1)² neighbours of each cell.
func boxSum(in []int32, w, h, r int) []int32 {
	rows, out := make([]int32, w*h), make([]int32, w*h)
	for y := range h {
		s := int32(0)
		for x := range min(r, w) {
			s += in[y*w+x]
		}
		for x := range w {
			if x+r < w {
				s += in[y*w+x+r]
			}
			if x-r-1 >= 0 {
				s -= in[y*w+x-r-1]
			}
			rows[y*w+x] = s
		}
	}
	for x := range w {
		s := int32(0)
		for y := range min(r, h) {
			s += rows[y*w+x]
		}
		for y := range h {
			if y+r < h {
				s += rows[(y+r)*w+x]
			}
			if y-r-1 >= 0 {
				s -= rows[(y-r-1)*w+x]
			}
			out[y*w+x] = s
		}
	}
	return out
}

// dark says whether a pixel inside the picture is black.
func (t *thresholds) dark(x, y int) bool {
	return t.g.Pix[y*t.g.Stride+x] < t.at[(y>>t.shift)*t.w+x>>t.shift]
}

// finder is a place that looks like a finder pattern: 1:1:3:1:1 across and down.
type finder struct {
	c        Point
	across   float64 // length of the five runs across and down, in pixels; 7 modules when upright
	down     float64
	inverted bool    // white on black
	hits     int     // rows that crossed it
	solid    float64 // hits against the rows that a true one of this size has, up to about 1
}

// module is the finder's module edge in pixels, too large by up to √2 where it is turned.
func (f *finder) module() float64 { return math.Sqrt(f.across*f.down) / 7 }

// finderLike checks five runs against 1:1:3:1:1. Sums of neighbouring runs measure from edge to like edge, so that a
// threshold that fattens black or white does not matter.
func finderLike(r *[5]int) bool {
	if r[2] <= r[1] || r[2] <= r[3] {
		return false
	}
	total := r[0] + r[1] + r[2] + r[3] + r[4]
	if total < 8 || 14*r[2] > 9*total { // the centre is at most 4.5 modules
		return false
	}
	// In units of 1/70 pixel: a module is 10·total, the tolerances are 0.6 and 0.9 modules and half a pixel.
	m, narrow, wide := 10*total, 6*total+35, 9*total+35
	return abs(70*(r[0]+r[1])-2*m) <= narrow && abs(70*(r[3]+r[4])-2*m) <= narrow &&
		abs(70*(r[1]+r[2])-4*m) <= wide && abs(70*(r[2]+r[3])-4*m) <= wide
}

// runsThrough measures the five runs through (x, y), whose colour is that of the finder's centre, along x or along y.
// It returns the centre's middle on that line and the total length; false where they are not finder-like.
func (t *thresholds) runsThrough(x, y, dx, dy, limit int, inverted bool) (middle, total float64, ok bool) {
	w, h := t.g.Rect.Dx(), t.g.Rect.Dy()
	if t.dark(x, y) == inverted {
		return 0, 0, false
	}
	var r [5]int
	walk := func(step int, order [3]int) bool {
		px, py := x, y
		if step > 0 {
			px, py = x+dx, y+dy
		}
		for k, i := range order {
			want := (k != 1) != inverted
			for px >= 0 && py >= 0 && px < w && py < h && t.dark(px, py) == want {
				if r[i]++; r[i] > limit {
					return false
				}
				px, py = px+step*dx, py+step*dy
			}
			if r[i] == 0 {
				return false
			}
		}
		return true
	}
	if !walk(-1, [3]int{2, 1, 0}) {
		return 0, 0, false
	}
	back := r[2]
	if !walk(1, [3]int{2, 3, 4}) || !finderLike(&r) {
		return 0, 0, false
	}
	at := float64(x*dx + y*dy)
	middle = at + 1 - float64(back) + float64(r[2])/2
	return middle, float64(r[0] + r[1] + r[2] + r[3] + r[4]), true
}

// minContrast is the least difference of grey values between a finder pattern's white ring and its centre.
const minContrast = 20

// soleRow keeps a single crossing, which chance gives often, from weighing as much as the many of a large pattern.
const soleRow = 2

// maxFinders bounds the work on pictures full of things that look like finder patterns.
const maxFinders = 40

// split writes a row as 0 and 1.
func (t *thresholds) split(line []byte, y int) {
	row := t.g.Pix[y*t.g.Stride : y*t.g.Stride+len(line)]
	size := 1 << t.shift
	for b, limit := range t.at[(y>>t.shift)*t.w:][:t.w] {
		from := b << t.shift
		to := min(from+size, len(line))
		dst := line[from:to]
		for i, p := range row[from:to] {
			// The difference is negative, and its top bit set, where the pixel is black.
			dst[i] = byte((uint32(p) - uint32(limit)) >> 31)
		}
	}
}

// finders scans every step-th row for finder patterns of both polarities, best supported first.
func (t *thresholds) finders(step int) []finder {
	var found []finder
	w, h := t.g.Rect.Dx(), t.g.Rect.Dy()
	line := make([]byte, w) // 1 where a row's pixel is black
	for y := step / 2; y < h; y += step {
		row := t.g.Pix[y*t.g.Stride : y*t.g.Stride+w]
		t.split(line, y)
		var r [5]int // the last five runs, the current one last
		color, begin := byte(0), 0
		for begin < w {
			x := w
			if n := bytes.IndexByte(line[begin:], 1-color); n >= 0 {
				x = begin + n
			}
			r = [5]int{r[1], r[2], r[3], r[4], x - begin}
			if r[0] > 0 && r[2] > 1 && finderLike(&r) {
				at := x - r[4] - r[3]
				white := int(row[at+r[3]/2]) + int(row[at-r[2]-(r[1]+1)/2])
				c := white - 2*int(row[at-(r[2]+1)/2])
				if inverted := color == 0; !inverted && c >= 2*minContrast || inverted && c <= -2*minContrast {
					found = t.confirm(found, at-(r[2]+1)/2, y, &r, inverted)
				}
			}
			color, begin = 1-color, x
		}
	}
	for i := range found {
		f := &found[i]
		f.solid = min(1, float64(f.hits)/(3*f.down/7/float64(step)+soleRow))
	}
	slices.SortStableFunc(found, func(a, b finder) int { return cmp.Compare(b.solid, a.solid) })
	if len(found) > maxFinders {
		found = found[:maxFinders]
	}
	return found
}

// confirm checks a row's finding downwards and again across, and adds it to the place it belongs to.
func (t *thresholds) confirm(found []finder, x, y int, r *[5]int, inverted bool) []finder {
	total := float64(r[0] + r[1] + r[2] + r[3] + r[4])
	limit := int(total)
	cy, down, ok := t.runsThrough(x, y, 0, 1, limit, inverted)
	if !ok || down > 2.5*total || total > 2.5*down {
		return found
	}
	cx, across, ok := t.runsThrough(x, int(cy), 1, 0, limit, inverted)
	if !ok || across > 2.5*down || down > 2.5*across {
		return found
	}
	for i := range found {
		f := &found[i]
		if f.inverted == inverted && math.Abs(f.c.X-cx) < f.across/7 && math.Abs(f.c.Y-cy) < f.down/7 {
			f.hits++
			return found
		}
	}
	return append(found, finder{c: Point{cx, cy}, across: across, down: down, inverted: inverted, hits: 1})
}

// triple is three finder patterns that may belong to one code: top left, top right, bottom left, clockwise.
type triple struct {
	tl, tr, bl finder
	cost       float64
}

// maxTriples bounds how many are tried.
const maxTriples = 24

// triples lists the plausible threes of one polarity, likeliest first.
func triples(found []finder) []triple {
	var out []triple
	for i := range found {
		for j := i + 1; j < len(found); j++ {
			for k := j + 1; k < len(found); k++ {
				if found[i].inverted == found[j].inverted && found[j].inverted == found[k].inverted {
					out = append(out, orders(found[i], found[j], found[k])...)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b triple) int { return cmp.Compare(a.cost, b.cost) })
	if len(out) > maxTriples {
		out = out[:maxTriples]
	}
	return out
}

// ambiguous is the ratio of the longest to the second longest side up to which perspective may have made another corner
// the top left; seen from straight above it is √2.
const ambiguous = 1.25

// orders lists the plausible ways of taking three finders as a code's corners. The top left is opposite the longest
// side, unless that is hardly the longest.
func orders(a, b, c finder) []triple {
	ab, bc, ca := b.c.sub(a.c).norm(), c.c.sub(b.c).norm(), a.c.sub(c.c).norm()
	longest := max(ab, bc, ca)
	var out []triple
	for _, o := range [3]struct {
		opposite   float64
		tl, tr, bl finder
	}{{bc, a, b, c}, {ca, b, c, a}, {ab, c, a, b}} {
		if longest <= ambiguous*o.opposite {
			if t, ok := newTriple(o.tl, o.tr, o.bl); ok {
				out = append(out, t)
			}
		}
	}
	return out
}

// looseWeight is what a finder pattern that few rows crossed costs against likeness in size and angle: dense codes are full
// of spots that pass for one in a row or two.
const looseWeight = 1

// newTriple turns the corners clockwise and weighs how unlike a code's they are.
func newTriple(a, b, c finder) (triple, bool) {
	u, v := b.c.sub(a.c), c.c.sub(a.c)
	if u.X*v.Y-u.Y*v.X < 0 {
		b, c, u, v = c, b, v, u
	}
	lu, lv := u.norm(), v.norm()
	ma, mb, mc := a.module(), b.module(), c.module()
	lo, hi := min(ma, mb, mc), max(ma, mb, mc)
	if hi > 2.2*lo || lu > 2.5*lv || lv > 2.5*lu {
		return triple{}, false
	}
	cos := math.Abs(u.X*v.X+u.Y*v.Y) / (lu * lv)
	dim := (lu+lv)/2/((ma+mb+mc)/3) + 7
	if cos > 0.75 || dim < 14 || dim > 200 {
		return triple{}, false
	}
	loose := 3 - a.solid - b.solid - c.solid
	return triple{a, b, c, math.Log(hi/lo) + math.Abs(math.Log(lu/lv)) + cos + looseWeight*loose}, true
}
