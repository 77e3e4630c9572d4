package token_test

import (
	"testing"
	"time"

	"loket/scanner/token"
)

// TestVouched tells what central signed from what somebody else wrote, also
// where the code itself is refused.
func TestVouched(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	for name, c := range map[string]struct {
		text string
		at   time.Duration
		want bool
	}{
		"good":             {token.PresentationText(w.present(t, nil)), 0, true},
		"ended":            {token.PresentationText(w.present(t, nil)), time.Hour, true},
		"of the future":    {token.PresentationText(w.present(t, nil)), -time.Hour, true},
		"another's issuer": {token.PresentationText(other.present(t, nil)), 0, false},
		"no code":          {"HALO", 0, false},
	} {
		v := token.Verifier{Trust: w.trust}.Verify(c.text, start.Add(c.at))
		at, ok := v.Vouched()
		if ok != c.want || ok && !at.Equal(v.Credential.IssuedAt) {
			t.Errorf("%s: %v, %v", name, at, ok)
		}
	}
}
