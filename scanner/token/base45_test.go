package token_test

import (
	"errors"
	"strings"
	"testing"

	"loket/scanner/token"
)

func TestBase45(t *testing.T) {
	// RFC 9285, 4.3 and 4.4.
	for _, c := range []struct{ data, text string }{
		{"AB", "BB8"}, {"Hello!!", "%69 VD92EX0"}, {"base-45", "UJCLQE7W581"}, {"ietf!", "QED8WEX0"}, {"", ""},
	} {
		if got := token.EncodeBase45([]byte(c.data)); got != c.text {
			t.Errorf("%q as %q, want %q", c.data, got, c.text)
		}
		if got, err := token.DecodeBase45(c.text); err != nil || string(got) != c.data {
			t.Errorf("%q from %q, want %q: %v", got, c.text, c.data, err)
		}
	}
	for name, text := range map[string]string{
		"single character at the end": "BB8A", "group over 65535": "GGW", "two over 255": "::", "lower case": "bb8",
		"line end": "BB8\n12", "umlaut": "BÄ8", "too long": strings.Repeat("000", 22000),
	} {
		if _, err := token.DecodeBase45(text); !errors.Is(err, token.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
