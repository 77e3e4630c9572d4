package onnx_test

import (
	"testing"

	"loket/assets/models"
	"loket/scanner/face/onnx"
)

// The mean of both networks tells webcam frames of people from frames of their
// printed photographs: on all of NUAA 1.2 % and 0.05 % go wrong; of these 24
// each, 2 and none.
func TestPassiveTellsPrintsFromPeople(t *testing.T) {
	library := models.New(shared(t, "models"))
	var nets []*onnx.Passive
	for _, name := range []string{"minifasnet-v2", "minifasnet-v1se"} {
		d, err := library.Describe(name)
		if err != nil {
			t.Fatal(err)
		}
		paths, err := library.Find(d)
		if err != nil {
			t.Fatal(err)
		}
		p, err := onnx.NewPassive(d, paths)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		nets = append(nets, p)
	}
	det := detector(t, onnx.Options{})
	for _, kind := range []string{"live", "print"} {
		wrong, n := 0, 0
		for _, path := range pictures(t, 5, "nuaa", kind, "*", "*") {
			img := picture(t, path)
			faces, err := det.Detect(img)
			if err != nil || len(faces) == 0 {
				t.Fatal(path, err)
			}
			mean := 0.0
			for _, p := range nets {
				live, err := p.Live(img, faces[0])
				if err != nil {
					t.Fatal(err)
				}
				mean += live / float64(len(nets))
			}
			n++
			if (mean >= 0.5) != (kind == "live") {
				wrong++
			}
		}
		t.Logf("%s: %d of %d taken for the other", kind, wrong, n)
		if wrong > map[string]int{"live": 3, "print": 0}[kind] {
			t.Errorf("%s: %d of %d taken for the other", kind, wrong, n)
		}
	}
}
