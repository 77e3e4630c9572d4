package main

import (
	"strconv"
	"time"

	"loket/sync/clock"
)

// pc is a van's hardware clock: its battery, its boots and the counter since
// each of them. What it shows is true time plus skew.
type pc struct {
	w    *world
	skew time.Duration
	boot int
	at   time.Time // true, of the last boot
}

// biosDate is what a PC without a battery believes.
var biosDate = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// start is switching on.
func (p *pc) start() { p.boot, p.at = p.boot+1, p.w.now }

// empty is switching on with an empty battery.
func (p *pc) empty() {
	p.start()
	p.skew = biosDate.Sub(p.w.now)
}

// read is a clock.Reading, as clock.System is of a real machine.
func (p *pc) read() clock.Reading {
	return clock.Reading{Wall: p.w.now.Add(p.skew), Mono: p.w.now.Sub(p.at) + 20*time.Second, Boot: strconv.Itoa(p.boot)}
}
