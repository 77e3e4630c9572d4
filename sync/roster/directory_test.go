package roster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"loket/sync/roster"
	"loket/sync/vault"
	"loket/sync/wire"
)

// people serves these names as one page.
func people(names ...string) roster.Fetch {
	return func(_ context.Context, a, _ string) (wire.RosterResponse, error) {
		out := wire.RosterResponse{Area: a, Total: len(names)}
		for i, name := range names {
			out.Records = append(out.Records, wire.Record{NIK: nik(i), Name: name, Born: "1992-05-05", Kelurahan: "PASAR BARU", Kecamatan: a, Photo: bytes.Repeat([]byte{1}, 100)})
		}
		return out, nil
	}
}

func TestSearch(t *testing.T) {
	ctx := t.Context()
	v := newVan(t)
	names := []string{"SRI CONTOH", "BUDI CONTOH", "SITI NUR'AINI CONTOH", "SRI SITI AMINAH CONTOH", "SRIYANTI CONTOH", "JOSÉ CONTOH-LAMA"}
	if err := v.Download(ctx, v.keys, area, people(names...), time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	d, err := v.Directory(ctx, v.keys)
	if err != nil || d.Len() != len(names) {
		t.Fatalf("%d people, %v", d.Len(), err)
	}
	for _, c := range []struct {
		name, query string
		limit       int
		want        []string
	}{
		{"whole word first", "sri", 9, []string{"SRI CONTOH", "SRI SITI AMINAH CONTOH", "SRIYANTI CONTOH"}},
		{"two words in any order", "siti sri", 9, []string{"SRI SITI AMINAH CONTOH"}},
		{"prefixes", "si co", 9, []string{"SITI NUR'AINI CONTOH", "SRI SITI AMINAH CONTOH"}},
		{"through an apostrophe", "nuraini", 9, []string{"SITI NUR'AINI CONTOH"}},
		{"without an accent", "jose lama", 9, []string{"JOSÉ CONTOH-LAMA"}},
		{"a word is used once", "sri sri", 9, nil},
		{"at most two", "contoh", 2, []string{"BUDI CONTOH", "JOSÉ CONTOH-LAMA"}},
		{"a whole NIK", nik(1), 9, []string{"BUDI CONTOH"}},
		{"the beginning of a NIK", nik(1)[:15], 9, names},
		{"too few digits", "170", 9, nil},
		{"nobody", "zainal", 9, nil},
		{"nothing", "  ", 9, nil},
	} {
		var got []string
		for _, e := range d.Search(c.query, c.limit) {
			got = append(got, e.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q finds %q, want %q", c.name, c.query, got, c.want)
		}
	}
	// What is found opens.
	if f, err := v.Get(ctx, v.keys, d.Search("budi", 1)[0].NIK); err != nil || f.Record.Name != "BUDI CONTOH" || f.Old(v.now, 1) || !f.Old(v.now.AddDate(0, 0, 2), 1) {
		t.Errorf("%+v, %v", f, err)
	}
	v.now = v.now.Add(time.Hour)
	if got := d.Search("sri", 9); len(got) != 0 {
		t.Errorf("after its end: %v", got)
	}
	v.now = v.now.Add(-time.Hour)
	if got := d.Search("sri", 9); len(got) != 3 {
		t.Errorf("control: %v", got)
	}
	d.Forget()
	if got := d.Search("sri", 9); len(got) != 0 || d.Len() != 0 {
		t.Errorf("after Forget: %v", got)
	}
	v.keys.Lock()
	if _, err := v.Directory(ctx, v.keys); !errors.Is(err, vault.ErrLocked) {
		t.Errorf("while locked: %v", err)
	}
}

// TestRefreshedSearch: who has moved away is not found any more.
func TestRefreshedSearch(t *testing.T) {
	ctx := t.Context()
	v := newVan(t)
	for _, names := range [][]string{{"SRI CONTOH", "BUDI CONTOH"}, {"SRI CONTOH LAGI"}} {
		if err := v.Download(ctx, v.keys, area, people(names...), time.Hour, nil); err != nil {
			t.Fatal(err)
		}
	}
	d, err := v.Directory(ctx, v.keys)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Search("contoh", 9); len(got) != 1 || got[0].Name != "SRI CONTOH LAGI" {
		t.Errorf("%v", got)
	}
	n, size, err := roster.Size(ctx, area, people("SRI CONTOH", "BUDI CONTOH"))
	if err != nil || n != 2 || size < 200 {
		t.Errorf("size: %d people, %d bytes, %v", n, size, err)
	}
}

// BenchmarkSearch finds among 20,000 people with photos of 15 KB, by NIK and by
// name, and opens the record of the first, photo included.
func BenchmarkSearch(b *testing.B) {
	const total, page = 20000, 1000
	v := newVan(b)
	given := []string{"SRI", "BUDI", "SITI", "AHMAD", "DEWI", "AGUS", "NUR", "MUHAMMAD", "RINA", "EKO", "WAHYU", "PUTRI"}
	name := func(n int) string {
		return fmt.Sprintf("%s %s CONTOH%c%c", given[n%len(given)], given[n/len(given)%len(given)], 'A'+n/144%26, 'A'+n/3744%26)
	}
	photo := make([]byte, 15<<10)
	fetch := func(_ context.Context, a, after string) (wire.RosterResponse, error) {
		first := 0
		fmt.Sscan(after, &first)
		out := wire.RosterResponse{Area: a, Total: total}
		for n := first; n < first+page; n++ {
			out.Records = append(out.Records, wire.Record{NIK: nik(n), Name: name(n), Kecamatan: a, Photo: photo})
		}
		if first+page < total {
			out.Next = fmt.Sprint(first + page)
		}
		return out, nil
	}
	if err := v.Download(b.Context(), v.keys, area, fetch, time.Hour, nil); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	d, err := v.Directory(b.Context(), v.keys)
	if err != nil {
		b.Fatal(err)
	}
	open := time.Since(began)
	rng := rand.New(rand.NewPCG(1, 2))
	for kind, query := range map[string]func(int) string{
		"nik":   nik,
		"name":  name,
		"begin": func(n int) string { return name(n)[:3] }, // some 3,000 people
	} {
		b.Run(kind, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				q := query(rng.IntN(total))
				began := time.Now()
				found := d.Search(q, 20)
				if len(found) == 0 {
					b.Fatalf("nobody for %q", q)
				}
				if _, err := v.Get(b.Context(), v.keys, found[0].NIK); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(open.Milliseconds()), "open-ms")
		})
	}
}
