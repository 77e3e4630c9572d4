package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"loket/app"
	"loket/sync/client"
	"loket/sync/vault"
	"loket/sync/wire"
)

// Every code that this program tells the officer has words in both languages.
func TestCodesHaveWords(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	check := func(group string, e ast.Expr) {
		lit, ok := e.(*ast.BasicLit)
		if !ok {
			return
		}
		code, err := strconv.Unquote(lit.Value)
		if err != nil || code == "" || strings.HasSuffix(code, "-") {
			return
		}
		found++
		if group == "notice." && (code == "code" || code == "offline") {
			group = "setup." // of Enrol alone
		}
		if !app.HasWords(group + code) {
			t.Errorf("%s%s has no words", group, code)
		}
	}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				sel, ok := n.Type.(*ast.SelectorExpr)
				if !ok || sel.Sel.Name != "Fault" && sel.Sel.Name != "Line" {
					return true
				}
				group := map[string]string{"Fault": "notice.", "Line": "line."}[sel.Sel.Name]
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						switch kv.Key.(*ast.Ident).Name {
						case "Code":
							check(group, kv.Value)
						case "Detail":
							check("detail.", kv.Value)
						}
					}
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "line" {
					check("line.", n.Args[0])
					check("detail.", n.Args[2])
				}
			}
			return true
		})
	}
	if found < 20 {
		t.Errorf("only %d codes found: the test is blind", found)
	}
}

func TestLineFaults(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no internet":       {&client.Fault{Link: client.Offline, Err: errors.New("x")}, "link-offline"},
		"name not found":    {&client.Fault{Link: client.Offline, Detail: client.CauseName, Err: errors.New("x")}, "link-name"},
		"expired":           {&client.Fault{Link: client.TLS, Detail: client.CauseExpired, Err: errors.New("x")}, "link-expired"},
		"full":              {&client.Fault{Link: client.Server, Detail: client.CauseFull, Err: errors.New("x")}, "link-full"},
		"a portal":          {&client.Fault{Link: client.Portal, Err: errors.New("x")}, "link-portal"},
		"not our central":   {&client.Fault{Link: client.TLS, Err: errors.New("x")}, "link-tls"},
		"wrong clock":       {&client.Fault{Link: client.Clock, Err: errors.New("x")}, "link-clock"},
		"busy":              {&client.Fault{Link: client.Busy, Err: errors.New("x")}, "link-busy"},
		"its own fault":     {&client.Fault{Link: client.Server, Err: errors.New("x")}, "link-server"},
		"revoked":           {&wire.Error{Code: wire.CodeRevoked}, "central-device-revoked"},
		"wrong password":    {&wire.Error{Code: wire.CodePassword}, "central-password"},
		"password too easy": {&wire.Error{Code: wire.CodeWeakPassword}, "central-password-weak"},
		"paused":            {&wire.Error{Code: wire.CodePaused}, "central-paused"},
		"code is of nobody": {&wire.Error{Code: wire.CodeNoRegistration}, "central-registration-unknown"},
		"too many codes":    {&wire.Error{Code: wire.CodeLookupPaused}, "central-registration-paused"},
		"code not taken":    {&wire.Error{Code: wire.CodePresentation}, "central-presentation"},
		"PIN too long ago":  {vault.ErrPINAgain, "pin-again"},
		"something else":    {errors.New("x"), "record-failed"},
	} {
		t.Run(name, func(t *testing.T) {
			var f *app.Fault
			if err := lineFault("record", c.err); !errors.As(err, &f) || f.Code != c.want || !errors.Is(err, c.err) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if !app.HasWords("notice." + c.want) {
				t.Errorf("notice.%s has no words", c.want)
			}
		})
	}
}
