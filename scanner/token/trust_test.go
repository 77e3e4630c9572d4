package token_test

import (
	"crypto"
	"errors"
	"testing"
	"time"

	"loket/scanner/token"
)

func TestTrust(t *testing.T) {
	root, next, issuer := edKey(t), edKey(t), edKey(t)
	list := token.TrustList{
		Version: 7, Issued: start, Expires: start.AddDate(0, 1, 0), Roots: []crypto.PublicKey{root.Public()},
		Keys: []token.TrustedKey{{Use: token.UseCredential, Key: issuer.Public(), Issuer: "central", NotBefore: start}},
	}
	sign := func(l token.TrustList, roots ...crypto.Signer) []byte {
		msg, err := token.SignTrust(l, roots...)
		if err != nil {
			t.Fatal(err)
		}
		return msg
	}
	rotated := list
	rotated.Version, rotated.Roots = 8, []crypto.PublicKey{root.Public(), next.Public()}
	known := []crypto.PublicKey{root.Public()}
	altered := sign(list, root)
	altered[5] ^= 1 // the version
	for _, c := range []struct {
		name string
		msg  []byte
		have uint64
		now  time.Time
		want error
	}{
		{"good", sign(list, root), 7, start, nil},
		{"older than before", sign(list, root), 8, start, token.ErrRollback},
		{"past its end", sign(list, root), 7, start.AddDate(0, 2, 0), token.ErrStale},
		{"signed by another", sign(list, next), 7, start, token.ErrSignature},
		{"signed by nobody", sign(list), 7, start, token.ErrFormat},
		{"altered", altered, 7, start, token.ErrSignature},
		{"rotated, both signed", sign(rotated, root, next), 7, start, nil},
		{"rotated, only the old signed", sign(rotated, root), 7, start, token.ErrSignature},
		{"rotated, only the new signed", sign(rotated, next), 7, start, token.ErrSignature},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := token.OpenTrust(c.msg, known, c.have, c.now)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if c.want == nil && len(got.Keys) != 1 {
				t.Errorf("keys %d", len(got.Keys))
			}
		})
	}
}

func TestFind(t *testing.T) {
	a, b, c := edKey(t), edKey(t), edKey(t)
	list := token.TrustList{Keys: []token.TrustedKey{
		{Use: token.UseCredential, Key: a.Public()},
		{Use: token.UseDevice, Key: b.Public()},
		{Use: token.UseDevice, Key: c.Public(), RevokedAt: start},
	}}
	kid := func(k crypto.Signer) []byte {
		id, err := token.KeyID(k.Public())
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	for _, row := range []struct {
		name string
		use  token.Use
		kid  []byte
		want error
	}{
		{"by kid", token.UseDevice, kid(b), nil},
		{"no kid, one key", token.UseCredential, nil, nil},
		{"no kid, two keys", token.UseDevice, nil, token.ErrUnknownKey},
		{"other use", token.UseCredential, kid(b), token.ErrUse},
		{"revoked", token.UseDevice, kid(c), token.ErrRevoked},
		{"nowhere", token.UseDevice, kid(edKey(t)), token.ErrUnknownKey},
	} {
		if _, err := list.Lookup(row.use, start)(row.kid); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
}
