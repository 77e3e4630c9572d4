package people

// shape is what makes one face differ from another, in head units: the face is
// about two wide, the eyes lie at y = 0, y is up, z towards the camera.
type shape struct {
	width, temple, cheek, jaw, chin, long float64 // factors on the outline
	cheekbone, chinOut, brow              float64 // bumps
	eyeX, eyeY, eyeW, eyeH, eyeTilt       float64
	lid, crease                           float64
	browY, browLen, browThick, browArch   float64
	browTilt, browGap, browDark           float64
	noseLen, noseWidth, noseOut, noseTip  float64
	bridge                                float64
	mouthY, mouthW, upper, lower, smile   float64
	bow                                   float64
	ear, hairline, part                   float64
	skin, lips, iris, hair, shirt, veil   rgb
	blush, grey, spots                    float64
}

// within draws from lo to hi, rather at the ends than in the middle: faces
// that all lie near the mean are what a matcher confuses.
func within(x, lo, hi float64) float64 {
	x = x*2 - 1
	if x < 0 {
		x = -pow(-x, 0.7)
	} else {
		x = pow(x, 0.7)
	}
	return lo + (hi-lo)*(x+1)/2
}

func (p Person) shape() shape {
	r := p.random(1)
	in := func(lo, hi float64) float64 { return within(r.Float64(), lo, hi) }
	m := 0.0
	if p.Sex == Male {
		m = 1
	}
	s := shape{
		width: in(0.86, 1.1), temple: in(0.93, 1.05), cheek: in(0.92, 1.08),
		jaw: in(0.82, 1.06) + 0.08*m, chin: in(0.72, 1.12) + 0.14*m, long: in(0.91, 1.11) + 0.02*m,
		cheekbone: in(0, 0.1), chinOut: in(0, 0.08) + 0.03*m, brow: in(0, 0.04) + 0.05*m,
		eyeX: in(0.365, 0.49), eyeY: in(-0.05, 0.05), eyeW: in(0.155, 0.215), eyeH: in(0.055, 0.1) - 0.008*m, eyeTilt: in(-0.12, 0.2),
		lid: in(0, 1), crease: in(0.02, 0.07),
		browY: in(0.2, 0.33) - 0.03*m, browLen: in(0.2, 0.3), browThick: in(0.016, 0.042) + 0.014*m, browArch: in(0, 0.11) - 0.02*m,
		browTilt: in(-0.13, 0.07), browGap: in(0.1, 0.2), browDark: in(0.55, 0.95),
		noseLen: in(0.4, 0.58), noseWidth: in(0.15, 0.27) + 0.015*m, noseOut: in(0.18, 0.36), noseTip: in(0.05, 0.13),
		bridge: in(0.02, 0.14),
		mouthY: in(-0.9, -0.77), mouthW: in(0.25, 0.4), upper: in(0.035, 0.085), lower: in(0.055, 0.115), smile: in(-0.01, 0.06),
		bow: in(0, 0.025),
		ear: in(0.85, 1.2), hairline: in(0.66, 0.92), part: in(-0.6, 0.6),
		blush: in(0.2, 1), spots: r.Float64(),
	}
	s.mouthY -= 0.35 * (s.noseLen - 0.48) // a long nose leaves the mouth its place
	s.skin = mix(rgb{0.86, 0.66, 0.54}, rgb{0.40, 0.25, 0.17}, p.Tone)
	s.skin = s.skin.add(rgb{in(-0.02, 0.02), 0, in(-0.03, 0.03)})
	s.lips = mix(mix(s.skin, rgb{0.62, 0.26, 0.26}, 0.55), rgb{0.72, 0.22, 0.28}, (1-m)*r.Float64()*0.8)
	s.iris = mix(rgb{0.10, 0.055, 0.035}, rgb{0.30, 0.17, 0.09}, r.Float64())
	s.grey = max(0, p.Age-0.55) * 2 * in(0.2, 1)
	s.hair = mix(mix(rgb{0.035, 0.03, 0.03}, rgb{0.13, 0.08, 0.055}, r.Float64()*r.Float64()), rgb{0.55, 0.54, 0.53}, s.grey)
	s.shirt = cloth(r.IntN(8))
	s.veil = cloth(r.IntN(8) + 4)
	if p.Hijab {
		s.shirt = s.veil.times(0.8) // what shows beside the fall
	}
	return s
}

func cloth(i int) rgb {
	all := [...]rgb{
		{0.72, 0.74, 0.76}, {0.14, 0.22, 0.38}, {0.16, 0.34, 0.26}, {0.45, 0.13, 0.15},
		{0.20, 0.19, 0.22}, {0.55, 0.42, 0.33}, {0.26, 0.40, 0.46}, {0.62, 0.52, 0.56},
		{0.33, 0.22, 0.36}, {0.70, 0.66, 0.58}, {0.18, 0.28, 0.42}, {0.52, 0.30, 0.34},
	}
	return all[i%len(all)]
}
