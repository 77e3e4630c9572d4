package main

import (
	"bytes"
	"slices"
	"time"

	"loket/sync/clock"
	"loket/sync/ledger"
)

// What a week asks of each van: four citizens on each of five days.
const (
	weekDays     = 5
	citizensADay = 4
)

// week takes every van of the world through its days, and home.
func (w *world) week() {
	for day := range weekDays {
		w.morning(day)
		for slot := range citizensADay {
			for _, v := range w.vans {
				if !v.gone {
					w.until(day, 2*time.Hour+time.Duration(slot)*100*time.Minute)
					v.slot(day, slot)
				}
			}
		}
		for i, v := range w.vans {
			if !v.gone {
				v.evening(day, w.vans[(i+1)%len(w.vans)])
			}
		}
	}
	w.comeHome()
}

// morning has the citizens of the day register at home, and the vans switched
// on: with wrong dates, empty batteries, wrong PINs.
func (w *world) morning(day int) {
	w.until(day, 0)
	for _, v := range w.vans {
		if v.gone {
			continue
		}
		v.waiting = v.waiting[:0]
		for range citizensADay {
			v.waiting = append(v.waiting, w.register())
			w.pass(w.between(10*time.Second, 2*time.Minute))
		}
		v.morning(day)
	}
}

func (v *van) morning(day int) {
	w := v.w
	if v.ledger == nil {
		v.pc.start()
		v.wrongDate()
		v.open()
	}
	_, doubt := v.clock.Check()
	w.note("%s on day %d: skew %v, doubt %q", v.name, day, v.pc.skew.Round(time.Hour), doubt)
	if doubt != clock.None {
		w.tally.DoubtfulMornings++
	}
	if day == 1+len(v.name)%3 {
		v.lockOut("014")
	}
	v.line.down, v.line.loss = w.chance(0.4), 0
	if day == 0 {
		v.line.down = false // it leaves from the office
	}
	v.unlock()
	v.sync()
	if day == 2 && w.chance(0.5) || day == 3 && w.chance(0.5) {
		if _, err := v.ledger.Backup(w.ctx, v.second); err != nil {
			must(err)
		}
		w.tally.Backups++
		v.backedUp = true
	}
}

// wrongDate is what batteries and officers do to a PC's date overnight. Dates
// within the hours that it was off are left out: nothing on the PC can tell
// (make clock counts them).
func (v *van) wrongDate() {
	w := v.w
	switch w.dice.IntN(10) {
	case 0:
		v.pc.empty()
	case 1:
		v.pc.skew = -w.between(4*24*time.Hour, 30*24*time.Hour)
	case 2:
		v.pc.skew = w.between(15*24*time.Hour, 30*24*time.Hour)
	case 3:
		v.pc.skew = w.between(time.Hour, 12*24*time.Hour) // within policy: not doubted, codes are then refused
	case 4:
		v.pc.skew = w.between(-50*time.Second, 50*time.Second)
	default:
		v.pc.skew = 0 // somebody set it right
	}
	if v.pc.skew != 0 {
		w.tally.WrongClocks++
	}
}

// slot is what happens round one citizen.
func (v *van) slot(day, slot int) {
	w := v.w
	v.weather()
	switch w.dice.IntN(8) {
	case 0: // the other officer takes over
		v.leave()
		w.tally.Changes++
		if err := v.logIn([]string{"014", "027"}[w.dice.IntN(2)], vanPIN); err != nil {
			w.note("%s: change of officer refused", v.name)
			v.officer = nil
		}
	case 1:
		v.jump()
	case 2:
		v.trespass(v.waiting[slot])
	}
	if day == 1+(int(v.name[len(v.name)-1])+slot)%4 && slot == 2 {
		v.unlock()
		if v.officer != nil {
			v.draft(v.waiting[slot])
			v.steal()
		}
	}
	if w.chance(0.3) { // somebody photographs a phone
		text, _ := w.show(v.waiting[slot], nil)
		w.old = append(w.old, oldCode{text, w.now})
	}
	v.replay()
	if _, done := v.cases[v.waiting[slot]]; !done {
		v.serve(v.waiting[slot])
	}
	w.pass(w.between(11*time.Second, 10*time.Minute))
	if d := v.cases[v.waiting[slot]]; d != nil && d.acked && !d.undone && d.kind == "approve" && w.chance(0.06) {
		v.cancel(d)
	}
	if v.officer != nil && !v.line.down {
		_ = v.officer.Confirm(w.ctx, vanPIN)
		v.sync()
	}
	if w.chance(0.03) {
		v.cut(-1)
	}
}

// weather is the line for the next hours.
func (v *van) weather() {
	w := v.w
	v.line.down, v.line.loss = false, 0
	switch w.dice.IntN(3) {
	case 0:
		v.line.down = true
	case 1:
		v.line.loss = 0.3
	}
}

