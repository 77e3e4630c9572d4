package app

import (
	"image"
	"image/color"
	"math"
)

// sign is a small drawing beside a word. Signs are drawn, not taken from a
// font, so that they look the same everywhere and never fall back to the
// system's glyphs.
type sign string

const (
	signCheck sign = "check"
	signBang  sign = "bang"
	signCross sign = "cross"
	signRing  sign = "ring" // open
	signPie   sign = "pie"  // going on
	signDash  sign = "dash" // not measured
	signDot   sign = "dot"  // a state in the top bar; a hidden digit
	signLeft  sign = "left" // arrows of the challenge and of keys
	signRight sign = "right"
	signUp    sign = "up"
	signDown  sign = "down"
	signLock  sign = "lock"
	signOval  sign = "oval"  // the guide round a face, with its progress
	signFrame sign = "frame" // the guide round a code
)

// stroke is a line of a sign, in a box of 16×16.
type stroke struct{ x1, y1, x2, y2 float64 }

var strokes = map[sign][]stroke{
	signCheck: {{3, 8.3, 6.5, 11.6}, {6.5, 11.6, 13, 4.6}},
	signBang:  {{8, 2.8, 8, 9.2}, {8, 12.9, 8, 13}},
	signCross: {{4, 4, 12, 12}, {12, 4, 4, 12}},
	signDash:  {{4, 8, 12, 8}},
	signLeft:  {{13.2, 8, 3, 8}, {3, 8, 7.4, 3.6}, {3, 8, 7.4, 12.4}},
	signRight: {{2.8, 8, 13, 8}, {13, 8, 8.6, 3.6}, {13, 8, 8.6, 12.4}},
	signUp:    {{8, 13.2, 8, 3}, {8, 3, 3.6, 7.4}, {8, 3, 12.4, 7.4}},
	signDown:  {{8, 2.8, 8, 13}, {8, 13, 3.6, 8.6}, {8, 13, 12.4, 8.6}},
	signLock:  {{4, 7.5, 12, 7.5}, {12, 7.5, 12, 13.5}, {12, 13.5, 4, 13.5}, {4, 13.5, 4, 7.5}, {5.5, 7.5, 5.5, 4.5}, {5.5, 4.5, 8, 2.5}, {8, 2.5, 10.5, 4.5}, {10.5, 4.5, 10.5, 7.5}},
}

// drawSign paints a sign of colour c into w×h pixels on nothing.
func drawSign(s sign, c color.NRGBA, w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	unit := float64(min(w, h)) / 16
	half := 1.05 * unit
	for y := range h {
		for x := range w {
			px, py := (float64(x)+0.5)/unit, (float64(y)+0.5)/unit
			d := math.Inf(1)
			for _, l := range strokes[s] {
				d = min(d, toStroke(px, py, l)*unit)
			}
			r := math.Hypot(px-8, py-8)
			switch s {
			case signRing:
				d = math.Abs(r-4.8) * unit
			case signPie:
				d = math.Abs(r-5.2) * unit
				if px >= 8 && py <= 8 && r < 5.2 {
					d = 0
				}
			case signDot:
				d = (r-4)*unit + half
			}
			setCover(img, x, y, c, half+0.5-d)
		}
	}
	return img
}

// drawOval paints the guide: an ellipse of colour c that fills w×h pixels, the
// first progress (0..1) of it, clockwise from the top, in colour arc.
func drawOval(c, arc color.NRGBA, progress float64, width float64, w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	cx, cy := float64(w)/2, float64(h)/2
	half := width / 2
	rx, ry := cx-half-1, cy-half-1
	if rx <= 0 || ry <= 0 {
		return img
	}
	near := (half + 2) / min(rx, ry) * 2.5
	for y := range h {
		dy := float64(y) + 0.5 - cy
		for x := range w {
			dx := float64(x) + 0.5 - cx
			k := dx*dx/(rx*rx) + dy*dy/(ry*ry)
			if math.Abs(k-1) > near {
				continue
			}
			k0, k1 := math.Sqrt(k), math.Hypot(dx/(rx*rx), dy/(ry*ry))
			d := math.Abs(k0 * (k0 - 1) / k1) // distance to the ellipse, first order
			col, edge := c, half
			if progress > 0 {
				turn := math.Atan2(dx/rx, -dy/ry) / (2 * math.Pi)
				if turn < 0 {
					turn++
				}
				if turn <= progress {
					col, edge = arc, half+0.5
				}
			}
			setCover(img, x, y, col, edge+0.5-d)
		}
	}
	return img
}

// drawFrame paints a rounded frame that fills w×h pixels. A Rectangle with no
// fill would do, but GL blends its inner edge with black.
func drawFrame(c color.NRGBA, width, radius float64, w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	half := width / 2
	bx, by := float64(w)/2-half-1-radius, float64(h)/2-half-1-radius
	for y := range h {
		qy := math.Abs(float64(y)+0.5-float64(h)/2) - by
		for x := range w {
			qx := math.Abs(float64(x)+0.5-float64(w)/2) - bx
			d := math.Hypot(max(qx, 0), max(qy, 0)) + min(max(qx, qy), 0) - radius
			setCover(img, x, y, c, half+0.5-math.Abs(d))
		}
	}
	return img
}

// setCover writes colour c with coverage a, cut to 0..1.
func setCover(img *image.NRGBA, x, y int, c color.NRGBA, a float64) {
	if a <= 0 {
		return
	}
	c.A = uint8(float64(c.A)*min(a, 1) + 0.5)
	img.SetNRGBA(x, y, c)
}

// toStroke is the distance from a point to a line of a sign.
func toStroke(px, py float64, l stroke) float64 {
	dx, dy := l.x2-l.x1, l.y2-l.y1
	t := ((px-l.x1)*dx + (py-l.y1)*dy) / (dx*dx + dy*dy)
	t = max(0, min(1, t))
	return math.Hypot(px-l.x1-t*dx, py-l.y1-t*dy)
}
