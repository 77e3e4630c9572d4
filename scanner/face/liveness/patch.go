package liveness

import (
	"image"
	"math"

	"loket/scanner/face"
)

// What two looks are compared at, in millimetres of the mean face: its eyes are
// 63 mm apart and the origin lies between them, x to the right of the picture,
// y down.
const (
	pixel       = 1.5 // a side
	left, right = -42, 42
	top, bottom = -26, 82
	margin      = 40 // more on each side of the turned look
	none        = -1 // luminance of what no picture shows
)

// patch is the luminance of a face, upright.
type patch struct {
	at        []float64
	w, h      int
	left, top float64
}

// upright cuts a face out so that the middles of its eyes and of its mouth come
// to lie as on the mean face, more millimetres wider than compared, and
// says where its landmarks then are. Those middles keep their distance in a turn.
func upright(img *image.RGBA, l face.Landmarks, more float64) (patch, face.Landmarks) {
	ex, ey := (l[0].X+l[1].X)/2, (l[0].Y+l[1].Y)/2
	// The y axis in pixels a millimetre; the x axis stands at a right angle to it.
	dx, dy := ((l[3].X+l[4].X)/2-ex)/63, ((l[3].Y+l[4].Y)/2-ey)/63
	p := patch{left: left - more, top: top - more}
	p.w, p.h = int((right-left+2*more)/pixel)+1, int((bottom-top+2*more)/pixel)+1
	p.at = make([]float64, p.w*p.h)
	for j := range p.h {
		for i := range p.w {
			x, y := p.left+float64(i)*pixel, p.top+float64(j)*pixel
			p.at[j*p.w+i] = luminance(img, ex+dy*x+dx*y, ey-dx*x+dy*y)
		}
	}
	var at face.Landmarks
	n := dx*dx + dy*dy
	for i, q := range l {
		x, y := q.X-ex, q.Y-ey
		at[i] = face.Point{X: (x*dy - y*dx) / n, Y: (x*dx + y*dy) / n}
	}
	return p, at
}

// luminance is bilinear, 0..255.
func luminance(img *image.RGBA, x, y float64) float64 {
	x, y = x-float64(img.Rect.Min.X), y-float64(img.Rect.Min.Y)
	if !(x >= 0 && y >= 0 && x < float64(img.Rect.Dx()-1) && y < float64(img.Rect.Dy()-1)) {
		return none
	}
	x0, y0 := int(x), int(y)
	fx, fy := x-float64(x0), y-float64(y0)
	at := func(i int) float64 {
		return 0.2126*float64(img.Pix[i]) + 0.7152*float64(img.Pix[i+1]) + 0.0722*float64(img.Pix[i+2])
	}
	i := y0*img.Stride + 4*x0
	j := i + img.Stride
	return (1-fy)*((1-fx)*at(i)+fx*at(i+4)) + fy*((1-fx)*at(j)+fx*at(j+4))
}

// blurred averages over 2·r+1 pixels each way, twice.
func (p patch) blurred(r int) patch {
	for range 2 {
		for _, along := range [2]struct{ step, n, line, lines int }{{1, p.w, p.w, p.h}, {p.w, p.h, 1, p.w}} {
			out := make([]float64, len(p.at))
			for l := range along.lines {
				for i := range along.n {
					sum, n := 0.0, 0.0
					for k := max(0, i-r); k <= min(along.n-1, i+r); k++ {
						if v := p.at[l*along.line+k*along.step]; v != none {
							sum, n = sum+v, n+1
						}
					}
					o := l*along.line + i*along.step
					if out[o] = none; p.at[o] != none {
						out[o] = sum / n
					}
				}
			}
			p.at = out
		}
	}
	return p
}

// look gives the luminance and its slopes a millimetre at (x, y).
func (p patch) look(x, y float64) (v, dx, dy float64, ok bool) {
	x, y = (x-p.left)/pixel, (y-p.top)/pixel
	if !(x >= 0 && y >= 0 && x < float64(p.w-1) && y < float64(p.h-1)) {
		return 0, 0, 0, false
	}
	i := int(y)*p.w + int(x)
	fx, fy := x-math.Floor(x), y-math.Floor(y)
	a, b, c, d := p.at[i], p.at[i+1], p.at[i+p.w], p.at[i+p.w+1]
	if a == none || b == none || c == none || d == none {
		return 0, 0, 0, false
	}
	return (1-fy)*((1-fx)*a+fx*b) + fy*((1-fx)*c+fx*d), ((1-fy)*(b-a) + fy*(d-c)) / pixel, ((1-fx)*(c-a) + fx*(d-b)) / pixel, true
}
