package token_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"sync"
	"testing"
	"time"

	"loket/scanner/token"
)

// rsaKey is one key of a length for all vectors: they are slow to make.
var rsaKey = map[int]func() *rsa.PrivateKey{2048: onceRSA(2048), 1024: onceRSA(1024)}

func onceRSA(bits int) func() *rsa.PrivateKey {
	return sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err)
		}
		return key
	})
}

// claims is a map before it is encoded: keys and values in turn.
type claims []any

// set replaces the value of a key, or adds it.
func (c *claims) set(key int, value any) {
	for i := 0; i < len(*c); i += 2 {
		if (*c)[i] == key {
			(*c)[i+1] = value
			return
		}
	}
	*c = append(*c, key, value)
}

func (c *claims) drop(key int) {
	for i := 0; i < len(*c); i += 2 {
		if (*c)[i] == key {
			*c = append((*c)[:i:i], (*c)[i+2:]...)
			return
		}
	}
}

// visit is one presentation before it is made, and who checks it.
type visit struct {
	identity, cnf, credential, presentation claims
	inner, outer                            draft
	list                                    token.TrustList
	at                                      time.Duration // of the check, after the presentation
	finish                                  func(msg []byte) []byte
	finishInner                             func(msg []byte) []byte
	text                                    func(text string) string
	seal                                    *ecdh.PrivateKey
	also                                    func(v *vector)
}

func newVisit() *visit {
	issuer, phone := named("issuer"), named("phone")
	x := &visit{
		identity: claims{1, "1702015005920001", 11, "sri.contoh@contoh.id", 12, "+6281200000001"},
		cnf:      cnfOf(phone.Public()),
		inner:    draft{by: issuer, typ: "ikd/credential"},
		outer:    draft{by: phone, typ: "ikd/presentation"},
		list:     listOf(token.TrustedKey{Use: token.UseCredential, Key: issuer.Public(), Issuer: "central.contoh.id"}),
	}
	x.credential = claims{1, "central.contoh.id", 2, "R-7K2M-Q4TX", 4, start.AddDate(0, 0, 5).Unix(), 6, start.AddDate(0, 0, -2).Unix(), 8, nil, 169, nil, -65601, bytes.Repeat([]byte{7}, 32)}
	x.presentation = claims{4, start.Add(90 * time.Second).Unix(), 6, start.Unix(), 7, bytes.Repeat([]byte{9}, 16), -65602, nil}
	return x
}

func cnfOf(pub crypto.PublicKey) claims {
	c, err := token.COSEKey(pub)
	if err != nil {
		panic(err)
	}
	return claims{1, raw(c)}
}

func listOf(keys ...token.TrustedKey) token.TrustList {
	return token.TrustList{Version: 3, Issued: start.AddDate(0, 0, -1), Expires: start.AddDate(0, 1, 0), Roots: []crypto.PublicKey{named("root").Public()}, Keys: keys}
}

// vector makes the code. Values that stand at nil are filled in: cnf, identity
// and the credential.
func (x *visit) vector() vector {
	fill := func(c *claims, key int, value any) {
		for i := 0; i < len(*c); i += 2 {
			if (*c)[i] == key && (*c)[i+1] == nil {
				(*c)[i+1] = value
			}
		}
	}
	fill(&x.credential, 8, pairs(x.cnf...))
	fill(&x.credential, 169, pairs(x.identity...))
	if x.inner.payload == nil {
		x.inner.payload = pairs(x.credential...)
	}
	inner := x.inner.bytes()
	if x.finishInner != nil {
		inner = x.finishInner(inner)
	}
	fill(&x.presentation, -65602, inner)
	if x.outer.payload == nil {
		x.outer.payload = pairs(x.presentation...)
	}
	msg := x.outer.bytes()
	if x.finish != nil {
		msg = x.finish(msg)
	}
	v := vector{Profile: "ikd", Now: start.Add(x.at), QR: token.PresentationText(msg)}
	if x.seal != nil {
		sealed, err := token.SealPresentation(msg, x.seal.PublicKey())
		if err != nil {
			panic(err)
		}
		v.QR, v.Session = sealed, hex.EncodeToString(x.seal.Bytes())
	}
	if x.text != nil {
		v.QR = x.text(v.QR)
	}
	v = v.trusting(x.list)
	if x.also != nil {
		x.also(&v)
	}
	return v
}

// row is a vector to be made. unsigned marks those in which the signature
// itself, or what is around the message, is what is wrong.
type row[T any] struct {
	name, rule, control string
	failing             string
	reason              token.Reason
	unsigned            bool
	edit                func(T)
}

func made[T interface{ vector() vector }](family string, fresh func() T, rows []row[T]) []vector {
	var out []vector
	for _, r := range rows {
		x := fresh()
		if r.edit != nil {
			r.edit(x)
		}
		v := x.vector()
		v.Name, v.Rule, v.Failing, v.Reason = family+"/"+r.name, r.rule, r.failing, r.reason
		if v.Valid = r.failing == ""; !v.Valid {
			v.Control = family + "/" + r.control
		}
		v.signed = !r.unsigned
		out = append(out, v)
	}
	return out
}

// makeVectors makes all of them anew.
func makeVectors(t testing.TB) []vector {
	t.Helper()
	var all []vector
	for _, family := range [][]vector{
		made("ikd", newVisit, ikdCOSE()), made("ikd", newVisit, ikdClaims()), made("ikd", newVisit, ikdTrust()),
		made("claim169", newCard, cardRows()), made("claim169", newCard, cryptRows()),
		made("counter", newDesk, deskRows()), made("trust", newListing, listRows()),
	} {
		all = append(all, family...)
	}
	names := map[string]bool{}
	for _, v := range all {
		if names[v.Name] {
			t.Errorf("%s twice", v.Name)
		}
		names[v.Name] = true
	}
	return all
}
