package token_test

import (
	"crypto"
	"encoding/hex"
	"time"

	"github.com/fxamacker/cbor/v2"

	"loket/scanner/token"
)

// desk is a counter's own code before it is made.
type desk struct {
	certificate token.Certificate
	body        claims
	sign, cert  draft
	list        token.TrustList
	at          time.Duration
	finish      func([]byte) []byte
	text        func(string) string
}

func newDesk() *desk {
	device := named("device")
	return &desk{
		certificate: token.Certificate{Kind: token.KindDevice, Subject: "D-01", Name: "Loket 1", Office: "17.02", Key: device.Public(),
			NotBefore: start.AddDate(0, -1, 0), NotAfter: start.AddDate(1, 0, 0)},
		body: claims{1, "D-01", 2, "17.02", 3, make([]byte, 16), 4, start.Add(5 * time.Minute).Unix(), 5, sessionKey("here").PublicKey().Bytes(), 6, nil},
		sign: draft{by: device, typ: "ikd/counter"},
		cert: draft{by: named("device-ca"), typ: "ikd/certificate"},
		list: listOf(token.TrustedKey{Use: token.UseDevice, Key: named("device-ca").Public()}),
	}
}

func (d *desk) vector() vector {
	msg, err := token.IssueCertificate(d.certificate, named("device-ca"))
	if err != nil {
		panic(err)
	}
	var parts struct {
		_       struct{} `cbor:",toarray"`
		Header  []byte
		Outside map[int]int
		Payload []byte
		Sig     []byte
	}
	if err := cbor.Unmarshal(msg, &parts); err != nil {
		panic(err)
	}
	d.cert.payload = parts.Payload
	for i := 0; i < len(d.body); i += 2 {
		if d.body[i] == 6 && d.body[i+1] == nil {
			d.body[i+1] = d.cert.bytes()
		}
	}
	d.sign.payload = pairs(d.body...)
	code := d.sign.bytes()
	if d.finish != nil {
		code = d.finish(code)
	}
	v := vector{Profile: "counter", Now: start.Add(d.at), QR: token.PrefixCounter + token.EncodeBase45(code)}
	if d.text != nil {
		v.QR = d.text(v.QR)
	}
	return v.trusting(d.list)
}

// deskRows are the rules by which a phone believes a counter.
func deskRows() []row[*desk] {
	const bad, F, S, I = token.ReasonMalformed, token.CheckFormat, token.CheckSignature, token.CheckIssuer
	other := named("other")
	return []row[*desk]{
		{name: "good", rule: "a counter's code"},
		{name: "good-last-second", rule: "in its last second", edit: func(d *desk) { d.at = 5 * time.Minute }},
		{name: "expired", rule: "a second past its end", control: "good-last-second", failing: token.CheckValidity, reason: token.ReasonExpired, edit: func(d *desk) { d.at = 5*time.Minute + time.Second }},
		{name: "certificate-ended", rule: "the device's certificate has ended", control: "good", failing: I, reason: token.ReasonKeyExpired, edit: func(d *desk) { d.certificate.NotAfter = start.Add(-time.Second) }},
		{name: "certificate-early", rule: "the device's certificate has not begun", control: "good", failing: I, reason: token.ReasonKeyExpired, edit: func(d *desk) { d.certificate.NotBefore = start.Add(time.Second) }},
		{name: "certificate-of-officer", rule: "an officer's certificate in place of a device's", control: "good", failing: F, reason: bad, edit: func(d *desk) { d.certificate.Kind = token.KindOfficer }},
		{name: "certificate-of-another", rule: "the code names another device than the certificate", control: "good", failing: I, reason: token.ReasonName, edit: func(d *desk) { d.body.set(1, "D-02") }},
		{name: "certificate-office", rule: "the code names another office than the certificate", control: "good", failing: I, reason: token.ReasonName, edit: func(d *desk) { d.body.set(2, "31.71") }},
		{name: "certificate-by-nobody", rule: "a certificate that the device made itself", control: "good", failing: I, reason: token.ReasonUnknownKey, edit: func(d *desk) { d.cert.by = named("device") }},
		{name: "certificate-use", rule: "a certificate by the key for credentials", control: "good", failing: I, reason: token.ReasonUse, edit: func(d *desk) { d.list.Keys[0].Use = token.UseCredential }},
		{name: "certificate-revoked", rule: "the key that certifies devices is revoked", control: "good", failing: I, reason: token.ReasonRevoked, edit: func(d *desk) { d.list.Keys[0].RevokedAt = start }},
		{name: "certificate-typ", rule: "a counter's code in place of a certificate", control: "good", failing: F, reason: token.ReasonTyp, edit: func(d *desk) { d.cert.typ = "ikd/counter" }},
		{name: "signature", rule: "signed by another device than the certificate's", control: "good", failing: I, reason: token.ReasonUnknownKey, edit: func(d *desk) { d.sign.by = other }},
		{name: "signature-kid", rule: "the same under the right kid", control: "good", failing: S, reason: token.ReasonWrong, edit: func(d *desk) { d.sign.by, d.sign.kid = other, kidOf(named("device").Public()) }},
		{name: "typ", rule: "a presentation's typ", control: "good", failing: F, reason: token.ReasonTyp, edit: func(d *desk) { d.sign.typ = "ikd/presentation" }},
		{name: "nonce-short", rule: "a nonce of 8 bytes", control: "good", failing: F, reason: bad, edit: func(d *desk) { d.body.set(3, make([]byte, 8)) }},
		{name: "key-short", rule: "an X25519 key of 31 bytes", control: "good", failing: F, reason: bad, edit: func(d *desk) { d.body.set(5, make([]byte, 31)) }},
		{name: "duplicate", rule: "the key twice", control: "good", failing: F, reason: bad, edit: func(d *desk) { d.body = append(d.body, 5, make([]byte, 32)) }},
		{name: "trailing", rule: "a byte behind the message", control: "good", failing: F, reason: bad, edit: func(d *desk) { d.finish = func(m []byte) []byte { return append(m, 0) } }},
		{name: "trust-list-too-old", rule: "the trust list ended a second ago", control: "good", failing: I, reason: token.ReasonTrustOld, edit: func(d *desk) { d.list.Expires = start.Add(-time.Second) }},
		{name: "prefix", rule: "the prefix of a presentation", control: "good", failing: F, reason: bad, unsigned: true, edit: func(d *desk) { d.text = func(s string) string { return "IKD1:" + s[6:] } }},
	}
}

