package token

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// cwt is a CWT's claims (RFC 8392) as others write them.
type cwt struct {
	claims                     map[any]any
	expires, notBefore, issued time.Time // zero where missing
}

// claimNames are the registered claims that are shown by name.
var claimNames = map[int64]string{1: "iss", 2: "sub", 3: "aud", 4: "exp", 5: "nbf", 6: "iat", 7: "cti", -260: "hcert", 169: "claim169"}

// readCWT reads a map of claims: dates are numbers in the range of the years
// 1970 to 9999, issuer and subject are texts.
func readCWT(payload []byte) (cwt, error) {
	var c cwt
	if err := decodeItems(looseMode, payload, &c.claims, maxClaims); err != nil {
		return cwt{}, err
	}
	if c.claims == nil {
		return cwt{}, fmt.Errorf("%w: no claims", ErrFormat)
	}
	for label, date := range map[int64]*time.Time{4: &c.expires, 5: &c.notBefore, 6: &c.issued} {
		value, ok := c.claims[label]
		if !ok {
			continue
		}
		switch n := value.(type) {
		case int64:
			*date = unix(n)
		case float64:
			if n >= 0 && n < math.MaxInt32*100 {
				*date = unix(int64(n))
			}
		}
		if date.IsZero() {
			return cwt{}, fmt.Errorf("%w: claim %s", ErrFormat, claimNames[label])
		}
	}
	for _, label := range []int64{1, 2} {
		if value, ok := c.claims[label]; ok {
			if text, isText := value.(string); !isText || strings.ContainsRune(text, 0) {
				return cwt{}, fmt.Errorf("%w: claim %s", ErrFormat, claimNames[label])
			}
		}
	}
	if wrapped, ok := c.claims[int64(169)].([]byte); ok {
		// MOSIP's own example has the map as bytes.
		var id map[any]any
		if len(wrapped) > maxShown {
			return cwt{}, fmt.Errorf("%w: claim 169 in %d bytes", ErrFormat, len(wrapped))
		}
		if err := decodeItems(looseMode, wrapped, &id, maxClaims); err != nil {
			return cwt{}, err
		}
		c.claims[int64(169)] = id
	}
	return c, nil
}

// health says whether there is a health certificate of the EU inside: -260 = {1: map}.
func (c cwt) health() error {
	outer, _ := c.claims[int64(-260)].(map[any]any)
	if _, ok := outer[int64(1)].(map[any]any); !ok {
		return fmt.Errorf("%w: no health certificate", ErrFormat)
	}
	return nil
}

// json gives the claims with their names, for people and tools.
func (c cwt) json() map[string]any {
	out := make(map[string]any, len(c.claims))
	for label, value := range c.claims {
		name := labelText(label)
		if n, ok := label.(int64); ok && claimNames[n] != "" {
			name = claimNames[n]
		}
		if identity, ok := value.(map[any]any); ok && name == "claim169" {
			out[name] = attributes(identity)
		} else {
			out[name] = plain(value)
		}
	}
	return out
}

// plain makes a decoded CBOR value fit for JSON: byte strings as hex, labels as text.
func plain(value any) any {
	switch v := value.(type) {
	case []byte:
		return hex.EncodeToString(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case map[any]any:
		out := make(map[string]any, len(v))
		for label, value := range v {
			out[labelText(label)] = plain(value)
		}
		return out
	case string, bool, int64, float64, nil:
		return v
	}
	return fmt.Sprint(value) // tags and simple values: shown, never believed
}

func labelText(label any) string {
	switch l := label.(type) {
	case int64:
		return strconv.FormatInt(l, 10)
	case string:
		return l
	}
	return fmt.Sprint(label)
}
