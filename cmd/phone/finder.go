package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/draw"
	"image/jpeg"
	"slices"
	"strings"
	"sync"
	"time"

	"loket/scanner/qr"
	"loket/scanner/token"
)

// finder looks for the counter's code in what the phone's camera sees: the page
// sends frame after frame, one at a time.
type finder struct {
	phone *Phone

	mu      sync.Mutex
	reader  *qr.Reader
	refused string // the text that was refused last, so that central is not asked about it at every frame
	fault   error
}

// Limits of a frame, and the time box in which it is read. The page sends about
// six a second.
const (
	maxFrame    = 4 << 20 // bytes
	maxFramePix = 4 << 20 // pixels
	frameBudget = 120 * time.Millisecond
)

// seenFrame is what one frame gave.
type seenFrame struct {
	Found bool    `json:"found"`
	Hint  string  `json:"hint,omitempty"` // a sentence for the citizen
	State *Status `json:"state,omitempty"`
}

// hints are the reader's hints in words.
var hints = map[qr.Hint]string{
	qr.HintCloser: "Dekatkan ponsel ke layar loket.",
	qr.HintDimmer: "Terlalu silau. Miringkan ponsel sedikit.",
	qr.HintHold:   "Tahan sebentar, jangan goyang.",
}

// errFrame is a frame that is no JPEG of a camera.
var errFrame = errors.New("frame: not a JPEG of at most 4 megapixels")

func newFinder(p *Phone) *finder {
	f := &finder{phone: p}
	f.reset()
	return f
}

// reset forgets what earlier frames showed. f.mu is held, but for newFinder.
func (f *finder) reset() {
	f.reader = qr.NewReader(qr.Options{Plausible: counterText})
	f.refused, f.fault = "", nil
}

// counterText says that a text has the form of a counter's code.
func counterText(text string) bool {
	body, ok := strings.CutPrefix(text, token.PrefixCounter)
	if !ok {
		return false
	}
	_, err := token.DecodeBase45(body)
	return err == nil
}

// look reads the next frame, a JPEG. first begins a new look. A counter's code
// that holds is used at once; one that does not is a *Fault.
func (f *finder) look(ctx context.Context, frame []byte, first bool) (seenFrame, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if first {
		f.reset()
	}
	img, err := frameImage(frame)
	if err != nil {
		return seenFrame{}, err
	}
	r := f.reader.Read(img, frameBudget)
	if len(r.Symbols) == 0 {
		return seenFrame{Hint: hints[r.Hint]}, nil
	}
	at := slices.IndexFunc(r.Symbols, func(s qr.Symbol) bool { return strings.HasPrefix(s.Text, token.PrefixCounter) })
	if at < 0 {
		return seenFrame{Hint: "Itu bukan kode loket. Arahkan ke layar yang menghadap Anda."}, nil
	}
	text := r.Symbols[at].Text
	if text == f.refused {
		return seenFrame{}, f.fault
	}
	if err := f.phone.ScanCounter(ctx, text); err != nil {
		if fault := (*Fault)(nil); errors.As(err, &fault) {
			f.refused, f.fault = text, err
		}
		return seenFrame{}, err
	}
	status := f.phone.Status()
	return seenFrame{Found: true, State: &status}, nil
}

// frameImage unpacks a frame.
func frameImage(frame []byte) (*image.RGBA, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(frame))
	if err != nil || c.Width*c.Height > maxFramePix {
		return nil, errFrame
	}
	img, err := jpeg.Decode(bytes.NewReader(frame))
	if err != nil {
		return nil, errFrame
	}
	out := image.NewRGBA(image.Rect(0, 0, c.Width, c.Height))
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out, nil
}
