package app_test

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"loket/app"
)

// TestThreeZones: the same moment at counters in the west, the middle and the
// east; each shows its own time and says which, and its own day.
func TestThreeZones(t *testing.T) {
	test.NewTempApp(t)
	at := time.Date(2026, 11, 21, 15, 41, 0, 0, time.UTC)
	for name, want := range map[string][2]string{
		"Asia/Jakarta":  {"22.41 WIB", "22.11"},
		"Asia/Makassar": {"23.41 WITA", "23.11"},
		"Asia/Jayapura": {"00.41 WIT", "00.11"},
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		v := app.View{Lang: app.Indonesian, Look: app.Light, Screen: app.ScreenReviews, Officer: "Ratna Contoh", Supervises: true, Now: at.In(zone),
			Reviews: app.Reviews{Asked: at, List: []app.Review{{Held: true, Counter: "Loket 1", Case: "approve", At: at.Add(-30 * time.Minute).In(zone)},
				{Held: true, Counter: "Loket 2", Case: "approve", At: at.Add(-25 * time.Hour).In(zone)}}}}
		var texts []string
		for _, x := range app.Draw(v, fyne.NewSize(1366, 768)).Texts {
			texts = append(texts, x.Text)
		}
		yesterday := at.Add(-25 * time.Hour).In(zone).Format("02-01 15.04")
		for _, w := range []string{want[0], want[1], yesterday} {
			if !slices.Contains(texts, w) {
				t.Errorf("%s: %q is not on the screen: %q", name, w, texts)
			}
		}
	}
}
