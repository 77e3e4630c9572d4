package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Names of the ledger's own settings; callers' names have no such prefix.
const (
	settingDevice = "ledger.device"
	settingEpoch  = "ledger.epoch"
	settingCursor = "ledger.cursor"
	settingHeld   = "ledger.head-held" // the last head that central acknowledged
	settingSynced = "ledger.synced"    // when it did, in milliseconds
	settingClosed = "ledger.day-closed"
)

// Get reads a setting; ErrNotFound where it was never set.
func (l *Ledger) Get(ctx context.Context, name string) ([]byte, error) {
	return get(ctx, l.read, "settings", name)
}

// Set writes a setting durably.
func (l *Ledger) Set(ctx context.Context, name string, value []byte) error {
	return l.SetAll(ctx, map[string][]byte{name: value})
}

// SetAll writes several settings in one transaction; nil deletes one.
func (l *Ledger) SetAll(ctx context.Context, values map[string][]byte) error {
	return l.tx(ctx, func(t *tx) error {
		for name, value := range values {
			if err := put(t, "settings", name, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// Vault is the rows of sync/vault in this ledger.
type Vault struct{ l *Ledger }

// Vault gives sync/vault its rows.
func (l *Ledger) Vault() Vault { return Vault{l} }

// Get reads a row; ok is false where there is none.
func (v Vault) Get(ctx context.Context, name string) (value []byte, ok bool, err error) {
	value, err = get(ctx, v.l.read, "vault", name)
	if errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	return value, err == nil, err
}

// Put writes rows in one transaction; nil deletes one.
func (v Vault) Put(ctx context.Context, rows map[string][]byte) error {
	return v.l.tx(ctx, func(t *tx) error {
		for name, value := range rows {
			if err := put(t, "vault", name, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// Names lists the rows whose name begins with prefix, in order.
func (v Vault) Names(ctx context.Context, prefix string) ([]string, error) {
	rows, err := v.l.read.QueryContext(ctx, "SELECT name FROM vault ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("vault names: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("vault names: %w", err)
		}
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names, rows.Err()
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// get reads value by name from settings or vault.
func get(ctx context.Context, q querier, table, name string) ([]byte, error) {
	var value []byte
	err := q.QueryRowContext(ctx, "SELECT value FROM "+table+" WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%s %s: %w", table, name, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", table, name, err)
	}
	return value, nil
}

// put writes or, for nil, deletes value by name in settings or vault.
func put(t *tx, table, name string, value []byte) error {
	query, args := "INSERT INTO "+table+" (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", []any{name, value}
	if value == nil {
		query, args = "DELETE FROM "+table+" WHERE name = ?", args[:1]
	}
	if _, err := t.exec(query, args...); err != nil {
		return fmt.Errorf("%s %s: %w", table, name, err)
	}
	return nil
}
