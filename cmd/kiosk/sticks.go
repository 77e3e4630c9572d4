package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"loket/app"
	"loket/sync/wire"
)

// sticks is app.Stick: folders that somebody may pull out.
type sticks struct {
	s       *station
	folders []string // patterns of where sticks appear
}

// stickFolders are where a desktop mounts sticks; LOKET_STICKS names others,
// parted by colons.
func stickFolders(getenv func(string) string) []string {
	if v := getenv("LOKET_STICKS"); v != "" {
		return filepath.SplitList(v)
	}
	return []string{"/media/*/*", "/run/media/*/*"}
}

// Places implements app.Stick. A folder of the desktop's counts only while
// something is mounted there.
func (x *sticks) Places(context.Context) ([]app.StickPlace, error) {
	var list []app.StickPlace
	for _, pattern := range x.folders {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, dir := range found {
			free, ok := stickAt(dir, strings.Contains(pattern, "*"))
			if !ok {
				continue
			}
			bundles, err := filepath.Glob(filepath.Join(dir, "*.ikdb"))
			if err != nil {
				return nil, err
			}
			list = append(list, app.StickPlace{Path: dir, Name: filepath.Base(dir), Free: free, Bundles: len(bundles)})
		}
	}
	slices.SortFunc(list, func(a, b app.StickPlace) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}

// Export implements app.Stick: one signed bundle and its page, whole or not at
// all.
func (x *sticks) Export(ctx context.Context, place string, progress func(done, total int)) (app.StickResult, error) {
	out, err := x.s.exportTelling(ctx, folder(place), progress)
	if err != nil {
		return app.StickResult{}, stickFault(err)
	}
	return app.StickResult{File: out.File, Packets: out.Packets, Relayed: out.Relayed, Left: out.Left}, nil
}

// Import implements app.Stick: every bundle on the stick, each as a whole. One
// that is broken is told; those before it stay, and doing it again is harmless.
func (x *sticks) Import(ctx context.Context, place string, progress func(done, total int)) (app.StickResult, error) {
	files, err := filepath.Glob(filepath.Join(place, "*.ikdb"))
	if err != nil {
		return app.StickResult{}, stickFault(err)
	}
	out := app.StickResult{Import: true}
	if len(files) == 0 {
		if _, err := os.Stat(place); err != nil {
			return out, stickFault(err)
		}
		return out, &app.Fault{Code: "stick-empty", Tone: app.Info}
	}
	for i, name := range files {
		progress(i, len(files))
		got, err := x.s.importBundle(ctx, name)
		if err != nil {
			return out, stickFault(err)
		}
		out.Bundles++
		out.New += got.New
		out.Known += got.Known
		out.Forged += got.Forged
	}
	x.s.kick()
	return out, nil
}

// stickFault says what is the matter with a stick.
func stickFault(err error) error {
	code, tone := "", app.Bad
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		code = "stick-full"
	case errors.Is(err, syscall.EROFS), errors.Is(err, os.ErrPermission):
		code = "stick-readonly"
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.EIO), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ESTALE):
		code = "stick-pulled"
	case errors.Is(err, wire.ErrBundle), errors.Is(err, wire.ErrVersion):
		code = "stick-broken"
	default:
		return err
	}
	return &app.Fault{Code: code, Tone: tone, Err: err}
}

// teller tells how many packets have gone through it, by their bytes.
type teller struct {
	io.Writer
	ends     []int // after each packet
	gone, at int
	progress func(done, total int)
}

func newTeller(w io.Writer, packets [][]byte, progress func(done, total int)) *teller {
	t := &teller{Writer: w, progress: progress}
	sum := 0
	for _, p := range packets {
		sum += len(p)
		t.ends = append(t.ends, sum)
	}
	return t
}

// tellEvery is how many packets pass between two words about them.
const tellEvery = 10

// Write implements io.Writer.
func (t *teller) Write(b []byte) (int, error) {
	n, err := t.Writer.Write(b)
	was := t.at
	for t.gone += n; t.at < len(t.ends) && t.gone >= t.ends[t.at]; {
		t.at++
	}
	if t.at/tellEvery != was/tellEvery || t.at == len(t.ends) && was != t.at {
		t.progress(t.at, len(t.ends))
	}
	return n, err
}
