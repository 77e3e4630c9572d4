package onnx

import (
	"errors"
	"fmt"
	"image"
	"math"

	"gocv.io/x/gocv"

	"loket/assets/models"
	"loket/scanner/face"
)

// Passive says how much a single picture looks like a living face, by one
// network. minivision's two are meant to be averaged, and never decide alone.
// Calls queue on one mutex.
type Passive struct{ *network }

// NewPassive reads the network that a description of kind liveness and its
// checked files name.
func NewPassive(d models.Description, paths models.Paths) (*Passive, error) {
	if d.Kind != models.Liveness || d.Input.Grow < 1 || d.Input.Width < 1 || d.Input.Height < 1 {
		return nil, fmt.Errorf("%s is no liveness network", d.Name)
	}
	n, err := load(d, paths)
	if err != nil {
		return nil, err
	}
	return &Passive{n}, nil
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
	crop, err := scaled(img.SubImage(area).(*image.RGBA), p.in.w, p.in.h, gocv.InterpolationLinear) // as the network was trained
	if err != nil {
		return 0, err
	}
	var live float64
	err = p.forward(crop, nil, func(outputs ...[]float32) error {
		if len(outputs[0]) != 3 {
			return fmt.Errorf("liveness network gave %d values, not 3", len(outputs[0]))
		}
		if live = float64(outputs[0][1]); !(live >= 0 && live <= 1) {
			return errors.New("liveness network gave no share")
		}
		return nil
	})
	return live, err
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
