package people

import "math"

// cover is what is on the head: hair, or a hijab.
func (s *solid) cover() []mesh {
	if s.person.Hijab {
		return s.hijab()
	}
	meshes := []mesh{s.cap()}
	switch s.person.Hair {
	case Long:
		meshes = append(meshes, s.curtain(-2.6, 1.16))
	case Fringe:
		meshes = append(meshes, s.curtain(-1.45, 1.14))
	}
	return meshes
}

// cap is the hair that lies on the skull, ending at the hairline.
func (s *solid) cap() mesh {
	sh, p := &s.shape, s.person
	width, depth := sh.outline()
	lift := map[Hair]float64{Crop: 0.03, Short: 0.13, Parted: 0.15, Receding: 0.045, Fringe: 0.13, Long: 0.12, Tied: 0.06}[p.Hair]
	m := grid(300, 240, func(a, b float64) vertex {
		u := (a*2 - 1) * math.Pi * 0.98
		y := lerp(-0.9, crown-0.002, b)
		au := math.Abs(u)
		line := s.hairline(u)
		rough := 0.035 * noise2(p.Seed+11, u*14, y*3)
		in := step(-0.05, 0.05, y-line+rough)
		tuft := 1 + 0.18*noise2(p.Seed+12, u*5, y*3)
		out := lift * tuft * step(0, 0.25, y-line+0.03)
		if p.Hair == Parted {
			out *= 1 - 0.75*bell(u-sh.part*0.9, 0.06)*step(0.3, 0.7, y)
		}
		if p.Hair == Short {
			out *= 1 + 0.5*step(0.6, 1.1, y)*step(1.4, 0.4, au)
		}
		at := sh.skull(width, depth, u, y, out+0.012)
		at.y += out * step(0.4, 1.2, y) * 1.1
		c, gloss := s.strands(u, y)
		keep := in
		if p.Hair == Crop || p.Hair == Receding {
			c = mix(sh.skin, c, 0.5+0.45*in)
		}
		return vertex{at: at, colour: linear(c), gloss: gloss, shade: 0.9 - 0.25*step(0.15, 0, y-line), keep: keep}
	})
	return m
}

// hairline is the height at which the hair begins at angle u.
func (s *solid) hairline(u float64) float64 {
	sh := &s.shape
	au := math.Abs(u)
	front := sh.hairline + 0.04*noise2(s.person.Seed+13, u*3, 0)
	side := 0.05 // the temple
	switch s.person.Hair {
	case Receding:
		front += 0.32 * (0.35 + 0.65*bell(au-0.55, 0.4))
	case Crop:
		front -= 0.02
	case Fringe:
		front = 0.40 + 0.03*noise2(s.person.Seed+13, u*9, 1)
		side = -0.3
	case Parted:
		front -= 0.1 * step(0.1, 0.7, math.Copysign(1, -sh.part)*(u-sh.part*0.9))
	case Long:
		front += 0.12 * bell(u, 0.25)
		front -= 0.25 * step(0.3, 0.8, au)
		side = -0.5
	case Tied:
		side = 0.1
	}
	line := lerp(front, side, step(0.62, 1.12, au))
	burn := side - 0.35
	if s.person.Sex == Female {
		burn = side - 0.2
	}
	line = lerp(line, burn, step(1.12, 1.3, au))
	return lerp(line, -0.85, step(1.75, 2.3, au)) // behind the ears down to the nape
}

// strands colours hair: dark, finely streaked along its fall.
func (s *solid) strands(u, y float64) (rgb, float64) {
	p := s.person
	n := 0.5*noise2(p.Seed+14, u*70, y*2.2) + 0.35*noise2(p.Seed+15, u*24, y*1.3) + 0.15*noise2(p.Seed+16, u*150, y*5)
	c := s.shape.hair.times(1 + 0.6*n)
	if s.shape.grey > 0 {
		c = mix(c, rgb{0.7, 0.69, 0.68}, clamp(s.shape.grey*(0.3+0.5*noise2(p.Seed+17, u*90, y*1.5)), 0, 0.8))
	}
	return c, 0.25 + 0.2*math.Max(0, n)
}

