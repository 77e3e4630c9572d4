package central_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"sync/atomic"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/client"
	"loket/sync/wire"
)

// newKey is a key that nobody has yet.
func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// moving is a central whose clock is ahead by what is stored, in nanoseconds:
// its chores look at it all the time.
func moving(t *testing.T) (*centraltest.Central, *atomic.Int64) {
	ahead := new(atomic.Int64)
	return centraltest.StartWith(t, centraltest.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}), ahead
}

// TestRenewAfterExpiry: a van that comes home a year late renews by itself, and
// what it held arrives.
func TestRenewAfterExpiry(t *testing.T) {
	ctx := context.Background()
	c, ahead := moving(t)
	c.Records(sample(nik))
	k := c.Counter("petugas-1", wire.RoleOfficer)
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	waits := k.Seal(k.Approval(p), nil)
	ahead.Store(int64(400 * 24 * time.Hour))
	if _, err := k.Client.Packets(ctx, [][]byte{waits.Bytes}); code(err) != wire.CodeRevoked {
		t.Fatalf("control: an expired certificate serves: %v", err)
	}
	fresh, err := k.Client.Renew(ctx, k.Device, k.Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Device != k.Device.Device || !fresh.NotAfter.After(k.Device.NotAfter) {
		t.Errorf("renewed as %s until %v", fresh.Device, fresh.NotAfter)
	}
	if err := k.Client.Use(fresh, k.Key); err != nil {
		t.Fatal(err)
	}
	if r := k.Send(waits); r[0].Result != wire.ResultAccepted {
		t.Errorf("%+v", r[0])
	}
}

// TestRenewRefusals: only the device's own key renews, once, and no revoked one.
func TestRenewRefusals(t *testing.T) {
	ctx := context.Background()
	c := centraltest.Start(t)
	k, other := c.Counter("petugas-1", wire.RoleOfficer), c.Counter("petugas-2", wire.RoleOfficer)
	for name, try := range map[string]struct {
		key, fresh crypto.Signer
	}{
		"a key that nobody knows":     {newKey(t), nil},
		"another device's key":        {other.Key, nil},
		"to another device's own key": {k.Key, other.Key},
	} {
		_, err := k.Client.Renew(ctx, k.Device, try.key, try.fresh)
		if code(err) != wire.CodeSignature {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := k.Client.Renew(ctx, k.Device, k.Key, nil); err != nil {
		t.Errorf("control: %v", err)
	}
	if err := c.Home.RevokeDevice(ctx, k.Device.Device); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Client.Renew(ctx, k.Device, k.Key, nil); code(err) != wire.CodeRevoked {
		t.Errorf("a revoked device: %v", err)
	}
}

// TestNewDeviceKey: what waits under the old key arrives after the change, the
// old certificate serves no longer, and the old key never comes back.
func TestNewDeviceKey(t *testing.T) {
	ctx := context.Background()
	c := centraltest.Start(t)
	c.Records(sample(nik))
	k := c.Counter("petugas-1", wire.RoleOfficer)
	p := c.Phone()
	if err := p.Register(nik, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	waits := k.Seal(k.Approval(p), nil)
	old, fresh := k.Key, newKey(t)
	d, err := k.Client.Renew(ctx, k.Device, old, fresh)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := k.Client.Renew(ctx, k.Device, old, fresh); err != nil || again.Device != d.Device {
		t.Errorf("the answer was lost, asked again: %v", err)
	}
	if _, err := k.Client.Packets(ctx, [][]byte{waits.Bytes}); code(err) != wire.CodeRevoked {
		t.Errorf("the old certificate still serves: %v", err)
	}
	if err := k.Client.Use(d, fresh); err != nil {
		t.Fatal(err)
	}
	k.Key = fresh
	if r := k.Send(waits); r[0].Result != wire.ResultAccepted {
		t.Errorf("under the old key: %+v", r[0])
	}
	next := k.Approval(p)
	next.Packet, next.Kind, next.Reason, next.Face = wire.NewPacketID(), "decline", "TIDAK_INGIN", nil
	next.Presentation = p.Present()
	if r := k.Send(k.Seal(next, nil)); r[0].Result != wire.ResultAccepted {
		t.Errorf("under the new key: %+v", r[0])
	}
	if _, err := k.Client.Renew(ctx, k.Device, fresh, old); code(err) != wire.CodeSignature {
		t.Errorf("back to the old key: %v", err)
	}
}

// TestRevokedDevice: what a revoked device had made by the last head that
// central holds of it is taken; above it may be a thief's, and waits for a
// supervisor. Enrolled again it is the same counter: what waited stays held,
// what it makes now is taken, and its events reach it.
func TestRevokedDevice(t *testing.T) {
	ctx := context.Background()
	c := centraltest.Start(t)
	var people []wire.Record
	niks := []string{nik, "1702124505920098", "1702124505920099"}
	for _, n := range niks {
		people = append(people, sample(n))
	}
	c.Records(people...)
	k, relay, boss := c.Counter("petugas-1", wire.RoleOfficer), c.Counter("petugas-2", wire.RoleOfficer), c.Counter("kasi-1", wire.RoleSupervisor)
	var packets []wire.Packet
	policy := k.Policy()
	for i, n := range niks {
		p := c.Phone()
		if err := p.Register(n, "sri@contoh.id"); err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			packets = append(packets, k.Seal(k.Approval(p), nil))
			if i == 0 { // the head that central holds says: one packet so far
				head, err := wire.SignHead(wire.Head{Device: k.Device.Device, Epoch: 1, Size: 3, Packets: 1, At: time.Now()}, k.Key)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := k.Client.Head(ctx, wire.HeadRequest{Head: head}); err != nil {
					t.Fatal(err)
				}
			}
			continue
		}
		if err := c.Home.RevokeDevice(ctx, k.Device.Device); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Client.Packets(ctx, [][]byte{packets[0].Bytes}); code(err) != wire.CodeRevoked {
			t.Errorf("a revoked device sends itself: %v", err)
		}
		r := relay.Send(packets...)
		if r[0].Result != wire.ResultAccepted || r[1].Result != wire.ResultHeld || r[1].Reason != "PERANGKAT_DICABUT" {
			t.Fatalf("below and above the head: %+v", r)
		}
		fresh := newKey(t)
		if _, err := client.EnrolAgain(ctx, c.DeviceCode("Loket 7"), fresh, k.Device.Device, newKey(t), time.Now); code(err) != wire.CodeSignature {
			t.Errorf("enrolled again by somebody else: %v", err)
		}
		d, err := client.EnrolAgain(ctx, c.DeviceCode("Loket 7"), fresh, k.Device.Device, k.Key, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if d.Device != k.Device.Device || d.Counter != "Loket 7" {
			t.Errorf("enrolled again as %s, %s", d.Device, d.Counter)
		}
		above := k.SealUnder(policy, k.Approval(p), nil) // by the old key
		if err := k.Client.Use(d, fresh); err != nil {
			t.Fatal(err)
		}
		k.Key = fresh
		if r := k.Send(above, packets[1]); r[0].Result != wire.ResultHeld || r[1].State != wire.StateHeld {
			t.Errorf("signed before by the revoked key: %+v", r)
		}
		now := k.Approval(p)
		now.Packet, now.Kind, now.Reason, now.Face, now.Presentation = wire.NewPacketID(), "decline", "TIDAK_INGIN", nil, p.Present()
		if r := k.Send(k.Seal(now, nil)); r[0].Result != wire.ResultAccepted {
			t.Errorf("by the new key: %+v", r[0])
		}
		if out, err := boss.Client.SettleHeld(ctx, wire.HeldSettle{Device: d.Device, Packet: packets[1].ID().String(), Release: true}); err != nil || out.Result != wire.ResultAccepted {
			t.Fatalf("released: %+v, %v", out, err)
		}
		events, err := k.Client.Events(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, e := range events.Events {
			found = found || e.Packet == packets[1].ID().String() && e.State == wire.StateAccepted
		}
		if !found {
			t.Errorf("the counter does not hear of it: %+v", events)
		}
	}
}
