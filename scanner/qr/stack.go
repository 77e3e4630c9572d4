package qr

// stack adds up the modules of successive frames of one code, so that noise, moiré and a wandering glare cancel out.
type stack struct {
	dim    int
	soft   []float64 // sum over the frames
	frames int
}

// sameCode is the share of modules on which two frames of one code agree at least. Two different codes agree on half.
const sameCode = 0.7

// mostFrames bounds how long an old frame weighs.
const mostFrames = 12

// add takes a sighting that could not be read alone, and returns the text where the sum can be read. Another code, or
// another version, starts a new sum.
func (k *stack) add(s *sighting) (string, bool) {
	m := s.modules
	if m == nil {
		return "", false
	}
	if k.dim != m.dim || agreement(k.soft, m.soft) < sameCode {
		*k = stack{dim: m.dim, soft: make([]float64, len(m.soft))}
	}
	if k.frames == mostFrames {
		for i := range k.soft {
			k.soft[i] *= float64(mostFrames-1) / mostFrames
		}
		k.frames--
	}
	for i, v := range m.soft {
		k.soft[i] += clip(v)
	}
	if k.frames++; k.frames < 2 {
		return "", false
	}
	l, err := newLayout((k.dim - 17) / 4)
	if err != nil {
		return "", false
	}
	sum := &modules{dim: k.dim, soft: make([]float64, len(k.soft))}
	for i, v := range k.soft {
		sum.soft[i] = v / float64(k.frames)
	}
	return sum.text(l)
}

// agreement is the share of modules with the same sign.
func agreement(a, b []float64) float64 {
	same := 0
	for i := range a {
		if (a[i] < 0) == (b[i] < 0) {
			same++
		}
	}
	return float64(same) / float64(max(1, len(a)))
}
