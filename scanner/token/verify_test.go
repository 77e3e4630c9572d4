package token_test

import (
	"bytes"
	"crypto"
	"errors"
	"strings"
	"testing"
	"time"

	"loket/scanner/token"
)

// seen is a Replay in memory.
type seen map[[16]byte]time.Time

func (s seen) Seen(cti [16]byte, now time.Time) (bool, error) {
	_, was := s[cti]
	s[cti] = now
	return was, nil
}

// broken is a Replay whose disk is gone.
type broken struct{}

func (broken) Seen([16]byte, time.Time) (bool, error) { return false, errors.New("disk is gone") }

// TestWrongCodes is what officers meet: each wrong code says which check failed.
func TestWrongCodes(t *testing.T) {
	w := newWorld(t)
	other := newWorld(t)
	good := w.present(t, nil)
	code, session, err := token.NewCounter("D-01", "1702", w.certificate, w.device, start)
	if err != nil {
		t.Fatal(err)
	}
	next, nextSession, err := token.NewCounter("D-01", "1702", w.certificate, w.device, start)
	if err != nil {
		t.Fatal(err)
	}
	seal := func(c token.CounterCode, audience []byte) string {
		text, err := token.SealPresentation(w.present(t, audience), c.Key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	issue := func(change func(*token.Credential), key crypto.Signer) string {
		c := sample(w.phone.Public())
		change(&c)
		cred, err := token.Issue(c, key)
		if err != nil {
			t.Fatal(err)
		}
		msg, err := token.Present(cred, w.phone, start, nil)
		if err != nil {
			t.Fatal(err)
		}
		return token.PresentationText(msg)
	}
	keep := func(*token.Credential) {}
	altered := func(i int) string {
		msg := bytes.Clone(good)
		msg[i] ^= 1
		return token.PresentationText(msg)
	}
	nik := bytes.Index(good, []byte("1702014507900001"))
	stolen, err := token.Present(w.credential, other.phone, start, nil)
	if err != nil {
		t.Fatal(err)
	}
	swapped, err := token.Sign(token.TypPresent, w.issuer, good)
	if err != nil {
		t.Fatal(err)
	}
	believe := token.Verifier{Trust: w.trust}
	edit := func(f func(*token.Verifier)) token.Verifier { v := believe; f(&v); return v }
	revoked := edit(func(v *token.Verifier) {
		v.Trust.Keys = append([]token.TrustedKey(nil), w.trust.Keys...)
		v.Trust.Keys[0].RevokedAt = start
	})
	misused := edit(func(v *token.Verifier) {
		v.Trust.Keys = []token.TrustedKey{{Use: token.UseClaim169, Key: w.issuer.Public()}}
	})
	renamed := edit(func(v *token.Verifier) {
		v.Trust.Keys = []token.TrustedKey{{Use: token.UseCredential, Key: w.issuer.Public(), Issuer: "lain.contoh.id"}}
	})
	onShow := edit(func(v *token.Verifier) { v.Audience, v.SessionKey = code.Audience(), session })
	renewed := edit(func(v *token.Verifier) {
		v.Audience, v.SessionKey = next.Audience(), nextSession
		v.Earlier = []token.Shown{{Audience: code.Audience(), SessionKey: session}}
	})
	text := token.PresentationText(good)
	for _, c := range []struct {
		name   string
		v      token.Verifier
		text   string
		at     time.Duration
		check  string
		reason token.Reason
	}{
		{"good", believe, text, 0, "", ""},
		{"good, phone 60 s ahead", believe, text, -60 * time.Second, "", ""},
		{"good, at its last second", believe, text, 150 * time.Second, "", ""},
		{"good, scanned by the counter that shows a code", onShow, text, 0, "", ""},
		{"good, bound to this session", onShow, token.PresentationText(w.present(t, code.Audience())), 0, "", ""},
		{"good, sealed", onShow, seal(code, code.Audience()), 0, "", ""},
		{"good, sealed to the renewed code", renewed, seal(next, next.Audience()), 0, "", ""},
		{"good, sealed to the code before", renewed, seal(code, code.Audience()), 0, "", ""},
		{"good, bound to the code before", renewed, token.PresentationText(w.present(t, code.Audience())), 0, "", ""},

		{"another country's certificate", believe, "HC1:6BF+70790T9WJWG.FKY*4GO0", 0, "format", token.ReasonForeign},
		{"a shop's link", believe, "https://contoh.id/promo", 0, "format", token.ReasonLink},
		{"a payment", believe, "00020101021126570011ID", 0, "format", token.ReasonLink},
		{"the counter's own code", believe, code.Text, 0, "format", token.ReasonCounterCode},
		{"some text", believe, "HALO", 0, "format", token.ReasonNotOurs},
		{"empty", believe, "", 0, "format", token.ReasonNotOurs},
		{"no base45", believe, "IKD1:abc", 0, "format", token.ReasonBase45},
		{"space in front", believe, " " + text, 0, "format", token.ReasonNotOurs},
		{"line end behind", believe, text + "\n", 0, "format", token.ReasonBase45},
		{"cut off", believe, text[:len(text)-30], 0, "format", token.ReasonMalformed},
		{"a credential instead of a presentation", believe, token.PresentationText(w.credential), 0, "format", token.ReasonTyp},
		{"typ right, content not", believe, token.PresentationText(swapped), 0, "format", token.ReasonMalformed},
		{"NIK of 15 digits", believe, issue(func(c *token.Credential) { c.NIK = c.NIK[1:] }, w.issuer), 0, "format", token.ReasonMalformed},
		{"NUL in text", believe, issue(func(c *token.Credential) { c.Email = "a\x00b@contoh.id" }, w.issuer), 0, "format", token.ReasonMalformed},
		{"ends before it begins", believe, issue(func(c *token.Credential) { c.Expires = c.IssuedAt }, w.issuer), 0, "format", token.ReasonMalformed},
		{"NIK altered", believe, altered(nik), 0, "signature", token.ReasonWrong},
		{"self-signed", believe, issue(keep, w.phone), 0, "issuer", token.ReasonUnknownKey},
		{"by another central", believe, token.PresentationText(other.present(t, nil)), 0, "issuer", token.ReasonUnknownKey},
		{"key for another use", misused, text, 0, "issuer", token.ReasonUse},
		{"issuer revoked", revoked, text, 0, "issuer", token.ReasonRevoked},
		{"in another's name", renamed, text, 0, "issuer", token.ReasonName},
		{"trust list too old", believe, text, 40 * 24 * time.Hour, "issuer", token.ReasonTrustOld},
		{"nothing is trusted", token.Verifier{}, text, 0, "issuer", token.ReasonUnknownKey},
		{"expired", believe, text, 151 * time.Second, "validity", token.ReasonExpired},
		{"from the future", believe, text, -61 * time.Second, "validity", token.ReasonNotYet},
		{"credential expired", believe, issue(func(c *token.Credential) { c.Expires = start.Add(-61 * time.Second) }, w.issuer), 0, "validity", token.ReasonExpired},
		{"credential from the future", believe, issue(func(c *token.Credential) { c.IssuedAt = start.Add(61 * time.Second) }, w.issuer), 0, "validity", token.ReasonNotYet},
		{"presentation altered", believe, altered(len(good) - 1), 0, "device", token.ReasonPossession},
		{"by another phone", believe, token.PresentationText(stolen), 0, "device", token.ReasonPossession},
		{"for another session", onShow, token.PresentationText(w.present(t, next.Audience())), 0, "device", token.ReasonAudience},
		{"for a session, none on show", believe, token.PresentationText(w.present(t, code.Audience())), 0, "device", token.ReasonAudience},
		{"sealed for another session", onShow, seal(next, next.Audience()), 0, "device", token.ReasonSealed},
		{"sealed, none on show", believe, seal(code, code.Audience()), 0, "device", token.ReasonSealed},
		{"sealed here, bound elsewhere", edit(func(v *token.Verifier) { v.Audience, v.SessionKey = code.Audience(), nextSession }), seal(next, next.Audience()), 0, "device", token.ReasonAudience},
		{"sealed to one code, bound to the other", renewed, seal(next, code.Audience()), 0, "device", token.ReasonAudience},
		{"sealed to the code before, bound to the other", renewed, seal(code, next.Audience()), 0, "device", token.ReasonAudience},
		{"sealed here, bound to nothing", onShow, seal(code, nil), 0, "device", token.ReasonAudience},
		{"ledger is gone", edit(func(v *token.Verifier) { v.Replay = broken{} }), text, 0, "replay", token.ReasonLedger},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.v.Replay == nil {
				c.v.Replay = seen{}
			}
			got := c.v.Verify(c.text, start.Add(c.at))
			if failed := got.Failed(); failed.Name != c.check || failed.Reason != c.reason || got.Valid != (c.check == "") {
				t.Fatalf("failed %q for %q, want %q for %q", failed.Name, failed.Reason, c.check, c.reason)
			}
			if !got.Valid {
				if got.Checks[len(got.Checks)-1].OK {
					t.Error("the last line is not the one that failed")
				}
				return
			}
			var names []string
			for _, line := range got.Checks {
				names = append(names, line.Name)
			}
			if list := strings.Join(names, " "); list != "format signature issuer validity device replay" {
				t.Errorf("lines %s", list)
			}
			if !got.Proof || got.Credential.NIK != "1702014507900001" {
				t.Errorf("proof %v, %+v", got.Proof, got.Credential)
			}
		})
	}
}

