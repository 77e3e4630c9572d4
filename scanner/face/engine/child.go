package engine

import (
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"time"
)

// child is one running process with its pipes.
type child struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  io.ReadCloser
	gone chan struct{} // closed when the process has ended and was waited for
}

// ownCommand runs this program's own engine.
func ownCommand() *exec.Cmd {
	path, err := os.Executable()
	if err != nil {
		path = os.Args[0]
	}
	return exec.Command(path, "engine")
}

func startChild(cmd *exec.Cmd, stderr io.Writer) (*child, error) {
	// OpenBLAS starts a thread for each core otherwise, and the preview would
	// stutter; OpenCV's own threads are bounded by LimitThreads in the child.
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1")
	cmd.Stderr = stderr
	cmd.WaitDelay = time.Second
	dieWithParent(cmd)
	// Pipes of our own: those of exec.Cmd close when Wait sees the end, and an
	// answer that is on its way would be lost.
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		childIn.Close()
		in.Close()
		return nil, err
	}
	cmd.Stdin, cmd.Stdout = childIn, childOut
	err = cmd.Start()
	childIn.Close()
	childOut.Close()
	if err != nil {
		in.Close()
		out.Close()
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	c := &child{cmd: cmd, in: in, out: out, gone: make(chan struct{})}
	go func() {
		defer close(c.gone)
		cmd.Wait() // how it ended does not matter: who asks it sees the pipe end
	}()
	return c, nil
}

func (c *child) greet() (answer, error) { return readAnswer(c.out) }

func (c *child) ask(o op, img *image.RGBA) (answer, error) {
	if err := writeRequest(c.in, o, img); err != nil {
		return answer{}, err
	}
	return readAnswer(c.out)
}

// kill ends the process at once, also a stopped one.
func (c *child) kill() { c.cmd.Process.Kill() }

// end lets the process finish by itself, kills it after a second, and waits.
func (c *child) end() {
	c.in.Close()
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-c.gone:
	case <-timer.C:
		c.kill()
		<-c.gone
	}
	c.out.Close()
}
