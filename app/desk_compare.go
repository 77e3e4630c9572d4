package app

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	_ "image/jpeg" // of enrolled photos

	"loket/app/activation"
)

// fetch asks for the record that the code is about.
func (d *Desk) fetch(ctx context.Context) {
	c := d.c
	if c.fetched || c.s.Code == nil {
		return
	}
	code := *c.s.Code
	d.start(ctx, func(ctx context.Context, t tell) {
		rec, err := d.ports.Records.Record(ctx, code)
		var photo *image.RGBA
		if rec != nil {
			photo = pictureOf(rec.Photo)
		}
		t(func() {
			if err != nil {
				d.fail("record-failed", err)
				return
			}
			c.fetched = true
			if rec == nil {
				d.step("record-other", activation.RecordAbsent{})
				d.keep()
				return
			}
			if d.step("record-other", activation.RecordFound{Record: rec.Record}) {
				c.Record, c.photo = rec, photo
				d.keep()
			}
		})
	})
}

// pictureOf decodes a photo; nil for none, or for one that can't be read.
func pictureOf(jpeg []byte) *image.RGBA {
	if len(jpeg) == 0 {
		return nil
	}
	img, _, err := image.Decode(bytes.NewReader(jpeg))
	if err != nil {
		return nil
	}
	out := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

// takeCompare answers on the compare screen, whose stages are compare and contact.
func (d *Desk) takeCompare(i Intent) {
	c := d.c
	switch i := i.(type) {
	case MarkField:
		d.mark(i)
	case Tick:
		if i.Item == "contact" {
			for _, f := range activation.ContactFields() {
				d.step("contact-early", activation.Marked{Field: f, Same: true, Clear: !i.On})
			}
		}
	case Select:
		if i.Index >= 0 && i.Index < len(rowFields()) {
			c.selected = i.Index
		}
	case Reveal:
		c.revealed[i.Field] = d.now()
		d.audit("reveal", string(i.Field))
	case Retry:
		if !c.fetched {
			c.turn++
		}
	case Next:
		d.onFromCompare()
	case Back:
		if c.s.Stage == activation.StageContact {
			d.step("", activation.Return{}) // to compare, which is the same screen
		}
		c.Record, c.photo, c.fetched = nil, nil, false
		d.step("", activation.Return{})
	}
}

// mark compares one field, or all record fields that are still open. The
// citizen's own confirmation of e-mail and number is never part of "all".
func (d *Desk) mark(i MarkField) {
	if i.Field != "" {
		if d.step("record-missing", activation.Marked{Field: i.Field, Same: i.Mark == MarkSame, Clear: i.Mark == MarkNone}) && i.Mark != MarkNone {
			d.nextOpen()
		}
		return
	}
	for _, f := range activation.RecordFields() {
		if _, done := d.c.s.Marks[f]; !done {
			d.step("record-missing", activation.Marked{Field: f, Same: i.Mark == MarkSame})
		}
	}
	d.nextOpen()
}

// nextOpen chooses the next row that nobody has looked at, if there is one.
func (d *Desk) nextOpen() {
	rows := rowFields()
	for n := range rows {
		i := (d.c.selected + n) % len(rows)
		if _, done := d.c.s.Marks[rows[i]]; !done {
			d.c.selected = i
			return
		}
	}
}

// onFromCompare goes through contact to the face; where the record allows
// nothing, to the decision that it leads to.
func (d *Desk) onFromCompare() {
	c := d.c
	switch {
	case !c.fetched:
		if d.notice == nil {
			d.say("record-waiting", Info)
		}
		return
	case c.s.Absent || c.s.Eligible.Allowed == "":
		decision, reason := c.s.Proposed()
		c.choice = &Choose{Decision: decision, Reason: reason}
		return
	case c.s.Stage == activation.StageCompare:
		if !d.step("compare-open", activation.Advance{}) {
			return
		}
	}
	if !d.c.s.CanGoOn() {
		d.say("contact-open", Attention)
		return
	}
	if !c.s.Marks[activation.FieldName] || !c.s.Marks[activation.FieldBorn] || !c.s.Marks[activation.FieldSex] {
		d.choose(Choose{Decision: activation.Refer, Reason: activation.DataProblem})
		return
	}
	d.step("contact-open", activation.Advance{})
}

// rowFields are the rows in the order of the screen.
func rowFields() []activation.Field {
	return []activation.Field{activation.FieldName, activation.FieldBorn, activation.FieldSex, activation.FieldAddress,
		activation.FieldEmail, activation.FieldPhone, activation.FieldMarried}
}
