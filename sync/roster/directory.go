package roster

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"loket/sync/wire"
)

// Entry is what a search shows of a person; Get has the rest.
type Entry struct {
	NIK       string    `json:"n"`
	Name      string    `json:"a"`
	Born      string    `json:"b"` // 2006-01-02
	Kelurahan string    `json:"k"`
	Area      string    `json:"-"`
	Expires   time.Time `json:"-"`
}

// Directory finds people of the roster by NIK or name. It is opened at log-in
// and lives in memory: an index on the disk, even of keyed hashes, would tell a
// thief how often each name occurs, and so which it is. Forget it when the
// session is locked. It is safe for use by several goroutines.
type Directory struct {
	now Bounds

	mu    sync.RWMutex
	byNIK []Entry
	names [][]string // the words of each, in the order of byNIK
	rank  []int32    // where each stands by name, likewise
	words []word     // sorted by text
}

// word is one word of a name, and whose it is in byNIK.
type word struct {
	text  string
	entry int32
}

// Directory opens the labels of every area that is not surely over: some 20,000
// people are about 4 MB.
func (r *Roster) Directory(ctx context.Context, keys Keys) (*Directory, error) {
	sure, _ := r.now()
	rows, err := r.db.QueryContext(ctx, "SELECT labels.nik, area, expires, label FROM labels JOIN areas USING (area) WHERE expires > ?", sure.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("roster directory: %w", err)
	}
	defer rows.Close()
	d := &Directory{now: r.now}
	for rows.Next() {
		var hash, label []byte
		var e Entry
		var expires int64
		if err := rows.Scan(&hash, &e.Area, &expires, &label); err != nil {
			return nil, fmt.Errorf("roster directory: %w", err)
		}
		plain, err := keys.Open(labelPlace(e.Area, hash), label)
		if err != nil {
			return nil, fmt.Errorf("roster directory: %w", err)
		}
		if err := json.Unmarshal(plain, &e); err != nil {
			return nil, fmt.Errorf("roster directory: %w", err)
		}
		e.Expires = time.UnixMilli(expires).UTC()
		d.byNIK = append(d.byNIK, e)
	}
	d.index()
	return d, rows.Err()
}

func (d *Directory) index() {
	slices.SortFunc(d.byNIK, func(a, b Entry) int { return strings.Compare(a.NIK+a.Area, b.NIK+b.Area) })
	d.names, d.rank = make([][]string, len(d.byNIK)), make([]int32, len(d.byNIK))
	order := make([]int32, len(d.byNIK))
	for i, e := range d.byNIK {
		order[i], d.names[i] = int32(i), fold(e.Name)
		for _, w := range d.names[i] {
			d.words = append(d.words, word{w, int32(i)})
		}
	}
	slices.SortFunc(d.words, func(a, b word) int { return strings.Compare(a.text, b.text) })
	slices.SortStableFunc(order, func(a, b int32) int { return strings.Compare(d.byNIK[a].Name, d.byNIK[b].Name) })
	for rank, i := range order {
		d.rank[i] = int32(rank)
	}
}

// fold gives the words of a name as they are compared: letters and digits only,
// upper case, without accents; "SITI NUR'AINI" is found by "nuraini".
func fold(name string) []string {
	return strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		case r == ' ' || r == '-' || r == '/' || r == ',':
			return ' '
		}
		return -1
	}, norm.NFKD.String(name)))
}

// Forget wipes what the directory knows; then it finds nobody.
func (d *Directory) Forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.byNIK)
	clear(d.names)
	clear(d.words)
	d.byNIK, d.names, d.rank, d.words = nil, nil, nil, nil
}

// Len is how many people it knows.
func (d *Directory) Len() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.byNIK)
}

// Locked says that people are left out of every search until the clock is
// certain: their area's end may have come.
func (d *Directory) Locked() bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	sure, maybe := d.now()
	return slices.ContainsFunc(d.byNIK, func(e Entry) bool { return sure.Before(e.Expires) && !maybe.Before(e.Expires) })
}

