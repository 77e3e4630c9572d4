package people

import "math"

const (
	crown  = 1.36  // y of the top of the skull
	bottom = -1.42 // y of the underside of the chin
)

// outline gives half the width and the front depth of the head at height y.
func (s *shape) outline() (width, depth spline) {
	w := s.width
	width = spline{
		{bottom, 0}, {-1.39, 0.2 * w * s.chin}, {-1.3, 0.34 * w * s.chin}, {-1.12, 0.53 * w * (s.chin + s.jaw) / 2},
		{-0.85, 0.74 * w * s.jaw}, {-0.5, 0.875 * w * lerp(s.jaw, s.cheek, 0.6)}, {-0.15, 0.95 * w * s.cheek},
		{0.25, 0.96 * w * lerp(s.cheek, s.temple, 0.7)}, {0.65, 0.95 * w * s.temple}, {1.0, 0.8 * w * s.temple}, {1.22, 0.5 * w}, {crown, 0},
	}
	depth = spline{
		{bottom, 0.55}, {-1.38, 0.8}, {-1.25, 0.93 + s.chinOut}, {-1.08, 0.96 + s.chinOut*0.6}, {-0.85, 1.0},
		{-0.4, 1.0}, {0, 1.0}, {0.3, 1.03 + s.brow*0.6}, {0.6, 1.0}, {0.95, 0.84}, {1.22, 0.5}, {crown, 0},
	}
	return width, depth
}

// skull is the bare surface at angle u (0 is the front, radians) and height y;
// out lifts it along the outline, for hair and cloth.
func (s *shape) skull(width, depth spline, u, y, out float64) vec {
	w, d := width.at(y)+out, depth.at(y)+out
	sin, cos := math.Sin(u), math.Cos(u)
	x := w * math.Copysign(pow(math.Abs(sin), 0.92), sin)
	if cos < 0 { // the back of the head is rounder and deeper
		return vec{x, y * s.long, cos * (d*0.35 + 0.75)}
	}
	return vec{x, y * s.long, d * pow(cos, 0.78)}
}

// relief is how far the features stand out at (x, y) of the face plane.
func (s *shape) relief(x, y float64) float64 {
	ax := math.Abs(x)
	ex, ey := ax-s.eyeX, y-s.eyeY
	h := -0.13 * bell(ex, 0.23) * bell(ey-0.01, 0.15) // sockets
	h += 0.055 * bell(ex, 0.15) * bell(ey, 0.09)      // eyeballs
	h += s.brow * bell(ex*0.8, 0.3) * bell(y-s.browY, 0.1)
	h += s.cheekbone * bell(ax-0.55, 0.22) * bell(y+0.28, 0.2)
	h += 0.03 * bell(ax-0.42, 0.25) * bell(y+0.6, 0.25)

	tip := -s.noseLen // height of the tip
	if y < 0.35 && y > tip-0.3 {
		t := clamp((0.25-y)/(0.25-tip), 0, 1.3) // 0 between the brows, 1 at the tip
		rise := lerp(s.bridge, s.noseOut, t*t) * step(0.34, 0.12, y) * step(tip-0.19, tip+0.02, y)
		half := lerp(0.085, s.noseWidth*0.46, t)
		h += rise * bell(x, half)
		h += (s.noseTip + 0.02) * bell(x, s.noseWidth*0.55) * bell(y-tip+0.01, 0.11)
		wing := bell(ax-s.noseWidth*0.82, s.noseWidth*0.38) * bell(y-tip+0.045, 0.075)
		h += 0.15 * wing
	}
	lip := bell(x, s.mouthW*0.95)
	m := y - s.mouthY
	h += lip * (0.05 + s.upper*0.5) * bell(m-s.upper*0.75, s.upper*1.1)
	h += lip * (0.05 + s.lower*0.4) * bell(m+s.lower*0.7, s.lower*0.9)
	h -= 0.04 * step(1.05, 0.8, ax/s.mouthW) * bell(m, 0.022)
	h -= 0.04 * bell(x, 0.25) * bell(m+s.lower+0.12, 0.07)   // under the lip
	h -= 0.018 * bell(x, 0.035) * bell(m-s.upper-0.07, 0.06) // philtrum
	h += s.chinOut * bell(x, 0.22) * bell(y+1.24, 0.13)
	return h
}

// face is the front and sides of the head, dense where the features are.
func (s *solid) face() mesh {
	sh := &s.shape
	width, depth := sh.outline()
	m := grid(460, 520, func(a, b float64) vertex {
		t := a*2 - 1
		u := (0.45*t + 0.55*t*t*t) * 2.45
		y := lerp(bottom+0.001, crown-0.001, b)
		at := sh.skull(width, depth, u, y, 0)
		if cos := math.Cos(u); cos > 0 {
			at.z += sh.relief(at.x, y) * step(0, 0.45, cos)
		}
		return vertex{at: vec{at.x, y, at.z}, keep: 1}
	})
	for i := range m.points {
		v := &m.points[i]
		v.colour, v.gloss, v.shade = s.skin(v.at, 0)
		v.at.y *= sh.long
	}
	return m.renormal()
}

// renormal works the normals out again after the points have moved.
func (m mesh) renormal() mesh {
	points := m.points
	return grid(m.cols, m.rows, func(a, b float64) vertex {
		return points[int(b*float64(m.rows-1)+0.5)*m.cols+int(a*float64(m.cols-1)+0.5)]
	})
}

// ear is on the image's left (-1) or right (1).
func (s *solid) ear(side float64) mesh {
	width, _ := s.shape.outline()
	x0 := width.at(-0.1) - 0.03
	k := s.shape.ear
	return grid(40, 40, func(a, b float64) vertex {
		u, w := (a*2-1)*math.Pi, (b-0.5)*math.Pi
		x, y, z := math.Cos(w)*math.Cos(u), math.Sin(w), math.Cos(w)*math.Sin(u)
		rim := math.Hypot(y, z)
		dent := 0.05 * bell(rim-0.35, 0.3)
		at := vec{side * (x0 + 0.11*k*(x*0.9+0.25) + 0.06*z*-1 - dent), -0.12*s.shape.long + 0.29*k*y*(1+0.12*y), -0.12 + 0.17*k*z*(1+0.25*y)}
		tone := mix(s.shape.skin, rgb{0.55, 0.25, 0.2}, 0.12)
		return vertex{at: at, colour: linear(tone.times(1 - 0.35*bell(rim-0.3, 0.25))), gloss: 0.1, shade: 0.8, keep: 1}
	})
}
