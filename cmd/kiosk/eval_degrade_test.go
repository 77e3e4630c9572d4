package main

import (
	"image"
	"image/color"
	"math"
	"testing"

	"loket/scanner/face"
)

// A turned head shows its nose to the side and its face narrower by the cosine; by no angle it is the picture as it was.
func TestTurnedIsATurn(t *testing.T) {
	const mm = 1.5 // pixels
	place := func(x, y float64) face.Point { return face.Point{X: 320 + mm*x, Y: 200 + mm*y} }
	marks := face.Landmarks{place(-31.5, 0), place(31.5, 0), place(0, 37), place(-27.5, 63), place(27.5, 63)}
	colours := [5]color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 0, 255}, {0, 255, 255, 255}}
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for i, p := range marks {
		for y := -3; y <= 3; y++ {
			for x := -3; x <= 3; x++ {
				img.SetRGBA(int(p.X)+x, int(p.Y)+y, colours[i])
			}
		}
	}
	for _, yaw := range []float64{-45, -20, 0, 20, 45} {
		out := turned(img, marks, yaw)
		sin, cos := math.Sincos(yaw * math.Pi / 180)
		for i, depth := range [5]float64{0, 0, 24, 2, 2} {
			var sum, n float64
			for y := range 480 {
				for x := range 640 {
					if out.RGBAAt(x, y) == colours[i] {
						sum += float64(x)
						n++
					}
				}
			}
			want := 320 + (marks[i].X-320)*cos + mm*depth*sin
			if n == 0 || math.Abs(sum/n-want) > 4 {
				t.Errorf("turned by %v: point %d at %.1f (%v pixels), want %.1f", yaw, i, sum/n, n, want)
			}
		}
	}
}
