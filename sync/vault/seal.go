package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"regexp"

	"golang.org/x/crypto/argon2"
)

// Argon2 is what one try of a PIN costs.
type Argon2 struct {
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // KiB
	Threads uint8  `json:"threads"`
}

// DefaultArgon2 is RFC 9106's second recommendation (section 4, for where 2
// GiB are too much), with as many threads as a counter's PC has at least.
var DefaultArgon2 = Argon2{Time: 3, Memory: 64 << 10, Threads: 2}

// pinKey is the key under which an officer's secrets are: both the PIN and this
// machine are needed for it.
func (v *Vault) pinKey(officer, pin string, salt []byte, cost Argon2) ([]byte, error) {
	secret, err := v.machine.Secret(rowOfficer + officer)
	if err != nil {
		return nil, err
	}
	stretched := argon2.IDKey([]byte(pin), salt, cost.Time, cost.Memory, cost.Threads, 32)
	return hkdf.Key(sha256.New, append(stretched, secret...), salt, "loket officer "+officer, 32)
}

// guarded mixes what a Guard gives out for the right PIN into its key, and
// binds a new secret where blob is nil. A machine that is no Guard leaves the
// key as it is.
func (v *Vault) guarded(key, blob []byte) (mixed, bound []byte, err error) {
	guard, ok := v.machine.(Guard)
	if !ok && blob != nil {
		return nil, nil, ErrMachine
	}
	if !ok {
		return key, nil, nil
	}
	auth, err := hkdf.Expand(sha256.New, key, "loket guard", 32)
	if err != nil {
		return nil, nil, err
	}
	var secret []byte
	if blob == nil {
		secret = make([]byte, 32)
		rand.Read(secret)
		if blob, err = guard.Bind(auth, secret); err != nil {
			return nil, nil, err
		}
	} else if secret, err = guard.Unbind(auth, blob); err != nil {
		return nil, nil, err
	}
	mixed, err = hkdf.Key(sha256.New, append(secret, key...), nil, "loket guarded", 32)
	return mixed, blob, err
}

// seal encrypts with AES-256-GCM and a random nonce, bound to a name.
func seal(key []byte, name string, plain []byte) ([]byte, error) {
	aead, err := gcm(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, []byte(name)), nil
}

func unseal(key []byte, name string, sealed []byte) ([]byte, error) {
	aead, err := gcm(key)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, ErrOpen)
	}
	return plain, nil
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// grantInfo is HPKE's info for data keys; the row's name follows it.
const grantInfo = "loket data key "

// grant seals a data key to an officer's public key, bound to its row.
func grant(public []byte, row string, key []byte) ([]byte, error) {
	pub, err := hpke.MLKEM768X25519().NewPublicKey(public)
	if err != nil {
		return nil, err
	}
	return hpke.Seal(pub, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(grantInfo+row), key)
}

// accept opens a grant.
func accept(private hpke.PrivateKey, row string, sealed []byte) ([]byte, error) {
	key, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(grantInfo+row), sealed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", row, ErrOpen)
	}
	return key, nil
}

var sixDigits = regexp.MustCompile(`^[0-9]{6}$`)

// CheckPIN refuses a PIN that is not six digits, has only one or two different
// ones, or counts up or down.
func CheckPIN(pin string) error {
	if !sixDigits.MatchString(pin) {
		return ErrWeakPIN
	}
	distinct := make(map[byte]bool)
	up, down := true, true
	for i := range len(pin) {
		distinct[pin[i]] = true
		if i > 0 {
			up = up && pin[i] == '0'+(pin[i-1]-'0'+1)%10
			down = down && pin[i] == '0'+(pin[i-1]-'0'+9)%10
		}
	}
	if up || down || len(distinct) < 3 {
		return ErrWeakPIN
	}
	return nil
}
