package qr

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// grid says where in the picture each module of a code lies: a plane, and what its alignment patterns say about how far
// the code is from flat.
type grid struct {
	dim   int // modules an edge
	plane homography
	lines []float64 // module coordinates of the mesh's lines, the same in both directions; empty without a mesh
	bend  []Point   // movement in modules at each crossing, row by row
}

// version is the code's version, 1 to 40.
func (g *grid) version() int { return (g.dim - 17) / 4 }

// at maps module coordinates to pixels.
func (g *grid) at(u, v float64) Point {
	if len(g.lines) == 0 {
		return g.plane.at(u, v)
	}
	b := g.bendAt(u, v)
	return g.plane.at(u+b.X, v+b.Y)
}

// bendAt is the mesh's movement, bilinear between its crossings and constant outside.
func (g *grid) bendAt(u, v float64) Point {
	n := len(g.lines)
	i, fu := g.cell(u)
	j, fv := g.cell(v)
	top := g.bend[j*n+i].mul(1 - fu).add(g.bend[j*n+i+1].mul(fu))
	bottom := g.bend[(j+1)*n+i].mul(1 - fu).add(g.bend[(j+1)*n+i+1].mul(fu))
	return top.mul(1 - fv).add(bottom.mul(fv))
}

func (g *grid) cell(u float64) (int, float64) {
	i := 0
	for i < len(g.lines)-2 && u > g.lines[i+1] {
		i++
	}
	return i, max(0, min(1, (u-g.lines[i])/(g.lines[i+1]-g.lines[i])))
}

// modulePixels is the mean edge of a module at the four corners and the middle.
func (g *grid) modulePixels() float64 {
	d := float64(g.dim)
	area := 0.0
	for _, c := range [5]Point{{0, 0}, {d - 1, 0}, {d - 1, d - 1}, {0, d - 1}, {d / 2, d / 2}} {
		p := g.plane.at(c.X, c.Y)
		a, b := g.plane.at(c.X+1, c.Y).sub(p), g.plane.at(c.X, c.Y+1).sub(p)
		area += math.Abs(a.X*b.Y - a.Y*b.X)
	}
	return math.Sqrt(area / 5)
}

func (g *grid) corners() [4]Point {
	d := float64(g.dim)
	return [4]Point{g.at(0, 0), g.at(d, 0), g.at(d, d), g.at(0, d)}
}

// seeker finds codes in one picture.
type seeker struct {
	fitter
	finder, align *pattern
}

// Bounds of a grid's acceptance. A finder pattern fitted with less than minLikeness is none, unless the timing patterns
// alternate as they only do in a code.
const (
	minLikeness   = 0.5
	leastLikeness = 0.2
	minTiming     = 0.2
	sureTiming    = 0.85
)

// spread measures seven modules from a finder's centre towards another and away from it, in pixels a module.
func (s *seeker) spread(f finder, to Point) float64 {
	d := to.sub(f.c)
	d = d.mul(1 / d.norm())
	reach := 6 * max(f.across, f.down) / 7
	lo, hi := 255.0, 0.0
	for t := -reach; t <= reach; t += 0.5 {
		g := s.px.at(f.c.X+d.X*t, f.c.Y+d.Y*t)
		lo, hi = min(lo, g), max(hi, g)
	}
	mid := (lo + hi) / 2
	total := 0.0
	for _, sign := range [2]float64{1, -1} {
		edges, last := 0, 0.0
		for t := 0.0; t <= reach && edges < 3; t += 0.25 {
			g := s.sign * (s.px.at(f.c.X+sign*d.X*t, f.c.Y+sign*d.Y*t) - mid)
			if dark := edges != 1; t > 0 && (g >= 0) == dark {
				edges++
				total += (t - 0.25*g/(g-last+1e-9)) * [3]float64{0, 0, 1}[edges-1]
			}
			last = g
		}
		if edges < 3 {
			return f.module()
		}
	}
	return total / 7
}

// leanPower turns a ratio of sizes into one of distances. Geometry says 0.5; sizes are measured to a few per cent only,
// and too little lean is mended by the fit where too much is not, so it is damped.
const leanPower = 0.35

// leaning is what a triple's finder patterns say about perspective: the distances from the top left to the other two in
// modules, and how many times farther from the camera than the top left those stand.
type leaning struct{ across, down, farAcross, farDown float64 }

// lean measures a triple. On a line through a plane in perspective sizes go with the square of the nearness, and the
// number of modules between two places is their distance over the geometric mean of the sizes there.
func (s *seeker) lean(t *triple) leaning {
	tlAcross, tr := s.spread(t.tl, t.tr.c), s.spread(t.tr, t.tl.c)
	tlDown, bl := s.spread(t.tl, t.bl.c), s.spread(t.bl, t.tl.c)
	far := func(here, there float64) float64 { return max(0.6, min(1.7, math.Pow(here/there, leanPower))) }
	return leaning{
		across:    t.tr.c.sub(t.tl.c).norm() / math.Sqrt(tlAcross*tr),
		down:      t.bl.c.sub(t.tl.c).norm() / math.Sqrt(tlDown*bl),
		farAcross: far(tlAcross, tr),
		farDown:   far(tlDown, bl),
	}
}

