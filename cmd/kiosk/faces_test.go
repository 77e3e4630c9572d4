package main

import (
	"reflect"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/sync/wire"
)

// What was asked of the citizen, and what came of it, stands in the packet, and
// can be read back as it was written.
func TestFaceOfTellsTheChallenge(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 41, 3, 0, time.UTC)
	attempt := activation.Attempt{At: at, Band: activation.BandMatch, Score: 0.7, Passive: map[string]float64{"minifasnet-v2": 0.75}}
	failed := activation.Challenge{At: at, Attempt: 1, Steps: []string{"turn-left", "turn-right", "turn-left"}, Done: 1, Reason: "too-late"}
	passed := activation.Challenge{At: at, Attempt: 1, Steps: []string{"turn-right", "come-closer", "turn-left"}, Done: 3, Passed: true}
	near := attempt
	near.Near, near.Weak = true, []activation.Weakness{activation.WeakOld, activation.WeakSmall}
	for _, c := range []struct {
		name     string
		session  activation.Session
		liveness string
		rounds   int
		alive    bool
	}{
		{"nobody asked", activation.Session{Attempts: []activation.Attempt{attempt}}, "officer-look", 0, false},
		{"passed at the second try", activation.Session{Attempts: []activation.Attempt{attempt}, Challenged: true, Challenges: []activation.Challenge{failed, passed}}, "challenge-passed", 2, true},
		{"can't move", activation.Session{Attempts: []activation.Attempt{attempt}, Challenged: true, Waived: activation.CannotMove}, "challenge-waived", 0, false},
		{"failed three times", activation.Session{Attempts: []activation.Attempt{near}, Challenged: true, Challenges: []activation.Challenge{failed, failed, failed}}, "challenge-failed", 3, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := faceOf(app.Case{Session: c.session})
			if f.Liveness != c.liveness || f.Alive() != c.alive || (f.Live != nil) != c.session.Challenged || f.Live != nil && len(f.Live.Challenges) != c.rounds {
				t.Fatalf("face %+v", f)
			}
			if f.Passive["minifasnet-v2"] != 0.75 || f.Near != c.session.Attempts[0].Near || len(f.Reference.Weak) != len(c.session.Attempts[0].Weak) {
				t.Errorf("face %+v", f)
			}
			d := wire.Decision{Packet: wire.NewPacketID(), Kind: "refuse", At: at, Zone: "Asia/Jakarta", Device: "d", Officer: "014", Consent: wire.Consent{At: at, How: "none"}, Face: f}
			plain, err := d.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			got, err := wire.UnmarshalDecision(plain)
			if err != nil || !reflect.DeepEqual(got.Face.Live, f.Live) || !reflect.DeepEqual(got.Face.Passive, f.Passive) {
				t.Errorf("read back %+v, %v", got.Face, err)
			}
		})
	}
}
