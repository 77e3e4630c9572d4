package app_test

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"loket/app/storybook"
)

// art is the sample citizen of the stories.
func art(t *testing.T) storybook.Art { t.Helper(); return drawn() }

// drawn draws the sample citizen.
func drawn() storybook.Art {
	photo := portrait(480, 640)
	crop := image.NewRGBA(image.Rect(0, 0, 300, 300))
	draw.Draw(crop, crop.Bounds(), photo, image.Pt(90, 130), draw.Src)
	live := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(live, live.Bounds(), image.NewUniform(color.RGBA{0x2a, 0x38, 0x50, 0xff}), image.Point{}, draw.Src)
	empty := image.NewRGBA(live.Rect)
	copy(empty.Pix, live.Pix)
	draw.Draw(live, image.Rect(120, 0, 520, 480), photo, image.Pt(40, 80), draw.Src)
	phone := image.NewRGBA(live.Bounds())
	draw.Draw(phone, phone.Bounds(), image.NewUniform(color.RGBA{0x2a, 0x2c, 0x50, 0xff}), image.Point{}, draw.Src)
	draw.Draw(phone, image.Rect(215, 55, 425, 470), image.NewUniform(color.RGBA{0x1d, 0x27, 0x31, 0xff}), image.Point{}, draw.Src)
	draw.Draw(phone, image.Rect(227, 70, 413, 452), image.White, image.Point{}, draw.Src)
	code := squares(31)
	for y := range 155 {
		for x := range 155 {
			phone.Set(242+x, 150+y, code.At(x/5, y/5))
		}
	}
	return storybook.Art{Photo: photo, Probe: crop, Match: crop, Other: mirrored(crop), Live: live, Empty: empty, Phone: phone, Counter: bordered(squares(57))}
}

// mirrored is somebody else, to the eye.
func mirrored(img *image.RGBA) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			c := img.RGBAAt(img.Rect.Dx()-1-x, y)
			c.R, c.G, c.B = c.R/4*3, c.G/4*3, c.B/4*3
			out.SetRGBA(x, y, c)
		}
	}
	return out
}

// bordered is a code with the white border that it needs.
func bordered(code *image.RGBA) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, code.Rect.Dx()+8, code.Rect.Dy()+8))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, code.Rect.Add(image.Pt(4, 4)), code, image.Point{}, draw.Src)
	return out
}

// squares looks like a code of n modules; it says nothing.
func squares(n int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, n, n))
	seed := uint32(7)
	for y := range n {
		for x := range n {
			seed = seed*1664525 + 1013904223
			c := color.White
			if seed>>31 == 1 {
				c = color.Black
			}
			for _, f := range [][2]int{{0, 0}, {n - 7, 0}, {0, n - 7}} {
				if dx, dy := x-f[0], y-f[1]; dx >= -1 && dy >= -1 && dx <= 7 && dy <= 7 {
					c = color.White
					in := dx >= 0 && dy >= 0 && dx <= 6 && dy <= 6
					ring := dx == 0 || dy == 0 || dx == 6 || dy == 6
					eye := dx >= 2 && dx <= 4 && dy >= 2 && dy <= 4
					if in && (ring || eye) {
						c = color.Black
					}
				}
			}
			img.Set(x, y, c)
		}
	}
	return img
}

// portrait is a drawn face on blue, w×h.
func portrait(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.RGBA{0x6f, 0x86, 0xbe, 0xff}), image.Point{}, draw.Src)
	oval := func(cx, cy, rx, ry float64, c color.RGBA) {
		for y := range h {
			for x := range w {
				dx, dy := (float64(x)-cx)/rx, (float64(y)-cy)/ry
				if dx*dx+dy*dy <= 1 {
					img.Set(x, y, c)
				}
			}
		}
	}
	skin, hair, ink := color.RGBA{0xb0, 0x82, 0x5d, 0xff}, color.RGBA{0x24, 0x22, 0x22, 0xff}, color.RGBA{0x1a, 0x14, 0x12, 0xff}
	oval(240, 640, 190, 150, color.RGBA{0x70, 0x62, 0x70, 0xff})
	oval(240, 250, 145, 175, hair)
	oval(240, 460, 60, 100, skin)
	oval(240, 300, 115, 150, skin)
	for _, x := range []float64{190, 290} {
		oval(x, 280, 24, 14, color.RGBA{0xf4, 0xf0, 0xea, 0xff})
		oval(x, 280, 11, 12, ink)
		oval(x, 252, 30, 5, hair)
	}
	oval(240, 335, 14, 20, color.RGBA{0x9a, 0x6d, 0x4c, 0xff})
	oval(240, 390, 38, 9, color.RGBA{0x93, 0x45, 0x4a, 0xff})
	return img
}
