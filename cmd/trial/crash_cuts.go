package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"loket/sync/ledger/powercut"
)

// cutReport counts what power cuts left. A cut falls after each recorded call
// in turn; what was not yet synced is lost in each manner by turns.
type cutReport struct {
	Images    int            `json:"images"`
	Points    int            `json:"points"` // calls after which the power went
	Calls     int            `json:"calls"`
	Decisions int            `json:"decisions"` // acknowledged in the whole recording
	Kinds     map[string]int `json:"recorded"`
	Manners   map[string]int `json:"manners"`
	GoneOn    int            `json:"gone_on"` // images in which one more decision was kept
	Lost      int            `json:"lost"`
	Corrupt   int            `json:"corrupt"`
	Chain     int            `json:"broken_chain"`
	Extra     int            `json:"not_made"`
	First     string         `json:"first,omitempty"` // what the first bad one was
}

// Bad counts images in which something is wrong.
func (r cutReport) Bad() int { return r.Lost + r.Corrupt + r.Chain + r.Extra }

// cutting replays recordings.
type cutting struct {
	dir      string // in memory
	seed     uint64
	progress io.Writer
}

// cut is one image to be judged.
type cut struct {
	n      int
	files  map[string][]byte
	expect expected
	manner powercut.Manner
	after  int // call
}

// all replays images power cuts, evenly over all calls.
func (c cutting) all(ctx context.Context, name string, ops []powercut.Op, images int, lying bool) (cutReport, error) {
	r := cutReport{Images: images, Kinds: map[string]int{}, Manners: map[string]int{}}
	desk, err := newTrialDesk(c.seed)
	if err != nil {
		return r, err
	}
	for _, op := range ops {
		r.Kinds[kindName(op.Kind)]++
		if op.Kind != powercut.Mark {
			r.Calls++
		}
	}
	cuts := make(chan cut, runtime.GOMAXPROCS(0))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(cuts)
		return c.make(ctx, ops, images, lying, cuts, &r)
	})
	var mu sync.Mutex
	done := 0
	for worker := range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			dir := filepath.Join(c.dir, "image-"+strconv.Itoa(worker))
			for x := range cuts {
				if err := place(dir, x.files); err != nil {
					return err
				}
				v := judge(ctx, *desk, filepath.Join(dir, "ledger.db"), x.expect, x.n%10 == 0)
				mu.Lock()
				r.count(x, v)
				if done++; done%1000 == 0 {
					fmt.Fprintf(c.progress, "%s: %d of %d images, %d bad\n", name, done, images, r.Bad())
				}
				mu.Unlock()
			}
			return os.RemoveAll(dir)
		})
	}
	return r, group.Wait()
}

// make plays the log and cuts the power after every call.
func (c cutting) make(ctx context.Context, ops []powercut.Op, images int, lying bool, cuts chan<- cut, r *cutReport) error {
	rng := rand.New(rand.NewPCG(c.seed, 2))
	disk := powercut.NewDisk(c.seed)
	disk.Lying = lying
	var expect expected
	n, call := 0, 0
	for _, op := range ops {
		if op.Kind == powercut.Mark {
			m, err := readMark(op.Data)
			if err != nil {
				return err
			}
			expect = expect.with(m)
			r.Decisions = expect.Told
			continue
		}
		if err := disk.Do(op); err != nil {
			return err
		}
		call++
		if until := call * images / r.Calls; n < until {
			r.Points++
			for ; n < until; n++ {
				manner := powercut.Manners()[n%len(powercut.Manners())]
				select {
				case cuts <- cut{n, disk.Image(manner, rng), expect, manner, call}:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
	}
	return nil
}

// place writes an image's files into an empty dir.
func place(dir string, files map[string][]byte) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (r *cutReport) count(x cut, v verdict) {
	r.Manners[x.manner.String()]++
	if x.n%10 == 0 {
		r.GoneOn++
	}
	for _, k := range []struct {
		into *int
		what string
	}{{&r.Corrupt, v.Corrupt}, {&r.Lost, v.Lost}, {&r.Chain, v.Chain}, {&r.Extra, v.Extra}} {
		if k.what == "" {
			continue
		}
		*k.into++
		if r.First == "" {
			r.First = fmt.Sprintf("image %d, %s, after call %d: %s", x.n, x.manner, x.after, k.what)
		}
		return // an image counts once
	}
}

func kindName(k powercut.Kind) string {
	switch k {
	case powercut.Open:
		return "open"
	case powercut.Write:
		return "write"
	case powercut.Truncate:
		return "truncate"
	case powercut.Sync:
		return "sync"
	case powercut.SyncDir:
		return "sync of the folder"
	case powercut.Unlink:
		return "unlink"
	case powercut.ReadErr:
		return "failed read"
	case powercut.Mark:
		return "mark"
	}
	return string(rune(k))
}
