package app

import (
	"time"

	"loket/app/activation"
)

// done says that it is saved, where it is, and what the citizen does next. It
// clears by itself; until it is sent the decision can be taken back.
func (pg *page) done() {
	d := pg.v.Done
	var left []command
	if d.Undo > 0 {
		left = []command{{words: pg.say.say("done.undo", int((d.Undo+time.Second-1)/time.Second)), cap: "U", kind: grave, do: pg.send(Undo{})}}
	}
	pl := pg.frame(left, []command{{words: pg.say.say("done.next"), cap: "Enter", kind: primary, off: !d.Saved, do: pg.send(Next{})}})
	yes := d.Decision == activation.Approve || d.Decision == activation.Reactivate
	t, sg := Attention, signRight
	switch {
	case !d.Saved:
		t, sg = Info, signPie
	case yes:
		t, sg = Good, signCheck
	case d.Decision == activation.Refuse || d.Decision == activation.Block:
		t, sg = Bad, signCross
	}
	c := pg.p.tones[t]
	b := pl.stage
	pg.toneCard(b, t)
	y := b.y + max(36, b.h*0.16)
	pg.rect(box{b.x + b.w/2 - 40, y, 80, 80}, c.ink, c.ink, 0, 40)
	pg.signAt(b.x+b.w/2, y+40, 52, sg, pg.p.card)
	y += 80 + 22
	head := "done.saving"
	if d.Saved {
		head = "done.head." + string(d.Decision)
	}
	pg.middle(box{b.x + 24, y, b.w - 48, lineHeight(34)}, pg.say.say(head), font{34, true, c.ink})
	y += lineHeight(34) + 8
	lead := font{sizeLead, false, pg.p.ink}
	if d.Reason != "" {
		pg.middle(box{b.x + 24, y, b.w - 48, lineHeight(sizeLead)}, pg.say.say("reason."+string(d.Reason)), font{sizeLead, true, pg.p.ink})
		y += lineHeight(sizeLead) + 4
	}
	for _, s := range pg.whatFollows(yes) {
		pg.middle(box{b.x + 24, y, b.w - 48, lineHeight(sizeLead)}, s, lead)
		y += lineHeight(sizeLead) + 2
	}
	if d.Seconds > 0 && d.Saved {
		y += 14
		pg.middle(box{b.x + 24, y, b.w - 48, lineHeight(sizeBody)}, pg.say.say("done.took", pg.say.span(time.Duration(d.Seconds)*time.Second)), font{sizeBody, false, pg.p.muted})
	}

	s := pl.side
	if len(d.Slip) > 0 && d.Saved {
		slip := box{s.x, s.y, s.w, 0}
		draw := func() float32 {
			y := slip.y + 16
			y += pg.para(slip.x+18, y, slip.w-36, pg.say.say("done.slip"), font{sizeTitle, true, pg.p.ink}) + 12
			for _, l := range d.Slip {
				pg.signAt(slip.x+26, y+lineHeight(sizeBody)/2, 14, signDot, pg.p.primary)
				y += pg.para(slip.x+46, y, slip.w-64, pg.say.say("line."+l.Code, l.Args...), font{sizeBody, false, pg.p.ink}) + 9
			}
			return y - slip.y + 8
		}
		slip.h = pg.measure(draw)
		pg.card(slip)
		draw()
	}
}

// whatFollows says where the decision is now.
func (pg *page) whatFollows(yes bool) []string {
	d := pg.v.Done
	if !d.Saved {
		return []string{pg.say.say("done.wait")}
	}
	where := "done.kept"
	if d.Sent {
		where = "done.sent"
	}
	if yes && d.Email != "" {
		return []string{pg.say.say("done.mail", d.Email), pg.say.say(where)}
	}
	return []string{pg.say.say(where)}
}
