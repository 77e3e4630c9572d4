package qr_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"loket/scanner/qr"
)

// few pictures are enough for the race detector, under which each takes ten times as long.
const few = 8

// TestPhotographs holds the bar on public photographs: the best single engine of six finds 231 of the 254.
func TestPhotographs(t *testing.T) {
	pictures := sharedPictures(t, "photos")
	found, looked := 0, 0
	for _, name := range slices.Sorted(maps.Keys(pictures)) {
		if testing.Short() && looked == few {
			break
		}
		if looked++; len(qr.Decode(pictures[name]).Symbols) > 0 {
			found++
		}
	}
	t.Logf("%d of %d photographs", found, looked)
	if 254*found < 231*looked {
		t.Errorf("%d of %d found, want 231 of 254", found, looked)
	}
}

// TestScreens holds the bar on simulated phone screens: no wrong text, and at least 95 of 100 where there are 2.5 pixels a
// module.
func TestScreens(t *testing.T) {
	pictures := sharedPictures(t, "screens")
	f, err := os.Open(filepath.Join(sharedFolder(t, "screens"), "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	large, exact := 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if testing.Short() && large == few {
			break
		}
		name, quoted, _ := strings.Cut(lines.Text(), "\t")
		var want string
		if err := json.Unmarshal([]byte(quoted), &want); err != nil || pictures[name] == nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, rest, _ := strings.Cut(name, "_p")
		size, _, _ := strings.Cut(rest, "_")
		pixels, err := strconv.ParseFloat(size, 64)
		if err != nil {
			t.Fatal(err)
		}
		got := qr.Decode(pictures[name])
		right := len(got.Symbols) == 1 && got.Symbols[0].Text == want
		if len(got.Symbols) > 0 && !right {
			t.Errorf("%s: wrong text", name)
		}
		if pixels < 2.5 {
			continue
		}
		if large++; right {
			exact++
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d exact", exact, large)
	if large == 0 || 100*exact < 95*large {
		t.Errorf("%d of %d exact, want 95 %%", exact, large)
	}
}
