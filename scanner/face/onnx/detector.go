package onnx

import (
	"fmt"
	"image"
	"math"
	"slices"
	"sync"

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
	options Options
	model   face.Model
	mu      sync.Mutex
	net     gocv.Net
	open    bool
	in      *input
	priors  []prior
}

// NewDetector reads the network that a description and its checked files name.
func NewDetector(d models.Description, paths models.Paths, o Options) (*Detector, error) {
	weights, err := paths["network"].Read()
	if err != nil {
		return nil, err
	}
	net, err := read(weights)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	return &Detector{options: o.orDefault(), model: paths.Model(d), net: net, open: true}, nil
}

// Model names the network.
func (d *Detector) Model() face.Model { return d.model }

// Close frees the network; the detector then only returns ErrClosed.
func (d *Detector) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open {
		return nil
	}
	d.open = false
	d.in.close()
	return d.net.Close()
}

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
		shrunk, err := shrink(img, max(w*d.options.Side/side, 16), max(h*d.options.Side/side, 16))
		if err != nil {
			return nil, err
		}
		small, sx, sy = shrunk, float64(w)/float64(shrunk.Rect.Dx()), float64(h)/float64(shrunk.Rect.Dy())
	}
	if err := d.size(small.Rect.Dx(), small.Rect.Dy()); err != nil {
		return nil, err
	}
	d.in.fill(small, true, 1)
	d.net.SetInput(d.in.mat, "")
	outputs := d.net.ForwardLayers([]string{"loc", "conf", "iou"})
	defer func() {
		for i := range outputs {
			outputs[i].Close()
		}
	}()
	var values [3][]float32
	for i := range outputs {
		v, err := outputs[i].DataPtrFloat32()
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	n := len(d.priors)
	if len(values[0]) != 14*n || len(values[1]) != 2*n || len(values[2]) != n {
		return nil, fmt.Errorf("detector gave %d, %d and %d values for %d priors", len(values[0]), len(values[1]), len(values[2]), n)
	}
	faces := decode(d.priors, values[0], values[1], values[2], d.in.w, d.in.h, d.options.Score)
	faces = suppress(faces, d.options.Overlap)
	faces = slices.DeleteFunc(faces, func(f face.Face) bool { return flat(small, f.Box) })
	for i := range faces {
		faces[i] = moved(faces[i], sx, sy, img.Rect.Min)
	}
	return faces, nil
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

// size prepares input and priors for pictures of w × h pixels.
func (d *Detector) size(w, h int) error {
	if d.in != nil && d.in.w == w && d.in.h == h {
		return nil
	}
	in, err := newInput(w, h)
	if err != nil {
		return err
	}
	d.in.close()
	d.in, d.priors = in, priors(w, h)
	return nil
}

// shrink scales a picture down by averaging areas, into a fresh one.
func shrink(img *image.RGBA, w, h int) (*image.RGBA, error) {
	src, err := gocv.NewMatFromBytes(img.Rect.Dy(), img.Rect.Dx(), gocv.MatTypeCV8UC4, tight(img))
	if err != nil {
		return nil, err
	}
	defer src.Close()
	dst := gocv.NewMat()
	defer dst.Close()
	gocv.Resize(src, &dst, image.Pt(w, h), 0, 0, gocv.InterpolationArea)
	return &image.RGBA{Pix: dst.ToBytes(), Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}, nil
}

// tight returns the pixels without gaps between the rows.
func tight(img *image.RGBA) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if img.Stride == 4*w {
		return img.Pix[:4*w*h]
	}
	out := make([]byte, 0, 4*w*h)
	for y := range h {
		out = append(out, img.Pix[y*img.Stride:y*img.Stride+4*w]...)
	}
	return out
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
