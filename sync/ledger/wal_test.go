package ledger_test

import (
	"os"
	"testing"

	"loket/sync/ledger"
)

// TestWAL: after an idle moment decisions overwrite the WAL in its file, whose
// length stays; whoever opens a ledger that another process left behind writes
// back what is in the WAL and empties the file.
func TestWAL(t *testing.T) {
	dir := t.TempDir()
	d := newDesk(t, dir)
	for range 20 {
		d.decide(t)
	}
	long := walLength(t, d.path)
	if long == 0 {
		t.Fatal("20 decisions left the WAL empty")
	}
	if pages, err := d.Idle(t.Context()); err != nil || pages == 0 {
		t.Fatalf("%d pages, %v", pages, err)
	}
	e := d.decide(t)
	if got := walLength(t, d.path); got != long {
		t.Errorf("the WAL is %d bytes long, was %d", got, long)
	}

	left := t.TempDir() // as a process that was killed leaves it
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	next, err := setup(left)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if got := walLength(t, next.path); got != 0 {
		t.Errorf("the next process begins with %d bytes of WAL", got)
	}
	if c, err := next.Counts(t.Context(), start); err != nil || c.Waiting != 21 {
		t.Errorf("%d of 21 decisions, %v", c.Waiting, err)
	}
	if i := next.state(t, e.Packet.ID()); i.Seq != 21 {
		t.Errorf("the last decision is %+v", i)
	}
}

// TestPreparedStatements: a schema that another process changed under statements
// that stay prepared changes nothing for who goes on.
func TestPreparedStatements(t *testing.T) {
	d := newDesk(t, t.TempDir())
	d.decide(t)
	other, err := ledger.Open(t.Context(), d.path, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.DB().Exec("ALTER TABLE packets ADD COLUMN later TEXT NOT NULL DEFAULT ''"); err != nil {
		t.Fatal(err)
	}
	e := d.decide(t)
	if i, err := other.Item(t.Context(), e.Packet.ID()); err != nil || i.Seq != 2 {
		t.Errorf("the decision after it is %+v, %v", i, err)
	}
}

func walLength(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
