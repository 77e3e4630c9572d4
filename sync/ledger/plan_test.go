package ledger_test

import (
	"strings"
	"testing"

	"loket/sync/ledger"
)

// TestPlans: what the queue screen counts and what retention wipes is found by
// an index, never by reading every decision ever made. The control leaves out the
// condition of the partial index.
func TestPlans(t *testing.T) {
	d := newDesk(t, t.TempDir())
	for name, c := range map[string]struct {
		query string
		scans bool
	}{
		"counts":  {ledger.StatementCounts, false},
		"wipe":    {ledger.StatementWipe, false},
		"control": {strings.ReplaceAll(ledger.StatementWipe, "AND state NOT IN ('queued', 'sent')", ""), true},
	} {
		t.Run(name, func(t *testing.T) {
			plan, scans := plan(t, d, c.query)
			if scans != c.scans {
				t.Errorf("reads the whole table: %t, want %t; plan:\n%s", scans, c.scans, plan)
			}
		})
	}
}

// plan is SQLite's, and whether it reads the whole table.
func plan(t *testing.T, d *desk, query string) (text string, scans bool) {
	t.Helper()
	rows, err := d.DB().Query("EXPLAIN QUERY PLAN "+query, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		text += detail + "\n"
		scans = scans || strings.HasPrefix(detail, "SCAN packets") && !strings.Contains(detail, "INDEX")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return text, scans
}
