// Package qr finds and reads QR codes in camera frames and still pictures, and draws our own.
//
// A phone held before a counter's webcam is small, tilted, smeared, glaring and in motion. The package therefore looks
// for the code itself: finder patterns in a locally thresholded picture (finder.go), the plane through them, fitted to
// their edges (fit.go, grid.go), a mesh over the alignment patterns (mesh.go) or over a code that is not flat (drape.go),
// grey values sampled at each module, levelled and freed from what neighbours smeared into them (modules.go), and
// Reed-Solomon correction that knows which codewords are doubtful (codewords.go, correct.go). gozxing turns the corrected
// bytes into text, and its own detector is among the later attempts. What cannot be read is tried again in dearer ways, in
// order of cost (ladder.go).
//
// [Decode] tries everything on one still picture. A [Reader] spreads the same attempts over successive frames of a
// stream within a time box, looks first where the last frames had a code, and adds up frames of one code where none of
// them is readable alone. [Encode] draws a code.
package qr

import "math"

// Point is a place in the picture in pixels; the centre of the first pixel is (0.5, 0.5).
type Point struct{ X, Y float64 }

func (p Point) sub(q Point) Point { return Point{p.X - q.X, p.Y - q.Y} }

func (p Point) add(q Point) Point { return Point{p.X + q.X, p.Y + q.Y} }

func (p Point) mul(f float64) Point { return Point{p.X * f, p.Y * f} }

func (p Point) norm() float64 { return math.Hypot(p.X, p.Y) }

// Symbol is one code that was read.
type Symbol struct {
	Text         string
	Corners      [4]Point // outer corners of the symbol: top left, top right, bottom right, bottom left as the code has it
	ModulePixels float64  // mean edge of a module in pixels
	Attempt      string   // the attempt that read it, for records and tuning
}

// Hint says what would most help the next frame. Words for people belong to the screen that shows it.
type Hint int

const (
	HintNone   Hint = iota // nothing was seen that looks like a code, or it was read
	HintCloser             // a code is there, at under 2.5 pixels a module: bring it closer
	HintDimmer             // its white is saturated and eats the black: turn the screen's brightness down
	HintHold               // it is large enough but smeared, or so blurred that no finder pattern is left: hold it still
)

// String names the hint for logs.
func (h Hint) String() string {
	return [...]string{"none", "closer", "dimmer", "hold"}[h]
}

// Reading is what one frame gave.
type Reading struct {
	Symbols []Symbol
	Hint    Hint
	// ModulePixels is the module's edge in pixels of the code that was seen but not read, 0 where none was seen.
	ModulePixels float64
}
