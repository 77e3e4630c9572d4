package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"loket/scanner/token"
	"loket/sync/central"
	"loket/sync/vault"
	"loket/sync/wire"
)

// Who and where everybody of a world is.
const (
	vanOffice   = "17.02"
	vanArea     = "17.02.12"
	vanPassword = "sandi contoh 1"
	vanPIN      = "482913"
)

// vanOfficers serve at every van; the last of them supervises.
var vanOfficers = []central.Officer{
	{ID: "014", Name: "PETUGAS CONTOH", Role: wire.RoleOfficer, Office: vanOffice},
	{ID: "027", Name: "PETUGAS CONTOH DUA", Role: wire.RoleOfficer, Office: vanOffice},
	{ID: "003", Name: "KEPALA SEKSI CONTOH", Role: wire.RoleSupervisor, Office: vanOffice},
}

const vanSupervisor = "003"

// A world begins on a Monday, 07.00 in Jakarta; its central is older.
var (
	vanStart   = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	vanCentral = vanStart.AddDate(0, 0, -40)
)

// stopped carries an error out of a simulation to where it is run: what goes
// wrong there is the simulator's own, never the van's.
type stopped struct{ err error }

// must ends the simulation at an error that no van can cause.
func must(err error) {
	if err != nil {
		panic(stopped{err})
	}
}

// simulate runs f and gives the error that ended it.
func simulate(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s, mine := p.(stopped)
			if !mine {
				panic(p)
			}
			err = s.err
		}
	}()
	f()
	return nil
}

// world is central, its phones and its vans under one true time. One goroutine
// moves everything, so that a seed always tells the same story.
type world struct {
	ctx    context.Context
	dir    string
	now    time.Time // true
	dice   *rand.Rand
	guards guards

	from string // the template's vans

	home             *central.Home
	counters, phones http.Handler
	vans             []*van
	people           int // citizens so far
	old              []oldCode

	story  hash.Hash // what happened, a line each
	lines  []string  // the same, where somebody wants to read it
	keep   bool
	tally  tally
	broken []string // invariants that did not hold
}

// oldCode is a code that somebody photographed.
type oldCode struct {
	text string
	at   time.Time
}

// template makes a central with officers and records, and vans that are enrolled
// there and have gone to sleep, once for all worlds.
func template(ctx context.Context, dir string, people int) error {
	return simulate(func() {
		w := &world{ctx: ctx, dir: dir + "-office", now: vanCentral, dice: rand.New(rand.NewPCG(0, 0)), story: sha256.New()}
		_, err := central.Init(ctx, dir, func() time.Time { return w.now })
		must(err)
		w.serve(dir)
		defer w.close()
		policy, err := w.home.Policy(ctx)
		must(err)
		policy.Offline = wire.OfflinePolicy{ClockAheadDays: 14, RosterDays: 2}
		_, err = w.home.SetPolicy(ctx, policy)
		must(err)
		records := make([]wire.Record, people)
		for i := range records {
			records[i] = (&citizen{n: i}).record()
		}
		must(central.WriteRecords(dir+"-records", records))
		_, err = w.home.ImportRecords(ctx, dir+"-records")
		must(err)
		office := w.newPC("kantor", vanZones[0])
		for _, o := range vanOfficers {
			first, err := w.home.AddOfficer(ctx, o)
			must(err)
			_, err = office.central.LogIn(ctx, o.ID, first)
			must(err)
			_, err = office.central.ChangePassword(ctx, first, vanPassword)
			must(err)
		}
		w.now = vanStart.Add(-10 * time.Minute)
		for i, zone := range vanZones {
			w.newVan(vanName(i), zone)
		}
	})
}

// noMail takes no letter: codes stay in central's outbox.
type noMail struct{}

func (noMail) Send(context.Context, central.Letter) error { return errors.New("no mail here") }

// newWorld opens a copy of the template in dir.
func newWorld(ctx context.Context, from, dir string, seed uint64, g guards) *world {
	w := &world{ctx: ctx, dir: dir, now: vanStart, dice: rand.New(rand.NewPCG(seed, 0x76616e73)), guards: g, story: sha256.New()}
	must(os.CopyFS(filepath.Join(dir, "central"), os.DirFS(from)))
	w.serve(filepath.Join(dir, "central"))
	w.from = from + "-office"
	return w
}

// vanName is the name of one of a world's vans.
func vanName(i int) string { return fmt.Sprintf("van%d", i+1) }

// wake switches one of the template's vans on in this world.
func (w *world) wake(i int) *van {
	v := w.parked(vanName(i), vanZones[i])
	must(os.CopyFS(v.dir, os.DirFS(filepath.Join(w.from, v.name))))
	must(os.Chmod(filepath.Join(v.dir, vault.MachineFile), 0o600))
	v.pc.boot = 1
	v.pc.start()
	v.open()
	return v
}

// serve opens central's data folder and has it answer.
func (w *world) serve(dir string) {
	var err error
	w.home, err = central.OpenHome(w.ctx, dir, func() time.Time { return w.now })
	must(err)
	s := central.NewServer(w.home, noMail{}, slog.New(slog.DiscardHandler))
	must(s.Listen(w.ctx, "https://central.contoh.id", "https://ponsel.contoh.id"))
	w.counters, w.phones = s.Counters(), s.Phones()
}

