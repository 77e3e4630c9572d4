package vault

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
)

// rowNext is the device's key that is to follow the present one.
const rowNext = "device-next"

// ErrNoNext says that no other device key was made.
var ErrNoNext = errors.New("no other device key was made")

// NextDevice is the key that is to follow the device's present one, made and
// kept at the first call. Central is told of it before TakeNext puts it in its
// place, so that whatever breaks in between, one of both is known there.
func (v *Vault) NextDevice(ctx context.Context) (crypto.Signer, error) {
	key, err := v.machine.Secret(rowNext)
	if err != nil {
		return nil, fmt.Errorf("next device key: %w", err)
	}
	sealed, ok, err := v.store.Get(ctx, rowNext)
	if err != nil {
		return nil, fmt.Errorf("next device key: %w", err)
	}
	if !ok {
		seed := make([]byte, ed25519.SeedSize)
		rand.Read(seed)
		if sealed, err = seal(key, rowNext, seed); err != nil {
			return nil, fmt.Errorf("next device key: %w", err)
		}
		if err := v.store.Put(ctx, map[string][]byte{rowNext: sealed}); err != nil {
			return nil, fmt.Errorf("next device key: %w", err)
		}
	}
	seed, err := unseal(key, rowNext, sealed)
	if err != nil {
		return nil, fmt.Errorf("next device key: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// TakeNext makes the next key the device's, for good: the one before is gone.
func (v *Vault) TakeNext(ctx context.Context) error {
	if _, ok, err := v.store.Get(ctx, rowNext); err != nil || !ok {
		return errors.Join(err, ErrNoNext)
	}
	next, err := v.NextDevice(ctx)
	if err != nil {
		return err
	}
	private, ok := next.(ed25519.PrivateKey)
	if !ok {
		return fmt.Errorf("next device key: %T", next)
	}
	key, err := v.machine.Secret(rowDev)
	if err != nil {
		return fmt.Errorf("next device key: %w", err)
	}
	sealed, err := seal(key, rowDev, private.Seed())
	if err != nil {
		return fmt.Errorf("next device key: %w", err)
	}
	if err := v.store.Put(ctx, map[string][]byte{rowDev: sealed, rowNext: nil}); err != nil {
		return fmt.Errorf("next device key: %w", err)
	}
	v.deviceMu.Lock()
	defer v.deviceMu.Unlock()
	v.device = private
	return nil
}
