package liveness

import (
	"image"
	"math"

	"loket/scanner/face"
)

// Relief is what a turn shows of a face's depth.
type Relief struct {
	// Nose is how far the nose moved to the side of the turn, in millimetres of
	// the mean face, beyond what a sheet of paper's middle does, flat or bent.
	Nose float64
	// Alike is how well the straight look, moved so, explains the turned one:
	// the correlation of both, at most 1.
	Alike float64
}

// A Straight look is what turned looks of the same face are compared with, one
// after the other. It is not for concurrent use.
type Straight struct {
	marks       face.Landmarks
	rough, fine patch
	last        *warp // to the turned look before
}

// NewStraight takes the picture and its landmarks.
func NewStraight(img *image.RGBA, l face.Landmarks) *Straight {
	p, marks := upright(img, l, 0)
	return &Straight{marks: marks, rough: p.blurred(2), fine: p.blurred(1)}
}

// Relief compares a turned look. A detector knows what turned faces look like,
// and sees a nose stand out on a bent photograph too; so this looks at the
// pixels. It lays the straight look over the turned one by a warp as smooth as
// that of a sheet which is flat or bent and seen from near, and by what the nose
// moves besides (registration by Gauss and Newton: Lucas and Kanade 1981). A lamp
// stays where it is while the head turns: a smooth change of light is fitted too
// (Hager and Belhumeur 1998). It begins from the landmarks, and from where the
// look before was. side is 1 for a turn to the right of the picture, -1 for the
// left. About 25 ms.
func (s *Straight) Relief(turned *image.RGBA, l face.Landmarks, side float64) Relief {
	p, marks := upright(turned, l, margin)
	rough, fine := paired(s.rough, p.blurred(2)), paired(s.fine, p.blurred(1))
	var from []warp
	for _, nose := range [...]float64{0, 6, 12} {
		w := overlaid(s.marks, marks)
		w[aside] = side * nose
		from = append(from, w)
	}
	if s.last != nil {
		from = append(from, *s.last)
	}
	best := Relief{Nose: astray, Alike: -1}
	for _, w := range from {
		w, _ = rough.register(w, 10)
		w, alike := fine.register(w, 6)
		nose := side * w[aside]
		// A nose that goes the other way has caught something else.
		if likely := nose > astray; likely && best.Nose <= astray || likely == (best.Nose > astray) && alike > best.Alike {
			best = Relief{Nose: nose, Alike: alike}
			s.last = &w
		}
	}
	return best
}

// astray is how many millimetres a nose seems to go against the turn at most,
// where it is the nose.
const astray = -3

// A warp takes (x, y) of the straight look to the turned one: the first five
// numbers make x' of 1, x, y, x² and xy, the next four y' of 1, y, x and xy, two
// move the nose. That holds a turned plane, a cylinder's bend
// (x cos φ − x² sin φ / 2R) and the nearer side's size. The last four are what the
// light loses with x, y, x² and y², in levels.
type warp [places + 4]float64

// places is how many numbers of a warp say where a place goes; the others are
// of light.
const places = 11

// aside is the nose's place in a warp, sideways; up and down follows.
const aside = 9

// bend is the unit of x² and xy in millimetres, so that all numbers of a warp
// are of one size.
const bend = 40

func forms(x, y float64) warp {
	below := y - 37 // the mean face's nose tip; the bridge runs up to the brow
	if below < 0 {
		below /= 1.7
	}
	nose := math.Exp(-(x*x/(12*12) + below*below/(13*13)) / 2)
	return warp{1, x, y, x * x / bend, x * y / bend, 1, y, x, x * y / bend, nose, nose, x / bend, y / bend, x * x / bend / bend, y * y / bend / bend}
}

// overlaid is the affine warp that takes eyes and mouth to eyes and mouth best.
func overlaid(a, b face.Landmarks) (w warp) {
	var m [3][4]float64
	var n [3][4]float64
	for _, i := range [...]int{0, 1, 3, 4} {
		f := [3]float64{1, a[i].X, a[i].Y}
		for j := range 3 {
			for k := range 3 {
				m[j][k] += f[j] * f[k]
				n[j][k] += f[j] * f[k]
			}
			m[j][3] += f[j] * b[i].X
			n[j][3] += f[j] * b[i].Y
		}
	}
	solve(m[0][:], m[1][:], m[2][:])
	solve(n[0][:], n[1][:], n[2][:])
	w[0], w[1], w[2] = m[0][3], m[1][3], m[2][3]
	w[5], w[6], w[7] = n[0][3], n[2][3], n[1][3]
	return w
}