// Search finds people whose NIK begins with the query, from four digits on, or
// in whose name each word of the query begins a word. Whole words come first,
// then names in order; limit is the most that are given.
func (d *Directory) Search(query string, limit int) []Entry {
	d.mu.RLock()
	defer d.mu.RUnlock()
	want := fold(query)
	if len(want) == 1 && strings.Trim(want[0], "0123456789") == "" {
		return d.searchNIK(want[0], limit)
	}
	return d.searchName(want, limit)
}

func (d *Directory) searchNIK(prefix string, limit int) []Entry {
	if len(prefix) < 4 {
		return nil
	}
	at, _ := slices.BinarySearchFunc(d.byNIK, prefix, func(e Entry, p string) int { return strings.Compare(e.NIK, p) })
	_, now := d.now()
	var out []Entry
	for _, e := range d.byNIK[at:] {
		if !strings.HasPrefix(e.NIK, prefix) || len(out) == limit {
			break
		}
		if now.Before(e.Expires) {
			out = append(out, e)
		}
	}
	return out
}

// hit is somebody found, with how many words were whole.
type hit struct {
	entry int32
	whole int
}

func (d *Directory) searchName(want []string, limit int) []Entry {
	if len(want) == 0 || limit <= 0 {
		return nil
	}
	// The longest word is the rarest; the others are looked up in the few names
	// that have it.
	slices.SortFunc(want, func(a, b string) int { return len(b) - len(a) })
	at, _ := slices.BinarySearchFunc(d.words, want[0], func(w word, p string) int { return strings.Compare(w.text, p) })
	better := func(a, b hit) int {
		if a.whole != b.whole {
			return b.whole - a.whole
		}
		return int(d.rank[a.entry] - d.rank[b.entry])
	}
	best := make([]hit, 0, limit+1) // in order
	seen := make([]bool, len(d.byNIK))
	_, now := d.now()
	for _, w := range d.words[at:] {
		if !strings.HasPrefix(w.text, want[0]) {
			break
		}
		if seen[w.entry] {
			continue
		}
		seen[w.entry] = true
		whole, ok := matches(d.names[w.entry], want)
		h := hit{w.entry, whole}
		if !ok || (len(best) == limit && better(best[limit-1], h) <= 0) || !now.Before(d.byNIK[w.entry].Expires) {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, h, better)
		if best = slices.Insert(best, i, h); len(best) > limit {
			best = best[:limit]
		}
	}
	out := make([]Entry, len(best))
	for i, h := range best {
		out[i] = d.byNIK[h.entry]
	}
	return out
}

// matches says whether each wanted word begins a word of its own in the name,
// and how many are whole.
func matches(have, want []string) (whole int, ok bool) {
	var used uint64 // nobody's name has more than 64 words
	for _, w := range want {
		best := -1
		for i, h := range have[:min(len(have), 64)] {
			if used&(1<<i) == 0 && strings.HasPrefix(h, w) && (best < 0 || h == w) {
				best = i
			}
		}
		if best < 0 {
			return 0, false
		}
		used |= 1 << best
		if have[best] == w {
			whole++
		}
	}
	return whole, true
}

// sealLabel seals what the search needs of a record.
func sealLabel(keys Keys, area string, hash []byte, rec wire.Record) ([]byte, error) {
	plain, err := json.Marshal(Entry{NIK: rec.NIK, Name: rec.Name, Born: rec.Born, Kelurahan: rec.Kelurahan})
	if err != nil {
		return nil, err
	}
	// Padded to 32 bytes, so that its length does not tell the name's.
	pad := (32 - len(plain)%32) % 32
	return keys.Seal(labelPlace(area, hash), append(plain, strings.Repeat(" ", pad)...))
}

// labelPlace is what a label's seal is bound to.
func labelPlace(area string, hash []byte) string {
	return "roster-label/" + area + "/" + hex.EncodeToString(hash)
}
