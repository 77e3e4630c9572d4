package vault

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Store keeps the vault's rows durably; sync/ledger's Vault is one. Put writes
// all rows or none, and nil deletes one.
type Store interface {
	Get(ctx context.Context, name string) (value []byte, ok bool, err error)
	Put(ctx context.Context, rows map[string][]byte) error
	Names(ctx context.Context, prefix string) ([]string, error)
}

// Errors that callers branch on.
var (
	ErrMachine  = errors.New("keys belong to another machine")
	ErrNobody   = errors.New("officer is not enrolled at this counter")
	ErrPIN      = errors.New("wrong PIN")
	ErrPaused   = errors.New("too many wrong PINs")
	ErrWeakPIN  = errors.New("PIN is not six digits or easy to guess")
	ErrLocked   = errors.New("session is locked")
	ErrPINAgain = errors.New("PIN is needed again to sign")
	ErrOpen     = errors.New("does not open with the keys of this session")
)

// Limits of DESIGN.md, section 7.
const (
	Tries    = 5                // wrong PINs
	Pause    = 30 * time.Minute // after the last of them
	SignFor  = 5 * time.Minute  // after a PIN
	backBy   = time.Minute      // the clock may go back after a PIN, and sign that much longer: what phones' clocks are given
	rowCheck = "machine"
	rowDev   = "device"
)

// Options are what a Vault needs from outside.
type Options struct {
	Now    func() time.Time // trusted time; nil is time.Now
	Floor  func() time.Time // the time before which it cannot be (sync/clock), by which pauses are counted; nil is Now
	Argon2 Argon2           // cost of a PIN; zero is DefaultArgon2
}

// Vault is the counter's keys. It is safe for use by several goroutines.
type Vault struct {
	store   Store
	machine Machine
	now     func() time.Time
	floor   func() time.Time
	argon2  Argon2
	device  ed25519.PrivateKey
	rows    []byte // key of the rows by officer

	deviceMu sync.RWMutex // of device, which TakeNext replaces

	mu sync.Mutex // one PIN at a time: tries are counted one after another
}

// Open opens the vault and makes the device's key where there is none. A store
// that another machine's secret protects is ErrMachine.
func Open(ctx context.Context, store Store, machine Machine, opts Options) (*Vault, error) {
	v := &Vault{store: store, machine: machine, now: opts.Now, floor: opts.Floor, argon2: opts.Argon2}
	if v.now == nil {
		v.now = time.Now
	}
	if v.floor == nil {
		v.floor = v.now
	}
	if v.argon2 == (Argon2{}) {
		v.argon2 = DefaultArgon2
	}
	if err := v.checkMachine(ctx); err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	var err error
	if v.rows, err = machine.Secret("rows"); err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	if err := v.openDevice(ctx); err != nil {
		return nil, fmt.Errorf("open vault: device key: %w", err)
	}
	return v, nil
}

// checkMachine notes at first, and compares later, what this machine's secret
// gives: a lost or exchanged secret must not silently become a new one.
func (v *Vault) checkMachine(ctx context.Context) error {
	want, err := v.machine.Secret("check")
	if err != nil {
		return err
	}
	have, ok, err := v.store.Get(ctx, rowCheck)
	if err != nil {
		return err
	}
	if !ok {
		return v.store.Put(ctx, map[string][]byte{rowCheck: want})
	}
	if !hmac.Equal(have, want) {
		return ErrMachine
	}
	return nil
}

func (v *Vault) openDevice(ctx context.Context) error {
	key, err := v.machine.Secret(rowDev)
	if err != nil {
		return err
	}
	sealed, ok, err := v.store.Get(ctx, rowDev)
	if err != nil {
		return err
	}
	if !ok {
		seed := make([]byte, ed25519.SeedSize)
		rand.Read(seed)
		if sealed, err = seal(key, rowDev, seed); err != nil {
			return err
		}
		if err := v.store.Put(ctx, map[string][]byte{rowDev: sealed}); err != nil {
			return err
		}
	}
	seed, err := unseal(key, rowDev, sealed)
	if err != nil {
		return err
	}
	v.device = ed25519.NewKeyFromSeed(seed)
	return nil
}

// Device is the key that is the device towards central, in TLS and in COSE.
func (v *Vault) Device() crypto.Signer {
	v.deviceMu.RLock()
	defer v.deviceMu.RUnlock()
	return v.device
}

// Protection says what keeps these keys.
func (v *Vault) Protection() Protection { return v.machine.Protection() }

// load reads a row that save wrote. Rows are under the machine's secret, so
// that nobody without it puts an officer of his own among them.
func (v *Vault) load(ctx context.Context, name string, into any) (bool, error) {
	sealed, ok, err := v.store.Get(ctx, name)
	if err != nil || !ok {
		return false, err
	}
	b, err := unseal(v.rows, name, sealed)
	if err != nil {
		return false, fmt.Errorf("vault row: %w", err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return false, fmt.Errorf("vault row %s: %w", name, err)
	}
	return true, nil
}

// row makes a row that load reads.
func (v *Vault) row(name string, value any) ([]byte, error) {
	b, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("vault row %s: %w", name, err)
	}
	return seal(v.rows, name, b)
}
