package app

import (
	"loket/app/activation"
)

// queue is every item that was decided here: its state, what it waits for,
// and what one can do.
func (pg *page) queue() {
	q := pg.v.Queue
	if q.Cancelling != nil {
		pg.cancelPanel()
		return
	}
	var left []command
	if q.Selected < len(q.Items) && q.Items[q.Selected].CanCancel {
		left = append(left, command{words: pg.say.say("cancel.open"), cap: "F8", kind: grave, do: pg.send(Ask{})})
	}
	if pg.v.CanStick {
		left = append([]command{{words: pg.say.say("queue.stick"), cap: "F10", do: pg.send(Open{ScreenStick})}}, left...)
	}
	pl := pg.frame(left, []command{
		{words: pg.say.say("queue.now"), cap: "F5", do: pg.send(Retry{})},
		{words: pg.say.say("queue.serve"), cap: "F1", keys: []string{"Esc"}, kind: primary, do: pg.send(Open{ScreenHome})},
	})
	b := pl.whole
	w := (b.w - 3*14) / 4
	for i, n := range []struct {
		key   string
		count int
	}{{"queue.waiting", q.Waiting}, {"queue.accepted", q.Accepted}, {"queue.active", q.Active}, {"queue.attention", q.Attention}} {
		c := box{b.x + float32(i)*(w+14), b.y, w, 96}
		pg.card(c)
		pg.fit(c.x+18, c.y+16, w-36, pg.say.say(n.key), font{sizeSmall, true, pg.p.muted})
		f := font{sizeHead, true, pg.p.ink}
		if i == 3 && n.count > 0 {
			f.col = pg.p.tones[Attention].ink
			pg.signAt(c.right()-30, c.y+56, 20, signBang, f.col)
		}
		pg.text(c.x+18, c.y+44, pg.say.count(n.count), f)
	}
	list := box{b.x, b.y + 112, b.w, b.h - 112}
	if q.Total > 0 || q.Paused {
		list.h -= 80
		pg.sending(box{b.x, list.bottom() + 16, b.w, 64})
	}
	pg.items(list)
}

// sending is the progress of what is on its way.
func (pg *page) sending(b box) {
	q := pg.v.Queue
	pg.card(b)
	mid := b.y + b.h/2
	key, do := "queue.sending", "queue.pause"
	if q.Paused {
		key, do = "queue.paused", "queue.resume"
	}
	bold, muted := font{sizeBody, true, pg.p.ink}, font{sizeBody, false, pg.p.muted}
	lh := lineHeight(sizeBody)
	x := b.x + 18
	x += pg.text(x, mid-lh/2, pg.say.say(key, q.Sending, q.Total), bold) + 18
	c := command{words: pg.say.say(do), cap: "P", do: pg.send(Pause{})}
	cw := pg.commandWidth(c) - 8
	right := b.right() - 18 - cw
	pg.command(box{right, mid - 20, cw, 40}, c, false)
	if q.Remaining > 0 {
		s := pg.say.say("queue.left", pg.say.span(q.Remaining))
		right -= 18 + pg.width(s, muted)
		pg.text(right, mid-lh/2, s, muted)
	}
	if q.Total > 0 && right-18-x > 60 {
		pg.bar(box{x, mid - 5, right - 18 - x, 10}, float32(q.Sending)/float32(q.Total), pg.p.primary)
	}
}

// items draws the table and keeps the chosen row in sight.
func (pg *page) items(b box) {
	q := pg.v.Queue
	pg.card(b)
	col := []float32{b.x + 18, b.x + b.w*0.11, b.x + b.w*0.27, b.x + b.w*0.52, b.x + b.w*0.80}
	head := font{sizeSmall, true, pg.p.muted}
	for i, k := range []string{"queue.when", "queue.who", "queue.what", "queue.state", "queue.can"} {
		pg.fit(col[i], b.y+13, b.w*0.2, pg.say.say(k), head)
	}
	y := b.y + 41
	pg.line(b.x+6, y, b.w-12)
	n := len(q.Items)
	if n == 0 {
		pg.middle(box{b.x, y, b.w, b.bottom() - y}, pg.say.say("queue.empty"), font{sizeBody, false, pg.p.muted})
		return
	}
	top, end := q.window(b.bottom() - 8 - y)
	for i := top; i < end; i++ {
		h := q.Items[i].height()
		pg.item(box{b.x + 6, y, b.w - 12, h}, i, col)
		if i > top && i != q.Selected && i-1 != q.Selected { // the chosen one has a frame
			pg.line(b.x+6, y, b.w-12) // over both rows' fills
		}
		y += h
	}
	pg.line(b.x+6, y, b.w-12)
	sel := func(d int) func() { return pg.send(Select{min(max(q.Selected+d, 0), n-1)}) }
	pg.press(box{}, sel(-1), "Up")
	pg.press(box{}, sel(1), "Down")
}

