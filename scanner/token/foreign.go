package token

import (
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// maxInflated is where inflating stops: 64 KiB.
const maxInflated = 64 << 10

// Foreign verifies what others made: their forms are a little wider than ours
// (kid in the unprotected header or none, payloads with tags), the rules are not.
type Foreign struct {
	Trust   TrustList
	Use     Use    // under which the keys stand in the list
	Decrypt []byte // AES-128 or AES-256 key of encrypted cards; nil for none
	AnyKID  bool   // the one key of the list was given without a kid: do not compare
}

var foreignRules = rules{looseKID: true}

// Claim169 verifies a bare claim-169 card: base45 without prefix, zlib, an
// encrypted layer where there is one (COSE_Encrypt0, A256GCM or A128GCM), a
// CWT signed as COSE_Sign1.
func (f Foreign) Claim169(text string, now time.Time) Verdict {
	out := Verdict{Kind: KindClaim169}
	data, why := inflated(text)
	if why != "" {
		return out.fail(CheckFormat, why)
	}
	if tagged(data, 16) {
		var err error
		if data, err = decrypt(data, f.Decrypt); err != nil {
			return out.fail(CheckFormat, ReasonDecrypt)
		}
	}
	m, err := parseSign1(data, foreignRules)
	if err != nil && !errors.Is(err, errEmpty) {
		return out.failed(err)
	}
	cwt, bad := readCWT(m.Payload)
	if bad == nil {
		bad = cwt.identity()
	}
	if bad != nil {
		return out.failed(bad)
	}
	if err != nil { // nobody signed: there is something to show, and nothing to believe
		if len(m.Payload) <= maxShown {
			out.Claims = cwt.json()
		}
		return out.failed(err)
	}
	if out = f.signed(out, m, cwt, nil, now); out.Claims != nil {
		out.Card = cwt.card()
	}
	return out
}

// DGC verifies an EU digital COVID certificate: HC1:, base45, zlib, COSE and
// CWT. Neither its schema nor the signer's key usage is looked at.
func (f Foreign) DGC(text string, now time.Time) Verdict {
	out := Verdict{Kind: KindDGC}
	rest, ok := strings.CutPrefix(text, "HC1:")
	if !ok {
		return out.fail(CheckFormat, ReasonPrefix)
	}
	data, why := inflated(rest)
	if why != "" {
		return out.fail(CheckFormat, why)
	}
	m, err := parseSign1(data, foreignRules)
	if err != nil {
		return out.failed(err)
	}
	cwt, err := readCWT(m.Payload)
	if err == nil {
		err = cwt.health()
	}
	if err != nil {
		return out.failed(err)
	}
	return f.signed(out, m, cwt, nil, now)
}

// COSE verifies one COSE_Sign1 over external data. Where now is not zero and the
// payload is a CWT, its dates are checked too.
func (f Foreign) COSE(msg, external []byte, now time.Time) Verdict {
	out := Verdict{Kind: KindCOSE}
	m, err := parseSign1(msg, foreignRules)
	if err != nil {
		return out.failed(err)
	}
	if m.Payload == nil {
		return out.fail(CheckFormat, ReasonMalformed)
	}
	var cwt cwt
	if !now.IsZero() && len(m.Payload) > 0 && m.Payload[0]>>5 == 5 {
		if cwt, err = readCWT(m.Payload); err != nil {
			return out.failed(err)
		}
	}
	return f.signed(out, m, cwt, external, now)
}

// signed does the checks that all profiles share. Claims are written out only
// when an issuer of the list has signed them.
func (f Foreign) signed(out Verdict, m message, c cwt, external []byte, now time.Time) Verdict {
	if f.AnyKID && len(f.Trust.Keys) == 1 {
		m.kid = nil
	}
	issuer, _ := c.claims[int64(1)].(string)
	out, err := f.Trust.believe(out, m, f.Use, issuer, external, now)
	if err != nil {
		return out
	}
	if c.claims == nil {
		return out.done()
	}
	out.Claims = c.json()
	switch {
	case c.notBefore.After(now.Add(Leeway)), c.issued.After(now.Add(Leeway)):
		return out.fail(CheckValidity, ReasonNotYet)
	case !c.expires.IsZero() && c.expires.Before(now.Add(-Leeway)):
		return out.fail(CheckValidity, ReasonExpired)
	}
	out.pass(CheckValidity)
	return out.done()
}

// inflated decodes base45 and zlib, both to their ends.
func inflated(text string) ([]byte, Reason) {
	packed, err := DecodeBase45(text)
	if err != nil {
		return nil, ReasonBase45
	}
	data, err := inflate(packed)
	if err != nil {
		return nil, ReasonInflate
	}
	return data, ""
}

// inflate undoes zlib up to 64 KiB; more, or bytes after its end, is refused.
func inflate(packed []byte) ([]byte, error) {
	in := bytes.NewReader(packed)
	z, err := zlib.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("%w: inflate: %w", ErrFormat, err)
	}
	defer z.Close()
	out := make([]byte, maxInflated+1) // once: growing would allocate more in all
	n, err := io.ReadFull(z, out)
	switch {
	case err == nil:
		return nil, fmt.Errorf("%w: inflates to more than %d bytes", ErrFormat, maxInflated)
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%w: inflate: %w", ErrFormat, err)
	}
	// ReadFull says the same of a stream that ends early as of one that ends.
	if _, err := z.Read(out[n:]); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: inflate: %w", ErrFormat, err)
	}
	if in.Len() > 0 {
		return nil, fmt.Errorf("%w: %d bytes after the compressed ones", ErrFormat, in.Len())
	}
	return out[:n], nil
}

