package token_test

import (
	"bytes"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"loket/scanner/token"
)

// ikdCOSE are the rules about the message around the claims.
func ikdCOSE() []row[*visit] {
	const bad, F, S, I, D = token.ReasonMalformed, token.CheckFormat, token.CheckSignature, token.CheckIssuer, token.CheckDevice
	other, ec, ecIssuer := named("other"), namedP256("phone"), namedP256("other")
	ecPhone := func(x *visit) { x.cnf, x.outer.by = cnfOf(ec.Public()), ec }
	byRSA := func(bits int) func(x *visit) {
		return func(x *visit) {
			x.inner.by = rsaKey[bits]()
			x.list.Keys[0].Key = x.inner.by.Public()
		}
	}
	sigNone := func([]byte) any { return []byte{} }
	header := func(kv ...any) raw { return pairs(kv...) }
	issuerKID, phoneKID := kidOf(named("issuer").Public()), kidOf(named("phone").Public())
	deep := append(bytes.Repeat([]byte{0x81}, 20), 0)
	return []row[*visit]{
		{name: "good-eddsa", rule: "EdDSA from issuer and phone"},
		{name: "good-es256-phone", rule: "ES256 from the phone", edit: ecPhone},
		{name: "good-es256-issuer", rule: "ES256 from the issuer, where the list holds a P-256 key", edit: func(x *visit) { x.inner.by, x.list.Keys[0].Key = ecIssuer, ecIssuer.Public() }},
		{name: "good-ps256-issuer", rule: "PS256 from the issuer, where the list holds an RSA key", edit: byRSA(2048)},
		{name: "ps256-1024", rule: "RSA under 2,048 bits is no key", control: "good-ps256-issuer", failing: I, reason: token.ReasonUnknownKey, edit: byRSA(1024)},
		{name: "ps256-not-listed", rule: "PS256 in the header, but the list's key under that kid is Ed25519", control: "good-ps256-issuer", failing: S, reason: token.ReasonWrong, unsigned: true,
			edit: func(x *visit) { x.inner.alg = -37 }},
		{name: "es256-in-name-only", rule: "ES256 in the header of an EdDSA signature", control: "good-eddsa", failing: S, reason: token.ReasonWrong, edit: func(x *visit) { x.inner.alg = -7 }},
		{name: "es256-in-name-only-phone", rule: "the same from the phone", control: "good-eddsa", failing: D, reason: token.ReasonPossession, edit: func(x *visit) { x.outer.alg = -7 }},
		{name: "alg-none", rule: "alg 0", control: "good-eddsa", failing: F, reason: token.ReasonAlg, edit: func(x *visit) { x.inner.alg = 0 }},
		{name: "alg-hmac", rule: "alg HMAC 256: the public key is no shared secret", control: "good-eddsa", failing: F, reason: token.ReasonAlg, edit: func(x *visit) { x.inner.alg = 5 }},
		{name: "alg-rs256", rule: "alg RS256", control: "good-ps256-issuer", failing: F, reason: token.ReasonAlg, edit: func(x *visit) { byRSA(2048)(x); x.inner.alg = -257 }},
		{name: "alg-es384", rule: "alg ES384", control: "good-eddsa", failing: F, reason: token.ReasonAlg, edit: func(x *visit) { x.outer.alg = -35 }},
		{name: "alg-text", rule: "alg as a text", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.outer.alg = "EdDSA" }},
		{name: "alg-unprotected", rule: "alg in the unprotected header only", control: "good-eddsa", failing: F, reason: bad,
			edit: func(x *visit) {
				x.outer.header, x.outer.outside = header(4, phoneKID, 16, "ikd/presentation"), pairs(1, -8)
			}},
		{name: "alg-twice", rule: "alg in both headers", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.outer.outside = pairs(1, -8) }},
		{name: "header-empty", rule: "no protected header at all (a zero-length string)", control: "good-eddsa", failing: F, reason: bad,
			edit: func(x *visit) { x.outer.header, x.outer.outside = raw{}, pairs(1, -8, 4, phoneKID) }},
		{name: "header-empty-map", rule: "the empty protected header written as a map", control: "good-eddsa", failing: F, reason: bad,
			edit: func(x *visit) { x.outer.header, x.outer.outside = raw{0xa0}, pairs(1, -8, 4, phoneKID) }},
		{name: "critical", rule: "a critical header that nobody here knows", control: "good-eddsa", failing: F, reason: bad,
			edit: func(x *visit) {
				x.outer.header = header(1, -8, 2, []int{99}, 4, phoneKID, 16, "ikd/presentation", 99, 1)
			}},
		{name: "x5u-ignored", rule: "x5u is never fetched: the listed key decides", edit: func(x *visit) {
			x.inner.header = header(1, -8, 4, issuerKID, 16, "ikd/credential", 35, "https://contoh.id/kunci")
		}},
		{name: "x5u-of-its-own", rule: "x5u points to the key that signed, which is not in the list", control: "x5u-ignored", failing: I, reason: token.ReasonUnknownKey, edit: func(x *visit) {
			x.inner.by = other
			x.inner.header = header(1, -8, 4, kidOf(other.Public()), 16, "ikd/credential", 35, "https://contoh.id/kunci")
		}},
		{name: "header-duplicate", rule: "alg twice in one protected header", control: "good-eddsa", failing: F, reason: bad,
			edit: func(x *visit) { x.outer.header = header(1, -8, 1, -8, 4, phoneKID, 16, "ikd/presentation") }},
		{name: "header-duplicate-inner", rule: "kid twice in the credential's header", control: "good-eddsa", failing: F, reason: bad,
			edit: func(x *visit) {
				x.inner.header = header(1, -8, 4, issuerKID, 4, kidOf(other.Public()), 16, "ikd/credential")
			}},
		{name: "header-duplicate-outside", rule: "a key twice in the unprotected header", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.outer.outside = pairs(99, 1, 99, 2) }},
		{name: "header-trailing", rule: "bytes behind the protected header", control: "good-eddsa", failing: F, reason: bad,
			edit: func(x *visit) { x.outer.header = append(header(1, -8, 4, phoneKID, 16, "ikd/presentation"), 0) }},
		{name: "header-deep", rule: "twenty arrays inside the protected header", control: "good-eddsa", failing: F, reason: bad,
			edit: func(x *visit) { x.outer.header = header(1, -8, 4, phoneKID, 16, "ikd/presentation", 99, raw(deep)) }},

		{name: "kid-missing", rule: "no kid: none is accepted in our own messages", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.inner.header = header(1, -8, 16, "ikd/credential") }},
		{name: "kid-unprotected", rule: "kid in the unprotected header only", control: "good-eddsa", failing: F, reason: bad,
			edit: func(x *visit) {
				x.inner.header, x.inner.outside = header(1, -8, 16, "ikd/credential"), pairs(4, issuerKID)
			}},
		{name: "kid-text", rule: "kid as a text", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.inner.header = header(1, -8, 4, "kunci-1", 16, "ikd/credential") }},
		{name: "kid-short", rule: "the first four bytes of the kid", control: "good-eddsa", failing: I, reason: token.ReasonUnknownKey, edit: func(x *visit) { x.inner.kid = issuerKID[:4] }},
		{name: "kid-unknown", rule: "a kid that is not in the list", control: "good-eddsa", failing: I, reason: token.ReasonUnknownKey, edit: func(x *visit) { x.inner.kid = kidOf(other.Public()) }},
		{name: "kid-swapped", rule: "the kid of another key in the list", control: "good-eddsa", failing: S, reason: token.ReasonWrong, edit: func(x *visit) {
			x.list.Keys = append(x.list.Keys, token.TrustedKey{Use: token.UseCredential, Key: other.Public()})
			x.inner.kid = kidOf(other.Public())
		}},
		{name: "kid-phone-swapped", rule: "the presentation names the issuer's key", control: "good-eddsa", failing: D, reason: token.ReasonPossession, edit: func(x *visit) { x.outer.kid = issuerKID }},

		{name: "typ-credential", rule: "a presentation whose typ says credential", control: "good-eddsa", failing: F, reason: token.ReasonTyp, edit: func(x *visit) { x.outer.typ = "ikd/credential" }},
		{name: "typ-counter", rule: "a presentation whose typ says counter", control: "good-eddsa", failing: F, reason: token.ReasonTyp, edit: func(x *visit) { x.outer.typ = "ikd/counter" }},
		{name: "typ-certificate", rule: "a credential whose typ says certificate", control: "good-eddsa", failing: F, reason: token.ReasonTyp, edit: func(x *visit) { x.inner.typ = "ikd/certificate" }},
		{name: "typ-missing", rule: "a credential without typ, as foreign issuers make them", control: "good-eddsa", failing: F, reason: token.ReasonTyp, edit: func(x *visit) { x.inner.typ = nil }},
		{name: "typ-number", rule: "typ as a number", control: "good-eddsa", failing: F, reason: token.ReasonTyp, edit: func(x *visit) { x.inner.typ = 61 }},
		{name: "typ-unprotected", rule: "typ in the unprotected header only", control: "good-eddsa", failing: F, reason: token.ReasonTyp, edit: func(x *visit) { x.outer.typ, x.outer.outside = nil, pairs(16, "ikd/presentation") }},
		{name: "typ-case", rule: "typ in capitals", control: "good-eddsa", failing: F, reason: token.ReasonTyp, edit: func(x *visit) { x.outer.typ = "IKD/PRESENTATION" }},

		{name: "good-tag-61", rule: "tag 61 outside tag 18", edit: func(x *visit) { x.outer.tags = []byte{0xd8, 61, 0xd2} }},
		{name: "tag-missing", rule: "no tag", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.outer.tags = []byte{} }},
		{name: "tag-98", rule: "tag 98 (COSE_Sign)", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.outer.tags = []byte{0xd8, 98} }},
		{name: "tag-17", rule: "tag 17 (COSE_Mac0)", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.outer.tags = []byte{0xd1} }},
		{name: "tag-18-twice", rule: "tag 18 twice", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.outer.tags = []byte{0xd2, 0xd2} }},
		{name: "tag-61-alone", rule: "tag 61 without 18", control: "good-tag-61", failing: F, reason: bad, edit: func(x *visit) { x.outer.tags = []byte{0xd8, 61} }},
		{name: "tag-61-twice", rule: "tag 61 twice", control: "good-tag-61", failing: F, reason: bad, edit: func(x *visit) { x.outer.tags = []byte{0xd8, 61, 0xd8, 61, 0xd2} }},
		{name: "tag-61-inside", rule: "tag 61 inside tag 18", control: "good-tag-61", failing: F, reason: bad, edit: func(x *visit) { x.outer.tags = []byte{0xd2, 0xd8, 61} }},
		{name: "tag-55799", rule: "the tag of self-described CBOR", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.outer.tags = []byte{0xd9, 0xd9, 0xf7, 0xd2} }},
		{name: "tag-missing-inner", rule: "no tag at the credential", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.inner.tags = []byte{} }},
		{name: "tag-in-claims", rule: "a tag inside our own claims", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.credential.set(4, cbor.Tag{Number: 1, Content: start.AddDate(0, 0, 5).Unix()}) }},

		{name: "tag-55799-in-claims", rule: "self-described CBOR inside our own claims", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.credential.set(4, cbor.Tag{Number: 55799, Content: start.AddDate(0, 0, 5).Unix()}) }},
		{name: "tag-55799-inside", rule: "the four parts are self-described", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.outer.tags = []byte{0xd2, 0xd9, 0xd9, 0xf7} }},

		{name: "signature-empty", rule: "the issuer's signature is empty", control: "good-eddsa", failing: S, reason: token.ReasonEmpty, unsigned: true, edit: func(x *visit) { x.inner.keep = sigNone }},
		{name: "signature-empty-phone", rule: "the phone's signature is empty", control: "good-eddsa", failing: D, reason: token.ReasonPossession, unsigned: true, edit: func(x *visit) { x.outer.keep = sigNone }},
		{name: "signature-zero", rule: "a signature of zeros", control: "good-eddsa", failing: S, reason: token.ReasonWrong, unsigned: true, edit: func(x *visit) { x.inner.keep = func([]byte) any { return make([]byte, 64) } }},
		{name: "signature-short", rule: "a signature without its last byte", control: "good-eddsa", failing: S, reason: token.ReasonWrong, unsigned: true, edit: func(x *visit) { x.inner.keep = func(s []byte) any { return s[:63] } }},
		{name: "signature-long", rule: "a signature with a byte more", control: "good-eddsa", failing: S, reason: token.ReasonWrong, unsigned: true, edit: func(x *visit) { x.inner.keep = func(s []byte) any { return append(s, 0) } }},
		{name: "signature-number", rule: "a number for a signature", control: "good-eddsa", failing: F, reason: bad, unsigned: true, edit: func(x *visit) { x.outer.keep = func([]byte) any { return 7 } }},
		{name: "signature-zero-es256", rule: "r and s are zero", control: "good-es256-phone", failing: D, reason: token.ReasonPossession, unsigned: true, edit: func(x *visit) { ecPhone(x); x.outer.keep = func([]byte) any { return make([]byte, 64) } }},
		{name: "signature-external", rule: "signed over external data that a code does not have", control: "good-eddsa", failing: S, reason: token.ReasonWrong, unsigned: true, edit: func(x *visit) { x.inner.external = []byte("x") }},
		{name: "payload-other", rule: "another NIK than the one that was signed", control: "good-eddsa", failing: S, reason: token.ReasonWrong, unsigned: true, edit: func(x *visit) {
			x.finishInner = func(msg []byte) []byte {
				return bytes.Replace(msg, []byte("1702015005920001"), []byte("1702015005920002"), 1)
			}
		}},
		{name: "payload-detached", rule: "the payload is left out", control: "good-eddsa", failing: F, reason: bad, unsigned: true, edit: func(x *visit) { x.outer.carried = cbor.RawMessage{0xf6} }},
		{name: "payload-text", rule: "the payload as a text", control: "good-eddsa", failing: F, reason: bad, unsigned: true, edit: func(x *visit) { x.outer.carried = "x" }},
		{name: "trailing", rule: "a byte behind the message", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.finish = func(m []byte) []byte { return append(m, 0) } }},
		{name: "trailing-inner", rule: "a byte behind the credential", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) { x.finishInner = func(m []byte) []byte { return append(m, 0) } }},
		{name: "five-parts", rule: "five parts instead of four", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) {
			x.finish = func(m []byte) []byte { return append(append([]byte{0xd2, 0x85}, m[2:]...), 0) }
		}},
		{name: "endless", rule: "the four parts in an array without length", control: "good-eddsa", failing: F, reason: bad, edit: func(x *visit) {
			x.finish = func(m []byte) []byte { return append(append([]byte{0xd2, 0x9f}, m[2:]...), 0xff) }
		}},
		{name: "cut", rule: "the message ends early", control: "good-eddsa", failing: F, reason: bad, unsigned: true, edit: func(x *visit) { x.finish = func(m []byte) []byte { return m[:len(m)-20] } }},

		{name: "text-lower", rule: "the prefix in small letters", control: "good-eddsa", failing: F, reason: token.ReasonNotOurs, unsigned: true, edit: func(x *visit) { x.text = func(s string) string { return strings.Replace(s, "IKD1", "ikd1", 1) } }},
		{name: "text-space-before", rule: "a space before the text: texts are never trimmed", control: "good-eddsa", failing: F, reason: token.ReasonNotOurs, unsigned: true, edit: func(x *visit) { x.text = func(s string) string { return " " + s } }},
		{name: "text-space-behind", rule: "three spaces behind the text: they are letters of base45", control: "good-eddsa", failing: F, reason: bad, unsigned: true, edit: func(x *visit) { x.text = func(s string) string { return s + "  0" } }},
		{name: "text-letter", rule: "a letter that base45 does not have", control: "good-eddsa", failing: F, reason: token.ReasonBase45, unsigned: true, edit: func(x *visit) { x.text = func(s string) string { return s[:9] + "#" + s[10:] } }},
		{name: "text-overflow", rule: "three letters that are more than two bytes", control: "good-eddsa", failing: F, reason: token.ReasonBase45, unsigned: true, edit: func(x *visit) { x.text = func(s string) string { return s[:5] + ":::" + s[8:] } }},
		{name: "text-one-over", rule: "one letter too many", control: "good-eddsa", failing: F, reason: token.ReasonBase45, unsigned: true, edit: func(x *visit) {
			x.text = func(s string) string { return s[:5+(len(s)-5)/3*3] + "0" }
		}},
		{name: "text-empty", rule: "nothing behind the prefix", control: "good-eddsa", failing: F, reason: bad, unsigned: true, edit: func(x *visit) { x.text = func(string) string { return "IKD1:" } }},
		{name: "prefix-health", rule: "the prefix of health certificates", control: "good-eddsa", failing: F, reason: token.ReasonForeign, unsigned: true, edit: func(x *visit) { x.text = func(s string) string { return "HC1:" + s[5:] } }},
		{name: "good-60-s-late", rule: "tolerance: 60 s past its end", edit: func(x *visit) { x.at = 150 * time.Second }},
	}
}
