package wire

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ErrDeviceCode is a text that is no device code.
var ErrDeviceCode = errors.New("not a device code")

var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// DeviceCode is what an administrator hands to whoever sets up a counter PC:
// where central is, by what its root is recognised, and a secret that works
// once within 24 hours. As text: "https://central.contoh.id:8443#SECRET-ROOT".
type DeviceCode struct {
	Central string   // https://host:port of the counters' listener
	Secret  [10]byte // random
	Root    [16]byte // first half of SHA-256 of the root's SPKI
}

// NewDeviceCode draws a secret for central at this address with this root.
func NewDeviceCode(central string, rootSPKI []byte) DeviceCode {
	c := DeviceCode{Central: central, Root: RootPrint(rootSPKI)}
	rand.Read(c.Secret[:])
	return c
}

// RootPrint is the fingerprint by which a device code names a root.
func RootPrint(spki []byte) (p [16]byte) {
	sum := sha256.Sum256(spki)
	copy(p[:], sum[:])
	return p
}

// SecretText is what DeviceRequest.Code carries.
func (c DeviceCode) SecretText() string { return crockford.EncodeToString(c.Secret[:]) }

// String is the code as it is shown and typed.
func (c DeviceCode) String() string {
	return c.Central + "#" + c.SecretText() + "-" + crockford.EncodeToString(c.Root[:])
}

// ParseDeviceCode reads what String wrote. Small letters and spaces around it
// do not matter; a letter that only looks like a digit counts as the digit.
func ParseDeviceCode(text string) (DeviceCode, error) {
	addr, code, ok := strings.Cut(strings.TrimSpace(text), "#")
	u, err := url.Parse(addr)
	if !ok || err != nil || u.Scheme != "https" || u.Host == "" || (u.Path != "" && u.Path != "/") {
		return DeviceCode{}, fmt.Errorf("%w: no address of central", ErrDeviceCode)
	}
	secret, root, ok := strings.Cut(strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code)), "-")
	s, errS := crockford.DecodeString(secret)
	r, errR := crockford.DecodeString(root)
	c := DeviceCode{Central: "https://" + u.Host}
	if !ok || errS != nil || errR != nil || len(s) != len(c.Secret) || len(r) != len(c.Root) {
		return DeviceCode{}, fmt.Errorf("%w: it is not complete", ErrDeviceCode)
	}
	copy(c.Secret[:], s)
	copy(c.Root[:], r)
	if !bytes.HasSuffix([]byte(strings.ToUpper(c.String())), []byte(root)) {
		return DeviceCode{}, fmt.Errorf("%w: stray bits", ErrDeviceCode)
	}
	return c, nil
}
