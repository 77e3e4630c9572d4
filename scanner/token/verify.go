package token

import (
	"bytes"
	"crypto/ecdh"
	"errors"
	"strings"
	"time"
)

// Leeway is how far a phone's clock may be off.
const Leeway = 60 * time.Second

// Replay remembers presentations. Seen records cti and says whether it was
// there before; both in one step, so that of two scans one is the first. What is
// kept for 7 days, also over a restart, is in sync/ledger.
type Replay interface {
	Seen(cti [16]byte, now time.Time) (bool, error)
}

// Verifier believes a citizen's QR or says which check failed. The zero value
// believes nothing. It may be used by several goroutines when Replay may.
type Verifier struct {
	Trust      TrustList
	Replay     Replay           // nil: replay is not checked, and the line is missing
	Audience   []byte           // CounterCode.Audience of the code on show; nil for none
	SessionKey *ecdh.PrivateKey // of the code on show; nil for none
	Earlier    []Shown          // codes that this session showed before, and that have not ended
	Claim169   bool             // policy takes bare claim-169 cards
	Decrypt    []byte           // AES key of encrypted claim-169 cards; nil for none
}

// Shown is a code that the counter showed a moment ago. A phone that scanned it
// just before it was renewed still answers to it; whoever fills Verifier.Earlier
// leaves out those that have ended and those of other sessions.
type Shown struct {
	Audience   []byte
	SessionKey *ecdh.PrivateKey
}

// Verify checks the text of a QR at now. It never trims the text. The cti is
// recorded as seen only when everything else holds.
func (v Verifier) Verify(text string, now time.Time) Verdict {
	var out Verdict
	msg, opened, why := v.unwrap(text, &out)
	switch {
	case why == ReasonSealed:
		out.pass(CheckFormat)
		return out.fail(CheckDevice, why)
	case why == ReasonNotOurs && v.Claim169:
		return v.bare(text, now)
	case why == ReasonNotOurs && isCard(text):
		out.Kind = KindClaim169
		out.pass(CheckFormat)
		return out.fail(CheckDevice, ReasonCard)
	case why != "":
		return out.fail(CheckFormat, why)
	}
	m, err := parseSign1(msg, ownRules)
	if err != nil {
		if errors.Is(err, errEmpty) {
			out.pass(CheckFormat)
			return out.fail(CheckDevice, ReasonPossession)
		}
		return out.failed(err)
	}
	p, err := readPresentation(m, msg)
	if err != nil {
		return out.failed(err)
	}
	out.Presentation = &p
	inner, err := parseSign1(p.Credential, ownRules)
	if err != nil {
		return out.failed(err)
	}
	if inner.typ != TypCredential.header() {
		return out.failed(ErrTyp)
	}
	c, err := readCredential(inner.Payload)
	if err != nil {
		return out.failed(err)
	}
	out.Credential, out.Claims = &c, credentialClaims(c, p)
	if out, err = v.Trust.believe(out, inner, UseCredential, c.Issuer, nil, now); err != nil {
		return out
	}
	if why := presentedInTime(p, c, now); why != "" {
		return out.fail(CheckValidity, why)
	}
	out.pass(CheckValidity)
	if err := m.open(TypPresent, nil, Keys(c.Phone)); err != nil {
		return out.fail(CheckDevice, ReasonPossession)
	}
	bound := false
	for _, code := range opened {
		bound = bound || code.Audience != nil && bytes.Equal(p.Audience, code.Audience)
	}
	if !bound && (p.Audience != nil || out.Kind == KindSealed) {
		return out.fail(CheckDevice, ReasonAudience)
	}
	out.pass(CheckDevice)
	out.Proof = true
	return v.replay(out, p.CTI, now)
}

