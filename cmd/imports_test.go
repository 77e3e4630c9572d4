// Package cmd_test holds the house's rules: who may import whom. They keep the
// screens free of native code, so that every screen draws without a camera, a
// display or a C compiler, and keep each library behind one door.
package cmd_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// pkg is what `go list` says of one package.
type pkg struct {
	ImportPath string
	Standard   bool
	CgoFiles   []string
	Imports    []string
	Deps       []string
}

// list reads every package of the module and what they depend on.
func list(t *testing.T) map[string]pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,CgoFiles,Imports,Deps", "loket/...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v: %s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	all := map[string]pkg{}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
}

// A door says that only certain packages import a library.
type door struct {
	library string // a prefix of import paths
	keepers []string
	why     string
}

var doors = []door{
	{"gocv.io/x/gocv", []string{"loket/camera/webcam", "loket/scanner/face/onnx"}, "OpenCV's memory is freed by hand: two places are enough to watch"},
	{"github.com/Kagami/go-face", []string{"loket/scanner/face/dlib"}, "dlib runs in the engine's child process only"},
	{"github.com/makiuchi-d/gozxing", []string{"loket/scanner/qr"}, "what gozxing gets to see is the scanner's own craft"},
	{"github.com/mattn/go-sqlite3", []string{"loket/sync/ledger", "loket/sync/ledger/thief", "loket/sync/roster", "loket/sync/central"}, "what is durable is decided where the records are kept"},
	{"database/sql", []string{"loket/sync/ledger", "loket/sync/ledger/thief", "loket/sync/roster", "loket/sync/central", "loket/sync/central/centraltest"}, "likewise"},
	{"github.com/google/go-tpm", []string{"loket/sync/vault/tpm"}, "a chip is spoken to where its answers are understood"},
	{"fyne.io/fyne/v2", []string{"loket/app", "loket/assets", "loket/cmd/kiosk"}, "the window is app's; cmd/kiosk opens it"},
}

// pure packages import the standard library and the named ones alone.
var pure = map[string][]string{
	"loket/app/activation":        nil,
	"loket/camera":                nil,
	"loket/scanner/face":          nil,
	"loket/scanner/face/liveness": {"loket/scanner/face"},
	"loket/scanner/face/sameday":  {"loket/scanner/face"},
	"loket/camera/footage":        {"loket/camera"},
	"loket/camera/footage/people": nil,
}

// appMay is all that app imports beside the standard library.
var appMay = []string{
	"loket/app/activation", "loket/camera", "loket/scanner/face", "loket/scanner/face/liveness", "loket/scanner/face/sameday", "loket/assets",
	"fyne.io/fyne/v2", "fyne.io/fyne/v2/canvas", "fyne.io/fyne/v2/container", "fyne.io/fyne/v2/dialog",
	"fyne.io/fyne/v2/driver/desktop", "fyne.io/fyne/v2/lang", "fyne.io/fyne/v2/layout",
	"fyne.io/fyne/v2/theme", "fyne.io/fyne/v2/widget",
}

// violations holds every package against the rules.
func violations(all map[string]pkg) []string {
	var bad []string
	for name, p := range all {
		if !strings.HasPrefix(name, "loket/") {
			continue
		}
		for _, imp := range p.Imports {
			for _, d := range doors {
				if (imp == d.library || strings.HasPrefix(imp, d.library+"/")) && !slices.Contains(d.keepers, name) {
					bad = append(bad, name+" imports "+imp+": "+d.why)
				}
			}
			if strings.HasPrefix(imp, "loket/cmd/") {
				bad = append(bad, name+" imports "+imp+": cmd knows everybody, nobody knows cmd")
			}
			if may, ok := pure[name]; ok && !all[imp].Standard && !slices.Contains(may, imp) {
				bad = append(bad, name+" imports "+imp+": it is held to the standard library")
			}
			if name == "loket/app" && !all[imp].Standard && !slices.Contains(appMay, imp) {
				bad = append(bad, name+" imports "+imp+": screens see the rest through interfaces of their own")
			}
		}
		if name == "loket/app" || name == "loket/scanner/token" {
			for _, dep := range p.Deps {
				if d := all[dep]; !d.Standard && len(d.CgoFiles) > 0 && !strings.HasPrefix(dep, "fyne.io/") && !strings.HasPrefix(dep, "github.com/go-gl/") {
					bad = append(bad, name+" reaches native code through "+dep)
				}
				if strings.HasPrefix(dep, "loket/sync/") {
					bad = append(bad, name+" reaches "+dep+": it must draw or verify without the ledger")
				}
			}
		}
		if strings.HasPrefix(name, "loket/cmd/") && name != "loket/cmd/trial" && slices.Contains(p.Deps, "loket/sync/central/centraltest") {
			bad = append(bad, name+" reaches loket/sync/central/centraltest: what ships can't switch a guard off")
		}
		if path.Clean(name) == "loket/sync" {
			bad = append(bad, "a package at sync/ hides the standard library's in every file with a mutex")
		}
	}
	slices.Sort(bad)
	return bad
}

func TestImports(t *testing.T) {
	for _, v := range violations(list(t)) {
		t.Error(v)
	}
}

// The rules must be able to fail: each is broken once on a made-up package.
func TestImportsControl(t *testing.T) {
	std := map[string]pkg{"database/sql": {ImportPath: "database/sql", Standard: true}, "image": {ImportPath: "image", Standard: true}}
	for _, c := range []struct{ name, from, imp string }{
		{"gocv in a screen", "loket/app", "gocv.io/x/gocv"},
		{"go-face beside its door", "loket/scanner/face/onnx", "github.com/Kagami/go-face"},
		{"gozxing in the phone", "loket/cmd/phone", "github.com/makiuchi-d/gozxing/qrcode"},
		{"SQL in the client", "loket/sync/client", "database/sql"},
		{"a window in the ledger", "loket/sync/ledger", "fyne.io/fyne/v2"},
		{"a library in the rules", "loket/app/activation", "golang.org/x/text/language"},
		{"the ledger in a screen", "loket/app", "loket/sync/ledger"},
		{"a command as a library", "loket/sync/central", "loket/cmd/kiosk"},
		{"a guard's switch in what ships", "loket/cmd/central", "loket/sync/central/centraltest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := map[string]pkg{c.from: {ImportPath: c.from, Imports: []string{c.imp}, Deps: []string{c.imp}}, c.imp: {ImportPath: c.imp}}
			if s, ok := std[c.imp]; ok {
				all[c.imp] = s
			}
			if len(violations(all)) == 0 {
				t.Errorf("%s may import %s: the rule never fails", c.from, c.imp)
			}
		})
	}
}
