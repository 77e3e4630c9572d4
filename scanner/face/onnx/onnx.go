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

	"gocv.io/x/gocv"
)

// ErrClosed means that the network was closed before.
var ErrClosed = errors.New("network is closed")

// read makes a network of checked bytes.
func read(weights []byte) (gocv.Net, error) {
	net, err := gocv.ReadNetFromONNXBytes(weights)
	if err != nil {
		return net, fmt.Errorf("read network: %w", err)
	}
	if net.Empty() {
		net.Close()
		return net, errors.New("read network: it is empty")
	}
	return net, nil
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