// pair is a straight and a turned look, and the places that are compared.
type pair struct {
	base, now patch
	at        []place
}

// place is one of them: its luminance in the straight look, and the forms there.
type place struct {
	base  float64
	forms warp
}

// paired takes every second place of an oval over the face.
func paired(base, now patch) pair {
	p := pair{base: base, now: now}
	for j := 0; j < base.h; j += 2 {
		y := base.top + float64(j)*pixel
		for i := j / 2 % 2; i < base.w; i += 2 {
			x, at := base.left+float64(i)*pixel, j*base.w+i
			ox, oy := x/right, (y-(bottom+top)/2)/((bottom-top)/2)
			if ox*ox+oy*oy <= 1 && base.at[at] != none {
				p.at = append(p.at, place{base.at[at], forms(x, y)})
			}
		}
	}
	return p
}

// sample is a place where the turned look shows it: luminance and slopes there,
// and the straight look's luminance in the light of the turned one.
type sample struct {
	*place
	lit, now, dx, dy float64
}

func (p pair) samples(w *warp) []sample {
	all := make([]sample, 0, len(p.at))
	for i := range p.at {
		at := &p.at[i]
		var to [2]float64
		lit := at.base
		for k, f := range at.forms {
			if k < places {
				to[axis[k]] += w[k] * f
			} else {
				lit -= w[k] * f
			}
		}
		if v, dx, dy, ok := p.now.look(to[0], to[1]); ok {
			all = append(all, sample{at, lit, v, dx, dy})
		}
	}
	return all
}

// axis says which coordinate a number of a warp makes.
var axis = [places]int{0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1}

// fewest samples tell something.
const fewest = 200

// register improves a warp by some steps, and says how alike both looks then
// are; 0 where too little is seen.
func (p pair) register(w warp, steps int) (warp, float64) {
	for {
		all := p.samples(&w)
		n := float64(len(all))
		var sb, sn, sbb, snn, sbn float64
		for _, s := range all {
			sb, sn, sbb, snn, sbn = sb+s.lit, sn+s.now, sbb+s.lit*s.lit, snn+s.now*s.now, sbn+s.lit*s.now
		}
		vb, vn := sbb/n-sb*sb/n/n, snn/n-sn*sn/n/n
		if n < fewest || !(vb > 0 && vn > 0) {
			return w, 0
		}
		if steps--; steps < 0 {
			return w, (sbn/n - sb*sn/n/n) / math.Sqrt(vb*vn)
		}
		// Light may differ: mean and contrast are evened out.
		gain, tolerance := math.Sqrt(vb/vn), 0.36*vb
		var m [len(w)][len(w) + 1]float64
		for _, s := range all {
			r := s.lit - sb/n - gain*(s.now-sn/n)
			weight := 1 / (1 + r*r/tolerance) // what is hidden or shines counts less
			var g warp
			slope := [2]float64{s.dx, s.dy}
			for k, f := range s.forms {
				if g[k] = f; k < places {
					g[k] = gain * slope[axis[k]] * f
				}
			}
			for a := range g {
				m[a][len(w)] += weight * g[a] * r
				wg := weight * g[a]
				for b := a; b < len(g); b++ {
					m[a][b] += wg * g[b]
				}
			}
		}
		rows := make([][]float64, len(w))
		for a := range m {
			for b := range a {
				m[a][b] = m[b][a]
			}
			m[a][a] = 1.02*m[a][a] + 1e-6
			rows[a] = m[a][:]
		}
		solve(rows...)
		for k := range w {
			w[k] += rows[k][len(w)]
		}
		w[aside] = max(-30, min(30, w[aside]))
	}
}

// solve is Gauss's and Jordan's elimination with pivots, in place: the last
// column becomes the solution. A singular system gives zeros.
func solve(rows ...[]float64) {
	n := len(rows)
	for i := range n {
		p := i
		for k := i; k < n; k++ {
			if math.Abs(rows[k][i]) > math.Abs(rows[p][i]) {
				p = k
			}
		}
		for c := range n + 1 {
			rows[i][c], rows[p][c] = rows[p][c], rows[i][c]
		}
		pivot := rows[i][i]
		if pivot == 0 {
			for k := range rows {
				rows[k][n] = 0
			}
			return
		}
		for c := range rows[i] {
			rows[i][c] /= pivot
		}
		for k := range n {
			if f := rows[k][i]; k != i && f != 0 {
				for c := i; c <= n; c++ {
					rows[k][c] -= f * rows[i][c]
				}
			}
		}
	}
}
