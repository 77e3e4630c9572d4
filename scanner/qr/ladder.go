package qr

import (
	"image"

	"github.com/makiuchi-d/gozxing"
)

// attempt is one way of reading a picture.
type attempt struct {
	name string
	// seeks says that the attempt's strength is to find what others overlook: pointless while a code is in sight.
	seeks bool
	// fits says whether a picture of w×h pixels is worth the attempt.
	fits func(w, h int) bool
	run  func(g *image.Gray, stop func() bool) []sighting
}

// Sizes between which the attempts that change the picture's size are worth their time.
const (
	leastHalved  = 100     // pixels of the shorter edge of what remains
	mostDoubled  = 600_000 // pixels of a picture that is doubled
	everyRowUpTo = 500_000 // pixels up to which every row is scanned for finder patterns, not every second
)

// ladder lists the attempts in order of what they cost for what they bring, measured on public photographs.
func ladder() []attempt {
	always := func(w, h int) bool { return true }
	shrinks := func(by int) func(w, h int) bool {
		return func(w, h int) bool { return min(w, h)/by >= leastHalved }
	}
	return []attempt{
		{"grid", false, always, func(g *image.Gray, stop func() bool) []sighting { return locate(g, 1, 3, stop) }},
		{"half", true, shrinks(2), func(g *image.Gray, stop func() bool) []sighting { return locate(halved(g), 0.5, 3, stop) }},
		{"quarter", true, always, func(g *image.Gray, stop func() bool) []sighting {
			return locate(halved(halved(g)), 0.25, 3, stop)
		}},
		{"fine", true, always, func(g *image.Gray, stop func() bool) []sighting { return locate(g, 1, 2, stop) }},
		{"soft", true, always, func(g *image.Gray, stop func() bool) []sighting { return locate(softened(g), 1, 3, stop) }},
		{"hybrid", true, always, func(g *image.Gray, _ func() bool) []sighting { return library(g, gozxing.NewHybridBinarizer) }},
		{"double", false, func(w, h int) bool { return w*h <= mostDoubled },
			func(g *image.Gray, stop func() bool) []sighting { return locate(doubled(g), 2, 3, stop) }},
		{"global", true, always, func(g *image.Gray, _ func() bool) []sighting {
			return library(g, gozxing.NewGlobalHistgramBinarizer)
		}},
	}
}
