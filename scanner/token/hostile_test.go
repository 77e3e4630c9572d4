package token_test

import (
	"bytes"
	"strings"
	"testing"

	"loket/scanner/token"
)

// hostile are values that are short as CBOR and large as Go values.
func hostile() map[string]any {
	many := func(n int, item ...byte) raw {
		return append(raw{0x99, byte(n >> 8), byte(n)}, bytes.Repeat(item, n)...)
	}
	numbered := raw{0xb9, 0x0f, 0xa0}
	few := raw{0xb9, 0x00, 0xf0}
	for i := range 4000 {
		numbered = append(numbered, 0x19, byte(i>>8), byte(i), 0)
		if i < 0xf0 {
			few = append(few, 0x19, byte(i>>8), byte(i), 0)
		}
	}
	return map[string]any{
		"8,000 empty maps": many(8000, 0xa0), "490 empty maps": many(490, 0xa0), "2,600 maps of one": many(2600, 0xa1, 0, 0), "160 maps of one": many(160, 0xa1, 0, 0),
		"a map of 4,000": numbered, "a map of 240": few, "8,000 empty lists": many(8000, 0x80), "490 texts": many(490, 0x61, 'a'), "8,000 fractions": many(8000, 0xf9, 0x3c, 0),
		"4,000 tags": many(4000, 0xc1, 0), "60,000 bytes": make([]byte, 60_000), "16,000 bytes": make([]byte, 16_000), "a text of 60,000": string(bytes.Repeat([]byte("a"), 60_000)),
		"60,000 bytes in pieces": append(append(raw{0x5f}, bytes.Repeat([]byte{0x41, 1}, 30_000)...), 0xff),
	}
}

// TestHostile: no refused code allocates more than 256 KiB, wherever its
// weight is: in the claims, in a sample, in either header; not signed by
// anybody, or with the kid of an issuer and a false signature.
func TestHostile(t *testing.T) {
	var worst uint64
	var which string
	for name, value := range hostile() {
		for where, put := range map[string]func(c *card){
			"unknown attribute": func(c *card) { c.identity.set(80, value) },
			"sample":            func(c *card) { c.identity.set(62, value) },
			"wrapped":           func(c *card) { c.identity.set(80, value); c.claims.set(169, []byte(pairs(c.identity...))) },
			"header":            func(c *card) { c.sign.header = pairs(1, -8, 4, kidOf(named("issuer").Public()), 99, value) },
			"header outside":    func(c *card) { c.sign.outside = pairs(99, value) },
		} {
			for end, sig := range map[string][]byte{"false": make([]byte, 64), "empty": {}} {
				c := newCard()
				put(c)
				c.sign.keep = func([]byte) any { return sig }
				verify := c.vector().ready(t)
				if got := verify(); got.Valid {
					t.Errorf("%s in %s: %v", name, where, got.Checks)
				}
				if n := allocated(func() { verify() }); n > worst {
					worst, which = n, name+" in "+where+", signature "+end
				}
			}
		}
		for where, put := range map[string]func(c *crypt){
			"ciphertext": func(c *crypt) {
				c.finish = func([]byte) []byte {
					return append([]byte{0xd0}, enc([]any{[]byte(c.header), c.outside, enc(value)})...)
				}
			},
			"encrypted card's header":  func(c *crypt) { c.header = pairs(1, 3, 99, value) },
			"encrypted card's outside": func(c *crypt) { c.outside = pairs(5, make([]byte, 12), 99, value) },
		} {
			c := newCard()
			c.crypt = newCrypt(32)
			put(c.crypt)
			verify := c.vector().ready(t)
			if got := verify(); got.Valid {
				t.Errorf("%s in %s: %v", name, where, got.Checks)
			}
			if n := allocated(func() { verify() }); n > worst {
				worst, which = n, name+" in "+where
			}
		}
		x := newVisit()
		x.credential.set(99, value)
		x.also = func(*vector) {}
		verify := x.vector().ready(t)
		if got := verify(); got.Valid || got.Failed().Name != token.CheckFormat {
			t.Errorf("%s in a credential: %v", name, got.Checks)
		}
		if n := allocated(func() { verify() }); n > worst {
			worst, which = n, name+" in a credential"
		}
	}
	for name, text := range map[string]string{"presentation": "IKD1:", "sealed": "IKD1E:", "card": ""} {
		long := text + strings.Repeat("0", 1<<20)
		v := token.Verifier{Claim169: true, SessionKey: sessionKey("here")}
		if n := allocated(func() { v.Verify(long, start) }); n > worst {
			worst, which = n, "a megabyte of "+name
		}
	}
	if worst > 256<<10 {
		t.Errorf("%s: %d bytes allocated", which, worst)
	}
	t.Logf("at most %d bytes: %s", worst, which)
}
