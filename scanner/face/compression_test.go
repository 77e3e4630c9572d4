package face_test

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"testing"

	"loket/scanner/face"
)

// Compression falls with JPEG's quality, wherever its grid lies, and stops no
// picture.
func TestCompression(t *testing.T) {
	straight := head(face.Pose{}, 320, 240, 85)
	smooth := scene(func(x, y int) float64 { return texture(x, y)/2 + float64((x*7+y*13)%5) })
	at := func(quality, shift int) face.Component {
		var data bytes.Buffer
		if err := jpeg.Encode(&data, smooth, &jpeg.Options{Quality: quality}); err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(&data)
		if err != nil {
			t.Fatal(err)
		}
		out := image.NewRGBA(smooth.Rect)
		draw.Draw(out, out.Rect, img, image.Pt(shift, shift), draw.Src)
		return face.Measure(out, []face.Face{straight}, face.Guide(640, 480)).Component(face.Compression)
	}
	fine := face.Measure(smooth, []face.Face{straight}, face.Guide(640, 480))
	if c := fine.Component(face.Compression); c.Score < 90 {
		t.Errorf("never compressed: %+v", c)
	}
	for _, shift := range []int{0, 3} {
		good, bad := at(95, shift), at(5, shift)
		if good.Score < 80 || bad.Score > 50 || bad.Limit != 0 {
			t.Errorf("moved by %d: quality 95 %+v, quality 5 %+v", shift, good, bad)
		}
	}
}