// tagged says whether data begins with this CBOR tag, maybe inside a tag 61.
func tagged(data []byte, tag uint64) bool {
	_, err := untag(data, tag)
	return err == nil
}

// decrypt opens a COSE_Encrypt0 with AES-GCM; the algorithm must fit the key.
func decrypt(data, key []byte) ([]byte, error) {
	body, err := untag(data, 16)
	if err != nil {
		return nil, err
	}
	parts, err := split(body, 3)
	if err != nil {
		return nil, err
	}
	protected, err := byteString(parts[0])
	if err != nil {
		return nil, err
	}
	sealed, err := byteString(parts[2])
	if err != nil {
		return nil, err
	}
	if len(protected) > maxHeader || len(parts[1]) > maxHeader || countItems(parts[1], maxHeaderItems) != nil {
		return nil, fmt.Errorf("%w: header too large", ErrFormat)
	}
	var outside map[int64]cbor.RawMessage
	if err := decode(strictMode, parts[1], &outside); err != nil {
		return nil, err
	}
	if _, ok := outside[1]; ok {
		return nil, fmt.Errorf("%w: alg in the unprotected header", ErrFormat)
	}
	var header struct {
		Alg int64  `cbor:"1,keyasint"`
		KID []byte `cbor:"4,keyasint,omitempty"`
		IV  []byte `cbor:"5,keyasint,omitempty"`
	}
	if err := decode(strictMode, protected, &header); err != nil {
		return nil, err
	}
	if size := map[int64]int{1: 16, 3: 32}[header.Alg]; size == 0 || size != len(key) {
		return nil, fmt.Errorf("%w: alg %d with a key of %d bytes", ErrFormat, header.Alg, len(key))
	}
	if raw, ok := outside[5]; ok && header.IV == nil {
		if err := decode(strictMode, raw, &header.IV); err != nil {
			return nil, err
		}
	}
	aad, err := Encode([]any{"Encrypt0", protected, []byte{}})
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	if len(header.IV) != gcm.NonceSize() {
		return nil, fmt.Errorf("%w: IV of %d bytes", ErrFormat, len(header.IV))
	}
	plain, err := gcm.Open(nil, header.IV, sealed, aad)
	if err != nil {
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	return plain, nil
}
