package onnx_test

import (
	"image"
	"path/filepath"
	"testing"

	"loket/scanner/face"
	"loket/scanner/face/onnx"
)

// The second look at the full picture brings back what the scaled one lost:
// fewer of the same person's pairs fall below the shipped threshold.
func TestRefineBringsPairsBack(t *testing.T) {
	const threshold = 0.553
	whole, coarse, m := detector(t, onnx.Options{}), detector(t, onnx.Options{Side: 160}), matcher(t, "")
	describe := func(img *image.RGBA, f face.Face) face.Descriptor {
		d, err := m.Describe(img, f)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	find := func(det *onnx.Detector, img *image.RGBA) face.Face {
		faces, err := det.Detect(img)
		if err != nil || len(faces) == 0 {
			t.Fatal(faces, err)
		}
		return faces[0]
	}
	references := map[string][]face.Descriptor{}
	for _, path := range pictures(t, 2, "nuaa", "print", "*", "*") {
		img, person := picture(t, path), filepath.Base(filepath.Dir(path))
		references[person] = append(references[person], describe(img, find(whole, img)))
	}
	pairs, lost, lostAgain := 0, 0, 0
	for _, path := range pictures(t, 4, "nuaa", "live", "*", "*") {
		img := picture(t, path)
		first := find(coarse, img)
		second, err := coarse.Refine(img, first)
		if err != nil {
			t.Fatal(err)
		}
		if second.Score != first.Score || second.Landmarks == first.Landmarks {
			t.Errorf("%s: %+v, then %+v", filepath.Base(path), first, second)
		}
		a, b := describe(img, first), describe(img, second)
		for _, r := range references[filepath.Base(filepath.Dir(path))] {
			pairs++
			for d, count := range map[*face.Descriptor]*int{&a: &lost, &b: &lostAgain} {
				if s, err := face.Compare(*d, r, face.Similarity); err != nil {
					t.Fatal(err)
				} else if s < threshold {
					*count++
				}
			}
		}
	}
	t.Logf("of %d pairs %d are lost by the first look, %d by the second", pairs, lost, lostAgain)
	if lostAgain >= lost {
		t.Errorf("of %d pairs %d were lost, and again %d", pairs, lost, lostAgain)
	}
}

// What needs no second look, or finds nobody at it, stays as it was.
func TestRefineLeavesAlone(t *testing.T) {
	img := picture(t, pictures(t, 1, "nuaa", "live", "0001", "*")[0])
	for _, c := range []struct {
		name string
		side int
		box  face.Box
	}{
		{"a picture that was not scaled", 640, face.Box{X: 200, Y: 150, W: 200, H: 250}},
		{"an empty wall", 160, face.Box{X: 2, Y: 2, W: 40, H: 40}},
		{"a box beyond the picture", 160, face.Box{X: 5000, Y: 5000, W: 60, H: 60}},
		{"a box without size", 160, face.Box{X: 100, Y: 100}},
		{"a box that nothing holds", 160, face.Box{W: 1e9, H: 1e9}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := face.Face{Box: c.box, Score: 0.9}
			if got, err := detector(t, onnx.Options{Side: c.side}).Refine(img, f); err != nil || got != f {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// OpenCV ends the process where the network's coarsest level is empty.
func TestDetectInNarrowPictures(t *testing.T) {
	det := detector(t, onnx.Options{})
	for _, size := range []image.Point{{X: 16, Y: 16}, {X: 62, Y: 62}, {X: 63, Y: 500}, {X: 640, Y: 31}, {X: 4000, Y: 90}} {
		if faces, err := det.Detect(image.NewRGBA(image.Rectangle{Max: size})); err != nil || len(faces) != 0 {
			t.Errorf("%v: %v, %v", size, faces, err)
		}
	}
	small, err := onnx.Scaled(picture(t, pictures(t, 1, "lfw", "*", "*.jpg")[0]), 60, 60)
	if err != nil {
		t.Fatal(err)
	}
	if faces, err := det.Detect(small); err != nil || len(faces) != 1 || faces[0].Box.X < 0 || faces[0].Box.X+faces[0].Box.W > 60 {
		t.Errorf("a face in 60 × 60: %+v, %v", faces, err)
	}
}
