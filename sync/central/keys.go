package central

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"loket/sync/wire"
)

// keys are central's own. Each lies in a file of its own under keys/, so that
// a site can move the root's to a safe place when nothing is to be signed.
type keys struct {
	root   ed25519.PrivateKey // trust list, policy, CA
	ca     ed25519.PrivateKey // X.509 of devices and of the listeners
	issuer ed25519.PrivateKey // registration credentials
	device ed25519.PrivateKey // certificates of devices and officers
	seal   hpke.PrivateKey    // opens packets
	secret []byte             // 32 bytes: hashes of codes, mail at rest
}

const keyDir = "keys"

// signingKeys are the files of the Ed25519 keys.
func (k *keys) signingKeys() map[string]*ed25519.PrivateKey {
	return map[string]*ed25519.PrivateKey{"root.pem": &k.root, "ca.pem": &k.ca, "issuer.pem": &k.issuer, "device.pem": &k.device}
}

// newKeys draws all keys and writes them to dir, which must not have any.
func newKeys(dir string) (*keys, error) {
	if err := os.MkdirAll(filepath.Join(dir, keyDir), 0o700); err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	k := &keys{secret: make([]byte, 32)}
	for name, key := range k.signingKeys() {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("make keys: %w", err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			return nil, fmt.Errorf("make keys: %w", err)
		}
		*key = private
		if err := writeKey(dir, name, "PRIVATE KEY", der); err != nil {
			return nil, err
		}
	}
	var err error
	if k.seal, err = hpke.MLKEM768X25519().GenerateKey(); err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	seal, err := k.seal.Bytes()
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	if err := writeKey(dir, "seal.pem", "MLKEM768-X25519 PRIVATE KEY", seal); err != nil {
		return nil, err
	}
	rand.Read(k.secret)
	return k, writeKey(dir, "secret.pem", "LOKET SECRET", k.secret)
}

// writeKey makes a file that only its owner reads, and never replaces one.
func writeKey(dir, name, kind string, data []byte) error {
	f, err := os.OpenFile(filepath.Join(dir, keyDir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	err = pem.Encode(f, &pem.Block{Type: kind, Bytes: data})
	return errors.Join(err, f.Sync(), f.Close())
}

func readKey(dir, name string) ([]byte, error) {
	path := filepath.Join(dir, keyDir, name)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read key: %w (is this a directory that \"central init\" made?)", err)
	} else if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("read key: %s is not PEM", path)
	}
	return block.Bytes, nil
}

func loadKeys(dir string) (*keys, error) {
	k := &keys{}
	for name, key := range k.signingKeys() {
		der, err := readKey(dir, name)
		if err != nil {
			return nil, err
		}
		private, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return nil, fmt.Errorf("read key %s: %w", name, err)
		}
		var ok bool
		if *key, ok = private.(ed25519.PrivateKey); !ok {
			return nil, fmt.Errorf("read key %s: %T, want Ed25519", name, private)
		}
	}
	seal, err := readKey(dir, "seal.pem")
	if err != nil {
		return nil, err
	}
	if k.seal, err = hpke.MLKEM768X25519().NewPrivateKey(seal); err != nil {
		return nil, fmt.Errorf("read key seal.pem: %w", err)
	}
	k.secret, err = readKey(dir, "secret.pem")
	return k, err
}

// mac is a keyed hash for one purpose: what it covers can't be guessed from a
// copy of the database alone.
func (k *keys) mac(purpose string, parts ...string) []byte {
	h := hmac.New(sha256.New, k.secret)
	fmt.Fprintf(h, "%q", append([]string{purpose}, parts...))
	return h.Sum(nil)
}

// newRecovery draws the offline recovery key: its text is shown once.
func newRecovery() (text string, public wire.SealKey, err error) {
	private, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return "", wire.SealKey{}, fmt.Errorf("make recovery key: %w", err)
	}
	seed, err := private.Bytes()
	if err != nil {
		return "", wire.SealKey{}, fmt.Errorf("make recovery key: %w", err)
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(seed), sealKey("recovery", private.PublicKey()), nil
}

func sealKey(name string, public hpke.PublicKey) wire.SealKey {
	sum := sha256.Sum256(public.Bytes())
	return wire.SealKey{Name: name, KID: sum[:8], Public: public.Bytes()}
}

// spki is the DER of a public key that was made here.
func spki(public crypto.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err) // not an Ed25519 key
	}
	return der
}
