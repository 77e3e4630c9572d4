package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"image"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf16"

	"loket/sync/ledger"
	"loket/sync/vault"
	"loket/sync/wire"
)

// smallPhoto is a grey picture: nobody looks at a face here.
func smallPhoto() []byte {
	var b bytes.Buffer
	must(jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
	return b.Bytes()
}

// vanMarks are the marks in every form in which a file could show them: as they
// are (CBOR and JSON too), UTF-16 both ways, hex both ways, base64 at each of
// its three alignments.
func vanMarks() [][]byte {
	var out [][]byte
	for _, m := range []string{markNIK, markName, markEmail, markNumber, markPhoto} {
		var little, big []byte
		for _, u := range utf16.Encode([]rune(m)) {
			little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
		}
		h := hex.EncodeToString([]byte(m))
		out = append(out, []byte(m), little, big, []byte(h), []byte(strings.ToUpper(h)))
		for lead := range 3 {
			enc := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", lead) + m))
			first, last := (lead*8+5)/6, (lead+len(m))*8/6 // letters that hang on the mark alone
			out = append(out, []byte(enc[first:last]))
		}
	}
	return out
}

// steal copies the van's disk, and its second disk, as a thief would, and looks
// for what it gives away.
func (v *van) steal() {
	w := v.w
	w.tally.Stolen++
	disk := v.copyDisk(-1)
	must(os.CopyFS(filepath.Join(disk, "second"), os.DirFS(v.second)))
	defer func() { must(os.RemoveAll(disk)) }()
	marks := vanMarks()
	found := 0
	must(filepath.WalkDir(disk, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		w.tally.StolenBytes += int64(len(data))
		for _, m := range marks {
			found += bytes.Count(data, m)
		}
		return nil
	}))
	w.note("%s: disk stolen, marks found: %v", v.name, found > 0)
	if found > 0 {
		w.breach("theft", "%s: %d marked places on the disk", v.name, found)
	}
	v.guess(disk)
}

// guess tries PINs on a stolen disk: five, then it has to wait; and none at all
// without the machine's secret.
func (v *van) guess(disk string) {
	w := v.w
	now := w.now
	l, err := ledger.Open(w.ctx, filepath.Join(disk, vanLedger), ledger.Options{Now: func() time.Time { return now }})
	must(err)
	defer func() { must(l.Close()) }()
	machine, err := vault.FileMachine(disk)
	must(err)
	opts := vault.Options{Now: func() time.Time { return now }, Argon2: cheapPIN}
	t, err := vault.Open(w.ctx, l.Vault(), machine, opts)
	must(err)
	tries := 0
	for ; tries < 2*vault.Tries; tries++ {
		if _, err := t.LogIn(w.ctx, "014", "130579"); errors.Is(err, vault.ErrPaused) {
			break
		}
	}
	if _, err := t.LogIn(w.ctx, "014", vanPIN); !errors.Is(err, vault.ErrPaused) {
		w.breach("pin", "%s: a thief's try after %d wrong ones: %v", v.name, tries, err)
	}
	must(os.Remove(filepath.Join(disk, vault.MachineFile)))
	other, err := vault.FileMachine(disk)
	must(err)
	if t, err = vault.Open(w.ctx, l.Vault(), other, opts); err == nil {
		_, err = t.LogIn(w.ctx, "027", vanPIN)
	}
	if err == nil {
		w.breach("pin", "%s: the right PIN opens without the machine's secret", v.name)
	}
}

// trespass is somebody at a locked screen who tries to decide.
func (v *van) trespass(c *citizen) {
	w := v.w
	v.unlock()
	if v.officer == nil {
		return
	}
	text, _ := w.show(c, nil)
	s := v.scan(text)
	v.lock()
	w.tally.Trespasses++
	p, d, err := v.seal(c, "approve", s, "roster", nil, nil)
	if err != nil {
		if !errors.Is(err, vault.ErrLocked) && !errors.Is(err, vault.ErrPINAgain) {
			must(err)
		}
		w.note("%s: locked, nothing signs", v.name)
		return
	}
	must(v.ledger.Decide(w.ctx, v.entry(c, p, "approve", nil)))
	d.acked = true
	v.cases[c] = d
	w.note("%s: locked, and somebody decides", v.name)
}

// lockOut types wrong PINs until the officer is paused, and then the right one.
func (v *van) lockOut(officer string) {
	w := v.w
	w.tally.Lockouts++
	for range vault.Tries {
		if _, err := v.vault.LogIn(w.ctx, officer, "130579"); err == nil {
			w.breach("pin", "%s: a wrong PIN opens", v.name)
		}
	}
	if _, err := v.vault.LogIn(w.ctx, officer, vanPIN); !errors.Is(err, vault.ErrPaused) {
		w.breach("pin", "%s: after five wrong PINs: %v", v.name, err)
	}
	w.note("%s: %s is paused", v.name, officer)
}

// confirm has the supervisor sign a new epoch.
func (v *van) confirm(now func() time.Time) ledger.Confirm {
	return func(ctx context.Context, l *ledger.Ledger, o wire.Opening) (wire.SignedOpening, error) {
		machine, err := vault.FileMachine(v.dir)
		if err != nil {
			return wire.SignedOpening{}, err
		}
		t, err := vault.Open(ctx, l.Vault(), machine, vault.Options{Now: now, Argon2: cheapPIN})
		if err != nil {
			return wire.SignedOpening{}, err
		}
		s, err := t.LogIn(ctx, vanSupervisor, vanPIN)
		if err != nil {
			return wire.SignedOpening{}, err
		}
		defer s.Lock()
		o.Officer = vanSupervisor
		return wire.SignOpening(o, s)
	}
}

func (v *van) path(name string) string { return filepath.Join(v.dir, name) }

func (v *van) backupFile() string { return filepath.Join(v.second, ledger.BackupName) }
