package qr

import (
	"math"
	"slices"
)

// knot is an alignment pattern that may have been found.
type knot struct {
	i, j  int     // which crossing of the grid's lines
	u, v  float64 // its centre in module coordinates
	moved Point   // found at u+moved.X, v+moved.Y of the plane
	found bool
	fixed bool // inside a finder pattern: the plane is right there
}

// minAlignment is the correlation from which an alignment pattern counts as found.
const minAlignment = 0.65

// settle improves a grid by its alignment patterns: those near what is already known first, the plane again after each
// round, and the rest of their movements as the mesh.
func (s *seeker) settle(g *grid) {
	centres := alignmentCentres(g.version())
	n := len(centres)
	if n < 2 {
		return
	}
	knots := make([]knot, 0, n*n)
	for j := range n {
		for i := range n {
			fixed := i == 0 && j == 0 || i == n-1 && j == 0 || i == 0 && j == n-1
			knots = append(knots, knot{i: i, j: j, u: centres[i], v: centres[j], fixed: fixed, found: fixed})
		}
	}
	d := float64(g.dim)
	finders := []patch{{s.finder, 0, 0, 1}, {s.finder, d - 7, 0, 1}, {s.finder, 0, d - 7, 1}}
	for round := 0; ; round++ {
		added := false
		for k := range knots {
			kn := &knots[k]
			if kn.found {
				continue
			}
			reach := distance(knots, kn)
			if n > 2 && round < 2 && reach > 1.5*(centres[n-1]-centres[n-2])+1 {
				continue // its place is known better once its neighbours are found
			}
			if s.seek(g, kn, 1.5+0.1*reach) {
				added = true
			}
		}
		if !added {
			if round < 2 {
				continue
			}
			break
		}
		patches := slices.Clone(finders)
		for _, kn := range knots {
			if kn.found && !kn.fixed {
				patches = append(patches, patch{s.align, kn.u - 1.5, kn.v - 1.5, 1})
			}
		}
		before := g.plane
		if s.fitter.plane(&g.plane, d, patches, 4) == 0 && !g.plane.sane(d) {
			g.plane = before
			return
		}
		if round >= 3 {
			break
		}
	}
	s.bend(g, centres, knots)
}

// distance is how far in modules a knot is from the nearest one that is known.
func distance(knots []knot, kn *knot) float64 {
	best := math.Inf(1)
	for i := range knots {
		if k := &knots[i]; k.found {
			best = min(best, math.Hypot(k.u-kn.u, k.v-kn.v))
		}
	}
	return best
}

// seek looks for one alignment pattern within reach modules of where the plane puts it.
func (s *seeker) seek(g *grid, kn *knot, reach float64) bool {
	base := patch{s.align, kn.u - 1.5, kn.v - 1.5, 1}
	moved, ncc := s.shift(&base, &g.plane, Point{})
	if ncc >= 0.8 && moved.norm() < 1 {
		kn.moved, kn.found = moved, true
		return true
	}
	var at Point
	best := 0.0
	for y := -math.Ceil(2*reach) / 2; y <= reach; y += 0.5 {
		for x := -math.Ceil(2*reach) / 2; x <= reach; x += 0.5 {
			if like := s.ring(g, kn.u+x, kn.v+y); like > best {
				best, at = like, Point{x, y}
			}
		}
	}
	if best < 0.4 {
		return false
	}
	moved, ncc = s.shift(&base, &g.plane, at)
	if ncc < minAlignment || moved.sub(at).norm() > 1.2 {
		return false
	}
	kn.moved, kn.found = moved, true
	return true
}

// ring correlates the 5x5 modules around a place with an alignment pattern.
func (s *seeker) ring(g *grid, u, v float64) float64 {
	var sum, sum2, black float64
	for j := -2; j <= 2; j++ {
		for i := -2; i <= 2; i++ {
			p := g.plane.at(u+float64(i), v+float64(j))
			x := s.px.at(p.X, p.Y)
			sum, sum2 = sum+x, sum2+x*x
			if r := max(abs(i), abs(j)); r != 1 {
				black += x
			}
		}
	}
	variance := sum2 - sum*sum/25
	if variance < 25 {
		return 0
	}
	return -s.sign * (black - 17*sum/25) / math.Sqrt(variance*17*8/25)
}

// bend keeps what the plane does not explain as the mesh. A knot that was not found moves as its found neighbours do.
func (s *seeker) bend(g *grid, centres []float64, knots []knot) {
	n := len(centres)
	for k := range knots {
		kn := &knots[k]
		if !kn.found || kn.fixed {
			continue
		}
		base := patch{s.align, kn.u - 1.5, kn.v - 1.5, 1}
		moved, ncc := s.shift(&base, &g.plane, Point{})
		kn.moved, kn.found = moved, ncc >= minAlignment && moved.norm() < 1.5
	}
	g.lines, g.bend = centres, make([]Point, n*n)
	for k := range knots {
		kn := &knots[k]
		if kn.fixed {
			continue
		}
		if kn.found {
			g.bend[k] = kn.moved
			continue
		}
		sum, weight := Point{}, 0.0
		for _, o := range knots {
			if o.found {
				w := 1 / float64((o.i-kn.i)*(o.i-kn.i)+(o.j-kn.j)*(o.j-kn.j))
				sum, weight = sum.add(o.moved.mul(w)), weight+w
			}
		}
		if weight > 0 {
			g.bend[k] = sum.mul(1 / weight)
		}
	}
}
