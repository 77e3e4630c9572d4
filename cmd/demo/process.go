package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// programs starts the three real programs, found beside the demo's own file,
// and keeps what they say in log files.
type programs struct {
	bin  string // folder of kiosk, central, phone
	logs string
	env  []string
}

// A program is one that runs. Its standard output is read line by line.
type program struct {
	name  string
	cmd   *exec.Cmd
	lines chan string
	ended chan struct{}
	err   error
}

// Once runs a program to its end and returns its standard output.
func (p programs) Once(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, name), args...)
	cmd.Env = append(os.Environ(), p.env...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, said.String())
	}
	return string(out), nil
}

// Start runs a program until Stop.
func (p programs) Start(name, log string, env []string, args ...string) (*program, error) {
	file, err := os.OpenFile(filepath.Join(p.logs, log+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Env = append(append(os.Environ(), p.env...), env...)
	cmd.Stderr = file
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	out, err := cmd.StdoutPipe()
	if err != nil {
		file.Close()
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		file.Close()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	pr := &program{name: log, cmd: cmd, lines: make(chan string, 64), ended: make(chan struct{})}
	go func() {
		scan := bufio.NewScanner(out)
		for scan.Scan() {
			select {
			case pr.lines <- scan.Text():
			default: // nobody waits for more
			}
		}
		io.Copy(io.Discard, out) // a line past the scanner's limit
		pr.err = cmd.Wait()
		file.Close()
		close(pr.ended)
	}()
	return pr, nil
}

// Said waits for a line that begins with prefix and returns what follows.
func (p *program) Said(ctx context.Context, prefix string) (string, error) {
	for {
		select {
		case line := <-p.lines:
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				return strings.TrimSpace(rest), nil
			}
		case <-p.ended:
			return "", fmt.Errorf("%s ended before it said %q: %v (see its log)", p.name, prefix, p.err)
		case <-ctx.Done():
			return "", fmt.Errorf("%s did not say %q: %w", p.name, prefix, ctx.Err())
		}
	}
}

// Stop asks a program to end and waits for it, 10 seconds at most.
func (p *program) Stop() error {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return nil
	case <-time.After(10 * time.Second):
		p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("%s had to be killed", p.name)
	}
}

// await asks until a question is answered with yes, or ctx ends.
func await(ctx context.Context, what string, limit time.Duration, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var last error
	for {
		ok, err := ask()
		if ok && err == nil {
			return nil
		}
		last = err
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("waited %v for %s: %w", limit, what, errors.Join(ctx.Err(), last))
		}
	}
}

// decode reads one JSON object.
func decode(text string, into any) error {
	return json.Unmarshal([]byte(text), into)
}
