package face_test

import (
	"math"
	"testing"

	"loket/scanner/face"
)

// Quality's yaw follows a turned head, also one whose nose or box the detector got wrong;
// liveness's takes the nose alone.
func TestQualityFollowsThreeWitnesses(t *testing.T) {
	yaw := func(f face.Face) float64 {
		return face.Measure(scene(texture), []face.Face{f}, face.Guide(640, 480)).Component(face.Yaw).Value
	}
	for _, want := range []float64{0, 20, -20, 40, -40} {
		if got := yaw(head(face.Pose{Yaw: want}, 320, 240, 85)); math.Abs(got-want) > 3 {
			t.Errorf("turned by %v: %v", want, got)
		}
	}
	turned, straight := head(face.Pose{Yaw: 40}, 320, 240, 85), head(face.Pose{}, 320, 240, 85)
	for _, c := range []struct {
		name      string
		change    func(f *face.Face)
		low, high float64
	}{
		{"a late nose", func(f *face.Face) { f.Landmarks[2].X = (f.Landmarks[2].X + 320) / 2 }, 28, 42},
		{"a box in the middle", func(f *face.Face) { f.Box = straight.Box }, 28, 42},
		{"no box", func(f *face.Face) { f.Box = face.Box{} }, 35, 45},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := turned
			c.change(&f)
			if got := yaw(f); got < c.low || got > c.high {
				t.Errorf("%v, want %v to %v", got, c.low, c.high)
			}
		})
	}
	late := turned
	late.Landmarks[2].X = (late.Landmarks[2].X + 320) / 2
	if got, nose := yaw(late), late.Landmarks.Pose().Yaw; nose > got-3 {
		t.Errorf("with a late nose: quality %v, liveness %v", got, nose)
	}
	narrow := straight
	for i := range narrow.Landmarks {
		narrow.Landmarks[i].X = 320 + 0.85*(narrow.Landmarks[i].X-320)
	}
	if got := yaw(narrow); math.Abs(got) > 10 {
		t.Errorf("a narrow face, 3 spreads from the mean, is turned by %v", got)
	}
}

// A head that turns stays as large and as far away as it was.
func TestTurningKeepsTheSize(t *testing.T) {
	value := func(yaw float64, code face.Code) float64 {
		f := head(face.Pose{Yaw: yaw}, 320, 240, 85)
		return face.Measure(scene(texture), []face.Face{f}, face.Guide(640, 480)).Component(code).Value
	}
	for _, yaw := range []float64{-40, -20, 20, 40} {
		for _, code := range []face.Code{face.EyeDistance, face.HeadSize} {
			if was, is := value(0, code), value(yaw, code); math.Abs(is/was-1) > 0.06 {
				t.Errorf("%s turned by %v: %v, was %v", code, yaw, is, was)
			}
		}
	}
}

// What spoils one thing leaves the others: a picture scaled down stays sharp, and light from one side is no blur.
func TestComponentsKeepApart(t *testing.T) {
	measure := func(shade func(x, y int) float64, eyes float64) face.Quality {
		return face.Measure(scene(shade), []face.Face{head(face.Pose{}, 320, 240, eyes)}, face.Guide(640, 480))
	}
	was := measure(texture, 85)
	small := measure(func(x, y int) float64 { return texture(320+(x-320)*3, 240+(y-240)*3) }, 85.0/3)
	sideLit := measure(func(x, y int) float64 { return texture(x, y) * min(1, 0.15+float64(max(x-280, 0))/80) }, 85)
	fall := func(q face.Quality, c face.Code) float64 { return was.Component(c).Score - q.Component(c).Score }
	if fall(small, face.EyeDistance) < 40 || fall(small, face.Sharpness) > 10 {
		t.Errorf("scaled down: eye distance fell by %v, sharpness by %v", fall(small, face.EyeDistance), fall(small, face.Sharpness))
	}
	if fall(sideLit, face.Balance) < 40 || fall(sideLit, face.Sharpness) > 10 {
		t.Errorf("side-lit: balance fell by %v, sharpness by %v", fall(sideLit, face.Balance), fall(sideLit, face.Sharpness))
	}
	var no face.Face
	if q := face.Measure(scene(texture), []face.Face{no}, face.Guide(640, 480)); q.Component(face.Yaw).Measured {
		t.Errorf("five points in one place are no face: %+v", q)
	}
}
