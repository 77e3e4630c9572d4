package main

import (
	"context"
	"slices"

	"loket/app"
	"loket/sync/ledger"
)

// Rules implements app.Ledger.
func (b *book) Rules(ctx context.Context) ([]app.Rule, error) {
	k, ok := b.s.known()
	if !ok {
		return nil, nil
	}
	limits, err := b.s.ledger.Limits(ctx, k.policy.Offline)
	if err != nil {
		return nil, err
	}
	disk, err := b.s.ledger.Disk()
	if err != nil {
		return nil, err
	}
	return rulesOf(limits, disk), nil
}

// rulesOf are the limits that are near or reached; those that stop come first.
func rulesOf(limits []ledger.Limit, disk ledger.Disk) []app.Rule {
	var rules []app.Rule
	for _, l := range limits {
		if l.Warn || l.Stop {
			rules = append(rules, app.Rule{Code: string(l.Rule), Used: int(l.Used), Most: int(l.Most), Stop: l.Stop})
		}
	}
	if disk.Warn || disk.Stop {
		rules = append(rules, app.Rule{Code: "disk", Used: int(disk.Free >> 20), Most: ledger.DiskStop >> 20, Stop: disk.Stop})
	}
	slices.SortStableFunc(rules, func(a, b app.Rule) int {
		switch {
		case a.Stop == b.Stop:
			return 0
		case a.Stop:
			return -1
		}
		return 1
	})
	return rules
}

// EndDay implements app.Ledger. The ledger's own entries say what was wiped,
// this one who ended the day.
func (b *book) EndDay(ctx context.Context, officer app.Officer) (int, error) {
	wiped, _, err := b.s.ledger.CloseDay(ctx, 0)
	if err != nil {
		return 0, err
	}
	b.s.after("CloseDay")
	err = b.s.ledger.Record(ctx, "day-ended", map[string]string{"officer": officer.ID})
	b.s.after("Record day-ended")
	return wiped, err
}
