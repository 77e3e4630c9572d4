package wire_test

import (
	"errors"
	"testing"

	"loket/scanner/token"
	"loket/sync/wire"
)

func TestOpening(t *testing.T) {
	d := newDesk(t)
	issuers := token.Keys(d.issuer.Public())
	o := wire.Opening{Device: "loket-3", Epoch: 2, From: 1, Size: 7, Kept: 9, At: sample().At, Officer: "k-001"}
	sign := func(o wire.Opening, by wire.Approver) wire.SignedOpening {
		t.Helper()
		s, err := wire.SignOpening(o, by)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	good := sign(o, d.supervisor)
	if got, err := good.Open(issuers); err != nil || got.Size != 7 || got.Officer != "k-001" {
		t.Fatalf("%+v, %v", got, err)
	}
	changed := good
	changed.Opening = sign(wire.Opening{Device: "loket-3", Epoch: 2, From: 1, Size: 3, Kept: 9, At: o.At, Officer: "k-001"}, d.supervisor).Opening
	as, err := d.supervisor.Approve(wire.AsSupervisor, good.Opening)
	if err != nil {
		t.Fatal(err)
	}
	late := o
	late.At = o.At.AddDate(0, 1, 0)
	for name, s := range map[string]wire.SignedOpening{
		"nobody":                 {Opening: good.Opening},
		"an officer":             sign(wire.Opening{Device: "loket-3", Epoch: 2, From: 1, At: o.At, Officer: "p-001"}, d.officer),
		"in another's name":      sign(wire.Opening{Device: "loket-3", Epoch: 2, From: 1, At: o.At, Officer: "k-002"}, d.supervisor),
		"another opening":        changed,
		"signed for a decision":  {Opening: good.Opening, Supervisor: wire.Signature{Certificate: d.supervisor.Cert, COSE: as}},
		"an expired certificate": sign(late, d.supervisor),
	} {
		if _, err := s.Open(issuers); !errors.Is(err, wire.ErrOpening) {
			t.Errorf("%s: got %v, want ErrOpening", name, err)
		}
	}
	for name, h := range map[string]wire.Head{
		"another device":      {Device: "loket-4", Epoch: 2, Size: 10},
		"another epoch":       {Device: "loket-3", Epoch: 3, Size: 10},
		"before the new one":  {Device: "loket-3", Epoch: 2, Size: 9},
		"without a proof":     {Device: "loket-3", Epoch: 2, Size: 10},
		"back into the first": {Device: "loket-3", Epoch: 1, Size: 10},
	} {
		if err := h.Opens(o, nil); err == nil {
			t.Errorf("%s opens the epoch", name)
		}
	}
}
