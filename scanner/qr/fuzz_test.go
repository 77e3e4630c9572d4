package qr_test

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"
	"time"

	"loket/scanner/qr"
)

// TestOddPictures are sizes at which a loop that looks ahead would fall off.
func TestOddPictures(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	for _, size := range [][2]int{{0, 0}, {1, 1}, {1, 500}, {500, 1}, {20, 20}, {21, 21}, {22, 23}, {40, 21}, {99, 101}, {320, 33}} {
		img := image.NewRGBA(image.Rect(0, 0, size[0], size[1]))
		for i := range img.Pix {
			img.Pix[i] = uint8(rnd.IntN(2) * 255)
		}
		r := qr.NewReader(qr.Options{})
		for range 3 {
			if got := r.Read(img, time.Second); len(got.Symbols) > 0 {
				t.Errorf("%v: noise said %q", size, got.Symbols[0].Text)
			}
		}
		if got := qr.Decode(img); len(got.Symbols) > 0 {
			t.Errorf("%v: noise said %q", size, got.Symbols[0].Text)
		}
	}
}

// TestSubImage reads a part of a larger picture, whose bounds do not begin at zero, in every kind of image.
func TestSubImage(t *testing.T) {
	code, err := qr.Encode("IKD1:ABC", 5, qr.LevelM)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		img  interface {
			image.Image
			SubImage(image.Rectangle) image.Image
		}
	}{
		{"gray", image.NewGray(image.Rect(0, 0, 300, 300))},
		{"rgba", image.NewRGBA(image.Rect(0, 0, 300, 300))},
		{"nrgba", image.NewNRGBA(image.Rect(0, 0, 300, 300))},
		{"16 bits", image.NewRGBA64(image.Rect(0, 0, 300, 300))},
		{"palette", image.NewPaletted(image.Rect(0, 0, 300, 300), nil)},
		{"ycbcr", image.NewYCbCr(image.Rect(0, 0, 300, 300), image.YCbCrSubsampleRatio420)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			paint(tt.img, code, image.Pt(60, 50))
			got := qr.Decode(tt.img.SubImage(image.Rect(50, 40, 260, 250)))
			if len(got.Symbols) != 1 || got.Symbols[0].Text != "IKD1:ABC" {
				t.Fatalf("got %+v", got)
			}
		})
	}
}

// FuzzDecode reads arbitrary bytes as a picture of arbitrary width, alone and drawn over a real code.
func FuzzDecode(f *testing.F) {
	code, err := qr.Encode("IKD1:ABC", 3, qr.LevelL)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(code.Pix, uint16(code.Rect.Dx()), false)
	f.Add([]byte{0, 255, 0, 255}, uint16(2), true)
	f.Add(code.Pix[:len(code.Pix)/2], uint16(code.Rect.Dx()), true)
	f.Fuzz(func(t *testing.T, pix []byte, width uint16, over bool) {
		w := int(width)%200 + 1
		if len(pix) > 40_000 {
			return
		}
		img := image.NewRGBA(image.Rect(0, 0, w, max(1, len(pix)/w)))
		for i := range img.Pix {
			img.Pix[i] = 255
			if i%4 != 3 && i/4 < len(pix) {
				img.Pix[i] = pix[i/4]
			}
		}
		if over {
			img = image.NewRGBA(image.Rect(0, 0, code.Rect.Dx(), code.Rect.Dy()))
			paint(img, code, image.Point{})
			for i, p := range pix {
				if at := 4 * (i*37 + w) % len(img.Pix); p > 128 {
					img.Pix[at] ^= p
				}
			}
		}
		r := qr.NewReader(qr.Options{})
		r.Read(img, time.Second)
		r.Read(img, time.Second)
	})
}

// paint lays a drawn code on a white picture of any kind.
func paint(img image.Image, code *image.Gray, at image.Point) {
	white := func(x, y int) bool {
		p := image.Pt(x, y).Sub(at)
		return !p.In(code.Rect) || code.GrayAt(p.X, p.Y).Y > 128
	}
	b := img.Bounds()
	if p, ok := img.(*image.Paletted); ok {
		p.Palette = color.Palette{color.Black, color.White}
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.Gray{}
			if white(x, y) {
				c.Y = 255
			}
			switch m := img.(type) {
			case draw.Image:
				m.Set(x, y, c)
			case *image.YCbCr:
				m.Y[m.YOffset(x, y)], m.Cb[m.COffset(x, y)], m.Cr[m.COffset(x, y)] = c.Y, 128, 128
			}
		}
	}
}
