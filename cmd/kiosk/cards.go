package main

import (
	"bytes"
	"cmp"
	"image/jpeg"
	"strings"
	"time"

	"loket/app/activation"
	"loket/scanner/token"
)

// cardOf writes a verified card for the screen: every attribute, each sample by
// its form and size, the photo unpacked and packed again as JPEG, so that only
// this function ever sees what a stranger made.
func cardOf(c *token.Card, now time.Time) *activation.Card {
	out := &activation.Card{Issuer: c.Issuer, Subject: c.Subject, Issued: c.Issued, NotBefore: c.NotBefore, Expires: c.Expires}
	if n, err := activation.ParseNIK(c.Text("id"), now); err == nil {
		out.NIK = n.Text
	}
	for _, a := range c.Attributes {
		out.Attributes = append(out.Attributes, activation.CardAttribute{Name: a.Name, Label: a.Label, Value: a.Value, Word: a.Word})
	}
	for _, b := range c.Biometrics {
		out.Attributes = append(out.Attributes, activation.CardAttribute{Name: b.Name, Value: b.Issuer,
			Word: strings.TrimSpace(b.Format + " " + b.Sub), Size: len(b.Data)})
	}
	if c.Photo == nil {
		return out
	}
	img, err := c.Photo.Image()
	var b bytes.Buffer
	if err == nil {
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 95})
	}
	if err != nil { // token.ErrNotShown, or nothing that JPEG can hold
		out.NotShown = cmp.Or(c.Photo.Kind(), c.Photo.Declared, "?")
		return out
	}
	out.Photo = b.Bytes()
	return out
}
