package ledger_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loket/sync/ledger"
)

// TestNobodyOpensNotDurable: the trial alone calls what gives up the guard.
func TestNobodyOpensNotDurable(t *testing.T) {
	var callers []string
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte("OpenNotDurable")) {
			callers = append(callers, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	callers = slices.DeleteFunc(callers, func(c string) bool { return strings.HasPrefix(c, "../../sync/ledger/unsafe") })
	if want := []string{"../../cmd/trial/crash_driver.go"}; !slices.Equal(callers, want) {
		t.Errorf("called by %q, want only %q", callers, want)
	}
}

// TestOpenNotDurable: it is what its name says, and an ordinary start refuses
// nothing that it left, for the setting is the connection's.
func TestOpenNotDurable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := ledger.OpenNotDurable(t.Context(), path, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var level int
	if err := l.DB().QueryRow("PRAGMA synchronous").Scan(&level); err != nil || level != 1 {
		t.Errorf("synchronous is %d, %v; want 1, NORMAL", level, err)
	}
	if err := l.Integrity(t.Context()); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = ledger.Open(t.Context(), path, ledger.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
