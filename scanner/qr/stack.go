package qr

// stack adds up the modules of successive frames of one code, so that noise, moiré and a wandering glare cancel out.
type stack struct {
	dim    int
	soft   []float64 // sum over the frames
	frames int
}

// sameCode is the share of data modules on which two frames of one code agree at least. Two different codes agree on
// half, give or take 3.5 % for the smallest version.
const sameCode = 0.65

// mostFrames bounds how long an old frame weighs.
const mostFrames = 12

// add takes a sighting that could not be read alone, and returns the text where the sum can be read. Another code, or
// another version, starts a new sum.
func (k *stack) add(s *sighting) (string, bool) {
	if s.modules == nil {
		return "", false
	}
	m := s.modules
	l, err := newLayout((m.dim - 17) / 4)
	if err != nil {
		return "", false
	}
	if k.dim != m.dim || agreement(l.order, k.soft, m.first) < sameCode {
		*k = stack{dim: m.dim, soft: make([]float64, len(m.soft))}
	}
	if k.frames == mostFrames {
		for i := range k.soft {
			k.soft[i] *= float64(mostFrames-1) / mostFrames
		}
		k.frames--
	}
	for i, v := range m.first {
		k.soft[i] += clip(v)
	}
	if k.frames++; k.frames < 2 {
		return "", false
	}
	sum := &modules{dim: k.dim, soft: make([]float64, len(k.soft))}
	for i, v := range k.soft {
		sum.soft[i] = v / float64(k.frames)
	}
	return sum.decode(l)
}

// agreement is the share of the given modules with the same sign.
func agreement(order []int32, a, b []float64) float64 {
	same := 0
	for _, i := range order {
		if (a[i] < 0) == (b[i] < 0) {
			same++
		}
	}
	return float64(same) / float64(max(1, len(order)))
}
