package token_test

import (
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/fxamacker/cbor/v2"

	"loket/scanner/token"
)

// card is a claim-169 card before it is made.
type card struct {
	identity, claims claims
	sign             draft
	list             token.TrustList
	at               time.Duration
	finish           func(msg []byte) []byte // on the signed message
	crypt            *crypt                  // nil: not encrypted
	pack             func(msg []byte) []byte // in place of zlib
	text             func(string) string
}

func newCard() *card {
	issuer := named("issuer")
	return &card{
		identity: claims{1, "ID-169-0001", 2, "1.2", 3, "ind", 4, "BUDI CONTOH", 8, "19900817", 9, 1},
		claims:   claims{1, "https://kartu.contoh.id", 4, start.AddDate(1, 0, 0).Unix(), 5, start.AddDate(-1, 0, 0).Unix(), 6, start.AddDate(-1, 0, 0).Unix(), 169, nil},
		sign:     draft{by: issuer},
		list:     listOf(token.TrustedKey{Use: token.UseClaim169, Key: issuer.Public(), Issuer: "https://kartu.contoh.id"}),
	}
}

func (c *card) vector() vector {
	for i := 0; i < len(c.claims); i += 2 {
		if c.claims[i] == 169 && c.claims[i+1] == nil {
			c.claims[i+1] = pairs(c.identity...)
		}
	}
	if c.sign.payload == nil {
		c.sign.payload = pairs(c.claims...)
	}
	msg := c.sign.bytes()
	if c.finish != nil {
		msg = c.finish(msg)
	}
	v := vector{Profile: "claim169", Now: start.Add(c.at)}
	if c.crypt != nil {
		msg, v.Decrypt = c.crypt.seal(msg), hex.EncodeToString(c.crypt.open)
	}
	if c.pack == nil {
		c.pack = deflated
	}
	if v.QR = token.EncodeBase45(c.pack(msg)); c.text != nil {
		v.QR = c.text(v.QR)
	}
	return v.trusting(c.list)
}

