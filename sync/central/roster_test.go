package central_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/roster"
	"loket/sync/wire"
)

// plainKeys seals nothing: who opens what is sync/roster's own test.
type plainKeys struct{}

func (plainKeys) Seal(_ string, plain []byte) ([]byte, error)  { return plain, nil }
func (plainKeys) Open(_ string, sealed []byte) ([]byte, error) { return sealed, nil }
func (plainKeys) Hashes(_, value string) ([][]byte, error) {
	hash := make([]byte, 32)
	copy(hash, value)
	return [][]byte{hash}, nil
}

// TestRosterDelta: what has changed comes, and nothing else; who moved away
// goes; a delta that broke off goes on; the desa are named with their size.
func TestRosterDelta(t *testing.T) {
	ctx := context.Background()
	c := centraltest.Start(t)
	person := func(n int, name, desa, kecamatan string) wire.Record {
		r := sample(fmt.Sprintf("170212450592%04d", n))
		r.Name, r.Kelurahan, r.Kecamatan = name, desa, kecamatan
		return r
	}
	var people []wire.Record
	for n := range 120 {
		people = append(people, person(n, fmt.Sprintf("WARGA CONTOH %d", n), []string{"PASAR BARU", "TALANG BENIH"}[n%2], "17.02.12"))
	}
	c.Records(people...)
	k := c.Counter("petugas-1", wire.RoleOfficer)
	areas, err := k.Client.Areas(ctx)
	if err != nil || len(areas.Areas) != 3 || areas.Areas[0].Code != "17.02.12" || areas.Areas[0].People != 120 || areas.Areas[2].Code != "17.02.12/TALANG BENIH" ||
		areas.Areas[2].People != 60 || areas.Areas[0].Bytes != areas.Areas[1].Bytes+areas.Areas[2].Bytes {
		t.Fatalf("%+v, %v", areas, err)
	}
	van, err := roster.Open(ctx, filepath.Join(t.TempDir(), "roster.db"), func() (sure, maybe time.Time) { now := time.Now(); return now, now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { van.Close() })
	calls, records := 0, 0
	broken := errors.New("the line broke")
	breakAt := 0
	fetch := func(ctx context.Context, area, after string) (wire.RosterResponse, error) {
		if calls++; calls == breakAt {
			return wire.RosterResponse{}, broken
		}
		page, err := k.Client.Roster(ctx, area, after)
		records += len(page.Records)
		return page, err
	}
	take := func(area string) (brought int, err error) {
		calls, records = 0, 0
		err = van.Download(ctx, plainKeys{}, area, fetch, time.Hour, nil)
		return records, err
	}
	breakAt = 3
	if _, err := take("17.02.12"); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	breakAt = 0
	if n, err := take("17.02.12"); err != nil || n != 20 {
		t.Errorf("goes on: %d records, %v", n, err)
	}
	if n, err := take("17.02.12/PASAR BARU"); err != nil || n != 60 {
		t.Errorf("one desa: %d records, %v", n, err)
	}
	if n, err := take("17.02.12"); err != nil || n != 0 {
		t.Errorf("nothing changed: %d records, %v", n, err)
	}
	c.Records(people...) // the same import again
	if n, err := take("17.02.12"); err != nil || n != 0 {
		t.Errorf("imported again as it was: %d records, %v", n, err)
	}

	people[7].Name = "WARGA CONTOH BARU"
	people[8].Kelurahan = "TALANG BENIH"
	people[9].Kecamatan = "17.02.16"
	c.Records(append(people, person(500, "PENDATANG CONTOH", "PASAR BARU", "17.02.12"))...)
	for n := 10; n < 70; n++ { // two pages
		people[n].Address = "Jl. Baru"
	}
	c.Records(people...)
	breakAt = 2
	if _, err := take("17.02.12"); !errors.Is(err, broken) {
		t.Fatalf("a delta of two pages: %v", err)
	}
	breakAt = 0
	if n, err := take("17.02.12"); err != nil || n != 13 {
		t.Errorf("the delta goes on: %d records, %v", n, err)
	}
	if n, err := take("17.02.12/PASAR BARU"); err != nil || n != 31 {
		t.Errorf("the desa's delta: %d records, %v", n, err)
	}
	got := func(n int) string {
		f, err := van.Get(ctx, plainKeys{}, fmt.Sprintf("170212450592%04d", n))
		if errors.Is(err, roster.ErrNotFound) {
			return ""
		} else if err != nil {
			t.Fatal(err)
		}
		return f.Record.Name + " " + f.Record.Address
	}
	for n, want := range map[int]string{7: "WARGA CONTOH BARU ", 500: "PENDATANG CONTOH ", 9: "", 11: "WARGA CONTOH 11 Jl. Baru", 69: "WARGA CONTOH 69 Jl. Baru"} {
		if g := got(n); !strings.HasPrefix(g, want) || (want == "") != (g == "") {
			t.Errorf("%d is %q, want %q", n, g, want)
		}
	}
	here, err := van.Areas(ctx)
	if err != nil || len(here) != 2 || here[0].Records != 120 || !here[0].Complete || here[1].Records != 60 {
		t.Errorf("%+v, %v", here, err)
	}
	page, err := k.Client.Roster(ctx, "17.02.12/PASAR BARU", "~1")
	if err != nil || !slices.Contains(page.Gone, "1702124505920008") || slices.Contains(page.Gone, "1702124505920007") {
		t.Errorf("gone from the desa: %v, %v", page.Gone, err)
	}
	for _, bad := range []string{"~x", "~1~2", "~0"} {
		if _, err := k.Client.Roster(ctx, "17.02.12", bad); code(err) != wire.CodeBadRequest {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
	if _, err := k.Client.Roster(ctx, "31.71/GAMBIR", ""); code(err) != wire.CodeForbidden {
		t.Errorf("another office's desa: %v", err)
	}
}
