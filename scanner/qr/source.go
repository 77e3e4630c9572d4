package qr

import (
	"image"

	"github.com/makiuchi-d/gozxing"
)

// source shows an *image.Gray to gozxing without a copy and without an interface call a pixel.
type source struct {
	gozxing.LuminanceSourceBase
	g *image.Gray
}

// newSource wraps g, whose stride must be its width.
func newSource(g *image.Gray) *source {
	return &source{gozxing.LuminanceSourceBase{Width: g.Rect.Dx(), Height: g.Rect.Dy()}, g}
}

func (s *source) GetRow(y int, row []byte) ([]byte, error) {
	return append(row[:0], s.g.Pix[y*s.g.Stride:y*s.g.Stride+s.GetWidth()]...), nil
}

func (s *source) GetMatrix() []byte { return s.g.Pix }

// Invert is asked for by none of the binarizers used here; codes of white on black are our own finder's business.
func (s *source) Invert() gozxing.LuminanceSource { return gozxing.LuminanceSourceInvert(s) }

func (s *source) String() string { return "gray" }