// cardRows are the rules as far as they differ for cards of others, and what
// is theirs alone: zlib.
func cardRows() []row[*card] {
	const bad, F, I, V = token.ReasonMalformed, token.CheckFormat, token.CheckIssuer, token.CheckValidity
	form := func(name, rule string, edit func(c *card)) row[*card] {
		return row[*card]{name: name, rule: rule, control: "good", failing: F, reason: bad, edit: edit}
	}
	zipped := func(name, rule string, pack func([]byte) []byte) row[*card] {
		return row[*card]{name: name, rule: rule, control: "good", failing: F, reason: token.ReasonInflate, unsigned: true, edit: func(c *card) { c.pack = pack }}
	}
	at := func(d time.Duration) int64 { return start.Add(d).Unix() }
	issuer, ec := named("issuer"), namedP256("other")
	protected := func(kv ...any) func(c *card) { return func(c *card) { c.sign.header = pairs(kv...) } }
	loose := func(c *card) {
		c.sign.header, c.sign.outside = pairs(1, -8), pairs(4, kidOf(issuer.Public()))
	}
	none := protected(1, -8)
	second := func(c *card) {
		c.list.Keys = append(c.list.Keys, token.TrustedKey{Use: token.UseClaim169, Key: ec.Public()})
	}
	return []row[*card]{
		{name: "good", rule: "a card signed with EdDSA"},
		{name: "good-es256", rule: "a card signed with ES256", edit: func(c *card) { c.sign.by, c.list.Keys[0].Key = ec, ec.Public() }},
		{name: "good-ps256", rule: "a card signed with PS256", edit: func(c *card) { c.sign.by = rsaKey[2048](); c.list.Keys[0].Key = c.sign.by.Public() }},
		{name: "good-tag-61", rule: "tag 61 outside", edit: func(c *card) { c.sign.tags = []byte{0xd8, 61, 0xd2} }},
		{name: "good-kid-unprotected", rule: "kid in the unprotected header, as the specification's examples have it", edit: loose},
		{name: "good-kid-none", rule: "no kid, and the list holds one key for cards", edit: none},
		{name: "kid-none-of-two", rule: "no kid, and the list holds two keys for cards", control: "good-kid-none", failing: I, reason: token.ReasonUnknownKey, edit: func(c *card) { none(c); second(c) }},
		{name: "kid-unprotected-other", rule: "the kid outside is another key's", control: "good-kid-unprotected", failing: token.CheckSignature, reason: token.ReasonWrong,
			edit: func(c *card) {
				second(c)
				c.list.Keys[1].Key = named("other").Public()
				c.sign.header, c.sign.outside = pairs(1, -8), pairs(4, kidOf(named("other").Public()))
			}},
		{name: "use-ikd", rule: "a key for IKD credentials signs no cards", control: "good", failing: I, reason: token.ReasonUse, edit: func(c *card) { c.list.Keys[0].Use = token.UseCredential }},
		{name: "issuer-revoked", rule: "the issuer's key is revoked", control: "good", failing: I, reason: token.ReasonRevoked, edit: func(c *card) { c.list.Keys[0].RevokedAt = start }},
		{name: "issuer-name", rule: "signs as another issuer", control: "good", failing: I, reason: token.ReasonName, edit: func(c *card) { c.claims.set(1, "https://lain.contoh.id") }},
		{name: "signature-empty", rule: "nobody signed; the attributes can still be read", control: "good", failing: token.CheckSignature, reason: token.ReasonEmpty, unsigned: true,
			edit: func(c *card) { c.sign.keep = func([]byte) any { return []byte{} } }},
		{name: "alg-unprotected", rule: "alg in the unprotected header only", control: "good", failing: F, reason: bad,
			edit: func(c *card) { c.sign.header, c.sign.outside = pairs(4, kidOf(issuer.Public())), pairs(1, -8) }},
		{name: "x5chain-ignored", rule: "a certificate in the header is not looked at: the list decides", edit: protected(1, -8, 4, kidOf(issuer.Public()), 33, []byte("x"))},

		zipped("bomb", "1,000 bytes that inflate to a megabyte", func([]byte) []byte { return deflated(make([]byte, 1<<20)) }),
		zipped("bomb-in-a-card", "a whole card with 70,000 zeros behind it", func(m []byte) []byte { return deflated(append(m, make([]byte, 70_000)...)) }),
		zipped("zlib-trailing", "a byte behind zlib's end", func(m []byte) []byte { return append(deflated(m), 0) }),
		zipped("zlib-cut", "zlib without its end", func(m []byte) []byte { d := deflated(m); return d[:len(d)-2] }),
		zipped("zlib-checksum", "zlib with another checksum", func(m []byte) []byte { d := deflated(m); d[len(d)-1] ^= 1; return d }),
		zipped("zlib-none", "no zlib", func(m []byte) []byte { return m }),
		zipped("zlib-dictionary", "zlib with a dictionary that nobody has", func(m []byte) []byte {
			var b bytes.Buffer
			z, err := zlib.NewWriterLevelDict(&b, 9, []byte("kamus"))
			if err != nil {
				panic(err)
			}
			z.Write(m)
			z.Close()
			return b.Bytes()
		}),
		{name: "base45", rule: "a letter that base45 does not have", control: "good", failing: F, reason: token.ReasonBase45, unsigned: true, edit: func(c *card) { c.text = func(s string) string { return "a" + s[1:] } }},

		form("claims-duplicate", "exp twice", func(c *card) { c.claims = append(c.claims, 4, at(0)) }),
		form("identity-duplicate", "the name twice", func(c *card) { c.identity = append(c.identity, 4, "ORANG LAIN") }),
		form("identity-duplicate-inside", "a key twice inside an attribute", func(c *card) { c.identity.set(62, []any{pairs(0, []byte{1}, 0, []byte{2})}) }),
		form("identity-missing", "no claim 169", func(c *card) { c.claims.drop(169) }),
		form("identity-list", "claim 169 is a list", func(c *card) { c.claims.set(169, []any{"BUDI"}) }),
		form("name-nul", "NUL in the name", func(c *card) { c.identity.set(4, "BUDI\x00CONTOH") }),
		form("name-bytes", "the name as bytes", func(c *card) { c.identity.set(4, []byte("BUDI")) }),
		form("name-not-utf8", "the name is not UTF-8", func(c *card) { c.identity.set(4, raw{0x62, 0xff, 0xfe}) }),
		form("gender-text", "gender as a text", func(c *card) { c.identity.set(9, "L") }),
		form("photo-number", "the photo as a number", func(c *card) { c.identity.set(16, 7) }),
		form("fingers-text", "fingers as texts", func(c *card) { c.identity.set(18, []string{"ibu jari"}) }),
		form("face-number", "a face that is a number", func(c *card) { c.identity.set(62, 7) }),
		form("issuer-number", "iss as a number", func(c *card) { c.claims.set(1, 7) }),
		form("subject-nul", "NUL in sub", func(c *card) { c.claims.set(2, "a\x00") }),
		form("exp-text", "exp as a text", func(c *card) { c.claims.set(4, "2030") }),
		form("exp-nan", "exp is not a number", func(c *card) { c.claims.set(4, math.NaN()) }),
		form("exp-huge", "exp is 2^64-1", func(c *card) { c.claims.set(4, uint64(math.MaxUint64)) }),
		form("nbf-bignum", "nbf is a bignum", func(c *card) { c.claims.set(5, raw{0xc2, 0x41, 1}) }),
		form("claims-deep", "forty arrays inside each other", func(c *card) { c.identity.set(80, nested(40)) }),
		form("claims-many", "600 items, more than any card has", func(c *card) { c.identity.set(80, make([]int, 600)) }),
		form("claims-trailing", "a byte behind the claims", func(c *card) {
			c.claims.set(169, pairs(c.identity...))
			c.sign.payload = append(pairs(c.claims...), 0)
		}),
		form("trailing", "a byte behind the message", func(c *card) { c.finish = func(m []byte) []byte { return append(m, 0) } }),

		{name: "good-nbf-60-s", rule: "tolerance: valid in 60 s", edit: func(c *card) { c.claims.set(5, at(60*time.Second)) }},
		{name: "nbf", rule: "valid in 61 s", control: "good-nbf-60-s", failing: V, reason: token.ReasonNotYet, edit: func(c *card) { c.claims.set(5, at(61*time.Second)) }},
		{name: "iat-future", rule: "made in the future", control: "good", failing: V, reason: token.ReasonNotYet, edit: func(c *card) { c.claims.set(6, at(61*time.Second)) }},
		{name: "good-exp-60-s", rule: "tolerance: ended 60 s ago", edit: func(c *card) { c.claims.set(4, at(-60*time.Second)) }},
		{name: "expired", rule: "ended 61 s ago", control: "good-exp-60-s", failing: V, reason: token.ReasonExpired, edit: func(c *card) { c.claims.set(4, at(-61*time.Second)) }},
		{name: "good-no-dates", rule: "no dates at all: CWT asks for none", edit: func(c *card) { c.claims.drop(4); c.claims.drop(5); c.claims.drop(6) }},
		{name: "good-exp-float", rule: "dates as fractions, as RFC 8392 allows", edit: func(c *card) { c.claims.set(4, float64(at(time.Hour))+0.5) }},
		{name: "good-numbers-for-texts", rule: "numbers where texts belong, as the specification's example has them", edit: func(c *card) { c.identity.set(1, 3918592438); c.identity.set(2, 1.0) }},
		{name: "good-text-for-gender", rule: "a gender as the text 2, as the specification's bytes have it", edit: func(c *card) { c.identity.set(9, "2") }},
		{name: "good-wrapped", rule: "claim 169 as bytes around its map, as the specification's bytes have it", edit: func(c *card) { c.claims.set(169, []byte(pairs(c.identity...))) }},
		{name: "wrapped-duplicate", rule: "the name twice inside such bytes", control: "good-wrapped", failing: F, reason: bad, edit: func(c *card) {
			c.claims.set(169, []byte(pairs(append(c.identity, 4, "ORANG LAIN")...)))
		}},
		{name: "wrapped-trailing", rule: "a byte behind the map inside such bytes", control: "good-wrapped", failing: F, reason: bad, edit: func(c *card) { c.claims.set(169, append([]byte(pairs(c.identity...)), 0)) }},
		{name: "good-endless", rule: "a map without length: cards of others may", edit: func(c *card) {
			c.claims.set(169, append(append(raw{0xbf}, pairs(c.identity...)[1:]...), 0xff))
		}},
		{name: "good-photo-jpeg", rule: "a JPEG photo", edit: func(c *card) { c.identity.set(16, pictureFile("photo.jpg")); c.identity.set(17, 1) }},
		{name: "good-photo-webp", rule: "a WebP photo", edit: func(c *card) { c.identity.set(16, pictureFile("photo.webp")); c.identity.set(17, 4) }},
		{name: "good-photo-text", rule: "the photo as a text, as the specification's table has it", edit: func(c *card) { c.identity.set(16, hex.EncodeToString(pictureFile("photo.webp"))) }},
		{name: "good-date-dashed", rule: "the other form of a date", edit: func(c *card) { c.identity.set(8, "1990-08-17") }},
		{name: "good-second-language", rule: "the name in a second language", edit: func(c *card) { c.identity.set(19, "بودي تشونتوه"); c.identity.set(20, "ara") }},
		{name: "good-all", rule: "every attribute of version 1.2.0", edit: everyAttribute},
		{name: "good-unknown", rule: "attributes that nobody knows are kept", edit: func(c *card) { c.identity.set(40, "x"); c.identity.set(99, cbor.Tag{Number: 1, Content: 0}) }},
	}
}

