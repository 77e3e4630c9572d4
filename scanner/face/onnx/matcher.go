package onnx

import (
	"fmt"
	"image"
	"math"

	"loket/assets/models"
	"loket/scanner/face"
)

// Matcher describes faces with the network of one description. Calls queue on
// one mutex.
type Matcher struct {
	*network
	template face.Template
}

// NewMatcher reads the network that a description and its checked files name.
func NewMatcher(d models.Description, paths models.Paths) (*Matcher, error) {
	n, err := load(d, paths)
	if err != nil {
		return nil, err
	}
	m := &Matcher{network: n}
	for i, p := range d.Template {
		m.template[i] = face.Point{X: p[0], Y: p[1]}
	}
	return m, nil
}

// Thresholds are the bands of the network's description.
func (m *Matcher) Thresholds() face.Thresholds { return m.about.Thresholds() }

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
	var d face.Descriptor
	err := m.forward(crop, nil, func(outputs ...[]float32) (err error) {
		d, err = normed(outputs[0], m.about.Length)
		return err
	})
	return d, err
}

// normed copies an output of that length, scaled to an L2 norm of 1.
func normed(values []float32, length int) (face.Descriptor, error) {
	if len(values) != length {
		return nil, fmt.Errorf("network gave %d values, its description says %d", len(values), length)
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
