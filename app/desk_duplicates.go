package app

import (
	"image"

	"loket/scanner/face"
	"loket/scanner/face/sameday"
)

// NearView is a face of the day, under another NIK, that is close to the one
// that was compared.
type NearView struct {
	Crop  image.Image
	Last4 string // of the other NIK
	At    string // 15.04, when it came
	Score float64
	Count int // how many there are
}

// sameDay holds a face that was compared against those of the day, and
// remembers it. A fault finds nothing near and goes to the log: the comparison
// itself stands.
func (d *Desk) sameDay(e Engine, descriptor face.Descriptor, crop *image.RGBA) []sameday.Near {
	c := d.c
	if descriptor == nil || c.s.Code == nil || e.Matcher.Name == "" {
		return nil
	}
	near, err := d.day.See(sameday.Sighting{NIK: c.s.Code.NIK, Case: c.s.ID, At: d.now(), Model: e.Matcher, Descriptor: descriptor,
		Crop: probeOf(crop, face.Box{})}, e.Limits.Duplicate)
	if err != nil {
		d.log("faces-of-the-day", err)
	}
	if len(near) > 0 {
		d.audit("near-face", c.s.ID)
	}
	return near
}

// viewNear shows the closest face of the day; nil for none.
func (c *current) viewNear() *NearView {
	if len(c.near) == 0 {
		return nil
	}
	n := c.near[0]
	v := &NearView{Last4: n.Last4, At: n.At.Format("15.04"), Score: n.Score, Count: len(c.near)}
	if c.nearCrop == nil {
		c.nearCrop = pictureOf(n.Crop)
	}
	if c.nearCrop != nil {
		v.Crop = c.nearCrop
	}
	return v
}
