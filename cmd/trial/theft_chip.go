package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// theftChip is a TPM 2.0 in software (swtpm): the machine of a PC.
type theftChip struct {
	socket string
	dir    string // of the socket, whose path must be short
	cmd    *exec.Cmd
}

// newTheftChip makes the chip whose memory is in the folder state.
func newTheftChip(ctx context.Context, state string) (*theftChip, error) {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "tpm")
	if err != nil {
		return nil, err
	}
	c := &theftChip{socket: filepath.Join(dir, "s"), dir: dir}
	c.cmd = exec.Command("swtpm", "socket", "--tpm2", "--tpmstate", "dir="+state, "--server", "type=unixio,path="+c.socket,
		"--ctrl", "type=unixio,path="+filepath.Join(dir, "c"), "--flags", "not-need-init,startup-clear")
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said bytes.Buffer
	c.cmd.Stdout, c.cmd.Stderr = &said, &said
	if err := c.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("swtpm (make setup brings it): %w", err), os.RemoveAll(dir))
	}
	for range 3000 {
		if conn, err := net.Dial("unix", c.socket); err == nil {
			return c, conn.Close()
		}
		if wait(ctx, 20*time.Millisecond); ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(fmt.Errorf("swtpm does not answer: %s", &said), c.off())
}

// off switches the PC off.
func (c *theftChip) off() error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	_ = c.cmd.Wait() // by that signal
	return os.RemoveAll(c.dir)
}
