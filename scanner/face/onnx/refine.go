package onnx

import (
	"image"
	"image/draw"
	"math"

	"gocv.io/x/gocv"

	"loket/scanner/face"
)

// A face that was found in a scaled picture is looked at again in the full one:
// its surroundings, nearGrow times the box's longer side, scaled to nearSide
// pixels. With retail-0095 against NUAA's prints at 0.553, 30 live frames that
// were scaled down to 320, 213, 160 and 107 pixels lost 29, 20, 36 and 19 of
// 600 genuine pairs, with the second look 15, 17, 14 and 12, and unscaled 14; a
// nearSide of 96, 128, 160 and 256 lost more in sum. On LFW, which did not choose
// it, 125, 83 and 67 pixels lost 60, 58 and 61 of 377, with the second look 50,
// 55 and 55, and unscaled 57. Of a picture that was not scaled it gains nothing.
const (
	nearSide = 192
	nearGrow = 2.0
	nearOver = 0.3 // intersection over union with the first box, below which it is another face
)

// Refine looks again at one face that Detect found in img, where Detect scaled
// the picture down; it returns f itself where it did not, or where the second
// look finds nobody there. The score stays the first one.
func (d *Detector) Refine(img *image.RGBA, f face.Face) (face.Face, error) {
	if max(img.Rect.Dx(), img.Rect.Dy()) <= d.options.Side {
		return f, nil
	}
	half := math.Max(f.Box.W, f.Box.H) * nearGrow / 2
	if !(half >= 1) || half > float64(img.Rect.Dx()+img.Rect.Dy()) {
		return f, nil
	}
	x, y, side := int(f.Box.X+f.Box.W/2-half), int(f.Box.Y+f.Box.H/2-half), int(2*half)+1
	crop := image.NewRGBA(image.Rect(0, 0, side, side)) // black beyond the picture
	draw.Draw(crop, crop.Rect, img, image.Pt(x, y), draw.Src)
	how := gocv.InterpolationArea
	if side < nearSide {
		how = gocv.InterpolationLinear
	}
	small, err := scaled(crop, nearSide, nearSide, how)
	if err != nil {
		return f, err
	}
	d.near.mu.Lock()
	defer d.near.mu.Unlock()
	faces, err := d.near.look(small)
	if err != nil {
		return f, err
	}
	best, found := nearOver, f
	for _, again := range faces {
		again = moved(again, float64(side)/nearSide, float64(side)/nearSide, image.Pt(x, y))
		both := intersection(again.Box, f.Box)
		if over := both / (again.Box.W*again.Box.H + f.Box.W*f.Box.H - both); over > best {
			best, found = over, again
		}
	}
	found.Score = f.Score
	return found, nil
}
