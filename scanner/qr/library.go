package qr

import (
	"image"
	"math"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// library reads at most one code with gozxing's own detector and one of its ways from grey to black and white.
func library(g *image.Gray, bin func(gozxing.LuminanceSource) gozxing.Binarizer) []sighting {
	if g.Rect.Dx() < 21 || g.Rect.Dy() < 21 {
		return nil
	}
	bitmap, err := gozxing.NewBinaryBitmap(bin(newSource(g)))
	if err != nil {
		return nil
	}
	res, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil || res.GetText() == "" {
		return nil
	}
	s := sighting{text: res.GetText()}
	pts := res.GetResultPoints() // the finders' centres: bottom left, top left, top right
	if len(pts) < 3 {
		return []sighting{s}
	}
	at := func(i int) Point { return Point{pts[i].GetX(), pts[i].GetY()} }
	bl, tl, tr := at(0), at(1), at(2)
	m, ok := pts[1].(interface{ GetEstimatedModuleSize() float64 })
	if !ok || !(m.GetEstimatedModuleSize() > 0) {
		return []sighting{s}
	}
	s.module = m.GetEstimatedModuleSize()
	// gozxing keeps the grid to itself: the corners are the centres grown by half a finder pattern.
	u, v := tr.sub(tl), bl.sub(tl)
	gu, gv := u.mul(3.5*s.module/math.Max(1, u.norm())), v.mul(3.5*s.module/math.Max(1, v.norm()))
	s.corners = [4]Point{tl.sub(gu).sub(gv), tr.add(gu).sub(gv), tr.add(v).add(gu).add(gv), bl.sub(gu).add(gv)}
	return []sighting{s}
}
