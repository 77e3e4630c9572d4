package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/sync/ledger"
)

func TestRulesOf(t *testing.T) {
	sync := ledger.Limit{Rule: ledger.RuleSync, Used: 5.9, Most: 7, Warn: true}
	pending := ledger.Limit{Rule: ledger.RulePending, Used: 500, Most: 500, Warn: true, Stop: true}
	fine := ledger.Limit{Rule: ledger.RuleDay, Used: 1, Most: 3}
	for name, c := range map[string]struct {
		limits []ledger.Limit
		disk   ledger.Disk
		want   []app.Rule
	}{
		"control: nothing near": {[]ledger.Limit{fine}, ledger.Disk{Free: 900 << 20}, nil},
		"near":                  {[]ledger.Limit{sync, fine}, ledger.Disk{Free: -1}, []app.Rule{{Code: "sync", Used: 5, Most: 7}}},
		"what stops is first": {[]ledger.Limit{sync, pending}, ledger.Disk{Free: 400 << 20, Warn: true},
			[]app.Rule{{Code: "pending", Used: 500, Most: 500, Stop: true}, {Code: "sync", Used: 5, Most: 7}, {Code: "disk", Used: 400, Most: 100}}},
		"disk": {nil, ledger.Disk{Free: 90 << 20, Warn: true, Stop: true}, []app.Rule{{Code: "disk", Used: 90, Most: 100, Stop: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := rulesOf(c.limits, c.disk); !slices.Equal(got, c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestEndDay(t *testing.T) {
	c := newCrash(t)
	s, o := serving(t, c)
	b := &book{s: s, zone: time.UTC, sent: func(context.Context) {}}
	if rules, err := b.Rules(t.Context()); err != nil || slices.ContainsFunc(rules, func(r app.Rule) bool { return r.Code != "disk" }) {
		t.Errorf("rules of a new counter: %+v, %v", rules, err)
	}
	if err := b.SaveDraft(t.Context(), app.Draft{ID: "d1", Stage: activation.StageFace}, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if n, err := b.EndDay(t.Context(), o); err != nil || n != 1 {
		t.Errorf("wiped %d, %v", n, err)
	}
	if left, err := b.Drafts(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("left %+v, %v", left, err)
	}
	h, err := s.ledger.Head(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := s.ledger.Entries(t.Context(), h.Size-3, 3)
	if err != nil || len(entries) != 3 || entries[0].Kind != "wipe" || entries[1].Kind != "day-closed" || entries[2].Fields["officer"] != o.ID {
		t.Errorf("the log says %+v, %v", entries, err)
	}
}
