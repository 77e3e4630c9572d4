package app

import (
	"image"
	"slices"
	"time"

	"loket/app/activation"
)

func (d *Desk) viewDecide(now time.Time) Decide {
	c := d.c
	v := Decide{PIN: c.pin}
	v.NIK, v.Region, _ = d.nik(now)
	v.Offered, v.Reason = c.offered()
	if c.s.Code != nil {
		v.Email = activation.MaskEmail(c.s.Code.Email)
	}
	if c.Record != nil {
		v.Name, v.Age = c.Record.Name, c.s.Eligible.Age
		v.Photo = photoOf(c.photo)
	}
	v.Code, v.Data, v.Face = c.codeLine(), c.dataLine(), c.faceLine()
	if _, compared := c.s.Last(); compared {
		v.Compared = d.viewFace()
	}
	causes := c.second()
	v.Second = len(causes) > 0
	if c.choice == nil {
		for _, o := range c.s.Approval("").Obstacles {
			if o != activation.SecondMissing {
				v.Why = append(v.Why, Line{Code: string(o), State: LineBad})
			}
		}
	}
	if slices.Contains(causes, activation.CauseWeakPhoto) { // who can't confirm says one of these
		v.Options = []Choose{{activation.Refer, activation.PhotoInadequate}, {activation.Refuse, activation.FaceNoMatch}, {activation.Decline, activation.NotWanted}}
	}
	for _, cause := range causes {
		v.Why = append(v.Why, Line{Code: string(cause), State: LineWarn})
	}
	d.viewSecond(&v, now)
	return v
}

// photoOf avoids an interface that holds a nil pointer.
func photoOf(img *image.RGBA) image.Image {
	if img == nil {
		return nil
	}
	return img
}

func (c *current) codeLine() Line {
	if c.s.Code == nil {
		return codeLineOf(nil)
	}
	l := codeLineOf(c.s.Code.Checks)
	if !c.s.Code.Proof || !c.s.Code.Fresh {
		l.State = LineWarn
	}
	return l
}

func (c *current) dataLine() Line {
	switch {
	case c.s.Absent:
		return Line{Code: "data-absent", State: LineBad}
	case c.Record == nil:
		return Line{Code: "data-open", State: LineOpen}
	case c.s.Eligible.Allowed == "":
		return Line{Code: string(c.s.Eligible.Reason), State: LineBad}
	}
	return dataLineOf(c.s.Marks)
}

func (c *current) faceLine() Line {
	a, ok := c.s.Last()
	l := faceLineOf(ok, a.Band)
	if l.State == LineOK && !c.s.Look {
		l.State = LineWarn
	}
	return l
}

func (d *Desk) viewDone(now time.Time) Done {
	c := d.c
	o := c.s.Outcome
	v := Done{Decision: o.Decision, Reason: o.Reason, Saved: c.packet != "", Seconds: c.seconds}
	v.Sent = c.item.State != "" && c.item.State != "queued"
	if left := activation.UndoWindow - now.Sub(o.At.Truncate(time.Second)); left > 0 && !v.Sent {
		v.Undo = left
	}
	if c.s.Code != nil {
		v.Email = activation.MaskEmail(c.s.Code.Email)
	}
	for _, s := range activation.SlipFor(o.Decision, o.Reason) {
		v.Slip = append(v.Slip, Line{Code: string(s), State: LineNow})
	}
	return v
}
