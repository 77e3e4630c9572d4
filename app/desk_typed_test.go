package app_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
)

// registrationsPort finds the citizen of newWorld by this code.
type registrationsPort struct{ w *world }

var spoken = activation.RegistrationCode(48291307)

func (p registrationsPort) Find(_ context.Context, code, nik string) (activation.Code, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.lookups++
	if _, err := activation.ParseRegistrationCode(code); err != nil || len(code) != 10 {
		p.w.t.Errorf("central is asked for %q: %v", code, err)
	}
	if _, err := activation.ParseNIK(nik, time.Now()); err != nil {
		p.w.t.Errorf("central is asked for a NIK that can't be: %v", err)
	}
	if p.w.link.State == app.LinkOffline {
		return activation.Code{}, &app.Fault{Code: "link-offline", Tone: app.Info}
	}
	if code != spoken || nik != "1702014505720003" {
		return activation.Code{}, &app.Fault{Code: "central-registration-unknown", Tone: app.Attention, Err: errors.New("none")}
	}
	return activation.Code{Kind: activation.KindTyped, Valid: true, Fresh: true, Typed: code, NIK: nik, Registration: "r1",
		Email: "sri@contoh.id", Number: "+6281234567217",
		Checks: []activation.Check{{Name: "format", OK: true}, {Name: "typed", OK: true, Reason: "no-proof"}}}, nil
}

func (w *world) typedSlips() []string {
	var codes []string
	for _, l := range w.now().Scan.Slips {
		codes = append(codes, l.Code)
	}
	return codes
}

func TestTypedCodeNeedsTheSupervisor(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		if !w.now().Scan.CanType {
			t.Fatal("nothing offers to type")
		}
		w.send(app.TypedCode{Code: activation.GroupCode(spoken), NIK: "170201 450572 0003"})
		w.on(app.ScreenCompare)
		w.pass(time.Second)
		v := w.now().Compare
		if !slices.ContainsFunc(v.Checks, func(l app.Line) bool { return l.Code == "typed" && l.Detail == "no-proof" }) ||
			!slices.ContainsFunc(v.Checks, func(l app.Line) bool { return l.Code == "no-proof" && l.State == app.LineWarn }) {
			t.Errorf("checks %+v", v.Checks)
		}
		w.send(app.MarkField{Mark: app.MarkSame}, app.Tick{Item: "contact", On: true}, app.Next{})
		w.on(app.ScreenFace)
		w.show(citizen, 2*time.Second)
		w.send(app.Tick{Item: "look", On: true}, app.Next{})
		if d := w.now().Decide; d.Offered != activation.Approve || !d.Second {
			t.Fatalf("decide %+v", d)
		}
		w.send(app.PIN{PIN: "271828"})
		w.on(app.ScreenDecide) // one signature is not enough
		if w.ledger.counts().cases != 0 {
			t.Fatal("decided by one")
		}
		w.send(app.PIN{PIN: "314159"})
		w.on(app.ScreenDone)
		c := w.only()
		if c.Session.Outcome.Supervisor != "002" || !slices.Equal(c.Causes, []activation.Cause{activation.CauseNoProof}) ||
			c.Session.Code.Typed != spoken || len(c.Session.Code.Presentation) != 0 {
			t.Errorf("case %+v, causes %v", c.Session, c.Causes)
		}
		if !w.ledger.audited("code-typed " + c.Session.ID) {
			t.Error("the audit log does not say that it was typed")
		}
	})
}

// The control: the same citizen with a code that was scanned needs nobody else.
func TestScannedCodeNeedsNoSupervisor(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toDecide(citizen)
		if d := w.now().Decide; d.Second {
			t.Errorf("decide %+v", d)
		}
	})
}

func TestSlipsOfWhatIsTypedAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		code, nik string
		want      []string
	}{
		"code too short":       {spoken[:9], "1702014505720003", []string{"code-length"}},
		"letters":              {"O" + spoken[1:], "1702014505720003", []string{"code-digits"}},
		"check digits":         {"1111111111", "1702014505720003", []string{"code-typo"}},
		"NIK too short":        {spoken, "170201450572000", []string{"nik-length"}},
		"NIK with a letter":    {spoken, "17020145O5720003", []string{"nik-digits"}},
		"NIK of no region":     {spoken, "1700014505720003", []string{"nik-region"}},
		"NIK of day 39":        {spoken, "1702013905720003", []string{"nik-day"}},
		"NIK of month 13":      {spoken, "1702014513720003", []string{"nik-month"}},
		"NIK of 30 February":   {spoken, "1702017002720003", []string{"nik-date"}},
		"NIK without a number": {spoken, "1702014505720000", []string{"nik-serial"}},
		"both":                 {"12", "1702013913720003", []string{"code-length", "nik-day", "nik-month"}},
	} {
		t.Run(name, func(t *testing.T) {
			counter(t, func(w *world) {
				w.logIn()
				w.toScan()
				w.send(app.TypedCode{Code: c.code, NIK: c.nik})
				w.on(app.ScreenScan)
				got := w.typedSlips()
				if !slices.Equal(got, c.want) {
					t.Errorf("named %v, want %v", got, c.want)
				}
				for _, code := range got {
					if !app.HasWords("line." + code) {
						t.Errorf("line.%s has no words", code)
					}
				}
				if w.lookups != 0 {
					t.Error("central was asked all the same")
				}
				w.send(app.TypedCode{Code: spoken, NIK: "1702014505720003"})
				w.on(app.ScreenCompare)
			})
		})
	}
}

func TestPlaceOfASlipIsNamed(t *testing.T) {
	places := map[string]int{}
	for i := range len(spoken) {
		for d := byte('0'); d <= '9'; d++ {
			slip := spoken[:i] + string(d) + spoken[i+1:]
			if d == spoken[i] {
				continue
			}
			var at *activation.CodeSlip
			if _, err := activation.ParseRegistrationCode(slip); errors.As(err, &at) {
				places[slip] = at.Digit
			}
		}
	}
	if len(places) == 0 {
		t.Fatal("no slip of this code has one place")
	}
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		for slip, digit := range places {
			w.send(app.TypedCode{Code: slip, NIK: "1702014505720003"})
			s := w.now().Scan.Slips
			if len(s) != 1 || s[0].Code != "code-digit" || len(s[0].Args) != 1 || s[0].Args[0] != digit {
				t.Errorf("%s: %+v, want digit %d", slip, s, digit)
			}
		}
	})
}

func TestTypedCodeOfNobody(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		w.send(app.TypedCode{Code: spoken, NIK: "1702014505720004"})
		w.on(app.ScreenScan)
		w.notice("central-registration-unknown")
		w.set(func() { w.link = app.Link{State: app.LinkOffline} })
		w.send(app.TypedCode{Code: spoken, NIK: "1702014505720003"})
		w.on(app.ScreenScan)
		w.notice("link-offline")
		w.show(phone, time.Second) // the camera reads on meanwhile
		w.on(app.ScreenCompare)
	})
}
