package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// faultsDesk is a counter's process, killed and started again until it has
// synced. Its fields are of run's goroutine, until that has ended.
type faultsDesk struct {
	dir      string
	progress chan struct{}  // something has got through
	saved    map[string]int // packets whose decision was acknowledged
	settled  func(n int)    // told how many packets central has answered for
	kills    int
}

// send runs all counters to their end while the lines are bad and both ends are
// killed; central not in the last quarter, for a mail that it was sending when it
// died waits 30 seconds for another try.
func (o *faultsOffice) send(ctx context.Context) error {
	desks, ctx := errgroup.WithContext(ctx)
	bad, good := context.WithCancel(ctx)
	defer good()
	early, late := context.WithCancel(bad)
	defer late()
	var settled atomic.Int64
	for _, d := range o.counters {
		d.settled = func(n int) {
			if settled.Add(int64(n)) >= int64(o.plan.packets*3/4) {
				late()
			}
		}
	}
	var harm errgroup.Group
	for i, l := range o.lines {
		harm.Go(func() error { return l.spoil(bad, o.counters[i].progress) })
	}
	if o.plan.kill {
		harm.Go(func() (err error) {
			o.server.kills, err = o.server.kill(early, rand.New(rand.NewPCG(o.plan.seed, 2)))
			return err
		})
	}
	for i, d := range o.counters {
		desks.Go(func() error { return d.run(ctx, o.plan, rand.New(rand.NewPCG(o.plan.seed+uint64(i), 3))) })
	}
	err := desks.Wait()
	good()
	return errors.Join(err, harm.Wait())
}

// run runs the counter until it has synced. A kill comes some decisions after
// the start, so that a slow machine comes to its end too.
func (d *faultsDesk) run(ctx context.Context, p faultsPlan, r *rand.Rand) error {
	for {
		last := 0
		if p.kill {
			last = 20 + r.IntN(100)
		}
		moment := time.Duration(r.IntN(20)) * time.Millisecond
		killed, err := d.once(ctx, func(cmd *exec.Cmd, n int) bool {
			if n != last {
				return false
			}
			wait(ctx, moment)
			_ = cmd.Process.Kill() // it may have ended by itself
			return true
		})
		if !killed {
			return err
		}
		d.kills++
	}
}

// once is one life: it ends when decided, told of each saved decision of this
// life, has killed it, or in peace.
func (d *faultsDesk) once(ctx context.Context, decided func(cmd *exec.Cmd, n int) (killed bool)) (killed bool, err error) {
	self, err := os.Executable()
	if err != nil {
		return false, err
	}
	cmd := exec.CommandContext(ctx, self, "faults", "-counter", d.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	synced := d.follow(out, func(saved int) { killed = decided(cmd, saved) || killed })
	err = cmd.Wait()
	switch {
	case synced && err == nil:
		return false, nil
	case killed:
		return true, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	}
	return false, fmt.Errorf("counter ended: %w: %s", err, said.String())
}

// follow reads what the counter says until it ends; decided is told how many
// decisions it has saved in this life.
func (d *faultsDesk) follow(out io.Reader, decided func(n int)) (synced bool) {
	n := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch {
		case word == "saved" && len(rest) == 32: // a killed process may leave half a line
			d.saved[rest]++
			n++
			decided(n)
		case word == "settled":
			if n, err := strconv.Atoi(rest); err == nil { // else half a line
				d.settled(n)
			}
			select {
			case d.progress <- struct{}{}:
			default:
			}
		case word == "synced":
			synced = true
		}
	}
	return synced
}
