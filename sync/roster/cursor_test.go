package roster_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"loket/sync/roster"
	"loket/sync/wire"
)

// TestBrokenDownloadIsUnreadable: central's cursor is the NIK where a download
// goes on, and no file says it.
func TestBrokenDownloadIsUnreadable(t *testing.T) {
	cut := errors.New("cut")
	for _, c := range []struct {
		name   string
		keys   func(v *van) roster.Keys
		within bool
	}{
		{"sealed", func(v *van) roster.Keys { return v.keys }, false},
		{"control: not sealed", func(v *van) roster.Keys { return cursorOpen{v.keys} }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newVan(t)
			var asked []string
			fetch := func(_ context.Context, _, after string) (wire.RosterResponse, error) {
				if asked = append(asked, after); after != "" {
					return wire.RosterResponse{}, cut
				}
				return wire.RosterResponse{Total: 2, Next: nik(1), Records: []wire.Record{record(1, 10)}}, nil
			}
			for range 2 {
				if err := v.Download(t.Context(), c.keys(v), area, fetch, time.Hour, nil); !errors.Is(err, cut) {
					t.Fatal(err)
				}
			}
			if len(asked) != 3 || asked[2] != nik(1) {
				t.Errorf("asked after %q, want the second time after %s alone", asked, nik(1))
			}
			if got := inFiles(t, v.dir, nik(1)); got != c.within {
				t.Errorf("the cursor is readable: %v, want %v", got, c.within)
			}
		})
	}
}

// cursorOpen seals nothing.
type cursorOpen struct{ roster.Keys }

func (cursorOpen) Seal(_ string, plain []byte) ([]byte, error)  { return plain, nil }
func (cursorOpen) Open(_ string, sealed []byte) ([]byte, error) { return sealed, nil }

// inFiles looks for a text in every file, in clear and in base64.
func inFiles(t *testing.T, dir, text string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) || bytes.Contains(b, []byte(base64.StdEncoding.EncodeToString([]byte(text))[:20])) {
			return true
		}
	}
	return false
}
