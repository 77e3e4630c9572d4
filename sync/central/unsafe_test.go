package central_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNobodyForgetsHeads: the trial alone calls what gives up the guard.
func TestNobodyForgetsHeads(t *testing.T) {
	var callers []string
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte("ForgetHeads")) {
			callers = append(callers, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	callers = slices.DeleteFunc(callers, func(c string) bool { return strings.HasPrefix(c, "../../sync/central/unsafe") })
	if want := []string{"../../cmd/trial/tamper_victim.go"}; !slices.Equal(callers, want) {
		t.Errorf("called by %q, want only %q", callers, want)
	}
}
