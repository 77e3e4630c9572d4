package people

import "math"

// Light is the lamp or window that a person is seen by.
type Light struct {
	Azimuth   float64 // degrees; positive comes from the image's right
	Elevation float64 // degrees above the horizon
	Strength  float64 // of the lamp; 1 exposes a face well
	Fill      float64 // of the room's own light, from everywhere; 1 is an office
	Warm      float64 // 0 daylight, 1 a bulb, negative is bluish
}

// Office is even light from a ceiling and a window on the left.
func Office() Light { return Light{Azimuth: -25, Elevation: 40, Strength: 1, Fill: 1} }

// lamps is a Light worked out.
type lamps struct {
	key, half vec // directions towards the lamp, and between it and the eye
	lamp, sky rgb
	ground    rgb
}

func (l Light) lamps() lamps {
	az, el := l.Azimuth*math.Pi/180, l.Elevation*math.Pi/180
	key := vec{math.Sin(az) * math.Cos(el), math.Sin(el), math.Cos(az) * math.Cos(el)}
	tint := rgb{1 + 0.06*l.Warm, 1, 1 - 0.13*l.Warm}
	return lamps{
		key: key, half: key.add(vec{0, 0, 1}).unit(),
		lamp: tint.times(0.88 * l.Strength), sky: tint.times(0.46 * l.Fill), ground: tint.by(rgb{1, 0.93, 0.86}).times(0.26 * l.Fill),
	}
}

// shine is the light that leaves a vertex towards the camera: the lamp, softer
// at its edge and redder there as skin lets it through, the room, and a gloss.
func (l *lamps) shine(v *vertex, n vec) rgb {
	if n.z < 0 {
		n = n.times(-1)
	}
	d := n.dot(l.key)
	wrap := func(w float64) float64 { return math.Max(0, (d+w)/(1+w)) }
	soft := rgb{wrap(0.38), wrap(0.24), wrap(0.18)}
	room := mix(l.ground, l.sky, 0.5+0.5*n.y)
	c := v.colour.by(l.lamp.by(soft).times(0.35 + 0.65*v.shade).add(room.times(v.shade)))
	if h := n.dot(l.half); h > 0 && v.gloss > 0 {
		h *= h
		h *= h
		h *= h
		c = c.add(l.lamp.times(0.16 * v.gloss * h * (0.4 + h)))
	}
	// What looks away from the camera at the rim catches the least.
	return c.times(0.8 + 0.2*math.Min(1, n.z*1.8))
}
