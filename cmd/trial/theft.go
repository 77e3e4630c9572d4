package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"loket/sync/ledger"
)

// theftReport is what `trial theft` prints.
type theftReport struct {
	Trial     string          `json:"trial"`
	Seed      uint64          `json:"seed"`
	Citizens  int             `json:"citizens"`
	Marks     int             `json:"marks"`    // byte strings looked for, each in every form
	Patterns  int             `json:"patterns"` // marks in all their forms
	Disk      theftScan       `json:"stolen_disk"`
	Elsewhere []string        `json:"files_elsewhere"` // that the process had open for writing outside its folder
	PINs      theftKeysByKind `json:"pin_without_the_machine"`
	Control   theftControl    `json:"control"`
	Seconds   float64         `json:"seconds"`
}

type theftKeysByKind struct {
	File theftPINs `json:"file_secret"`
	TPM  theftPINs `json:"tpm"`
}

// theftControl is the same day with nothing sealed, and a file with one
// citizen in every form, all of which the search must find.
type theftControl struct {
	Unsealed theftScan `json:"unsealed"`
	Planted  int       `json:"planted_forms"`
	Missed   []string  `json:"planted_forms_missed"`
}

// theft serves marked citizens, switches the PC off and searches what is left.
func theft(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := newFlags("theft", progress)
	citizens := flags.Int("citizens", 1000, "marked citizens that are served")
	seed := flags.Uint64("seed", 1, "of their data")
	var p theftPC
	flags.StringVar(&p.dir, "counter", "", "be the counter whose data is in this `folder`")
	flags.StringVar(&p.tpm, "tpm", "", "its chip's `socket`")
	flags.BoolVar(&p.open, "unsealed", false, "it seals nothing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if p.dir != "" {
		return p.serve(ctx, theftPeople(*citizens, *seed), out)
	}
	began := time.Now()
	dir, err := os.MkdirTemp("", "loket-trial-theft")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r := theftReport{Trial: "theft", Seed: *seed, Citizens: *citizens}
	if err := r.run(ctx, dir, progress); err != nil {
		return err
	}
	r.Seconds = secondsSince(began)
	return tell(out, r)
}

func (r *theftReport) run(ctx context.Context, dir string, progress io.Writer) error {
	people := theftPeople(r.Citizens, r.Seed)
	search := newTheftSearch(people)
	for _, p := range people {
		for _, marks := range p.marks() {
			r.Marks += len(marks)
		}
	}
	for _, patterns := range search.head {
		r.Patterns += len(patterns)
	}
	chip, err := newTheftChip(ctx, filepath.Join(dir, "chip"))
	if err != nil {
		return err
	}
	defer chip.off()
	other, err := newTheftChip(ctx, filepath.Join(dir, "thiefs-chip"))
	if err != nil {
		return err
	}
	defer other.off()
	van := theftPC{dir: filepath.Join(dir, "van"), tpm: chip.socket}
	fmt.Fprintf(progress, "serving %d citizens in a van with a TPM\n", r.Citizens)
	if r.Elsewhere, err = van.steal(ctx, r.Citizens, r.Seed, search, &r.Disk); err != nil {
		return err
	}
	if r.PINs.TPM, err = van.keys(ctx, other.socket); err != nil {
		return fmt.Errorf("van with a TPM: %w", err)
	}
	few := max(r.Citizens/20, 10)
	fmt.Fprintf(progress, "serving %d in one whose secret is a file, and as many with nothing sealed\n", few)
	var scan theftScan
	plain := theftPC{dir: filepath.Join(dir, "file")}
	if _, err := plain.steal(ctx, few, r.Seed, search, &scan); err != nil {
		return err
	}
	r.Disk.add(scan)
	if r.PINs.File, err = plain.keys(ctx, ""); err != nil {
		return fmt.Errorf("van with a file: %w", err)
	}
	open := theftPC{dir: filepath.Join(dir, "open"), open: true}
	if _, err := open.steal(ctx, few, r.Seed, search, &r.Control.Unsealed); err != nil {
		return err
	}
	return r.Control.plant(filepath.Join(dir, "planted"), people[len(people)/2], search)
}

// steal runs a PC's day in a process of its own, kills it with a case open, and
// searches every file: also those that the process had open and deleted, and
// those that it wrote elsewhere, which it names.
func (p theftPC) steal(ctx context.Context, citizens int, seed uint64, search *theftSearch, scan *theftScan) (elsewhere []string, err error) {
	temporary := filepath.Join(p.dir, "tmp")
	if err := os.MkdirAll(temporary, 0o700); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "theft", "-counter", p.dir, "-tpm", p.tpm, "-citizens", strconv.Itoa(citizens),
		"-seed", strconv.FormatUint(seed, 10), "-unsealed="+strconv.FormatBool(p.open))
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "SQLITE_TMPDIR="+temporary)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "open\n" {
		return nil, errors.Join(fmt.Errorf("the van's PC said %q: %s", line, said.String()), cmd.Process.Kill(), cmd.Wait())
	}
	var deleted theftScan
	elsewhere, err = p.descriptors(cmd.Process.Pid, search, &deleted)
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	if err != nil {
		return nil, err
	}
	if *scan, err = search.folder(p.dir); err != nil {
		return nil, err
	}
	scan.add(deleted)
	return elsewhere, nil
}

