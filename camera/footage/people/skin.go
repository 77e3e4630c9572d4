package people

import "math"

// skin paints the face at a point of the face plane (before it is stretched to
// its length): colour in linear light, gloss and how open to the sky it lies.
// closed is 0 for open eyes, 1 for shut.
func (s *solid) skin(at vec, closed float64) (rgb, float64, float64) {
	sh, seed := &s.shape, s.person.Seed
	x, y := at.x, at.y
	if at.z < 0 { // behind the cheeks there is only plain skin
		x = math.Copysign(1.2, x)
	}
	ax := math.Abs(x)
	c := sh.skin
	c = c.times(1 + 0.025*noise2(seed, x*5, y*5) + 0.02*noise2(seed, x*17, y*17) + 0.015*noise2(seed, x*60, y*60))
	red := sh.blush * (0.5*bell(ax-0.5, 0.25)*bell(y+0.35, 0.2) + 0.5*bell(x, 0.16)*bell(y+sh.noseLen, 0.12) + 0.2*bell(y+1.2, 0.2)*bell(x, 0.3))
	c = mix(c, c.by(rgb{1.0, 0.78, 0.72}), red*0.8)
	tired := (0.25 + 0.5*s.person.Age) * bell(ax-sh.eyeX, 0.2) * bell(y-sh.eyeY+0.15, 0.07)
	c = c.by(mix(rgb{1, 1, 1}, rgb{0.76, 0.7, 0.7}, tired))
	for _, m := range s.spots {
		if d := math.Hypot(x-m.x, y-m.y); d < m.z*2 {
			c = mix(c, sh.skin.times(0.35), 0.8*step(m.z*1.3, m.z*0.7, d))
		}
	}
	shade := 1.0
	shade -= 0.42 * bell(ax-sh.eyeX*0.72, 0.14) * bell(y-sh.eyeY-0.07, 0.11) // beside the bridge, under the brow
	shade -= 0.2 * bell(ax-sh.eyeX, 0.22) * bell(y-sh.eyeY-0.1, 0.07)
	shade -= 0.4 * bell(x, sh.noseWidth*1.1) * bell(y+sh.noseLen+0.16, 0.06)
	shade -= 0.28 * bell(x, 0.2) * bell(y-sh.mouthY+sh.lower+0.11, 0.05)
	shade -= 0.5 * step(-1.22, -1.42, y)
	shade -= 0.14 * step(0.6, 1.0, ax)
	shade -= 0.22 * bell(ax-sh.noseWidth*1.15, 0.05) * bell(y+sh.noseLen+0.03, 0.1)
	fold := sh.noseWidth + 0.06 + 0.5*(-sh.noseLen-y)
	shade -= (0.08 + 0.3*s.person.Age) * bell(ax-fold, 0.035) * step(sh.mouthY-0.05, sh.mouthY+0.15, y) * step(-sh.noseLen+0.06, -sh.noseLen-0.06, y)
	if s.person.Age > 0.4 {
		lines := bell(math.Mod(y*7+0.25*x*x+0.2*noise2(seed, x*2, 9)+9, 1)-0.5, 0.12) * step(0.42, 0.5, y) * step(0.95, 0.7, y) * step(0.55, 0.3, ax)
		shade -= 0.16 * (s.person.Age - 0.4) * 1.6 * lines
		crow := bell(math.Mod(y*16+4*(ax-sh.eyeX)+9, 1)-0.5, 0.18) * bell(ax-sh.eyeX-sh.eyeW-0.1, 0.07) * bell(y-sh.eyeY, 0.09)
		shade -= 0.25 * (s.person.Age - 0.4) * crow
	}
	gloss := 0.16 + 0.3*bell(x, 0.12)*bell(y+sh.noseLen-0.08, 0.25) + 0.2*bell(x, 0.4)*bell(y-0.55, 0.2) + 0.12*bell(ax-0.52, 0.18)*bell(y+0.2, 0.14)

	c, shade = s.beard(c, shade, x, y)
	c = s.mouth(c, x, y)
	nostril := bell(ax-sh.noseWidth*0.42, sh.noseWidth*0.2) * bell(y+sh.noseLen+0.095, 0.024)
	c = c.times(1 - 0.88*nostril)
	c = s.brows(c, x, y)
	lin := linear(c)
	if at.z > 0 {
		lin, gloss, shade = s.eye(lin, gloss, shade, x, y, closed)
	}
	return lin, gloss, clamp(shade, 0.2, 1)
}

