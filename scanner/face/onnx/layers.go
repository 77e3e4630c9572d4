package onnx

// #cgo pkg-config: opencv4
// #cgo CXXFLAGS: -std=c++11
// #include "layers.h"
import "C"

import (
	"errors"
	"strings"
	"unsafe"

	"gocv.io/x/gocv"
)

// layers runs a network of several outputs. gocv's ForwardLayers (v0.31) never
// frees the names and the list that it makes in C: 140 bytes a picture were
// measured over 40,000, which at 10 pictures a second is 5 MB an hour.
type layers struct {
	names   string // each ends with a zero byte
	lengths []C.int
	values  []float32 // grows to what the largest picture needs
}

func newLayers(names ...string) *layers {
	return &layers{names: strings.Join(names, "\x00") + "\x00", lengths: make([]C.int, len(names))}
}

// forward returns the outputs in the order of the names; they are good until
// the next call.
func (l *layers) forward(net *gocv.Net) ([][]float32, error) {
	for range 2 { // again, with room, where a larger picture came
		var room *C.float
		if len(l.values) > 0 {
			room = (*C.float)(unsafe.Pointer(&l.values[0]))
		}
		// gocv.Net is a struct of one pointer, the cv::dnn::Net.
		total := C.loketForwardLayers(*(*unsafe.Pointer)(unsafe.Pointer(net)), (*C.char)(unsafe.Pointer(unsafe.StringData(l.names))),
			C.int(len(l.lengths)), room, C.int(len(l.values)), &l.lengths[0])
		if total < 0 {
			return nil, errors.New("the network can't run on this picture")
		}
		if int(total) <= len(l.values) {
			outputs, rest := make([][]float32, len(l.lengths)), l.values
			for i, n := range l.lengths {
				outputs[i], rest = rest[:n:n], rest[n:]
			}
			return outputs, nil
		}
		l.values = make([]float32, total)
	}
	return nil, errors.New("the network's outputs change in size")
}
