package wire_test

import (
	"strconv"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"loket/sync/wire"
)

// tree is a Merkle log in memory.
type tree []tlog.Hash

func (h *tree) add(t *testing.T, n int64, data string) {
	t.Helper()
	more, err := tlog.StoredHashes(n, []byte(data), h)
	if err != nil {
		t.Fatal(err)
	}
	*h = append(*h, more...)
}

// ReadHashes implements tlog.HashReader.
func (h *tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		out[i] = (*h)[n]
	}
	return out, nil
}

func (h *tree) head(t *testing.T, size int64) wire.Head {
	t.Helper()
	root, err := tlog.TreeHash(size, h)
	if err != nil {
		t.Fatal(err)
	}
	return wire.Head{Version: wire.Version, Device: "loket-3", Epoch: 1, Size: size, Root: root, Packets: 2, Trust: 4,
		At: time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)}
}

func TestHeadContinues(t *testing.T) {
	var honest, edited tree
	for n := range int64(9) {
		honest.add(t, n, strconv.FormatInt(n, 10))
		text := strconv.FormatInt(n, 10)
		if n == 3 {
			text = "another"
		}
		edited.add(t, n, text)
	}
	proof := func(h *tree, to, from int64) [][]byte {
		p, err := tlog.ProveTree(to, from, h)
		if err != nil {
			t.Fatal(err)
		}
		out := make([][]byte, len(p))
		for i := range p {
			out[i] = p[i][:]
		}
		return out
	}
	held := honest.head(t, 6)
	next, epoch := honest.head(t, 9), honest.head(t, 9)
	epoch.Epoch = 2
	for name, c := range map[string]struct {
		head  wire.Head
		held  wire.Head
		proof [][]byte
		ok    bool
	}{
		"longer":           {next, held, proof(&honest, 9, 6), true},
		"the same":         {held, held, nil, true},
		"the first":        {next, wire.Head{Device: "loket-3", Epoch: 1}, nil, true},
		"edited below":     {edited.head(t, 9), held, proof(&edited, 9, 6), false},
		"shorter":          {honest.head(t, 5), held, nil, false},
		"without a proof":  {next, held, nil, false},
		"half a hash":      {next, held, [][]byte{{1, 2}}, false},
		"another epoch":    {epoch, held, proof(&honest, 9, 6), false},
		"another at equal": {edited.head(t, 6), held, nil, false},
	} {
		if err := c.head.Continues(c.held, c.proof); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHeadSigned(t *testing.T) {
	var h tree
	h.add(t, 0, "x")
	want := h.head(t, 1)
	b, err := wire.SignHead(want, key(2))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := wire.OpenHead(b, key(2).Public()); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := wire.OpenHead(b, key(3).Public()); err == nil {
		t.Error("another device's key opens it")
	}
}
