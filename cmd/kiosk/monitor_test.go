package main

import (
	"image"
	"testing"
)

func TestBeside(t *testing.T) {
	left, right := image.Rect(0, 0, 1366, 768), image.Rect(1366, 0, 3286, 1080)
	for _, c := range []struct {
		name     string
		monitors []image.Rectangle
		officer  image.Rectangle
		want     image.Rectangle
	}{
		{"one monitor", []image.Rectangle{left}, left, image.Rectangle{}},
		{"none is told", nil, left, image.Rectangle{}},
		{"officer on the left", []image.Rectangle{left, right}, image.Rect(20, 30, 1300, 750), right},
		{"officer on the right", []image.Rectangle{left, right}, image.Rect(1400, 0, 2766, 768), left},
		{"the same picture on both", []image.Rectangle{left, left}, left, image.Rectangle{}},
		{"officer across both", []image.Rectangle{left, right}, image.Rect(700, 0, 2066, 768), image.Rectangle{}},
		{"one that is off", []image.Rectangle{left, {}, right}, left, right},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := beside(c.monitors, c.officer)
			if got != c.want || ok != (c.want != image.Rectangle{}) {
				t.Errorf("%v %v, want %v", got, ok, c.want)
			}
		})
	}
}
