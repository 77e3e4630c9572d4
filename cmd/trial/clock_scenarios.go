package main

import "time"

const hour, day = time.Hour, 24 * time.Hour

// clockScenario is one way in which a PC comes to believe the time that it
// believes. Before it central said the time once, a working day was kept, and
// the line is gone.
type clockScenario struct {
	name  string
	story func(v *van)
	// limit says that nothing on the PC can tell: what passes is counted, and is
	// what a site has to know.
	limit bool
}

// off is a number of hours without power; afterwards the PC's clock is off by skew.
func (v *van) off(d, skew time.Duration) {
	v.quit()
	v.w.pass(d)
	v.pc.start()
	v.pc.skew = skew
	v.open()
}

// turn sets the clock of a PC that runs, and on which the program has looked at
// it since the last start.
func (v *van) turn(d time.Duration) {
	v.clock.Now()
	v.pc.skew += d
	v.clock.Now()
}

// setAndCut sets the clock back after an hour; soon after the power goes, and
// with it the count of that hour, which the clock would be under.
func (v *van) setAndCut(after time.Duration) {
	v.w.pass(hour)
	v.turn(-hour / 2)
	v.w.pass(after)
	v.powerless(-1, 10*time.Minute, false)
}

// zoneHours is how far a van's zone is from UTC.
func (v *van) zoneHours() time.Duration {
	for i, z := range vanZones {
		if z == v.zone {
			return time.Duration(7+i) * hour
		}
	}
	return 0
}

// clockScenarios are all there are.
func clockScenarios() []clockScenario {
	return []clockScenario{
		{"right", func(v *van) { v.off(14*hour, 0) }, false},
		{"right, a week in the van", func(v *van) {
			for range 6 {
				v.off(15*hour, 0)
				v.w.pass(9 * hour)
			}
		}, false},
		{"59 s behind", func(v *van) { v.off(14*hour, -59*time.Second) }, false},
		{"30 days ahead overnight", func(v *van) { v.off(14*hour, 30*day) }, false},
		{"10 days ahead overnight, within policy", func(v *van) { v.off(14*hour, 10*day) }, false},
		{"30 days behind overnight", func(v *van) { v.off(14*hour, -30*day) }, false},
		{"2 days behind overnight", func(v *van) { v.off(14*hour, -2*day) }, false},
		{"set back an hour while it runs", func(v *van) { v.off(14*hour, 0); v.turn(-hour) }, false},
		{"set back 61 s, and again, while it runs", func(v *van) {
			v.off(14*hour, 0)
			for range 6 {
				v.turn(-61 * time.Second)
				v.w.pass(time.Minute)
			}
		}, false},
		{"set back 30 days while it runs", func(v *van) { v.off(14*hour, 0); v.turn(-30 * day) }, false},
		{"set ahead 30 days while it runs", func(v *van) { v.off(14*hour, 0); v.turn(30 * day) }, false},
		{"set ahead, a record kept, set right", func(v *van) {
			v.off(14*hour, 5*day)
			v.clock.Record()
			v.keepClock()
			v.off(hour, 0)
		}, false},
		{"set after central said the time", func(v *van) { v.askTime(); v.turn(-30 * day) }, false},
		{"set after central said the time, program restarted", func(v *van) {
			v.askTime()
			v.turn(20 * day)
			v.quit()
			v.open()
		}, false},
		{"set back half an hour after central's time, then a power cut", func(v *van) {
			v.askTime()
			v.setAndCut(time.Second)
		}, false},
		{"set back half an hour while it runs, then a power cut", func(v *van) {
			v.off(14*hour, 0)
			v.setAndCut(time.Second)
		}, false},
		{"set back half an hour after central's time, power cut in that second", func(v *van) {
			v.askTime()
			v.setAndCut(0)
		}, true},
		{"reboot with an empty battery", func(v *van) { v.quit(); v.w.pass(10 * time.Minute); v.pc.empty(); v.open() }, false},
		{"a night off and an empty battery", func(v *van) { v.quit(); v.w.pass(14 * hour); v.pc.empty(); v.open() }, false},
		{"power cut at every hour, battery empty", func(v *van) {
			for range 5 {
				v.cut(-1)
				v.pc.empty()
				v.w.pass(hour)
			}
			v.quit()
			v.pc.empty()
			v.open()
		}, false},
		{"an empty battery, set right by hand", func(v *van) {
			v.quit()
			v.w.pass(14 * hour)
			v.pc.empty()
			v.open()
			v.turn(20*time.Second - v.pc.skew)
		}, false},
		{"hardware clock in local time", func(v *van) { v.off(14*hour, v.zoneHours()) }, false},
		{"moved to the next zone, clock set by hand", func(v *van) { v.off(14*hour, 0); v.turn(hour) }, false},
		{"moved back a zone, clock set by hand", func(v *van) { v.off(14*hour, 0); v.turn(-hour) }, false},
		{"set back 5 hours within the night, a code of this morning scanned", func(v *van) {
			v.off(14*hour, -5*hour)
			c := v.w.register()
			v.w.pass(time.Minute)
			text, _ := v.w.show(c, nil)
			v.scan(text)
		}, false},
		{"set back 5 hours within the night", func(v *van) { v.off(14*hour, -5*hour) }, true},
	}
}

// askTime has central say the time, and loses the line again.
func (v *van) askTime() {
	v.line.down = false
	v.unlock()
	v.sync()
	v.line.down = true
}
