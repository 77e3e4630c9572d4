package main

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"loket/app"
	"loket/camera"
	"loket/camera/footage/people"
	"loket/scanner/face/engine"
	"loket/scanner/face/liveness"
	"loket/scanner/token"
)

// faultFigures is what the test found.
type faultFigures struct {
	Faults    map[string]int `json:"faults"`   // by signal
	Restarts  int64          `json:"restarts"` // that the client saw
	Recovered int            `json:"recovered"`
	Notices   int            `json:"notices"`     // how often the window said that the engine restarts
	Told      int64          `json:"told_ms_max"` // from a fault to the client's knowing of it, with a deadline of deadline_ms a picture
	Deadline  int64          `json:"deadline_ms"`
	Back      int64          `json:"back_ms_max"` // from a fault to the next engine that answers
	Lost      int            `json:"sessions_lost"`
	Rounds    int            `json:"challenge_rounds"` // of the one session
	Score     float64        `json:"score"`            // of its face
}

// faultDeadline is how long a picture may take, as at a counter.
const faultDeadline = 3 * time.Second

// TestEngineFaults kills, stops and breaks the real `kiosk engine` again and
// again while a citizen sits before the camera, once in the middle of the
// liveness challenge, and then serves that citizen to the end. LOKET_FAULTS is
// how often; "make engine-faults" says 100 and looks at the times.
func TestEngineFaults(t *testing.T) {
	sharedFaces(t)
	n, long := 8, false
	if s := os.Getenv("LOKET_FAULTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
		long = true
	}
	sitter := drawSitter(people.All()[0]) // whose nose a turn shows plainly
	c := newCrashOf(t, sitter.photo)
	dir := copyDir(t, c.dir)
	presentation := c.phone.Present()
	h, err := openHeadless(dir, token.PresentationText(presentation), crashPIN)
	if err != nil {
		t.Fatal(err)
	}
	closed := sync.OnceValue(h.close)
	defer closed()

	var child atomic.Pointer[exec.Cmd]
	var restarts atomic.Int64
	states := make(chan engine.State, 64*n+1024)
	eng := engine.Start(engine.Options{Timeout: faultDeadline, Command: func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^TestEngineChild$")
		cmd.Env = append(os.Environ(), "LOKET_TEST_ENGINE_ARGS=")
		child.Store(cmd)
		return cmd
	}, OnState: func(s engine.State) {
		if s == engine.Restarting {
			restarts.Add(1)
		}
		states <- s
	}})
	defer eng.Close()

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	out := faultFigures{Faults: map[string]int{}, Deadline: faultDeadline.Milliseconds()}
	until := func(want engine.State) bool {
		for {
			select {
			case s := <-states:
				if s == want {
					return true
				}
			case <-ctx.Done():
				return false
			}
		}
	}
	looked := make(chan struct{}, 1)
	h.faces = &counted{faces: faces{h.station, eng}, looked: looked}
	h.camera = func() camera.Source { return &sitterCamera{sitter: sitter, end: make(chan struct{})} }
	restarting := false
	inChallenge := make(chan struct{})
	var once sync.Once
	h.seen = func(v app.View) { // on the desk's goroutine
		now := v.Notice != nil && v.Notice.Code == "engine-restarting"
		if now && !restarting {
			out.Notices++
		}
		restarting = now
		asked := liveness.Step("")
		if v.Face.Moving {
			asked = liveness.Step(v.Face.Sentence[len("challenge-"):])
		}
		sitter.asked.Store(asked)
		if asked == liveness.TurnLeft || asked == liveness.TurnRight {
			once.Do(func() { close(inChallenge) })
		}
		if v.Face.Again {
			h.once("again "+v.Now.String(), app.Capture{})
		}
	}
	served := make(chan error, 1)
	go func() { served <- h.serve(ctx) }()

	signals := []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGSEGV, syscall.SIGILL}
	for i := range n {
		if i == n-1 { // the last one hits the challenge
			sitter.near.Store(true)
			select {
			case <-inChallenge:
			case <-ctx.Done():
				t.Fatal("nobody was asked to move")
			}
		}
		if i == 0 && !until(engine.Ready) {
			t.Fatal("the engine never started")
		}
		select { // a picture was looked at, by this child
		case <-looked:
		case <-ctx.Done():
			t.Fatalf("nothing was looked at after %d faults", i)
		}
		for len(states) > 0 { // of a child that ended by itself
			<-states
		}
		signal, pid := signals[i%len(signals)], child.Load().Process.Pid
		began := time.Now()
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
		out.Faults[signal.String()]++
		if !until(engine.Restarting) {
			t.Fatalf("fault %d, %v: nobody noticed", i, signal)
		}
		out.Told = max(out.Told, time.Since(began).Milliseconds())
		if !until(engine.Ready) {
			t.Fatalf("fault %d, %v: the engine did not come back", i, signal)
		}
		out.Back = max(out.Back, time.Since(began).Milliseconds())
		if now := child.Load().Process.Pid; now == pid || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			t.Errorf("fault %d, %v: process %d is still there; the engine is %d", i, signal, pid, now)
		}
		out.Recovered++
		select {
		case <-looked: // one of before
		default:
		}
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	h.station.work.Wait()
	if err := closed(); err != nil {
		t.Fatal(err)
	}
	for _, fault := range c.wrong(dir, presentation, &out) {
		out.Lost = 1
		t.Error(fault)
	}
	if found := c.wrong(dir, presentation[1:], &faultFigures{}); len(found) != 1 {
		t.Errorf("control: another presentation: %q", found)
	}
	if out.Restarts = restarts.Load(); out.Restarts < int64(n) || out.Recovered != n {
		t.Errorf("%d faults, %d restarts, %d recovered", n, out.Restarts, out.Recovered)
	}
	if out.Notices == 0 {
		t.Error("the window never said that the engine restarts")
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", text)
	if path := os.Getenv("LOKET_FIGURES"); path != "" {
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if long && (out.Told > 4000 || out.Notices < n*9/10) {
		t.Errorf("told after %d ms at most, %d notices of %d faults", out.Told, out.Notices, n)
	}
}

// counted is the real adapter, and says when a picture was looked at.
type counted struct {
	faces
	looked chan<- struct{}
}

func (c *counted) Look(ctx context.Context, img *image.RGBA, describe bool) (app.Finding, error) {
	f, err := c.faces.Look(ctx, img, describe)
	if err == nil {
		select {
		case c.looked <- struct{}{}:
		default:
		}
	}
	return f, err
}
