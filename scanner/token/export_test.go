package token

import "crypto"

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
