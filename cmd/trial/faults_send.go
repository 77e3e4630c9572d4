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
	"strings"
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
	kills    int
}

// send runs all counters to their end while the lines are bad and both ends are
// killed.
func (o *faultsOffice) send(ctx context.Context) error {
	desks, ctx := errgroup.WithContext(ctx)
	bad, good := context.WithCancel(ctx)
	defer good()
	var harm errgroup.Group
	for i, l := range o.lines {
		harm.Go(func() error { return l.spoil(bad, o.counters[i].progress) })
	}
	if o.plan.kill {
		harm.Go(func() (err error) {
			o.server.kills, err = o.server.kill(bad, rand.New(rand.NewPCG(o.plan.seed, 2)))
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
		killed, err := d.once(ctx, last, time.Duration(r.IntN(20))*time.Millisecond)
		if !killed {
			return err
		}
		d.kills++
	}
}

// once is one life: it ends a moment after its last saved decision (0 for none),
// or in peace.
func (d *faultsDesk) once(ctx context.Context, last int, moment time.Duration) (killed bool, err error) {
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
	synced := d.follow(out, func(saved int) {
		if saved == last {
			wait(ctx, moment)
			killed = true
			_ = cmd.Process.Kill() // it may have ended by itself
		}
	})
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
