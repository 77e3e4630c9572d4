package token

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"
)

// Photo is the photograph of a card.
type Photo struct {
	Data     []byte
	Declared string // what the card says it is: JPEG, JPEG2000, AVIF, WEBP; "" for nothing
}

// maxPhotoSide is the most pixels a side that is unpacked. What fits into a QR
// is far smaller; what claims more wants memory, not to be seen.
const maxPhotoSide = 1024

// ErrNotShown says that a photo is there but cannot be shown: in a format
// without a decoder here (JPEG 2000, AVIF), broken, or too large.
var ErrNotShown = errors.New("photo cannot be shown")

// Kind is the format that the bytes themselves have, whatever the card says:
// JPEG, WEBP, PNG, JPEG2000, AVIF or "".
func (p Photo) Kind() string {
	d := p.Data
	switch {
	case bytes.HasPrefix(d, []byte("\xff\xd8\xff")):
		return "JPEG"
	case bytes.HasPrefix(d, []byte("\x89PNG\r\n\x1a\n")):
		return "PNG"
	case len(d) > 12 && string(d[:4]) == "RIFF" && string(d[8:12]) == "WEBP":
		return "WEBP"
	case bytes.HasPrefix(d, []byte("\x00\x00\x00\x0cjP  ")), bytes.HasPrefix(d, []byte("\xff\x4f\xff\x51")):
		return "JPEG2000"
	case len(d) > 12 && (string(d[4:12]) == "ftypavif" || string(d[4:12]) == "ftypmif1"):
		return "AVIF"
	}
	return ""
}

// Image unpacks the photo: JPEG, WebP and PNG. Others are ErrNotShown.
func (p Photo) Image() (image.Image, error) {
	decoders := map[string]struct {
		config func(*bytes.Reader) (image.Config, error)
		image  func(*bytes.Reader) (image.Image, error)
	}{
		"JPEG": {func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) }, func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }},
		"PNG":  {func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) }, func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }},
		"WEBP": {func(r *bytes.Reader) (image.Config, error) { return webp.DecodeConfig(r) }, func(r *bytes.Reader) (image.Image, error) { return webp.Decode(r) }},
	}
	kind := p.Kind()
	d, ok := decoders[kind]
	if !ok {
		return nil, fmt.Errorf("%w: %q, said to be %q", ErrNotShown, kind, p.Declared)
	}
	c, err := d.config(bytes.NewReader(p.Data))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNotShown, kind, err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxPhotoSide || c.Height > maxPhotoSide {
		return nil, fmt.Errorf("%w: %s of %d×%d pixels", ErrNotShown, kind, c.Width, c.Height)
	}
	img, err := d.image(bytes.NewReader(p.Data))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNotShown, kind, err)
	}
	return img, nil
}

// photoBytes takes attribute 16 or a sample as bytes, or as the text that the
// specification's table calls the one and its example has of the other:
// hexadecimal or base64.
func photoBytes(value any) []byte {
	switch v := value.(type) {
	case []byte:
		return v
	case string:
		if b, err := hex.DecodeString(v); err == nil {
			return b
		}
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			if b, err := e.DecodeString(v); err == nil {
				return b
			}
		}
		return []byte(v)
	}
	return nil
}