func (s *solid) mouth(c rgb, x, y float64) rgb {
	sh := &s.shape
	t := x / sh.mouthW
	if t < -1.25 || t > 1.25 {
		return c
	}
	mid := sh.mouthY + sh.smile*t*t - 0.012*bell(t, 0.25)
	edge := math.Max(0, 1-t*t)
	up := mid + sh.upper*1.35*pow(edge, 0.75) - sh.bow*bell(t, 0.16)
	low := mid - sh.lower*1.3*pow(edge, 0.6)
	in := step(up+0.012, up-0.012, y) * step(low-0.016, low+0.012, y) * step(1.02, 0.95, math.Abs(t))
	lip := sh.lips
	if y > mid {
		lip = lip.times(0.84)
	}
	lip = lip.times(1 + 0.06*noise2(s.person.Seed, x*70, y*6) + 0.18*bell(y-mid+sh.lower*0.65, 0.02)*bell(t, 0.45))
	c = mix(c, lip, 0.92*in)
	line := bell(y-mid, 0.012+0.006*edge) * step(1.1, 0.92, math.Abs(t))
	return c.times(1 - 0.78*line)
}

func (s *solid) brows(c rgb, x, y float64) rgb {
	sh := &s.shape
	ax := math.Abs(x)
	t := (ax - sh.browGap) / (sh.browLen * 2) // 0 at the inner end, 1 at the outer
	if t < -0.15 || t > 1.15 {
		return c
	}
	mid := sh.eyeY + sh.browY + sh.browArch*(1-4*(t-0.62)*(t-0.62)) + sh.browTilt*(t-0.5)*0.8
	thick := sh.browThick * (1.15 - 0.75*step(0.45, 1.05, t)) * step(-0.1, 0.12, t)
	hairs := 0.75 + 0.25*noise2(s.person.Seed+3, (x+y*0.7*math.Copysign(1, x))*75, y*18)
	d := math.Abs(y-mid) / math.Max(thick, 1e-3)
	a := step(1.35, 0.5, d) * step(-0.12, 0.1, t) * step(1.1, 0.9, t)
	return mix(c, sh.hair.add(rgb{0.02, 0.012, 0.01}), a*hairs*sh.browDark)
}

// eyeDistance is 1 on the rim of an eye as wide as it opens, less inside.
func (s *solid) eyeDistance(x, y float64) float64 {
	sh := &s.shape
	return math.Hypot((math.Abs(x)-sh.eyeX)/(sh.eyeW*1.15), (y/1-sh.eyeY)/(sh.eyeH*2.1))
}

