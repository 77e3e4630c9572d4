package tpm

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"loket/scanner/token"
	"loket/sync/vault"
)

// chip is a connection with a storage root key.
type chip struct {
	tpm transport.TPMCloser
	srk tpm2.NamedHandle
	pub tpm2.TPMTPublic
}

// connect opens the TPM and derives its storage root key, which is always the
// same for one chip and one owner (TCG's template for ECC P-256).
func connect(device string) (*chip, error) {
	t, err := dial(device)
	if err != nil {
		return nil, err
	}
	r, err := tpm2.CreatePrimary{PrimaryHandle: tpm2.TPMRHOwner, InPublic: tpm2.New2B(tpm2.ECCSRKTemplate)}.Execute(t)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("storage root key: %w", err), t.Close())
	}
	c := &chip{tpm: t, srk: tpm2.NamedHandle{Handle: r.ObjectHandle, Name: r.Name}}
	pub, err := r.OutPublic.Contents()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("storage root key: %w", err), c.close())
	}
	c.pub = *pub
	return c, nil
}

func (c *chip) close() error {
	_, err := tpm2.FlushContext{FlushHandle: c.srk.Handle}.Execute(c.tpm)
	return errors.Join(err, c.tpm.Close())
}

// session proves auth without showing it on the bus, and encrypts what goes
// over it.
func (c *chip) session(auth []byte) tpm2.Session {
	return tpm2.HMAC(tpm2.TPMAlgSHA256, 16, tpm2.Auth(auth), tpm2.AESEncryption(128, tpm2.EncryptInOut), tpm2.Salted(c.srk.Handle, c.pub))
}

// out is session for a command whose answer alone is encrypted.
func (c *chip) out(auth []byte) tpm2.Session {
	return tpm2.HMAC(tpm2.TPMAlgSHA256, 16, tpm2.Auth(auth), tpm2.AESEncryption(128, tpm2.EncryptOut), tpm2.Salted(c.srk.Handle, c.pub))
}

// proof makes the chip's auth value: 128 bits in hexadecimal, since go-tpm v0.9.8
// ends the key of a session's HMAC at the first zero byte of an auth
// (hmacKeyFromAuthValue in tpm2/sessions.go; the chip trims zeros at the end
// only), which refused one right PIN in nine.
func proof(auth []byte) []byte {
	if auth == nil {
		return nil
	}
	sum := sha256.Sum256(auth)
	return hex.AppendEncode(nil, sum[:16])
}

// sealed is an object that only this chip loads.
type sealed struct {
	_       struct{} `cbor:",toarray"`
	Public  []byte
	Private []byte
}

// seal makes an object that gives secret to who knows auth. Wrong tries of an
// auth count; nil is none, and nothing to count.
func (c *chip) seal(secret, auth []byte) ([]byte, error) {
	r, err := tpm2.Create{
		ParentHandle: tpm2.AuthHandle{Handle: c.srk.Handle, Name: c.srk.Name, Auth: c.session(nil)},
		InSensitive: tpm2.TPM2BSensitiveCreate{Sensitive: &tpm2.TPMSSensitiveCreate{
			UserAuth: tpm2.TPM2BAuth{Buffer: proof(auth)},
			Data:     tpm2.NewTPMUSensitiveCreate(&tpm2.TPM2BSensitiveData{Buffer: secret}),
		}},
		InPublic: tpm2.New2B(tpm2.TPMTPublic{Type: tpm2.TPMAlgKeyedHash, NameAlg: tpm2.TPMAlgSHA256,
			ObjectAttributes: tpm2.TPMAObject{FixedTPM: true, FixedParent: true, UserWithAuth: true, NoDA: auth == nil}}),
	}.Execute(c.tpm)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return token.Encode(sealed{Public: tpm2.Marshal(r.OutPublic), Private: tpm2.Marshal(r.OutPrivate)})
}

