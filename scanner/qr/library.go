package qr

import (
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// binarizer is one of gozxing's ways from grey to black and white.
type binarizer func(gozxing.LuminanceSource) gozxing.Binarizer

// library reads at most one code with gozxing's own detector. scale is the size of g against the frame's.
func library(g *image.Gray, bin binarizer, scale float64, attempt string) []Symbol {
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
	return []Symbol{symbolOf(res, scale, attempt)}
}

// symbolOf turns gozxing's finder centres (bottom left, top left, top right) into corners. The module's size follows
// from the symbol's dimension only roughly here, so the corners are the finder centres grown by half a finder.
func symbolOf(res *gozxing.Result, scale float64, attempt string) Symbol {
	s := Symbol{Text: res.GetText(), Attempt: attempt}
	pts := res.GetResultPoints()
	if len(pts) < 3 {
		return s
	}
	at := func(i int) Point { return Point{pts[i].GetX() / scale, pts[i].GetY() / scale} }
	bl, tl, tr := at(0), at(1), at(2)
	if m, ok := pts[1].(interface{ GetEstimatedModuleSize() float64 }); ok {
		s.ModulePixels = m.GetEstimatedModuleSize() / scale
	}
	u, v := tr.sub(tl), bl.sub(tl)
	gu := u.mul(3.5 * s.ModulePixels / max(1, u.norm()))
	gv := v.mul(3.5 * s.ModulePixels / max(1, v.norm()))
	s.Corners = [4]Point{
		tl.sub(gu).sub(gv), tr.add(gu).sub(gv), tr.add(v).add(gu).add(gv), bl.sub(gu).add(gv),
	}
	return s
}
