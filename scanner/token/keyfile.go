package token

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"time"
)

// KeyFile is what a person hands to a tool as "believe this": a trust list or
// a single key.
type KeyFile struct {
	Trust   TrustList
	AnyKID  bool   // one key that came without a kid of its own
	Decrypt []byte // the file's encryption key, where it brings one
}

// ReadKeyFile reads a trust list (signed, or as JSON with "keys"), one key as
// the claim-169 vectors' signing_key, a JWK or COSE_Key in JSON, or PEM
// certificates and public keys. Single keys are put in the list under use.
// Nothing is checked but the form: whoever names the file vouches for it.
func ReadKeyFile(data []byte, use Use) (KeyFile, error) {
	trimmed := bytes.TrimSpace(data)
	switch {
	case len(trimmed) == 0:
		return KeyFile{}, fmt.Errorf("read key file: %w: it is empty", ErrFormat)
	case trimmed[0] == '{':
		return readJSONKeys(trimmed, use)
	case bytes.HasPrefix(trimmed, []byte("-----BEGIN ")):
		return readPEM(trimmed, use)
	}
	if der, err := base64.StdEncoding.DecodeString(string(trimmed)); err == nil {
		if key, err := certificateKey(der, use); err == nil {
			return oneKey(key), nil
		}
	}
	list, err := ReadTrust(data)
	if err != nil {
		return KeyFile{}, fmt.Errorf("read key file: %w", err)
	}
	return KeyFile{Trust: list}, nil
}

func oneKey(k TrustedKey) KeyFile { return KeyFile{Trust: TrustList{Keys: []TrustedKey{k}}} }

// readPEM takes certificates (kid: of the certificate, as the EU has it) and
// public keys (kid: of the key).
func readPEM(data []byte, use Use) (KeyFile, error) {
	var out KeyFile
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		var key TrustedKey
		var err error
		switch block.Type {
		case "CERTIFICATE":
			key, err = certificateKey(block.Bytes, use)
		case "PUBLIC KEY":
			key.Use = use
			if key.Key, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
				err = fmt.Errorf("%w: %w", ErrFormat, err)
			}
		default:
			err = fmt.Errorf("%w: %s", ErrFormat, block.Type)
		}
		if err != nil {
			return KeyFile{}, fmt.Errorf("read PEM: %w", err)
		}
		out.Trust.Keys = append(out.Trust.Keys, key)
	}
	if len(out.Trust.Keys) == 0 {
		return KeyFile{}, fmt.Errorf("read PEM: %w: no key", ErrFormat)
	}
	return out, nil
}

