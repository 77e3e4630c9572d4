package qr

import (
	"image"
	"math"
)

// pixels is a grey picture that can be sampled between its pixels; outside it repeats its border.
type pixels struct {
	pix          []uint8
	w, h, stride int
}

func newPixels(g *image.Gray) *pixels {
	return &pixels{g.Pix, g.Rect.Dx(), g.Rect.Dy(), g.Stride}
}

// at interpolates linearly between pixel centres.
func (p *pixels) at(x, y float64) float64 {
	x, y = x-0.5, y-0.5
	if !(x >= 0 && y >= 0 && x < float64(p.w-1) && y < float64(p.h-1)) {
		return p.border(x, y)
	}
	xi, yi := int(x), int(y)
	fx, fy := x-float64(xi), y-float64(yi)
	i := yi*p.stride + xi
	a, b := float64(p.pix[i]), float64(p.pix[i+1])
	c, d := float64(p.pix[i+p.stride]), float64(p.pix[i+p.stride+1])
	top, bottom := a+(b-a)*fx, c+(d-c)*fx
	return top + (bottom-top)*fy
}

func (p *pixels) border(x, y float64) float64 {
	clamp := func(v float64, n int) int {
		if !(v > 0) {
			return 0
		}
		return int(math.Min(v, float64(n-1)))
	}
	return float64(p.pix[clamp(y, p.h)*p.stride+clamp(x, p.w)])
}

// pattern is a known part of a code, as a grid of samples half a module apart that runs from (0, 0) to (span, span)
// modules. Its values are the modules' (1 black, 0 white), linear between module centres, which is about what a lens
// makes of them.
type pattern struct {
	n     int       // samples an edge
	want  []float64 // n×n
	gradU []float64 // change of want a module
	gradV []float64
}

// newPattern samples modules (rows of '#' and '.', one module of margin on each side included) from module coordinate
// from to to, relative to the first module inside the margin.
func newPattern(rows []string, from, to float64) *pattern {
	module := func(i, j int) float64 {
		i, j = max(0, min(len(rows)-1, i)), max(0, min(len(rows)-1, j))
		if rows[j][i] == '#' {
			return 1
		}
		return 0
	}
	at := func(u, v float64) float64 {
		u, v = u+0.5, v+0.5 // the margin's centre is at -0.5
		i, j := int(math.Floor(u)), int(math.Floor(v))
		fu, fv := u-float64(i), v-float64(j)
		return (module(i, j)*(1-fu)+module(i+1, j)*fu)*(1-fv) + (module(i, j+1)*(1-fu)+module(i+1, j+1)*fu)*fv
	}
	n := int(2*(to-from)) + 1
	p := &pattern{n: n}
	for y := range n {
		for x := range n {
			u, v := from+float64(x)/2, from+float64(y)/2
			p.want = append(p.want, at(u, v))
			p.gradU = append(p.gradU, at(u+0.5, v)-at(u-0.5, v))
			p.gradV = append(p.gradV, at(u, v+0.5)-at(u, v-0.5))
		}
	}
	return p
}

// finderPattern runs over the finder's 7 modules; its white surround is known on all sides.
func finderPattern() *pattern {
	return newPattern([]string{
		".........", ".#######.", ".#.....#.", ".#.###.#.", ".#.###.#.", ".#.###.#.", ".#.....#.", ".#######.", ".........",
	}, 0, 7)
}

// alignmentPattern runs from 1 to 4 of its 5 modules: what surrounds it is data.
func alignmentPattern() *pattern {
	return newPattern([]string{"#######", "#######", "##...##", "##.#.##", "##...##", "#######", "#######"}, 1, 4)
}

// patch is a pattern at its place in a code.
type patch struct {
	*pattern
	u, v   float64 // module coordinates of its first sample
	weight float64
}

// fitter fits patterns to a picture. Its buffers make it fit for one goroutine.
type fitter struct {
	px      *pixels
	sign    float64 // 1, or -1 for white on black
	samples []float64
	fine    []float64
	rows    []float64
}

