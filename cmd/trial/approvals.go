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
	"strings"
	"time"

	"loket/sync/ledger"
	"loket/sync/ledger/powercut"
)

// Bars of the issue.
const (
	mostFsyncs = 1.05 // an approval, checkpoints counted
	leastRatio = 0.4  // approvals a second by raw fsyncs a second
)

// tooFast is how soon a sync ends where it can't have reached a disk, as in
// memory. There a ratio shows the ledger's own processor time only.
const tooFast = 200 * time.Microsecond

// fsyncs counts syncs of one driver, from opening the ledger to closing it.
type fsyncs struct {
	Approvals int     `json:"approvals"`
	Idle      int     `json:"checkpoint_every"` // approvals
	Counted   int     `json:"counted"`
	By        string  `json:"by"` // strace; where that may not trace, the recorder, which misses Go's own
	Each      float64 `json:"per_approval"`
}

// approvalsReport is what `trial approvals` prints.
type approvalsReport struct {
	Trial   string  `json:"trial"`
	Fsyncs  fsyncs  `json:"fsyncs"`
	Control fsyncs  `json:"control_checkpoint_after_each"`
	Rate    rate    `json:"rate"`
	Seconds float64 `json:"seconds"`
}

// approvals measures what a durable approval costs over the disk.
func approvals(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := newFlags("approvals", progress)
	n := flags.Int("n", 1000, "approvals of 40 KB whose syncs are counted")
	blocks := flags.Int("blocks", 96, "turns of approvals and raw syncs, 8 of each")
	place := flags.String("dir", "", "`folder` on the disk to measure; the system's temporary one by default")
	folder := flags.String("drive", "", "be the driver of the ledger in this `folder`")
	idle := flags.Int("idle", 100, "with -drive: a checkpoint after so many approvals")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *folder != "" {
		return driveApprovals(ctx, *folder, *n, *idle)
	}
	began := time.Now()
	dir, err := os.MkdirTemp(*place, "loket-trial")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r := approvalsReport{Trial: "approvals"}
	if r.Fsyncs, err = countFsyncs(ctx, dir, *n, *idle); err != nil {
		return err
	}
	fmt.Fprintf(progress, "fsyncs: %+v\n", r.Fsyncs)
	if r.Control, err = countFsyncs(ctx, dir, max(*n/10, 1), 1); err != nil {
		return err
	}
	if r.Rate, err = measureRate(ctx, dir, *blocks); err != nil {
		return err
	}
	r.Seconds = secondsSince(began)
	return tell(out, r)
}

func (r approvalsReport) judge() error {
	switch {
	case r.Fsyncs.Each > mostFsyncs:
		return fmt.Errorf("%.3f fsyncs an approval, %.2f at most", r.Fsyncs.Each, mostFsyncs)
	case r.Control.Each <= mostFsyncs:
		return fmt.Errorf("control: a checkpoint after each approval costs only %.3f fsyncs", r.Control.Each)
	case r.Rate.Judged && r.Rate.Ratio < leastRatio:
		return fmt.Errorf("%.2f of the raw fsyncs a second, %.1f at least", r.Rate.Ratio, leastRatio)
	}
	return nil
}

// driveApprovals keeps n approvals in the ledger in dir.
func driveApprovals(ctx context.Context, dir string, n, idle int) error {
	d, err := newTrialDesk(1)
	if err != nil {
		return err
	}
	if d.Ledger, err = ledger.Open(ctx, filepath.Join(dir, "ledger.db"), d.options()); err != nil {
		return err
	}
	for i := range n {
		e, err := d.entry(ctx, i)
		if err == nil {
			err = d.Decide(ctx, e)
		}
		if err == nil && i%idle == idle-1 {
			_, err = d.Idle(ctx)
		}
		if err != nil {
			return errors.Join(err, d.Close())
		}
	}
	return d.Close()
}

// countFsyncs runs a driver under strace or, where that is not allowed to trace,
// under the recorder.
func countFsyncs(ctx context.Context, dir string, n, idle int) (fsyncs, error) {
	f := fsyncs{Approvals: n, Idle: idle, By: "strace"}
	self, err := os.Executable()
	if err != nil {
		return f, err
	}
	folder, err := os.MkdirTemp(dir, "count")
	if err != nil {
		return f, err
	}
	command := []string{self, "approvals", "-drive", folder, "-n", strconv.Itoa(n), "-idle", strconv.Itoa(idle)}
	table := filepath.Join(dir, "strace")
	strace := exec.CommandContext(ctx, "strace", append([]string{"-f", "-c", "-e", "trace=fsync,fdatasync", "-o", table, "--"}, command...)...)
	text, traced := strace.CombinedOutput()
	if traced == nil {
		f.Counted, err = straceCalls(table)
	} else {
		f.By = strings.TrimSpace(fmt.Sprintf("recorder, for strace says: %v: %s", traced, text[:min(len(text), 200)]))
		if err = errors.Join(os.RemoveAll(folder), os.Mkdir(folder, 0o700)); err == nil {
			f.Counted, err = recordedSyncs(ctx, dir, folder, command)
		}
	}
	f.Each = float64(f.Counted) / float64(n)
	return f, errors.Join(err, os.RemoveAll(folder))
}

// recordedSyncs runs a command under the recorder and counts its syncs.
func recordedSyncs(ctx context.Context, dir, folder string, command []string) (int, error) {
	shim, err := powercut.Build(ctx, dir)
	if err != nil {
		return 0, err
	}
	log := filepath.Join(dir, "log")
	defer os.Remove(log)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = shim.Environ(os.Environ(), folder, log)
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("driver: %w: %s", err, text)
	}
	ops, err := powercut.Read(log)
	n := 0
	for _, op := range ops {
		if op.Kind == powercut.Sync || op.Kind == powercut.SyncDir {
			n++
		}
	}
	return n, err
}

// straceCalls adds up the calls column of strace -c.
func straceCalls(path string) (int, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	calls := 0
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 5 || (f[len(f)-1] != "fsync" && f[len(f)-1] != "fdatasync") {
			continue
		}
		n, err := strconv.Atoi(f[3])
		if err != nil {
			return 0, fmt.Errorf("strace: %q: %w", line, err)
		}
		calls += n
	}
	return calls, nil
}
