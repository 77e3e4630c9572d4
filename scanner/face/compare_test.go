package face_test

import (
	"errors"
	"math"
	"testing"

	"loket/scanner/face"
)

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name   string
		a, b   face.Descriptor
		metric face.Metric
		want   float64
		err    error
	}{
		{"the same direction", face.Descriptor{3, 4}, face.Descriptor{6, 8}, face.Similarity, 1, nil},
		{"at right angles", face.Descriptor{1, 0}, face.Descriptor{0, 2}, face.Similarity, 0, nil},
		{"opposite", face.Descriptor{1, 0}, face.Descriptor{-5, 0}, face.Similarity, -1, nil},
		{"distance", face.Descriptor{0, 0}, face.Descriptor{3, 4}, face.Distance, 5, nil},
		{"distance to itself", face.Descriptor{3, 4}, face.Descriptor{3, 4}, face.Distance, 0, nil},
		{"other lengths", face.Descriptor{1}, face.Descriptor{1, 2}, face.Similarity, 0, face.ErrDescriptor},
		{"empty", nil, nil, face.Similarity, 0, face.ErrDescriptor},
		{"zero has no direction", face.Descriptor{0, 0}, face.Descriptor{1, 0}, face.Similarity, 0, face.ErrDescriptor},
		{"not a number", face.Descriptor{float32(math.NaN())}, face.Descriptor{1}, face.Distance, 0, face.ErrDescriptor},
		{"unknown metric", face.Descriptor{1}, face.Descriptor{1}, "", 0, face.ErrDescriptor},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := face.Compare(c.a, c.b, c.metric)
			if !errors.Is(err, c.err) || math.Abs(got-c.want) > 1e-6 {
				t.Errorf("got %v, %v; want %v, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestBand(t *testing.T) {
	reid := face.Thresholds{Model: "reid", Metric: face.Similarity, Match: 0.553, Doubtful: 0.433, Measured: true}
	dlib := face.Thresholds{Model: "dlib", Metric: face.Distance, Match: 0.5, Doubtful: 0.6, Measured: true}
	unmeasured := reid
	unmeasured.Measured = false
	for _, c := range []struct {
		name  string
		t     face.Thresholds
		score float64
		want  face.Band
	}{
		{"at the match threshold", reid, 0.553, face.Match},
		{"just under it", reid, 0.5529, face.Doubtful},
		{"at the doubtful threshold", reid, 0.433, face.Doubtful},
		{"just under that", reid, 0.4329, face.NoMatch},
		{"distance: near", dlib, 0.5, face.Match},
		{"distance: further", dlib, 0.51, face.Doubtful},
		{"distance: far", dlib, 0.61, face.NoMatch},
		{"unmeasured, alike", unmeasured, 0.99, face.Doubtful},
		{"unmeasured, unlike", unmeasured, 0.01, face.Doubtful},
		{"no matcher", face.Thresholds{}, 0.9, face.Unknown},
		{"no score", reid, math.NaN(), face.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.t.Band(c.score); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAlike(t *testing.T) {
	reid := face.Thresholds{Model: "reid", Metric: face.Similarity, Match: 0.5, Measured: true, Duplicate: 0.553}
	dlib := face.Thresholds{Model: "dlib", Metric: face.Distance, Match: 0.5, Measured: true, Duplicate: 0.4}
	unmeasured, none := reid, reid
	unmeasured.Measured = false
	none.Duplicate = 0
	for _, c := range []struct {
		name  string
		t     face.Thresholds
		score float64
		want  bool
	}{
		{"at the threshold", reid, 0.553, true},
		{"a match, but no duplicate", reid, 0.552, false},
		{"distance: near", dlib, 0.4, true},
		{"distance: further", dlib, 0.41, false},
		{"nobody measured the bands", unmeasured, 0.99, false},
		{"nobody measured it", none, 0.99, false},
		{"no matcher", face.Thresholds{}, 0.99, false},
		{"no score", reid, math.NaN(), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.t.Alike(c.score); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