func (w *world) close() {
	for _, v := range w.vans {
		if v.ledger != nil {
			v.quit()
		}
	}
	must(w.home.Close())
}

// note writes a line of the story. Nothing random that differs from run to run
// (keys, ids of packets) may stand in it.
func (w *world) note(format string, args ...any) {
	line := fmt.Sprintf("%s "+format, append([]any{w.now.Format("Mon 15:04:05")}, args...)...)
	fmt.Fprintln(w.story, line)
	if w.keep {
		w.lines = append(w.lines, line)
	}
}

// breach notes an invariant that does not hold.
func (w *world) breach(kind, format string, args ...any) {
	line := kind + ": " + fmt.Sprintf(format, args...)
	w.note("BREACH %s", line)
	w.broken = append(w.broken, line)
}

// chance is true with probability p.
func (w *world) chance(p float64) bool { return w.dice.Float64() < p }

// between draws a duration of whole seconds.
func (w *world) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.dice.Int64N(int64((most-least)/time.Second)+1))*time.Second
}

// lookEvery is how often a counter looks whether its PC's clock was set, as
// cmd/kiosk does. It keeps the clock every ten minutes too: that is left out here,
// so that the floor is as old as a power cut could make it.
const lookEvery = time.Second

// pass lets true time go on. Clocks are set between two calls, so that what a
// counter sees at its first look it sees at all of them.
func (w *world) pass(d time.Duration) {
	end := w.now.Add(d)
	if d >= lookEvery {
		w.now = w.now.Add(lookEvery)
		for _, v := range w.vans {
			v.look()
		}
	}
	w.now = end
}

// until lets time go on to an hour of a day of the week, if it is not later yet.
func (w *world) until(day int, at time.Duration) {
	if t := vanStart.AddDate(0, 0, day).Add(at); t.After(w.now) {
		w.pass(t.Sub(w.now))
	}
}

// post asks central in process, as the holder of certs (none for phones).
func (w *world) post(h http.Handler, r *http.Request) *http.Response {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	resp := rec.Result()
	resp.Header.Set("Date", w.now.UTC().Format(http.TimeFormat))
	return resp
}

// citizen is one of the drawn people: all share marks that no disk may show.
type citizen struct {
	n            int
	key          ed25519.PrivateKey // the phone's
	registration string
	credential   []byte
	skew         time.Duration // of the phone's clock
}

// What every citizen's data hold. The NIK's first twelve digits are the same for
// all; its last four may be read on a stolen disk.
const (
	markNIK    = "170212140790"
	markName   = "TANDAWARGA"
	markEmail  = "tandasurel"
	markNumber = "812765400"
	markPhoto  = "tandafoto-tandafoto"
)

func (c *citizen) nik() string    { return fmt.Sprintf("%s%04d", markNIK, c.n+1) }
func (c *citizen) email() string  { return fmt.Sprintf("%s%d@contoh.id", markEmail, c.n) }
func (c *citizen) number() string { return fmt.Sprintf("+62%s%02d", markNumber, c.n%100) }

func (c *citizen) record() wire.Record {
	return wire.Record{NIK: c.nik(), Name: fmt.Sprintf("CONTOH %s %d", markName, c.n), BirthPlace: "CURUP", Born: "1990-07-14", Sex: "L",
		Address: "JL CONTOH", Kelurahan: "TIMBUL REJO", Kecamatan: vanArea, Recorded: true, NIKStatus: wire.NIKActive, IKD: wire.IKDNone,
		Photo: append(smallPhoto(), markPhoto...), PhotoTaken: "2012-03-01", PhotoSource: "central"}
}

// register enters a citizen at home, where there is a link.
func (w *world) register() *citizen {
	_, key, err := ed25519.GenerateKey(nil)
	must(err)
	c := &citizen{n: w.people, key: key, skew: w.between(-55*time.Second, 55*time.Second)}
	w.people++
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	must(err)
	ask, err := wire.SignRequest(wire.PurposeRegistration, &wire.Registration{NIK: c.nik(), Email: c.email(), Number: c.number(),
		Selfie: smallPhoto(), Key: spki}, w.now, key)
	must(err)
	body, err := json.Marshal(ask)
	must(err)
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, "https://ponsel.contoh.id"+wire.PathRegistrations, bytes.NewReader(body))
	must(err)
	resp := w.post(w.phones, req)
	var out wire.RegistrationResponse
	must(json.NewDecoder(resp.Body).Decode(&out))
	if resp.StatusCode != http.StatusOK {
		must(fmt.Errorf("registration: status %d", resp.StatusCode))
	}
	c.registration, c.credential = out.Registration, out.Credential
	return c
}

// show is the code on a citizen's phone now: sealed where the phone scanned the
// counter's code and believed it.
func (w *world) show(c *citizen, counter *token.CounterCode) (text string, sealed bool) {
	phone := w.now.Add(c.skew)
	var audience []byte
	if counter != nil {
		audience = counter.Audience()
	}
	msg, err := token.Present(c.credential, c.key, phone, audience)
	must(err)
	if counter == nil {
		return token.PresentationText(msg), false
	}
	text, err = token.SealPresentation(msg, counter.Key)
	must(err)
	return text, true
}
