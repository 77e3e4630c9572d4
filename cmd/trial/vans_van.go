package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"loket/scanner/token"
	"loket/sync/client"
	"loket/sync/client/outbox"
	"loket/sync/clock"
	"loket/sync/ledger"
	"loket/sync/roster"
	"loket/sync/vault"
	"loket/sync/wire"
)

// Names of files and settings, as cmd/kiosk has them.
const (
	vanLedger = "ledger.db"
	vanRoster = "roster.db"
	setDevice = "kiosk.device"
	setPolicy = "kiosk.policy"
	setClock  = "kiosk.clock"
)

// cheapPIN makes a PIN cost next to nothing: thousands are typed here, and what
// one costs is sync/vault's own trial.
var cheapPIN = vault.Argon2{Time: 1, Memory: 64, Threads: 1}

// van is a counter without its window, put together as cmd/kiosk does it, and
// the PC that it runs on. Its disk is a folder.
type van struct {
	w       *world
	name    string
	zone    string // IANA
	dir     string // its disk
	second  string // the second disk, for backups
	disks   int    // copies of dir so far
	pc      pc
	line    *line
	revoked bool
	gone    bool // it serves no more

	clock   *clock.Clock
	onDisk  clock.State
	said    bool           // central said the time in this boot
	ledger  *ledger.Ledger // nil without power
	vault   *vault.Vault
	roster  *roster.Roster
	device  wire.DeviceResponse
	root    crypto.PublicKey
	trust   token.TrustList
	policy  wire.Policy
	central *client.Client

	officer *vault.Session
	typed   map[string]bool // who typed the right PIN since the screen was last locked: the world's word, not the vault's
	kept    crypto.Signer   // a control's: the officer's key outside the vault
	shown   *shown          // the counter's code of the session

	waiting  []*citizen // today's
	cases    map[*citizen]*decided
	backedUp bool
}

// parked is a van that is switched off, with an empty disk.
func (w *world) parked(name, zone string) *van {
	v := &van{w: w, name: name, zone: zone, dir: filepath.Join(w.dir, name), second: filepath.Join(w.dir, name+"-second"),
		pc: pc{w: w}, line: &line{w: w}, typed: map[string]bool{}, cases: map[*citizen]*decided{}}
	w.vans = append(w.vans, v)
	must(os.MkdirAll(v.dir, 0o700))
	must(os.MkdirAll(v.second, 0o700))
	return v
}

// newPC enrols a counter.
func (w *world) newPC(name, zone string) *van {
	v := w.parked(name, zone)
	v.pc.start()
	v.open()
	v.enrol()
	return v
}

// newVan enrols a counter with all its officers.
func (w *world) newVan(name, zone string) {
	v := w.newPC(name, zone)
	for _, o := range vanOfficers {
		_, err := v.central.LogIn(w.ctx, o.ID, vanPassword)
		must(err)
		s, err := v.vault.Enrol(w.ctx, vault.Officer{ID: o.ID, Name: o.Name, Role: o.Role}, vanPIN, v.central.CertifyOfficer)
		must(err)
		s.Lock()
		v.central.LogOut()
	}
}

// open starts the program, as after switching on.
func (v *van) open() {
	v.clock = clock.New(v.pc.read, clock.State{}, 0)
	var err error
	v.ledger, err = ledger.Open(v.w.ctx, filepath.Join(v.dir, vanLedger), ledger.Options{Now: v.now})
	must(err)
	var state clock.State
	v.setting(setClock, &state)
	v.onDisk = state
	v.clock, v.said = clock.New(v.pc.read, state, 0), state.Known && state.Boot == v.pc.read().Boot
	machine, err := vault.FileMachine(v.dir)
	must(err)
	opts, bounds := vault.Options{Now: v.now, Floor: v.clock.Floor, Argon2: cheapPIN}, v.clock.Bounds
	if v.w.guards.noClock {
		opts.Floor = nil
		bounds = func() (sure, maybe time.Time) { now := v.now(); return now, now }
	}
	v.vault, err = vault.Open(v.w.ctx, v.ledger.Vault(), machine, opts)
	must(err)
	if v.setting(setDevice, &v.device) {
		if msg, err := v.ledger.Get(v.w.ctx, setPolicy); err == nil {
			v.device.Policy = msg
		}
		v.become()
	}
	items, err := v.ledger.Items(v.w.ctx, 1)
	must(err)
	if len(items) > 0 && !state.Floor.IsZero() {
		v.clock.Raise(items[0].At)
	}
	v.roster, err = roster.Open(v.w.ctx, filepath.Join(v.dir, vanRoster), bounds)
	must(err)
}

// now is the counter's time.
func (v *van) now() time.Time { return v.clock.Now() }

