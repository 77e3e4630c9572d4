package qr

import (
	"fmt"
	"image"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
)

// Level is how much damage a code survives: about 7, 15, 25 or 30 % of its codewords.
type Level int

const (
	LevelL Level = iota
	LevelM
	LevelQ
	LevelH
)

// quietZone is the white border in modules that ISO/IEC 18004 asks for.
const quietZone = 4

// Encode draws text as a QR code of the smallest version that holds it, black on white, modulePixels pixels a module,
// with the quiet zone of four modules. Text of base45's 45 letters becomes alphanumeric mode (5.5 bits a letter).
func Encode(text string, modulePixels int, level Level) (*image.Gray, error) {
	if modulePixels < 1 {
		return nil, fmt.Errorf("draw code: %d pixels a module", modulePixels)
	}
	if text == "" {
		return nil, fmt.Errorf("draw code: empty text")
	}
	levels := [...]decoder.ErrorCorrectionLevel{
		decoder.ErrorCorrectionLevel_L, decoder.ErrorCorrectionLevel_M,
		decoder.ErrorCorrectionLevel_Q, decoder.ErrorCorrectionLevel_H,
	}
	if level < LevelL || level > LevelH {
		return nil, fmt.Errorf("draw code: no error correction level %d", level)
	}
	code, err := encoder.Encoder_encode(text, levels[level], nil)
	if err != nil {
		return nil, fmt.Errorf("draw code of %d bytes: %w", len(text), err)
	}
	m := code.GetMatrix()
	side := (m.GetWidth() + 2*quietZone) * modulePixels
	out := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		row := out.Pix[y*out.Stride : (y+1)*out.Stride]
		my := y/modulePixels - quietZone
		for x := range row {
			mx := x/modulePixels - quietZone
			row[x] = 255
			if my >= 0 && my < m.GetHeight() && mx >= 0 && mx < m.GetWidth() && m.Get(mx, my) == 1 {
				row[x] = 0
			}
		}
	}
	return out, nil
}
