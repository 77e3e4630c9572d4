package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"loket/scanner/token"
	"loket/sync/client"
	"loket/sync/clock"
	"loket/sync/ledger"
	"loket/sync/roster"
	"loket/sync/vault"
	"loket/sync/wire"
)

// rosterName is the roster's file in the data folder.
const rosterName = "roster.db"

// Names of the kiosk's own settings in the ledger.
const (
	settingDevice = "kiosk.device" // wire.DeviceResponse, as central answered
	settingFresh  = "kiosk.fresh"  // freshDevice: an answer of central that is being taken up
	settingTrust  = "kiosk.trust"  // newest trust list
	settingPolicy = "kiosk.policy" // newest policy
	settingClock  = "kiosk.clock"  // clock.State
)

// station is this PC without its window: ledger, keys, time and what central
// said. Its methods may be called from any goroutine.
type station struct {
	log    *slog.Logger
	ledger *ledger.Ledger
	clock  *clock.Clock
	vault  *vault.Vault
	roster *roster.Roster
	areas  []string // kecamatan that the roster takes along; none: an office with a line

	mu       sync.Mutex
	device   *wire.DeviceResponse // nil before enrolment
	trust    token.TrustList
	policy   wire.Policy
	central  *client.Client     // nil before enrolment
	officer  *vault.Session     // who is logged in here
	enrolled chan struct{}      // closed when there is a device
	seconds  map[string]pending // requests to supervisors at other counters, by ticket
	told     time.Time          // what central said when the clock was last kept for it

	keeping sync.Mutex
	onDisk  clock.State // the clock's, as the ledger has it

	kick  func()            // has the sender look again at once
	after func(call string) // told after each call to the ledger that wrote; for the crash test, else nothing

	work sync.WaitGroup // what runs in the background
	ctx  context.Context
	stop context.CancelFunc
}

// openStation opens or makes the data folder, which others can't read.
func openStation(ctx context.Context, dir string, read func() clock.Reading, log *slog.Logger) (*station, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	s := &station{log: log, enrolled: make(chan struct{}), kick: func() {}, after: func(string) {}}
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.clock = clock.New(read, clock.State{}, 0)
	var err error
	if s.ledger, err = ledger.Open(ctx, filepath.Join(dir, ledgerName), ledger.Options{Now: func() time.Time { return s.clock.Now() }}); err != nil {
		return nil, err
	}
	if err := s.load(ctx, dir, read); err != nil {
		return nil, errors.Join(err, s.ledger.Close())
	}
	if now, doubt := s.clock.Check(); doubt == clock.None { // a wrong date must not wipe a case of today
		if _, err := s.ledger.WipeDrafts(ctx, now.Add(-draftLife)); err != nil {
			return nil, errors.Join(err, s.ledger.Close())
		}
	}
	if s.roster, err = roster.Open(ctx, filepath.Join(dir, rosterName), s.clock.Bounds); err != nil {
		return nil, errors.Join(err, s.ledger.Close())
	}
	return s, nil
}

