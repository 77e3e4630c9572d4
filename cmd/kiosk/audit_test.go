package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"path/filepath"
	"testing"

	"loket/sync/ledger"
)

func TestAuditVerify(t *testing.T) {
	for name, c := range map[string]struct {
		change string // what somebody with the disk does to the file
		args   []string
		code   int
		valid  bool
	}{
		"whole":     {code: 0, valid: true},
		"edited":    {change: "UPDATE audit SET entry = replace(entry, 'p-001', 'p-002')", code: 1},
		"no ledger": {args: []string{"--data", "does-not-exist"}, code: 2},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, ledgerName)
			l, err := ledger.Open(t.Context(), path, ledger.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Record(t.Context(), "log-in", map[string]string{"officer": "p-001"}); err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if c.change != "" {
				db, err := sql.Open("sqlite3", path)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.Exec(c.change); err != nil {
					t.Fatal(err)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if c.args == nil {
				c.args = []string{"--data", dir}
			}
			var out, faults bytes.Buffer
			if code := auditVerify(c.args, &out, &faults); code != c.code {
				t.Fatalf("exit %d, want %d: %s%s", code, c.code, &out, &faults)
			}
			var got auditAnswer
			if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Valid != c.valid {
				t.Errorf("%s, %v", &out, err)
			}
			if c.code == 1 && len(got.Faults) == 0 {
				t.Errorf("says nothing about what: %s", &out)
			}
		})
	}
	if code := auditVerify(nil, &bytes.Buffer{}, &bytes.Buffer{}); code != 2 {
		t.Errorf("without a folder: exit %d", code)
	}
}
