package qr

// modules are the grey values of a code's modules, dark low, as sampled; first is the same after local levels, soft
// after equalising too: about -1 for black and 1 for white, nearer 0 the less certain.
type modules struct {
	dim   int
	grey  []float64
	first []float64
	soft  []float64
}

// sample reads each module at five places around its centre.
func (s *seeker) sample(g *grid) *modules {
	m := &modules{dim: g.dim, grey: make([]float64, g.dim*g.dim)}
	const o = 0.2 // a fifth of a module off centre: what is averaged lies inside the module, also when the grid is a bit off
	for y := range g.dim {
		for x := range g.dim {
			u, v := float64(x)+0.5, float64(y)+0.5
			var move Point
			if len(g.lines) > 0 {
				move = g.bendAt(u, v)
			}
			u, v = u+move.X, v+move.Y
			c := g.plane.at(u, v)
			du, dv := g.plane.at(u+o, v).sub(c), g.plane.at(u, v+o).sub(c)
			sum := 2 * s.px.at(c.X, c.Y)
			sum += s.px.at(c.X+du.X, c.Y+du.Y) + s.px.at(c.X-du.X, c.Y-du.Y)
			sum += s.px.at(c.X+dv.X, c.Y+dv.Y) + s.px.at(c.X-dv.X, c.Y-dv.Y)
			m.grey[y*g.dim+x] = s.sign * sum / 6
		}
	}
	m.level()
	return m
}

// levelRadius is half the window, in modules, over which black and white are told apart: small enough for glare, large
// enough to hold both.
const levelRadius = 4

// level turns grey into soft by the black and white levels around each module.
func (m *modules) level() {
	n := m.dim
	m.soft = make([]float64, n*n)
	one := make([]float64, n*n)
	for i := range one {
		one[i] = 1
	}
	all, count := window(m.grey, n, levelRadius), window(one, n, levelRadius)
	threshold := make([]float64, n*n)
	for i := range threshold {
		threshold[i] = all[i] / count[i]
	}
	black, blacks := make([]float64, n*n), make([]float64, n*n)
	for range 2 {
		for i, v := range m.grey {
			black[i], blacks[i] = 0, 0
			if v < threshold[i] {
				black[i], blacks[i] = v, 1
			}
		}
		sb, nb := window(black, n, levelRadius), window(blacks, n, levelRadius)
		for i, v := range m.grey {
			nw := count[i] - nb[i]
			if nb[i] < 1 || nw < 1 {
				continue
			}
			lo, hi := sb[i]/nb[i], (all[i]-sb[i])/nw
			threshold[i] = (lo + hi) / 2
			m.soft[i] = max(-2, min(2, (v-threshold[i])/max(1, (hi-lo)/2)))
		}
	}
	m.first = m.soft // equalise replaces soft
}

// window sums the (2r+1)² values around each of n×n cells.
func window(in []float64, n, r int) []float64 {
	rows, out := make([]float64, n*n), make([]float64, n*n)
	for y := range n {
		s := 0.0
		for x := range min(r, n) {
			s += in[y*n+x]
		}
		for x := range n {
			if x+r < n {
				s += in[y*n+x+r]
			}
			if x-r-1 >= 0 {
				s -= in[y*n+x-r-1]
			}
			rows[y*n+x] = s
		}
	}
	for x := range n {
		s := 0.0
		for y := range min(r, n) {
			s += rows[y*n+x]
		}
		for y := range n {
			if y+r < n {
				s += rows[(y+r)*n+x]
			}
			if y-r-1 >= 0 {
				s -= rows[(y-r-1)*n+x]
			}
			out[y*n+x] = s
		}
	}
	return out
}

// equalBlock is the edge of the blocks, in modules, in which blur is measured on its own.
const equalBlock = 22

// equalise takes from each module what its eight neighbours smeared into it. How much that is, is measured block by
// block by least squares against the modules as they are read now; so a sampling point that lies off the centre counts
// as smear too. It returns how many modules changed their mind.
func (m *modules) equalise() int {
	n := m.dim
	sign := make([]float64, n*n)
	for i, v := range m.soft {
		sign[i] = 1
		if v < 0 {
			sign[i] = -1
		}
	}
	out := make([]float64, n*n)
	copy(out, m.soft)
	blocks := max(1, (n+equalBlock/2)/equalBlock)
	changed := 0
	for by := range blocks {
		for bx := range blocks {
			changed += m.equaliseBlock(sign, out, bx*n/blocks, by*n/blocks, (bx+1)*n/blocks, (by+1)*n/blocks)
		}
	}
	m.soft = out
	return changed
}

func (m *modules) equaliseBlock(sign, out []float64, x0, y0, x1, y1 int) int {
	n := m.dim
	at := func(x, y int) float64 { // the quiet zone is white
		if x < 0 || y < 0 || x >= n || y >= n {
			return 1
		}
		return sign[y*n+x]
	}
	// Unknowns: the module itself, its eight neighbours, a constant.
	row := func(x, y int) [10]float64 {
		return [10]float64{
			at(x, y), at(x-1, y-1), at(x, y-1), at(x+1, y-1), at(x-1, y), at(x+1, y), at(x-1, y+1), at(x, y+1), at(x+1, y+1), 1,
		}
	}
	var a [100]float64
	var b [10]float64
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			r := row(x, y)
			v := m.soft[y*n+x]
			for i, ri := range r {
				b[i] += ri * v
				for j := i; j < 10; j++ {
					a[i*10+j] += ri * r[j]
				}
			}
		}
	}
	for i := range 10 {
		for j := range i {
			a[i*10+j] = a[j*10+i]
		}
		a[i*10+i] += 1 // keeps a uniform block solvable
	}
	if !solve(a[:], b[:]) || b[0] < 0.1 {
		return 0
	}
	changed := 0
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			r := row(x, y)
			v := m.soft[y*n+x]
			for i := 1; i < 10; i++ {
				v -= b[i] * r[i]
			}
			v = max(-2, min(2, v/b[0]))
			if (v < 0) != (sign[y*n+x] < 0) {
				changed++
			}
			out[y*n+x] = v
		}
	}
	return changed
}

// transposed swaps rows and columns, for a code seen in a mirror.
func (m *modules) transposed() *modules {
	t := &modules{dim: m.dim, soft: make([]float64, len(m.soft))}
	for y := range m.dim {
		for x := range m.dim {
			t.soft[x*m.dim+y] = m.soft[y*m.dim+x]
		}
	}
	return t
}