func certificateKey(der []byte, use Use) (TrustedKey, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return TrustedKey{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	sum := sha256.Sum256(der)
	return TrustedKey{Use: use, Key: cert.PublicKey, KID: sum[:8]}, nil
}

// jsonList is a trust list in JSON, for tools; each key is any of the forms of
// a single key, or its SPKI.
type jsonList struct {
	Version uint64            `json:"version"`
	Issued  time.Time         `json:"issued"`
	Expires time.Time         `json:"expires"`
	Roots   [][]byte          `json:"roots,omitempty"` // SPKI, of who may sign the next list
	Keys    []json.RawMessage `json:"keys"`
}

type jsonEntry struct {
	Use       Use       `json:"use"`
	SPKI      []byte    `json:"spki"`
	Issuer    string    `json:"issuer"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	RevokedAt time.Time `json:"revoked_at"`
}

// nested are the places where test vectors keep their key.
type nested struct {
	Keys          json.RawMessage `json:"keys"`
	SigningKey    json.RawMessage `json:"signing_key"`
	EncryptionKey struct {
		Hex string `json:"symmetric_key_hex"`
	} `json:"encryption_key"`
	TestCtx struct {
		Certificate []byte `json:"CERTIFICATE"`
	} `json:"TESTCTX"`
	Input struct {
		Sign0 struct {
			Key json.RawMessage `json:"key"`
		} `json:"sign0"`
	} `json:"input"`
	Key json.RawMessage `json:"key"`
}

func readJSONKeys(data []byte, use Use) (KeyFile, error) {
	fail := func(err error) (KeyFile, error) { return KeyFile{}, fmt.Errorf("read key: %w", err) }
	var n nested
	if err := json.Unmarshal(data, &n); err != nil {
		return fail(fmt.Errorf("%w: %w", ErrFormat, err))
	}
	switch {
	case n.Keys != nil:
		return readJSONList(data, use)
	case n.TestCtx.Certificate != nil:
		key, err := certificateKey(n.TestCtx.Certificate, use)
		if err != nil {
			return fail(err)
		}
		return oneKey(key), nil
	case n.SigningKey != nil:
		data = n.SigningKey
	case n.Input.Sign0.Key != nil:
		data = n.Input.Sign0.Key
	case n.Key != nil:
		data = n.Key
	}
	pub, kid, err := readJSONKey(data)
	if err != nil {
		return fail(err)
	}
	out := oneKey(TrustedKey{Use: use, Key: pub, KID: kid})
	out.AnyKID = kid == nil
	if n.EncryptionKey.Hex != "" {
		if out.Decrypt, err = bytesOf(n.EncryptionKey.Hex, true); err != nil {
			return fail(err)
		}
	}
	return out, nil
}

func readJSONList(data []byte, use Use) (KeyFile, error) {
	fail := func(err error) (KeyFile, error) { return KeyFile{}, fmt.Errorf("read trust list: %w", err) }
	var l jsonList
	if err := json.Unmarshal(data, &l); err != nil {
		return fail(fmt.Errorf("%w: %w", ErrFormat, err))
	}
	out := KeyFile{Trust: TrustList{Version: l.Version, Issued: l.Issued, Expires: l.Expires}}
	for _, spki := range l.Roots {
		root, err := x509.ParsePKIXPublicKey(spki)
		if err != nil {
			return fail(fmt.Errorf("%w: root: %w", ErrFormat, err))
		}
		out.Trust.Roots = append(out.Trust.Roots, root)
	}
	for _, raw := range l.Keys {
		var e jsonEntry
		if err := json.Unmarshal(raw, &e); err != nil {
			return fail(fmt.Errorf("%w: %w", ErrFormat, err))
		}
		key := TrustedKey{Use: e.Use, Issuer: e.Issuer, NotBefore: e.NotBefore, NotAfter: e.NotAfter, RevokedAt: e.RevokedAt}
		if key.Use == "" || key.Use == "sig" { // a JWK set's word
			key.Use = use
		}
		var err error
		if e.SPKI != nil {
			if key.Key, err = x509.ParsePKIXPublicKey(e.SPKI); err != nil {
				err = fmt.Errorf("%w: %w", ErrFormat, err)
			}
		} else {
			key.Key, key.KID, err = readJSONKey(raw)
		}
		if err != nil {
			return fail(err)
		}
		out.Trust.Keys = append(out.Trust.Keys, key)
	}
	return out, nil
}

// MarshalKeys writes a list as the JSON that ReadKeyFile reads.
func MarshalKeys(l TrustList) ([]byte, error) {
	out := jsonList{Version: l.Version, Issued: l.Issued, Expires: l.Expires, Keys: []json.RawMessage{}}
	for _, root := range l.Roots {
		spki, err := x509.MarshalPKIXPublicKey(root)
		if err != nil {
			return nil, fmt.Errorf("write trust list: %w", err)
		}
		out.Roots = append(out.Roots, spki)
	}
	for _, k := range l.Keys {
		spki, err := x509.MarshalPKIXPublicKey(k.Key)
		if err != nil {
			return nil, fmt.Errorf("write trust list: %w", err)
		}
		raw, err := json.Marshal(jsonEntry{k.Use, spki, k.Issuer, k.NotBefore, k.NotAfter, k.RevokedAt})
		if err != nil {
			return nil, fmt.Errorf("write trust list: %w", err)
		}
		out.Keys = append(out.Keys, raw)
	}
	return json.MarshalIndent(out, "", "  ")
}

// readJSONKey reads a JWK, a COSE_Key whose labels are texts ("1", "-2"; names
// with _hex for hexadecimal), or an algorithm with public_key_hex.
func readJSONKey(data []byte) (crypto.PublicKey, []byte, error) {
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	var k jsonKey
	for name, value := range fields {
		if err := k.set(strings.ToLower(name), value); err != nil {
			return nil, nil, err
		}
	}
	pub, err := k.public()
	return pub, k.kid, err
}