// crypt is a COSE_Encrypt0 around a card.
type crypt struct {
	key, open []byte // to seal with, and what the reader has
	alg       any
	header    raw
	outside   raw
	tags      []byte
	finish    func([]byte) []byte
}

// newCrypt seals with the right key of a length, 16 or 32 bytes.
func newCrypt(size int) *crypt {
	key := bytes.Repeat([]byte{byte(size)}, size)
	return &crypt{key: key, open: key, alg: map[int]int{16: 1, 32: 3}[size], tags: []byte{0xd0}}
}

func (c *crypt) seal(plain []byte) []byte {
	iv := bytes.Repeat([]byte{5}, 12)
	if c.header == nil {
		c.header = pairs(1, c.alg)
	}
	if c.outside == nil {
		c.outside = pairs(5, iv)
	}
	block, err := aes.NewCipher(c.key)
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	sealed := gcm.Seal(nil, iv, plain, enc([]any{"Encrypt0", []byte(c.header), []byte{}}))
	msg := append(append([]byte{}, c.tags...), enc([]any{[]byte(c.header), c.outside, sealed})...)
	if c.finish != nil {
		msg = c.finish(msg)
	}
	return msg
}

// cryptRows are the rules about encrypted cards.
func cryptRows() []row[*card] {
	const F, why = token.CheckFormat, token.ReasonDecrypt
	sealed := func(size int, edit func(c *crypt)) func(c *card) {
		return func(c *card) {
			if c.crypt = newCrypt(size); edit != nil {
				edit(c.crypt)
			}
		}
	}
	bad := func(name, rule string, edit func(c *crypt)) row[*card] {
		return row[*card]{name: name, rule: rule, control: "good-a256gcm", failing: F, reason: why, unsigned: true, edit: sealed(32, edit)}
	}
	iv := bytes.Repeat([]byte{5}, 12)
	rows := []row[*card]{
		{name: "good-a256gcm", rule: "COSE_Encrypt0 with A256GCM around the signed card", edit: sealed(32, nil)},
		{name: "good-a128gcm", rule: "COSE_Encrypt0 with A128GCM around the signed card", edit: sealed(16, nil)},
		{name: "good-iv-protected", rule: "the IV in the protected header", edit: sealed(32, func(c *crypt) { c.header, c.outside = pairs(1, 3, 5, iv), pairs() })},
		{name: "good-encrypted-tag-61", rule: "tag 61 outside tag 16", edit: sealed(32, func(c *crypt) { c.tags = []byte{0xd8, 61, 0xd0} })},
		bad("decrypt-other-key", "another key", func(c *crypt) { c.open = make([]byte, 32) }),
		bad("decrypt-no-key", "no key", func(c *crypt) { c.open = nil }),
		bad("decrypt-key-length", "A128GCM in the header of a 256-bit key", func(c *crypt) { c.alg = 1 }),
		bad("decrypt-alg", "ChaCha20/Poly1305, which is not used here", func(c *crypt) { c.alg = 24 }),
		bad("decrypt-alg-unprotected", "alg in the unprotected header only", func(c *crypt) { c.header, c.outside = pairs(), pairs(1, 3, 5, iv) }),
		bad("decrypt-alg-twice", "alg in both headers", func(c *crypt) { c.outside = pairs(1, 3, 5, iv) }),
		bad("decrypt-header-duplicate", "alg twice", func(c *crypt) { c.header = pairs(1, 3, 1, 3) }),
		bad("decrypt-iv-missing", "no IV", func(c *crypt) { c.outside = pairs() }),
		bad("decrypt-iv-short", "an IV of 8 bytes", func(c *crypt) { c.outside = pairs(5, iv[:8]) }),
		bad("decrypt-altered", "a byte of the ciphertext altered", func(c *crypt) { c.finish = func(m []byte) []byte { m[len(m)-1] ^= 1; return m } }),
		bad("decrypt-trailing", "a byte behind the encrypted message", func(c *crypt) { c.finish = func(m []byte) []byte { return append(m, 0) } }),
		{name: "decrypt-tag-96", rule: "tag 96 (COSE_Encrypt)", control: "good-a256gcm", failing: F, reason: token.ReasonMalformed, unsigned: true, edit: sealed(32, func(c *crypt) { c.tags = []byte{0xd8, 96} })},
		{name: "decrypt-unsigned", rule: "encrypted, but nothing signed inside", control: "good-a256gcm", failing: F, reason: token.ReasonMalformed, unsigned: true, edit: func(c *card) {
			c.crypt = newCrypt(32)
			c.finish = func([]byte) []byte { return c.sign.payload }
		}},
		{name: "decrypt-signature-wrong", rule: "encrypted by one who may read, signed by one who may not sign", control: "good-a256gcm", failing: token.CheckSignature, reason: token.ReasonWrong, unsigned: true, edit: func(c *card) {
			c.crypt = newCrypt(32)
			c.sign.by, c.sign.kid = named("other"), kidOf(named("issuer").Public())
		}},
		{name: "decrypt-twice", rule: "encrypted twice", control: "good-a256gcm", failing: F, reason: token.ReasonMalformed, unsigned: true, edit: func(c *card) {
			c.crypt = newCrypt(32)
			c.finish = newCrypt(32).seal
		}},
	}
	for i := range rows {
		rows[i].unsigned = true // the signature stands inside; card rows show that it is right
	}
	return rows
}

