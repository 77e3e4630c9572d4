package main

import "image"

// beside is the monitor for the citizen: the first on which none of the
// officer's window stands; false where there is none.
func beside(monitors []image.Rectangle, officer image.Rectangle) (image.Rectangle, bool) {
	for _, m := range monitors {
		if !m.Empty() && !m.Overlaps(officer) {
			return m, true
		}
	}
	return image.Rectangle{}, false
}
