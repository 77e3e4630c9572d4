package onnx

import (
	"image"

	"gocv.io/x/gocv"
)

// scaled is the picture in another size, a fresh one.
func scaled(img *image.RGBA, w, h int, how gocv.InterpolationFlags) (*image.RGBA, error) {
	src, err := gocv.NewMatFromBytes(img.Rect.Dy(), img.Rect.Dx(), gocv.MatTypeCV8UC4, tight(img))
	if err != nil {
		return nil, err
	}
	defer src.Close()
	dst := gocv.NewMat()
	defer dst.Close()
	gocv.Resize(src, &dst, image.Pt(w, h), 0, 0, how)
	return &image.RGBA{Pix: dst.ToBytes(), Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}, nil
}

// tight returns the pixels without gaps between the rows.
func tight(img *image.RGBA) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if img.Stride == 4*w {
		return img.Pix[:4*w*h]
	}
	out := make([]byte, 0, 4*w*h)
	for y := range h {
		out = append(out, img.Pix[y*img.Stride:y*img.Stride+4*w]...)
	}
	return out
}
