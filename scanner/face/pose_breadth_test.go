package face_test

import (
	"math"
	"testing"

	"loket/scanner/face"
)

// A head keeps its breadth as it turns, a picture of it loses the cosine.
func TestBreadth(t *testing.T) {
	mean := [5][3]float64{{-31.5, 0, 0}, {31.5, 0, 0}, {0, 37, 24}, {-27.5, 63, 1}, {27.5, 63, 1}}
	for _, c := range []struct {
		name      string
		yaw, deep float64
		want      float64
	}{
		{"straight", 0, 1, 1},
		{"a head turned by 35°", 35, 1, 1},
		{"a head turned by -50°", -50, 1, 1},
		{"a picture turned by 35°", 35, 0, math.Cos(35 * math.Pi / 180)},
		{"a picture turned by 60°", 60, 0, 0.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			sin, cos := math.Sincos(c.yaw * math.Pi / 180)
			var l face.Landmarks
			for i, m := range mean {
				l[i] = face.Point{X: 300 + 2*(m[0]*cos+c.deep*m[2]*sin), Y: 200 + 2*m[1]}
			}
			if got := l.Breadth(); math.Abs(got-c.want) > 0.03 {
				t.Errorf("%.3f, want %.3f", got, c.want)
			}
		})
	}
}
