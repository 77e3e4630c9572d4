package token

import (
	"errors"
	"strings"
)

// Names of the checks, in the order in which they are done and shown.
const (
	CheckFormat    = "format"    // it is a code of the kind that is expected, whole and well formed
	CheckSignature = "signature" // the issuer's signature verifies
	CheckIssuer    = "issuer"    // the issuer's key is in the trust list, for this use, not revoked
	CheckValidity  = "validity"  // neither expired nor of the future
	CheckDevice    = "device"    // the phone that registered made it, for this counter
	CheckReplay    = "replay"    // it was not scanned before
)

// Reason is why a check failed, as a code; the interface has the words.
type Reason string

// The reasons, grouped by check.
const (
	ReasonLink        Reason = "link"           // format: a web address, a payment, a contact: not a code for us
	ReasonForeign     Reason = "foreign"        // format: another country's health certificate (HC1:)
	ReasonCounterCode Reason = "counter-code"   // format: the counter's own code
	ReasonNotOurs     Reason = "not-ours"       // format: some other text
	ReasonPrefix      Reason = "prefix"         // format: not the prefix of this profile
	ReasonBase45      Reason = "base45"         // format
	ReasonInflate     Reason = "inflate"        // format: broken, or over 64 KiB
	ReasonMalformed   Reason = "malformed"      // format: CBOR, COSE, types, tags, duplicate keys
	ReasonAlg         Reason = "alg"            // format: an algorithm that is not used here
	ReasonTyp         Reason = "typ"            // format: signed for another purpose
	ReasonDecrypt     Reason = "decrypt"        // format: no key, or not for this key
	ReasonWrong       Reason = "wrong"          // signature
	ReasonEmpty       Reason = "empty"          // signature: nobody signed
	ReasonUnknownKey  Reason = "unknown-key"    // issuer: not in the trust list (self-signed too)
	ReasonUse         Reason = "use"            // issuer: in the list for another use
	ReasonRevoked     Reason = "revoked"        // issuer
	ReasonKeyExpired  Reason = "key-expired"    // issuer: the key's own time is over or not begun
	ReasonName        Reason = "name"           // issuer: signs in another's name
	ReasonTrustOld    Reason = "trust-list-old" // issuer: the list itself has ended
	ReasonExpired     Reason = "expired"        // validity
	ReasonNotYet      Reason = "not-yet-valid"  // validity: nbf, or issued in the future
	ReasonLife        Reason = "life"           // validity: a presentation made to last longer than 90 s
	ReasonPossession  Reason = "possession"     // device: not signed by the phone of the credential
	ReasonAudience    Reason = "audience"       // device: for another counter or session
	ReasonSealed      Reason = "sealed"         // device: sealed for another session
	ReasonCard        Reason = "card"           // device: a card without a phone's proof, and policy takes none
	ReasonNoProof     Reason = "no-proof"       // device: passed by policy without a phone's proof
	ReasonSeen        Reason = "seen"           // replay
	ReasonRollback    Reason = "rollback"       // replay: a trust list older than the one before
	ReasonLedger      Reason = "ledger"         // replay: could not be looked up
)

// Check is one line of a verdict.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Reason Reason `json:"reason"` // "" where OK, but for no-proof
}

// Kinds of what was verified.
const (
	KindPresentation = "presentation" // IKD1:
	KindSealed       = "sealed"       // IKD1E:, bound to this counter's session
	KindClaim169     = "claim169"     // a bare card, without proof of possession
	KindDGC          = "dgc"
	KindCOSE         = "cose"
	KindCounter      = "counter" // IKDC1:, a counter's own code
	KindTrust        = "trust"   // a signed trust list
)

// Verdict is what verification says. Checks end with the first that failed.
type Verdict struct {
	Valid        bool
	Checks       []Check
	Kind         string
	Proof        bool           // a phone proved that it holds the credential's key
	Presentation *Presentation  // as soon as it could be read
	Credential   *Credential    // likewise; believe it only when Valid
	Claims       map[string]any // names as in JSON; likewise
	Card         *Card          // of a claim-169 card, for people; likewise
}

// Failed is the check that failed, or the zero Check.
func (v Verdict) Failed() Check {
	for _, c := range v.Checks {
		if !c.OK {
			return c
		}
	}
	return Check{}
}

// pass and fail add a line; fail also ends the verdict.
func (v *Verdict) pass(names ...string) {
	for _, name := range names {
		v.Checks = append(v.Checks, Check{Name: name, OK: true})
	}
}

func (v Verdict) fail(name string, why Reason) Verdict {
	v.Checks, v.Valid = append(v.Checks, Check{Name: name, Reason: why}), false
	return v
}

func (v Verdict) done() Verdict {
	v.Valid = true
	return v
}

// errAlg is an algorithm that is not used here at all.
var errAlg = errors.New("algorithm is not used here")

// failed sorts an error into the check that it belongs to.
func (v Verdict) failed(err error) Verdict {
	for _, row := range []struct {
		err   error
		check string
		why   Reason
	}{
		{errAlg, CheckFormat, ReasonAlg},
		{ErrTyp, CheckFormat, ReasonTyp},
		{errEmpty, CheckSignature, ReasonEmpty},
		{ErrUse, CheckIssuer, ReasonUse},
		{ErrUnknownKey, CheckIssuer, ReasonUnknownKey},
		{ErrSignature, CheckSignature, ReasonWrong},
	} {
		if errors.Is(err, row.err) {
			if row.check != CheckFormat {
				v.pass(CheckFormat)
			}
			return v.fail(row.check, row.why)
		}
	}
	return v.fail(CheckFormat, ReasonMalformed)
}

// notOurs names a text that is none of this project's.
func notOurs(text string) Reason {
	lower := strings.ToLower(text[:min(len(text), 16)])
	for _, prefix := range []string{"http:", "https:", "www.", "wifi:", "tel:", "mailto:", "geo:", "begin:vcard", "upi:", "000201"} {
		if strings.HasPrefix(lower, prefix) {
			return ReasonLink
		}
	}
	switch {
	case strings.HasPrefix(text, "HC1:"):
		return ReasonForeign
	case strings.HasPrefix(text, PrefixCounter):
		return ReasonCounterCode
	}
	return ReasonNotOurs
}