// jump sets the PC's clock while it runs.
func (v *van) jump() {
	w := v.w
	d := w.between(2*time.Minute, 30*24*time.Hour)
	if w.chance(0.6) {
		d = -d
	}
	v.clock.Now() // the program had looked before
	v.pc.skew += d
	w.tally.WrongClocks++
	w.note("%s: clock set by %v", v.name, d.Round(time.Minute))
}

// replay shows an old code: made minutes to days ago and never scanned. At times
// somebody first sets the PC's clock to when it was made, while it runs or over
// a restart. The code may be refused or need the supervisor, not pass. Over a
// restart only codes from before the floor are tried: of the hours in which the
// PC was off nothing on it knows how many there were (make clock counts those).
func (v *van) replay() {
	w := v.w
	if len(w.old) == 0 {
		return
	}
	x := w.old[w.dice.IntN(len(w.old))]
	if w.now.Sub(x.at) < 4*time.Minute { // 90 s valid, a minute for the phone, a minute for this clock
		return
	}
	how := w.dice.IntN(8)
	switch {
	case how == 0:
		v.clock.Now() // the program has looked at the clock before
		v.pc.skew = x.at.Sub(w.now) + 10*time.Second
	case how == 1 && x.at.Add(4*time.Minute).Before(v.clock.Floor()):
		v.quit()
		w.pass(time.Minute)
		v.pc.start()
		v.pc.skew = x.at.Sub(w.now) + 10*time.Second
		v.open()
	default:
		how = 9
	}
	s := v.scan(x.text)
	w.tally.Expired++
	if how != 9 {
		w.tally.SetBack++
		w.note("%s: set back to an old code (%d): valid=%v doubt=%q", v.name, how, s.valid, s.doubt)
	}
	switch {
	case s.valid && s.fresh:
		w.breach("silent", "%s: a code that ended %v ago passes (doubt %q)", v.name, w.now.Sub(x.at), s.doubt)
	case s.valid:
		w.tally.ExpiredDoubted++
	}
	if s.valid { // its cti is used now
		w.old = slices.DeleteFunc(w.old, func(o oldCode) bool { return o.text == x.text })
	}
}

// evening exports, closes the day and switches off, or simply loses power.
func (v *van) evening(day int, next *van) {
	w := v.w
	w.until(day, 10*time.Hour)
	v.weather()
	v.unlock()
	v.sync()
	if w.chance(0.4) {
		v.carry(v.export(v.ledger), next)
		v.sync() // the same over the line
	}
	switch {
	case v.backedUp && day >= 3 && w.chance(0.6):
		v.backedUp = false
		v.restore()
	case day == 3 && w.chance(0.2):
		must(w.home.RevokeDevice(w.ctx, v.device.Device))
		w.tally.Revocations++
		w.note("%s is revoked", v.name)
		if link := v.sync(); link != "revoked" && !v.line.down && v.line.loss == 0 {
			w.breach("revoked", "%s: central still serves it: %s", v.name, link)
		}
		v.revoked, v.gone = true, true
	}
	_, _, err := v.ledger.CloseDay(w.ctx, 0)
	must(err)
	if w.chance(0.3) {
		v.cut(-1)
	}
	v.quit()
}

// comeHome lets every van settle what waits: over a good line, and by stick
// where central takes nothing from the device itself any more.
func (w *world) comeHome() {
	w.until(weekDays, 0)
	for _, v := range w.vans {
		v.pc.start()
		v.pc.skew = 0
		v.open()
		v.line.down, v.line.loss = false, 0
		w.pass(time.Hour)
		if v.revoked {
			if stick := v.export(v.ledger); stick != nil {
				v.toCentral(stick)
			}
			continue
		}
		v.unlock()
		for range 20 {
			if v.idle() {
				break
			}
			w.pass(2 * ledger.MaxRetry)
			v.unlock()
			_ = v.officer.Confirm(w.ctx, vanPIN)
			v.sync()
		}
		if !v.idle() {
			c, err := v.ledger.Counts(w.ctx, time.Time{})
			must(err)
			w.breach("stuck", "%s: %d packets still wait", v.name, c.Waiting)
		}
	}
}

// idle says that nothing waits, and that central holds the last head.
func (v *van) idle() bool {
	c, err := v.ledger.Counts(v.w.ctx, time.Time{})
	must(err)
	others, err := v.ledger.Relaying(v.w.ctx)
	must(err)
	if c.Waiting > 0 || others > 0 {
		return false
	}
	held, err := v.central.HeldHead(v.w.ctx)
	if err != nil {
		return false
	}
	head, err := v.ledger.Head(v.w.ctx, v.trust.Version)
	must(err)
	return held.Size == head.Size && bytes.Equal(held.Hash, head.Root[:]) // a restored log may be as long as the one before
}