// unwrap takes the message out of a text with one of our prefixes, and says to
// which of the codes on show it may be bound: any, or the one whose key opened it.
func (v Verifier) unwrap(text string, out *Verdict) ([]byte, []Shown, Reason) {
	shown := append([]Shown{{v.Audience, v.SessionKey}}, v.Earlier...)
	switch {
	case strings.HasPrefix(text, PrefixPresentation):
		out.Kind = KindPresentation
		msg, err := body45(text, PrefixPresentation)
		if err != nil {
			return nil, nil, ReasonBase45
		}
		return msg, shown, ""
	case strings.HasPrefix(text, PrefixSealed):
		out.Kind = KindSealed
		if _, err := body45(text, PrefixSealed); err != nil {
			return nil, nil, ReasonBase45
		}
		for i, code := range shown {
			if code.SessionKey == nil {
				continue
			}
			if msg, err := OpenSealed(text, code.SessionKey); err == nil {
				return msg, shown[i : i+1], ""
			}
		}
		return nil, nil, ReasonSealed
	}
	return nil, nil, notOurs(text)
}

// believe finds the key in the list and checks the signature and the key's own
// standing: the lines signature and issuer.
func (l TrustList) believe(out Verdict, m message, use Use, issuer string, external []byte, now time.Time) (Verdict, error) {
	key, err := l.Find(use, m.kid)
	if err != nil {
		return out.failed(err), err
	}
	if err := m.verify(key.Key, external); err != nil {
		return out.failed(err), err
	}
	out.pass(CheckFormat, CheckSignature)
	var why Reason
	switch err = key.Valid(now); {
	case errors.Is(err, ErrRevoked):
		why = ReasonRevoked
	case err != nil:
		why = ReasonKeyExpired
	case key.Issuer != "" && key.Issuer != issuer:
		err, why = ErrUnknownKey, ReasonName
	case !l.Expires.IsZero() && now.After(l.Expires):
		err, why = ErrStale, ReasonTrustOld
	}
	if err != nil {
		return out.fail(CheckIssuer, why), err
	}
	out.pass(CheckIssuer)
	return out, nil
}

// presentedInTime looks at both dates of both messages.
func presentedInTime(p Presentation, c Credential, now time.Time) Reason {
	switch {
	case p.Expires.Sub(p.IssuedAt) > PresentationLife:
		return ReasonLife
	case p.IssuedAt.After(now.Add(Leeway)), c.IssuedAt.After(now.Add(Leeway)):
		return ReasonNotYet
	case p.Expires.Before(now.Add(-Leeway)), c.Expires.Before(now.Add(-Leeway)):
		return ReasonExpired
	}
	return ""
}

func (v Verifier) replay(out Verdict, cti [16]byte, now time.Time) Verdict {
	if v.Replay == nil {
		return out.done()
	}
	seen, err := v.Replay.Seen(cti, now)
	switch {
	case err != nil:
		return out.fail(CheckReplay, ReasonLedger)
	case seen:
		return out.fail(CheckReplay, ReasonSeen)
	}
	out.pass(CheckReplay)
	return out.done()
}

// bare verifies a card that no phone presents.
func (v Verifier) bare(text string, now time.Time) Verdict {
	out := Foreign{Trust: v.Trust, Use: UseClaim169, Decrypt: v.Decrypt}.Claim169(text, now)
	if f := out.Failed(); f.Reason == ReasonBase45 || f.Reason == ReasonInflate {
		return Verdict{}.fail(CheckFormat, ReasonNotOurs)
	}
	if out.Valid {
		out.Checks = append(out.Checks, Check{Name: CheckDevice, OK: true, Reason: ReasonNoProof})
	}
	return out
}

// isCard says that a text has the form of a bare card: whoever shows one is told
// that cards are not taken here, not that it is no code. Nothing in it is read.
func isCard(text string) bool {
	data, why := inflated(text)
	return why == "" && (tagged(data, 18) || tagged(data, 16))
}

func credentialClaims(c Credential, p Presentation) map[string]any {
	return map[string]any{
		"iss": c.Issuer, "sub": c.Registration, "iat": c.IssuedAt.Unix(), "exp": c.Expires.Unix(),
		"claim169":     map[string]any{"id": c.NIK, "email": c.Email, "phone": c.Number},
		"presentation": map[string]any{"iat": p.IssuedAt.Unix(), "exp": p.Expires.Unix(), "bound": p.Audience != nil},
	}
}
