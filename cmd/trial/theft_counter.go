package main

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"loket/app/activation"
	"loket/scanner/token"
	"loket/sync/ledger"
	"loket/sync/roster"
	"loket/sync/vault"
	"loket/sync/vault/tpm"
	"loket/sync/wire"
)

// The officer of the stolen PC.
const (
	theftOfficer = "petugas-1"
	theftPIN     = "482915"
	theftArea    = "17.02.12"
)

// theftPC is a van's PC: its data folder, and how its machine keeps secrets.
type theftPC struct {
	dir, tpm string // tpm is the chip's socket; "" is a file
	open     bool   // nothing is sealed: the control
}

// theftPeople are the citizens of a trial, the same in every process.
func theftPeople(n int, seed uint64) []theftPerson {
	r := rand.New(rand.NewPCG(seed, 4))
	people := make([]theftPerson, n)
	for i := range people {
		people[i] = newTheftPerson(i, r)
	}
	return people
}

// theftOpen is a PC's ledger, vault and roster, opened.
type theftOpen struct {
	ledger *ledger.Ledger
	vault  *vault.Vault
	roster *roster.Roster
}

func (o theftOpen) close() {
	if o.roster != nil {
		o.roster.Close()
	}
	o.ledger.Close()
}

// start opens a data folder as the kiosk does. The officer's PIN costs a little
// less than in the kiosk, for there are many tries here.
func (p theftPC) start(ctx context.Context) (o theftOpen, err error) {
	var m vault.Machine
	if p.tpm == "" {
		m, err = vault.FileMachine(p.dir)
	} else {
		m, err = tpm.Open(p.dir, p.tpm)
	}
	if err != nil {
		return o, err
	}
	if o.ledger, err = ledger.Open(ctx, filepath.Join(p.dir, "ledger.db"), ledger.Options{Device: "loket-1"}); err != nil {
		return o, err
	}
	o.vault, err = vault.Open(ctx, o.ledger.Vault(), m, vault.Options{Argon2: vault.Argon2{Time: 1, Memory: 8 << 10, Threads: 1}})
	if err == nil {
		o.roster, err = roster.Open(ctx, filepath.Join(p.dir, "roster.db"), func() (sure, maybe time.Time) { now := time.Now(); return now, now })
	}
	if err != nil {
		o.close()
	}
	return o, err
}

// theftKeys seals rows: a session of the vault, or theftNoKeys.
type theftKeys interface {
	Seal(name string, plain []byte) ([]byte, error)
	Open(name string, sealed []byte) ([]byte, error)
	Hashes(purpose, value string) ([][]byte, error)
}

// theftNoKeys seals nothing: the control.
type theftNoKeys struct{}

func (theftNoKeys) Seal(_ string, plain []byte) ([]byte, error)  { return plain, nil }
func (theftNoKeys) Open(_ string, sealed []byte) ([]byte, error) { return sealed, nil }
func (theftNoKeys) Hashes(_, value string) ([][]byte, error) {
	h := make([]byte, 32) // as long as a hash
	copy(h, value)
	return [][]byte{h}, nil
}

// serve is a day in a van: it downloads the roster, serves everybody with a
// draft at each step, writes a backup and a bundle, leaves the last case open,
// says "open", and waits to be killed.
func (p theftPC) serve(ctx context.Context, people []theftPerson, out io.Writer) error {
	log, err := os.OpenFile(filepath.Join(p.dir, "kiosk.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	o, err := p.start(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	day := theftDay{theftOpen: o, log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	session, err := o.vault.Enrol(ctx, vault.Officer{ID: theftOfficer, Name: "PETUGAS CONTOH", Role: wire.RoleOfficer}, theftPIN,
		func(_ context.Context, key crypto.PublicKey) ([]byte, time.Time, error) { return day.certify(key) })
	if err != nil {
		return err
	}
	day.session, day.keys = session, session
	if p.open {
		day.keys = theftNoKeys{}
	}
	if err := day.everybody(ctx, people); err != nil {
		return err
	}
	if err := day.takeAway(ctx, p.dir); err != nil {
		return err
	}
	fmt.Fprintln(out, "open")
	<-ctx.Done()
	return ctx.Err()
}

// theftDay is a running day.
type theftDay struct {
	theftOpen
	session     *vault.Session
	keys        theftKeys
	log         *slog.Logger
	recipients  []wire.Recipient
	certificate []byte // the device's
}

// certify is central's part: it certifies officer and device under a key that
// is gone afterwards, and so are the keys that open packets.
func (d *theftDay) certify(key crypto.PublicKey) ([]byte, time.Time, error) {
	issuer := trialKey(9)
	now := time.Now()
	for range 2 {
		k, err := wire.NewSealKey()
		if err != nil {
			return nil, now, err
		}
		r, err := wire.NewRecipient(k.PublicKey().Bytes())
		if err != nil {
			return nil, now, err
		}
		d.recipients = append(d.recipients, r)
	}
	c := token.Certificate{Kind: token.KindDevice, Subject: "loket-1", Office: "17.02", Device: "loket-1", Key: d.vault.Device().Public(),
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour)}
	var err error
	if d.certificate, err = token.IssueCertificate(c, issuer); err != nil {
		return nil, now, err
	}
	c.Kind, c.Subject, c.Name, c.Role, c.Key = token.KindOfficer, theftOfficer, "PETUGAS CONTOH", wire.RoleOfficer, key
	msg, err := token.IssueCertificate(c, issuer)
	return msg, c.NotAfter, err
}

