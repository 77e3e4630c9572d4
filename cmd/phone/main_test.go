package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/scanner/token"
	"loket/sync/central/centraltest"
)

// TestCommands runs the phone as scripts do.
func TestCommands(t *testing.T) {
	c := centraltest.Start(t)
	dir := t.TempDir()
	selfie := filepath.Join(dir, "selfie.jpg")
	data, err := drawn()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(selfie, data, 0o600); err != nil {
		t.Fatal(err)
	}
	call := func(args ...string) (string, int) {
		var stdout, stderr bytes.Buffer
		args = append(args, "--central", c.Phones, "--root", c.RootFile, "--data", filepath.Join(dir, "phone"))
		code := run(t.Context(), args, &stdout, &stderr)
		return stdout.String() + stderr.String(), code
	}
	if out, code := call("text"); code != 1 {
		t.Errorf("text before registering: %d %s", code, out)
	}
	if out, code := call("register", "--nik", "170201", "--email", "sri@contoh.id", "--number", "081200000001", "--selfie", selfie); code != 1 || !strings.Contains(out, "16 angka") {
		t.Errorf("short NIK: %d %s", code, out)
	}
	if out, code := call("register", "--nik", "1702015005920001", "--email", "sri@contoh.id", "--number", "081200000001", "--selfie", selfie); code != 0 || !strings.Contains(out, `"step":"qr"`) {
		t.Fatalf("register: %d %s", code, out)
	}
	out, code := call("text")
	var shown struct{ Text string }
	if err := json.Unmarshal([]byte(out), &shown); err != nil || code != 0 || !strings.HasPrefix(shown.Text, token.PrefixPresentation) {
		t.Errorf("text: %d %s", code, out)
	}
	if out, code := call("state"); code != 0 || !strings.Contains(out, `"state":"registered"`) {
		t.Errorf("state: %d %s", code, out)
	}
	if out, code := call("card"); code != 1 || !strings.Contains(out, "not-now") {
		t.Errorf("card too early: %d %s", code, out)
	}
	for name, args := range map[string][]string{"nothing": {}, "unknown": {"dance", "--central", "x"}, "no central": {"state"}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code != 2 || stdout.Len() > 0 || !strings.Contains(stderr.String(), "usage:") {
			t.Errorf("%s: %d", name, code)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "phone", keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
}

// TestServe: the first line says where; the page answers there; it ends in
// order when it is told to. Over TLS its certificate lies in the data folder.
func TestServe(t *testing.T) {
	c := centraltest.Start(t)
	for _, more := range [][]string{nil, {"--https"}} {
		t.Run(strings.Join(append([]string{"serve"}, more...), " "), func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			r, w := io.Pipe()
			dir := t.TempDir()
			ended := make(chan int, 1)
			go func() {
				var stderr bytes.Buffer
				ended <- run(ctx, append([]string{"serve", "--central", c.Phones, "--root", c.RootFile, "--data", dir}, more...), w, &stderr)
				w.CloseWithError(io.ErrUnexpectedEOF)
			}()
			line, err := bufio.NewReader(r).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
			if !ok || strings.HasPrefix(url, "https:") != (more != nil) {
				t.Fatalf("first line %q", line)
			}
			pool := x509.NewCertPool()
			if text, err := os.ReadFile(filepath.Join(dir, pageFile)); err == nil {
				pool.AppendCertsFromPEM(text)
			}
			client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
			resp, err := client.Get(url + "/state")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var s Status
			if err := json.NewDecoder(resp.Body).Decode(&s); err != nil || s.Step != StepRegister {
				t.Errorf("state %+v, %v", s, err)
			}
			stop()
			if code := <-ended; code != 0 {
				t.Errorf("exit %d", code)
			}
		})
	}
}
