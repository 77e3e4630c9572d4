package main

import (
	"strings"
	"testing"

	"loket/app"
	"loket/sync/vault"
)

// TestProtectionIsSaid: each kind of protection has words of its own, and only
// a chip that counts promises that five wrong PINs are all.
func TestProtectionIsSaid(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []struct {
		kind   vault.Protection
		state  app.LineState
		detail string
		id, en string
	}{
		{vault.File, app.LineWarn, "keys-in-file", "tanpa batas", "without limit"},
		{vault.TPM, app.LineOK, "keys-in-tpm", "hanya aplikasi", "only the program"},
		{vault.TPMCounts, app.LineOK, "keys-in-tpm-counts", "lima PIN keliru", "five wrong PINs"},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			l := keysLine(c.kind)
			if l.State != c.state || l.Detail != c.detail {
				t.Errorf("%+v, want %s %s", l, c.state, c.detail)
			}
			if !app.HasWords("detail." + l.Detail) {
				t.Errorf("detail.%s has no words", l.Detail)
			}
			m := means(l)
			if len(m) != 2 || !strings.Contains(m[0].Indonesian, c.id) || !strings.Contains(m[0].English, c.en) || seen[m[0].English] {
				t.Fatalf("it means %+v", m)
			}
			seen[m[0].English] = true
			if m[1].Indonesian == "" || !strings.Contains(m[1].English, "last head that central holds") {
				t.Errorf("of a log that was put back: %+v", m[1])
			}
		})
	}
	if got := means(app.Line{Code: "tool-disk"}); got != nil {
		t.Errorf("the disk means %+v", got)
	}
}
