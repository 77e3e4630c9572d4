package activation

import "time"

// Target is what an office has to reach: a share of those recorded, by a day.
type Target struct {
	Recorded int       // people with a KTP-el recording
	Percent  int       // 25, later 30
	By       time.Time // the last day that counts; usually 31 December
}

// EndOfYear is 31 December of now's year, in now's zone.
func EndOfYear(now time.Time) time.Time {
	return time.Date(now.Year(), time.December, 31, 0, 0, 0, 0, now.Location())
}

// Goal is the number of people, rounded up: 25 % of 194,006 is 48,502.
func (t Target) Goal() int { return (t.Recorded*t.Percent + 99) / 100 }

// Progress is where an office stands against its target.
type Progress struct {
	Goal, Active, Remaining int
	WorkingDays             int // from the day of now to By, both counted
	PerDay                  int // to reach the goal, rounded up; 0 when reached
	Reachable               bool
}

// Progress counts from the day of now on. holiday says whether the office is
// closed on a day that is not a Saturday or Sunday; nil: never.
func (t Target) Progress(active int, now time.Time, holiday func(time.Time) bool) Progress {
	p := Progress{Goal: t.Goal(), Active: active, WorkingDays: WorkingDays(now, t.By, holiday)}
	p.Remaining = max(p.Goal-active, 0)
	p.Reachable = p.Remaining == 0 || p.WorkingDays > 0
	if p.WorkingDays > 0 {
		p.PerDay = (p.Remaining + p.WorkingDays - 1) / p.WorkingDays
	}
	return p
}

// WorkingDays counts Mondays to Fridays from one day to another, both counted,
// less holidays.
func WorkingDays(from, to time.Time, holiday func(time.Time) bool) int {
	y, m, d := from.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	y, m, d = to.Date()
	last := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	n := 0
	for ; !day.After(last); day = day.AddDate(0, 0, 1) {
		if w := day.Weekday(); w == time.Saturday || w == time.Sunday || holiday != nil && holiday(day) {
			continue
		}
		n++
	}
	return n
}
