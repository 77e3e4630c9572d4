package activation_test

import (
	"errors"
	"testing"
	"time"

	"loket/app/activation"
)

// A card says who its holder is, never which phone: the scan goes on only once
// a registration is named.
func TestCardNamesNoRegistration(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 41, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		registration string
		want         error
	}{
		"card alone":                         {"", activation.ErrIncomplete},
		"control: with a registration named": {"r1", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := activation.Begin("1", "014", now)
			events := []activation.Event{}
			for _, r := range activation.AllReadiness() {
				events = append(events, activation.Asked{Item: r, Yes: true})
			}
			events = append(events, activation.Advance{}, activation.Consented{Yes: true}, activation.Advance{}, activation.CodeRead{Code: activation.Code{
				Kind: "claim169", Valid: true, Registration: c.registration, Card: &activation.Card{Issuer: "https://kartu.contoh.id"},
				Checks: []activation.Check{{Name: "device", OK: true, Reason: "no-proof"}}}})
			for _, e := range events {
				var err error
				if s, err = s.Next(e, now); err != nil {
					t.Fatal(err)
				}
			}
			next, err := s.Next(activation.Advance{}, now)
			if !errors.Is(err, c.want) || s.CanGoOn() != (c.want == nil) {
				t.Errorf("%v, stage %s", err, next.Stage)
			}
		})
	}
}
