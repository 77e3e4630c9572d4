//go:build matprofile

package onnx_test

import (
	"image"
	"testing"

	"gocv.io/x/gocv"

	"loket/scanner/face/onnx"
)

// Every Mat is closed: after many pictures of changing sizes there are as many
// as before. Run with -tags matprofile.
func TestNoMatIsLeft(t *testing.T) {
	det, m := detector(t, onnx.Options{Side: 320}), matcher(t, "")
	large := picture(t, pictures(t, 1, "nuaa", "live", "0001", "*")[0])
	small := picture(t, pictures(t, 1, "lfw", "*", "*.jpg")[0])
	round := func() {
		for range 20 {
			for _, p := range []*image.RGBA{large, small} {
				faces, err := det.Detect(p)
				if err != nil || len(faces) == 0 {
					t.Fatal(faces, err)
				}
				if _, err := m.Describe(p, faces[0]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	round()
	before := gocv.MatProfile.Count()
	round()
	if after := gocv.MatProfile.Count(); after != before {
		t.Errorf("%d Mats, then %d", before, after)
	}
}
