package main

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"io"
	"time"

	"loket/sync/client"
	"loket/sync/vault"
	"loket/sync/wire"
)

// enrol makes this PC a counter with a device code. A PC that is one already is
// enrolled again as itself, with a new key: after a revocation, or when it went
// to another place. What waits here stays and is sent.
func (s *station) enrol(ctx context.Context, text string) error {
	code, err := wire.ParseDeviceCode(text)
	if err != nil {
		return err
	}
	k, again := s.known()
	var d wire.DeviceResponse
	if again {
		next, err := s.vault.NextDevice(ctx)
		if err != nil {
			return err
		}
		d, err = client.EnrolAgain(ctx, code, next, k.device.Device, s.vault.Device(), s.now)
		if err != nil {
			return err
		}
	} else if d, err = client.Enrol(ctx, code, s.vault.Device(), s.now); err != nil {
		return err
	}
	s.clock.Server(d.Now)
	if err := s.keepClock(ctx); err != nil { // a power cut must not leave a counter without a floor
		return err
	}
	if err := s.takeDevice(ctx, d, again); err != nil {
		return err
	}
	if err := s.ledger.SetDevice(ctx, d.Device); err != nil {
		return err
	}
	if err := s.ledger.Record(ctx, "enrolled", map[string]string{"device": d.Device, "office": d.Office}); err != nil {
		return err
	}
	return s.become(d)
}

// freshDevice is what central answered, before it is in use.
type freshDevice struct {
	Device wire.DeviceResponse `json:"device"`
	Key    bool                `json:"key"` // the vault's next key is the device's from then on
}

// takeDevice keeps an answer of central so that a power cut at any moment
// leaves either what was before, or finishDevice with all that it needs.
func (s *station) takeDevice(ctx context.Context, d wire.DeviceResponse, newKey bool) error {
	b, err := json.Marshal(freshDevice{d, newKey})
	if err != nil {
		return err
	}
	if err := s.ledger.Set(ctx, settingFresh, b); err != nil {
		return err
	}
	s.after("Set fresh device")
	return s.finishDevice(ctx)
}

// finishDevice takes up what takeDevice kept; nothing where there is none.
func (s *station) finishDevice(ctx context.Context) error {
	var fresh freshDevice
	ok, err := s.setting(ctx, settingFresh, &fresh)
	if err != nil || !ok {
		return err
	}
	if fresh.Key {
		if err := s.vault.TakeNext(ctx); err != nil && !errors.Is(err, vault.ErrNoNext) { // none: it was taken before the power went
			return err
		}
		s.after("Take next key")
	}
	b, err := json.Marshal(fresh.Device)
	if err != nil {
		return err
	}
	err = s.ledger.SetAll(ctx, map[string][]byte{settingDevice: b, settingTrust: fresh.Device.Trust, settingPolicy: fresh.Device.Policy, settingFresh: nil})
	s.after("Set device")
	return err
}

// When this PC looks after its certificate: a third of its year before the end,
// and its key after two of them. deviceLook is how often it looks.
const (
	renewBefore = 120 * 24 * time.Hour
	rotateAfter = 2 * 365 * 24 * time.Hour
	deviceLook  = time.Hour
	renewRest   = time.Minute // after a fault of the line
)

// renewing keeps the device's certificate good until ctx ends: nobody need know
// that it has one. It looks at once, since a PC that was off for a year has an
// expired one and can send nothing.
func (s *station) renewing(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-s.enrolled:
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		rest := deviceLook
		if done, err := s.renewDue(ctx); err != nil && ctx.Err() == nil {
			rest = renewRest
			s.log.Warn("renew certificate", "link", client.LinkOf(err), "err", err)
		} else if done {
			s.kick()
		}
		timer.Reset(rest)
	}
}

// renewDue renews the certificate where its time has come and says whether it did.
func (s *station) renewDue(ctx context.Context) (bool, error) {
	k, ok := s.known()
	if !ok || k.device.NotAfter.Sub(s.now()) > renewBefore {
		return false, nil
	}
	changed, err := s.keyAge(ctx)
	if err != nil {
		return false, err
	}
	return true, s.renew(ctx, s.now().Sub(changed) > rotateAfter)
}

// keyAge is since when the device's key is the one that it is; the first time
// that it is asked counts as its beginning.
func (s *station) keyAge(ctx context.Context) (time.Time, error) {
	var at time.Time
	ok, err := s.setting(ctx, settingKeySince, &at)
	if err != nil || ok {
		return at, err
	}
	return s.now(), s.keySince(ctx, s.now())
}

// settingKeySince is when the device's key was made, as far as is known.
const settingKeySince = "kiosk.key-since"

func (s *station) keySince(ctx context.Context, at time.Time) error {
	b, err := json.Marshal(at.UTC())
	if err != nil {
		return err
	}
	return s.ledger.Set(ctx, settingKeySince, b)
}

// renew asks for new certificates, with newKey for another key too. Packets
// that wait stay as they are: central takes what the old key has signed. The
// key stays while packets of other counters wait here or a stick was written,
// since their bundle names one key a device.
func (s *station) renew(ctx context.Context, newKey bool) error {
	k, ok := s.known()
	if !ok {
		return errNotEnrolled
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	counts, err := s.ledger.Counts(ctx, time.Time{})
	if err != nil {
		return err
	}
	if newKey && counts.Waiting == 0 {
		return s.enrolNext(ctx)
	}
	d, err := k.central.Renew(ctx, k.device, s.vault.Device(), nil)
	if errors.Is(err, client.ErrRoot) {
		return s.enrolNext(ctx) // central has taken the next key, and the answer was lost
	} else if err != nil {
		return err
	}
	return s.renewed(ctx, d, false)
}

// enrolNext changes the device's key: central is told first, and keeps the old
// one for what it has signed. Asked again after a lost answer, it answers again.
func (s *station) enrolNext(ctx context.Context) error {
	k, ok := s.known()
	if !ok {
		return errNotEnrolled
	}
	next, err := s.vault.NextDevice(ctx)
	if err != nil {
		return err
	}
	d, err := k.central.Renew(ctx, k.device, s.vault.Device(), next)
	if err != nil {
		return err
	}
	return s.renewed(ctx, d, true)
}

// renewed keeps new certificates and goes on with them.
func (s *station) renewed(ctx context.Context, d wire.DeviceResponse, newKey bool) error {
	if err := s.takeDevice(ctx, d, newKey); err != nil {
		return err
	}
	kind := "device-renewed"
	if newKey {
		kind = "device-key"
		if err := s.keySince(ctx, s.now()); err != nil {
			return err
		}
	}
	if err := s.ledger.Record(ctx, kind, map[string]string{"device": d.Device}); err != nil {
		return err
	}
	return s.become(d)
}

// deviceKey signs with whatever the device's key is at that moment.
type deviceKey struct{ v *vault.Vault }

// Public implements crypto.Signer.
func (k deviceKey) Public() crypto.PublicKey { return k.v.Device().Public() }

// Sign implements crypto.Signer.
func (k deviceKey) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.v.Device().Sign(rand, digest, opts)
}
