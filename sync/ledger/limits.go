package ledger

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"loket/sync/wire"
)

// Rule is one of policy's freeze rules.
type Rule string

// The rules.
const (
	RuleSync    Rule = "sync"       // days since central last held this counter's head
	RulePending Rule = "pending"    // packets that central does not have
	RuleDay     Rule = "end-of-day" // days since a day was closed
)

// warnAt is the share of a limit from which the officer is warned.
const warnAt = 0.8

// Limit is where a rule stands. What is open is always saved; Stop is for new
// cases.
type Limit struct {
	Rule Rule
	Used float64 // days or packets
	Most float64
	Warn bool // from 80 %
	Stop bool
}

// Limits holds this counter against policy; a limit of 0 is no limit.
func (l *Ledger) Limits(ctx context.Context, p wire.OfflinePolicy) ([]Limit, error) {
	first, err := l.Entries(ctx, 0, 1)
	if err != nil || len(first) == 0 {
		return nil, errors.Join(err, ctx.Err())
	}
	var out []Limit
	add := func(rule Rule, used float64, most int) {
		if most > 0 {
			share := used / float64(most)
			out = append(out, Limit{rule, used, float64(most), share >= warnAt, share >= 1})
		}
	}
	for _, r := range []struct {
		rule Rule
		name string
		most int
	}{{RuleSync, settingSynced, p.DaysWithoutSync}, {RuleDay, settingClosed, p.DaysWithoutEndOfDay}} {
		since, err := l.moment(ctx, r.name, first[0].At)
		if err != nil {
			return nil, fmt.Errorf("limits: %w", err)
		}
		add(r.rule, max(l.now().Sub(since).Hours()/24, 0), r.most)
	}
	c, err := l.Counts(ctx, l.now())
	if err != nil {
		return nil, fmt.Errorf("limits: %w", err)
	}
	add(RulePending, float64(c.Waiting), p.PacketsPending)
	return out, nil
}

// moment reads a time from the settings, or gives another where there is none.
func (l *Ledger) moment(ctx context.Context, name string, otherwise time.Time) (time.Time, error) {
	b, err := l.Get(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return otherwise, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	ms, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %s: %w", ErrCorrupt, name, err)
	}
	return fromMillis(ms), nil
}

// putNow writes this moment as a setting.
func (t *tx) putNow(name string) error {
	return put(t, "settings", name, strconv.AppendInt(nil, millis(t.now), 10))
}

// CloseDay ends the day: unfinished cases are wiped, and so are the bytes of
// packets that central has had for longer than keep. It says how many of each.
// What was wiped since the morning leaves the WAL's file too, unless a backup is
// reading it meanwhile; then it leaves when it is overwritten, or at the next Open.
func (l *Ledger) CloseDay(ctx context.Context, keep time.Duration) (drafts, packets int, err error) {
	now := l.now()
	if drafts, err = l.WipeDrafts(ctx, now.Add(time.Millisecond)); err != nil {
		return 0, 0, fmt.Errorf("close day: %w", err)
	}
	if packets, err = l.WipeBodies(ctx, now.Add(time.Millisecond-keep)); err != nil {
		return drafts, 0, fmt.Errorf("close day: %w", err)
	}
	err = l.tx(ctx, func(t *tx) error {
		if err := t.putNow(settingClosed); err != nil {
			return err
		}
		return t.audit(auditDay, nil)
	})
	if err != nil {
		return drafts, packets, fmt.Errorf("close day: %w", err)
	}
	if err := l.renew(ctx); err != nil {
		return drafts, packets, fmt.Errorf("close day: %w", err)
	}
	return drafts, packets, nil
}