// descriptors searches what the process has open and deleted, and names files
// outside its folder that it writes.
func (p theftPC) descriptors(pid int, search *theftSearch, scan *theftScan) (elsewhere []string, err error) {
	*scan, elsewhere = theftScan{Found: found{}, Where: map[string]int{}}, []string{}
	folder := fmt.Sprintf("/proc/%d/fd", pid)
	fds, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, fd := range fds {
		at := filepath.Join(folder, fd.Name())
		name, err := os.Readlink(at)
		if err != nil || !strings.HasPrefix(name, "/") || strings.HasPrefix(name, "/dev/") || strings.HasPrefix(name, "/proc/") || strings.HasPrefix(name, "/sys/") {
			continue // a pipe or socket, or gone meanwhile
		}
		if strings.HasSuffix(name, " (deleted)") {
			if err := search.file(at, filepath.Base(name), scan); err != nil {
				return nil, err
			}
		} else if !strings.HasPrefix(name, p.dir+"/") {
			elsewhere = append(elsewhere, name)
		}
	}
	return elsewhere, nil
}

func (s *theftScan) add(more theftScan) {
	s.Files, s.Bytes = s.Files+more.Files, s.Bytes+more.Bytes
	for kind, forms := range more.Found {
		if s.Found[kind] == nil {
			s.Found[kind] = map[string]int{}
		}
		for form, n := range forms {
			s.Found[kind][form] += n
		}
	}
	for name, n := range more.Where {
		s.Where[name] += n
	}
}

// plant writes one citizen in every form and looks for each.
func (c *theftControl) plant(dir string, p theftPerson, search *theftSearch) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	var all []byte
	want := map[string]bool{}
	for kind, marks := range p.marks() {
		for _, mark := range marks {
			for form, b := range theftForms(kind, mark) {
				all = append(append(all, 0x7f), b...)
				want[kind+" "+form] = true
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "all"), all, 0o600); err != nil {
		return err
	}
	scan, err := search.folder(dir)
	if err != nil {
		return err
	}
	c.Planted, c.Missed = len(want), []string{}
	for form := range want {
		kind, name, _ := strings.Cut(form, " ")
		if scan.Found[kind][name] == 0 {
			c.Missed = append(c.Missed, form)
		}
	}
	return nil
}

// judge holds the figures against the bars.
func (r theftReport) judge() error {
	f, t := r.PINs.File, r.PINs.TPM
	switch {
	case r.Disk.Found.sum() > 0:
		return fmt.Errorf("stolen disk: %d marks in %v", r.Disk.Found.sum(), r.Disk.Where)
	case len(r.Elsewhere) > 0:
		return fmt.Errorf("stolen disk: files elsewhere: %v", r.Elsewhere)
	case !f.Owner || !t.Owner:
		return errors.New("PIN: with the machine's secret it opens nothing either")
	case f.ForcedOpened || t.ForcedOpened:
		return fmt.Errorf("PIN: it opens a copied disk: file %q, %q, TPM %q, %q", f.Copy, f.CopyForced, t.Copy, t.CopyForced)
	case t.Tries != 5 || !t.Paused || t.OpensAfter:
		return fmt.Errorf("TPM: paused %v after %d wrong PINs, the right one then opens: %v", t.Paused, t.Tries, t.OpensAfter)
	case f.Paused || f.Tries != theftTries || !f.OpensAfter:
		return fmt.Errorf("control: a file's PINs should have no end: paused %v after %d", f.Paused, f.Tries)
	case len(r.Control.Missed) > 0:
		return fmt.Errorf("control: planted forms were not found: %v", r.Control.Missed)
	}
	for _, kind := range []string{"nik", "name", "address", "email", "number", "photo", "probe"} {
		if len(r.Control.Unsealed.Found[kind]) == 0 {
			return fmt.Errorf("control: with nothing sealed no %s was found", kind)
		}
	}
	return nil
}

// openTheftLedger opens a PC's ledger without its vault.
func openTheftLedger(ctx context.Context, dir string) (*ledger.Ledger, error) {
	return ledger.Open(ctx, filepath.Join(dir, "ledger.db"), ledger.Options{})
}
