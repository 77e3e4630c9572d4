package tpm

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"loket/sync/vault"
)

// Device is where Linux has the TPM with its resource manager.
const Device = "/dev/tpmrm0"

// blobFile holds the sealed secret in the kiosk's data folder.
const blobFile = "machine.tpm"

// Machine is a PC whose secret a TPM keeps. It is safe for use by several
// goroutines.
type Machine struct {
	mu     sync.Mutex // the chip does one thing at a time
	device string
	secret []byte
	counts bool
}

var _ vault.Guard = (*Machine)(nil)

// Choose gives the machine of a data folder. What the folder was begun with
// stays: a file, or the TPM, without which it is then vault.ErrMachine. A new
// folder takes the TPM at device where one works, else a file.
func Choose(dir, device string) (vault.Machine, error) {
	if _, err := os.Stat(filepath.Join(dir, blobFile)); err == nil {
		return Open(dir, device)
	}
	if _, err := os.Stat(filepath.Join(dir, vault.MachineFile)); err == nil {
		return vault.FileMachine(dir)
	}
	if m, err := Open(dir, device); err == nil {
		return m, nil
	}
	return vault.FileMachine(dir)
}

// Open opens the secret of a data folder with the TPM at device (a character
// device, or the socket of swtpm), and makes one where there is none. A blob
// that another chip sealed is vault.ErrMachine.
func Open(dir, device string) (*Machine, error) {
	m := &Machine{device: device}
	if err := m.do(m.lockout); err != nil { // before anything is written for this chip
		return nil, fmt.Errorf("TPM %s: %w", device, lost(dir, err))
	}
	path := filepath.Join(dir, blobFile)
	blob, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = m.begin(path)
	case err == nil:
		if err = m.do(func(c *chip) (err error) { m.secret, err = c.unseal(blob, nil); return err }); err != nil {
			err = fmt.Errorf("%w: %w", vault.ErrMachine, err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("TPM %s: %w", device, err)
	}
	return m, nil
}

// lost says of a folder that was begun with a chip that it is not there.
func lost(dir string, err error) error {
	if _, none := os.Stat(filepath.Join(dir, blobFile)); none != nil {
		return err
	}
	return fmt.Errorf("%w: %w", vault.ErrMachine, err)
}

// begin seals a new secret.
func (m *Machine) begin(path string) error {
	m.secret = make([]byte, 32)
	rand.Read(m.secret)
	var blob []byte
	if err := m.do(func(c *chip) (err error) { blob, err = c.seal(m.secret, nil); return err }); err != nil {
		return err
	}
	return vault.WriteWhole(path, blob)
}

// lockout looks whether the chip pauses after five wrong PINs, and asks it to
// where it does not: what its owner has set stricter stays.
func (m *Machine) lockout(c *chip) error {
	for try := range 2 {
		most, pause, err := c.lockout()
		if err != nil {
			return err
		}
		if m.counts = most <= vault.Tries && pause >= vault.Pause; m.counts || try > 0 {
			return nil
		}
		if err := c.setLockout(vault.Tries, vault.Pause); err != nil && !isRefusal(err) {
			return err
		}
	}
	return nil
}

// Protection implements vault.Machine.
func (m *Machine) Protection() vault.Protection {
	if m.counts {
		return vault.TPMCounts
	}
	return vault.TPM
}

// Secret implements vault.Machine.
func (m *Machine) Secret(label string) ([]byte, error) {
	return hkdf.Key(sha256.New, m.secret, nil, "loket machine "+label, 32)
}

// Bind implements vault.Guard.
func (m *Machine) Bind(auth, secret []byte) (blob []byte, err error) {
	err = m.do(func(c *chip) (err error) { blob, err = c.seal(secret, auth); return err })
	if err != nil {
		return nil, fmt.Errorf("TPM %s: %w", m.device, err)
	}
	return blob, nil
}

// Unbind implements vault.Guard.
func (m *Machine) Unbind(auth, blob []byte) (secret []byte, err error) {
	err = m.do(func(c *chip) (err error) { secret, err = c.unseal(blob, auth); return err })
	if err != nil {
		return nil, fmt.Errorf("TPM %s: %w", m.device, err)
	}
	return secret, nil
}

// do runs f with the chip and its storage root key.
func (m *Machine) do(f func(*chip) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := connect(m.device)
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.close())
}
