package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"loket/sync/ledger"
)

// expected is what a ledger must hold by what its driver was told: of each
// thing the values that it may have. There is more than one only while a call
// runs that changes it, or after one that failed.
type expected struct {
	Packets, Drafts, Values map[string][]string
	Entries                 int64
	Root                    string
	Told                    int // decisions that were acknowledged
}

// with is what is expected after one more mark; e itself stays.
func (e expected) with(m mark) expected {
	out := e
	out.Packets, out.Drafts, out.Values = add(e.Packets, m.Packets, m), add(e.Drafts, m.Drafts, m), add(e.Values, m.Values, m)
	if m.End && m.Err == "" {
		out.Entries, out.Root = m.Entries, m.Root
		if m.What == "decide" {
			out.Told++
		}
	}
	return out
}

func add(have map[string][]string, change map[string]string, m mark) map[string][]string {
	out := maps.Clone(have)
	if out == nil {
		out = map[string][]string{}
	}
	for key, value := range change {
		switch {
		case m.End && m.Err == "":
			out[key] = []string{value}
		case !m.End:
			was, ok := out[key]
			if !ok {
				was = []string{""}
			}
			out[key] = append(slices.Clone(was), value)
		}
	}
	return out
}

// readMark reads a mark of the driver.
func readMark(b []byte) (mark, error) {
	var m mark
	err := json.Unmarshal(b, &m)
	return m, err
}

// verdict is what was found wrong with one image; "" is nothing.
type verdict struct {
	Corrupt string // it does not open, or SQLite's own check fails
	Lost    string // something acknowledged is not there as acknowledged
	Chain   string // the audit log is broken, or is not the acknowledged one continued
	Extra   string // something is there that nobody began
}

// judge opens a ledger as the counter does and holds it against e. Where goOn
// is set it decides once more, as the officer would.
func judge(ctx context.Context, desk trialDesk, path string, e expected, goOn bool) (v verdict) {
	l, err := ledger.Open(ctx, path, desk.options())
	if err != nil {
		v.Corrupt = err.Error()
		return v
	}
	defer func() {
		if err := l.Close(); err != nil && v == (verdict{}) {
			v.Corrupt = err.Error()
		}
	}()
	if err := l.Integrity(ctx); err != nil {
		v.Corrupt = err.Error()
		return v
	}
	if err := v.contents(ctx, l, e); err != nil {
		v.Corrupt = err.Error()
		return v
	}
	v.chain(ctx, l, e)
	if goOn && v == (verdict{}) {
		desk.Ledger = l
		v.goOn(ctx, desk)
	}
	return v
}

// contents compares packets, drafts and settings.
func (v *verdict) contents(ctx context.Context, l *ledger.Ledger, e expected) error {
	items, err := l.Items(ctx, 1_000_000)
	if err != nil {
		return err
	}
	packets := map[string]string{}
	for _, i := range items {
		packets[i.Packet.String()] = string(i.State)
	}
	drafts := map[string]string{}
	all, err := l.Drafts(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		drafts[d.Session] = sum(d.Body)
	}
	values := map[string]string{}
	for name := range e.Values {
		if b, err := l.Get(ctx, name); err == nil {
			values[name] = string(b)
		}
	}
	v.compare("packet", packets, e.Packets)
	v.compare("draft", drafts, e.Drafts)
	v.compare("setting", values, e.Values)
	return nil
}

func (v *verdict) compare(what string, have map[string]string, may map[string][]string) {
	for key, values := range may {
		if !slices.Contains(values, have[key]) {
			v.Lost = fmt.Sprintf("%s %s is %q, acknowledged was %q", what, key, have[key], values)
		}
	}
	for key, value := range have {
		if _, ok := may[key]; !ok {
			v.Extra = fmt.Sprintf("%s %s, %s", what, key, value)
		}
	}
}

// chain recomputes the audit log, compares every packet with its entry, and
// checks that the acknowledged log is where this one begins.
func (v *verdict) chain(ctx context.Context, l *ledger.Ledger, e expected) {
	r, err := l.Verify(ctx)
	if err != nil || !r.OK() {
		v.Chain = fmt.Sprintf("%v %v", r.Faults, err)
		return
	}
	if r.Entries < e.Entries {
		v.Lost = fmt.Sprintf("%d audit entries, acknowledged were %d", r.Entries, e.Entries)
		return
	}
	root, err := rootOf(ctx, l, e.Entries)
	if err == nil && e.Entries > 0 && root != e.Root {
		err = fmt.Errorf("first %d entries are not those that were acknowledged", e.Entries)
	}
	if err != nil {
		v.Chain = err.Error()
	}
}

// rootOf recomputes the root of the first n entries from their text.
func rootOf(ctx context.Context, l *ledger.Ledger, n int64) (string, error) {
	entries, err := l.Entries(ctx, 0, int(n))
	if err != nil {
		return "", err
	}
	var tree []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, a := range at {
			out[i] = tree[a]
		}
		return out, nil
	})
	for i, entry := range entries {
		text, err := json.Marshal(entry)
		if err != nil {
			return "", err
		}
		more, err := tlog.StoredHashes(int64(i), text, read)
		if err != nil {
			return "", err
		}
		tree = append(tree, more...)
	}
	root, err := tlog.TreeHash(n, read)
	return hex.EncodeToString(root[:]), err
}

// goOn keeps one more decision and checks again.
func (v *verdict) goOn(ctx context.Context, desk trialDesk) {
	e, err := desk.entry(ctx, 1_000_000)
	if err == nil {
		err = desk.Decide(ctx, e)
	}
	if err == nil {
		_, err = desk.Idle(ctx)
	}
	if err == nil {
		err = desk.Integrity(ctx)
	}
	if err != nil {
		v.Corrupt = "going on: " + err.Error()
		return
	}
	if r, err := desk.Verify(ctx); err != nil || !r.OK() {
		v.Chain = fmt.Sprintf("going on: %v %v", r.Faults, err)
	}
}
