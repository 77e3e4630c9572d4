package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"loket/app"
	"loket/app/activation"
	"loket/assets"
	"loket/camera"
	"loket/scanner/face"
)

// TestCodesHaveWords says that whatever can stand in a View has words in both
// languages.
func TestCodesHaveWords(t *testing.T) {
	var keys []string
	add := func(group string, codes ...string) {
		for _, c := range codes {
			keys = append(keys, group+"."+c)
		}
	}
	for _, r := range activation.Reasons() {
		add("reason", string(r), string(r)+".short")
	}
	for _, d := range []activation.Decision{activation.Approve, activation.Refuse, activation.Refer, activation.Decline,
		activation.Block, activation.Reactivate, activation.Cancel} {
		add("decision", string(d))
		add("done.head", string(d))
		for _, r := range activation.ReasonsFor(d) {
			add("option", string(d)+".for")
			for _, s := range activation.SlipFor(d, r) {
				add("line", string(s))
			}
		}
	}
	for _, s := range activation.SlipFor(activation.Approve, "") {
		add("line", string(s))
	}
	for _, s := range activation.Stages() {
		add("stage", string(s))
	}
	for _, r := range activation.AllReadiness() {
		add("ready", string(r), string(r)+".how")
		add("line", "ready-"+string(r))
	}
	for _, f := range append(activation.RecordFields(), activation.ContactFields()...) {
		add("field", string(f))
		add("mark.next", string(f))
	}
	for _, f := range camera.Faults() {
		add("notice", "camera-"+string(f))
		add("detail", "camera-"+string(f))
	}
	for _, l := range []app.LinkState{app.LinkOnline, app.LinkSending, app.LinkOffline, app.LinkPortal, app.LinkTLS,
		app.LinkClock, app.LinkRevoked, app.LinkBusy, app.LinkServer, app.LinkUnchecked, app.LinkName, app.LinkExpired, app.LinkFull} {
		add("link", string(l))
		add("detail", "link-"+string(l))
	}
	for _, b := range []face.Band{face.Match, face.Doubtful, face.NoMatch, face.Unknown} {
		add("band", string(b))
	}
	add("state", "queued", "sent", "accepted", "mailed", "activated", "held", "refused", "bounced", "expired", "cancelled", "aside")
	for _, kind := range []struct{ dir, typ, group string }{
		{"activation", "Obstacle", "line"}, {"activation", "Cause", "line"}, {"activation", "Warning", "line"},
		{"activation", "Step", "line"}, {"activation", "CodeFault", "line"}, {"activation", "NIKFault", "line"},
		{"../scanner/face", "Hint", "sentence"}, {"../scanner/face", "Code", "line"},
		{"../scanner/face", "Code", "detail"}, {"../scanner/token", "Reason", "detail"},
		{"../scanner/face/liveness", "Step", "line"}, {"../scanner/face/liveness", "Step", "sentence.challenge"},
		{"../scanner/face/liveness", "Reason", "detail.challenge"}, {"../scanner/face/liveness", "Reason", "notice.challenge"},
	} {
		codes := constants(t, kind.dir, kind.typ)
		if len(codes) == 0 {
			t.Errorf("%s has no constants of type %s: has it another name now?", kind.dir, kind.typ)
		}
		for _, code := range codes {
			if sep := "."; code != "" {
				if strings.HasSuffix(kind.group, ".challenge") { // part of a longer code
					sep = "-"
				}
				keys = append(keys, kind.group+sep+code)
			}
		}
	}
	add("cause", "offline", "portal", "tls", "clock", "revoked", "busy", "server")
	for _, c := range regexp.MustCompile(`reason[A-Z]\w+ += "(\w+)"`).FindAllStringSubmatch(textOf(t, "../sync/central/faults.go"), -1) {
		add("cause", c[1])
	}
	add("line", "format", "signature", "issuer", "validity", "device", "replay", "registration", "typed", "code-digit", "code-swapped")
	add("hint", "closer", "dimmer", "hold", "searching", "show")
	for _, k := range keys {
		if strings.HasSuffix(k, ".") {
			continue // the empty code says nothing
		}
		if !app.HasWords(k) {
			t.Errorf("no words for %s", k)
		}
	}
	if app.HasWords("notice.no-such-code") {
		t.Error("control: a code that nobody wrote has words")
	}
}