func (s *solid) eye(c rgb, gloss, shade, x, y, closed float64) (rgb, float64, float64) {
	if s.eyeDistance(x, y) > 1.85 {
		return c, gloss, shade
	}
	sh := &s.shape
	side := math.Copysign(1, x)
	t := (x*side - sh.eyeX) / sh.eyeW // -1 inner corner, 1 outer
	base := sh.eyeY + sh.eyeTilt*sh.eyeW*t*0.9
	arc := pow(math.Max(0, 1-t*t), 0.62)
	open := 1 - closed
	top := base + sh.eyeH*1.12*arc*(open*2-1)*lerp(1, 0.8, closed)*(1-0.12*t)
	low := base - sh.eyeH*0.82*arc*lerp(1, 1.05, closed)
	if closed > 0.5 {
		top = math.Max(top, low)
	}
	const soft = 0.009
	in := step(low-soft, low+soft, y) * step(top+soft, top-soft, y) * step(1.02, 0.97, math.Abs(t))

	white := rgb{0.80, 0.77, 0.74}.times(1 - 0.3*math.Abs(t))
	white = white.times(1 - 0.45*step(0.055, 0.0, top-y)) // under the upper lid
	if t < -0.72 {
		white = mix(white, rgb{0.62, 0.3, 0.28}, step(-0.72, -0.95, t)*0.7)
	}
	ball := linear(white)
	r := 0.094
	dx, dy := x-side*sh.eyeX, y-sh.eyeY-sh.eyeH*0.12
	d := math.Hypot(dx, dy)
	iris := mix(sh.iris, sh.iris.times(2.3), step(r, 0, d)*(0.5+0.5*math.Max(0, -dy/r)))
	ball = mix(ball, linear(iris), step(r+0.008, r-0.008, d))
	ball = mix(ball, linear(sh.iris.times(0.3)), bell(d-r, 0.012)*0.8)
	ball = mix(ball, rgb{0.003, 0.003, 0.003}, step(0.046, 0.036, d))
	ball = mix(ball, rgb{0.95, 0.97, 1}, step(0.022, 0.012, math.Hypot(dx+0.028, dy-0.034)))
	c = mix(c, ball, in)
	gloss = lerp(gloss, 0.02, in)
	shade = lerp(shade, 0.95, in*0.9)

	lash := bell(y-top-0.004, 0.015) * step(1.08, 0.9, math.Abs(t))
	if s.person.Sex == Female {
		lash = bell(y-top-0.006, 0.021) * step(1.12, 0.95, math.Abs(t))
	}
	c = mix(c, rgb{0.006, 0.004, 0.004}, 0.92*lash)
	c = c.times(1 - 0.4*bell(y-low, 0.012)*step(1.05, 0.85, math.Abs(t)))
	fold := sh.eyeY + sh.eyeTilt*sh.eyeW*t*0.9 + sh.eyeH*1.12*pow(math.Max(0, 1.2-t*t), 0.5) + sh.crease
	c = c.times(1 - 0.45*sh.lid*bell(y-fold, 0.014)*step(1.25, 0.9, math.Abs(t))*(1-closed))
	return c, gloss, shade
}

func (s *solid) beard(c rgb, shade, x, y float64) (rgb, float64) {
	p, sh := s.person, &s.shape
	if p.Sex != Male {
		return c, shade
	}
	ax := math.Abs(x)
	lip := sh.mouthY + sh.upper + 0.09
	moustache := bell(y-lip-0.01+0.35*ax*ax, 0.065) * step(sh.mouthW*1.25, sh.mouthW*0.8, ax) * (1 - 0.4*bell(x, 0.03))
	chin := step(sh.mouthY-sh.lower-0.05, sh.mouthY-sh.lower-0.16, y) * step(0.36, 0.2, ax)
	round := bell(ax-sh.mouthW*1.08, 0.07) * step(lip+0.02, lip-0.06, y)
	line := -0.42 - 0.62*step(0.95, 0.35, ax) // the beard's upper edge, lower towards the mouth
	jaw := step(line+0.06, line-0.08, y) * step(sh.mouthW*1.0, sh.mouthW*1.25, ax+0.3*step(sh.mouthY-sh.lower, sh.mouthY-sh.lower-0.15, y))
	var a float64
	switch p.Beard {
	case Stubble:
		a = 0.45 * math.Max(math.Max(jaw, chin), moustache)
	case Moustache:
		a = 0.95 * moustache
	case Goatee:
		a = 0.93 * math.Max(math.Max(moustache, round), chin)
	case FullBeard:
		a = 0.94 * math.Max(math.Max(jaw, chin), math.Max(moustache, round))
	default:
		a = 0.08 * math.Max(math.Max(jaw, chin), moustache)
	}
	a *= clamp(0.85+0.35*noise2(p.Seed+7, x*55, y*28), 0, 1)
	return mix(c, sh.hair.add(rgb{0.02, 0.015, 0.012}), clamp(a, 0, 1)), shade
}
