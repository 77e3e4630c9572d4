package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/clock"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// later reads this machine's clock a minute ahead: nothing can be undone any more.
func later() clock.Reading {
	r := clock.System()
	r.Wall, r.Mono = r.Wall.Add(time.Minute), r.Mono+time.Minute
	return r
}

// refuse keeps a decision of officer 014 in a data folder.
func refuse(t *testing.T, dir string) { refuseUnder(t, dir, clock.System) }

// refuseUnder is refuse on a PC whose clock says something else.
func refuseUnder(t *testing.T, dir string, read func() clock.Reading) {
	t.Helper()
	ctx := t.Context()
	s, err := openStation(ctx, dir, read, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	officer, err := s.vault.LogIn(ctx, "014", crashPIN)
	if err != nil {
		t.Fatal(err)
	}
	k, _ := s.known()
	at, err := s.ledger.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sealing := wire.Sealing{Position: at, Device: s.vault.Device(), Officer: officer, Decision: wire.Decision{Packet: wire.NewPacketID(), Session: "s-1",
		Kind: "refuse", Reason: "KODE_TIDAK_SAH", At: s.now().UTC().Truncate(time.Second), Zone: "Asia/Jakarta", Office: k.device.Office,
		Counter: k.device.Counter, Device: k.device.Device, Officer: "014", NIK: crashNIK, Consent: wire.Consent{How: "none"}}}
	for _, r := range k.policy.Recipients {
		sealing.Recipients = append(sealing.Recipients, wire.Recipient{KID: r.KID, Public: r.Public})
	}
	p, err := wire.Seal(sealing)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.ledger.Decide(ctx, ledger.Entry{Packet: p, Last4: "0001", Decision: "refuse", Reason: "KODE_TIDAK_SAH"}), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// exportTo is `kiosk export` a minute later.
func exportTo(t *testing.T, data string, m medium) (exported, error) {
	t.Helper()
	s, err := openStation(t.Context(), data, later, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.export(t.Context(), m)
}

func TestExportAndImport(t *testing.T) {
	c := newCrash(t)
	ctx := context.Background()
	stick := t.TempDir()
	if got, err := exportTo(t, c.dir, folder(stick)); err != nil || got != (exported{}) {
		t.Fatalf("nothing waits: %+v, %v", got, err)
	}
	refuse(t, c.dir)
	refuse(t, c.dir)
	got, err := exportTo(t, c.dir, folder(stick))
	if err != nil || got.Packets != 2 || got.Bundle == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	page, err := os.ReadFile(filepath.Join(stick, got.Page))
	if err != nil || !bytes.Contains(page, []byte(got.File)) || !bytes.Contains(page, []byte("<dd>2</dd>")) || !bytes.Contains(page, []byte("Loket 3")) {
		t.Errorf("page: %s, %v", page, err)
	}
	file, err := os.ReadFile(filepath.Join(stick, got.File))
	if err != nil {
		t.Fatal(err)
	}
	for _, mark := range []string{crashNIK, "SRI CONTOH"} {
		if bytes.Contains(page, []byte(mark)) || bytes.Contains(file, []byte(mark)) {
			t.Errorf("%s is readable on the stick", mark)
		}
	}
	if regexp.MustCompile(`\b014\b`).Match(page) { // as a word: a time of 10.01.45 is none
		t.Errorf("the officer stands on the page: %s", page)
	}

	// Another counter brings it in, and writes a stick of its own.
	other := filepath.Join(t.TempDir(), "other")
	s, err := openStation(ctx, other, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join((&officers{s: s}).Enrol(ctx, c.central.DeviceCode("Loket 4").String()), s.Close()); err != nil {
		t.Fatal(err)
	}
	var out, faults bytes.Buffer
	for _, want := range []imported{{New: 2}, {Known: 2}} {
		out.Reset()
		if code := run([]string{"import", "--data", other, filepath.Join(stick, got.File)}, nil, &out, &faults); code != 0 {
			t.Fatalf("exit %d: %s", code, &faults)
		}
		var in []imported
		if err := json.Unmarshal(out.Bytes(), &in); err != nil || len(in) != 1 || in[0].New != want.New || in[0].Known != want.Known || in[0].Bundle != got.Bundle {
			t.Errorf("import says %s, %v", &out, err)
		}
	}
	out.Reset()
	if code := run([]string{"export", "--data", other, "--to", stick}, nil, &out, &faults); code != 0 {
		t.Fatalf("exit %d: %s", code, &faults)
	}
	var second exported
	if err := json.Unmarshal(out.Bytes(), &second); err != nil || second.Packets != 2 || second.Relayed != 2 {
		t.Fatalf("export of others' says %s, %v", &out, err)
	}
	// Central gets both sticks: each packet counts once.
	for i, name := range []string{second.File, got.File} {
		f, err := os.Open(filepath.Join(stick, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := c.central.Home.ImportBundle(ctx, f)
		want := []wire.Result{wire.ResultAccepted, wire.ResultDuplicate}[i]
		if err != nil || r.Results[want] != 2 {
			t.Errorf("central: %+v, %v", r, err)
		}
	}
	if n := c.central.Rows().Tables["packets"]; n != 2 {
		t.Errorf("%d packets at central", n)
	}
	for _, args := range [][]string{{"export"}, {"import", "--data", other}, {"export", "--data", other, "--to", stick, "more"}} {
		if code := run(args, nil, io.Discard, io.Discard); code != 2 {
			t.Errorf("%v: exit %d", args, code)
		}
	}
	if code := run([]string{"import", "--data", other, filepath.Join(stick, got.Page)}, nil, io.Discard, io.Discard); code != 1 {
		t.Errorf("a page as bundle: exit %d", code)
	}
}

// pulled is a stick that is pulled out at its nth call: a write that runs then
// is torn, and nothing after it does anything.
type pulled struct {
	folder
	left *int
}

var errPulled = errors.New("stick is gone")

func (p pulled) gone() error {
	if *p.left--; *p.left < 0 {
		return errPulled
	}
	return nil
}

func (p pulled) Create(name string) (io.WriteCloser, error) {
	if err := p.gone(); err != nil {
		return nil, err
	}
	f, err := p.folder.Create(name)
	return pulledFile{p, f}, err
}

func (p pulled) Rename(from, to string) error {
	return errors.Join(p.gone(), p.then(func() error { return p.folder.Rename(from, to) }))
}
func (p pulled) Remove(name string) error {
	return errors.Join(p.gone(), p.then(func() error { return p.folder.Remove(name) }))
}
func (p pulled) Sync() error { return p.gone() }

// then does something while the stick is in.
func (p pulled) then(f func() error) error {
	if *p.left < 0 {
		return errPulled
	}
	return f()
}

type pulledFile struct {
	p pulled
	io.WriteCloser
}

func (f pulledFile) Write(b []byte) (int, error) {
	if err := f.p.gone(); err != nil {
		n, _ := f.WriteCloser.Write(b[:len(b)/2])
		return n, err
	}
	return f.WriteCloser.Write(b)
}

func (f pulledFile) Close() error { return errors.Join(f.p.gone(), f.WriteCloser.Close()) }

// direct is a stick on which files are written under their own names.
type direct struct{ pulled }

func (d direct) Create(name string) (io.WriteCloser, error) {
	return d.pulled.Create(strings.TrimSuffix(name, ".part"))
}
func (d direct) Rename(_, _ string) error { return d.gone() }

// TestPulledStick pulls the stick at every call: a bundle is there whole or not
// at all. Without the part file it would stand there torn.
func TestPulledStick(t *testing.T) {
	c := newCrash(t)
	for range 3 {
		refuse(t, c.dir)
	}
	s, err := openStation(t.Context(), c.dir, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	issuers := s.trust.Lookup(token.UseDevice, s.now())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// torn counts bundles that stand there and are not whole, at each moment.
	torn := func(wrap func(pulled) medium) (torn, pulls int) {
		for ; ; pulls++ {
			dir, left := t.TempDir(), pulls
			got, err := exportTo(t, c.dir, wrap(pulled{folder(dir), &left}))
			names, _ := filepath.Glob(filepath.Join(dir, "*.ikdb"))
			for _, name := range names {
				b, readErr := os.ReadFile(name)
				if readErr != nil {
					t.Fatal(readErr)
				}
				if _, err := wire.ReadBundle(bytes.NewReader(b), issuers); err != nil {
					torn++
				}
			}
			if err == nil {
				if len(names) != 1 || got.Packets != 3 {
					t.Fatalf("in the end: %v, %+v", names, got)
				}
				return torn, pulls
			}
			if !errors.Is(err, errPulled) {
				t.Fatal(err)
			}
		}
	}
	n, pulls := torn(func(p pulled) medium { return p })
	if n != 0 || pulls < 8 {
		t.Errorf("%d torn bundles in %d pulls", n, pulls)
	}
	bad, _ := torn(func(p pulled) medium { return direct{p} })
	if bad == 0 {
		t.Error("control: written in place, no pull tears a bundle")
	}
	t.Logf("pulled at %d moments: %d torn; written in place: %d torn", pulls, n, bad)
}
