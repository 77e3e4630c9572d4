package onnx_test

import (
	"math"
	"testing"

	"loket/scanner/face"
	"loket/scanner/face/onnx"
)

func TestPriors(t *testing.T) {
	for _, c := range []struct {
		name string
		w, h int
		want int
	}{
		// 3 at stride 8, 2 at 16, 2 at 32, 3 at 64.
		{"even", 640, 480, 3*80*60 + 2*40*30 + 2*20*15 + 3*10*7},
		{"odd sizes are floored", 250, 250, 3*31*31 + 2*15*15 + 2*7*7 + 3*3*3},
		{"too small for the coarse levels", 16, 16, 3*2*2 + 2*1*1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := onnx.Priors(c.w, c.h); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

// One prior of a 64×64 picture, worked out by hand: the first has its centre at
// (4, 4) and side 10.
func TestDecode(t *testing.T) {
	n := onnx.Priors(64, 64)
	loc, conf, iou := make([]float32, 14*n), make([]float32, 2*n), make([]float32, n)
	loc[0], loc[1] = 1, 2                   // centre by 0.1·10 and 0.2·10
	loc[2] = float32(math.Log(2) / 0.2)     // twice as wide
	loc[4], loc[5] = -1, 3                  // first point
	conf[0], conf[1], iou[0] = 0.1, 0.81, 4 // the overlap counts as 1 at most
	faces := onnx.Decode(64, 64, loc, conf, iou, 0.6)
	if len(faces) != 1 {
		t.Fatalf("%d faces", len(faces))
	}
	f := faces[0]
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-4 }
	if !near(f.Score, 0.9) || !near(f.Box.X, 5-10) || !near(f.Box.Y, 6-5) || !near(f.Box.W, 20) || !near(f.Box.H, 10) {
		t.Errorf("box %+v, score %v", f.Box, f.Score)
	}
	if p := f.Landmarks[0]; !near(p.X, 3) || !near(p.Y, 7) {
		t.Errorf("first point %+v", p)
	}
	if got := onnx.Decode(64, 64, loc, conf, iou, 0.91); len(got) != 0 {
		t.Errorf("a score of 0.9 passes a limit of 0.91: %+v", got)
	}
	conf[1] = float32(math.NaN())
	if got := onnx.Decode(64, 64, loc, conf, iou, 0.6); len(got) != 0 {
		t.Errorf("no number is no face: %+v", got)
	}
}

func TestSuppress(t *testing.T) {
	at := func(x, side, score float64) face.Face {
		return face.Face{Box: face.Box{X: x, W: side, H: side}, Score: score}
	}
	for _, c := range []struct {
		name  string
		faces []face.Face
		want  []float64 // sides
	}{
		{"the better of two that overlap", []face.Face{at(0, 100, 0.8), at(5, 100, 0.9)}, []float64{100}},
		{"both where they do not", []face.Face{at(0, 50, 0.9), at(300, 100, 0.8)}, []float64{100, 50}},
		{"not the small one inside the better large one", []face.Face{at(0, 100, 0.9), at(20, 25, 0.8)}, []float64{100}},
		{"but the better small one inside a large one", []face.Face{at(0, 100, 0.7), at(20, 25, 0.9)}, []float64{100, 25}},
		{"and one that stands half behind", []face.Face{at(0, 100, 0.9), at(80, 50, 0.8)}, []float64{100, 50}},
		{"none", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := onnx.Suppress(c.faces, 0.3)
			if len(got) != len(c.want) {
				t.Fatalf("kept %+v", got)
			}
			for i, side := range c.want {
				if got[i].Box.W != side {
					t.Errorf("face %d is %v wide, want %v: largest first", i, got[i].Box.W, side)
				}
			}
		})
	}
}
