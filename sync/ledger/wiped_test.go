package ledger_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/sync/ledger"
	"loket/sync/wire"
)

// TestWiped: after the end of a day no file holds a piece of a packet that
// central has, of one that was undone, or of a case that was left: neither the
// database's free pages nor the WAL, which keeps its length.
func TestWiped(t *testing.T) {
	for name, c := range map[string]struct {
		params string
		left   bool // pieces are found in the end: the control
	}{
		"as shipped":               {ledger.DSN, false},
		"wiping only frees a page": {strings.Replace(ledger.DSN, "&_secure_delete=on", "", 1), true},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, t.TempDir())
			d.Close()
			var err error
			if d.Ledger, err = ledger.OpenWith(t.Context(), d.path, ledger.Options{Now: d.at}, c.params); err != nil {
				t.Fatal(err)
			}
			wiped := d.busyDay(t)
			if _, err := d.Idle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := pieces(t, d.path, wiped[:len(wiped)-1]); n == 0 {
				t.Error("nothing is found in a WAL that was written back and not emptied: the search finds nothing")
			}
			if _, _, err := d.CloseDay(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			if n := pieces(t, d.path, wiped); (n > 0) != c.left {
				t.Errorf("%d pieces of what was wiped are in the files", n)
			}
		})
	}
}

// busyDay keeps and settles decisions of several pages, undoes one and leaves a
// case, and gives the bytes that are to go. The last are a case still open.
func (d *desk) busyDay(t *testing.T) (wiped [][]byte) {
	t.Helper()
	d.probe = probe40
	for n := range 6 {
		e := d.decide(t)
		wiped = append(wiped, e.Packet.Bytes)
		if n == 5 {
			if err := d.Undo(t.Context(), e.Packet.ID()); err != nil {
				t.Fatal(err)
			}
			break
		}
		d.now = d.now.Add(ledger.UndoFor)
		if _, err := d.Take(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if err := d.Settle(t.Context(), []ledger.Outcome{{ID: e.Packet.ID(), State: wire.StateAccepted}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, session := range []string{"left", "open"} {
		body := make([]byte, 30<<10)
		rand.Read(body)
		wiped = append(wiped, body)
		if err := d.SaveDraft(t.Context(), ledger.Draft{Session: session, Officer: "p-001", Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.DropDraft(t.Context(), "left"); err != nil {
		t.Fatal(err)
	}
	return wiped
}

// pieces counts the pieces of 64 bytes, one a kilobyte, that stand in a file
// beside the database at path.
func pieces(t *testing.T, path string, of [][]byte) (found int) {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, whole := range of {
			for at := 0; at+64 <= len(whole); at += 1024 {
				if bytes.Contains(b, whole[at:at+64]) {
					found++
				}
			}
		}
	}
	return found
}
