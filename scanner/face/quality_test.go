package face_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"loket/scanner/face"
)

// head is a face whose features a scaled orthographic camera sees under a pose,
// from the same mean face as in pose.go, eyes d pixels apart. As the plane of
// eyes and mouth lies before the head's axis, the box stays behind when it turns.
func head(p face.Pose, cx, cy, d float64) face.Face {
	mean := [5][3]float64{{-31.5, 0, 0}, {31.5, 0, 0}, {0, 37, 24}, {-27.5, 63, 1}, {27.5, 63, 1}}
	rad := math.Pi / 180
	sy, cyaw := math.Sincos(p.Yaw * rad)
	sp, cp := math.Sincos(p.Pitch * rad)
	sr, cr := math.Sincos(p.Roll * rad)
	var f face.Face
	for i, m := range mean {
		x, y, z := m[0], m[1]-30, m[2]
		y, z = y*cp-z*sp, y*sp+z*cp // pitch: the nose goes up
		x = x*cyaw + z*sy           // yaw: the nose goes to the right
		x, y = x*cr-y*sr, x*sr+y*cr // roll: clockwise
		s := d / 63
		f.Landmarks[i] = face.Point{X: cx + s*x, Y: cy + s*y}
	}
	f.Box = face.Box{X: cx - d - 0.25*2*d*sy, Y: cy - 1.3*d, W: 2 * d, H: 2.5 * d}
	f.Score = 1
	return f
}

func TestPose(t *testing.T) {
	for _, want := range []face.Pose{
		{}, {Yaw: 20}, {Yaw: -35}, {Pitch: 15}, {Pitch: -20}, {Roll: 12}, {Roll: -25},
	} {
		t.Run(fmt.Sprint(want), func(t *testing.T) {
			got := head(want, 320, 240, 80).Landmarks.Pose()
			if math.Abs(got.Yaw-want.Yaw) > 2 || math.Abs(got.Pitch-want.Pitch) > 2 || math.Abs(got.Roll-want.Roll) > 2 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// scene is a 640×480 picture with a face-like texture whose luminance is shade.
func scene(shade func(x, y int) float64) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			l := shade(x, y)
			img.SetRGBA(x, y, color.RGBA{uint8(l), uint8(l), uint8(l), 255})
		}
	}
	return img
}

// texture is smooth light and dark with some fine detail.
func texture(x, y int) float64 {
	fine := 25 * math.Sin(float64(x)*1.1) * math.Sin(float64(y)*1.3)
	return 128 + 60*math.Sin(float64(x)/17)*math.Sin(float64(y)/13) + fine
}

func TestMeasure(t *testing.T) {
	straight := head(face.Pose{}, 320, 240, 85)
	for _, c := range []struct {
		name  string
		img   *image.RGBA
		faces []face.Face
		want  face.Hint
		code  face.Code
	}{
		{"good", scene(texture), []face.Face{straight}, "", ""},
		{"nobody", scene(texture), nil, face.NoFace, face.OneFace},
		{"two", scene(texture), []face.Face{straight, head(face.Pose{}, 500, 240, 75)}, face.OtherPerson, face.OneFace},
		{"far away", scene(texture), []face.Face{head(face.Pose{}, 320, 240, 40)}, face.Closer, face.HeadSize},
		{"too near", scene(texture), []face.Face{head(face.Pose{}, 320, 240, 150)}, face.Further, face.HeadSize},
		{"looks to the right", scene(texture), []face.Face{head(face.Pose{Yaw: 30}, 320, 240, 85)}, face.TurnLeft, face.Yaw},
		{"looks to the left", scene(texture), []face.Face{head(face.Pose{Yaw: -30}, 320, 240, 85)}, face.TurnRight, face.Yaw},
		{"looks up", scene(texture), []face.Face{head(face.Pose{Pitch: 40}, 320, 240, 85)}, face.ChinDown, face.Pitch},
		{"looks down", scene(texture), []face.Face{head(face.Pose{Pitch: -40}, 320, 240, 85)}, face.ChinUp, face.Pitch},
		{"tilted", scene(texture), []face.Face{head(face.Pose{Roll: 30}, 320, 240, 85)}, face.Straighten, face.Roll},
		{"dark", scene(func(x, y int) float64 { return texture(x, y) / 6 }), []face.Face{straight}, face.MoreLight, face.Luminance},
		{"glaring", scene(func(x, y int) float64 { return 225 + texture(x, y)/8 }), []face.Face{straight}, face.LessLight, face.Luminance},
		{"glare on the brow", scene(func(x, y int) float64 {
			if y < 250 {
				return 255
			}
			return texture(x, y) / 2
		}), []face.Face{straight}, face.LessLight, face.Exposure},
		{"left in shadow", scene(func(x, y int) float64 { return texture(x, y) * min(1, 0.25+float64(max(x-240, 0))/160) }), []face.Face{straight}, face.LightLeft, face.Balance},
		{"right in shadow", scene(func(x, y int) float64 { return texture(x, y) * min(1, 0.25+float64(max(400-x, 0))/160) }), []face.Face{straight}, face.LightRight, face.Balance},
		{"fog", scene(func(x, y int) float64 { return 128 + math.Floor(texture(x, y)/128) }), []face.Face{straight}, face.FlatPicture, face.DynamicRange},
		{"blurred", scene(func(x, y int) float64 { return 128 + 60*math.Sin(float64(x)/17)*math.Sin(float64(y)/13) }), []face.Face{straight}, face.HoldStill, face.Sharpness},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := face.Measure(c.img, c.faces, face.Guide(640, 480))
			weakest, pass := q.Weakest()
			if q.Hint != c.want || pass != (c.want == "") || !pass && weakest.Code != c.code {
				t.Errorf("hint %q of %s (pass %v), want %q of %s\n%+v", q.Hint, weakest.Code, pass, c.want, c.code, q.Components)
			}
		})
	}
}

func TestWhatNothingMeasuresNeverPasses(t *testing.T) {
	q := face.Measure(scene(texture), []face.Face{head(face.Pose{}, 320, 240, 85)}, face.Guide(640, 480))
	for _, code := range []face.Code{face.Eyes, face.Mouth, face.Glasses, face.Mask, face.Hat} {
		if c := q.Component(code); c.Measured || c.Passes() || c.Score != 0 {
			t.Errorf("%s claims %+v", code, c)
		}
	}
}

// The formulas of OFIQ at points worked out by hand.
func TestScores(t *testing.T) {
	guide := face.Box{W: 350, H: 450}
	at := func(f face.Face, code face.Code) float64 {
		return face.Measure(scene(texture), []face.Face{f}, guide).Component(code).Score
	}
	for _, c := range []struct {
		name string
		got  float64
		want float64
	}{
		{"eyes 70 px apart: 100/(1+e^0)", at(head(face.Pose{}, 320, 240, 70), face.EyeDistance), 50},
		{"eyes 110 px apart: 100/(1+e^-2)", at(head(face.Pose{}, 320, 240, 110), face.EyeDistance), 88},
		{"roll 45: 100·cos²", at(head(face.Pose{Roll: 45}, 320, 240, 80), face.Roll), 50},
		{"one face", at(head(face.Pose{}, 320, 240, 80), face.OneFace), 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			if math.Abs(c.got-c.want) > 1 {
				t.Errorf("got %v, want %v", c.got, c.want)
			}
		})
	}
}
