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

// ReliefOf compares a turned look with a straight one of the same face. A
// detector knows what turned faces look like, and sees a nose stand out on a
// bent photograph too; so this looks at the pixels. It lays the straight look
// over the turned one by a warp as smooth as that of a sheet which is flat or
// bent and seen from near, and by what the nose moves besides (registration by
// Gauss and Newton: Lucas and Kanade 1981). About 20 ms.
func ReliefOf(straight *image.RGBA, a face.Landmarks, turned *image.RGBA, b face.Landmarks) Relief {
	base, la := upright(straight, a, 0)
	now, lb := upright(turned, b, margin)
	rough, fine := paired(base.blurred(2), now.blurred(2)), paired(base.blurred(1), now.blurred(1))
	side := 1.0
	if b.Pose().Yaw < a.Pose().Yaw {
		side = -1
	}
	best := Relief{Alike: -1}
	for _, nose := range [...]float64{0, 6, 12} {
		w := overlaid(la, lb)
		w[aside] = side * nose
		w, _ = rough.register(w, 10)
		w, alike := fine.register(w, 6)
		if alike > best.Alike {
			best = Relief{Nose: side * w[aside], Alike: alike}
		}
	}
	return best
}

// A warp takes (x, y) of the straight look to the turned one: the first five
// numbers make x' of 1, x, y, x² and xy, the next four y' of 1, y, x and xy, the
// last two move the nose. That holds a turned plane, a cylinder's bend
// (x cos φ − x² sin φ / 2R) and the nearer side's size.
type warp [11]float64

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
	return warp{1, x, y, x * x / bend, x * y / bend, 1, y, x, x * y / bend, nose, nose}
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
	places    []place
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
				p.places = append(p.places, place{base.at[at], forms(x, y)})
			}
		}
	}
	return p
}

// sample is a place where the turned look shows it: luminance and slopes there.
type sample struct {
	*place
	now, dx, dy float64
}

func (p pair) samples(w *warp) []sample {
	all := make([]sample, 0, len(p.places))
	for i := range p.places {
		at := &p.places[i]
		var to [2]float64
		for k, f := range at.forms {
			to[axis[k]] += w[k] * f
		}
		if v, dx, dy, ok := p.now.look(to[0], to[1]); ok {
			all = append(all, sample{at, v, dx, dy})
		}
	}
	return all
}

// axis says which coordinate a number of a warp makes.
var axis = [len(warp{})]int{0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1}

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
			sb, sn, sbb, snn, sbn = sb+s.base, sn+s.now, sbb+s.base*s.base, snn+s.now*s.now, sbn+s.base*s.now
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
			r := s.base - sb/n - gain*(s.now-sn/n)
			weight := 1 / (1 + r*r/tolerance) // what is hidden or shines counts less
			var g warp
			slope := [2]float64{s.dx, s.dy}
			for k, f := range s.forms {
				g[k] = gain * slope[axis[k]] * f
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
