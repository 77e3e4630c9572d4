package face

import "math"

// How far the two witnesses of yaw lie, one standard deviation: the width of the
// eyes and mouth over their height differs by 6 % between people (at 5 % a narrow
// drawn face counted as turned); a nose by 20 % in how far it stands out, and by
// 0.05 of the face to the side.
const (
	widthSpread = 0.06
	noseSpread  = 0.20
	noseAside   = 0.05
)

// facing is the yaw in degrees that explains best both how far the nose has
// moved to the side (the sine) and what is left of the face's width (the
// cosine). It is for quality: from some 30 degrees detectors follow the width
// better than the nose. Liveness takes Pose's, as a flat photo narrows too when
// it is turned, and only its nose stays in the middle.
func (l Landmarks) facing() float64 {
	slope := math.Atan2(l[1].Y-l[0].Y, l[1].X-l[0].X)
	sin, cos := math.Sincos(slope)
	for i, p := range l {
		l[i] = Point{p.X*cos + p.Y*sin, p.Y*cos - p.X*sin}
	}
	// The face's height gives the scale; a face wider than the mean one is not
	// turned less than not at all.
	r1, r2 := l.axes()
	height := norm(r2)
	width, nose := math.Min(r1[0]/height, 1), r1[2]/height
	best, yaw := math.Inf(1), 0.0
	for half := -170; half <= 170; half++ {
		sin, cos := math.Sincos(float64(half) / 2 * math.Pi / 180)
		w, n := (width-cos)/widthSpread, nose-sin
		if e := w*w + n*n/(noseAside*noseAside+noseSpread*noseSpread*sin*sin); e < best {
			best, yaw = e, float64(half)/2
		}
	}
	return yaw
}
