package vault_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"testing"

	"loket/sync/vault"
)

// TestNextDeviceKey: the next key stays the same until it is taken, also over a
// restart, and what officers have is not touched by it.
func TestNextDeviceKey(t *testing.T) {
	ctx := context.Background()
	p := newPC(t)
	key := func() ed25519.PublicKey { return p.Device().Public().(ed25519.PublicKey) }
	old := key()
	if err := p.TakeNext(ctx); !errors.Is(err, vault.ErrNoNext) {
		t.Errorf("nothing to take: %v", err)
	}
	next, err := p.NextDevice(ctx)
	if err != nil {
		t.Fatal(err)
	}
	p.restart(t, p.dir)
	again, err := p.NextDevice(ctx)
	if err != nil || !next.Public().(ed25519.PublicKey).Equal(again.Public()) || old.Equal(next.Public()) {
		t.Fatalf("after a restart: %v", err)
	}
	if !old.Equal(key()) {
		t.Error("the key changed before it was taken")
	}
	if err := p.TakeNext(ctx); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"at once", "after a restart"} {
		if !next.Public().(ed25519.PublicKey).Equal(key()) {
			t.Errorf("%s: another key", when)
		}
		p.restart(t, p.dir)
	}
	if third, err := p.NextDevice(ctx); err != nil || next.Public().(ed25519.PublicKey).Equal(third.Public()) {
		t.Errorf("the one after: %v", err)
	}
}
