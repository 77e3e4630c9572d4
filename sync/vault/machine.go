package vault

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Protection says what keeps the keys of this PC.
type Protection string

// Kinds of protection.
const (
	File      Protection = "file"       // a copied disk can be tried without limit
	TPM       Protection = "tpm"        // a copied disk opens nothing; in this PC only the program counts wrong PINs
	TPMCounts Protection = "tpm-counts" // and the chip counts them itself: five, then 30 minutes a try
)

// Machine binds keys to this PC.
type Machine interface {
	Protection() Protection
	// Secret gives 32 bytes that only this machine knows, another for each label.
	Secret(label string) ([]byte, error)
}

// A Guard is a Machine that checks an officer's PIN itself, and counts wrong
// ones: the chip, not the program, then refuses.
type Guard interface {
	Machine
	// Bind puts a secret under auth (32 bytes made of the PIN) and gives what to keep.
	Bind(auth, secret []byte) (blob []byte, err error)
	// Unbind gives the secret back; a wrong auth is ErrPIN, ErrPaused says that
	// there were too many.
	Unbind(auth, blob []byte) (secret []byte, err error)
}

// ErrExposed says that others than the program's user can read the machine's
// secret.
var ErrExposed = errors.New("machine secret is readable by others")

// MachineFile is the one secret that is a file, in the kiosk's data folder.
const MachineFile = "machine.key"

// FileMachine keeps its secret in a file of mode 0600 in dir and makes it when
// it is not there.
func FileMachine(dir string) (Machine, error) {
	path := filepath.Join(dir, MachineFile)
	secret, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret, err = makeSecret(path)
	}
	if err != nil {
		return nil, fmt.Errorf("machine secret: %w", err)
	}
	return fileMachine(secret), nil
}

type fileMachine []byte

// Protection implements Machine.
func (fileMachine) Protection() Protection { return File }

// Secret implements Machine.
func (m fileMachine) Secret(label string) ([]byte, error) {
	return hkdf.Key(sha256.New, m, nil, "loket machine "+label, 32)
}

func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s is %v", ErrExposed, path, info.Mode().Perm())
	}
	secret, err := os.ReadFile(path)
	if err == nil && len(secret) != 32 {
		err = fmt.Errorf("%s has %d bytes, want 32", path, len(secret))
	}
	return secret, err
}

func makeSecret(path string) ([]byte, error) {
	secret := make([]byte, 32)
	rand.Read(secret)
	return secret, WriteWhole(path, secret)
}

// WriteWhole writes a file of mode 0600 so that it is there whole or not at
// all, also when the power goes: what it protects must not outlive it.
func WriteWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing after Rename
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
