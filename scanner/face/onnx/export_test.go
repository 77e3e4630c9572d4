package onnx

import (
	"image"

	"gocv.io/x/gocv"

	"loket/scanner/face"
)

// Decode runs the decoder on one picture's outputs.
func Decode(w, h int, loc, conf, iou []float32, lowest float64) []face.Face {
	return decode(priors(w, h), loc, conf, iou, w, h, lowest)
}

// Priors counts the places that are looked at.
func Priors(w, h int) int { return len(priors(w, h)) }

// Suppress drops the weaker of overlapping faces.
func Suppress(faces []face.Face, limit float64) []face.Face { return suppress(faces, limit) }

// Scaled is the picture in another size, by areas.
func Scaled(img *image.RGBA, w, h int) (*image.RGBA, error) {
	return scaled(img, w, h, gocv.InterpolationArea)
}
