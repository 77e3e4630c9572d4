package qr_test

import (
	"strings"
	"testing"

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
