package vault

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Prefixes of rows by officer.
const (
	rowOfficer = "officer/" // officer/ID: officerRow
	rowTries   = "tries/"   // tries/ID: triesRow
	rowKey     = "key/"     // key/KEYID/ID: a data key sealed to this officer
)

// Officer is somebody who is enrolled at this counter.
type Officer struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Role     string    `json:"role"`      // wire.RoleOfficer, …
	NotAfter time.Time `json:"not_after"` // of the certificate: until then offline
}

// officerRow is an officer at rest. Sealed holds officerSecrets.
type officerRow struct {
	Officer
	Certificate []byte `json:"certificate"`
	Public      []byte `json:"public"` // MLKEM768-X25519, for grants of data keys
	Salt        []byte `json:"salt"`
	Argon2      Argon2 `json:"argon2"`
	Bound       []byte `json:"bound,omitempty"` // of a Guard
	Sealed      []byte `json:"sealed"`
}

type officerSecrets struct {
	Sign []byte `json:"sign"` // Ed25519 seed
	Data []byte `json:"data"` // seed of the key to Public
}

// Certify asks central to certify an officer's new key for this device; the
// officer has logged in there with a password.
type Certify func(ctx context.Context, key crypto.PublicKey) (certificate []byte, notAfter time.Time, err error)

var validID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Officers lists who can log in here, by id.
func (v *Vault) Officers(ctx context.Context) ([]Officer, error) {
	rows, err := v.officers(ctx)
	if err != nil {
		return nil, fmt.Errorf("officers: %w", err)
	}
	out := make([]Officer, len(rows))
	for i, row := range rows {
		out[i] = row.Officer
	}
	return out, nil
}

// officers reads all rows that this machine wrote; others are nobody's.
func (v *Vault) officers(ctx context.Context) ([]officerRow, error) {
	names, err := v.store.Names(ctx, rowOfficer)
	if err != nil {
		return nil, err
	}
	var out []officerRow
	for _, name := range names {
		var row officerRow
		_, err := v.load(ctx, name, &row)
		if errors.Is(err, ErrOpen) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

// Enrol makes an officer's keys at this counter under a new PIN, has them
// certified, and logs in. It also serves an officer who forgot the PIN: the
// old keys here are gone, and what waits in the outbox is not touched.
func (v *Vault) Enrol(ctx context.Context, o Officer, pin string, certify Certify) (*Session, error) {
	if !validID.MatchString(o.ID) {
		return nil, fmt.Errorf("enrol officer: id %q", o.ID)
	}
	if err := CheckPIN(pin); err != nil {
		return nil, err
	}
	sec := officerSecrets{Sign: make([]byte, ed25519.SeedSize), Data: make([]byte, 32)}
	rand.Read(sec.Sign)
	rand.Read(sec.Data)
	key, err := hpke.MLKEM768X25519().NewPrivateKey(sec.Data)
	if err != nil {
		return nil, fmt.Errorf("enrol officer: %w", err)
	}
	row := officerRow{Officer: o, Public: key.PublicKey().Bytes()}
	row.Certificate, row.NotAfter, err = certify(ctx, ed25519.NewKeyFromSeed(sec.Sign).Public())
	if err != nil {
		return nil, fmt.Errorf("enrol officer: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.saveOfficer(ctx, row, sec, pin); err != nil {
		return nil, fmt.Errorf("enrol officer: %w", err)
	}
	return v.session(ctx, row, sec)
}

// saveOfficer seals the secrets under the PIN and writes the row, without the
// grants and tries of an earlier enrolment.
func (v *Vault) saveOfficer(ctx context.Context, row officerRow, sec officerSecrets, pin string) error {
	rows, err := v.forget(ctx, row.ID)
	if err != nil {
		return err
	}
	if rows[rowOfficer+row.ID], err = v.sealOfficer(row, sec, pin); err != nil {
		return err
	}
	return v.store.Put(ctx, rows)
}

func (v *Vault) sealOfficer(row officerRow, sec officerSecrets, pin string) ([]byte, error) {
	row.Salt, row.Argon2 = make([]byte, 16), v.argon2
	rand.Read(row.Salt)
	key, err := v.pinKey(row.ID, pin, row.Salt, row.Argon2)
	if err != nil {
		return nil, err
	}
	if key, row.Bound, err = v.guarded(key, nil); err != nil {
		return nil, err
	}
	plain, err := json.Marshal(sec)
	if err != nil {
		return nil, err
	}
	if row.Sealed, err = seal(key, rowOfficer+row.ID, plain); err != nil {
		return nil, err
	}
	return v.row(rowOfficer+row.ID, row)
}

// forget lists all rows of an officer for deletion.
func (v *Vault) forget(ctx context.Context, officer string) (map[string][]byte, error) {
	rows := map[string][]byte{rowOfficer + officer: nil, rowTries + officer: nil}
	names, err := v.store.Names(ctx, rowKey)
	for _, name := range names {
		if strings.HasSuffix(name, "/"+officer) {
			rows[name] = nil
		}
	}
	return rows, err
}

// Remove takes an officer's keys off this counter.
func (v *Vault) Remove(ctx context.Context, officer string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	rows, err := v.forget(ctx, officer)
	if err != nil {
		return fmt.Errorf("remove officer: %w", err)
	}
	return v.store.Put(ctx, rows)
}

// Renew keeps a fresh certificate of the same key, as after a week offline.
func (v *Vault) Renew(ctx context.Context, officer string, certificate []byte, notAfter time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	row, err := v.officer(ctx, officer)
	if err != nil {
		return fmt.Errorf("renew certificate: %w", err)
	}
	row.Certificate, row.NotAfter = certificate, notAfter
	b, err := v.row(rowOfficer+officer, row)
	if err != nil {
		return err
	}
	return v.store.Put(ctx, map[string][]byte{rowOfficer + officer: b})
}

// ChangePIN seals an officer's keys under another PIN.
func (v *Vault) ChangePIN(ctx context.Context, officer, old, pin string) error {
	if err := CheckPIN(pin); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	row, sec, err := v.try(ctx, officer, old)
	if err != nil {
		return err
	}
	b, err := v.sealOfficer(row, sec, pin)
	if err != nil {
		return fmt.Errorf("change PIN: %w", err)
	}
	return v.store.Put(ctx, map[string][]byte{rowOfficer + officer: b})
}

func (v *Vault) officer(ctx context.Context, id string) (officerRow, error) {
	var row officerRow
	ok, err := v.load(ctx, rowOfficer+id, &row)
	if err == nil && !ok {
		err = ErrNobody
	}
	return row, err
}
