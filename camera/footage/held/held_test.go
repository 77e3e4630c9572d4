package held_test

import (
	"image"
	"image/color"
	"math"
	"testing"

	"loket/camera/footage/held"
)

const focal = 420

// chart is 120 × 150 mm of grey with a white dot at each landmark of the mean
// face: eyes, nose, mouth corners.
func chart() held.Picture {
	img := image.NewRGBA(image.Rect(0, 0, 241, 301))
	for i := range img.Pix {
		img.Pix[i] = 90
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	p := held.Picture{Image: img, X: 120, Y: 100, PerMM: 2}
	for _, m := range marks {
		for dy := -4; dy <= 4; dy++ {
			for dx := -4; dx <= 4; dx++ {
				img.Set(int(p.X+2*m[0])+dx, int(p.Y+2*m[1])+dy, color.White)
			}
		}
	}
	return p
}

var marks = [5][2]float64{{-31.5, 0}, {31.5, 0}, {0, 37}, {-27.5, 63}, {27.5, 63}}

func TestShowAndPlaceAgree(t *testing.T) {
	for _, c := range []struct {
		name string
		s    held.Surface
		at   held.Pose
	}{
		{"flat, straight", held.Flat, held.Pose{Distance: 400}},
		{"flat, turned, tilted and aside", held.Flat, held.Pose{Yaw: 40, Pitch: -15, Roll: 10, X: 20, Y: -10, Distance: 400}},
		{"bent, turned", held.Bent(75), held.Pose{Yaw: -30, Distance: 350}},
		{"a head, turned", held.Head, held.Pose{Yaw: 25, Distance: 450}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dst := image.NewRGBA(image.Rect(0, 0, 480, 360))
			held.Show(dst, chart(), c.s, c.at, focal)
			for _, m := range marks {
				x, y := held.Place(c.s, c.at, focal, dst.Rect.Size(), m[0], m[1])
				if p := dst.RGBAAt(int(math.Round(x)), int(math.Round(y))); p.R < 200 {
					t.Errorf("at (%.0f, %.0f) is %v, not the dot", x, y, p)
				}
			}
			if p := dst.RGBAAt(2, 2); p.A != 0 {
				t.Errorf("beside it is %v", p)
			}
		})
	}
}

// In a turn a head's nose moves against eyes and mouth, a sheet's does not, a
// bent sheet's a little.
func TestOnlyAHeadsNoseStandsOut(t *testing.T) {
	aside := func(s held.Surface, yaw float64) float64 {
		var x [5]float64
		for i, m := range marks {
			x[i], _ = held.Place(s, held.Pose{Yaw: yaw, Distance: 1e6}, 1e6, image.Point{}, m[0], m[1])
		}
		return x[2] - (x[0]+x[1]+x[3]+x[4])/4
	}
	for _, c := range []struct {
		name      string
		s         held.Surface
		low, high float64 // millimetres at 30 degrees
	}{
		{"flat", held.Flat, -0.01, 0.01},
		{"bent round 75 mm", held.Bent(75), 1, 4},
		{"a head", held.Head, 10, 14},
	} {
		if got := aside(c.s, 30); got < c.low || got > c.high {
			t.Errorf("%s: %.2f mm", c.name, got)
		}
	}
}

// Through a hole what was there before is seen.
func TestHolesShowWhatIsBehind(t *testing.T) {
	p := chart()
	for y := 80; y < 120; y++ {
		for x := 40; x < 80; x++ {
			p.Image.SetRGBA(x, y, color.RGBA{})
		}
	}
	dst := image.NewRGBA(image.Rect(0, 0, 480, 360))
	for i := range dst.Pix {
		dst.Pix[i] = 7
	}
	at := held.Pose{Distance: 400}
	held.Show(dst, p, held.Flat, at, focal)
	x, y := held.Place(held.Flat, at, focal, dst.Rect.Size(), -30, 0)
	if got := dst.RGBAAt(int(x), int(y)); got.R != 7 {
		t.Errorf("in the hole is %v", got)
	}
	x, y = held.Place(held.Flat, at, focal, dst.Rect.Size(), 0, 0)
	if got := dst.RGBAAt(int(x), int(y)); got.R != 90 {
		t.Errorf("beside the hole is %v", got)
	}
}
