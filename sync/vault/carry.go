package vault

import (
	"context"
	"fmt"
	"maps"
	"strings"
)

// Carry gives to, which takes from's place, from's counts of wrong PINs with
// their pauses, and returns it as a store of which each later count is kept in
// from too: who restores a backup again and again has no more tries than who
// does not. Both stores are of one machine.
func Carry(ctx context.Context, from, to Store) (Store, error) {
	rows := map[string][]byte{}
	for _, s := range []Store{to, from} { // what only to has is wiped
		names, err := s.Names(ctx, rowTries)
		if err != nil {
			return nil, fmt.Errorf("carry wrong PINs over: %w", err)
		}
		for _, name := range names {
			if rows[name], _, err = from.Get(ctx, name); err != nil {
				return nil, fmt.Errorf("carry wrong PINs over: %w", err)
			}
		}
	}
	for _, s := range []Store{from, to} { // from keeps what it has: it has to be writable before a PIN is tried
		if err := s.Put(ctx, rows); err != nil {
			return nil, fmt.Errorf("carry wrong PINs over: %w", err)
		}
	}
	return carried{to, from}, nil
}

// carried is a Store with the counts of another one.
type carried struct {
	Store
	from Store
}

// Put implements Store.
func (c carried) Put(ctx context.Context, rows map[string][]byte) error {
	counts := maps.Clone(rows)
	maps.DeleteFunc(counts, func(name string, _ []byte) bool { return !strings.HasPrefix(name, rowTries) })
	if len(counts) > 0 {
		if err := c.from.Put(ctx, counts); err != nil {
			return err
		}
	}
	return c.Store.Put(ctx, rows)
}
