package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

// Home is a data directory that Init made, opened. All of central's work
// begins here; several processes may have the same one open.
type Home struct {
	dir   string
	store *store
	keys  *keys
	chain chain
	now   func() time.Time

	issuing, certifying token.Lookup       // by keys' ids, which are hashes: made once
	officers            *wire.Certificates // of packets' signatures
}

// Secrets are shown once, by Init, and kept nowhere.
type Secrets struct {
	Recovery      string // base32 of the recovery key's 32-byte seed
	Administrator string // officer id
	Password      string // to be changed at the first log-in
}

// ErrExists says that a directory already holds a central.
var ErrExists = errors.New("there is a central here already")

// Administrator is the id of the first administrator.
const Administrator = "admin"

// Init makes a central in dir: keys, certificates, database, first trust list
// and policy, and the first administrator.
func Init(ctx context.Context, dir string, now func() time.Time) (Secrets, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Secrets{}, fmt.Errorf("init: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, RootFile)); err == nil {
		return Secrets{}, fmt.Errorf("init %s: %w", dir, ErrExists)
	}
	k, err := newKeys(dir)
	if err != nil {
		return Secrets{}, fmt.Errorf("init: %w", err)
	}
	if err := newChain(dir, k, now()); err != nil {
		return Secrets{}, fmt.Errorf("init: %w", err)
	}
	h, err := OpenHome(ctx, dir, now)
	if err != nil {
		return Secrets{}, err
	}
	defer h.Close()
	recovery, public, err := newRecovery()
	if err != nil {
		return Secrets{}, fmt.Errorf("init: %w", err)
	}
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		if err := putSetting(ctx, tx, "recovery", public.Public); err != nil {
			return err
		}
		if err := h.signTrust(ctx, tx); err != nil {
			return err
		}
		return h.signPolicy(ctx, tx, defaultPolicy())
	})
	if err != nil {
		return Secrets{}, fmt.Errorf("init: %w", err)
	}
	password, err := h.AddOfficer(ctx, Officer{ID: Administrator, Name: "Administrator", Role: wire.RoleAdministrator})
	if err != nil {
		return Secrets{}, fmt.Errorf("init: %w", err)
	}
	return Secrets{recovery, Administrator, password}, nil
}

// OpenHome opens a data directory. now is the clock.
func OpenHome(ctx context.Context, dir string, now func() time.Time) (*Home, error) {
	k, err := loadKeys(dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	c, err := loadChain(dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	s, err := openStore(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	h := &Home{dir: dir, store: s, keys: k, chain: c, now: now, issuing: token.Keys(k.issuer.Public()), certifying: token.Keys(k.device.Public())}
	h.officers = wire.NewCertificates(h.certifiers())
	return h, nil
}

// Close closes the database.
func (h *Home) Close() error { return h.store.close() }
