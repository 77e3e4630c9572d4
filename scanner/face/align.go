package face

import (
	"errors"
	"image"
	"math"
	"math/cmplx"
)

// ErrLandmarks means that five points do not span a face.
var ErrLandmarks = errors.New("landmarks do not span a face")

// Template is where the five landmarks stand in an aligned crop, as shares of
// its width and height. It belongs to a network.
type Template [5]Point

// Portrait is the template for what people look at, and for measuring
// sharpness: ArcFace's five points (insightface, face_align.py), whose crop
// shows the face from brow to chin.
var portrait = Template{
	{38.2946 / 112, 51.6963 / 112}, {73.5318 / 112, 51.5014 / 112}, {56.0252 / 112, 71.7366 / 112},
	{41.5493 / 112, 92.3655 / 112}, {70.7299 / 112, 92.2041 / 112},
}

// Portrait returns the template of the crops that stand side by side on the
// screen, aligned alike: ArcFace's points drawn together to 3/5, so that hair
// and chin are in the picture. It is meant for square crops.
func Portrait() Template {
	t := portrait
	for i, p := range t {
		t[i] = Point{0.5 + (p.X-0.5)*0.6, 0.52 + (p.Y-0.55)*0.6}
	}
	return t
}

// Align turns, scales and shifts img so that the landmarks come to lie on the
// template as well as a similarity can do it (least squares over the five
// points), and returns that crop, w × h pixels, bilinear, black outside img.
func Align(img *image.RGBA, l Landmarks, t Template, w, h int) (*image.RGBA, error) {
	var target Landmarks
	for i, p := range t {
		target[i] = Point{p.X * float64(w), p.Y * float64(h)}
	}
	a, b, err := similarity(target, l)
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	origin := img.Bounds().Min
	for y := range h {
		row := out.Pix[y*out.Stride : y*out.Stride+4*w]
		for x := range w {
			p := a*complex(float64(x), float64(y)) + b
			bilinear(img, real(p)-float64(origin.X), imag(p)-float64(origin.Y), row[4*x:4*x+4])
		}
	}
	return out, nil
}

// fineCrop aligns like Align to a square of side pixels, but averages over what
// each of them covers where img is finer, up to four pixels a side: what a
// coarser camera would have seen. Bilinear sampling alone would take noise for
// detail there.
func fineCrop(img *image.RGBA, l Landmarks, t Template, side int) (*image.RGBA, error) {
	const finest = 4
	eyes := math.Hypot(l[1].X-l[0].X, l[1].Y-l[0].Y)
	k := 1
	if eyes > 0 {
		k = int(clamp(math.Round(eyes/((t[1].X-t[0].X)*float64(side))), 1, finest))
	}
	big, err := Align(img, l, t, k*side, k*side)
	if err != nil || k == 1 {
		return big, err
	}
	out := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			var sum [4]int
			for i := range k * k {
				p := big.Pix[(y*k+i/k)*big.Stride+4*(x*k+i%k):]
				for c := range sum {
					sum[c] += int(p[c])
				}
			}
			for c, s := range sum {
				out.Pix[y*out.Stride+4*x+c] = uint8((s + k*k/2) / (k * k))
			}
		}
	}
	return out, nil
}

// similarity finds the complex a and b for which a·from + b is nearest to to:
// a holds scale and turn, b the shift.
func similarity(from, to Landmarks) (a, b complex128, err error) {
	var mf, mt complex128
	for i := range from {
		mf += complex(from[i].X, from[i].Y) / 5
		mt += complex(to[i].X, to[i].Y) / 5
	}
	var cross complex128
	var spread float64
	for i := range from {
		f, t := complex(from[i].X, from[i].Y)-mf, complex(to[i].X, to[i].Y)-mt
		cross += cmplx.Conj(f) * t
		spread += real(f)*real(f) + imag(f)*imag(f)
	}
	a = cross / complex(spread, 0)
	if cmplx.IsNaN(a) || cmplx.IsInf(a) || cmplx.Abs(a) < 1e-9 {
		return 0, 0, ErrLandmarks
	}
	return a, mt - a*mf, nil
}

// bilinear writes the colour at (x, y), pixel centres at whole numbers.
func bilinear(img *image.RGBA, x, y float64, into []uint8) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if !(x > -1 && y > -1 && x < float64(w) && y < float64(h)) {
		into[0], into[1], into[2], into[3] = 0, 0, 0, 255
		return
	}
	x0, y0 := int(x+1)-1, int(y+1)-1
	fx, fy := x-float64(x0), y-float64(y0)
	var sum [3]float64
	for _, c := range [4]struct {
		x, y   int
		weight float64
	}{{x0, y0, (1 - fx) * (1 - fy)}, {x0 + 1, y0, fx * (1 - fy)}, {x0, y0 + 1, (1 - fx) * fy}, {x0 + 1, y0 + 1, fx * fy}} {
		if c.x < 0 || c.y < 0 || c.x >= w || c.y >= h {
			continue
		}
		p := img.Pix[c.y*img.Stride+4*c.x:]
		sum[0] += c.weight * float64(p[0])
		sum[1] += c.weight * float64(p[1])
		sum[2] += c.weight * float64(p[2])
	}
	into[0], into[1], into[2], into[3] = uint8(sum[0]+0.5), uint8(sum[1]+0.5), uint8(sum[2]+0.5), 255
}
