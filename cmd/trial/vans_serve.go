package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"loket/app/activation"
	"loket/sync/clock"
	"loket/sync/ledger"
	"loket/sync/vault"
)

// Where the power goes within a case.
const (
	cutNever  = iota
	cutDraft  // the case is open
	cutBefore // the officer has pressed, nothing is written
	cutWithin // within the commit
	cutAfter  // committed, the screen has not said so
	cutSaid   // the screen has said so
	cutPlaces
)

// serve takes a citizen from the code to the decision, power cuts in between.
func (v *van) serve(c *citizen) {
	w := v.w
	v.unlock()
	if v.officer == nil {
		w.tally.TurnedAway++
		return
	}
	s, source := v.welcome(c)
	if source == "" {
		return
	}
	v.draft(c)
	where := cutNever
	if w.chance(0.12) {
		where = 1 + w.dice.IntN(cutPlaces-1)
	}
	if w.dice.IntN(14) == 0 {
		w.pass(6 * time.Minute) // the officer was called away: the PIN is needed again
	}
	kind := string(activation.Approve)
	if w.chance(0.2) {
		kind = string(activation.Decline)
	}
	if where == cutDraft {
		v.cut(-1)
		v.again(c, kind, s, source)
		return
	}
	v.decide(c, kind, s, source, where)
}

// welcome scans the code until it is taken, and finds the record. source is ""
// where the citizen has to come back another time.
func (v *van) welcome(c *citizen) (s scanned, source string) {
	w := v.w
	for try := 0; ; try++ {
		v.shown = nil
		text, sealed := "", false
		if w.chance(0.5) {
			if code := v.counterCode(c); code != nil {
				text, sealed = w.show(c, code)
			}
		}
		if text == "" {
			text, sealed = w.show(c, nil)
		}
		w.pass(w.between(time.Second, 20*time.Second))
		s = v.scan(text)
		w.note("%s scans %d sealed=%v valid=%v fresh=%v doubt=%q %s", v.name, c.n, sealed, s.valid, s.fresh, s.doubt, s.why)
		if s.valid {
			break
		}
		if v.said {
			w.breach("honest", "%s: %s refused after central said the time", v.name, s.why)
		}
		if w.tally.HonestRefused++; try == 1 {
			w.tally.TurnedAway++
			return s, ""
		}
		v.sync() // the line may bring the time
	}
	if source = v.enrolled(c, s); source == "" {
		w.tally.TurnedAway++
		w.note("%s has no record of %d", v.name, c.n)
	}
	return s, source
}

// decide signs and keeps; the power may go on the way.
func (v *van) decide(c *citizen, kind string, s scanned, source string, where int) {
	w := v.w
	if v.now().After(v.officer.Officer().NotAfter) { // cmd/kiosk says so: central would refuse what this key signs
		w.tally.TurnedAway++
		w.note("%s: the certificate has ended by this clock", v.name)
		return
	}
	var second *vault.Session
	if kind == string(activation.Approve) && !s.fresh {
		if second = v.supervisor(); second == nil {
			kind = string(activation.Decline) // nobody to sign beside: not today
		} else {
			defer second.Lock()
			w.tally.Seconds++
		}
	}
	p, d, err := v.seal(c, kind, s, source, second, nil)
	if errors.Is(err, vault.ErrPINAgain) {
		w.tally.PINAgain++
		if err = v.officer.Confirm(w.ctx, vanPIN); err != nil { // paused meanwhile
			w.tally.TurnedAway++
			return
		}
		if second != nil {
			if second = v.supervisor(); second == nil {
				w.tally.TurnedAway++
				return
			}
		}
		p, d, err = v.seal(c, kind, s, source, second, nil)
	}
	must(err)
	v.cases[c] = d
	if w.guards.ackFirst {
		d.acked = true // control: the screen says so before it is true
	}
	if where == cutBefore {
		v.cut(-1)
		v.after(c, kind, s, source)
		return
	}
	before := v.walSize()
	must(v.ledger.Decide(w.ctx, v.entry(c, p, kind, nil)))
	switch where {
	case cutWithin:
		torn := int64(-1)
		if n := v.walSize(); n > before {
			torn = before + int64(w.dice.Float64()*float64(n-before))
		}
		v.cut(torn)
		v.after(c, kind, s, source)
		return
	case cutAfter:
		v.cut(-1)
		v.after(c, kind, s, source)
		return
	}
	d.acked = true
	w.tally.Decisions++
	w.note("%s keeps %d %s unsure=%v second=%v from %s", v.name, c.n, kind, d.unsure, second != nil, source)
	v.clock.Record()
	v.keepClock()
	switch {
	case where == cutSaid:
		v.cut(-1)
	case w.chance(0.05):
		w.pass(w.between(time.Second, 8*time.Second))
		if err := v.ledger.Undo(w.ctx, d.id); err == nil {
			d.undone = true
			w.tally.Undone++
		} else if !errors.Is(err, ledger.ErrTooLate) {
			must(err)
		}
	}
}

