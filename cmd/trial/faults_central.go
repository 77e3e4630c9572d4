package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// faultsCentral is central's own program, serving at the same two addresses
// after each kill.
type faultsCentral struct {
	program, dir, smtp string
	counters, phones   string // https://127.0.0.1:port
	cmd                *exec.Cmd
	read               sync.WaitGroup // of its log

	told  chan struct{} // of each result
	kills int           // when send has ended

	mu      sync.Mutex
	results map[string]map[string]int // packet to result to how often central said so
}

// startFaultsCentral serves at two free ports.
func startFaultsCentral(program, dir, smtp string) (*faultsCentral, error) {
	c := &faultsCentral{program: program, dir: dir, smtp: smtp, results: map[string]map[string]int{}, told: make(chan struct{}, 1<<16)}
	return c, c.start("127.0.0.1:0", "127.0.0.1:0")
}

// start runs the program until it says where it listens.
func (c *faultsCentral) start(counters, phones string) error {
	c.cmd = exec.Command(c.program, "serve", "--data", c.dir, "--counters", counters, "--phones", phones, "--smtp", c.smtp,
		"--from", "ikd@contoh.id", "--starttls", "none")
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	log, err := c.cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := c.cmd.Start(); err != nil {
		return fmt.Errorf("central (built by make): %w", err)
	}
	last := ""
	c.read.Go(func() { last = c.follow(log) })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "listening counters "); ok {
			c.counters = at
		}
		if at, ok := strings.CutPrefix(lines.Text(), "listening phones "); ok {
			c.phones = at
			return nil
		}
	}
	c.read.Wait()
	return fmt.Errorf("central did not listen: %w: %s", c.cmd.Wait(), last)
}

// again starts it where it was; another program may have a port for a moment.
func (c *faultsCentral) again() (err error) {
	for range 100 {
		if err = c.start(c.counters[len("https://"):], c.phones[len("https://"):]); err == nil {
			return err
		}
		<-time.After(100 * time.Millisecond)
	}
	return err
}

var packetLine = regexp.MustCompile(` msg=packet .*packet=([0-9a-f]{32}) result=([a-z]+) `)

// follow reads central's log to its end and gives the last line.
func (c *faultsCentral) follow(log io.Reader) (last string) {
	for lines := bufio.NewScanner(log); lines.Scan(); {
		last = lines.Text()
		if m := packetLine.FindStringSubmatch(last + " "); m != nil {
			c.mu.Lock()
			if c.results[m[1]] == nil {
				c.results[m[1]] = map[string]int{}
			}
			c.results[m[1]][m[2]]++
			c.mu.Unlock()
			select {
			case c.told <- struct{}{}:
			default:
			}
		}
	}
	return last
}

// kill kills it again and again, each time some packets after the last: as soon
// as it said that they are in its database, or a moment later.
func (c *faultsCentral) kill(ctx context.Context, r *rand.Rand) (kills int, err error) {
	for {
		for range 20 + r.IntN(150) {
			select {
			case <-ctx.Done():
				return kills, nil
			case <-c.told:
			}
		}
		wait(ctx, time.Duration(r.IntN(5))*time.Millisecond)
		c.end(syscall.SIGKILL)
		kills++
		if err := c.again(); err != nil {
			return kills, err
		}
	}
}

// end sends a signal and waits for the process and its log.
func (c *faultsCentral) end(s syscall.Signal) {
	_ = c.cmd.Process.Signal(s)
	c.read.Wait()
	_ = c.cmd.Wait() // it was killed
}

func (c *faultsCentral) stop() {
	if c.cmd != nil && c.cmd.Process != nil && c.cmd.ProcessState == nil {
		c.end(syscall.SIGTERM)
	}
}
