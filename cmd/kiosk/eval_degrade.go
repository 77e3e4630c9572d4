package main

import (
	"image"
	"math"
	"math/rand/v2"

	"loket/scanner/face"

	xdraw "golang.org/x/image/draw"
)

// degradation spoils one thing of a good picture, as strongly as the random numbers say.
type degradation struct {
	name      string
	component face.Code // that must fall most
	unit      string    // of how strongly

	// apply returns the spoilt picture and how strongly it is spoilt.
	apply func(img *image.RGBA, f face.Face, r *rand.Rand) (*image.RGBA, float64, error)
}

func degradations() []degradation {
	return []degradation{
		{"darkened", face.Luminance, "of the light left", darken},
		{"side-lit", face.Balance, "of the light left on one side, below 0 on the left", sideLight},
		{"blurred", face.Sharpness, "of the eyes' distance, one standard deviation", blur},
		{"turned", face.Yaw, "degrees", turn},
		{"scaled-down", face.EyeDistance, "pixels between the eyes", scaleDown},
		{"re-compressed", face.Compression, "JPEG quality", recompress},
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
func darken(img *image.RGBA, _ face.Face, r *rand.Rand) (*image.RGBA, float64, error) {
	k := between(r, 0.25, 0.4)
	return shaded(img, func(float64) float64 { return k }), k, nil
}

// sideLight lets the light fall off across the face, towards one side, to 10 to 25 % of the other's, which
// gains a quarter.
func sideLight(img *image.RGBA, f face.Face, r *rand.Rand) (*image.RGBA, float64, error) {
	dark, side := between(r, 0.1, 0.25), 1.0
	if r.IntN(2) == 0 {
		side = -1
	}
	middle, reach := f.Box.X+f.Box.W/2, f.Box.W/5
	return shaded(img, func(x float64) float64 {
		return 1.25 * (1 - (1-dark)/(1+math.Exp(-3*side*(x-middle)/reach)))
	}), side * dark, nil
}

// blur is a Gaussian of 5 to 10 % of the eyes' distance, by three box filters.
func blur(img *image.RGBA, f face.Face, r *rand.Rand) (*image.RGBA, float64, error) {
	eyes := math.Hypot(f.Landmarks[1].X-f.Landmarks[0].X, f.Landmarks[1].Y-f.Landmarks[0].Y)
	share := between(r, 0.05, 0.10)
	sigma := share * eyes
	radius := max(1, int(math.Sqrt(sigma*sigma*4+1)/2+0.5))
	for range 3 {
		img = boxed(boxed(img, radius, 4, img.Stride, img.Rect.Dx(), img.Rect.Dy()), radius, img.Stride, 4, img.Rect.Dy(), img.Rect.Dx())
	}
	return img, share, nil
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

// scaleDown leaves 28 to 45 pixels between the eyes.
func scaleDown(img *image.RGBA, f face.Face, r *rand.Rand) (*image.RGBA, float64, error) {
	eyes := math.Hypot(f.Landmarks[1].X-f.Landmarks[0].X, f.Landmarks[1].Y-f.Landmarks[0].Y)
	k := min(1, between(r, 28, 45)/eyes)
	out := image.NewRGBA(image.Rect(0, 0, int(k*float64(img.Rect.Dx())), int(k*float64(img.Rect.Dy()))))
	xdraw.CatmullRom.Scale(out, out.Rect, img, img.Rect, xdraw.Src, nil)
	return out, k * eyes, nil
}

// recompress is a JPEG of quality 10 to 18.
func recompress(img *image.RGBA, _ face.Face, r *rand.Rand) (*image.RGBA, float64, error) {
	quality := 10 + r.IntN(9)
	out, err := throughJPEG(img, quality)
	return out, float64(quality), err
}