// listing is a new trust list and the one before.
type listing struct {
	have, next token.TrustList
	by         []crypto.Signer
	at         time.Duration
	finish     func([]byte) []byte
}

func newListing() *listing {
	l := &listing{have: listOf(), by: []crypto.Signer{named("root")}}
	l.next = listOf(token.TrustedKey{Use: token.UseCredential, Key: named("issuer").Public(), Issuer: "central.contoh.id"})
	l.next.Version = 4
	return l
}

func (l *listing) vector() vector {
	msg, err := token.SignTrust(l.next, l.by...)
	if err != nil {
		panic(err)
	}
	if l.finish != nil {
		msg = l.finish(msg)
	}
	return vector{Profile: "trust", Now: start.Add(l.at), Hex: hex.EncodeToString(msg)}.trusting(l.have)
}

// listRows are the rules by which one trust list follows another.
func listRows() []row[*listing] {
	const bad, F, S = token.ReasonMalformed, token.CheckFormat, token.CheckSignature
	root, fresh := named("root"), named("root-2")
	rotate := func(by ...crypto.Signer) func(l *listing) {
		return func(l *listing) { l.next.Roots, l.by = []crypto.PublicKey{fresh.Public()}, by }
	}
	rows := []row[*listing]{
		{name: "good", rule: "the next version, signed by the root"},
		{name: "good-same", rule: "the same version once more", edit: func(l *listing) { l.next.Version = 3 }},
		{name: "older", rule: "a list older than the one before", control: "good-same", failing: token.CheckReplay, reason: token.ReasonRollback, edit: func(l *listing) { l.next.Version = 2 }},
		{name: "good-last-second", rule: "in its last second", edit: func(l *listing) { l.next.Expires = start }},
		{name: "too-old", rule: "a second past its end", control: "good-last-second", failing: token.CheckValidity, reason: token.ReasonTrustOld, edit: func(l *listing) { l.next.Expires = start.Add(-time.Second) }},
		{name: "good-rotated", rule: "a new root, signed by the old and the new one", edit: rotate(root, fresh)},
		{name: "rotated-by-new-only", rule: "a new root, signed by itself only", control: "good-rotated", failing: S, reason: token.ReasonWrong, edit: rotate(fresh)},
		{name: "rotated-by-old-only", rule: "a new root that has not signed", control: "good-rotated", failing: S, reason: token.ReasonWrong, edit: rotate(root)},
		{name: "rotated-before", rule: "the old root signs after it was replaced", control: "good-rotated", failing: S, reason: token.ReasonWrong, edit: func(l *listing) { l.have.Roots = []crypto.PublicKey{fresh.Public()} }},
		{name: "root-unknown", rule: "signed by a root that nobody knows", control: "good", failing: S, reason: token.ReasonWrong, edit: func(l *listing) { l.by = []crypto.Signer{named("other")} }},
		{name: "root-none", rule: "a list without roots: nobody could follow it", control: "good", failing: F, reason: bad, edit: func(l *listing) { l.next.Roots = nil }},
		{name: "signature-none", rule: "nobody signed", control: "good", failing: F, reason: bad, edit: func(l *listing) { l.by = nil }},
		{name: "signatures-many", rule: "five signatures", control: "good", failing: F, reason: bad, edit: func(l *listing) { l.by = []crypto.Signer{root, root, root, root, root} }},
		{name: "altered", rule: "a key altered", control: "good", failing: S, reason: token.ReasonWrong, edit: func(l *listing) {
			l.finish = func(m []byte) []byte { m[120] ^= 1; return m }
		}},
		{name: "trailing", rule: "a byte behind the list", control: "good", failing: F, reason: bad, edit: func(l *listing) { l.finish = func(m []byte) []byte { return append(m, 0) } }},
		{name: "typ", rule: "a policy's signature under a trust list", control: "good", failing: S, reason: token.ReasonWrong, edit: func(l *listing) {
			l.finish = func(m []byte) []byte {
				var list struct {
					_    struct{} `cbor:",toarray"`
					Body []byte
					Sigs []cbor.RawMessage
				}
				if err := cbor.Unmarshal(m, &list); err != nil {
					panic(err)
				}
				sig, err := token.SignDetached(token.TypPolicy, root, list.Body, nil)
				if err != nil {
					panic(err)
				}
				return enc([]any{list.Body, []cbor.RawMessage{sig}})
			}
		}},
	}
	for i := range rows {
		rows[i].unsigned = true // several signatures over one body: OpenTrust's own tests take them apart
	}
	return rows
}