// itemRow and itemNext are the heights of a row, and of the sentence beneath it.
const itemRow, itemNext = 46, 24

func (i QueueItem) height() float32 {
	if i.Next == "" {
		return itemRow
	}
	return itemRow + itemNext
}

// window is which rows fit into a height, with the chosen one about its middle.
func (q Queue) window(room float32) (top, end int) {
	n := len(q.Items)
	top = min(max(q.Selected, 0), n-1)
	end = top + 1
	used := q.Items[top].height()
	for top > 0 && used+q.Items[top-1].height() <= room/2 {
		top--
		used += q.Items[top].height()
	}
	for end < n && used+q.Items[end].height() <= room {
		used += q.Items[end].height()
		end++
	}
	for top > 0 && used+q.Items[top-1].height() <= room {
		top--
		used += q.Items[top].height()
	}
	return top, end
}

// item is one row, with central's sentence beneath it.
func (pg *page) item(r box, i int, col []float32) {
	q := pg.v.Queue
	it := q.Items[i]
	t, sg := stateTone(it.State)
	chosen := i == q.Selected
	if t == Attention || t == Bad {
		pg.rect(r, pg.p.tones[t].fill, rgba0, 0, 0)
	} else if pg.hover(r) {
		pg.rect(r, pg.p.soft, rgba0, 0, 0)
	}
	if chosen {
		pg.rect(box{r.x, r.y + 1, r.w, r.h - 1}, rgba0, pg.p.primary, 2, 6)
	}
	pg.press(r, pg.send(Select{i}))
	if it.Next != "" {
		r.h -= itemNext
		pg.shrink(col[2], r.bottom()-4, r.right()-col[2]-14, pg.say.next(it), font{sizeBody, chosen, pg.p.ink})
	}
	mid := r.y + r.h/2
	top := mid - lineHeight(sizeBody)/2
	f := font{sizeBody, false, pg.p.ink}
	pg.fit(col[0], top, col[1]-col[0]-8, pg.say.clock(it.At), f)
	pg.fit(col[1], top, col[2]-col[1]-8, "•••• "+it.Last4, f)
	what := pg.say.say("decision." + string(it.Decision))
	if it.Reason != "" && it.Decision != activation.Approve {
		what += ": " + pg.say.say("reason."+string(it.Reason)+".short")
	}
	pg.fit(col[2], top, col[3]-col[2]-8, what, f)
	pg.statePill(col[3], mid, col[4]-col[3]-12, it, t, sg)
	if it.Action == "" {
		pg.text(col[4], top, "–", font{sizeBody, false, pg.p.muted})
		return
	}
	f.bold = chosen
	room := r.right() - col[4] - 10
	if chosen {
		room -= pg.capWidth(pg.say.capWords("Space")) + 8
	}
	do := pg.send(Act{it.Packet, it.Action})
	w := pg.fit(col[4], top, room, pg.say.say("action."+it.Action), f)
	if chosen {
		pg.keyCap(col[4]+w+8, mid, pg.say.capWords("Space"), plain, false)
		pg.press(box{col[4] - 4, r.y, r.right() - col[4], r.h}, do, "Space")
	} else {
		pg.press(box{col[4] - 4, r.y, r.right() - col[4], r.h}, do)
	}
}

// statePill says the state, and why or until when.
func (pg *page) statePill(x, mid, room float32, it QueueItem, t Tone, sg sign) {
	s := pg.say.say("state." + it.State)
	switch {
	case it.Cause != "":
		s += ": " + pg.say.cause(it.Cause)
	case it.Wait > 0:
		s += ", ± " + pg.say.span(it.Wait)
	case !it.StateAt.IsZero() && (it.State == "mailed" || it.State == "activated"):
		s += " " + pg.say.clock(it.StateAt)
	}
	if it.Next != "" && pg.pillWidth(s) > room { // the sentence beneath says it too
		s = pg.say.say("state." + it.State)
	}
	r := []rune(s)
	for len(r) > 4 && pg.pillWidth(string(r)) > room {
		r = r[:len(r)-1]
	}
	if len(r) < len([]rune(s)) {
		pg.spills = append(pg.spills, s)
		s = string(r[:len(r)-1]) + "…"
	}
	pg.pill(x, mid, s, t, sg)
}

// stateTone is a state's colour and sign.
func stateTone(state string) (Tone, sign) {
	switch state {
	case "activated", "mailed", "accepted":
		return Good, signCheck
	case "queued", "sent":
		return Info, signPie
	case "refused":
		return Bad, signCross
	case "cancelled":
		return Info, signDash
	}
	return Attention, signBang
}
