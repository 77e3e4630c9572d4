package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"image"
	"image/jpeg"
	_ "image/png" // selfies from files
	"os"
	"strings"

	"golang.org/x/image/draw"

	"loket/camera/footage/people"
	"loket/scanner/qr"
	"loket/scanner/token"
	"loket/sync/wire"
)

// maxSide is the longer side of a selfie that is sent, in pixels.
const maxSide = 1024

// maxPixels is the most that a picture may unpack to.
const maxPixels = 50 << 20

// selfieFor reads a file, or draws one of the sample citizens: always the same
// for the same NIK.
func selfieFor(file, nik string) ([]byte, error) {
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("selfie: %w", err)
		}
		return data, nil
	}
	return drawnSelfie(nik)
}

// drawnSelfie is a drawing, as a JPEG of 480×640 pixels.
func drawnSelfie(nik string) ([]byte, error) {
	all := people.All()
	h := fnv.New32a()
	h.Write([]byte(nik))
	who := all[int(h.Sum32()%uint32(len(all)))]
	return encode(who.Draw(image.Pt(480, 640), people.Look{Scale: 0.42, Y: -0.04}))
}

// asJPEG makes what a file or page gave a JPEG that central takes: at most
// 1,024 pixels on the longer side. JPEGs of that size stay as they are.
func asJPEG(data []byte) ([]byte, error) {
	c, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("selfie: %w", err)
	}
	if c.Width*c.Height > maxPixels || c.Width < 100 || c.Height < 100 {
		return nil, errors.New("selfie: too large or too small")
	}
	if kind == "jpeg" && max(c.Width, c.Height) <= maxSide && len(data) <= wire.MaxSelfie {
		return data, nil
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("selfie: %w", err)
	}
	scale := min(1, float64(maxSide)/float64(max(c.Width, c.Height)))
	small := image.NewRGBA(image.Rect(0, 0, int(float64(c.Width)*scale), int(float64(c.Height)*scale)))
	draw.CatmullRom.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
	return encode(small)
}

func encode(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 88}); err != nil {
		return nil, fmt.Errorf("selfie: %w", err)
	}
	return b.Bytes(), nil
}

// counterIn reads the counter's code from a picture of the office's screen.
func counterIn(picture []byte) (string, error) {
	unread := &Fault{Message: "Kode di gambar belum terbaca.", Next: "Potret lagi lebih dekat, tegak lurus ke layar."}
	c, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil || c.Width*c.Height > maxPixels {
		return "", unread
	}
	img, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return "", unread
	}
	for _, s := range qr.Decode(img).Symbols {
		if strings.HasPrefix(s.Text, token.PrefixCounter) {
			return s.Text, nil
		}
	}
	return "", unread
}
