package footage_test

import (
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"loket/camera"
	"loket/camera/footage"
)

var _ camera.Source = (*footage.Source)(nil)

func grey(y uint8) image.Image {
	img := image.NewGray(image.Rect(5, 5, 21, 17)) // neither RGBA nor at (0, 0)
	for i := range img.Pix {
		img.Pix[i] = y
	}
	return img
}

func TestPictures(t *testing.T) {
	tests := []struct {
		name string
		play footage.Play
		want []uint8 // of each Read; 0 is the end
	}{
		{"once", footage.Play{Once: true}, []uint8{10, 20, 30, 0, 0}},
		{"over and over", footage.Play{}, []uint8{10, 20, 30, 10, 20}},
		{"once at a rate", footage.Play{Once: true, Rate: 10}, []uint8{10, 20, 30, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src := footage.Pictures(tt.play, grey(10), grey(20), grey(30))
				for i, want := range tt.want {
					img, err := src.Read()
					if want == 0 {
						if !errors.Is(err, io.EOF) {
							t.Errorf("read %d: %v, want the end", i, err)
						}
						continue
					}
					if err != nil || img.Rect != image.Rect(0, 0, 16, 12) || img.RGBAAt(3, 3) != (color.RGBA{want, want, want, 255}) {
						t.Fatalf("read %d: %v, %v, want %d", i, img, err, want)
					}
					img.Pix[0] = 99 // the caller owns it: the next round must not show this
				}
			})
		})
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, encode func(io.Writer) error) {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := encode(f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := footage.Folder(footage.Play{}, dir); err == nil {
		t.Error("an empty folder plays")
	}
	write("2.JPG", func(w io.Writer) error { return jpeg.Encode(w, grey(200), nil) })
	write("1.png", func(w io.Writer) error { return png.Encode(w, grey(50)) })
	write("notes.txt", func(w io.Writer) error { _, err := io.WriteString(w, "not a picture"); return err })

	src, err := footage.Folder(footage.Play{Once: true}, dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []uint8{50, 200} {
		img, err := src.Read()
		if err != nil || img.Pix[0] != want {
			t.Errorf("picture %d: %v, want %d", i, err, want)
		}
	}
	if _, err := src.Read(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last: %v", err)
	}
	if _, err := footage.Folder(footage.Play{}, filepath.Join(dir, "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// A scene runs at its rate, leaves out what a slow reader missed, and stops
// waiting when it is closed.
func TestScene(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n []int
		src := footage.Scene(footage.Play{Rate: 10}, func(i int, at time.Duration) (*image.RGBA, error) {
			if want := time.Duration(i) * 100 * time.Millisecond; at != want {
				t.Errorf("frame %d at %v", i, at)
			}
			n = append(n, i)
			return image.NewRGBA(image.Rect(0, 0, 1, 1)), nil
		})
		read := func() {
			if _, err := src.Read(); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		read()
		read()
		read()
		if took := time.Since(began); took != 200*time.Millisecond {
			t.Errorf("three frames took %v", took)
		}
		time.Sleep(time.Second)
		read()
		if last := n[len(n)-1]; last != 12 {
			t.Errorf("after a second without reading: frame %d, want 12", last)
		}
		go func() {
			time.Sleep(10 * time.Millisecond)
			src.Close()
		}()
		if _, err := src.Read(); !errors.Is(err, footage.ErrClosed) {
			t.Errorf("read while closing: %v", err)
		}
		if _, err := src.Read(); !errors.Is(err, footage.ErrClosed) {
			t.Errorf("read after Close: %v", err)
		}
	})
}
