package main

import "testing"

// TestClockScenarios: a guard, and what it keeps out.
func TestClockScenarios(t *testing.T) {
	dir := vanTemplate(t, 30)
	scenarios := map[string]clockScenario{}
	for _, s := range clockScenarios() {
		scenarios[s.name] = s
	}
	for _, c := range []struct {
		name          string
		off           guards
		silent, after bool
	}{
		{"set back 30 days while it runs", guards{}, false, false},
		{"set back 30 days while it runs", guards{noClock: true}, true, false},
		{"30 days ahead overnight", guards{}, false, false},
		{"30 days ahead overnight", guards{deafClock: true}, false, true},
		{"set back 5 hours within the night, a code of this morning scanned", guards{}, false, false},
		{"set back half an hour after central's time, then a power cut", guards{}, false, false},
		{"set back half an hour after central's time, then a power cut", guards{noLook: true}, true, false},
		{"set back half an hour while it runs, then a power cut", guards{}, false, false},
		{"set back half an hour while it runs, then a power cut", guards{noLook: true}, true, false},
		{"set back half an hour after central's time, power cut in that second", guards{}, true, false}, // the limit
		{"set back 5 hours within the night", guards{}, true, false},                                    // the limit, as it is stated
	} {
		s, ok := scenarios[c.name]
		if !ok {
			t.Fatalf("no scenario %q", c.name)
		}
		n, err := clockOne(t.Context(), dir, s, 0, 1, 1, c.off)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := c.off.noClock; n.Rosters != 1 && !c.off.deafClock || n.Wiped > 0 != wrong || n.Cut > 0 != wrong {
			t.Errorf("%s, %+v: a month ahead: %+v", c.name, c.off, n.aheadCounts)
		}
		if n.Silent > 0 != c.silent || n.After > 0 != c.after || n.Expired == 0 || n.Honest == 0 {
			t.Errorf("%s, %+v: %+v", c.name, c.off, n)
		}
	}
}