// load takes up what the ledger keeps.
func (s *station) load(ctx context.Context, dir string, read func() clock.Reading) error {
	var state clock.State
	if _, err := s.setting(ctx, settingClock, &state); err != nil {
		return err
	}
	s.clock, s.onDisk = clock.New(read, state, 0), state
	machine, err := machineOf(dir)
	if err != nil {
		return err
	}
	if s.vault, err = vault.Open(ctx, rows{s.ledger.Vault(), s}, machine, vault.Options{Now: s.now, Floor: s.clock.Floor}); err != nil {
		return err
	}
	if err := s.finishDevice(ctx); err != nil {
		return err
	}
	var d wire.DeviceResponse
	ok, err := s.setting(ctx, settingDevice, &d)
	if err != nil || !ok {
		return err
	}
	for name, into := range map[string]*[]byte{settingTrust: &d.Trust, settingPolicy: &d.Policy} {
		b, err := s.ledger.Get(ctx, name)
		if errors.Is(err, ledger.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		*into = b
	}
	if err := s.become(d); err != nil {
		return err
	}
	items, err := s.ledger.Items(ctx, 1)
	if err != nil {
		return err
	}
	if len(items) > 0 && !state.Floor.IsZero() {
		s.clock.Raise(items[0].At) // after become, which says how far ahead a record may be
	}
	return nil
}

// setting reads a setting that holds JSON; false where it was never set.
func (s *station) setting(ctx context.Context, name string, into any) (bool, error) {
	b, err := s.ledger.Get(ctx, name)
	if errors.Is(err, ledger.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return false, fmt.Errorf("setting %s: %w", name, err)
	}
	return true, nil
}

func (s *station) now() time.Time { return s.clock.Now() }

// become makes this PC the device that central answered with. Trust list and
// policy are verified again at each start; a trust list past its end is kept,
// and each verification then says so.
func (s *station) become(d wire.DeviceResponse) error {
	root, err := x509.ParsePKIXPublicKey(d.RootKey)
	if err != nil {
		return fmt.Errorf("root's key: %w", err)
	}
	trust, err := token.OpenTrust(d.Trust, []crypto.PublicKey{root}, 0, s.now())
	if err != nil && !errors.Is(err, token.ErrStale) {
		return err
	}
	policy, err := wire.OpenPolicy(d.Policy, root, 0)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.device == nil
	if first {
		s.central, err = client.New(d, s.vault.Device(), client.Options{Now: s.now, Time: s.serverTime})
	} else { // sender and session go on with the new certificate, and where central is now
		err = s.central.Use(d, s.vault.Device())
	}
	if err != nil {
		return err
	}
	s.device, s.trust, s.policy = &d, trust, policy
	s.clock.SetAhead(time.Duration(policy.Offline.ClockAheadDays) * 24 * time.Hour)
	if first {
		close(s.enrolled)
	}
	return nil
}

// Close ends what runs in the background and closes the ledger.
func (s *station) Close() error {
	s.stop()
	s.work.Wait()
	s.mu.Lock()
	central, officer := s.central, s.officer
	s.mu.Unlock()
	if officer != nil {
		officer.Lock()
	}
	if central != nil {
		central.Close()
	}
	ctx := context.Background()
	err := s.keepClock(ctx)
	return errors.Join(err, s.roster.Close(), s.ledger.Close())
}

// dateStep is how much an HTTP date says: whole seconds, and its way here. A
// clock that agrees so far is not set back by it.
const dateStep = 1500 * time.Millisecond

// serverTime is told central's clock with each of its answers. It is kept once
// a minute: what matters on the disk is the floor.
func (s *station) serverTime(t time.Time) {
	if now, doubt := s.clock.Check(); doubt == clock.None && s.clock.State().Known && now.Sub(t) >= 0 && now.Sub(t) < dateStep {
		return
	}
	s.clock.Server(t)
	s.mu.Lock()
	due := t.Sub(s.told).Abs() > time.Minute
	if due {
		s.told = t
	}
	s.mu.Unlock()
	if due {
		if err := s.keepClock(s.ctx); err != nil && s.ctx.Err() == nil {
			s.log.Error("keep clock", "err", err)
		}
	}
}

// keepClock writes the clock's state to the disk.
func (s *station) keepClock(ctx context.Context) error {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	state := s.clock.State()
	b, err := json.Marshal(state)
	if err != nil {
		return err
	}
	if err = s.ledger.Set(ctx, settingClock, b); err == nil {
		s.onDisk = state
	}
	s.after("Set clock")
	return err
}

// keepMoved is keepClock where the PC's clock was set since: what hides behind
// a power cut otherwise.
func (s *station) keepMoved(ctx context.Context) error {
	s.keeping.Lock()
	moved := s.clock.Moved(s.onDisk)
	s.keeping.Unlock()
	if !moved {
		return nil
	}
	return s.keepClock(ctx)
}

// rows are the vault's, in the ledger.
type rows struct {
	ledger.Vault
	s *station
}

func (r rows) Put(ctx context.Context, values map[string][]byte) error {
	err := r.Vault.Put(ctx, values)
	r.s.after("Put vault")
	return err
}

// Seen implements token.Replay.
func (s *station) Seen(cti [16]byte, now time.Time) (bool, error) {
	seen, err := s.ledger.Seen(cti, now)
	s.after("Seen")
	return seen, err
}

// known is a consistent copy of what central said; false before enrolment.
type known struct {
	device  wire.DeviceResponse
	trust   token.TrustList
	policy  wire.Policy
	central *client.Client
	officer *vault.Session
}

func (s *station) known() (known, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.device == nil {
		return known{}, false
	}
	return known{*s.device, s.trust, s.policy, s.central, s.officer}, true
}

// keep takes what the sender fetched: newer trust list and policy, once they
// are verified. Neither goes back.
func (s *station) keep(ctx context.Context, trust, policy []byte) error {
	k, ok := s.known()
	if !ok {
		return errNotEnrolled
	}
	root, err := x509.ParsePKIXPublicKey(k.device.RootKey)
	if err != nil {
		return fmt.Errorf("root's key: %w", err)
	}
	list, err := token.OpenTrust(trust, []crypto.PublicKey{root}, k.trust.Version, s.now())
	if err != nil {
		return err
	}
	rules, err := wire.OpenPolicy(policy, root, k.policy.Version)
	if err != nil {
		return err
	}
	if err := s.ledger.SetAll(ctx, map[string][]byte{settingTrust: trust, settingPolicy: policy}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.device.Trust, s.device.Policy = trust, policy
	s.trust, s.policy = list, rules
	s.clock.SetAhead(time.Duration(rules.Offline.ClockAheadDays) * 24 * time.Hour)
	return nil
}
