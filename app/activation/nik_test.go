package activation_test

import (
	"errors"
	"testing"
	"time"

	"loket/app/activation"
)

var now = time.Date(2026, time.November, 20, 9, 41, 0, 0, time.UTC)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestParseNIK(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		born time.Time
		sex  activation.Sex
		want []activation.NIKFault
	}{
		"woman, day plus 40":              {"1702014505920003", day(1992, time.May, 5), activation.Female, nil},
		"man":                             {"1702010505920003", day(1992, time.May, 5), activation.Male, nil},
		"born this century":               {"1702013112050001", day(2005, time.December, 31), activation.Male, nil},
		"born today":                      {"1702012011260001", day(2026, time.November, 20), activation.Male, nil},
		"tomorrow is a century ago":       {"1702012111260001", day(1926, time.November, 21), activation.Male, nil},
		"leap day exists in 2000 alone":   {"1702016902000001", day(2000, time.February, 29), activation.Female, nil},
		"leap day of a common year":       {"1702012902010001", time.Time{}, "", []activation.NIKFault{activation.NIKDate}},
		"31 April":                        {"1702013104900001", time.Time{}, "", []activation.NIKFault{activation.NIKDate}},
		"too short":                       {"170201450592000", time.Time{}, "", []activation.NIKFault{activation.NIKLength}},
		"a letter O":                      {"17O2014505920003", time.Time{}, "", []activation.NIKFault{activation.NIKDigits}},
		"short and a letter":              {"17O201", time.Time{}, "", []activation.NIKFault{activation.NIKLength, activation.NIKDigits}},
		"empty":                           {"", time.Time{}, "", []activation.NIKFault{activation.NIKLength, activation.NIKDigits}},
		"digits of another script":        {"١٧٠٢٠١٤٥", time.Time{}, "", []activation.NIKFault{activation.NIKDigits}},
		"province 00":                     {"0002014505920003", time.Time{}, "", []activation.NIKFault{activation.NIKRegion}},
		"day 00":                          {"1702010005920003", time.Time{}, "", []activation.NIKFault{activation.NIKDay}},
		"day 40 belongs to neither":       {"1702014005920003", time.Time{}, "", []activation.NIKFault{activation.NIKDay}},
		"day 72":                          {"1702017205920003", time.Time{}, "", []activation.NIKFault{activation.NIKDay}},
		"month 13":                        {"1702014513920003", time.Time{}, "", []activation.NIKFault{activation.NIKMonth}},
		"serial 0000":                     {"1702014505920000", time.Time{}, "", []activation.NIKFault{activation.NIKSerial}},
		"everything that can be is wrong": {"0000003299000000", time.Time{}, "", []activation.NIKFault{activation.NIKRegion, activation.NIKDay, activation.NIKMonth, activation.NIKSerial}},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := activation.ParseNIK(c.text, now)
			if (err != nil) != (len(c.want) > 0) {
				t.Fatalf("err = %v, want %v", err, c.want)
			}
			for _, f := range c.want {
				if !errors.Is(err, f) {
					t.Errorf("err = %v, want it to name %s", err, f)
				}
			}
			if err == nil && (!n.Born.Equal(c.born) || n.Sex != c.sex) {
				t.Errorf("born %s sex %s, want %s %s", n.Born.Format(time.DateOnly), n.Sex, c.born.Format(time.DateOnly), c.sex)
			}
			if err == nil && n.Region+n.Date+n.Serial != c.text {
				t.Errorf("parts %v", n.Parts())
			}
		})
	}
}

type regions map[string]bool // code to retired

func (r regions) Region(code string) (string, bool, bool) {
	retired, known := r[code]
	return "Kec. " + code, retired, known
}

func TestRegionOnlyWarns(t *testing.T) {
	ref := regions{"170201": false, "920701": true}
	for name, c := range map[string]struct {
		nik  string
		want []activation.Warning
	}{
		"known":   {"1702014505920003", nil},
		"retired": {"9207014505920003", []activation.Warning{activation.RegionRetired}},
		"unknown": {"9999994505920003", []activation.Warning{activation.RegionUnknown}},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := activation.ParseNIK(c.nik, now)
			if err != nil {
				t.Fatal(err)
			}
			_, got := activation.RegionOf(n, ref)
			if len(got) != len(c.want) || len(got) == 1 && got[0] != c.want[0] {
				t.Errorf("warnings %v, want %v", got, c.want)
			}
		})
	}
}

func TestAgeOn(t *testing.T) {
	for name, c := range map[string]struct {
		born, on time.Time
		want     int
	}{
		"day before the birthday": {day(2009, time.November, 21), now, 16},
		"the birthday":            {day(2009, time.November, 20), now, 17},
		"leap day in common year": {day(2004, time.February, 29), day(2021, time.February, 28), 16},
		"1 March after":           {day(2004, time.February, 29), day(2021, time.March, 1), 17},
	} {
		t.Run(name, func(t *testing.T) {
			if got := activation.AgeOn(c.born, c.on); got != c.want {
				t.Errorf("age %d, want %d", got, c.want)
			}
		})
	}
}

func FuzzParseNIK(f *testing.F) {
	f.Add("1702014505920003")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := activation.ParseNIK(text, now)
		if err != nil {
			return
		}
		if n.Born.After(now) || now.Year()-n.Born.Year() > 200 || len(n.Text) != 16 {
			t.Errorf("%q: %+v", text, n)
		}
	})
}
