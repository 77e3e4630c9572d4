// Package onnx runs face networks through OpenCV's DNN: YuNet finds faces and
// their landmarks, and any matcher that a description in assets/models names
// makes descriptors of them.
//
// OpenCV ends the whole process on an exception (a broken network, no memory),
// and Go can't catch that. So a network is read from bytes that were checked
// against its SHA-256, and the application runs this package in a child process
// (scanner/face/engine).
package onnx

import (
	"errors"
	"fmt"
	"image"
	"sync"

	"gocv.io/x/gocv"

	"loket/assets/models"
	"loket/scanner/face"
)

// ErrClosed means that the network was closed before.
var ErrClosed = errors.New("network is closed")

// network is one loaded network with its input. Detector, Matcher and Passive
// are networks with a meaning of their outputs; calls queue on the mutex.
type network struct {
	about models.Description
	model face.Model
	mu    sync.Mutex
	net   gocv.Net
	open  bool
	in    *input // nil until the first picture where the input has any size
}

// load reads the network that a description and its checked files name, and
// makes its input where that has one size.
func load(d models.Description, paths models.Paths) (*network, error) {
	weights, err := paths["network"].Read()
	if err != nil {
		return nil, err
	}
	net, err := gocv.ReadNetFromONNXBytes(weights)
	if err == nil && net.Empty() {
		net.Close()
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: read network: %w", d.Name, err)
	}
	n := &network{about: d, model: paths.Model(d), net: net, open: true}
	if d.Input.Width > 0 && d.Input.Height > 0 {
		if err := n.size(d.Input.Width, d.Input.Height); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", d.Name, err), n.Close())
		}
	}
	return n, nil
}

// Model names the network.
func (n *network) Model() face.Model { return n.model }

// Close frees the network; it then only returns ErrClosed.
func (n *network) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.open {
		return nil
	}
	n.open = false
	n.in.close()
	return n.net.Close()
}

// size prepares the input for pictures of w × h pixels.
func (n *network) size(w, h int) error {
	if n.in != nil && n.in.w == w && n.in.h == h {
		return nil
	}
	in, err := newInput(w, h)
	if err != nil {
		return err
	}
	n.in.close()
	n.in = in
	return nil
}

// forward runs the network on a picture of the input's size and hands its
// outputs, those of several that the network names, to use, which must not keep
// them: they are OpenCV's memory, or are written again. The caller holds the
// mutex.
func (n *network) forward(img *image.RGBA, several *layers, use func(outputs ...[]float32) error) error {
	if !n.open {
		return ErrClosed
	}
	if img.Rect.Dx() != n.in.w || img.Rect.Dy() != n.in.h {
		return fmt.Errorf("picture is %v, the network wants %d×%d", img.Rect.Size(), n.in.w, n.in.h)
	}
	n.in.fill(img, n.about.Input.Channels == "BGR", float32(n.about.Input.Scale))
	n.net.SetInput(n.in.mat, "")
	if several != nil {
		outputs, err := several.forward(&n.net)
		if err != nil {
			return err
		}
		return use(outputs...)
	}
	out := n.net.Forward("")
	defer out.Close()
	values, err := out.DataPtrFloat32()
	if err != nil {
		return err
	}
	return use(values)
}

// input is a 1×3×h×w blob in OpenCV's memory that is filled again and again.
type input struct {
	mat    gocv.Mat
	pixels []float32
	w, h   int
}

func newInput(w, h int) (*input, error) {
	mat := gocv.NewMatWithSizes([]int{1, 3, h, w}, gocv.MatTypeCV32F)
	pixels, err := mat.DataPtrFloat32()
	if err != nil {
		mat.Close()
		return nil, err
	}
	return &input{mat: mat, pixels: pixels, w: w, h: h}, nil
}

func (in *input) close() {
	if in != nil {
		in.mat.Close()
	}
}

// fill writes the picture's channels as planes, each value times scale; bgr
// puts blue first. The picture has the input's size.
func (in *input) fill(img *image.RGBA, bgr bool, scale float32) {
	n := in.w * in.h
	first, second, third := in.pixels[:n], in.pixels[n:2*n], in.pixels[2*n:3*n]
	if bgr {
		first, third = third, first
	}
	for y := range in.h {
		row := img.Pix[y*img.Stride : y*img.Stride+4*in.w]
		o := y * in.w
		for x := range in.w {
			first[o+x] = scale * float32(row[4*x])
			second[o+x] = scale * float32(row[4*x+1])
			third[o+x] = scale * float32(row[4*x+2])
		}
	}
}