// setting reads a setting that holds JSON.
func (v *van) setting(name string, into any) bool {
	b, err := v.ledger.Get(v.w.ctx, name)
	if errors.Is(err, ledger.ErrNotFound) {
		return false
	}
	must(err)
	must(json.Unmarshal(b, into))
	return true
}

func (v *van) keepClock() {
	v.onDisk = v.clock.State()
	b, err := json.Marshal(v.onDisk)
	must(err)
	must(v.ledger.Set(v.w.ctx, setClock, b))
}

// look keeps the clock where it was set since.
func (v *van) look() {
	if v.ledger != nil && !v.w.guards.noLook && v.clock.Moved(v.onDisk) {
		v.keepClock()
	}
}

// enrol makes the PC a counter, as client.Enrol does over TLS.
func (v *van) enrol() {
	code, err := v.w.home.NewDeviceCode(v.w.ctx, "", vanOffice, v.name)
	must(err)
	key := v.vault.Device()
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	must(err)
	proof, err := wire.SignRequest(wire.PurposeDevice, &wire.Ask{}, v.now(), key)
	must(err)
	body, err := json.Marshal(wire.DeviceRequest{Code: code.SecretText(), Key: spki, Proof: proof.Message})
	must(err)
	req, err := http.NewRequestWithContext(v.w.ctx, http.MethodPost, "https://central.contoh.id"+wire.PathDevices, bytes.NewReader(body))
	must(err)
	resp := v.w.post(v.w.counters, req)
	if resp.StatusCode != http.StatusOK {
		must(fmt.Errorf("enrol %s: status %d", v.name, resp.StatusCode))
	}
	v.device = wire.DeviceResponse{}
	must(json.NewDecoder(resp.Body).Decode(&v.device))
	v.serverTime(v.device.Now)
	b, err := json.Marshal(v.device)
	must(err)
	must(v.ledger.SetAll(v.w.ctx, map[string][]byte{setDevice: b, setPolicy: v.device.Policy}))
	must(v.ledger.SetDevice(v.w.ctx, v.device.Device))
	must(v.ledger.Record(v.w.ctx, "enrolled", map[string]string{"device": v.device.Device}))
	v.become()
}

// become takes up what central said at enrolment and since.
func (v *van) become() {
	root, err := x509.ParsePKIXPublicKey(v.device.RootKey)
	must(err)
	v.root = root
	if v.trust, err = token.OpenTrust(v.device.Trust, []crypto.PublicKey{root}, 0, v.now()); err != nil && !errors.Is(err, token.ErrStale) {
		must(err)
	}
	v.policy, err = wire.OpenPolicy(v.device.Policy, root, 0)
	must(err)
	v.line.certs = nil
	for _, der := range v.device.TLS {
		cert, err := x509.ParseCertificate(der)
		must(err)
		v.line.certs = append(v.line.certs, cert)
	}
	v.central, err = client.New(v.device, v.vault.Device(), client.Options{Now: v.now, Time: v.serverTime, Via: v.line})
	must(err)
	v.clock.SetAhead(time.Duration(v.policy.Offline.ClockAheadDays) * 24 * time.Hour)
}

// keep is client.Sender's Keep.
func (v *van) keep(_ context.Context, trust, policy []byte) error {
	list, err := token.OpenTrust(trust, []crypto.PublicKey{v.root}, v.trust.Version, v.now())
	if err != nil {
		return err
	}
	rules, err := wire.OpenPolicy(policy, v.root, v.policy.Version)
	if err != nil {
		return err
	}
	v.trust, v.policy = list, rules
	return v.ledger.Set(v.w.ctx, setPolicy, policy)
}

// serverTime is told central's clock with each answer.
func (v *van) serverTime(t time.Time) {
	if v.w.guards.deafClock && v.clock.State().Floor.After(vanCentral) { // but at enrolment
		v.said = true
		return
	}
	const step = 1500 * time.Millisecond // an HTTP date is whole seconds
	if now, doubt := v.clock.Check(); doubt == clock.None && v.said && now.Sub(t) >= 0 && now.Sub(t) < step {
		return
	}
	v.clock.Server(t)
	v.said = true
	v.keepClock()
}

// box is the outbox as the sender sees it.
func (v *van) box() outbox.Outbox {
	return outbox.Outbox{Ledger: v.ledger, Device: v.vault.Device(), Trust: func() uint64 { return v.trust.Version }}
}

// quit ends the program in good order.
func (v *van) quit() {
	v.leave()
	v.keepClock()
	must(errors.Join(v.roster.Close(), v.ledger.Close()))
	v.ledger = nil
}

// leave is the officer's going: the keys are forgotten.
func (v *van) leave() {
	if v.officer != nil {
		v.officer.Lock()
	}
	v.officer, v.shown = nil, nil
	clear(v.typed)
	v.central.LogOut()
}