// sharpModule is the module's edge in pixels from which a picture's edges are steeper than the patterns' ramps, so that
// it is sampled four times as densely and averaged over a module.
const sharpModule = 3

// fill samples the patch, moved by du and dv modules, and one sample of margin into f.samples; it returns the samples an
// edge.
func (f *fitter) fill(p *patch, h *homography, du, dv float64) int {
	m := p.n + 2
	f.samples = resized(f.samples, m*m)
	u, v := p.u+du, p.v+dv
	middle := float64(p.n-1) / 4
	a := h.at(u+middle, v+middle)
	eu, ev := h.at(u+middle+1, v+middle).sub(a), h.at(u+middle, v+middle+1).sub(a)
	if math.Abs(eu.X*ev.Y-eu.Y*ev.X) < sharpModule*sharpModule {
		f.raster(f.samples, m, h, u-0.5, v-0.5, 0.5)
		return m
	}
	n := 2*m + 3 // a quarter of a module apart, half a module more on each side
	f.fine, f.rows = resized(f.fine, n*n), resized(f.rows, m*n)
	f.raster(f.fine, n, h, u-1, v-1, 0.25)
	for y := range n {
		for x := range m {
			r := f.fine[y*n+2*x : y*n+2*x+5]
			f.rows[y*m+x] = r[0] + 2*(r[1]+r[2]+r[3]) + r[4]
		}
	}
	for y := range m {
		for x := range m {
			i := 2*y*m + x
			f.samples[y*m+x] = (f.rows[i] + 2*(f.rows[i+m]+f.rows[i+2*m]+f.rows[i+3*m]) + f.rows[i+4*m]) / 64
		}
	}
	return m
}

// raster samples n×n places, step modules apart from (u, v) on.
func (f *fitter) raster(out []float64, n int, h *homography, u, v, step float64) {
	for y := range n {
		vy := v + float64(y)*step
		x0, y0, z0 := h[0]*u+h[1]*vy+h[2], h[3]*u+h[4]*vy+h[5], h[6]*u+h[7]*vy+h[8]
		row := out[y*n : (y+1)*n]
		for x := range row {
			z := 1 / z0
			row[x] = f.px.at(x0*z, y0*z)
			x0, y0, z0 = x0+h[0]*step, y0+h[3]*step, z0+h[6]*step
		}
	}
}

