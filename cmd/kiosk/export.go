package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"loket/scanner/token"
	"loket/sync/clock"
	"loket/sync/wire"
)

//go:embed export.html
var exportPage string

// exported is the one JSON object that `kiosk export` prints.
type exported struct {
	Bundle  string `json:"bundle,omitempty"` // "" where nothing waits: then no file is made
	File    string `json:"file,omitempty"`   // in the folder
	Page    string `json:"page,omitempty"`   // what is on the stick, for people
	Packets int    `json:"packets"`
	Relayed int    `json:"relayed"` // of other counters
	Left    int    `json:"left"`    // did not fit
}

// pageData is what the page says: nothing about citizens.
type pageData struct {
	exported
	Device, Counter, Office, Created string
}

// runExport writes the unsent packets of the data folder --data to the folder
// --to (a USB stick) as one signed bundle with a page. It may run beside a kiosk
// that is open. It returns 0, 1 where something went wrong, 2 for wrong usage.
func runExport(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk export", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "", "the kiosk's data `folder`")
	to := flags.String("to", "", "`folder` to write to, as a USB stick")
	if err := flags.Parse(args); err != nil || *data == "" || *to == "" || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "kiosk export: --data FOLDER and --to FOLDER are needed, and nothing else")
		return 2
	}
	return withStation(*data, "export", stdout, stderr, func(ctx context.Context, s *station) (any, error) {
		return s.export(ctx, folder(*to))
	})
}

// runImport takes bundles of other counters in: `kiosk import --data DIR FILE...`.
// What is in them is sent with this counter's own. It returns 0, 1, 2.
func runImport(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk import", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "", "the kiosk's data `folder`")
	if err := flags.Parse(args); err != nil || *data == "" || flags.NArg() == 0 {
		fmt.Fprintln(stderr, "kiosk import: --data FOLDER and at least one bundle are needed")
		return 2
	}
	return withStation(*data, "import", stdout, stderr, func(ctx context.Context, s *station) (any, error) {
		out := []imported{}
		for _, name := range flags.Args() {
			i, err := s.importBundle(ctx, name)
			if err != nil {
				return nil, err
			}
			out = append(out, i)
		}
		return out, nil
	})
}

// withStation opens a data folder that is there already, runs one command on it
// and prints its answer as JSON.
func withStation(data, name string, stdout, stderr io.Writer, run func(context.Context, *station) (any, error)) int {
	fail := func(err error) int {
		fmt.Fprintf(stderr, "kiosk %s: %v\n", name, err)
		return 1
	}
	if _, err := os.Stat(filepath.Join(data, ledgerName)); err != nil {
		return fail(err)
	}
	ctx := context.Background()
	s, err := openStation(ctx, data, clock.System, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return fail(err)
	}
	answer, err := run(ctx, s)
	if err := errors.Join(err, s.Close()); err != nil {
		return fail(err)
	}
	if err := json.NewEncoder(stdout).Encode(answer); err != nil {
		return fail(err)
	}
	return 0
}

// export writes bundle and page, in this order: a page without its bundle would
// promise what is not there.
func (s *station) export(ctx context.Context, m medium) (exported, error) {
	return s.exportTelling(ctx, m, func(int, int) {})
}

// exportTelling is export that tells how many packets are written.
func (s *station) exportTelling(ctx context.Context, m medium, progress func(done, total int)) (exported, error) {
	k, ok := s.known()
	if !ok {
		return exported{}, errNotEnrolled
	}
	u, err := s.ledger.Unsent(ctx, wire.MaxBundle)
	if err != nil {
		return exported{}, err
	}
	out := exported{Packets: len(u.Packets), Relayed: u.Relayed, Left: u.Left}
	if len(u.Packets) == 0 {
		return out, nil
	}
	now := s.now()
	out.File = wire.BundleName(k.device.Device, now)
	var manifest wire.Manifest
	err = writeWhole(m, out.File, func(w io.Writer) (err error) {
		manifest, err = wire.WriteBundle(newTeller(w, u.Packets, progress), k.device.Device, s.vault.Device(), now, append(u.Certificates, k.device.Certificate), u.Packets)
		return err
	})
	if err != nil {
		return exported{}, err
	}
	if err := s.ledger.Exported(ctx, manifest); err != nil {
		return exported{}, err
	}
	out.Bundle, out.Page = manifest.ID.String(), out.File+".html"
	page, err := template.New("page").Parse(exportPage)
	if err != nil {
		return exported{}, err
	}
	return out, writeWhole(m, out.Page, func(w io.Writer) error {
		return page.Execute(w, pageData{out, k.device.Device, k.device.Counter, k.device.Office, manifest.Created.Format("2006-01-02 15:04 UTC")})
	})
}

// imported says what became of one bundle.
type imported struct {
	Bundle string `json:"bundle"`
	Device string `json:"device"` // who wrote it
	New    int    `json:"new"`    // will be sent from here
	Known  int    `json:"known"`
	Forged int    `json:"forged"` // left out
}

func (s *station) importBundle(ctx context.Context, name string) (imported, error) {
	k, ok := s.known()
	if !ok {
		return imported{}, errNotEnrolled
	}
	f, err := os.Open(name)
	if err != nil {
		return imported{}, err
	}
	defer f.Close()
	b, err := wire.ReadBundle(f, k.trust.Lookup(token.UseDevice, s.now()))
	if err != nil {
		return imported{}, err
	}
	r, err := s.ledger.Relay(ctx, b)
	if err != nil {
		return imported{}, err
	}
	return imported{b.ID.String(), b.Device, r.New, r.Known, r.Forged}, nil
}
