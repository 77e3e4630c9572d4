package face_test

import (
	"math"
	"testing"

	"loket/scanner/face"
)

// steps returns from, from+step, … n values.
func steps(from, step float64, n int) []float64 {
	var s []float64
	for i := range n {
		s = append(s, from+step*float64(i))
	}
	return s
}

func TestAt(t *testing.T) {
	impostor := steps(0, 0.001, 1000) // 0 … 0.999
	genuine := steps(0.95, 0.01, 10)  // 0.95 … 1.04
	for _, c := range []struct {
		name    string
		metric  face.Metric
		fmr     float64
		through float64
		fnmr    float64
		ok      bool
	}{
		{"one in a hundred", face.Similarity, 1e-2, 0.01, 0.4, true},
		{"too few impostors for one in a thousand", face.Similarity, 1e-3, 0, 0, false},
		{"distance: the other way round", face.Distance, 1e-2, 0.01, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			trials := face.Trials{Metric: c.metric, Genuine: genuine, Impostor: impostor}
			threshold, fnmr, ok := trials.At(c.fmr)
			if ok != c.ok || math.Abs(fnmr-c.fnmr) > 1e-9 {
				t.Fatalf("fnmr %v, %v; want %v, %v", fnmr, ok, c.fnmr, c.ok)
			}
			if ok && math.Abs(trials.FMR(threshold)-c.through) > 1e-9 {
				t.Errorf("threshold %v lets through %v, want %v", threshold, trials.FMR(threshold), c.through)
			}
		})
	}
}

func TestEER(t *testing.T) {
	for _, c := range []struct {
		name              string
		genuine, impostor []float64
		want              float64
	}{
		{"apart", []float64{0.8, 0.9}, []float64{0.1, 0.2}, 0},
		{"one of four each way", []float64{0.2, 0.7, 0.8, 0.9}, []float64{0.1, 0.15, 0.18, 0.75}, 0.25},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := face.Trials{Metric: face.Similarity, Genuine: c.genuine, Impostor: c.impostor}.EER()
			if math.Abs(got-c.want) > 1e-9 {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	if got := (face.Trials{Metric: face.Similarity}).EER(); !math.IsNaN(got) {
		t.Errorf("without trials it is %v", got)
	}
}

func TestAccuracy(t *testing.T) {
	apart := face.Trials{Metric: face.Similarity, Genuine: []float64{0.8, 0.9}, Impostor: []float64{0.1, 0.2}}
	lost := apart
	lost.Genuine, lost.Lost = lost.Genuine[:1], 1
	shifted := face.Trials{Metric: face.Similarity, Genuine: []float64{0.4, 0.9}, Impostor: []float64{0.1, 0.2}}
	distance := face.Trials{Metric: face.Distance, Genuine: []float64{0.1, 0.2}, Impostor: []float64{0.8, 0.9}}
	for _, c := range []struct {
		name      string
		folds     []face.Trials
		want      float64
		threshold float64
	}{
		{"apart", []face.Trials{apart, apart}, 1, 0.5},
		{"a lost pair is wrong", []face.Trials{apart, lost}, 0.875, 0.5},
		{"the threshold comes from the other fold", []face.Trials{apart, shifted}, 0.875, 0.4},
		{"distance", []face.Trials{distance, distance}, 1, 0.5},
		{"one fold", []face.Trials{apart}, 1, 0.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, threshold := face.Accuracy(c.folds)
			if math.Abs(got-c.want) > 1e-9 || math.Abs(threshold-c.threshold) > 1e-9 {
				t.Errorf("got %v at %v, want %v at %v", got, threshold, c.want, c.threshold)
			}
		})
	}
}
