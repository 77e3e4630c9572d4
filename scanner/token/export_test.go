package token

import (
	"crypto"
	"strconv"
)

// Inflate is for tests that read a card without the rules.
func Inflate(packed []byte) ([]byte, error) { return inflate(packed) }

// COSEKey is a public key as a credential's cnf holds it, encoded.
func COSEKey(pub crypto.PublicKey) ([]byte, error) {
	k, err := toCOSEKey(pub)
	if err != nil {
		return nil, err
	}
	return Encode(k)
}

// Attribute169 is the name and type of an attribute by its number in decimal.
func Attribute169(number string) (name, kind string) {
	n, _ := strconv.ParseInt(number, 10, 64)
	a := attributes169[n]
	return a.name, []string{"tstr", "int", "bstr", "[int]", "[Biometric]"}[a.kind]
}

// SubFormats169 are all words for the forms of biometrics.
func SubFormats169() []string {
	all := append([]string{}, formats...)
	for _, subs := range subFormats {
		all = append(all, subs...)
	}
	return all
}
