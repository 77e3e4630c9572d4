//go:build matprofile

package onnx_test

import "gocv.io/x/gocv"

// mats is how many of OpenCV's pictures are held.
func mats() int { return gocv.MatProfile.Count() }
