package roster_test

import (
	"bytes"
	"context"
	"crypto"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"loket/sync/ledger"
	"loket/sync/roster"
	"loket/sync/vault"
	"loket/sync/wire"
)

const area = "17.02.12"

// van is a PC with a roster, an officer logged in, and a central beside it
// that counts its pages.
type van struct {
	*roster.Roster
	dir   string
	now   time.Time
	ahead time.Duration // of the PC's clock, which is uncertain then
	keys  *vault.Session
	asked []string
	fail  int // the page that does not arrive, from 1; 0 is none
}

func newVan(t testing.TB) *van {
	t.Helper()
	v := &van{dir: t.TempDir(), now: time.Date(2026, 5, 4, 2, 0, 0, 0, time.UTC)}
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	m, err := vault.FileMachine(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.Open(t.Context(), l.Vault(), m, vault.Options{Argon2: vault.Argon2{Time: 1, Memory: 64, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	v.keys, err = keys.Enrol(t.Context(), vault.Officer{ID: "p-001"}, "482915", func(context.Context, crypto.PublicKey) ([]byte, time.Time, error) {
		return nil, time.Time{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	v.open(t)
	t.Cleanup(func() { v.Close() })
	return v
}

func (v *van) open(t testing.TB) {
	t.Helper()
	var err error
	v.Roster, err = roster.Open(t.Context(), filepath.Join(v.dir, "roster.db"), v.bounds)
	if err != nil {
		t.Fatal(err)
	}
}

func (v *van) bounds() (sure, maybe time.Time) { return v.now, v.now.Add(v.ahead) }

func nik(n int) string { return fmt.Sprintf("170212%010d", n) }

func record(n, photo int) wire.Record {
	return wire.Record{NIK: nik(n), Name: "SRI CONTOH " + strconv.Itoa(n), Kecamatan: area, Recorded: true, Photo: bytes.Repeat([]byte{byte(n)}, photo)}
}

// central serves people from..to in pages.
func (v *van) central(from, to, size, photo int) roster.Fetch {
	return func(_ context.Context, a, after string) (wire.RosterResponse, error) {
		v.asked = append(v.asked, after)
		if v.fail == len(v.asked) {
			return wire.RosterResponse{}, errors.New("link is gone")
		}
		first := from
		if after != "" {
			n, err := strconv.Atoi(after)
			if err != nil {
				return wire.RosterResponse{}, err
			}
			first = n
		}
		out := wire.RosterResponse{Area: a, Total: to - from}
		for n := first; n < min(first+size, to); n++ {
			out.Records = append(out.Records, record(n, photo))
		}
		if first+size < to {
			out.Next = strconv.Itoa(first + size)
		}
		return out, nil
	}
}

func TestDownloadAndGet(t *testing.T) {
	ctx := t.Context()
	v := newVan(t)
	var steps []int
	err := v.Download(ctx, v.keys, area, v.central(0, 10, 4, 500), 48*time.Hour, func(done, total int) {
		if total != 10 {
			t.Errorf("total %d", total)
		}
		steps = append(steps, done)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(steps, []int{4, 8, 10}) {
		t.Errorf("progress %v", steps)
	}
	v.Close()
	v.open(t)
	got, err := v.Get(ctx, v.keys, nik(7))
	if err != nil || got.Record.Name != "SRI CONTOH 7" || len(got.Record.Photo) != 500 || got.Area != area || !got.Fetched.Equal(v.now) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := v.Get(ctx, v.keys, nik(77)); !errors.Is(err, roster.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	v.keys.Lock()
	if _, err := v.Get(ctx, v.keys, nik(7)); !errors.Is(err, vault.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

func TestResumeAndRefresh(t *testing.T) {
	ctx := t.Context()
	v := newVan(t)
	v.fail = 3
	if err := v.Download(ctx, v.keys, area, v.central(0, 10, 4, 9), time.Hour, nil); err == nil {
		t.Fatal("a broken link is no error")
	}
	v.Close()
	v.open(t)
	if a, err := v.Areas(ctx); err != nil || len(a) != 1 || a[0].Complete || a[0].Records != 8 || a[0].Total != 10 {
		t.Errorf("areas %+v, %v", a, err)
	}
	v.asked, v.fail = nil, 0
	if err := v.Download(ctx, v.keys, area, v.central(0, 10, 4, 9), time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(v.asked, []string{"8"}) {
		t.Errorf("asked for pages after %v, want only the last", v.asked)
	}
	// The next day: 0 and 1 have moved away, 10 and 11 have come.
	v.now = v.now.Add(time.Minute)
	if err := v.Download(ctx, v.keys, area, v.central(2, 12, 4, 9), time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	_, gone := v.Get(ctx, v.keys, nik(1))
	came, err := v.Get(ctx, v.keys, nik(11))
	if !errors.Is(gone, roster.ErrNotFound) || err != nil || !came.Fetched.Equal(v.now) {
		t.Errorf("gone: %v; came: %+v, %v", gone, came, err)
	}
}

func TestExpiry(t *testing.T) {
	ctx := t.Context()
	v := newVan(t)
	if err := v.Download(ctx, v.keys, area, v.central(0, 3, 4, 9), time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	v.now = v.now.Add(time.Hour - time.Second)
	if _, err := v.Get(ctx, v.keys, nik(1)); err != nil {
		t.Errorf("before its end: %v", err)
	}
	v.now = v.now.Add(time.Second)
	if _, err := v.Get(ctx, v.keys, nik(1)); !errors.Is(err, roster.ErrNotFound) {
		t.Errorf("after its end, not wiped yet: %v", err)
	}
	v.Close()
	v.open(t)
	if a, err := v.Areas(ctx); err != nil || len(a) != 0 {
		t.Errorf("areas %v, %v", a, err)
	}
	v.now = v.now.Add(-time.Hour) // turning the clock back brings nothing back
	if _, err := v.Get(ctx, v.keys, nik(1)); !errors.Is(err, roster.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// TestClockAhead: while nobody knows whether an area's end has come, nothing of
// it is given out and nothing wiped.
func TestClockAhead(t *testing.T) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		then func(v *van)
		get  error // nil, ErrClock or ErrNotFound
		left int   // areas
	}{
		"set ahead, within its time": {func(v *van) { v.ahead = time.Hour - time.Second }, nil, 1},
		"set ahead past its end":     {func(v *van) { v.ahead = 30 * 24 * time.Hour }, roster.ErrClock, 1},
		"then set right":             {func(v *van) { v.ahead = 30 * 24 * time.Hour; v.ahead = 0 }, nil, 1},
		"then found to be right":     {func(v *van) { v.ahead, v.now = 0, v.now.Add(30*24*time.Hour) }, roster.ErrNotFound, 0},
		"the floor passes its end":   {func(v *van) { v.ahead, v.now = 9*time.Hour, v.now.Add(time.Hour) }, roster.ErrNotFound, 0},
		"control: a clock that is believed": {func(v *van) {
			v.now = v.now.Add(30 * 24 * time.Hour)
		}, roster.ErrNotFound, 0},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVan(t)
			if err := v.Download(ctx, v.keys, area, v.central(0, 3, 4, 9), time.Hour, nil); err != nil {
				t.Fatal(err)
			}
			d, err := v.Directory(ctx, v.keys)
			if err != nil {
				t.Fatal(err)
			}
			c.then(v)
			locked := errors.Is(c.get, roster.ErrClock)
			found := len(d.Search("contoh", 9))
			if d.Locked() != locked || (found > 0) != (c.get == nil) {
				t.Errorf("directory: locked %v, %d found", d.Locked(), found)
			}
			v.Close()
			v.open(t) // wipes
			areas, err := v.Areas(ctx)
			if err != nil || len(areas) != c.left || (len(areas) > 0 && areas[0].Locked != locked) {
				t.Errorf("areas %+v, %v", areas, err)
			}
			if _, err := v.Get(ctx, v.keys, nik(1)); !errors.Is(err, c.get) {
				t.Errorf("get: %v, want %v", err, c.get)
			}
		})
	}
}

// TestRowsAreBound: a row put in another's place does not open.
func TestRowsAreBound(t *testing.T) {
	ctx := t.Context()
	v := newVan(t)
	if err := v.Download(ctx, v.keys, area, v.central(0, 3, 4, 9), time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	v.Close()
	db, err := sql.Open("sqlite3", filepath.Join(v.dir, "roster.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec("UPDATE records SET body = (SELECT body FROM records ORDER BY nik LIMIT 1)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	v.open(t)
	opened := 0
	for n := range 3 {
		if _, err := v.Get(ctx, v.keys, nik(n)); err == nil {
			opened++
		} else if !errors.Is(err, vault.ErrOpen) {
			t.Errorf("got %v, want ErrOpen", err)
		}
	}
	if opened != 1 {
		t.Errorf("%d rows open, want the one in its place", opened)
	}
}

// TestNothingReadable looks for what the roster holds in its files.
func TestNothingReadable(t *testing.T) {
	v := newVan(t)
	if err := v.Download(t.Context(), v.keys, area, v.central(0, 50, 20, 900), time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	marks := []string{"SRI CONTOH", "U1JJIENPTlRPS", nik(5), base64.StdEncoding.EncodeToString([]byte(nik(5)))[:16], string(bytes.Repeat([]byte{5}, 40))}
	find := func() (n int) {
		files, _ := filepath.Glob(filepath.Join(v.dir, "*"))
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, mark := range marks {
				n += bytes.Count(b, []byte(mark))
			}
		}
		return n
	}
	if n := find(); n != 0 {
		t.Errorf("%d readable marks", n)
	}
	if err := v.Download(t.Context(), open{v.keys}, area, v.central(0, 50, 20, 900), time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	if n := find(); n < 50 {
		t.Errorf("control: without sealing only %d marks are found", n)
	}
}

// open is a vault that does not seal.
type open struct{ roster.Keys }

func (open) Seal(_ string, plain []byte) ([]byte, error) { return plain, nil }

func BenchmarkGet(b *testing.B) {
	v := newVan(b)
	const people = 4000
	if err := v.Download(b.Context(), v.keys, area, v.central(0, people, 100, 20<<10), time.Hour, nil); err != nil {
		b.Fatal(err)
	}
	took := make([]time.Duration, 0, 1<<16)
	n := 0
	for b.Loop() {
		began := time.Now()
		if _, err := v.Get(b.Context(), v.keys, nik(n*7919%people)); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		n++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