// unseal gives the secret; a wrong auth is vault.ErrPIN, a chip that refuses
// tries for now is vault.ErrPaused.
func (c *chip) unseal(blob, auth []byte) ([]byte, error) {
	var s sealed
	if err := token.Decode(blob, &s); err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	}
	public, err := tpm2.Unmarshal[tpm2.TPM2BPublic](s.Public)
	if err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	}
	private, err := tpm2.Unmarshal[tpm2.TPM2BPrivate](s.Private)
	if err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	}
	loaded, err := tpm2.Load{
		ParentHandle: tpm2.AuthHandle{Handle: c.srk.Handle, Name: c.srk.Name, Auth: c.out(nil)},
		InPrivate:    *private, InPublic: *public,
	}.Execute(c.tpm)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	secret, err := c.give(tpm2.NamedHandle{Handle: loaded.ObjectHandle, Name: loaded.Name}, auth)
	_, flush := tpm2.FlushContext{FlushHandle: loaded.ObjectHandle}.Execute(c.tpm)
	return secret, errors.Join(err, flush)
}

// give unseals a loaded object. A chip that has just started may ask for the
// same command again, once it has noted that a count is open.
func (c *chip) give(h tpm2.NamedHandle, auth []byte) ([]byte, error) {
	for try := 0; ; try++ {
		r, err := tpm2.Unseal{ItemHandle: tpm2.AuthHandle{Handle: h.Handle, Name: h.Name, Auth: c.out(proof(auth))}}.Execute(c.tpm)
		switch {
		case err == nil:
			return r.OutData.Buffer, nil
		case errors.Is(err, tpm2.TPMRCRetry) && try < 3:
			continue
		case errors.Is(err, tpm2.TPMRCAuthFail):
			return nil, vault.ErrPIN
		case errors.Is(err, tpm2.TPMRCLockout):
			return nil, vault.ErrPaused
		}
		return nil, fmt.Errorf("unseal: %w", err)
	}
}

// lockout reads after how many wrong tries the chip pauses, and how long one
// try then takes.
func (c *chip) lockout() (most int, pause time.Duration, err error) {
	m, err := c.property(tpm2.TPMPTMaxAuthFail)
	if err != nil {
		return 0, 0, err
	}
	seconds, err := c.property(tpm2.TPMPTLockoutInterval)
	return int(m), time.Duration(seconds) * time.Second, err
}

func (c *chip) property(p tpm2.TPMPT) (uint32, error) {
	r, err := tpm2.GetCapability{Capability: tpm2.TPMCapTPMProperties, Property: uint32(p), PropertyCount: 1}.Execute(c.tpm)
	if err != nil {
		return 0, fmt.Errorf("property %#x: %w", uint32(p), err)
	}
	list, err := r.CapabilityData.Data.TPMProperties()
	if err != nil || len(list.TPMProperty) != 1 || list.TPMProperty[0].Property != p {
		return 0, errors.Join(fmt.Errorf("property %#x: not answered", uint32(p)), err)
	}
	return list.TPMProperty[0].Value, nil
}

// errRefused is an answer of the chip to a command that go-tpm does not have.
type errRefused uint32

func (e errRefused) Error() string { return fmt.Sprintf("TPM answers %#x", uint32(e)) }

// isRefusal says that the chip is well but does not let itself be set.
func isRefusal(err error) bool {
	var e errRefused
	return errors.As(err, &e)
}

// setLockout sends TPM2_DictionaryAttackParameters (part 3, section 25.3),
// which go-tpm v0.9.8 lacks, with the lockout's password empty as it is on a PC
// whose owner has not set one.
func (c *chip) setLockout(most int, pause time.Duration) error {
	const sessions, command, lockout, password = 0x8002, 0x0000013A, 0x4000000A, 0x40000009
	be := binary.BigEndian
	b := be.AppendUint16(nil, sessions)
	b = be.AppendUint32(b, 0) // size, below
	b = be.AppendUint32(b, command)
	b = be.AppendUint32(b, lockout)
	b = be.AppendUint32(b, 9) // bytes of the session that follows: no nonce, continued, no password
	b = be.AppendUint32(b, password)
	b = append(b, 0, 0, 1, 0, 0)
	b = be.AppendUint32(b, uint32(most))
	b = be.AppendUint32(b, uint32(pause/time.Second)) // one try is forgiven in this time
	b = be.AppendUint32(b, uint32(pause/time.Second)) // of the lockout's own password
	be.PutUint32(b[2:], uint32(len(b)))
	answer, err := c.tpm.Send(b)
	if err != nil {
		return fmt.Errorf("set lockout: %w", err)
	}
	if len(answer) < 10 {
		return fmt.Errorf("set lockout: answer of %d bytes", len(answer))
	}
	if code := be.Uint32(answer[6:]); code != 0 {
		return fmt.Errorf("set lockout: %w", errRefused(code))
	}
	return nil
}
