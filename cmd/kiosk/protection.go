package main

import (
	"loket/app"
	"loket/sync/vault"
)

// keysLine says what keeps this PC's keys. A secret in a file is no fault, but
// the officer's administrator must know.
func keysLine(p vault.Protection) app.Line {
	switch p {
	case vault.TPMCounts:
		return app.Line{Code: "tool-keys", State: app.LineOK, Detail: "keys-in-tpm-counts"}
	case vault.TPM:
		return app.Line{Code: "tool-keys", State: app.LineOK, Detail: "keys-in-tpm"}
	}
	return app.Line{Code: "tool-keys", State: app.LineWarn, Detail: "keys-in-file"}
}

// said is a sentence in both languages.
type said struct {
	Indonesian string `json:"id"`
	English    string `json:"en"`
}

// means is what a line means for whoever answers for this PC, in sentences:
// which protection its keys have, and what that does not protect; nil for the
// lines that need none.
func means(l app.Line) []said {
	if l.Code != "tool-keys" {
		return nil
	}
	var out []said
	for _, key := range []string{"means." + l.Detail, "means.rollback"} {
		id, en := app.Words(key)
		out = append(out, said{id, en})
	}
	return out
}
