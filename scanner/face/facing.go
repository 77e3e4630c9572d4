package face

import "math"

// What a turn by yaw does to YuNet's points and box, and how far people lie from
// it, one standard deviation: calibrated on pictures turned by known angles of
// -50 to 50 degrees, 120 webcam frames of six people (NUAA), 88 of LFW and 56
// drawn ones put on a head's relief, and 28 drawn heads that are solid. At 40
// degrees it reads 36 to 41 of the first three, 9 off as the root of mean squares.
const (
	widthMean   = 1.04 // of eyes and mouth over their height, in shape's: the same in all three
	widthSpread = 0.07 // what is left of it is the cosine
	noseShare   = 1.05 // the nose moves to the side by this share of what geometry lets expect: less on warped pictures, more on solid heads
	noseSpread  = 0.30 // of that: noses stand out by more or less
	noseAside   = 0.10 // of the face's size: noses that are not in the middle
	boxShare    = 0.25 // of its width by which the box stays behind eyes and mouth, times the sine: their plane lies before the head's axis
	boxSpread   = 0.11 // times the sine
	boxAside    = 0.03 // of its width: hair and ears to one side
)

// facing is the yaw in degrees that explains best how far the nose has moved to
// the side, how far eyes and mouth have within the head's box (both go with the
// sine), and what is left of the face's width (the cosine). It is for quality:
// the detector's nose follows some heads late. Liveness takes Pose's, as a flat
// photo narrows too when it is turned, and only its nose stays in the middle.
func (f Face) facing() float64 {
	l := f.Landmarks
	sin, cos := math.Sincos(math.Atan2(l[1].Y-l[0].Y, l[1].X-l[0].X))
	upright := func(p Point) Point { return Point{p.X*cos + p.Y*sin, p.Y*cos - p.X*sin} }
	for i, p := range l {
		l[i] = upright(p)
	}
	// The face's height gives the scale; a face wider than the mean one is not
	// turned less than not at all.
	r1, r2 := l.axes()
	height := norm(r2)
	width, nose := math.Min(r1[0]/height/widthMean, 1), r1[2]/height
	boxed := f.Box.W > 0
	ahead := 0.0
	if boxed {
		middle := upright(Point{f.Box.X + f.Box.W/2, f.Box.Y + f.Box.H/2})
		ahead = ((l[0].X+l[1].X+l[3].X+l[4].X)/4 - middle.X) / f.Box.W
	}
	best, yaw := math.Inf(1), 0.0
	for half := -170; half <= 170; half++ {
		sin, cos := math.Sincos(float64(half) / 2 * math.Pi / 180)
		w, n, b := (width-cos)/widthSpread, nose-noseShare*sin, ahead-boxShare*sin
		e := w*w + n*n/(noseAside*noseAside+noseSpread*noseSpread*sin*sin)
		if boxed {
			e += b * b / (boxAside*boxAside + boxSpread*boxSpread*sin*sin)
		}
		if e < best {
			best, yaw = e, float64(half)/2
		}
	}
	return yaw
}
