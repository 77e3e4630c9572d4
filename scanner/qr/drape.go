package qr

import (
	"cmp"
	"math"
	"slices"
)

// drapeSpacing is the distance in modules between the lines of a draped mesh.
const drapeSpacing = 4

// drape lays the grid over a code that is not flat (a shirt, a bottle, a curled page). It starts at the finder patterns
// and works outwards: each crossing continues the movement of its neighbours and then slides to where the modules around
// it stand out most, since sampling off their centres mixes black with white.
func (s *seeker) drape(g *grid) grid {
	d := float64(g.dim)
	n := max(2, int(math.Round((d-7)/drapeSpacing))+1)
	out := grid{dim: g.dim, plane: g.plane, lines: make([]float64, n), bend: make([]Point, n*n)}
	for i := range n {
		out.lines[i] = 3.5 + (d-7)*float64(i)/float64(n-1)
	}
	order := make([]int, n*n)
	for i := range order {
		order[i] = i
	}
	last := n - 1
	reach := func(k int) int { // squared distance in lines to the nearest finder pattern
		x, y := k%n, k/n
		return min(x*x+y*y, (last-x)*(last-x)+y*y, x*x+(last-y)*(last-y))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(reach(a), reach(b)) })
	delta, done := make([]Point, n*n), make([]bool, n*n)
	for _, k := range order {
		x, y := k%n, k/n
		base := Point{}
		if len(g.lines) > 0 {
			base = g.bendAt(out.lines[x], out.lines[y])
		}
		start := continued(delta, done, n, x, y)
		delta[k] = s.slide(g, out.lines[x], out.lines[y], base, start)
		done[k] = true
		out.bend[k] = base.add(delta[k])
	}
	out.bend = smoothed(out.bend, n)
	return out
}

// continued predicts a crossing's movement from its neighbours that are done, going on as they changed.
func continued(delta []Point, done []bool, n, x, y int) Point {
	sum, weight := Point{}, 0.0
	in := func(x, y int) bool { return x >= 0 && y >= 0 && x < n && y < n && done[y*n+x] }
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if dx == 0 && dy == 0 || !in(x+dx, y+dy) {
				continue
			}
			near := delta[(y+dy)*n+x+dx]
			if in(x+2*dx, y+2*dy) {
				near = near.add(near.sub(delta[(y+2*dy)*n+x+2*dx]).mul(0.6))
			}
			w := 1 / float64(dx*dx+dy*dy)
			sum, weight = sum.add(near.mul(w)), weight+w
		}
	}
	if weight == 0 {
		return Point{}
	}
	return sum.mul(1 / weight)
}

// slide searches around start for the movement at which the 7x7 modules around (u, v) have the most contrast.
func (s *seeker) slide(g *grid, u, v float64, base, start Point) Point {
	d := float64(g.dim)
	u0, v0 := math.Floor(u)+0.5, math.Floor(v)+0.5
	contrast := func(move Point) float64 {
		var sum, sum2, count float64
		for j := -3.0; j <= 3; j++ {
			for i := -3.0; i <= 3; i++ {
				if x, y := u0+i, v0+j; x > 0 && y > 0 && x < d && y < d {
					p := g.plane.at(x+move.X, y+move.Y)
					t := s.px.at(p.X, p.Y)
					sum, sum2, count = sum+t, sum2+t*t, count+1
				}
			}
		}
		return sum2 - sum*sum/count
	}
	best, at := 0.0, start
	for _, step := range [2]float64{0.3, 0.1} {
		centre := at
		for y := -2.0; y <= 2; y++ {
			for x := -2.0; x <= 2; x++ {
				to := centre.add(Point{x * step, y * step})
				off := to.sub(start)
				score := contrast(base.add(to)) * (1 - 0.4*(off.X*off.X+off.Y*off.Y))
				if score > best {
					best, at = score, to
				}
			}
		}
	}
	return at
}

// smoothed averages each crossing with its neighbours above, below and beside it.
func smoothed(bend []Point, n int) []Point {
	out := make([]Point, len(bend))
	for k := range bend {
		x, y := k%n, k/n
		sum, weight := bend[k].mul(2), 2.0
		for _, o := range [4][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			if i, j := x+o[0], y+o[1]; i >= 0 && j >= 0 && i < n && j < n {
				sum, weight = sum.add(bend[j*n+i].mul(0.5)), weight+0.5
			}
		}
		out[k] = sum.mul(1 / weight)
	}
	return out
}
