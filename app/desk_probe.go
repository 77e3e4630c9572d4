package app

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"

	"loket/app/activation"
	"loket/scanner/face"
)

// probeOf cuts the part of the frame round the face, twice the box each way,
// as a JPEG of quality 90: what central may compare again. Without a box it is
// the whole frame.
func probeOf(img *image.RGBA, b face.Box) []byte {
	part := img.Rect
	if b.W > 0 {
		part = image.Rect(int(b.X-b.W/2), int(b.Y-b.H/2), int(b.X+b.W*3/2), int(b.Y+b.H*3/2)).Intersect(img.Rect)
	}
	cut := image.NewRGBA(image.Rect(0, 0, part.Dx(), part.Dy()))
	draw.Draw(cut, cut.Rect, img, part.Min, draw.Src)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, cut, &jpeg.Options{Quality: 90}); err != nil {
		return nil // only for pictures beyond 65,535 pixels a side, which no camera yields
	}
	clear(cut.Pix)
	return out.Bytes()
}

// qualityLines writes the components of quality as lines, and whether somebody
// else is in the picture, however small.
func qualityLines(f Finding) []Line {
	lines := make([]Line, 0, len(f.Quality.Components)+1)
	for _, c := range f.Quality.Components {
		l := Line{Code: string(c.Code), State: LineUnknown}
		if c.Measured {
			l.State = LineOK
			if !c.Passes() {
				l.State = LineWarn
			}
		}
		if c.Code == face.OneFace && l.State == LineOK && len(f.Faces) > 1 {
			l = Line{Code: "others", State: LineWarn}
		}
		lines = append(lines, l)
	}
	return lines
}

// takeFace answers on the face screen.
func (d *Desk) takeFace(i Intent) {
	c := d.c
	switch i := i.(type) {
	case Capture:
		switch {
		case !c.compared:
			d.press()
		case c.s.Alive() == activation.AliveOpen && c.halted:
			c.halted = false
			c.turn++
		}
	case CannotMove:
		d.waive()
	case Retry:
		if !c.compared {
			return
		}
		if len(c.s.Attempts) >= activation.MaxAttempts {
			d.say("attempts-over", Attention)
			return
		}
		c.compared, c.crop, c.near = false, nil, nil
		c.turn++
	case Tick:
		if i.Item == "look" {
			d.step("", activation.Looked{OK: i.On})
		}
	case Next:
		switch {
		case !c.compared:
			d.say("face-open", Info)
		case c.s.Alive() == activation.AliveOpen:
			d.say("challenge-open", Info)
		default:
			d.step("face-open", activation.Advance{})
		}
	case Back:
		// Whose attempts are used up keeps the last one when the stage is entered again.
		c.compared = len(c.s.Attempts) >= activation.MaxAttempts
		d.step("", activation.Return{})
	}
}

// press is the shutter: at most one press waits.
func (d *Desk) press() {
	select {
	case d.c.shutter <- struct{}{}:
	default:
	}
}
