package qr

import (
	"image"
	"image/color"
)

// luma is BT.601's luminance of opaque 8-bit colour.
func luma(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// grayOf converts a picture to luminance. Transparent pixels lie on white, as a browser shows them.
func grayOf(img image.Image) *image.Gray {
	b := img.Bounds()
	w := b.Dx()
	out := image.NewGray(image.Rect(0, 0, w, b.Dy()))
	var table [256]uint8
	if src, ok := img.(*image.Paletted); ok {
		for i, c := range src.Palette[:min(256, len(src.Palette))] {
			table[i] = grayAt(c)
		}
	}
	for y := range b.Dy() {
		dst := out.Pix[y*w : (y+1)*w]
		switch src := img.(type) {
		case *image.Gray:
			copy(dst, src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):])
		case *image.YCbCr:
			copy(dst, src.Y[src.YOffset(b.Min.X, b.Min.Y+y):])
		case *image.RGBA:
			row := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range dst {
				p := row[4*x : 4*x+4 : 4*x+4]
				dst[x] = luma(p[0], p[1], p[2]) + 255 - p[3]
			}
		case *image.NRGBA:
			row := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range dst {
				p := row[4*x : 4*x+4 : 4*x+4]
				dst[x] = overWhite(luma(p[0], p[1], p[2]), p[3])
			}
		case *image.Paletted:
			row := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range dst {
				dst[x] = table[row[x]]
			}
		default:
			for x := range dst {
				dst[x] = grayAt(img.At(b.Min.X+x, b.Min.Y+y))
			}
		}
	}
	return out
}

// overWhite lays a value of opacity a on white.
func overWhite(v, a uint8) uint8 {
	return uint8((uint32(v)*uint32(a) + 255*(255-uint32(a)) + 127) / 255)
}

func grayAt(c color.Color) uint8 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return overWhite(luma(n.R, n.G, n.B), n.A)
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

// softened averages the 5x5 pixels around each one, which takes noise and texture away. Beyond the border the picture
// repeats its last pixel.
func softened(g *image.Gray) *image.Gray {
	const r = 2
	w, h := g.Rect.Dx(), g.Rect.Dy()
	rows, out := make([]uint16, w*h), image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		src := g.Pix[y*g.Stride : y*g.Stride+w]
		sum := 0
		for i := -r; i <= r; i++ {
			sum += int(src[max(0, min(w-1, i))])
		}
		for x := range w {
			rows[y*w+x] = uint16(sum)
			sum += int(src[min(w-1, x+r+1)]) - int(src[max(0, x-r)])
		}
	}
	sums := make([]int, w)
	for i := -r; i <= r; i++ {
		for x, v := range rows[max(0, min(h-1, i))*w:][:w] {
			sums[x] += int(v)
		}
	}
	for y := range h {
		next, last := rows[min(h-1, y+r+1)*w:][:w], rows[max(0, y-r)*w:][:w]
		dst := out.Pix[y*w : (y+1)*w]
		for x := range dst {
			dst[x] = uint8((sums[x] + 12) / 25)
			sums[x] += int(next[x]) - int(last[x])
		}
	}
	return out
}
