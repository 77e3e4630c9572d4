package qr

import (
	"image"
	"image/color"
)

// grayOf converts a picture to luminance (BT.601 weights). Transparent pixels lie on white, as a browser shows them.
func grayOf(img image.Image) *image.Gray {
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	w := b.Dx()
	switch src := img.(type) {
	case *image.Gray:
		for y := range b.Dy() {
			copy(out.Pix[y*w:(y+1)*w], src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):])
		}
	case *image.RGBA:
		for y := range b.Dy() {
			row := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):]
			dst := out.Pix[y*w : (y+1)*w]
			for x := range dst {
				p := row[4*x : 4*x+4 : 4*x+4]
				v := (19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16
				dst[x] = uint8(v + 255 - uint32(p[3]))
			}
		}
	case *image.YCbCr:
		for y := range b.Dy() {
			copy(out.Pix[y*w:(y+1)*w], src.Y[src.YOffset(b.Min.X, b.Min.Y+y):])
		}
	default:
		for y := range b.Dy() {
			for x := range w {
				c := color.RGBAModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.RGBA)
				v := (19595*uint32(c.R) + 38470*uint32(c.G) + 7471*uint32(c.B) + 1<<15) >> 16
				out.Pix[y*w+x] = uint8(v + 255 - uint32(c.A))
			}
		}
	}
	return out
}

// halved averages 2x2 pixels into one; an odd last row or column is dropped.
func halved(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx()/2, g.Rect.Dy()/2
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		a := g.Pix[2*y*g.Stride:]
		b := g.Pix[(2*y+1)*g.Stride:]
		dst := out.Pix[y*w : (y+1)*w]
		for x := range dst {
			dst[x] = uint8((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) / 4)
		}
	}
	return out
}

// doubled enlarges to twice the size, linear between pixel centres.
func doubled(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, 2*w, 2*h))
	for y := range 2 * h {
		y0 := y / 2
		y1 := max(0, min(h-1, y0+(y&1)*2-1))
		a, b := g.Pix[y0*g.Stride:], g.Pix[y1*g.Stride:]
		dst := out.Pix[y*out.Stride:]
		for x := range 2 * w {
			x0 := x / 2
			x1 := max(0, min(w-1, x0+(x&1)*2-1))
			dst[x] = uint8((9*int(a[x0]) + 3*int(a[x1]) + 3*int(b[x0]) + int(b[x1]) + 8) / 16)
		}
	}
	return out
}

// inverted turns black into white.
func inverted(g *image.Gray) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, g.Rect.Dx(), g.Rect.Dy()))
	for y := range g.Rect.Dy() {
		src := g.Pix[y*g.Stride:]
		dst := out.Pix[y*out.Stride : (y+1)*out.Stride]
		for x := range dst {
			dst[x] = 255 - src[x]
		}
	}
	return out
}