// after looks at what a power cut within a decision left: it is there, whole, or
// the case is still open.
func (v *van) after(c *citizen, kind string, s scanned, source string) {
	d := v.cases[c]
	if d.acked { // control only
		return
	}
	if _, err := v.ledger.Item(v.w.ctx, d.id); err == nil {
		d.acked = true // so says the counter when it is back
		v.w.tally.Decisions++
		v.w.note("%s finds %d saved", v.name, c.n)
		return
	} else if !errors.Is(err, ledger.ErrNotFound) {
		must(err)
	}
	delete(v.cases, c)
	v.w.note("%s finds %d open", v.name, c.n)
	v.again(c, kind, s, source)
}

// again takes an open case up after a restart.
func (v *van) again(c *citizen, kind string, s scanned, source string) {
	drafts, err := v.ledger.Drafts(v.w.ctx)
	must(err)
	found := false
	v.unlock()
	if v.officer == nil {
		v.w.tally.TurnedAway++
		return
	}
	for _, d := range drafts {
		if d.Session != c.session() {
			continue
		}
		found = true
		if _, err := v.officer.Open("draft/"+d.Session, d.Body); err != nil && !v.w.guards.clearDrafts {
			v.w.breach("draft", "%s: %v", v.name, err)
		}
	}
	if !found {
		v.w.breach("draft", "%s: the open case of %d is gone", v.name, c.n)
	}
	_, doubt := v.clock.Check() // freshness was found at the scan; a doubt since then counts too
	s.fresh = s.fresh && doubt == clock.None || s.verdict.Kind == "sealed" || v.w.guards.noClock
	v.decide(c, kind, s, source, cutNever)
}

// unlock has whoever is on duty type the PIN, where nobody has.
func (v *van) unlock() {
	if v.officer != nil && v.typed[v.officer.Officer().ID] {
		return
	}
	for _, id := range []string{"014", "027"} {
		if v.logIn(id, vanPIN) == nil {
			return
		}
	}
	v.officer = nil
}

func (v *van) walSize() int64 {
	info, err := os.Stat(filepath.Join(v.dir, vanLedger+"-wal"))
	if err != nil {
		return 0
	}
	return info.Size()
}

// cut takes the power away for some minutes; at times the battery is empty then.
func (v *van) cut(torn int64) {
	v.powerless(torn, v.w.between(time.Minute, 20*time.Minute), v.w.chance(0.2))
}

// powerless is a power cut: what the disk had is what is left, and of the
// ledger's WAL only the first torn bytes (all of them at -1).
func (v *van) powerless(torn int64, d time.Duration, empty bool) {
	w := v.w
	w.tally.PowerCuts++
	next := v.copyDisk(torn)
	if v.officer != nil {
		v.officer.Lock()
	}
	must(errors.Join(v.roster.Close(), v.ledger.Close())) // the process of before; its disk is thrown away
	must(os.RemoveAll(v.dir))
	v.dir, v.ledger, v.officer, v.shown, v.kept = next, nil, nil, nil, nil
	clear(v.typed)
	w.pass(d)
	if empty {
		v.pc.empty()
	} else {
		v.pc.start()
	}
	w.note("%s: power cut, torn=%v", v.name, torn >= 0)
	v.open()
}

// copyDisk copies the disk as it is at this moment.
func (v *van) copyDisk(torn int64) string {
	v.disks++
	to := filepath.Join(v.w.dir, v.name+"-disk-"+string(rune('a'+v.disks%26))+strings.Repeat("x", v.disks/26))
	must(os.CopyFS(to, os.DirFS(v.dir)))
	for _, name := range []string{vanLedger, vanRoster} { // memory that was mapped, not a file of the disk
		if err := os.Remove(filepath.Join(to, name+"-shm")); err != nil && !errors.Is(err, os.ErrNotExist) {
			must(err)
		}
	}
	must(os.Chmod(filepath.Join(to, vault.MachineFile), 0o600))
	if torn >= 0 {
		must(os.Truncate(filepath.Join(to, vanLedger+"-wal"), torn))
	}
	return to
}

// cancel takes an approval back with a packet of its own.
func (v *van) cancel(d *decided) {
	w := v.w
	v.unlock()
	if v.officer == nil || v.officer.Confirm(w.ctx, vanPIN) != nil || v.now().After(v.officer.Officer().NotAfter) {
		return
	}
	c := &citizen{n: d.c.n, registration: d.c.registration}
	p, x, err := v.seal(c, string(activation.Cancel), scanned{}, "", nil, &d.id)
	must(err)
	must(v.ledger.Decide(w.ctx, v.entry(c, p, string(activation.Cancel), &d.id)))
	x.acked, x.c = true, c
	v.cases[c] = x
	w.tally.Decisions++
	w.note("%s cancels %d", v.name, c.n)
}
