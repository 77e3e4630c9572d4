package thief_test

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"loket/sync/ledger"
	"loket/sync/ledger/thief"
)

// TestCover: what is covered up the ledger's own check does not find; what is
// not it does. That is why central holds heads.
func TestCover(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*thief.Thief)
		cover  bool
		found  bool
	}{
		"nothing":             {func(*thief.Thief) {}, false, false},
		"edited":              {func(f *thief.Thief) { f.Edit(3, rand.New(rand.NewPCG(1, 1))) }, false, true},
		"removed":             {func(f *thief.Thief) { f.Delete(3) }, false, true},
		"exchanged":           {func(f *thief.Thief) { f.Swap(2, 4) }, false, true},
		"truncated":           {func(f *thief.Thief) { f.Truncate(3) }, false, true},
		"edited, covered":     {func(f *thief.Thief) { f.Entries[3].Text = `{"n":3,"kind":"log-in"}` }, true, false},
		"removed, covered":    {func(f *thief.Thief) { f.Delete(3) }, true, false},
		"exchanged, covered":  {func(f *thief.Thief) { f.Swap(2, 4) }, true, false},
		"truncated, covered":  {func(f *thief.Thief) { f.Truncate(3) }, true, false},
		"only renumbered, ok": {func(*thief.Thief) {}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			l, err := ledger.Open(t.Context(), path, ledger.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for range 6 {
				if err := l.Record(t.Context(), "log-in", map[string]string{"officer": "p-001"}); err != nil {
					t.Fatal(err)
				}
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			f, err := thief.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			c.change(f)
			if err := f.Write(t.Context(), c.cover, 0); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if l, err = ledger.Open(t.Context(), path, ledger.Options{}); err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			r, err := l.Verify(t.Context())
			if err != nil || r.OK() == c.found {
				t.Errorf("found %v, %v", r.Faults, err)
			}
		})
	}
}
