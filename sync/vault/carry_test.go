package vault_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"loket/sync/vault"
)

var errFull = errors.New("no space")

// shelf is a Store in memory that may be full.
type shelf struct {
	rows map[string][]byte
	full bool
}

func (s *shelf) Get(_ context.Context, name string) ([]byte, bool, error) {
	v, ok := s.rows[name]
	return v, ok, nil
}

func (s *shelf) Put(_ context.Context, rows map[string][]byte) error {
	if s.full {
		return errFull
	}
	for name, v := range rows {
		if s.rows[name] = v; v == nil {
			delete(s.rows, name)
		}
	}
	return nil
}

func (s *shelf) Names(_ context.Context, prefix string) (names []string, err error) {
	for name := range s.rows {
		if len(name) >= len(prefix) && name[:len(prefix)] == prefix {
			names = append(names, name)
		}
	}
	return names, nil
}

// TestCarry: the counts of the store that is replaced come along and are kept in
// both, nothing else does; where they can't be kept, nothing is begun.
func TestCarry(t *testing.T) {
	rows := func(of ...string) map[string][]byte {
		m := map[string][]byte{}
		for i := 0; i < len(of); i += 2 {
			m[of[i]] = []byte(of[i+1])
		}
		return m
	}
	same := func(a, b map[string][]byte) bool {
		return maps.EqualFunc(a, b, func(x, y []byte) bool { return string(x) == string(y) })
	}
	from := &shelf{rows: rows("tries/a", "4", "officer/a", "new")}
	to := &shelf{rows: rows("tries/a", "1", "tries/b", "2", "officer/a", "old")}
	from.full = true
	if _, err := vault.Carry(t.Context(), from, to); !errors.Is(err, errFull) || !same(to.rows, rows("tries/a", "1", "tries/b", "2", "officer/a", "old")) {
		t.Errorf("from a full one: %v, %q", err, to.rows)
	}
	from.full = false
	store, err := vault.Carry(t.Context(), from, to)
	if err != nil || !same(to.rows, rows("tries/a", "4", "officer/a", "old")) {
		t.Fatalf("%v, %q", err, to.rows)
	}
	if err := store.Put(t.Context(), rows("tries/a", "5", "key/1", "k")); err != nil {
		t.Fatal(err)
	}
	if !same(to.rows, rows("tries/a", "5", "officer/a", "old", "key/1", "k")) || !same(from.rows, rows("tries/a", "5", "officer/a", "new")) {
		t.Errorf("to %q, from %q", to.rows, from.rows)
	}
	from.full = true // a count that can't be kept is no try
	if err := store.Put(t.Context(), rows("tries/a", "6")); !errors.Is(err, errFull) || string(to.rows["tries/a"]) != "5" {
		t.Errorf("%v, %q", err, to.rows)
	}
}
