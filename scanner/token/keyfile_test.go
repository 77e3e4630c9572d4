package token_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"testing"

	"loket/scanner/token"
)

// TestReadKeyFile: the same key comes back from each of its forms.
func TestReadKeyFile(t *testing.T) {
	ed := edKey(t).Public().(ed25519.PublicKey)
	ec := &ecKey(t).PublicKey
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	point, err := ec.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	x, y, b64 := point[1:33], point[33:], base64.RawURLEncoding.EncodeToString
	spki := func(pub crypto.PublicKey) []byte {
		der, err := x509.MarshalPKIXPublicKey(pub)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	compressed := elliptic.MarshalCompressed(elliptic.P256(), new(big.Int).SetBytes(x), new(big.Int).SetBytes(y))
	root := edKey(t)
	list := token.TrustList{Version: 1, Issued: start, Expires: start.AddDate(1, 0, 0), Roots: []crypto.PublicKey{root.Public()},
		Keys: []token.TrustedKey{{Use: "u", Key: ed}}}
	signed, err := token.SignTrust(list, root)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := token.MarshalKeys(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file string
		want       crypto.PublicKey
	}{
		{"signing_key", fmt.Sprintf(`{"algorithm":"EdDSA","public_key_hex":"%x"}`, []byte(ed)), ed},
		{"signing_key, P-256 point", fmt.Sprintf(`{"algorithm":"ES256","public_key_hex":"%x"}`, point), ec},
		{"signing_key, P-256 without its 04", fmt.Sprintf(`{"algorithm":"ES256","public_key_hex":"%x"}`, point[1:]), ec},
		{"signing_key, compressed point", fmt.Sprintf(`{"algorithm":"ES256","public_key_hex":"%x"}`, compressed), ec},
		{"signing_key, SPKI", fmt.Sprintf(`{"algorithm":"ES256","public_key_hex":"%x"}`, spki(ec)), ec},
		{"vector with its key", fmt.Sprintf(`{"qr_data":"X","signing_key":{"public_key_hex":"%x"}}`, []byte(ed)), ed},
		{"JWK Ed25519", `{"kty":"OKP","crv":"Ed25519","x":"` + b64(ed) + `"}`, ed},
		{"JWK P-256", `{"kty":"EC","crv":"P-256","x":"` + b64(x) + `","y":"` + b64(y) + `"}`, ec},
		{"JWK RSA", `{"kty":"RSA","n":"` + b64(rsaKey.N.Bytes()) + `","e":"AQAB"}`, &rsaKey.PublicKey},
		{"JWK set", `{"keys":[{"kty":"OKP","use":"sig","crv":"Ed25519","x":"` + b64(ed) + `"}]}`, ed},
		{"COSE_Key Ed25519", `{"1":1,"-1":6,"-2":"` + b64(ed) + `"}`, ed},
		{"COSE_Key P-256, hexadecimal", fmt.Sprintf(`{"1":2,"-1":1,"-2":"%x","-3":"%x"}`, x, y), ec},
		{"COSE_Key by names", fmt.Sprintf(`{"kty":"EC2","crv":"P-256","x_hex":"%x","y_hex":"%x"}`, x, y), ec},
		{"PEM", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki(ec)})), ec},
		{"signed list", string(signed), ed},
		{"list as JSON", string(asJSON), ed},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := token.ReadKeyFile([]byte(c.file), "u")
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Trust.Keys) != 1 || got.Trust.Keys[0].Use != "u" || !hasKey(got.Trust.Keys[0].Key, c.want) {
				t.Errorf("%+v", got.Trust.Keys)
			}
		})
	}
	for name, file := range map[string]string{
		"empty": "", "nothing in it": "{}", "point off the curve": `{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}`,
		"private key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "text": "kunci", "hex that is none": `{"public_key_hex":"zz"}`,
	} {
		if _, err := token.ReadKeyFile([]byte(file), "u"); !errors.Is(err, token.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOtherCurves: a key that is whole and of no use here is told apart.
func TestOtherCurves(t *testing.T) {
	for _, file := range []string{`{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}`, `{"kty":"OKP","crv":"Ed448","x":"AA"}`, `{"kty":"oct","k":"AA"}`} {
		if _, err := token.ReadKeyFile([]byte(file), "u"); !errors.Is(err, token.ErrUnknownKey) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func hasKey(got, want crypto.PublicKey) bool {
	a, errA := token.KeyID(got)
	b, errB := token.KeyID(want)
	return errA == nil && errB == nil && hex.EncodeToString(a) == hex.EncodeToString(b)
}
