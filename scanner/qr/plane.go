package qr

import "math"

// homography maps module coordinates (0 at the symbol's outer edge, dim at the opposite one) to pixels, row by row.
type homography [9]float64

func (h *homography) at(u, v float64) Point {
	d := 1 / (h[6]*u + h[7]*v + h[8])
	return Point{(h[0]*u + h[1]*v + h[2]) * d, (h[3]*u + h[4]*v + h[5]) * d}
}

// after returns the map that first applies d, then h, scaled so that its last element is 1.
func (h *homography) after(d *homography) homography {
	var out homography
	for i := range 3 {
		for j := range 3 {
			out[3*i+j] = h[3*i]*d[j] + h[3*i+1]*d[3+j] + h[3*i+2]*d[6+j]
		}
	}
	s := 1 / out[8]
	for i := range out {
		out[i] *= s
	}
	return out
}

// affine maps three module places to three pixels.
func affine(a, b, c, pa, pb, pc Point) homography {
	u1, v1, u2, v2 := b.X-a.X, b.Y-a.Y, c.X-a.X, c.Y-a.Y
	det := u1*v2 - u2*v1
	q1, q2 := pb.sub(pa), pc.sub(pa)
	m00, m01 := (q1.X*v2-q2.X*v1)/det, (q2.X*u1-q1.X*u2)/det
	m10, m11 := (q1.Y*v2-q2.Y*v1)/det, (q2.Y*u1-q1.Y*u2)/det
	return homography{m00, m01, pa.X - m00*a.X - m01*a.Y, m10, m11, pa.Y - m10*a.X - m11*a.Y, 0, 0, 1}
}

// sane tells a map that could be a photograph of a flat code from one that folded: no corner near the horizon, all
// turned the same way.
func (h *homography) sane(dim float64) bool {
	sign := 0.0
	for _, c := range [4]Point{{0, 0}, {dim, 0}, {dim, dim}, {0, dim}} {
		w := h[6]*c.X + h[7]*c.Y + h[8]
		if !(w > 0.2 && w < 5) {
			return false
		}
		p, pu, pv := h.at(c.X, c.Y), h.at(c.X+0.5, c.Y), h.at(c.X, c.Y+0.5)
		a, b := pu.sub(p), pv.sub(p)
		cross := a.X*b.Y - a.Y*b.X
		if cross == 0 || math.IsNaN(cross) || cross*sign < 0 {
			return false
		}
		sign = cross
	}
	return true
}

// solve finds x with a·x = b for the n×n matrix a (row by row), destroying both; false where a is singular.
func solve(a, b []float64) bool {
	n := len(b)
	for i := range n {
		p := i
		for r := i + 1; r < n; r++ {
			if math.Abs(a[r*n+i]) > math.Abs(a[p*n+i]) {
				p = r
			}
		}
		if !(math.Abs(a[p*n+i]) > 1e-12) {
			return false
		}
		if p != i {
			for c := range n {
				a[i*n+c], a[p*n+c] = a[p*n+c], a[i*n+c]
			}
			b[i], b[p] = b[p], b[i]
		}
		for r := i + 1; r < n; r++ {
			f := a[r*n+i] / a[i*n+i]
			for c := i; c < n; c++ {
				a[r*n+c] -= f * a[i*n+c]
			}
			b[r] -= f * b[i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for c := i + 1; c < n; c++ {
			b[i] -= a[i*n+c] * b[c]
		}
		b[i] /= a[i*n+i]
	}
	return true
}