// TestDeskCodesHaveWords reads the desk's own source for the codes that it
// gives to say, fail, step and do.
func TestDeskCodesHaveWords(t *testing.T) {
	groups := map[string]string{"say": "notice", "fail": "notice", "step": "notice", "remark": "notice", "do": "busy"}
	files, _ := filepath.Glob("*.go")
	seen := 0
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || groups[sel.Sel.Name] == "" {
				return true
			}
			lit, ok := call.Args[0].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			code, _ := strconv.Unquote(lit.Value)
			// The screens' own words are asked for by whole keys (pg.say.say).
			if code == "" || strings.Contains(code, ".") || app.HasWords(code) {
				return true
			}
			seen++
			if key := groups[sel.Sel.Name] + "." + code; !app.HasWords(key) {
				t.Errorf("%s: no words for %s", name, key)
			}
			return true
		})
	}
	if seen < 30 {
		t.Errorf("found %d codes; the desk says them in another way now", seen)
	}
}

// textOf is the text of a file.
func textOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// constants reads the string constants of a type from a package's source.
func constants(t *testing.T, dir, typ string) []string {
	t.Helper()
	var out []string
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, ok := v.Type.(*ast.Ident); !ok || id.Name != typ {
				return true
			}
			for _, x := range v.Values {
				if lit, ok := x.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					s, _ := strconv.Unquote(lit.Value)
					out = append(out, s)
				}
			}
			return true
		})
	}
	return out
}

// TestWordTable says that both languages fill the same blanks, end alike and
// are free of slips of the keyboard.
func TestWordTable(t *testing.T) {
	blank := regexp.MustCompile(`\{\d\}`)
	for key, w := range app.WordTable() {
		a, b := blank.FindAllString(w[0], -1), blank.FindAllString(w[1], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: blanks %v and %v", key, a, b)
		}
		for _, s := range w {
			if s == "" || strings.TrimSpace(s) != s || strings.Contains(s, "  ") || strings.Count(s, "*")%2 != 0 {
				t.Errorf("%s: %q", key, s)
			}
		}
		if strings.HasPrefix(key, "notice.") && !strings.HasSuffix(key, ".next") && !app.HasWords(key) {
			t.Errorf("%s has no next step", key)
		}
	}
}

// TestFonts says that every letter of every word is in the shipped fonts, so
// that none comes from the system's, and that figures stand in columns.
func TestFonts(t *testing.T) {
	for name, data := range map[string][]byte{"regular": assets.Regular, "bold": assets.Bold} {
		f, err := sfnt.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		var buf sfnt.Buffer
		lacks := map[rune]bool{}
		letters := "0123456789•·×±–…“”"
		for _, w := range app.WordTable() {
			letters += w[0] + w[1]
		}
		for _, r := range letters {
			if i, err := f.GlyphIndex(&buf, r); err != nil || i == 0 {
				lacks[r] = true
			}
		}
		for r := range lacks {
			t.Errorf("%s lacks %q (%U)", name, r, r)
		}
		if i, _ := f.GlyphIndex(&buf, '中'); i != 0 {
			t.Errorf("control: %s has a glyph that nobody put in", name)
		}
		width := fixed.Int26_6(0)
		for _, r := range "0123456789" {
			i, _ := f.GlyphIndex(&buf, r)
			a, err := f.GlyphAdvance(&buf, i, fixed.I(100), font.HintingNone)
			if err != nil || width != 0 && a != width {
				t.Errorf("%s: %q is %v wide, others %v", name, r, a, width)
			}
			width = a
		}
	}
}
