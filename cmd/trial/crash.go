package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"loket/sync/ledger/powercut"
)

// crashReport is what `trial crash` prints.
type crashReport struct {
	Trial   string    `json:"trial"`
	Seed    uint64    `json:"seed"`
	Cuts    cutReport `json:"power_cuts"`
	Control struct {
		Normal  cutReport `json:"synchronous_normal"` // must lose
		NoFlush cutReport `json:"disk_without_flush"` // must lose, or be corrupt: the same calls as power_cuts
	} `json:"control"`
	Seconds float64 `json:"seconds"`
}

// crash records the file calls of a counter's ledger and replays power cuts.
func crash(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := newFlags("crash", progress)
	images := flags.Int("images", 5000, "power cuts to replay; a tenth as many for each control")
	seed := flags.Uint64("seed", 1, "of what is done and of what is lost")
	decisions := flags.Int("decisions", 30, "approvals of 40 KB that are recorded")
	folder := flags.String("drive", "", "be the recorded driver of the ledger in this `folder`")
	unsafe := flags.Bool("drive-normal", false, "as -drive, with synchronous=NORMAL")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *folder != "" {
		return drive(ctx, *folder, *decisions, *seed, *unsafe)
	}
	began := time.Now()
	r := crashReport{Trial: "crash", Seed: *seed}
	dir, err := memoryDir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	durable, err := record(ctx, dir, "full", *decisions, *seed, false)
	if err != nil {
		return err
	}
	normal, err := record(ctx, dir, "normal", *decisions, *seed, true)
	if err != nil {
		return err
	}
	cuts := cutting{dir: dir, seed: *seed, progress: progress}
	if r.Cuts, err = cuts.all(ctx, "power cuts", durable, *images, false); err != nil {
		return err
	}
	if r.Control.Normal, err = cuts.all(ctx, "control: synchronous=NORMAL", normal, max(*images/10, 1), false); err != nil {
		return err
	}
	if r.Control.NoFlush, err = cuts.all(ctx, "control: disk without flush", durable, max(*images/10, 1), true); err != nil {
		return err
	}
	r.Seconds = secondsSince(began)
	return tell(out, r)
}

// judge holds the figures against the bars.
func (r crashReport) judge() error {
	switch c := r.Cuts; {
	case c.Bad() > 0:
		return fmt.Errorf("power cuts: %d lost, %d corrupt, %d broken chains, %d that nobody made", c.Lost, c.Corrupt, c.Chain, c.Extra)
	case c.Points < c.Calls:
		return fmt.Errorf("only %d of %d calls were cut after: give more -images", c.Points, c.Calls)
	case r.Control.Normal.Lost == 0:
		return errors.New("control: synchronous=NORMAL lost nothing")
	case r.Control.NoFlush.Bad() == 0:
		return errors.New("control: nothing was lost on a disk without flush")
	}
	return nil
}

// memoryDir is a folder in memory where the system has one.
func memoryDir() (string, error) {
	if dir, err := os.MkdirTemp("/dev/shm", "loket-trial"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "loket-trial")
}

// record has a driver of its own process live under the recorder.
func record(ctx context.Context, dir, name string, decisions int, seed uint64, unsafe bool) ([]powercut.Op, error) {
	shim, err := powercut.Build(ctx, dir)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	folder, log := filepath.Join(dir, name), filepath.Join(dir, name+".log")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "crash", "-drive", folder, "-decisions", strconv.Itoa(decisions),
		"-seed", strconv.FormatUint(seed, 10), "-drive-normal="+strconv.FormatBool(unsafe))
	cmd.Env = shim.Environ(os.Environ(), folder, log)
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("driver: %w: %s", err, text)
	}
	ops, err := powercut.Read(log)
	if err == nil && len(ops) == 0 {
		err = errors.New("the recorder saw nothing: is the program linked statically?")
	}
	return ops, errors.Join(err, os.RemoveAll(folder), os.Remove(log))
}
