package vault_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/ledger"
	"loket/sync/vault"
	"loket/sync/wire"
)

// cheap keeps the tests short; BenchmarkLogIn has the real cost.
var cheap = vault.Argon2{Time: 1, Memory: 64, Threads: 1}

const pin, other = "482915", "730164"

// pc is a counter's PC: a folder with the machine's secret and a ledger.
type pc struct {
	*vault.Vault
	dir    string
	now    time.Time
	floor  func() time.Time // nil: now
	ledger *ledger.Ledger
}

// newPC also checks that the ledger's rows are a vault's Store.
func newPC(t testing.TB) *pc {
	t.Helper()
	p := &pc{dir: t.TempDir(), now: time.Date(2026, 5, 4, 2, 0, 0, 0, time.UTC)}
	l, err := ledger.Open(t.Context(), filepath.Join(p.dir, "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p.ledger = l
	p.restart(t, p.dir)
	return p
}

// restart opens the vault anew with the machine secret of dir.
func (p *pc) restart(t testing.TB, dir string) {
	t.Helper()
	m, err := vault.FileMachine(dir)
	if err != nil {
		t.Fatal(err)
	}
	p.Vault, err = vault.Open(t.Context(), p.ledger.Vault(), m, vault.Options{Now: func() time.Time { return p.now }, Floor: p.floor, Argon2: cheap})
	if err != nil {
		t.Fatal(err)
	}
}

// certify stands for central: it keeps the key it was asked about.
func (p *pc) certify(into *crypto.PublicKey) vault.Certify {
	return func(_ context.Context, key crypto.PublicKey) ([]byte, time.Time, error) {
		if into != nil {
			*into = key
		}
		return []byte("certificate"), p.now.Add(7 * 24 * time.Hour), nil
	}
}

func (p *pc) enrol(t testing.TB, id string) *vault.Session {
	t.Helper()
	s, err := p.Enrol(t.Context(), vault.Officer{ID: id, Name: "Petugas Contoh", Role: wire.RoleOfficer}, pin, p.certify(nil))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (p *pc) logIn(t testing.TB, id string) *vault.Session {
	t.Helper()
	s, err := p.LogIn(t.Context(), id, pin)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDeviceKeyStays(t *testing.T) {
	p := newPC(t)
	before := p.Device().Public()
	p.restart(t, p.dir)
	if !p.Device().Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(before) {
		t.Error("another device key after a restart")
	}
	if p.Protection() != vault.File {
		t.Errorf("protection %q", p.Protection())
	}
}

func TestAnotherMachine(t *testing.T) {
	p := newPC(t)
	p.enrol(t, "p-001")
	m, err := vault.FileMachine(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(t.Context(), p.ledger.Vault(), m, vault.Options{}); !errors.Is(err, vault.ErrMachine) {
		t.Errorf("got %v, want ErrMachine", err)
	}
	// With the check taken out, the right PIN still opens nothing there.
	if err := p.ledger.Vault().Put(t.Context(), map[string][]byte{"machine": nil, "device": nil}); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), p.ledger.Vault(), m, vault.Options{Argon2: cheap})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.LogIn(t.Context(), "p-001", pin); !errors.Is(err, vault.ErrOpen) {
		t.Errorf("got %v, want ErrOpen", err)
	}
}

func TestMachineFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := vault.FileMachine(dir); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "machine.key")
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.FileMachine(dir); !errors.Is(err, vault.ErrExposed) {
		t.Errorf("got %v, want ErrExposed", err)
	}
	if err := errors.Join(os.Chmod(name, 0o600), os.Truncate(name, 5)); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.FileMachine(dir); err == nil {
		t.Error("a short secret is accepted")
	}
}

func TestCheckPIN(t *testing.T) {
	for p, ok := range map[string]bool{
		pin: true, other: true, "112358": true, "123465": true,
		"": false, "12345": false, "1234567": false, "12345a": false, "１２３４５６": false,
		"111111": false, "121212": false, "123456": false, "890123": false, "654321": false, "210987": false,
	} {
		if err := vault.CheckPIN(p); (err == nil) != ok {
			t.Errorf("%q: %v", p, err)
		}
	}
}

func TestLogIn(t *testing.T) {
	ctx := t.Context()
	p := newPC(t)
	var key crypto.PublicKey
	if _, err := p.Enrol(ctx, vault.Officer{ID: "p-001", Name: "Petugas Contoh", Role: wire.RoleOfficer}, pin, p.certify(&key)); err != nil {
		t.Fatal(err)
	}
	p.restart(t, p.dir)
	s := p.logIn(t, "p-001")
	if got := s.Officer(); got.Name != "Petugas Contoh" || string(s.Certificate()) != "certificate" || !got.NotAfter.Equal(p.now.Add(7*24*time.Hour)) {
		t.Errorf("officer %+v", got)
	}
	sig, err := s.Approve(wire.AsOfficer, []byte("payload"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := token.OpenDetached(token.TypDecision, sig, []byte("payload"), []byte(wire.AsOfficer), token.Keys(key)); err != nil {
		t.Errorf("not signed by the certified key: %v", err)
	}
	if _, err := p.LogIn(ctx, "p-999", pin); !errors.Is(err, vault.ErrNobody) {
		t.Errorf("got %v, want ErrNobody", err)
	}
	if err := p.Renew(ctx, "p-001", []byte("renewed"), p.now.Add(9*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if s := p.logIn(t, "p-001"); string(s.Certificate()) != "renewed" {
		t.Errorf("certificate %q", s.Certificate())
	}
}

func TestTries(t *testing.T) {
	ctx := t.Context()
	p := newPC(t)
	p.enrol(t, "p-001")
	wrong := func() *vault.PINError {
		t.Helper()
		_, err := p.LogIn(ctx, "p-001", other)
		var e *vault.PINError
		if !errors.As(err, &e) {
			t.Fatalf("got %v, want a PINError", err)
		}
		return e
	}
	for left := vault.Tries - 1; left > 0; left-- {
		if e := wrong(); e.Left != left || !errors.Is(e, vault.ErrPIN) || errors.Is(e, vault.ErrPaused) {
			t.Fatalf("with %d left: %v", left, e)
		}
		p.restart(t, p.dir) // forgets nothing
	}
	if e := wrong(); !errors.Is(e, vault.ErrPaused) || e.Paused != vault.Pause {
		t.Fatalf("fifth: %v", e)
	}
	p.now = p.now.Add(vault.Pause - time.Second)
	if _, err := p.LogIn(ctx, "p-001", pin); !errors.Is(err, vault.ErrPaused) {
		t.Errorf("right PIN in the pause: %v", err)
	}
	if wait, left, err := p.Paused(ctx, "p-001"); wait != time.Second || left != 0 || err != nil {
		t.Errorf("paused %v, %d left, %v", wait, left, err)
	}
	p.now = p.now.AddDate(0, 0, -30) // the clock was ahead and is set right
	if wait, _, err := p.Paused(ctx, "p-001"); wait != vault.Pause || err != nil {
		t.Errorf("after the clock was set right: paused %v, %v", wait, err)
	}
	p.now = p.now.Add(vault.Pause)
	if e := wrong(); e.Left != vault.Tries-1 {
		t.Errorf("after the pause: %v", e)
	}
	p.logIn(t, "p-001")
	if e := wrong(); e.Left != vault.Tries-1 {
		t.Errorf("after a right one: %v", e)
	}
}

// TestPauseIsCountedByTheFloor: setting the PC's clock ahead ends no pause.
func TestPauseIsCountedByTheFloor(t *testing.T) {
	for name, c := range map[string]struct {
		floors bool          // there is a floor to count by
		counts time.Duration // what the machine's counter measures
		wait   time.Duration // of the pause, afterwards
	}{
		"set ahead":                {true, 0, vault.Pause},
		"set ahead, half is over":  {true, vault.Pause / 2, vault.Pause / 2},
		"set ahead, all is over":   {true, vault.Pause, 0},
		"control: counted by date": {false, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPC(t)
			floor := p.now
			if c.floors {
				p.floor = func() time.Time { return floor }
			}
			p.restart(t, p.dir)
			p.enrol(t, "p-001")
			for range vault.Tries {
				if _, err := p.LogIn(t.Context(), "p-001", other); err == nil {
					t.Fatal("a wrong PIN opens")
				}
			}
			p.now, floor = p.now.AddDate(0, 0, 30), floor.Add(c.counts)
			p.restart(t, p.dir)
			if wait, _, err := p.Paused(t.Context(), "p-001"); wait != c.wait || err != nil {
				t.Errorf("paused %v, %v; want %v", wait, err, c.wait)
			}
			if _, err := p.LogIn(t.Context(), "p-001", pin); errors.Is(err, vault.ErrPaused) != (c.wait > 0) || (err != nil) != (c.wait > 0) {
				t.Errorf("log in: %v", err)
			}
		})
	}
}

// TestNothingReadable looks for secrets in every file of the PC but the one
// that is the machine.
func TestNothingReadable(t *testing.T) {
	p := newPC(t)
	s := p.enrol(t, "p-001")
	if err := func() error {
		b, err := s.Seal("draft/1", []byte("SRI CONTOH"))
		if err != nil {
			return err
		}
		return p.ledger.SaveDraft(t.Context(), ledger.Draft{Session: "1", Officer: "p-001", Body: b})
	}(); err != nil {
		t.Fatal(err)
	}
	marks := []string{"SRI CONTOH", base64.StdEncoding.EncodeToString([]byte("SRI CONTOH")), "Petugas Contoh", pin}
	find := func() (found []string) {
		files, _ := filepath.Glob(filepath.Join(p.dir, "*"))
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, mark := range marks {
				if bytes.Contains(b, []byte(mark)) && !slices.Contains(found, mark) {
					found = append(found, mark)
				}
			}
		}
		return found
	}
	if found := find(); found != nil {
		t.Errorf("readable: %v", found)
	}
	if err := p.ledger.SaveDraft(t.Context(), ledger.Draft{Session: "2", Body: []byte(strings.Join(marks, " "))}); err != nil {
		t.Fatal(err)
	}
	if found := find(); len(found) != len(marks) {
		t.Errorf("control: found only %v", found)
	}
}

func BenchmarkLogIn(b *testing.B) {
	p := newPC(b)
	m, err := vault.FileMachine(p.dir)
	if err != nil {
		b.Fatal(err)
	}
	if p.Vault, err = vault.Open(b.Context(), p.ledger.Vault(), m, vault.Options{}); err != nil {
		b.Fatal(err)
	}
	p.enrol(b, "p-001")
	for b.Loop() {
		p.logIn(b, "p-001")
	}
}
