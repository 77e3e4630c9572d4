package onnx

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
	"math"
	"slices"

	"gocv.io/x/gocv"

	"loket/assets/models"
	"loket/scanner/face"
)

// Options of a Detector; the zero value means the defaults.
type Options struct {
	Score   float64 // the lowest confidence of a face; 0.6, as for still pictures
	Overlap float64 // intersection over union above which the weaker of two boxes is dropped; 0.3 as in FaceDetectorYN
	Side    int     // a picture whose longer side has more pixels is scaled down to it first; 640
}

func (o Options) orDefault() Options {
	if o.Score == 0 {
		o.Score = 0.6
	}
	if o.Overlap == 0 {
		o.Overlap = 0.3
	}
	if o.Side == 0 {
		o.Side = 640
	}
	return o
}

// Detector finds faces with YuNet (March 2022). Calls queue on one mutex.
type Detector struct {
	*network
	options Options
	priors  []prior
	outputs *layers
	near    *Detector // the same network for Refine, whose pictures have one size: a change of size costs more than looking
}

// NewDetector reads the network that a description and its checked files name.
func NewDetector(d models.Description, paths models.Paths, o Options) (*Detector, error) {
	n, err := load(d, paths)
	if err != nil {
		return nil, err
	}
	near, err := load(d, paths)
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	o = o.orDefault()
	outputs := func() *layers { return newLayers("loc", "conf", "iou") }
	return &Detector{network: n, options: o, outputs: outputs(), near: &Detector{network: near, options: o, outputs: outputs()}}, nil
}

// Close frees the network; the detector then only returns ErrClosed.
func (d *Detector) Close() error { return errors.Join(d.network.Close(), d.near.network.Close()) }

// Detect finds faces, largest box first. Coordinates are those of img.
func (d *Detector) Detect(img *image.RGBA) ([]face.Face, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open {
		return nil, ErrClosed
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w < 16 || h < 16 {
		return nil, nil
	}
	small, sx, sy := img, 1.0, 1.0
	if side := max(w, h); side > d.options.Side {
		shrunk, err := scaled(img, max(w*d.options.Side/side, 16), max(h*d.options.Side/side, 16), gocv.InterpolationArea)
		if err != nil {
			return nil, err
		}
		small, sx, sy = shrunk, float64(w)/float64(shrunk.Rect.Dx()), float64(h)/float64(shrunk.Rect.Dy())
	}
	faces, err := d.look(widened(small))
	if err != nil {
		return nil, err
	}
	for i := range faces {
		faces[i] = moved(faces[i], sx, sy, img.Rect.Min)
	}
	return faces, nil
}

// leastSide is the shortest side in pixels that the network takes: at 62 its
// coarsest level is empty, and OpenCV ends the process.
const leastSide = 64

// widened is the picture with black to the right and below, where it is
// narrower than the network takes.
func widened(img *image.RGBA) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w >= leastSide && h >= leastSide {
		return img
	}
	out := image.NewRGBA(image.Rect(0, 0, max(w, leastSide), max(h, leastSide)))
	draw.Draw(out, image.Rect(0, 0, w, h), img, img.Rect.Min, draw.Src)
	return out
}

// look runs the network on the picture as it is. Coordinates count from its
// upper left corner.
func (d *Detector) look(img *image.RGBA) ([]face.Face, error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if d.in == nil || d.in.w != w || d.in.h != h {
		if err := d.size(w, h); err != nil {
			return nil, err
		}
		d.priors = priors(w, h)
	}
	var faces []face.Face
	err := d.forward(img, d.outputs, func(outputs ...[]float32) error {
		loc, conf, iou := outputs[0], outputs[1], outputs[2]
		if n := len(d.priors); len(loc) != 14*n || len(conf) != 2*n || len(iou) != n {
			return fmt.Errorf("detector gave %d, %d and %d values for %d priors", len(loc), len(conf), len(iou), n)
		}
		faces = decode(d.priors, loc, conf, iou, w, h, d.options.Score)
		return nil
	})
	if err != nil {
		return nil, err
	}
	faces = suppress(faces, d.options.Overlap)
	return slices.DeleteFunc(faces, func(f face.Face) bool { return flat(img, f.Box) }), nil
}

// flatness is the standard deviation of luminance, in levels of 255, under which
// a box holds no face: YuNet gives an evenly black 640×480 picture a score of
// 0.80 and other even ones up to 0.56. The flattest face of the shared LFW and
// NUAA pictures has 16.
const flatness = 4

// flat looks at a grid of 32 × 32 places in the box, each the mean of 2 × 2
// pixels, so that a sensor's noise counts less.
func flat(img *image.RGBA, b face.Box) bool {
	const n = 32
	var count, sum, squares float64
	for i := range n * n {
		x, y := int(b.X+(float64(i%n)+0.5)*b.W/n), int(b.Y+(float64(i/n)+0.5)*b.H/n)
		if x < 0 || y < 0 || x+1 >= img.Rect.Dx() || y+1 >= img.Rect.Dy() {
			continue
		}
		var l float64
		for _, o := range [4]int{0, 4, img.Stride, img.Stride + 4} {
			p := img.Pix[y*img.Stride+4*x+o:]
			l += 0.2126*float64(p[0]) + 0.7152*float64(p[1]) + 0.0722*float64(p[2])
		}
		l /= 4
		count++
		sum += l
		squares += l * l
	}
	if count == 0 {
		return true
	}
	mean := sum / count
	return squares/count-mean*mean < flatness*flatness
}

func moved(f face.Face, sx, sy float64, by image.Point) face.Face {
	f.Box.X, f.Box.W = f.Box.X*sx+float64(by.X), f.Box.W*sx
	f.Box.Y, f.Box.H = f.Box.Y*sy+float64(by.Y), f.Box.H*sy
	for i, p := range f.Landmarks {
		f.Landmarks[i] = face.Point{X: p.X*sx + float64(by.X), Y: p.Y*sy + float64(by.Y)}
	}
	f.Score = math.Min(f.Score, 1)
	return f
}
