package webcam

import (
	"fmt"
	"image"

	"gocv.io/x/gocv"

	"loket/camera"
)

// pixels turns OpenCV's frames into Go's: the order of colours is changed in a
// Mat that is used again, then one copy makes the fresh image.
type pixels struct{ rgba gocv.Mat }

func newPixels() *pixels { return &pixels{rgba: gocv.NewMat()} }

func (p *pixels) of(frame gocv.Mat) (*image.RGBA, error) {
	code := gocv.ColorBGRToRGBA
	switch frame.Type() {
	case gocv.MatTypeCV8UC3:
	case gocv.MatTypeCV8UC1:
		code = gocv.ColorGrayToBGRA // grey is the same in either order
	case gocv.MatTypeCV8UC4:
		code = gocv.ColorBGRAToRGBA
	default:
		return nil, fmt.Errorf("frames of type %v: %w", frame.Type(), camera.CannotOpen)
	}
	gocv.CvtColor(frame, &p.rgba, code)
	data, err := p.rgba.DataPtrUint8()
	if err != nil {
		return nil, fmt.Errorf("frame's pixels: %w", err)
	}
	img := image.NewRGBA(image.Rect(0, 0, p.rgba.Cols(), p.rgba.Rows()))
	copy(img.Pix, data)
	return img, nil
}

func (p *pixels) close() error { return p.rgba.Close() }
