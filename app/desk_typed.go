package app

import (
	"context"
	"errors"

	"loket/app/activation"
)

// Registrations finds what an officer types where no camera reads the phone.
type Registrations interface {
	// Find gives the registration of a code and a NIK (both well formed) as a
	// valid code without a proof of the phone. A *Fault says that there is none.
	Find(ctx context.Context, code, nik string) (activation.Code, error)
}

// nikFaults are all of them, in the order of the digits.
var nikFaults = []activation.NIKFault{activation.NIKLength, activation.NIKDigits, activation.NIKRegion, activation.NIKDay,
	activation.NIKMonth, activation.NIKDate, activation.NIKSerial}

// slips names each thing that is wrong with a typed code and NIK.
func slips(code, nik error) []Line {
	var lines []Line
	bad := func(code string, args ...any) { lines = append(lines, Line{Code: code, State: LineBad, Args: args}) }
	slip, placed := errors.AsType[*activation.CodeSlip](code)
	switch {
	case placed && slip.Swapped:
		bad("code-swapped", slip.Digit, slip.Digit+1)
	case placed:
		bad("code-digit", slip.Digit)
	default:
		for _, f := range []activation.CodeFault{activation.CodeLength, activation.CodeDigits, activation.CodeTypo} {
			if errors.Is(code, f) {
				bad(string(f))
			}
		}
	}
	for _, f := range nikFaults {
		if errors.Is(nik, f) {
			bad(string(f))
		}
	}
	return lines
}

// typedCode looks for the registration of a typed code and NIK. What is
// mistyped is told here, before central is asked.
func (d *Desk) typedCode(i TypedCode) {
	if d.ports.Registrations == nil {
		return
	}
	code, wrongCode := activation.ParseRegistrationCode(i.Code)
	nik, wrongNIK := activation.ParseNIK(activation.Ungroup(i.NIK), d.now())
	d.c.scan.Slips = slips(wrongCode, wrongNIK)
	card := d.c.card()
	if wrongNIK == nil && card != nil && card.Card.NIK != "" && card.Card.NIK != nik.Text {
		d.c.scan.Slips = append(d.c.scan.Slips, Line{Code: "nik-card", State: LineBad})
	}
	if len(d.c.scan.Slips) > 0 {
		return
	}
	id := d.c.s.ID
	d.do("looking-up", func(ctx context.Context) func() {
		found, err := d.ports.Registrations.Find(ctx, code, nik.Text)
		return func() {
			switch {
			case d.c == nil || d.c.s.ID != id || d.c.s.Stage != activation.StageScan:
			case err != nil:
				d.fail("lookup-failed", err)
			case d.step("", activation.CodeRead{Code: withCard(found, d.c.card())}, activation.Advance{}):
				d.notice = nil
				d.audit("code-typed", id)
			}
		}
	})
}
