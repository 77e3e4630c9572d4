package powercut_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"loket/sync/ledger"
	"loket/sync/ledger/powercut"
)

// This test binary is also the recorded program: it adds an entry to the ledger
// in a folder, and ends without closing it, as a program that was killed.
const (
	inFolder = "LOKET_POWERCUT_TEST"  // the ledger's folder: this is the recorded program
	inClose  = "LOKET_POWERCUT_CLOSE" // close it in the end
	inKind   = "LOKET_POWERCUT_KIND"  // of the entry
)

func TestMain(m *testing.M) {
	if os.Getenv(inFolder) == "" {
		os.Exit(m.Run())
	}
	if err := recorded(); err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(3)
	}
	os.Exit(0)
}

func recorded() error {
	ctx := context.Background()
	log, ok, err := powercut.OpenLog()
	if err != nil || !ok {
		return errors.Join(err, errors.New("no recorder"))
	}
	l, err := ledger.Open(ctx, filepath.Join(os.Getenv(inFolder), "ledger.db"), ledger.Options{})
	if err != nil {
		return err
	}
	if err := errors.Join(log.SyncedDir(), l.Record(ctx, os.Getenv(inKind), nil), log.Mark([]byte("kept"))); err != nil {
		return err
	}
	if os.Getenv(inClose) != "" {
		return l.Close()
	}
	return nil
}

// lab is a folder, the recorder round it, and its log.
type lab struct {
	shim      powercut.Recorder
	data, log string
}

func newLab(t *testing.T) lab {
	t.Helper()
	dir := t.TempDir()
	shim, err := powercut.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return lab{shim, t.TempDir(), filepath.Join(dir, "log")}
}

// program runs the recorded program, and says whether it succeeded.
func (l lab) program(t *testing.T, kind string, env ...string) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(l.shim.Environ(os.Environ(), l.data, l.log), append(env, inFolder+"="+l.data, inKind+"="+kind)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Logf("%s: %v: %s", kind, err, out)
	}
	return err == nil
}

func (l lab) ops(t *testing.T) []powercut.Op {
	t.Helper()
	ops, err := powercut.Read(l.log)
	if err != nil {
		t.Fatal(err)
	}
	return ops
}

// played is the disk after all of these.
func played(t *testing.T, seed uint64, ops []powercut.Op) *powercut.Disk {
	t.Helper()
	d := powercut.NewDisk(seed)
	for _, op := range ops {
		if err := d.Do(op); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// TestRecorder records one short life: what is played back is what is there.
func TestRecorder(t *testing.T) {
	l := newLab(t)
	if !l.program(t, "first", inClose+"=1") {
		t.Fatal("program failed")
	}
	ops, kinds := l.ops(t), map[powercut.Kind]int{}
	for _, op := range ops {
		kinds[op.Kind]++
	}
	for _, k := range []powercut.Kind{powercut.Open, powercut.Write, powercut.Truncate, powercut.Sync, powercut.SyncDir, powercut.Unlink, powercut.Mark} {
		if kinds[k] == 0 {
			t.Errorf("nothing of kind %q was recorded", k)
		}
	}
	want, err := os.ReadFile(filepath.Join(l.data, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	if got := played(t, 1, ops).Image(powercut.Kept, nil)["ledger.db"]; string(got) != string(want) {
		t.Errorf("played back %d bytes, the file has %d", len(got), len(want))
	}
}

// TestAfterFailedSync: a commit fails in its sync, the program dies, and the
// next one finds the transaction in the system's memory and goes on from it.
// What that one keeps must outlive a power cut, though half of what it began
// with never reaches the disk.
func TestAfterFailedSync(t *testing.T) {
	whole := newLab(t)
	if !whole.program(t, "first") {
		t.Fatal("program failed")
	}
	syncs := 0
	for _, op := range whole.ops(t) {
		if op.Kind == powercut.Sync {
			syncs++
		}
	}
	l := newLab(t)
	if l.program(t, "first", powercut.FailSync(syncs)) {
		t.Fatal("an entry whose sync failed was called kept")
	}
	if !l.program(t, "second") {
		t.Fatal("program failed")
	}
	ops := l.ops(t)
	for seed := range uint64(20) {
		image := played(t, seed, ops).Image(powercut.Dropped, rand.New(rand.NewPCG(seed, 1)))
		dir := t.TempDir()
		for name, b := range image {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		after, err := ledger.Open(t.Context(), filepath.Join(dir, "ledger.db"), ledger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		entries, err := after.Entries(t.Context(), 0, 10)
		if err != nil || len(entries) == 0 || entries[len(entries)-1].Kind != "second" {
			t.Errorf("seed %d: the log ends with %+v, %v", seed, entries, err)
		}
		if err := after.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
