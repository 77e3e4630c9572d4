package powercut_test

import (
	"math/rand/v2"
	"testing"

	"loket/sync/ledger/powercut"
)

func open(name string, file uint32) powercut.Op {
	return powercut.Op{Kind: powercut.Open, File: file, Data: []byte(name)}
}

func write(file uint32, at int64, text string) powercut.Op {
	return powercut.Op{Kind: powercut.Write, File: file, At: at, Data: []byte(text)}
}

func call(k powercut.Kind, file uint32) powercut.Op { return powercut.Op{Kind: k, File: file} }

// TestImage says what each manner of a power cut may leave, over many of each.
func TestImage(t *testing.T) {
	made := []powercut.Op{open("db", 1), call(powercut.SyncDir, 9)}
	synced := append(made[:2:2], write(1, 0, "aaaa"), call(powercut.Sync, 1))
	for name, c := range map[string]struct {
		ops    []powercut.Op
		manner powercut.Manner
		want   []string // every one of these is seen, and no other; "-" is no file
		lying  bool
	}{
		"no name without the folder's sync": {[]powercut.Op{open("db", 1), write(1, 0, "a"), call(powercut.Sync, 1)}, powercut.Dropped, []string{"-"}, false},
		"or perhaps one":                    {[]powercut.Op{open("db", 1), write(1, 0, "a"), call(powercut.Sync, 1)}, powercut.Reordered, []string{"-", "a"}, false},
		"killed":                            {append(synced, write(1, 2, "bb")), powercut.Kept, []string{"aabb"}, false},
		"dropped":                           {append(synced, write(1, 2, "bb")), powercut.Dropped, []string{"aaaa"}, false},
		"torn":                              {append(synced, write(1, 2, "bb")), powercut.Torn, []string{"aaaa", "aaba", "aabb"}, false},
		"the later one alone":               {append(synced, write(1, 0, "b"), write(1, 3, "b")), powercut.Reordered, []string{"aaaa", "baaa", "aaab", "baab"}, false},
		"synced stays":                      {synced, powercut.Reordered, []string{"aaaa"}, false},
		"control: a disk without flush":     {synced, powercut.Dropped, []string{"-"}, true},
		"truncate":                          {append(synced, powercut.Op{Kind: powercut.Truncate, File: 1, At: 1}), powercut.Reordered, []string{"aaaa", "a"}, false},
		"removed":                           {append(synced, powercut.Op{Kind: powercut.Unlink, Data: []byte("db")}), powercut.Reordered, []string{"aaaa", "-"}, false},
		"a write that failed":               {append(synced, powercut.Op{Kind: powercut.Write, File: 1, Failed: 5}), powercut.Kept, []string{"aaaa"}, false},
		"shared memory is gone":             {[]powercut.Op{open("db-shm", 1), call(powercut.SyncDir, 9)}, powercut.Kept, []string{"-"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := powercut.NewDisk(1)
			d.Lying = c.lying
			for _, op := range c.ops {
				if err := d.Do(op); err != nil {
					t.Fatal(err)
				}
			}
			rng, seen := rand.New(rand.NewPCG(1, 1)), map[string]bool{}
			for range 300 {
				files, got := d.Image(c.manner, rng), "-"
				for _, b := range files {
					got = string(b)
				}
				seen[got] = true
			}
			for _, w := range c.want {
				if !seen[w] {
					t.Errorf("never left %q", w)
				}
				delete(seen, w)
			}
			for s := range seen {
				t.Errorf("left %q", s)
			}
		})
	}
}

// TestFailedSync: what a sync that failed did not write stays lost, though a
// later one succeeds.
func TestFailedSync(t *testing.T) {
	left := map[string]bool{}
	for seed := range uint64(50) {
		d := powercut.NewDisk(seed)
		for _, op := range []powercut.Op{open("db", 1), call(powercut.SyncDir, 9), write(1, 0, "a"),
			{Kind: powercut.Sync, File: 1, Failed: 5}, write(1, 1, "b"), call(powercut.Sync, 1)} {
			if err := d.Do(op); err != nil {
				t.Fatal(err)
			}
		}
		left[string(d.Image(powercut.Dropped, rand.New(rand.NewPCG(1, 1)))["db"])] = true
	}
	if !left["ab"] || !left["\x00b"] || len(left) != 2 {
		t.Errorf("left %v", left)
	}
}

func TestUnknownFile(t *testing.T) {
	d := powercut.NewDisk(1)
	if err := d.Do(write(1, 0, "a")); err == nil {
		t.Error("took a write to a file that was never opened")
	}
	if err := d.Do(powercut.Op{Kind: powercut.Open, File: 1, At: 7, Data: []byte("db")}); err == nil {
		t.Error("took a file whose bytes nobody wrote")
	}
}
