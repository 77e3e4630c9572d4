package onnx

import (
	"errors"
	"fmt"
	"image"
	"math"
	"sync"

	"gocv.io/x/gocv"

	"loket/assets/models"
	"loket/scanner/face"
)

// Passive says how much a single picture looks like a living face, by one
// network. minivision's two are meant to be averaged, and never decide alone.
// Calls queue on one mutex.
type Passive struct {
	about models.Description
	model face.Model
	mu    sync.Mutex
	net   gocv.Net
	open  bool
	in    *input
}

// NewPassive reads the network that a description of kind liveness and its
// checked files name.
func NewPassive(d models.Description, paths models.Paths) (*Passive, error) {
	if d.Kind != models.Liveness || d.Input.Grow < 1 || d.Input.Width < 1 || d.Input.Height < 1 {
		return nil, fmt.Errorf("%s is no liveness network", d.Name)
	}
	weights, err := paths["network"].Read()
	if err != nil {
		return nil, err
	}
	in, err := newInput(d.Input.Width, d.Input.Height)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	net, err := read(weights)
	if err != nil {
		in.close()
		return nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	return &Passive{about: d, model: paths.Model(d), net: net, in: in, open: true}, nil
}

// Model names the network.
func (p *Passive) Model() face.Model { return p.model }

// Close frees the network; it then only returns ErrClosed.
func (p *Passive) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open {
		return nil
	}
	p.open = false
	p.in.close()
	return p.net.Close()
}

// Live returns the network's share for "live", 0..1, for the face f of img.
func (p *Passive) Live(img *image.RGBA, f face.Face) (float64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open {
		return 0, ErrClosed
	}
	area := grown(f.Box, p.about.Input.Grow, img.Rect)
	if area.Dx() < 2 || area.Dy() < 2 {
		return 0, face.ErrNoFace
	}
	crop, err := scaled(img.SubImage(area).(*image.RGBA), p.in.w, p.in.h)
	if err != nil {
		return 0, err
	}
	p.in.fill(crop, p.about.Input.Channels == "BGR", float32(p.about.Input.Scale))
	p.net.SetInput(p.in.mat, "")
	out := p.net.Forward("")
	defer out.Close()
	values, err := out.DataPtrFloat32()
	if err != nil {
		return 0, err
	}
	if len(values) != 3 {
		return 0, fmt.Errorf("liveness network gave %d values, not 3", len(values))
	}
	live := float64(values[1])
	if !(live >= 0 && live <= 1) {
		return 0, errors.New("liveness network gave no share")
	}
	return live, nil
}

// grown is the box grown about its middle, no more than the picture allows in
// either direction, and shifted into the picture (minivision,
// generate_patches.py).
func grown(b face.Box, grow float64, in image.Rectangle) image.Rectangle {
	w, h := float64(in.Dx()), float64(in.Dy())
	grow = math.Min(grow, math.Min((w-1)/b.W, (h-1)/b.H))
	gw, gh := b.W*grow, b.H*grow
	x := math.Max(0, math.Min(b.X-float64(in.Min.X)+b.W/2-gw/2, w-1-gw))
	y := math.Max(0, math.Min(b.Y-float64(in.Min.Y)+b.H/2-gh/2, h-1-gh))
	return image.Rect(int(x), int(y), int(x+gw)+1, int(y+gh)+1).Add(in.Min).Intersect(in)
}

// scaled is OpenCV's linear resize, which is what the network was trained on.
func scaled(img *image.RGBA, w, h int) (*image.RGBA, error) {
	src, err := gocv.NewMatFromBytes(img.Rect.Dy(), img.Rect.Dx(), gocv.MatTypeCV8UC4, tight(img))
	if err != nil {
		return nil, err
	}
	defer src.Close()
	dst := gocv.NewMat()
	defer dst.Close()
	gocv.Resize(src, &dst, image.Pt(w, h), 0, 0, gocv.InterpolationLinear)
	return &image.RGBA{Pix: dst.ToBytes(), Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}, nil
}
