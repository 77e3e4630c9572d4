package qr_test

import (
	"image"
	"image/draw"
	"strings"
	"testing"
	"time"

	"loket/scanner/qr"
)

func TestEncodeDecode(t *testing.T) {
	for _, tt := range []struct {
		name   string
		text   string
		pixels int
		level  qr.Level
	}{
		{"short", "IKD", 4, qr.LevelM},
		{"base45 with spaces at both ends", " AB:C/ ", 5, qr.LevelQ},
		{"presentation", "IKD1:" + strings.Repeat("6BF+70790T9WJWG.FKY*4GO0.O1CV2", 20), 4, qr.LevelL},
		{"lower case", "https://contoh.id/halo", 6, qr.LevelH},
		{"version 29", strings.Repeat("0123456789ABCDEF:/", 125), 4, qr.LevelL},
	} {
		t.Run(tt.name, func(t *testing.T) {
			img, err := qr.Encode(tt.text, tt.pixels, tt.level)
			if err != nil {
				t.Fatal(err)
			}
			got := qr.Decode(img)
			if len(got.Symbols) != 1 || got.Symbols[0].Text != tt.text {
				t.Fatalf("Decode = %+v, want %q", got, tt.text)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		text   string
		pixels int
		level  qr.Level
	}{
		{"no text", "", 4, qr.LevelL},
		{"no pixels", "A", 0, qr.LevelL},
		{"unknown level", "A", 1, 4},
		{"too long", strings.Repeat("A", 5000), 1, qr.LevelL},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if img, err := qr.Encode(tt.text, tt.pixels, tt.level); err == nil {
				t.Fatalf("Encode = %v, want an error", img.Bounds())
			}
		})
	}
}

// frame puts a code on a grey camera frame.
func frame(t testing.TB, text string, pixels int) *image.RGBA {
	t.Helper()
	code, err := qr.Encode(text, pixels, qr.LevelM)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(img, code.Bounds().Add(image.Pt(90, 60)), code, image.Point{}, draw.Src)
	return img
}

func TestReaderBelieves(t *testing.T) {
	img := frame(t, "IKD1:ABC", 6)
	plausible := qr.NewReader(qr.Options{Plausible: func(s string) bool { return strings.HasPrefix(s, "IKD1:") }})
	if got := plausible.Read(img, time.Second); len(got.Symbols) != 1 {
		t.Errorf("a plausible text counts at once: got %+v", got)
	}
	twice := qr.NewReader(qr.Options{})
	if got := twice.Read(img, time.Second); len(got.Symbols) != 0 {
		t.Errorf("one frame alone is not believed: got %+v", got)
	}
	if got := twice.Read(img, time.Second); len(got.Symbols) != 1 {
		t.Errorf("two frames agree: got %+v", got)
	}
}
