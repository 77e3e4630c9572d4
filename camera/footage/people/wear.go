package people

import "math"

// neck stays with the body, for the most part.
func (s *solid) neck() mesh {
	r := 0.5
	if s.person.Sex == Male {
		r = 0.6
	}
	r *= lerp(1, s.shape.width, 0.6)
	shoulder, girth := s.shoulders()
	m := grid(60, 60, func(a, b float64) vertex {
		u := (a*2 - 1) * math.Pi * 0.75
		y := lerp(-3.3, -0.8, b)
		// It widens into the shoulders where a collar shows it, and no further.
		flare := math.Max(r, shoulder*girth.at(math.Min(y, -1.6))-0.05)
		wide := lerp(r, flare, step(-1.3, -1.6, y)*step(-2.0, -1.84, y))
		at := vec{wide * math.Sin(u), y, r*0.85*math.Cos(u) - 0.18}
		shade := 0.8 - 0.4*step(-1.8, -1.35, y)
		if s.person.Sex == Male {
			at.z += 0.05 * bell(at.x, 0.1) * bell(y+1.66, 0.12)
		}
		return vertex{at: at, colour: linear(s.shape.skin.times(0.97)), gloss: 0.06, shade: shade, keep: 1}
	})
	m.fixed = 0.85
	return m
}

// shoulders gives half their width, and which share of it the body has at a
// height.
func (s *solid) shoulders() (float64, spline) {
	wide := 1.95
	if s.person.Sex == Male {
		wide = 2.25
	}
	return wide, spline{{-5.4, 1.04}, {-3, 1.02}, {-2.55, 0.97}, {-2.25, 0.82}, {-2.0, 0.58}, {-1.82, 0.41}, {-1.6, 0.31}}
}

// body is the shoulders in a shirt; its neckline follows the sex and the seed.
func (s *solid) body() mesh {
	r := s.person.random(3)
	collar, vee := r.Float64() < 0.55, 0.1+0.3*r.Float64()
	const top = -1.6
	wide, girth := s.shoulders()
	m := grid(220, 240, func(a, b float64) vertex {
		u := (a*2 - 1) * math.Pi * 0.62
		y := lerp(-5.2, top, b)
		k := girth.at(y)
		at := vec{wide * k * math.Sin(u), y, (0.62+0.38*k)*0.95*math.Cos(u) - 0.32}
		edge := -1.79 - vee*bell(at.x, 0.26) - 0.04*bell(at.x, 0.6) - y // below the neckline
		c := s.shape.shirt
		fold := noise2(s.person.Seed+5, at.x*1.3+0.6*y, y*0.9)
		c = c.times(1 + 0.07*fold + 0.02*noise2(s.person.Seed+6, at.x*90, y*90))
		switch {
		case collar && edge < 0.2:
			c = c.times(1.1 - 0.45*bell(edge-0.19, 0.02))
		case collar && math.Abs(at.x) < 0.018:
			c = c.times(0.75)
		case !collar:
			c = c.times(1 - 0.3*bell(edge-0.07, 0.018))
		}
		return vertex{at: at, colour: linear(c), gloss: 0.02, shade: 0.92 - 0.3*bell(edge, 0.1)*bell(at.x, 0.7), keep: step(-0.03, 0.03, edge)}
	})
	m.fixed = 1
	return m
}

// glasses are tubes round the lenses, over the nose and to the ears.
func (s *solid) glasses() []mesh {
	sh := &s.shape
	r := s.person.random(4)
	frame := [...]rgb{{0.02, 0.02, 0.025}, {0.12, 0.05, 0.03}, {0.25, 0.24, 0.24}, {0.02, 0.03, 0.08}}[r.IntN(4)]
	thick := 0.017 + 0.014*r.Float64()
	rx, ry, power := 0.29, 0.26, 2.0
	if s.person.Glasses == Square {
		rx, ry, power = 0.32, 0.22, 4.2
	}
	k := 0.92 + 0.16*r.Float64()
	rx, ry = math.Min(rx*k, sh.eyeX-0.07), ry*k
	z := 1.12 + sh.bridge*0.4
	cy := sh.eyeY*sh.long - 0.03
	lens := func(side float64) func(t float64) vec {
		return func(t float64) vec {
			c, n := math.Cos(t*2*math.Pi), math.Sin(t*2*math.Pi)
			x := rx * math.Copysign(pow(math.Abs(c), 2/power), c)
			y := ry * math.Copysign(pow(math.Abs(n), 2/power), n)
			return vec{side*sh.eyeX + x, cy + y, z - 0.1*pow(math.Abs(sh.eyeX+side*x), 2)}
		}
	}
	bridge := func(t float64) vec {
		x := lerp(-1, 1, t) * (sh.eyeX - rx)
		return vec{x, cy + 0.06 + 0.03*(1-pow(lerp(-1, 1, t), 2)), z + 0.03}
	}
	arm := func(side float64) func(t float64) vec {
		width, _ := sh.outline()
		end := width.at(0) + 0.05
		return func(t float64) vec {
			return vec{side * lerp(sh.eyeX+rx, end, math.Min(1, t*1.6)), cy + 0.05, lerp(z-0.1*pow(sh.eyeX+rx, 2), -0.1, t)}
		}
	}
	return []mesh{
		tube(140, thick, frame, lens(-1)), tube(140, thick, frame, lens(1)), tube(24, thick, frame, bridge),
		tube(60, thick, frame, arm(-1)), tube(60, thick, frame, arm(1)),
	}
}

// tube runs along a path from 0 to 1.
func tube(n int, radius float64, c rgb, path func(t float64) vec) mesh {
	return grid(n, 9, func(a, b float64) vertex {
		p := path(a)
		along := path(a + 0.01).sub(path(a - 0.01)).unit()
		side := along.cross(vec{0, 0, 1}).unit()
		up := side.cross(along).unit()
		w := b * 2 * math.Pi
		at := p.add(side.times(radius * math.Cos(w))).add(up.times(radius * math.Sin(w)))
		return vertex{at: at, colour: linear(c), gloss: 0.22, shade: 0.8, keep: 1}
	})
}