// TestReplay: a code counts once, and one that was refused is not used up.
func TestReplay(t *testing.T) {
	w := newWorld(t)
	v := token.Verifier{Trust: w.trust, Replay: seen{}}
	text := token.PresentationText(w.present(t, nil))
	if got := v.Verify(text, start.Add(-2*time.Minute)); got.Failed().Name != token.CheckValidity {
		t.Fatalf("too early: %v", got.Checks)
	}
	if got := v.Verify(text, start); !got.Valid {
		t.Fatalf("first: %v", got.Checks)
	}
	if got := v.Verify(text, start.Add(time.Second)); got.Failed() != (token.Check{Name: token.CheckReplay, Reason: token.ReasonSeen}) {
		t.Errorf("second: %v", got.Checks)
	}
	if got := v.Verify(token.PresentationText(w.present(t, nil)), start.Add(time.Second)); !got.Valid {
		t.Errorf("the next code of the same phone: %v", got.Checks)
	}
}

// TestAlteredAnywhere: no single altered byte of a presentation is believed.
func TestAlteredAnywhere(t *testing.T) {
	w := newWorld(t)
	good := w.present(t, nil)
	v := token.Verifier{Trust: w.trust}
	for i := range good {
		msg := bytes.Clone(good)
		msg[i] ^= 0x10
		if got := v.Verify(token.PresentationText(msg), start); got.Valid {
			t.Errorf("byte %d altered and still valid", i)
		}
	}
}
