package tpm_test

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"loket/sync/ledger"
	"loket/sync/vault"
	"loket/sync/vault/tpm"
	"loket/sync/wire"
)

const pin, other = "482915", "730164"

// chip runs a simulated TPM on its state folder until stop or the test's end,
// and gives its socket.
func chip(t testing.TB, state string) (socket string, stop func()) {
	t.Helper()
	swtpm, err := exec.LookPath("swtpm")
	if err != nil {
		t.Skip("swtpm is not installed (make setup brings it)")
	}
	dir, err := os.MkdirTemp("", "tpm") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	cmd := exec.Command(swtpm, "socket", "--tpm2", "--tpmstate", "dir="+state, "--server", "type=unixio,path="+socket,
		"--ctrl", "type=unixio,path="+filepath.Join(dir, "c"), "--flags", "not-need-init,startup-clear")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = cmd.Process.Signal(syscall.SIGTERM)
			<-done
		}
	}
	t.Cleanup(stop)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(2 * time.Minute); ; <-tick.C {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
			return socket, stop
		}
		if time.Now().After(limit) {
			t.Fatalf("swtpm does not answer: %v: %s", err, &said)
		}
	}
}

// pc is a PC with a ledger in its data folder.
type pc struct {
	dir    string
	ledger *ledger.Ledger
}

func newPC(t testing.TB) pc {
	t.Helper()
	p := pc{dir: t.TempDir()}
	var err error
	if p.ledger, err = ledger.Open(t.Context(), filepath.Join(p.dir, "ledger.db"), ledger.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.ledger.Close() })
	return p
}

func (p pc) vault(t testing.TB, m vault.Machine) *vault.Vault {
	t.Helper()
	v, err := vault.Open(t.Context(), p.ledger.Vault(), m, vault.Options{Argon2: vault.Argon2{Time: 1, Memory: 64, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func enrol(t testing.TB, v *vault.Vault) {
	t.Helper()
	_, err := v.Enrol(t.Context(), vault.Officer{ID: "p-001", Name: "Petugas Contoh", Role: wire.RoleOfficer}, pin,
		func(context.Context, crypto.PublicKey) ([]byte, time.Time, error) {
			return nil, time.Now().Add(time.Hour), nil
		})
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, dir, socket string) *tpm.Machine {
	t.Helper()
	m, err := tpm.Open(dir, socket)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestAcrossBoots: what the chip keeps is there after it was switched off, and
// neither another chip nor a file opens it.
func TestAcrossBoots(t *testing.T) {
	ctx, state := t.Context(), t.TempDir()
	p := newPC(t)
	socket, off := chip(t, state)
	m, err := tpm.Choose(p.dir, socket)
	if err != nil {
		t.Fatal(err)
	}
	v := p.vault(t, m)
	if v.Protection() != vault.TPMCounts {
		t.Errorf("protection %q", v.Protection())
	}
	enrol(t, v)
	if _, err := os.Stat(filepath.Join(p.dir, vault.MachineFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a secret stands in a file, too: %v", err)
	}
	off()

	if _, err := tpm.Choose(p.dir, socket); !errors.Is(err, vault.ErrMachine) {
		t.Errorf("without the chip: got %v, want ErrMachine", err)
	}
	socket, _ = chip(t, state)
	if _, err := p.vault(t, open(t, p.dir, socket)).LogIn(ctx, "p-001", pin); err != nil {
		t.Errorf("the next day: %v", err)
	}
	foreign, _ := chip(t, t.TempDir())
	if _, err := tpm.Choose(p.dir, foreign); !errors.Is(err, vault.ErrMachine) {
		t.Errorf("in another PC: got %v, want ErrMachine", err)
	}
	// A thief gives the copied disk a machine of his own: the PIN opens nothing.
	if err := os.Remove(filepath.Join(p.dir, "machine.tpm")); err != nil {
		t.Fatal(err)
	}
	if err := p.ledger.Vault().Put(ctx, map[string][]byte{"machine": nil, "device": nil}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.vault(t, open(t, p.dir, foreign)).LogIn(ctx, "p-001", pin); err == nil {
		t.Error("the PIN alone opens a copied disk")
	}
}

// TestLockout rewinds the program's count after each wrong PIN, as somebody
// with the disk does: the chip refuses all the same, also the right PIN.
func TestLockout(t *testing.T) {
	ctx := t.Context()
	try := func(m vault.Machine, tries int) (wrong int, last error) {
		p := newPC(t)
		v := p.vault(t, m)
		enrol(t, v)
		for range tries {
			if _, err := v.LogIn(ctx, "p-001", other); !errors.Is(err, vault.ErrPIN) {
				break
			}
			wrong++
			if err := p.ledger.Vault().Put(ctx, map[string][]byte{"tries/p-001": nil}); err != nil {
				t.Fatal(err)
			}
		}
		_, last = v.LogIn(ctx, "p-001", pin)
		return wrong, last
	}
	socket, _ := chip(t, t.TempDir())
	wrong, err := try(open(t, t.TempDir(), socket), 20)
	if wrong > vault.Tries || !errors.Is(err, vault.ErrPaused) {
		t.Errorf("%d wrong PINs were answered, then the right one: %v", wrong, err)
	}
	t.Logf("the chip answered %d wrong PINs, then refused the right one", wrong)
	// Control: a file counts nothing.
	file, err := vault.FileMachine(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if wrong, err := try(file, 20); wrong != 20 || err != nil {
		t.Errorf("control: %d wrong PINs, then %v", wrong, err)
	}
}

// TestGuard: the chip's own answers.
func TestGuard(t *testing.T) {
	socket, _ := chip(t, t.TempDir())
	m := open(t, t.TempDir(), socket)
	auth, secret := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 32)
	auth[4], auth[31] = 0, 0 // go-tpm and the chip disagreed about zeros in an auth
	blob, err := m.Bind(auth, secret)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(blob, secret) {
		t.Error("the blob holds the secret")
	}
	if got, err := m.Unbind(auth, blob); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%x, %v", got, err)
	}
	if _, err := m.Unbind(secret, blob); !errors.Is(err, vault.ErrPIN) {
		t.Errorf("wrong auth: %v", err)
	}
	bad := bytes.Clone(blob)
	bad[len(bad)-1] ^= 1
	if _, err := m.Unbind(auth, bad); err == nil || errors.Is(err, vault.ErrPIN) {
		t.Errorf("a changed blob: %v", err)
	}
	a, err := m.Secret("a")
	b, errB := m.Secret("b")
	if err != nil || errB != nil || bytes.Equal(a, b) || len(a) != 32 {
		t.Error("labels do not separate secrets")
	}
}

func TestChooseFile(t *testing.T) {
	dir := t.TempDir()
	m, err := tpm.Choose(dir, filepath.Join(dir, "no-tpm"))
	if err != nil || m.Protection() != vault.File {
		t.Fatalf("%v, %v", m, err)
	}
	// What was begun with a file stays with it when a chip turns up.
	socket, _ := chip(t, t.TempDir())
	again, err := tpm.Choose(dir, socket)
	if err != nil || again.Protection() != vault.File {
		t.Fatalf("%v, %v", again, err)
	}
}

func BenchmarkUnbind(b *testing.B) {
	socket, _ := chip(b, b.TempDir())
	m := open(b, b.TempDir(), socket)
	auth := bytes.Repeat([]byte{7}, 32)
	blob, err := m.Bind(auth, auth)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := m.Unbind(auth, blob); err != nil {
			b.Fatal(err)
		}
	}
}
