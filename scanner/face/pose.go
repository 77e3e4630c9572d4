package face

import "math"

// Pose is how a head is turned, in degrees: yaw to the right of the picture,
// pitch upwards, roll clockwise are positive.
type Pose struct{ Yaw, Pitch, Roll float64 }

// shape is a mean face in millimetres, x to the right of the picture, y down,
// z towards the camera: eye centres, nose tip, mouth corners. x and y are the
// means of YuNet's points on 240 near-frontal webcam faces (NUAA), scaled to
// eyes 63 mm apart; how far the nose stands out is an adult mean.
var shape = [5][3]float64{{-31.5, 0, 0}, {31.5, 0, 0}, {0, 37, 24}, {-27.5, 63, 1}, {27.5, 63, 1}}

// Pose estimates how the head is turned, by the scaled orthographic camera that
// fits the five landmarks to a mean face best (DeMenthon and Davis 1995, one
// step). Noses differ, so pitch is good to about 10 degrees only.
func (l Landmarks) Pose() Pose {
	r1, r2 := l.axes()
	n1, n2 := norm(r1), norm(r2)
	for k := range 3 {
		r1[k] /= n1
		r2[k] /= n2
	}
	r3 := [3]float64{r1[1]*r2[2] - r1[2]*r2[1], r1[2]*r2[0] - r1[0]*r2[2], r1[0]*r2[1] - r1[1]*r2[0]}
	n3 := norm(r3)
	degrees := func(rad float64) float64 { return rad * 180 / math.Pi }
	// A head turned by yaw shows its z axis (the nose) to the side: x of it is
	// r1's z, y is r2's.
	return Pose{
		Yaw:   degrees(math.Asin(clamp(r1[2], -1, 1))),
		Pitch: degrees(-math.Atan2(r2[2], r3[2]/n3)),
		Roll:  degrees(math.Atan2(l[1].Y-l[0].Y, l[1].X-l[0].X)),
	}
}

// Breadth is how broad the face is seen against its height, 1 for the mean
// face. However a head is turned it keeps its own, as the nose stands out while
// the eyes draw together; a picture of one loses the cosine of the turn. NaN
// where the points span no face.
func (l Landmarks) Breadth() float64 {
	r1, r2 := l.axes()
	return norm(r1) / norm(r2)
}

// axes are the picture's axes as linear forms of the mean face, in pixels a
// millimetre: x, then y.
func (l Landmarks) axes() (r1, r2 [3]float64) {
	// Centred least squares: each picture axis is a linear form of the shape.
	var mean [3]float64
	var mx, my float64
	for i, s := range shape {
		for k := range mean {
			mean[k] += s[k] / 5
		}
		mx += l[i].X / 5
		my += l[i].Y / 5
	}
	var m [3][3]float64
	var vx, vy [3]float64
	for i, s := range shape {
		for j := range 3 {
			for k := range 3 {
				m[j][k] += (s[j] - mean[j]) * (s[k] - mean[k])
			}
			vx[j] += (s[j] - mean[j]) * (l[i].X - mx)
			vy[j] += (s[j] - mean[j]) * (l[i].Y - my)
		}
	}
	return solve(m, vx), solve(m, vy)
}

// solve is Cramer's rule.
func solve(m [3][3]float64, v [3]float64) [3]float64 {
	det := func(a, b, c [3]float64) float64 {
		return a[0]*(b[1]*c[2]-b[2]*c[1]) - a[1]*(b[0]*c[2]-b[2]*c[0]) + a[2]*(b[0]*c[1]-b[1]*c[0])
	}
	all := det(m[0], m[1], m[2])
	var out [3]float64
	for k := range out {
		n := m
		for j := range n {
			n[j][k] = v[j]
		}
		out[k] = det(n[0], n[1], n[2]) / all
	}
	return out
}

func norm(v [3]float64) float64 { return math.Sqrt(v[0]*v[0] + v[1]*v[1] + v[2]*v[2]) }

func clamp(x, low, high float64) float64 { return math.Max(low, math.Min(high, x)) }
