package onnx

import (
	"fmt"
	"image"
	"math"
	"sync"

	"gocv.io/x/gocv"

	"loket/assets/models"
	"loket/scanner/face"
)

// Matcher describes faces with the network of one description. Calls queue on
// one mutex.
type Matcher struct {
	about    models.Description
	model    face.Model
	template face.Template
	mu       sync.Mutex
	net      gocv.Net
	open     bool
	in       *input
}

// NewMatcher reads the network that a description and its checked files name.
func NewMatcher(d models.Description, paths models.Paths) (*Matcher, error) {
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
	m := &Matcher{about: d, model: paths.Model(d), net: net, in: in, open: true}
	for i, p := range d.Template {
		m.template[i] = face.Point{X: p[0], Y: p[1]}
	}
	return m, nil
}

// Model names the network.
func (m *Matcher) Model() face.Model { return m.model }

// Thresholds are the bands of the network's description.
func (m *Matcher) Thresholds() face.Thresholds { return m.about.Thresholds() }

// Close frees the network; the matcher then only returns ErrClosed.
func (m *Matcher) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.open {
		return nil
	}
	m.open = false
	m.in.close()
	return m.net.Close()
}

// Describe aligns the face to the network's template and returns its
// descriptor, L2 norm 1.
func (m *Matcher) Describe(img *image.RGBA, f face.Face) (face.Descriptor, error) {
	crop, err := face.Align(img, f.Landmarks, m.template, m.about.Input.Width, m.about.Input.Height)
	if err != nil {
		return nil, err
	}
	return m.Forward(crop)
}

// Forward describes a picture that is aligned already, of the network's input
// size.
func (m *Matcher) Forward(crop *image.RGBA) (face.Descriptor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.open {
		return nil, ErrClosed
	}
	if crop.Rect.Dx() != m.in.w || crop.Rect.Dy() != m.in.h {
		return nil, fmt.Errorf("crop is %v, the network wants %d×%d", crop.Rect.Size(), m.in.w, m.in.h)
	}
	m.in.fill(crop, m.about.Input.Channels == "BGR", float32(m.about.Input.Scale))
	m.net.SetInput(m.in.mat, "")
	out := m.net.Forward("")
	defer out.Close()
	values, err := out.DataPtrFloat32()
	if err != nil {
		return nil, err
	}
	if len(values) != m.about.Length {
		return nil, fmt.Errorf("network gave %d values, its description says %d", len(values), m.about.Length)
	}
	var sum float64
	for _, v := range values {
		sum += float64(v) * float64(v)
	}
	norm := math.Sqrt(sum)
	if !(norm > 0) || math.IsInf(norm, 0) {
		return nil, fmt.Errorf("network gave a descriptor of norm %v", norm)
	}
	d := make(face.Descriptor, len(values))
	for i, v := range values {
		d[i] = float32(float64(v) / norm)
	}
	return d, nil
}
