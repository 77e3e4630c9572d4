package engine

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"

	"loket/scanner/face"
)

// What travels over the pipe. A request is 12 bytes (magic, version, op, width
// and height, big-endian) and the picture's RGBA rows without gaps. An answer
// is its length in 4 bytes, big-endian, and JSON. The child's first answer is a
// greeting without a request.

type op byte

const (
	opLook     op = 1 // live frame: faces and quality
	opDescribe op = 2 // live frame: also the largest face's descriptor
	opStill    op = 3 // enrolled photo: like opDescribe, with a lower limit for a face
)

const (
	magic     = 0x4c6b // "Lk"
	version   = 1
	maxSide   = 8192
	maxPixels = 16 << 20 // 64 MiB of RGBA
	maxAnswer = 1 << 20  // bytes
)

// ErrTooLarge means that a picture has more than 16 million pixels.
var ErrTooLarge = errors.New("picture is too large for the face engine")

type answer struct {
	Greeting *greeting `json:"greeting,omitempty"`
	Result   *Result   `json:"result,omitempty"`
	Error    string    `json:"error,omitempty"`
}

type greeting struct {
	Detector   face.Model      `json:"detector"`
	Matcher    face.Model      `json:"matcher"`
	Thresholds face.Thresholds `json:"thresholds"`
}

func writeRequest(w io.Writer, o op, img *image.RGBA) error {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	if err := allowed(width, height); err != nil {
		return err
	}
	head := binary.BigEndian.AppendUint16(nil, magic)
	head = append(head, version, byte(o))
	head = binary.BigEndian.AppendUint32(head, uint32(width))
	head = binary.BigEndian.AppendUint32(head, uint32(height))
	if _, err := w.Write(head); err != nil {
		return err
	}
	if img.Stride == 4*width {
		_, err := w.Write(img.Pix[:4*width*height])
		return err
	}
	for y := range height {
		if _, err := w.Write(img.Pix[y*img.Stride : y*img.Stride+4*width]); err != nil {
			return err
		}
	}
	return nil
}

func allowed(width, height int) error {
	if width < 1 || height < 1 {
		return fmt.Errorf("picture of %d × %d pixels", width, height)
	}
	if width > maxSide || height > maxSide || width*height > maxPixels {
		return fmt.Errorf("%w: %d × %d", ErrTooLarge, width, height)
	}
	return nil
}

// readRequest reads into old's pixels where they suffice. io.EOF is the end.
func readRequest(r io.Reader, old *image.RGBA) (op, *image.RGBA, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	if binary.BigEndian.Uint16(head[:]) != magic || head[2] != version {
		return 0, nil, errors.New("request has another form")
	}
	width, height := int(binary.BigEndian.Uint32(head[4:])), int(binary.BigEndian.Uint32(head[8:]))
	if err := allowed(width, height); err != nil {
		return 0, nil, err
	}
	n := 4 * width * height
	if old == nil || cap(old.Pix) < n {
		old = &image.RGBA{Pix: make([]byte, n)}
	}
	img := &image.RGBA{Pix: old.Pix[:n], Stride: 4 * width, Rect: image.Rect(0, 0, width, height)}
	if _, err := io.ReadFull(r, img.Pix); err != nil {
		return 0, nil, fmt.Errorf("read picture: %w", err)
	}
	return op(head[3]), img, nil
}

func writeAnswer(w io.Writer, a answer) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if len(data) > maxAnswer {
		return errors.New("answer is too long")
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...))
	return err
}

func readAnswer(r io.Reader) (answer, error) {
	var a answer
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return a, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxAnswer {
		return a, fmt.Errorf("answer of %d bytes", n)
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(r, data); err != nil {
		return a, err
	}
	return a, json.Unmarshal(data, &a)
}