func (d *theftDay) everybody(ctx context.Context, people []theftPerson) error {
	const page = 50
	fetch := func(_ context.Context, area, after string) (wire.RosterResponse, error) {
		sorted := slices.SortedFunc(slices.Values(people), func(a, b theftPerson) int { return bytes.Compare([]byte(a.Record.NIK), []byte(b.Record.NIK)) })
		out := wire.RosterResponse{Area: area, Total: len(people)}
		for _, p := range sorted {
			if p.Record.NIK > after && len(out.Records) < page {
				out.Records = append(out.Records, p.Record)
			}
		}
		if len(out.Records) == page {
			out.Next = out.Records[page-1].NIK
		}
		return out, nil
	}
	if err := d.roster.Download(ctx, d.keys, theftArea, fetch, 24*time.Hour, nil); err != nil {
		return err
	}
	if _, err := d.roster.Directory(ctx, d.keys); err != nil {
		return err
	}
	for n, p := range people {
		if n%50 == 49 { // the officer's key signs for five minutes
			if err := d.session.Confirm(ctx, theftPIN); err != nil {
				return err
			}
		}
		if err := d.serve(ctx, n, p, n == len(people)-1); err != nil {
			return fmt.Errorf("citizen %d: %w", n, err)
		}
	}
	return nil
}

// serve serves one: every ninth walks away, every seventh decision is undone,
// and the last is still being looked at.
func (d *theftDay) serve(ctx context.Context, n int, p theftPerson, last bool) error {
	f, err := d.roster.Get(ctx, d.keys, p.Record.NIK)
	if err != nil {
		return err
	}
	session := fmt.Sprintf("s-%d", n)
	for _, stage := range []string{"scan", "compare", "face"} {
		plain, err := json.Marshal(map[string]any{"stage": stage, "record": f.Record, "email": p.Email, "number": p.Number, "probe": p.Probe})
		if err != nil {
			return err
		}
		sealed, err := d.keys.Seal("draft/"+session, plain)
		if err != nil {
			return err
		}
		if err := d.ledger.SaveDraft(ctx, ledger.Draft{Session: session, Officer: theftOfficer, Body: sealed}); err != nil {
			return err
		}
		if last && stage == "compare" {
			return nil
		}
	}
	if n%9 == 8 {
		return d.ledger.DropDraft(ctx, session)
	}
	entry, err := d.decide(ctx, session, p)
	if err != nil {
		return err
	}
	d.log.Info("decision kept", "packet", entry.Packet.ID().String(), "decision", entry.Decision)
	if n%7 == 6 {
		return d.ledger.Undo(ctx, entry.Packet.ID())
	}
	return nil
}

func (d *theftDay) decide(ctx context.Context, session string, p theftPerson) (e ledger.Entry, err error) {
	at, err := d.ledger.Next(ctx)
	if err != nil {
		return e, err
	}
	now := time.Now().UTC().Truncate(time.Second)
	dec := wire.Decision{Packet: wire.NewPacketID(), Session: session, Kind: string(activation.Approve), At: now, Zone: "Asia/Jakarta", Office: "17.02",
		Counter: "Mobil 1", Device: "loket-1", Officer: theftOfficer, Registration: session, NIK: p.Record.NIK, Email: p.Email, Number: p.Number,
		Consent: wire.Consent{At: now, How: "spoken"}, Contact: true, Face: &wire.Face{Probe: p.Probe, Band: "match", Score: 0.7, Reference: wire.Reference{Taken: now}}}
	hashes, err := d.keys.Hashes("nik", p.Record.NIK)
	if err != nil {
		return e, err
	}
	e = ledger.Entry{Last4: p.Record.NIK[12:], Decision: dec.Kind, Duplicate: hashes[0], Session: session}
	e.Packet, err = wire.Seal(wire.Sealing{Decision: dec, Position: at, Device: d.vault.Device(), Officer: d.session, Recipients: d.recipients})
	if err != nil {
		return e, err
	}
	return e, d.ledger.Decide(ctx, e)
}

// takeAway writes a backup and a stick's bundle.
func (d *theftDay) takeAway(ctx context.Context, dir string) error {
	second := filepath.Join(dir, "second-place")
	if err := os.Mkdir(second, 0o700); err != nil {
		return err
	}
	if _, err := d.ledger.Backup(ctx, second); err != nil {
		return err
	}
	u, err := d.ledger.Unsent(ctx, 1<<30)
	if err != nil {
		return err
	}
	stick, err := os.Create(filepath.Join(dir, "stick.loket"))
	if err != nil {
		return err
	}
	defer stick.Close()
	_, err = wire.WriteBundle(stick, "loket-1", d.vault.Device(), time.Now(), [][]byte{d.certificate}, u.Packets)
	return err
}
