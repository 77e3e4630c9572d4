package main

import (
	"testing"
	"time"

	"loket/app/activation"
)

func TestSampleCitizens(t *testing.T) {
	today := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	all := sampleCitizens(today)
	if len(all) < 24 {
		t.Fatalf("%d sample citizens, want at least 24", len(all))
	}
	seen := map[string]bool{}
	sexes := map[string]int{}
	var hijab, glasses, beard, other, unrecorded, young, blocked, elsewhere int
	for _, c := range all {
		n, err := activation.ParseNIK(c.NIK, today)
		if err != nil {
			t.Errorf("%s: NIK: %v", c.ID, err)
			continue
		}
		if seen[c.NIK] {
			t.Errorf("%s: NIK stands twice", c.ID)
		}
		seen[c.NIK] = true
		if string(n.Sex) != string(c.Sex) || !n.Born.Equal(c.Born) {
			t.Errorf("%s: the NIK says %s %s, the record %s %s", c.ID, n.Sex, n.Born, c.Sex, c.Born)
		}
		sexes[string(c.Sex)]++
		count := func(n *int, is bool) {
			if is {
				*n++
			}
		}
		count(&hijab, c.Hijab)
		count(&glasses, c.Glasses != "")
		count(&beard, c.Beard != "")
		count(&other, c.Photo.ID != c.ID)
		count(&unrecorded, !c.Recorded)
		count(&young, c.Born.AddDate(17, 0, 0).After(today) && !c.Married)
		count(&blocked, c.IKD == "blocked")
		count(&elsewhere, c.IKD == "active")
	}
	for what, n := range map[string]int{
		"men": sexes["L"], "women": sexes["P"], "hijab": hijab, "glasses": glasses, "beard": beard, "another's photo": other,
		"not recorded": unrecorded, "under 17": young, "blocked": blocked, "active elsewhere": elsewhere,
	} {
		if n == 0 {
			t.Errorf("no sample citizen: %s", what)
		}
	}
}
