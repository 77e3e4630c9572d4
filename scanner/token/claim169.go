package token

import (
	"fmt"
	"strconv"
	"strings"
)

// kind is the CBOR type of an attribute.
type kind int

const (
	text kind = iota
	number
	octets
	numbers
	biometric // a list of maps, or one map
)

// attribute169 is one attribute of claim 169 (version 1.2): its name as MOSIP's
// libraries print it, and its type.
type attribute169 struct {
	name string
	kind kind
}

var attributes169 = map[int64]attribute169{
	1: {"id", text}, 2: {"version", text}, 3: {"language", text}, 4: {"fullName", text}, 5: {"firstName", text},
	6: {"middleName", text}, 7: {"lastName", text}, 8: {"dateOfBirth", text}, 9: {"gender", number}, 10: {"address", text},
	11: {"email", text}, 12: {"phone", text}, 13: {"nationality", text}, 14: {"maritalStatus", number}, 15: {"guardian", text},
	16: {"photo", octets}, 17: {"photoFormat", number}, 18: {"bestQualityFingers", numbers}, 19: {"secondaryFullName", text},
	20: {"secondaryLanguage", text}, 21: {"locationCode", text}, 22: {"legalStatus", text}, 23: {"countryOfIssuance", text},
	50: {"rightThumb", biometric}, 51: {"rightPointerFinger", biometric}, 52: {"rightMiddleFinger", biometric},
	53: {"rightRingFinger", biometric}, 54: {"rightLittleFinger", biometric}, 55: {"leftThumb", biometric},
	56: {"leftPointerFinger", biometric}, 57: {"leftMiddleFinger", biometric}, 58: {"leftRingFinger", biometric},
	59: {"leftLittleFinger", biometric}, 60: {"rightIris", biometric}, 61: {"leftIris", biometric}, 62: {"face", biometric},
	63: {"rightPalm", biometric}, 64: {"leftPalm", biometric}, 65: {"voice", biometric},
}

var biometricNames = map[int64]string{0: "data", 1: "format", 2: "subFormat", 3: "issuer"}

// identity checks that claim 169 is there and that known attributes have their
// types. The specification's own examples write a text as a number, a gender
// as the text "1" and a photo as a text, so these are taken; a NUL is in no
// honest text.
func (c cwt) identity() error {
	id, ok := c.claims[int64(169)].(map[any]any)
	if !ok {
		return fmt.Errorf("%w: no claim 169", ErrFormat)
	}
	for label, value := range id {
		n, ok := label.(int64)
		if !ok {
			continue
		}
		if a, known := attributes169[n]; known && !a.kind.holds(value) {
			return fmt.Errorf("%w: attribute %s", ErrFormat, a.name)
		}
	}
	return nil
}

func (k kind) holds(value any) bool {
	switch v := value.(type) {
	case string:
		return (k == text || k == octets) && !strings.ContainsRune(v, 0) || k == number && isNumber(v)
	case float64:
		return k == text
	case int64:
		return k == text || k == number
	case []byte:
		return k == octets
	case map[any]any:
		return k == biometric
	case []any:
		for _, item := range v {
			_, isNumber := item.(int64)
			_, isMap := item.(map[any]any)
			if !(k == numbers && isNumber) && !(k == biometric && isMap) {
				return false
			}
		}
		return k == numbers || k == biometric
	}
	return false
}

// isNumber says that a text is the decimal number of a code.
func isNumber(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && strconv.FormatUint(n, 10) == text
}

// attributes names what is known and keeps the rest under "unknown" with its
// numbers, so that it can be shown as such.
func attributes(id map[any]any) map[string]any {
	out, unknown := make(map[string]any, len(id)), map[string]any{}
	for label, value := range id {
		n, isNumber := label.(int64)
		a, known := attributes169[n]
		switch {
		case !isNumber || !known:
			unknown[labelText(label)] = plain(value)
		case a.kind == biometric:
			out[a.name] = samples(value)
		default:
			out[a.name] = plain(value)
		}
	}
	if len(unknown) > 0 {
		out["unknown"] = unknown
	}
	return out
}

// samples names the parts of biometric data, which may be one or a list.
func samples(value any) []any {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	out := make([]any, 0, len(list))
	for _, item := range list {
		parts, _ := item.(map[any]any)
		named := make(map[string]any, len(parts))
		for label, part := range parts {
			name := labelText(label)
			if n, ok := label.(int64); ok && biometricNames[n] != "" {
				name = biometricNames[n]
			}
			named[name] = plain(part)
		}
		out = append(out, named)
	}
	return out
}
