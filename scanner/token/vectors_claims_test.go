package token_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"math/big"
	"time"

	"loket/scanner/token"
)

// nested is n arrays inside each other.
func nested(n int) raw { return append(bytes.Repeat([]byte{0x81}, n), 0) }

// ikdClaims are the rules about what is signed: forms, types, dates.
func ikdClaims() []row[*visit] {
	const bad, F, V = token.ReasonMalformed, token.CheckFormat, token.CheckValidity
	form := func(name, rule string, edit func(x *visit)) row[*visit] {
		return row[*visit]{name: name, rule: rule, control: "good-eddsa", failing: F, reason: bad, edit: edit}
	}
	at := func(d time.Duration) int64 { return start.Add(d).Unix() }
	late := func(name, rule, control string, reason token.Reason, edit func(x *visit)) row[*visit] {
		return row[*visit]{name: name, rule: rule, control: control, failing: V, reason: reason, edit: edit}
	}
	return []row[*visit]{
		form("claims-duplicate", "exp twice in the presentation", func(x *visit) { x.presentation = append(x.presentation, 4, at(24*time.Hour)) }),
		form("claims-duplicate-inner", "exp twice in the credential", func(x *visit) { x.credential = append(x.credential, 4, at(0)) }),
		form("identity-duplicate", "NIK twice in claim 169", func(x *visit) { x.identity = append(x.identity, 1, "1702015005920002") }),
		form("cnf-duplicate", "two keys in cnf", func(x *visit) { x.cnf = append(x.cnf, cnfOf(named("other").Public())...) }),
		form("claims-unknown", "a claim that our own credentials do not have", func(x *visit) { x.credential.set(99, 1) }),
		form("claims-trailing", "a byte behind the claims", func(x *visit) {
			fillVisit(x)
			x.outer.payload = append(pairs(x.presentation...), 0)
		}),
		form("claims-list", "a list for claims", func(x *visit) { x.inner.payload = enc([]int{1, 2}) }),
		form("claims-endless", "claims in a map without length", func(x *visit) {
			fillVisit(x)
			p := pairs(x.presentation...)
			x.outer.payload = append(append([]byte{0xbf}, p[1:]...), 0xff)
		}),
		form("claims-deep", "forty arrays inside each other", func(x *visit) { x.credential.set(99, nested(40)) }),
		form("claims-many", "9,000 items", func(x *visit) { x.credential.set(99, make([]int, 9000)) }),
		form("nik-number", "the NIK as a number", func(x *visit) { x.identity.set(1, 1702015005920001) }),
		form("nik-bytes", "the NIK as bytes", func(x *visit) { x.identity.set(1, []byte("1702015005920001")) }),
		form("nik-15", "a NIK of 15 digits", func(x *visit) { x.identity.set(1, "170201500592000") }),
		form("nik-letters", "a NIK with a letter", func(x *visit) { x.identity.set(1, "17020150O5920001") }),
		form("nik-missing", "no NIK", func(x *visit) { x.identity.drop(1) }),
		form("email-nul", "NUL in the e-mail address", func(x *visit) { x.identity.set(11, "sri\x00@contoh.id") }),
		form("email-line", "a line end in the e-mail address", func(x *visit) { x.identity.set(11, "sri@contoh.id\nBcc: x@contoh.id") }),
		form("email-long", "an e-mail address of 255 bytes", func(x *visit) { x.identity.set(11, string(bytes.Repeat([]byte("a"), 255))) }),
		form("email-not-utf8", "a text that is not UTF-8", func(x *visit) { x.identity.set(11, raw{0x62, 0xff, 0xfe}) }),
		form("number-bytes", "the phone number as bytes", func(x *visit) { x.identity.set(12, []byte("+62")) }),
		form("identity-missing", "no claim 169", func(x *visit) { x.credential.drop(169) }),
		form("selfie-short", "a selfie's hash of 31 bytes", func(x *visit) { x.credential.set(-65601, make([]byte, 31)) }),
		form("cnf-missing", "no key of the phone", func(x *visit) { x.credential.drop(8) }),
		form("cnf-x25519", "a key of the phone that cannot sign", func(x *visit) {
			x.cnf = claims{1, pairs(1, 1, -1, 4, -2, make([]byte, 32))}
		}),
		form("cnf-off-curve", "a P-256 point that is not on the curve", func(x *visit) {
			x.cnf = claims{1, pairs(1, 2, -1, 1, -2, bytes.Repeat([]byte{1}, 32), -3, bytes.Repeat([]byte{2}, 32))}
		}),
		form("cnf-private", "the phone's private key inside", func(x *visit) {
			key := named("phone")
			x.cnf = claims{1, pairs(1, 1, -1, 6, -2, []byte(key.Public().(ed25519.PublicKey)), -4, []byte(key.Seed()))}
		}),
		form("cti-15", "a cti of 15 bytes", func(x *visit) { x.presentation.set(7, make([]byte, 15)) }),
		form("cti-text", "a cti as a text", func(x *visit) { x.presentation.set(7, "0123456789abcdef") }),
		form("cti-missing", "no cti", func(x *visit) { x.presentation.drop(7) }),
		form("aud-short", "an audience of 31 bytes", func(x *visit) { x.presentation.set(3, make([]byte, 31)) }),
		form("aud-text", "an audience as a text", func(x *visit) { x.presentation.set(3, "D-01") }),
		form("exp-text", "exp as a text", func(x *visit) { x.presentation.set(4, "2026-07-01") }),
		form("exp-float", "exp as a fraction", func(x *visit) { x.credential.set(4, float64(at(time.Hour))+0.5) }),
		form("exp-nan", "exp is not a number", func(x *visit) { x.credential.set(4, math.NaN()) }),
		form("exp-infinite", "exp is infinite", func(x *visit) { x.credential.set(4, math.Inf(1)) }),
		form("exp-huge", "exp is 2^64-1", func(x *visit) { x.credential.set(4, uint64(math.MaxUint64)) }),
		form("exp-bignum", "exp is a bignum of 2^80", func(x *visit) { x.credential.set(4, new(big.Int).Lsh(big.NewInt(1), 80)) }),
		form("exp-year-300000", "exp is in the year 300,000", func(x *visit) { x.presentation.set(4, int64(9_400_000_000_000)) }),
		form("iat-huge", "iat is 2^63-1", func(x *visit) { x.presentation.set(6, int64(math.MaxInt64)) }),
		form("iat-negative", "iat is before 1970", func(x *visit) { x.presentation.set(6, -1) }),
		form("iat-missing", "no exp in the credential", func(x *visit) { x.credential.drop(4) }),
		form("exp-before-iat", "a credential that ends before it begins", func(x *visit) { x.credential.set(6, at(6*24*time.Hour)) }),
		{name: "identity-text-label", rule: "a text for a label of claim 169", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.identity = append(x.identity, "nik", "1") }},

		late("expired", "61 s past its end", "good-60-s-late", token.ReasonExpired, func(x *visit) { x.at = 151 * time.Second }),
		{name: "good-60-s-early", rule: "tolerance: the phone's clock is 60 s ahead", edit: func(x *visit) { x.at = -60 * time.Second }},
		late("iat-future", "the phone's clock is 61 s ahead", "good-60-s-early", token.ReasonNotYet, func(x *visit) { x.at = -61 * time.Second }),
		{name: "good-credential-60-s-late", rule: "tolerance: the credential ended 60 s ago", edit: func(x *visit) { x.credential.set(4, at(-60*time.Second)) }},
		late("credential-expired", "the credential ended 61 s ago", "good-credential-60-s-late", token.ReasonExpired, func(x *visit) { x.credential.set(4, at(-61*time.Second)) }),
		{name: "good-credential-60-s-early", rule: "tolerance: the credential begins in 60 s", edit: func(x *visit) { x.credential.set(6, at(60*time.Second)) }},
		late("credential-future", "the credential begins in 61 s", "good-credential-60-s-early", token.ReasonNotYet, func(x *visit) { x.credential.set(6, at(61*time.Second)) }),
		late("life", "a presentation made to last 91 s", "good-eddsa", token.ReasonLife, func(x *visit) { x.presentation.set(4, at(91*time.Second)) }),
	}
}

