package people

import "math"

// neck stays with the body, for the most part.
func (s *solid) neck() mesh {
	r := 0.5
	if s.person.Sex == Male {
		r = 0.6
	}
	r *= lerp(1, s.shape.width, 0.6)
	m := grid(60, 60, func(a, b float64) vertex {
		u := (a*2 - 1) * math.Pi * 0.75
		y := lerp(-3.3, -0.8, b)
		wide := r * (1 + 0.22*step(-1.8, -2.5, y))
		at := vec{wide * math.Sin(u), y, wide*0.85*math.Cos(u) - 0.18}
		shade := 0.78 - 0.42*step(-1.95, -1.35, y)
		if s.person.Sex == Male {
			at.z += 0.05 * bell(at.x, 0.1) * bell(y+1.85, 0.13)
		}
		return vertex{at: at, colour: linear(s.shape.skin.times(0.97)), gloss: 0.06, shade: shade, keep: 1}
	})
	m.fixed = 0.7
	return m
}

// body is the shoulders in a shirt; its neckline follows the sex and the seed.
func (s *solid) body() mesh {
	r := s.person.random(3)
	collar, vee := r.Float64() < 0.55, 0.25+0.35*r.Float64()
	wide := 1.95
	if s.person.Sex == Male {
		wide = 2.2
	}
	m := grid(200, 200, func(a, b float64) vertex {
		u, t := (a*2-1)*math.Pi*0.62, b
		y := lerp(-5.2, -1.82, t)
		k := pow(math.Max(0, 1-pow(math.Max(0, (y+3.4)/1.6), 2.3)), 0.5)
		slope := lerp(0.62, 1, k)
		at := vec{wide * slope * k * math.Sin(u), y, 0.95*pow(k, 0.7)*math.Cos(u) - 0.35}
		hole := vee*bell(at.x, 0.32)*1.1 + 0.3*bell(at.x, 0.62)
		keep := step(0.03, -0.03, y-(-1.82-hole))
		c := s.shape.shirt
		fold := noise2(s.person.seed+5, at.x*1.3+0.6*y, y*0.9)
		c = c.times(1 + 0.07*fold + 0.02*noise2(s.person.seed+6, at.x*90, y*90))
		edge := -1.82 - hole - y
		if collar && edge < 0.22 && edge > -0.1 {
			c = c.times(1.12 - 0.5*bell(edge-0.2, 0.025))
		} else if !collar {
			c = c.times(1 - 0.3*bell(edge-0.08, 0.02))
		}
		if collar && math.Abs(at.x) < 0.02 && edge > 0 {
			c = c.times(0.72)
		}
		return vertex{at: at, colour: linear(c), gloss: 0.02, shade: 0.92 - 0.35*bell(edge, 0.12)*bell(at.x, 0.7), keep: keep}
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
		return vertex{at: at, colour: linear(c), gloss: 0.8, shade: 0.9, keep: 1}
	})
}