func resized(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

// read samples the patch, moved by du and dv modules; it returns the gain and offset that map the pattern to the picture, and the correlation
// between them, which is 1 for a perfect likeness.
func (f *fitter) read(p *patch, h *homography, du, dv float64) (gain, offset, ncc float64) {
	m := f.fill(p, h, du, dv)
	var sw, ss, sww, sss, sws float64
	for y := range p.n {
		for x := range p.n {
			w, s := p.want[y*p.n+x], f.samples[(y+1)*m+x+1]
			sw, ss, sww, sss, sws = sw+w, ss+s, sww+w*w, sss+s*s, sws+w*s
		}
	}
	n := float64(p.n * p.n)
	vw, vs, cov := sww-sw*sw/n, sss-ss*ss/n, sws-sw*ss/n
	gain = cov / vw
	offset = (ss - gain*sw) / n
	if vs < 1 {
		return gain, offset, 0
	}
	return gain, offset, -f.sign * cov / math.Sqrt(vw*vs)
}

// A plane whose worst patch is still this unlike its pattern after so many steps will not find it.
const (
	hopeless      = 0.1
	hopelessAfter = 3
)

// plane improves h, in place, so that all patches lie on their patterns: Gauss-Newton with eight parameters in module
// coordinates centred on the code (Lucas and Kanade's alignment, composed from the inside). It returns the lowest
// correlation among the patches before its last step.
func (f *fitter) plane(h *homography, dim float64, patches []patch, steps int) float64 {
	half := dim / 2
	worst := 0.0
	for step := range steps {
		var a [64]float64
		var b [8]float64
		worst = 1.0
		for i := range patches {
			p := &patches[i]
			gain, offset, ncc := f.read(p, h, 0, 0)
			worst = min(worst, ncc)
			if ncc < 0.2 {
				continue
			}
			f.normal(p, gain, offset, half, &a, &b)
		}
		if step == hopelessAfter && worst < hopeless {
			return 0
		}
		for i := range 8 {
			a[i*8+i] *= 1 + 1e-6
		}
		if !solve(a[:], b[:]) {
			return 0
		}
		// The move is in coordinates of -1..1: d = C·(I+move)·C⁻¹.
		in := homography{1 / half, 0, -1, 0, 1 / half, -1, 0, 0, 1}
		out := homography{half, 0, half, 0, half, half, 0, 0, 1}
		move := homography{1 + b[0], b[1], b[2], b[3], 1 + b[4], b[5], b[6], b[7], 1}
		d := move.after(&in)
		d = out.after(&d)
		*h = h.after(&d)
		if !h.sane(dim) {
			return 0
		}
		if (math.Abs(b[2])+math.Abs(b[5])+math.Abs(b[0])+math.Abs(b[4]))*half < 0.01 {
			break
		}
	}
	return worst
}

// normal adds one patch to the normal equations of plane.
func (f *fitter) normal(p *patch, gain, offset, half float64, a *[64]float64, b *[8]float64) {
	m := p.n + 2
	weight := p.weight / (gain * gain)
	for y := range p.n {
		for x := range p.n {
			i, s := y*p.n+x, (y+1)*m+x+1
			gu := (gain*p.gradU[i] + f.samples[s+1] - f.samples[s-1]) / 2 * half
			gv := (gain*p.gradV[i] + f.samples[s+m] - f.samples[s-m]) / 2 * half
			r := gain*p.want[i] + offset - f.samples[s]
			u, v := (p.u+float64(x)/2)/half-1, (p.v+float64(y)/2)/half-1
			k := gu*u + gv*v
			j := [8]float64{gu * u, gu * v, gu, gv * u, gv * v, gv, -k * u, -k * v}
			for c := range 8 {
				jc := j[c] * weight
				b[c] += jc * r
				for d := c; d < 8; d++ {
					a[c*8+d] += jc * j[d]
				}
			}
		}
	}
	for c := range 8 {
		for d := range c {
			a[c*8+d] = a[d*8+c]
		}
	}
}

// shift finds the movement in modules near from that lays one patch on its pattern, and the correlation there.
func (f *fitter) shift(p *patch, h *homography, from Point) (moved Point, ncc float64) {
	moved = from
	for range 4 {
		var gain, offset float64
		gain, offset, ncc = f.read(p, h, moved.X, moved.Y)
		if ncc < 0.2 {
			return moved, ncc
		}
		var uu, uv, vv, bu, bv float64
		m := p.n + 2
		for y := range p.n {
			for x := range p.n {
				i, s := y*p.n+x, (y+1)*m+x+1
				gu := (gain*p.gradU[i] + f.samples[s+1] - f.samples[s-1]) / 2
				gv := (gain*p.gradV[i] + f.samples[s+m] - f.samples[s-m]) / 2
				r := gain*p.want[i] + offset - f.samples[s]
				uu, uv, vv, bu, bv = uu+gu*gu, uv+gu*gv, vv+gv*gv, bu+gu*r, bv+gv*r
			}
		}
		det := uu*vv - uv*uv
		if !(det > 1e-9) {
			return moved, 0
		}
		su, sv := (bu*vv-bv*uv)/det, (bv*uu-bu*uv)/det
		n := math.Hypot(su, sv)
		if n > 0.5 {
			su, sv = su*0.5/n, sv*0.5/n
		}
		moved = moved.add(Point{su, sv})
		if n < 0.02 {
			break
		}
	}
	return moved, ncc
}
