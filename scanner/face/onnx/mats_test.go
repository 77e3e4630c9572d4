//go:build !matprofile

package onnx_test

// mats is how many of OpenCV's pictures are held; only -tags matprofile counts.
func mats() int { return -1 }
