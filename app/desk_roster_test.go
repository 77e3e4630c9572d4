package app_test

import (
	"slices"
	"testing"
	"time"

	"loket/app"
)

// TestOldRoster: a record of a roster that is older than policy allows says so,
// any other does not.
func TestOldRoster(t *testing.T) {
	for _, old := range []bool{true, false} {
		counter(t, func(w *world) {
			w.set(func() {
				for _, r := range w.records {
					r.Source, r.Fetched, r.Old = "roster", time.Now().AddDate(0, 0, -3), old
				}
			})
			w.logIn()
			w.toCompare()
			v := w.now().Compare
			if said := slices.ContainsFunc(v.Checks, func(l app.Line) bool { return l.Code == "roster-old" && l.State == app.LineWarn }); said != old || v.Source != "roster" {
				t.Errorf("old %v: %+v from %q", old, v.Checks, v.Source)
			}
		})
	}
}
