package main

import (
	"testing"
	"time"

	"loket/sync/ledger"
	"loket/sync/wire"
)

// TestThreeZones: a decision's time is shown in the counter's own zone, whatever
// the PC is set to, and a PC that is set to one of Indonesia's is believed.
func TestThreeZones(t *testing.T) {
	at := time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"Asia/Jakarta": "22-11 06.30 WIB", "Asia/Makassar": "22-11 07.30 WITA", "Asia/Jayapura": "22-11 08.30 WIT",
	} {
		zone, err := zoneOf(name, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		q := (&book{zone: zone}).item(ledger.Item{At: at, StateAt: at, State: wire.StateMailed})
		for _, got := range []time.Time{q.At, q.StateAt} {
			if s := got.Format("02-01 15.04 MST"); s != want {
				t.Errorf("%s: %s, want %s", name, s, want)
			}
		}
		_, offset := at.In(zone).Zone()
		if own, err := zoneOf("", time.FixedZone("PC", offset)); err != nil || own.String() != name {
			t.Errorf("a PC at %d is taken to be in %v, %v", offset, own, err)
		}
	}
}
