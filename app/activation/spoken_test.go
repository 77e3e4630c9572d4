package activation_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"loket/app/activation"
)

func TestRegistrationCode(t *testing.T) {
	// The published example of ISO/IEC 7064, MOD 97-10: 794 has the check digits 44.
	if got := activation.RegistrationCode(794); got != "0000079444" {
		t.Errorf("code of 794: %s", got)
	}
	good := activation.RegistrationCode(48291307)
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"as made":           {good, nil},
		"in groups":         {activation.GroupCode(good), nil},
		"with dashes":       {good[:3] + "-" + good[3:6] + "-" + good[6:], nil},
		"nothing":           {"", activation.CodeLength},
		"a digit short":     {good[:9], activation.CodeLength},
		"a digit too many":  {good + "0", activation.CodeLength},
		"O for 0":           {"O" + good[1:], activation.CodeDigits},
		"digits of Arabic":  {"٤" + good[1:], activation.CodeDigits},
		"short and letters": {"AB12", activation.CodeDigits},
		"a wrong digit":     {good[:9] + string('0'+(good[9]-'0'+1)%10), activation.CodeTypo},
		"eight and no code": {"1111111111", activation.CodeTypo},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := activation.ParseRegistrationCode(c.text)
			if !errors.Is(err, c.want) || (c.want == nil) != (got == good) {
				t.Errorf("%q, %v, want %v", got, err, c.want)
			}
		})
	}
	if _, err := activation.ParseRegistrationCode("AB12"); !errors.Is(err, activation.CodeLength) {
		t.Errorf("of two faults only one is named: %v", err)
	}
}

// Every single wrong digit and every swap of neighbours is found, and where one
// place is named it is the right one.
func TestSlipsAreFoundAndNamedRightly(t *testing.T) {
	draw := rand.New(rand.NewPCG(7, 0))
	found, named := 0, 0
	slip := func(code string, want activation.CodeSlip) {
		_, err := activation.ParseRegistrationCode(code)
		if !errors.Is(err, activation.CodeTypo) {
			t.Fatalf("%s passes with slip %+v", code, want)
		}
		found++
		var got *activation.CodeSlip
		if errors.As(err, &got) {
			named++
			if *got != want {
				t.Errorf("%s: slip %+v, want %+v", code, *got, want)
			}
		}
	}
	for range 300 {
		good := activation.RegistrationCode(draw.IntN(activation.RegistrationPayloads))
		if _, err := activation.ParseRegistrationCode(good); err != nil {
			t.Fatalf("%s: %v", good, err)
		}
		for i := range len(good) {
			for d := byte('0'); d <= '9'; d++ {
				if d != good[i] {
					slip(good[:i]+string(d)+good[i+1:], activation.CodeSlip{Digit: i + 1})
				}
			}
			if i+1 < len(good) && good[i] != good[i+1] {
				slip(good[:i]+string(good[i+1])+string(good[i])+good[i+2:], activation.CodeSlip{Digit: i + 1, Swapped: true})
			}
		}
	}
	t.Logf("%d slips found, the place of %.0f %% named", found, 100*float64(named)/float64(found))
	if named == 0 {
		t.Error("no place was ever named")
	}
}
