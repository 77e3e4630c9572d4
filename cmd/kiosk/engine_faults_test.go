package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/camera"
	"loket/camera/footage/people"
	"loket/scanner/face/engine"
	"loket/scanner/face/liveness"
	"loket/scanner/token"
)

// faultFigures is what the test found.
type faultFigures struct {
	Faults    map[string]int `json:"faults"` // by signal
	Recovered int            `json:"recovered"`
	Notices   int            `json:"notices"`     // how often the window said that the engine restarts
	Told      int64          `json:"told_ms_max"` // from a fault to the client's knowing of it, with a deadline of deadline_ms a picture
	Deadline  int64          `json:"deadline_ms"`
	Back      int64          `json:"back_ms_max"` // from a fault to the next engine that answers
	Lost      int            `json:"sessions_lost"`
}

// faultDeadline is how long a picture may take here; 3 s at a counter.
const faultDeadline = time.Second

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
	sitter := drawSitter(people.All()[6])
	c := newCrashOf(t, sitter.photo)
	dir := copyDir(t, c.dir)
	h, err := openHeadless(dir, token.PresentationText(c.phone.Present()), crashPIN)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()

	var child atomic.Pointer[exec.Cmd]
	states := make(chan engine.State, 4*n+64)
	eng := engine.Start(engine.Options{Timeout: faultDeadline, Command: func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^TestEngineChild$")
		cmd.Env = append(os.Environ(), "LOKET_TEST_ENGINE_ARGS=")
		child.Store(cmd)
		return cmd
	}, OnState: func(s engine.State) { states <- s }})
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
		signal := signals[i%len(signals)]
		began := time.Now()
		if err := syscall.Kill(child.Load().Process.Pid, signal); err != nil {
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
		out.Recovered++
		select {
		case <-looked: // one of before
		default:
		}
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	last := app.Trace{}
	for _, x := range readTraces(t, dir+"/traces.jsonl") {
		if x.Case != "" {
			shown[x.Case], last = true, x
		}
	}
	if len(shown) != 1 || last.Decision != activation.Approve || last.Alive != activation.AlivePassed && last.Rounds == 0 {
		out.Lost++
		t.Errorf("%d cases, the last shows %+v", len(shown), last)
	}
	h.station.work.Wait()
	if items, err := h.station.ledger.Items(t.Context(), 10); err != nil || len(items) != 1 {
		t.Errorf("%d packets, %v", len(items), err)
	}
	if out.Notices == 0 {
		t.Error("the window never said that the engine restarts")
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", text)
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

// drawnSitter is a drawn citizen before a camera of 640 × 480: too far away
// until near is set, then moving as asked.
type drawnSitter struct {
	photo    []byte
	far      *image.RGBA
	straight *image.RGBA
	moves    map[liveness.Step]*image.RGBA
	near     atomic.Bool
	asked    atomic.Value // liveness.Step
}

func drawSitter(p people.Person) *drawnSitter {
	size := image.Pt(640, 480)
	s := &drawnSitter{far: p.Draw(size, people.Look{Scale: 0.16}), straight: p.Draw(size, people.Look{Scale: 0.42}),
		moves: map[liveness.Step]*image.RGBA{
			liveness.TurnLeft:   p.Draw(size, people.Look{Scale: 0.42, Yaw: -33}),
			liveness.TurnRight:  p.Draw(size, people.Look{Scale: 0.42, Yaw: 33}),
			liveness.ComeCloser: p.Draw(size, people.Look{Scale: 0.6}),
		}}
	s.asked.Store(liveness.Step(""))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p.Portrait(), &jpeg.Options{Quality: 90}); err != nil {
		panic(err)
	}
	s.photo = b.Bytes()
	return s
}

// sitterCamera is a camera of 15 frames a second; a step shows half a second
// after it was asked.
type sitterCamera struct {
	sitter *drawnSitter
	end    chan struct{}
	once   sync.Once
	n      uint64
	last   liveness.Step
	wait   int
}

func (s *sitterCamera) Read() (*image.RGBA, error) {
	tick := time.NewTimer(time.Second / 15)
	defer tick.Stop()
	select {
	case <-s.end:
		return nil, camera.Ended
	case <-tick.C:
	}
	step := s.sitter.asked.Load().(liveness.Step)
	if step != s.last {
		s.last, s.wait = step, 7
	}
	img := s.sitter.straight
	switch {
	case !s.sitter.near.Load():
		img = s.sitter.far
	case s.wait > 0:
		s.wait--
	case s.sitter.moves[step] != nil:
		img = s.sitter.moves[step]
	}
	frame := image.NewRGBA(img.Rect)
	copy(frame.Pix, img.Pix)
	s.n++
	people.Noise(frame, 2, s.n)
	return frame, nil
}

func (s *sitterCamera) Close() error {
	s.once.Do(func() { close(s.end) })
	return nil
}