// place lays the plane for one dimension through a triple's three finder patterns. The likeness is that of the worst.
func (s *seeker) place(t *triple, lean *leaning, dim int) (homography, float64) {
	d := float64(dim)
	h := affine(Point{3.5, 3.5}, Point{d - 3.5, 3.5}, Point{3.5, d - 3.5},
		t.tl.c, t.tr.c.mul(lean.farAcross), t.bl.c.mul(lean.farDown))
	h[6], h[7] = (lean.farAcross-1)/(d-7), (lean.farDown-1)/(d-7)
	h[8] = 1 - 3.5*(h[6]+h[7])
	if !h.sane(d) {
		return h, 0
	}
	like := s.fitter.plane(&h, d, []patch{{s.finder, 0, 0, 1}, {s.finder, d - 7, 0, 1}, {s.finder, 0, d - 7, 1}}, 6)
	return h, like
}

// timing scores how well the two timing patterns alternate under h: 1 is perfect, 0 is chance.
func (s *seeker) timing(h *homography, dim int) float64 {
	score := 0.0
	for _, down := range [2]bool{false, true} {
		at := func(i int) float64 {
			u, v := float64(i)+0.5, 6.5
			if down {
				u, v = v, u
			}
			p := h.at(u, v)
			return s.px.at(p.X, p.Y)
		}
		good, all := 0.0, 0.0
		for i := 8; i < dim-8; i++ {
			d := (at(i-1)+at(i+1))/2 - at(i) // positive where module i is the darker, as even ones are
			if i%2 == 1 {
				d = -d
			}
			good, all = good+s.sign*d, all+math.Abs(d)
		}
		if all > 0 {
			score += good / all / 2
		}
	}
	return score
}

// readVersion reads the version information beside the top right and bottom left finder patterns, 0 where neither is
// within three bits of a version.
func (s *seeker) readVersion(h *homography, dim int) int {
	best, bestOff := 0, 4
	for _, transposed := range [2]bool{false, true} {
		var grey [18]float64
		mean := 0.0
		for i := range 18 {
			u, v := float64(dim-11+i%3)+0.5, float64(i/3)+0.5
			if transposed {
				u, v = v, u
			}
			p := h.at(u, v)
			grey[i] = s.sign * s.px.at(p.X, p.Y)
		}
		lo, hi := slices.Min(grey[:]), slices.Max(grey[:])
		mean = (lo + hi) / 2
		word := 0
		for i := range 18 {
			if grey[i] < mean {
				word |= 1 << i
			}
		}
		for v := 7; v <= 40; v++ {
			if off := bits.OnesCount(uint(word ^ versionWord(v))); off < bestOff {
				best, bestOff = v, off
			}
		}
	}
	return best
}

// versionWord is a version with its 12 bits of BCH code (ISO/IEC 18004, annex D).
func versionWord(v int) int {
	rest := v << 12
	for i := 17; i >= 12; i-- {
		if rest>>i&1 == 1 {
			rest ^= 0x1f25 << (i - 12)
		}
	}
	return v<<12 | rest
}

// farGuess is the number of modules between finder patterns up to which the guessed version is at most one off.
const farGuess = 40

// grids lists the likely grids of a triple, likeliest first.
func (s *seeker) grids(t *triple) []grid {
	s.sign = 1
	if t.tl.inverted {
		s.sign = -1
	}
	lean := s.lean(t)
	guess := (lean.across + lean.down) / 2
	near := max(1, min(40, int(math.Round((guess+7-17)/4))))
	type scored struct {
		grid
		score float64
	}
	var out []scored
	tried := map[int]bool{}
	try := func(version int) {
		if version < 1 || version > 40 || tried[version] {
			return
		}
		tried[version] = true
		dim := 17 + 4*version
		if h, like := s.place(t, &lean, dim); like > leastLikeness {
			if score := s.timing(&h, dim); score > sureTiming || like > minLikeness && score > minTiming {
				out = append(out, scored{grid{dim: dim, plane: h}, score})
			}
			if near >= 5 && like > minLikeness {
				if v := s.readVersion(&h, dim); v > 0 && abs(v-version) <= 4 && !tried[v] {
					tried[v] = true
					if h, like := s.place(t, &lean, 17+4*v); like > minLikeness {
						out = append(out, scored{grid{dim: 17 + 4*v, plane: h}, 1 + s.timing(&h, 17+4*v)})
					}
				}
			}
		}
	}
	sure := func() bool {
		return slices.ContainsFunc(out, func(g scored) bool { return g.score >= sureTiming })
	}
	for i, d := range [...]int{0, 1, -1, 2, -2} {
		if sure() || i == 3 && len(out) == 0 && guess < farGuess {
			break // a small code's size is known to a version, so three misses mean that there is none
		}
		try(near + d)
	}
	slices.SortFunc(out, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	grids := make([]grid, len(out))
	for i := range out {
		grids[i] = out[i].grid
	}
	return grids[:min(2, len(grids))]
}

func abs(n int) int { return max(n, -n) }

// alignmentCentres are the module coordinates of the lines on which a version's alignment patterns lie.
func alignmentCentres(version int) []float64 {
	v, err := decoder.Version_GetVersionForNumber(version)
	if err != nil {
		return nil
	}
	var out []float64
	for _, c := range v.GetAlignmentPatternCenters() {
		out = append(out, float64(c)+0.5)
	}
	return out
}
