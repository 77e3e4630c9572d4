package token

import (
	"slices"
	"time"
)

// Vouched is when central signed the credential in a code; ok is false where its
// signature or its issuer does not hold. It says nothing about the rest of the
// code: also one that was refused shows that it is not earlier now.
func (v Verdict) Vouched() (at time.Time, ok bool) {
	if v.Credential == nil || !slices.ContainsFunc(v.Checks, func(c Check) bool { return c.Name == CheckIssuer && c.OK }) {
		return time.Time{}, false
	}
	return v.Credential.IssuedAt, true
}