// curtain hangs behind the face down to low; wide is its half width.
func (s *solid) curtain(low, wide float64) mesh {
	sh := &s.shape
	return grid(160, 160, func(a, b float64) vertex {
		u := (a*2 - 1) * math.Pi * 0.62
		y := lerp(low, 0.75, b)
		w := wide * sh.width * (1 - 0.1*step(-0.6, 0.7, y) + 0.07*step(-0.8, -2.2, y) + 0.02*noise2(s.person.Seed+18, y*2, u))
		at := vec{w * math.Sin(u), y * sh.long, 0.55*math.Cos(u) - 0.28}
		front := step(0.66, 0.78, math.Abs(math.Sin(u))) // open where the face and neck are
		end := step(low, low+0.1, y+0.06*noise2(s.person.Seed+19, u*30, 0))
		c, gloss := s.strands(u*1.3, y)
		if front*end < 0.5 {
			at.z = -0.35 // what is behind the neck
			return vertex{at: at, colour: linear(c.times(0.55)), gloss: 0.05, shade: 0.5, keep: end}
		}
		return vertex{at: at, colour: linear(c), gloss: gloss, shade: 0.85, keep: end}
	})
}

// hijab is a cloth close round the face, and its fall over the shoulders.
func (s *solid) hijab() []mesh {
	sh, seed := &s.shape, s.person.Seed
	width, depth := sh.outline()
	top := 0.60 + 0.12*(sh.hairline-0.66)/0.26
	fold := func(x, y float64) float64 {
		return 0.5*noise2(seed+21, x*2.2+y*0.8, y*1.1) + 0.5*noise2(seed+22, x*5+y*2.5, y*1.6)
	}
	rim := func(x, y float64) float64 { // below 0 inside the opening for the face
		cy := (top - 1.37) / 2
		h := (top + 1.37) / 2
		half := 0.86 * sh.width * lerp(sh.cheek, sh.jaw, step(0, -0.9, y)*0.7) * lerp(1, 0.86, step(-0.5, -1.15, y))
		return pow(math.Abs(x)/half, 2.3) + pow(math.Abs(y-cy)/h, 2.5) - 1
	}
	head := grid(300, 280, func(a, b float64) vertex {
		u := (a*2 - 1) * math.Pi * 0.95
		y := lerp(-1.75, crown-0.002, b)
		under := step(-1.1, -1.7, y) // below the jaw the cloth goes in towards the neck
		out := 0.075 + 0.03*fold(u*2, y)
		at := sh.skull(width, depth, u, math.Max(y, -1), out)
		at = vec{at.x * (1 - 0.2*under), y*sh.long + 0.09*step(0.3, 1.3, y), at.z * (1 - 0.55*under)}
		d := 1.0
		if math.Abs(u) < math.Pi/2 {
			d = rim(at.x, y)
		}
		c := sh.veil.times(1 + 0.1*fold(u*2, y) - 0.3*bell(d-0.06, 0.04))
		return vertex{at: at, colour: linear(c), gloss: 0.03, shade: 0.95 - 0.3*bell(d, 0.12) - 0.35*under, keep: step(-0.04, 0.04, d)}
	})
	fall := grid(260, 240, func(a, b float64) vertex {
		u := (a*2 - 1) * math.Pi * 0.7
		y := lerp(-3.8, -1.1, b)
		wide := lerp(width.at(-1)+0.04, 2.2, step(-1.2, -2.75, y)) + 0.05*step(-1.4, -2.4, y)*fold(u*1.5, y*0.6)
		deep := lerp(0.52, 1.25, step(-1.3, -2.6, y)) + 0.07*step(-1.4, -2, y)*fold(u*2, y)
		at := vec{wide * math.Sin(u), y * lerp(1, sh.long, 0.5), deep * math.Cos(u)}
		drape := 0.16 * bell(math.Mod(math.Abs(at.x*1.2+0.5*y+0.4*noise2(seed+24, y, 1)), 0.6)-0.3, 0.1)
		c := sh.veil.times(1 + 0.12*fold(u*1.6, y) - drape*step(-1.5, -1.9, y))
		return vertex{at: at, colour: linear(c), gloss: 0.03, shade: 0.92 - 0.4*step(-1.95, -1.4, y), keep: 1}
	})
	fall.fixed = 0.8
	return []mesh{head, fall}
}
