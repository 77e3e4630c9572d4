package clip_test

import (
	"bytes"
	"image/png"
	"os"
	"strings"
	"testing"

	"loket/scanner/qr"
	"loket/scanner/qr/clip"
)

func TestClip(t *testing.T) {
	text := "IKD1:" + strings.Repeat("6BF+70790T9WJWG", 40)
	a, err := clip.New(1, text, qr.LevelL)
	if err != nil {
		t.Fatal(err)
	}
	b, err := clip.New(1, text, qr.LevelL)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Frame(7).Pix, b.Frame(7).Pix) {
		t.Error("the same seed drew two pictures")
	}
	if a.ModulePixels(0) > 1.5 || a.ModulePixels(a.Len()-1) < 3.5 {
		t.Errorf("grows from %.1f to %.1f pixels a module", a.ModulePixels(0), a.ModulePixels(a.Len()-1))
	}
	last := a.Frame(a.Len() - 1)
	if path := os.Getenv("QR_CLIP_PNG"); path != "" {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := png.Encode(f, last); err != nil {
			t.Fatal(err)
		}
	}
	got := qr.Decode(last)
	if len(got.Symbols) != 1 || got.Symbols[0].Text != text {
		t.Fatalf("the last frame: %+v", got)
	}
	if m := got.Symbols[0].ModulePixels; m < 0.8*a.ModulePixels(a.Len()-1) || m > 1.2*a.ModulePixels(a.Len()-1) {
		t.Errorf("measured %.2f pixels a module, drawn %.2f", m, a.ModulePixels(a.Len()-1))
	}
	if _, err := clip.New(1, "", qr.LevelL); err == nil {
		t.Error("a clip of no text")
	}
}