// fillVisit puts the credential into the presentation before its time, for
// those who change the presentation's bytes.
func fillVisit(x *visit) {
	x.credential.set(8, pairs(x.cnf...))
	x.credential.set(169, pairs(x.identity...))
	x.inner.payload = pairs(x.credential...)
	x.presentation.set(-65602, x.inner.bytes())
}

// ikdTrust are the rules about keys, counters and what was seen before.
func ikdTrust() []row[*visit] {
	const I, D = token.CheckIssuer, token.CheckDevice
	other := named("other")
	issuer := func(name, rule, control string, reason token.Reason, edit func(k *token.TrustedKey)) row[*visit] {
		failing := I
		if reason == "" {
			failing = ""
		}
		return row[*visit]{name: name, rule: rule, control: control, failing: failing, reason: reason, edit: func(x *visit) { edit(&x.list.Keys[0]) }}
	}
	session := sessionKey
	here, there := sha256.Sum256([]byte("IKDC1:here")), sha256.Sum256([]byte("IKDC1:there"))
	show := func(v *vector) { v.Audience = hex.EncodeToString(here[:]) }
	shown := func(x *visit) { x.also = show }
	bound := func(to [32]byte) func(x *visit) {
		return func(x *visit) { x.presentation.set(3, to[:]); shown(x) }
	}
	sealed := func(to *[32]byte) func(x *visit) {
		return func(x *visit) {
			if x.seal = session("here"); to != nil {
				x.presentation.set(3, to[:])
			}
			shown(x)
		}
	}
	return []row[*visit]{
		issuer("good-revoked-later", "the issuer's key is revoked from tomorrow on", "", "", func(k *token.TrustedKey) { k.RevokedAt = start.AddDate(0, 0, 1) }),
		issuer("issuer-revoked", "the issuer's key is revoked", "good-revoked-later", token.ReasonRevoked, func(k *token.TrustedKey) { k.RevokedAt = start }),
		issuer("good-key-in-time", "the issuer's key has its own dates", "", "", func(k *token.TrustedKey) {
			k.NotBefore, k.NotAfter = start.AddDate(0, 0, -9), start.AddDate(0, 0, 9)
		}),
		issuer("issuer-key-ended", "the issuer's key has ended", "good-key-in-time", token.ReasonKeyExpired, func(k *token.TrustedKey) { k.NotAfter = start.Add(-time.Second) }),
		issuer("issuer-key-early", "the issuer's key has not begun", "good-key-in-time", token.ReasonKeyExpired, func(k *token.TrustedKey) { k.NotBefore = start.Add(time.Second) }),
		issuer("issuer-name", "the issuer signs in another's name", "good-eddsa", token.ReasonName, func(k *token.TrustedKey) { k.Issuer = "lain.contoh.id" }),
		issuer("use-claim169", "a key for foreign cards mints a credential", "good-eddsa", token.ReasonUse, func(k *token.TrustedKey) { k.Use = token.UseClaim169 }),
		issuer("use-device", "the key that certifies devices mints a credential", "good-eddsa", token.ReasonUse, func(k *token.TrustedKey) { k.Use = token.UseDevice }),
		issuer("use-policy", "the key that signs policies mints a credential", "good-eddsa", token.ReasonUse, func(k *token.TrustedKey) { k.Use = token.UsePolicy }),
		issuer("use-packet-seal", "the key that packets are sealed to mints a credential", "good-eddsa", token.ReasonUse, func(k *token.TrustedKey) { k.Use = token.UseSeal }),
		issuer("use-capitals", "the use in capitals is another use", "good-eddsa", token.ReasonUse, func(k *token.TrustedKey) { k.Use = "IKD-CREDENTIAL" }),
		{name: "self-signed", rule: "the phone signs its own credential", control: "good-eddsa", failing: I, reason: token.ReasonUnknownKey, edit: func(x *visit) { x.inner.by = named("phone") }},
		{name: "trust-list-empty", rule: "nothing is trusted", control: "good-eddsa", failing: I, reason: token.ReasonUnknownKey, unsigned: true, edit: func(x *visit) { x.list.Keys = nil }},
		{name: "trust-list-same-key-twice", rule: "two entries of one use and kid: which counts is not clear", control: "good-eddsa", failing: I, reason: token.ReasonUnknownKey, edit: func(x *visit) { x.list.Keys = append(x.list.Keys, x.list.Keys[0]) }},
		{name: "good-trust-list-last-second", rule: "the trust list ends now", edit: func(x *visit) { x.list.Expires = start }},
		{name: "trust-list-too-old", rule: "the trust list ended a second ago", control: "good-trust-list-last-second", failing: I, reason: token.ReasonTrustOld, edit: func(x *visit) { x.list.Expires = start.Add(-time.Second) }},

		{name: "possession", rule: "another phone presents the credential", control: "good-eddsa", failing: D, reason: token.ReasonPossession, edit: func(x *visit) { x.outer.by = other }},
		{name: "good-unbound", rule: "no audience, though a code is on show", edit: shown},
		{name: "good-bound", rule: "bound to the code on show", edit: bound(here)},
		{name: "audience-other", rule: "bound to another counter's code", control: "good-bound", failing: D, reason: token.ReasonAudience, edit: bound(there)},
		{name: "audience-none-on-show", rule: "bound to a counter's code, but none is on show", control: "good-bound", failing: D, reason: token.ReasonAudience, edit: func(x *visit) { x.presentation.set(3, here[:]) }},
		{name: "good-sealed", rule: "sealed to this session and bound to it", edit: sealed(&here)},
		{name: "sealed-unbound", rule: "sealed, but bound to nothing", control: "good-sealed", failing: D, reason: token.ReasonAudience, edit: sealed(nil)},
		{name: "sealed-audience-other", rule: "sealed here, bound to another counter", control: "good-sealed", failing: D, reason: token.ReasonAudience, edit: sealed(&there)},
		{name: "sealed-other-session", rule: "sealed to another session's key", control: "good-sealed", failing: D, reason: token.ReasonSealed, unsigned: true, edit: func(x *visit) {
			sealed(&here)(x)
			x.also = func(v *vector) { show(v); v.Session = hex.EncodeToString(session("there").Bytes()) }
		}},
		{name: "sealed-no-session", rule: "sealed, but no code is on show", control: "good-sealed", failing: D, reason: token.ReasonSealed, unsigned: true, edit: func(x *visit) {
			sealed(&here)(x)
			x.also = func(v *vector) { v.Session = "" }
		}},
		{name: "sealed-altered", rule: "one letter of the sealed text altered", control: "good-sealed", failing: D, reason: token.ReasonSealed, unsigned: true, edit: func(x *visit) {
			sealed(&here)(x)
			x.text = func(s string) string {
				letter := byte('0')
				if s[96] == letter {
					letter = '1'
				}
				return s[:96] + string(letter) + s[97:]
			}
		}},

		{name: "good-seen-another", rule: "another presentation of the same phone was scanned before", edit: func(x *visit) { x.also = scanned(8) }},
		{name: "seen", rule: "the same presentation was scanned before", control: "good-seen-another", failing: token.CheckReplay, reason: token.ReasonSeen, edit: func(x *visit) { x.also = scanned(9) }},
		{name: "seen-same-cti", rule: "a new presentation with a cti that was seen", control: "good-seen-another", failing: token.CheckReplay, reason: token.ReasonSeen, edit: func(x *visit) {
			x.presentation.set(6, start.Add(time.Second).Unix())
			x.also = scanned(9)
		}},
	}
}

// scanned lets a presentation with this cti come first.
func scanned(cti byte) func(v *vector) {
	return func(v *vector) {
		before := newVisit()
		before.presentation.set(7, bytes.Repeat([]byte{cti}, 16))
		v.Before = []string{before.vector().QR}
	}
}

// sessionKey is the X25519 key of a session on show, always the same.
func sessionKey(name string) *ecdh.PrivateKey {
	seed := sha256.Sum256([]byte("loket vector session: " + name))
	key, err := ecdh.X25519().NewPrivateKey(seed[:])
	if err != nil {
		panic(err)
	}
	return key
}
