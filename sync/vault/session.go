package vault

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"loket/sync/wire"
)

// Session is an officer who is logged in. It reads and writes what is under the
// data keys, and signs decisions for SignFor after each PIN. It is safe for use
// by several goroutines; Lock it when the officer leaves.
type Session struct {
	vault   *Vault
	officer Officer

	mu          sync.Mutex
	certificate []byte
	sign        ed25519.PrivateKey // nil while locked or SignFor has passed
	since       time.Time          // of the last PIN
	keys        []dataKey          // oldest first; nil while locked
}

// Session signs decisions.
var _ wire.Approver = (*Session)(nil)

// dataKey is one key to roster, drafts and the duplicates' hash. Usually there
// is one; an officer who was enrolled while no other was logged in brings a
// further one, and is given the older ones when another logs in.
type dataKey struct {
	id  string // time in milliseconds and random, so that ids sort by age
	key []byte
}

// keyIDLen is the length of a data key's id: 13 digits, a hyphen, 8 hex.
const keyIDLen = 22

// LogIn opens an officer's session with the PIN. A wrong one is a *PINError.
func (v *Vault) LogIn(ctx context.Context, officer, pin string) (*Session, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	row, sec, err := v.try(ctx, officer, pin)
	if err != nil {
		return nil, err
	}
	return v.session(ctx, row, sec)
}

// session opens what the officer's secrets open.
func (v *Vault) session(ctx context.Context, row officerRow, sec officerSecrets) (*Session, error) {
	s := &Session{vault: v, officer: row.Officer}
	if err := s.open(ctx, row, sec); err != nil {
		return nil, fmt.Errorf("open session: %w", err)
	}
	return s, nil
}

func (s *Session) open(ctx context.Context, row officerRow, sec officerSecrets) error {
	keys, err := s.vault.dataKeys(ctx, row, sec)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.certificate, s.sign, s.since, s.keys = row.Certificate, ed25519.NewKeyFromSeed(sec.Sign), s.vault.now(), keys
	return nil
}

// Confirm takes the PIN again: to sign, or to unlock.
func (s *Session) Confirm(ctx context.Context, pin string) error {
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	row, sec, err := s.vault.try(ctx, s.officer.ID, pin)
	if err != nil {
		return err
	}
	return s.open(ctx, row, sec)
}

// Lock forgets every key. Confirm opens the session again.
func (s *Session) Lock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sign)
	for _, k := range s.keys {
		clear(k.key)
	}
	s.sign, s.keys = nil, nil
}

// Officer is who is logged in.
func (s *Session) Officer() Officer { return s.officer }

// Certificate implements wire.Approver.
func (s *Session) Certificate() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.certificate
}

// Approve implements wire.Approver: it signs a decision's payload, within
// SignFor of the last PIN; later it is ErrPINAgain.
func (s *Session) Approve(as wire.Capacity, payload []byte) ([]byte, error) {
	key, err := s.signer()
	if err != nil {
		return nil, err
	}
	return wire.SignPayload(as, key, payload)
}

// Signer is the officer's key for requests to central, within SignFor of the
// last PIN.
func (s *Session) Signer() (crypto.Signer, error) { return s.signer() }

func (s *Session) signer() (ed25519.PrivateKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil {
		return nil, ErrLocked
	}
	// Central's time comes in whole seconds and may set the clock back a little.
	if d := s.vault.now().Sub(s.since); d < -backBy || d > SignFor {
		clear(s.sign)
		s.sign = nil
	}
	if s.sign == nil {
		return nil, ErrPINAgain
	}
	return slices.Clone(s.sign), nil
}

// Seal encrypts for any officer of this counter, bound to a name (the row it
// will stand in).
func (s *Session) Seal(name string, plain []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) == 0 {
		return nil, ErrLocked
	}
	sealed, err := seal(s.keys[0].key, name, plain)
	if err != nil {
		return nil, err
	}
	return append([]byte(s.keys[0].id), sealed...), nil
}

// Open decrypts what Seal made under the same name.
func (s *Session) Open(name string, sealed []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) == 0 {
		return nil, ErrLocked
	}
	for _, k := range s.keys {
		if len(sealed) > keyIDLen && string(sealed[:keyIDLen]) == k.id {
			return unseal(k.key, name, sealed[keyIDLen:])
		}
	}
	return nil, fmt.Errorf("%s: %w", name, ErrOpen)
}

// Hashes are keyed hashes of a value for one purpose (finding a NIK again),
// one per data key. The first is the one to store; any may be stored already.
func (s *Session) Hashes(purpose, value string) ([][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) == 0 {
		return nil, ErrLocked
	}
	out := make([][]byte, len(s.keys))
	for i, k := range s.keys {
		mac := hmac.New(sha256.New, k.key)
		mac.Write([]byte("loket hash " + purpose + "\x00" + value))
		out[i] = mac.Sum(nil)
	}
	return out, nil
}

// dataKeys opens every key that was granted to the officer, makes one where
// there is none, and grants to the others what they lack.
func (v *Vault) dataKeys(ctx context.Context, row officerRow, sec officerSecrets) ([]dataKey, error) {
	private, err := hpke.MLKEM768X25519().NewPrivateKey(sec.Data)
	if err != nil {
		return nil, err
	}
	names, err := v.store.Names(ctx, rowKey)
	if err != nil {
		return nil, err
	}
	var keys []dataKey
	for _, name := range names { // in order of age
		id, owner, _ := strings.Cut(strings.TrimPrefix(name, rowKey), "/")
		if owner != row.ID {
			continue
		}
		sealed, _, err := v.store.Get(ctx, name)
		if err != nil {
			return nil, err
		}
		key, err := accept(private, name, sealed)
		if errors.Is(err, ErrOpen) {
			continue // damaged, or put there by somebody: the others still open
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, dataKey{id, key})
	}
	if len(keys) == 0 {
		keys = []dataKey{v.newDataKey()}
	}
	return keys, v.grantAll(ctx, keys, names)
}

func (v *Vault) newDataKey() dataKey {
	b := make([]byte, 36)
	rand.Read(b)
	return dataKey{fmt.Sprintf("%013d-%s", v.now().UnixMilli(), hex.EncodeToString(b[:4])), b[4:]}
}

// grantAll seals each key to each officer who has no row for it.
func (v *Vault) grantAll(ctx context.Context, keys []dataKey, have []string) error {
	officers, err := v.officers(ctx)
	if err != nil {
		return err
	}
	rows := make(map[string][]byte)
	for _, o := range officers {
		for _, k := range keys {
			row := rowKey + k.id + "/" + o.ID
			if slices.Contains(have, row) {
				continue
			}
			if rows[row], err = grant(o.Public, row, k.key); err != nil {
				return err
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return v.store.Put(ctx, rows)
}
