package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"loket/scanner/face/engine"
)

// TestEngineThreadsAreBounded counts the threads that OpenCV and OpenBLAS keep in `kiosk engine` after it has worked: as
// many as its cores allow beside the one that works, and none of OpenBLAS's. Without either bound there are more.
func TestEngineThreadsAreBounded(t *testing.T) {
	frame := filepath.Join(sharedFaces(t), "nuaa", "live", "0001", "0001_00_00_01_0.jpg")
	one := nativeThreads(t, frame, "--threads 1")
	usual := nativeThreads(t, frame, "")
	t.Logf("native threads beside Go's: %d with one core, %d as at a counter", one, usual)
	if one != 0 || usual > engineCores(runtime.NumCPU())-1 {
		t.Errorf("%d threads with one core, %d with %d", one, usual, engineCores(runtime.NumCPU()))
	}
	if runtime.NumCPU() == 1 {
		return // neither library starts a thread more than there are cores
	}
	for _, c := range []struct {
		name, args string
		env        []string
	}{
		{"OpenCV may use every core", "--threads 1024", nil},
		{"OpenBLAS may use every core", "--threads 1", []string{"OPENBLAS_NUM_THREADS=1024"}},
	} {
		if n := nativeThreads(t, frame, c.args, c.env...); n <= one {
			t.Errorf("control, %s: %d native threads: the count shows nothing", c.name, n)
		}
	}
}

// nativeThreads runs the engine with these arguments, and with env laid over what the client bounds, has it look at a
// picture and counts its threads that wait outside Go's own code: TBB's and OpenBLAS's wait in the C library.
func nativeThreads(t *testing.T, frame, args string, env ...string) int {
	t.Helper()
	var child atomic.Pointer[exec.Cmd]
	c := engine.Start(engine.Options{Stderr: os.Stderr, Timeout: time.Minute, StartTimeout: 2 * time.Minute, Command: func() *exec.Cmd {
		cmd := exec.Command("env", append(env, os.Args[0], "-test.run=^TestEngineChild$")...)
		cmd.Env = append(os.Environ(), "LOKET_TEST_ENGINE_ARGS="+args)
		child.Store(cmd)
		return cmd
	}})
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	img, err := openPicture(frame)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if r, err := c.Look(ctx, img, true); err != nil || r.Descriptor == nil {
			t.Fatal(r, err)
		}
	}
	proc := filepath.Join("/proc", strconv.Itoa(child.Load().Process.Pid))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for { // until every thread rests
		if n, resting := waitingOutside(t, proc); resting {
			return n
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the engine's threads never rest")
		}
	}
}

// waitingOutside counts the threads of a process whose program counter is not in its own executable. resting is false
// while any of them runs.
func waitingOutside(t *testing.T, proc string) (n int, resting bool) {
	t.Helper()
	maps, err := os.ReadFile(filepath.Join(proc, "maps"))
	if err != nil {
		t.Skip("threads are told apart by /proc: ", err)
	}
	executable, err := os.Readlink(filepath.Join(proc, "exe"))
	if err != nil {
		t.Fatal(err)
	}
	own := func(pc uint64) bool {
		for line := range strings.Lines(string(maps)) {
			var from, to uint64
			if _, err := fmt.Sscanf(line, "%x-%x", &from, &to); err == nil && from <= pc && pc < to {
				return strings.HasSuffix(strings.TrimSpace(line), executable)
			}
		}
		return false
	}
	calls, err := filepath.Glob(filepath.Join(proc, "task", "*", "syscall"))
	if err != nil || len(calls) == 0 {
		t.Fatal(calls, err)
	}
	for _, path := range calls {
		text, err := os.ReadFile(path)
		if os.IsPermission(err) {
			t.Skip("this system does not say where threads wait: ", err)
		}
		fields := strings.Fields(string(text))
		if err != nil || len(fields) < 3 { // gone, or "running"
			return 0, false
		}
		pc, err := strconv.ParseUint(strings.TrimPrefix(fields[len(fields)-1], "0x"), 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		if !own(pc) {
			n++
		}
	}
	return n, true
}
