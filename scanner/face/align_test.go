package face_test

import (
	"errors"
	"image"
	"image/color"
	"testing"

	"loket/scanner/face"
)

// Align puts each landmark on its place in the template, however the face is
// turned, scaled or shifted, and wherever the picture's origin is.
func TestAlign(t *testing.T) {
	colours := []color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 0, 255}, {0, 255, 255, 255}}
	template := face.Portrait()
	for _, c := range []struct {
		name   string
		origin image.Point
		pose   face.Pose
		d      float64
	}{
		{"straight", image.Point{}, face.Pose{}, 80},
		{"tilted and small", image.Point{}, face.Pose{Roll: 25}, 45},
		{"tilted and large, origin elsewhere", image.Pt(100, -50), face.Pose{Roll: -40}, 120},
	} {
		t.Run(c.name, func(t *testing.T) {
			img := image.NewRGBA(image.Rect(0, 0, 640, 480).Add(c.origin))
			f := head(c.pose, 320+float64(c.origin.X), 240+float64(c.origin.Y), c.d)
			for i, p := range f.Landmarks {
				for y := -int(c.d / 6); y <= int(c.d/6); y++ {
					for x := -int(c.d / 6); x <= int(c.d/6); x++ {
						img.SetRGBA(int(p.X)+x, int(p.Y)+y, colours[i])
					}
				}
			}
			crop, err := face.Align(img, f.Landmarks, template, 224, 224)
			if err != nil {
				t.Fatal(err)
			}
			// The mean face is a little shorter than the template, so the dots have a size.
			for i, p := range template {
				if got := crop.RGBAAt(int(p.X*224), int(p.Y*224)); got != colours[i] {
					t.Errorf("landmark %d: %v, want %v", i, got, colours[i])
				}
			}
		})
	}
}

func TestAlignRefusesPointsWithoutASize(t *testing.T) {
	var same face.Landmarks
	if _, err := face.Align(image.NewRGBA(image.Rect(0, 0, 9, 9)), same, face.Portrait(), 8, 8); !errors.Is(err, face.ErrLandmarks) {
		t.Errorf("five equal points: %v", err)
	}
}