// pictureFile is a drawn face of testdata, 48×60 pixels.
func pictureFile(name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		panic(err)
	}
	return data
}

// everyAttribute fills in all that the specification's table assigns.
func everyAttribute(c *card) {
	c.identity = claims{1, "ID-169-0002", 2, "1.2.0", 3, "ind", 4, "SRI CONTOH LESTARI", 5, "SRI", 6, "CONTOH", 7, "LESTARI", 8, "19920510", 9, 2,
		10, "JL. CONTOH 1\nPASAR BARU\nCURUP", 11, "sri.contoh@contoh.id", 12, "+62 812 0000 0001", 13, "IDN", 14, 2, 15, "BUDI CONTOH",
		16, pictureFile("photo.webp"), 17, 4, 18, []int{0, 1, 6, 10}, 19, "سري تشونتوه", 20, "ara", 21, "6P4FGG8R+2X", 22, "WNI", 23, "IDN"}
	for n := 50; n <= 65; n++ {
		image := pairs(0, []byte{byte(n)}, 1, 0, 2, 4)
		template := pairs(0, []byte{byte(n), 1}, 1, 1, 2, 100, 3, "VendorA")
		c.identity = append(c.identity, n, []any{image, template})
	}
	c.identity.set(65, []any{pairs(0, []byte{65}, 1, 2, 2, 1)})
	c.identity.set(50, pairs(0, []byte{50}, 1, 3))
}
