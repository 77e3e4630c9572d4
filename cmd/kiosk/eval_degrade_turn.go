package main

import (
	"image"
	"math"
	"math/rand/v2"

	"loket/camera/footage/held"
	"loket/scanner/face"
)

// A head for turning: half its breadth and half its length, 76 and 95 mm for a mean adult, make a round of 85 mm; the
// nose's tip stands 24 mm before the plane of eyes and mouth, as in the mean face of face.Landmarks.Pose.
const (
	headRound = 85
	headNose  = 24
)

// turn puts the picture on a head's relief and turns that by 35 to 45 degrees, to the side that the head looks to: a
// three-quarter view, which anybody calls turned, with both eyes still in sight. Beyond 20 degrees no picture is taken
// (scanner/face's limit of yaw).
func turn(img *image.RGBA, f face.Face, r *rand.Rand) (*image.RGBA, float64, error) {
	yaw := between(r, 35, 45)
	if f.Landmarks.Pose().Yaw < 0 {
		yaw = -yaw
	}
	return turned(img, f.Landmarks, yaw), yaw, nil
}

// turned shows a picture of a face as if its head were turned by yaw degrees, positive to the picture's right: the relief
// that the liveness challenge is measured with (held.Relief), seen from far away, eyes 63 mm apart, turned about the axis
// between the eyes and the mouth. What stood beside the head is stretched to its new outline.
func turned(img *image.RGBA, l face.Landmarks, yaw float64) *image.RGBA {
	sin, cos := math.Sincos(yaw * math.Pi / 180)
	relief := held.Relief(headRound, headNose)
	eyesBack := headRound - math.Sqrt(headRound*headRound-31.5*31.5) // behind the foremost line
	mm := math.Hypot(l[1].X-l[0].X, l[1].Y-l[0].Y) / 63
	middle, eyes := (l[0].X+l[1].X+l[3].X+l[4].X)/4, (l[0].Y+l[1].Y)/2
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(img.Rect)
	source, near := make([]float64, w), make([]float64, w)
	for y := range h {
		low, high := math.Inf(1), math.Inf(-1)
		for i := range near {
			near[i] = math.Inf(-1)
		}
		lastX := math.NaN()
		for s := -float64(headRound); s <= headRound; s += 0.25 {
			z := relief(s, (float64(y)-eyes)/mm).Z + eyesBack
			x, depth := middle+mm*(s*cos+z*sin), z*cos-s*sin
			low, high = math.Min(low, x), math.Max(high, x)
			for p := int(math.Ceil(lastX)); lastX < x && p <= int(x); p++ {
				if p >= 0 && p < w && depth >= near[p] {
					near[p], source[p] = depth, middle+mm*s
				}
			}
			lastX = x
		}
		for x := range w {
			at := float64(x)
			switch {
			case at < low:
				at *= (middle - mm*headRound) / low
			case at > high:
				rest := float64(w-1) - high
				at = float64(w-1) - (float64(w-1)-at)*(float64(w-1)-middle-mm*headRound)/math.Max(rest, 1)
			case !math.IsInf(near[x], -1):
				at = source[x]
			}
			from := min(max(int(at), 0), w-2)
			part := min(max(at-float64(from), 0), 1)
			a, b := img.Pix[y*img.Stride+4*from:], out.Pix[y*out.Stride+4*x:]
			for c := range 4 {
				b[c] = uint8((1-part)*float64(a[c]) + part*float64(a[c+4]) + 0.5)
			}
		}
	}
	return out
}
