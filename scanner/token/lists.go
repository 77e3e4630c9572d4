package token

import (
	"crypto"
	"errors"
	"time"
)

// VerifyCounter is OpenCounter as a list of checks, for tools and tests: a
// phone only needs the code or an error.
func VerifyCounter(text string, list TrustList, now time.Time) Verdict {
	out := Verdict{Kind: KindCounter}
	c, err := OpenCounter(text, list.Lookup(UseDevice, now), now)
	switch {
	case errors.Is(err, ErrRevoked):
		out.pass(CheckFormat, CheckSignature)
		return out.fail(CheckIssuer, ReasonRevoked)
	case errors.Is(err, errCertificate) && errors.Is(err, ErrValidity):
		out.pass(CheckFormat, CheckSignature)
		return out.fail(CheckIssuer, ReasonKeyExpired)
	case errors.Is(err, ErrValidity):
		out.pass(CheckFormat, CheckSignature, CheckIssuer)
		return out.fail(CheckValidity, ReasonExpired)
	case errors.Is(err, errBearer):
		out.pass(CheckFormat, CheckSignature)
		return out.fail(CheckIssuer, ReasonName)
	case err != nil:
		return out.failed(err)
	case !list.Expires.IsZero() && now.After(list.Expires):
		out.pass(CheckFormat, CheckSignature)
		return out.fail(CheckIssuer, ReasonTrustOld)
	}
	out.pass(CheckFormat, CheckSignature, CheckIssuer, CheckValidity)
	out.Claims = map[string]any{"device": c.Device, "office": c.Office, "exp": c.Expires.Unix()}
	return out.done()
}

// VerifyTrust is OpenTrust as a list of checks: may the signed list msg follow
// the list have, whose Roots are the known ones?
func VerifyTrust(msg []byte, have TrustList, now time.Time) Verdict {
	out := Verdict{Kind: KindTrust}
	l, err := OpenTrust(msg, have.Roots, have.Version, now)
	switch {
	case errors.Is(err, ErrRollback):
		out.pass(CheckFormat, CheckSignature, CheckIssuer)
		return out.fail(CheckReplay, ReasonRollback)
	case errors.Is(err, ErrStale):
		out.pass(CheckFormat, CheckSignature, CheckIssuer)
		return out.fail(CheckValidity, ReasonTrustOld)
	case err != nil:
		return out.failed(err)
	}
	out.pass(CheckFormat, CheckSignature, CheckIssuer, CheckValidity, CheckReplay)
	out.Claims = map[string]any{"version": l.Version, "iat": l.Issued.Unix(), "exp": l.Expires.Unix(),
		"keys": len(l.Keys), "roots": len(l.Roots), "rotated": !sameKeys(l.Roots, have.Roots)}
	return out.done()
}

// sameKeys says whether two sets of keys are the same.
func sameKeys(a, b []crypto.PublicKey) bool {
	if len(a) != len(b) {
		return false
	}
	for _, key := range a {
		if !contains(b, key) {
			return false
		}
	}
	return true
}
