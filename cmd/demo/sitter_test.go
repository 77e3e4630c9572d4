package main

import (
	"image"
	"slices"
	"testing"

	"loket/scanner/face/liveness"
)

// Who sits before the camera goes to what is asked by way of the straight look,
// never from one side to the other at once.
func TestSitterMoves(t *testing.T) {
	at := func(n int) *image.RGBA { return image.NewRGBA(image.Rect(0, 0, n, 1)) }
	s := &sitter{straight: slices.Repeat([]*image.RGBA{at(1)}, sway),
		moves: map[liveness.Step][]*image.RGBA{liveness.TurnLeft: {at(11), at(12)}, liveness.TurnRight: {at(21), at(22)}, liveness.ComeCloser: {at(31)}}}
	var seen []int
	for _, step := range []liveness.Step{"", liveness.TurnLeft, liveness.TurnRight, liveness.LookStraight, liveness.ComeCloser} {
		s.Ask(step)
		for i := range 6 {
			if w := s.next(i).Rect.Dx(); len(seen) == 0 || seen[len(seen)-1] != w {
				seen = append(seen, w)
			}
		}
	}
	if want := []int{1, 11, 12, 11, 1, 21, 22, 21, 1, 31}; !slices.Equal(seen, want) {
		t.Errorf("saw %v, want %v", seen, want)
	}
}
