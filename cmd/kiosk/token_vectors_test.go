package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTokenVerifyOwnVectors holds the command to every row that the project's
// own generator made (scanner/token, -update). Each call opens the ledger anew:
// a presentation that was seen before a restart is seen after it too.
func TestTokenVerifyOwnVectors(t *testing.T) {
	dir := "../../scanner/token/testdata/vectors"
	table, err := os.ReadFile(filepath.Join(dir, "EXPECTED.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(table)), "\n")[1:]
	if len(rows) < 200 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, line := range rows {
		row := strings.Split(line, "\t")
		file, profile, now, valid, failing := row[0], row[1], row[2], row[3] == "true", row[4]
		t.Run(strings.TrimSuffix(file, ".json"), func(t *testing.T) {
			path := filepath.Join(dir, file)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var v struct {
				QR       string   `json:"qr_data"`
				Hex      string   `json:"hex"`
				Audience string   `json:"audience"`
				Session  string   `json:"session_key"`
				Decrypt  string   `json:"decrypt_key"`
				Reason   string   `json:"reason"`
				Before   []string `json:"before"`
			}
			if err := json.Unmarshal(data, &v); err != nil {
				t.Fatal(err)
			}
			args := []string{"--profile", profile, "--trust", path, "--now", now}
			for flag, value := range map[string]string{"--audience": v.Audience, "--session-key": v.Session, "--decrypt-key": v.Decrypt} {
				if value != "" {
					args = append(args, flag, value)
				}
			}
			var fresh []string
			if len(v.Before) > 0 {
				fresh = append(args[:len(args):len(args)], "--ledger", filepath.Join(t.TempDir(), "other.db"))
				args = append(args, "--ledger", filepath.Join(t.TempDir(), "seen.db"))
			}
			for _, text := range v.Before {
				if answer, code := runToken(t, args, text); code != 0 {
					t.Fatalf("scanned before: exit %d, %v", code, answer.Checks)
				}
			}
			input := v.QR + v.Hex
			answer, code := runToken(t, args, input)
			check, reason := "", ""
			for _, c := range answer.Checks {
				if !c.OK {
					check, reason = c.Name, string(c.Reason)
				}
			}
			if answer.Valid != valid || check != failing || reason != v.Reason || code != map[bool]int{true: 0, false: 1}[valid] {
				t.Errorf("valid %v, failing %q for %q, exit %d; want %v, %q for %q", answer.Valid, check, reason, code, valid, failing, v.Reason)
			}
			if failing == "replay" && profile == "ikd" {
				if answer, code := runToken(t, fresh, input); code != 0 {
					t.Errorf("control, with a ledger that has not seen it: exit %d, %v", code, answer.Checks)
				}
			}
		})
	}
}
