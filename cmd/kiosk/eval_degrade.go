package main

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"loket/scanner/face"

	xdraw "golang.org/x/image/draw"
)

// degradation spoils one thing of a good picture, as strongly as the random numbers say.
type degradation struct {
	name      string
	component face.Code // that must fall most
	apply     func(img *image.RGBA, f face.Face, r *rand.Rand) (*image.RGBA, error)
}

func degradations() []degradation {
	return []degradation{
		{"darkened", face.Luminance, darken},
		{"side-lit", face.Balance, sideLight},
		{"blurred", face.Sharpness, blur},
		{"turned", face.Yaw, turn},
		{"scaled-down", face.EyeDistance, scaleDown},
		{"re-compressed", face.Compression, recompress},
	}
}

func between(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

// shaded multiplies every pixel by by(x).
func shaded(img *image.RGBA, by func(x float64) float64) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	for x := range img.Rect.Dx() {
		k := by(float64(x))
		for y := range img.Rect.Dy() {
			i := y*img.Stride + 4*x
			for c := range 3 {
				out.Pix[i+c] = uint8(min(255, k*float64(img.Pix[i+c])+0.5))
			}
			out.Pix[i+3] = 255
		}
	}
	return out
}

// darken leaves 25 to 40 % of the light.
func darken(img *image.RGBA, _ face.Face, r *rand.Rand) (*image.RGBA, error) {
	k := between(r, 0.25, 0.4)
	return shaded(img, func(float64) float64 { return k }), nil
}

// sideLight lets the light fall off across the face, towards one side, to 10 to 25 % of the other's, which
// gains a quarter.
func sideLight(img *image.RGBA, f face.Face, r *rand.Rand) (*image.RGBA, error) {
	dark, side := between(r, 0.1, 0.25), 1.0
	if r.IntN(2) == 0 {
		side = -1
	}
	middle, reach := f.Box.X+f.Box.W/2, f.Box.W/5
	return shaded(img, func(x float64) float64 {
		return 1.25 * (1 - (1-dark)/(1+math.Exp(-3*side*(x-middle)/reach)))
	}), nil
}

// blur is a Gaussian of 5 to 10 % of the eyes' distance, by three box filters.
func blur(img *image.RGBA, f face.Face, r *rand.Rand) (*image.RGBA, error) {
	eyes := math.Hypot(f.Landmarks[1].X-f.Landmarks[0].X, f.Landmarks[1].Y-f.Landmarks[0].Y)
	sigma := between(r, 0.05, 0.10) * eyes
	radius := max(1, int(math.Sqrt(sigma*sigma*4+1)/2+0.5))
	for range 3 {
		img = boxed(boxed(img, radius, 4, img.Stride, img.Rect.Dx(), img.Rect.Dy()), radius, img.Stride, 4, img.Rect.Dy(), img.Rect.Dx())
	}
	return img, nil
}

// boxed means over 2·radius+1 pixels along one axis: step bytes from pixel to pixel, n of them, line bytes to the next line.
func boxed(img *image.RGBA, radius, step, line, n, lines int) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	for l := range lines {
		for c := range 4 {
			at := func(i int) int { return l*line + min(max(i, 0), n-1)*step + c }
			sum := 0
			for i := -radius; i <= radius; i++ {
				sum += int(img.Pix[at(i)])
			}
			for i := range n {
				out.Pix[at(i)] = uint8(sum / (2*radius + 1))
				sum += int(img.Pix[at(i+radius+1)]) - int(img.Pix[at(i-radius)])
			}
		}
	}
	return out
}

// turn puts the picture on a head's relief and turns that by 35 to 45 degrees, to the side that the head looks to.
func turn(img *image.RGBA, f face.Face, r *rand.Rand) (*image.RGBA, error) {
	yaw := between(r, 35, 45)
	if f.Landmarks.Pose().Yaw < 0 {
		yaw = -yaw
	}
	return turned(img, f.Landmarks, yaw), nil
}

// turned shows a picture of a face as if its head were turned by yaw degrees, positive to the picture's right: a round
// head of 105 mm, hair and ears included, with a nose of 24 mm and eyes 63 mm apart, seen from far away, turned about the
// axis between the eyes and the mouth. What stood beside the head is stretched to its new outline.
func turned(img *image.RGBA, l face.Landmarks, yaw float64) *image.RGBA {
	sin, cos := math.Sincos(yaw * math.Pi / 180)
	mm := math.Hypot(l[1].X-l[0].X, l[1].Y-l[0].Y) / 63
	middle := (l[0].X + l[1].X + l[3].X + l[4].X) / 4
	radius := 105 * mm
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(img.Rect)
	source, near := make([]float64, w), make([]float64, w)
	for y := range h {
		low, high := math.Inf(1), math.Inf(-1)
		for i := range near {
			near[i] = math.Inf(-1)
		}
		lastX := math.NaN()
		for s := middle - radius; s <= middle+radius; s += 0.5 {
			dx, dy := s-middle, float64(y)-l[2].Y
			nose := 24 * mm * math.Exp(-(dx*dx/(12*12)+dy*dy/(16*16))/(2*mm*mm))
			z := math.Sqrt(radius*radius-dx*dx) - 0.955*radius + nose
			x, depth := middle+dx*cos+z*sin, z*cos-dx*sin
			low, high = math.Min(low, x), math.Max(high, x)
			for p := int(math.Ceil(lastX)); lastX < x && p <= int(x); p++ {
				if p >= 0 && p < w && depth >= near[p] {
					near[p], source[p] = depth, s
				}
			}
			lastX = x
		}
		for x := range w {
			at := float64(x)
			switch {
			case at < low:
				at *= (middle - radius) / low
			case at > high:
				rest := float64(w-1) - high
				at = float64(w-1) - (float64(w-1)-at)*(float64(w-1)-middle-radius)/math.Max(rest, 1)
			case !math.IsInf(near[x], -1):
				at = source[x]
			}
			from := min(max(int(at), 0), w-2)
			part := min(max(at-float64(from), 0), 1)
			a, b := img.Pix[y*img.Stride+4*from:], out.Pix[y*out.Stride+4*x:]
			for c := range 4 {
				b[c] = uint8((1-part)*float64(a[c]) + part*float64(a[c+4]) + 0.5)
			}
		}
	}
	return out
}

// scaleDown leaves 28 to 45 pixels between the eyes.
func scaleDown(img *image.RGBA, f face.Face, r *rand.Rand) (*image.RGBA, error) {
	eyes := math.Hypot(f.Landmarks[1].X-f.Landmarks[0].X, f.Landmarks[1].Y-f.Landmarks[0].Y)
	k := min(1, between(r, 28, 45)/eyes)
	out := image.NewRGBA(image.Rect(0, 0, int(k*float64(img.Rect.Dx())), int(k*float64(img.Rect.Dy()))))
	xdraw.CatmullRom.Scale(out, out.Rect, img, img.Rect, xdraw.Src, nil)
	return out, nil
}

// recompress is a JPEG of quality 10 to 18.
func recompress(img *image.RGBA, _ face.Face, r *rand.Rand) (*image.RGBA, error) {
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, &jpeg.Options{Quality: 10 + r.IntN(9)}); err != nil {
		return nil, err
	}
	small, err := jpeg.Decode(&data)
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(img.Rect)
	draw.Draw(out, out.Rect, small, small.Bounds().Min, draw.Src)
	return out, nil
}
