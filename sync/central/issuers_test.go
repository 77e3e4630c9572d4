package central_test

import (
	"crypto"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/central/centraltest"
)

// TestIssuersOfCardsJoinTheTrustList: the list that counters fetch has the key,
// under the one use, in a newer version.
func TestIssuersOfCardsJoinTheTrustList(t *testing.T) {
	c := centraltest.Start(t)
	list := func() token.TrustList {
		msg, err := c.Home.Trust(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		l, err := token.OpenTrust(msg, []crypto.PublicKey{c.Home.RootKey()}, 0, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	before := list()
	key := []byte(`{"signing_key": {"algorithm": "EdDSA", "public_key_hex": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}}`)
	if n, err := c.Home.AddIssuer(t.Context(), "https://kartu.contoh.id", key); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	after := list()
	k, err := after.Find(token.UseClaim169, nil)
	if err != nil || k.Issuer != "https://kartu.contoh.id" || after.Version <= before.Version || len(after.Keys) != len(before.Keys)+1 {
		t.Fatalf("%+v, %v, version %d after %d", k, err, after.Version, before.Version)
	}
	id, err := token.KeyID(k.Key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := after.Find(token.UseCredential, id); err == nil {
		t.Error("the card's issuer may mint credentials")
	}
	for name, file := range map[string][]byte{"the same again": key, "no key": []byte(`{}`), "nothing": nil} {
		if n, err := c.Home.AddIssuer(t.Context(), "https://kartu.contoh.id", file); err == nil {
			t.Errorf("%s: %d keys", name, n)
		}
	}
	if _, err := before.Find(token.UseClaim169, nil); err == nil {
		t.Error("control: the key was there before")
	}
}
