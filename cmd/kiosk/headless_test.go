package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/camera"
	"loket/scanner/face"
	"loket/sync/clock"
)

// headless is a counter on a real data folder without window, camera and
// engine: somebody serves each citizen to the end, as fast as the screens come.
type headless struct {
	station *station
	desk    *app.Desk
	text    string // on the phone's screen
	pin     string
	traces  *os.File // a line of JSON each
	stage   func(activation.Stage)
	faces   app.Faces            // nil: sameFace
	camera  func() camera.Source // nil: noise
	seen    func(app.View)       // told of each view; nil: nobody

	mu   sync.Mutex
	did  map[string]bool // what was pressed once
	over context.CancelFunc
}

// serve runs the counter until a citizen was served, or nobody waits and
// resume is set.
func (h *headless) serve(ctx context.Context) error {
	ctx, h.over = context.WithCancel(ctx)
	h.did = map[string]bool{}
	if h.faces == nil {
		h.faces = sameFace{}
	}
	if h.camera == nil {
		h.camera = func() camera.Source { return &noise{end: make(chan struct{})} }
	}
	feed := camera.NewFeed()
	var work sync.WaitGroup
	work.Go(func() {
		_ = feed.Keep(ctx, func(context.Context) (camera.Source, error) { return h.camera(), nil })
	})
	zone := time.FixedZone("WIB", 7*3600)
	s := h.station
	h.desk = app.New(app.Ports{CodesCamera: feed, FacesCamera: feed, Codes: oneCode(h.text), Tokens: &tokens{s: s}, Records: &records{s},
		Faces: h.faces, Ledger: &book{s: s, zone: zone, sent: func(context.Context) {}}, Officers: &officers{s: s},
		Clock: &deskClock{s.clock, zone}, Line: &uplink{s: s}, Show: h.show, Observe: h.observe, NewID: newID}, app.Indonesian, app.Light)
	err := h.desk.Run(ctx)
	work.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return err
}

// once sends intents the first time that this moment comes.
func (h *headless) once(moment string, is ...app.Intent) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.did[moment] {
		return
	}
	h.did[moment] = true
	for _, i := range is {
		h.desk.Send(i)
	}
}

// show does what an officer would.
func (h *headless) show(v app.View) {
	if h.seen != nil {
		h.seen(v)
	}
	switch v.Screen {
	case app.ScreenLogIn:
		h.once("log in", app.LogInAs{Officer: "014"}, app.PIN{PIN: h.pin})
	case app.ScreenHome:
		if len(v.Home.Drafts) > 0 {
			h.once("resume", app.Resume{})
		} else {
			h.once("begin", app.Next{})
		}
	case app.ScreenReady:
		h.once("ready", app.TickAll{}, app.Tick{Item: "consent", On: true}, app.Next{})
	case app.ScreenCompare:
		if len(v.Compare.Rows) > 0 {
			h.once("compare", app.MarkField{Mark: app.MarkSame}, app.Next{})
		}
		if v.Notice != nil && v.Notice.Code == "contact-open" {
			h.once("contact", app.Tick{Item: "contact", On: true}, app.Next{})
		}
	case app.ScreenFace:
		if v.Face.CanGoOn {
			h.once("face", app.Tick{Item: "look", On: true}, app.Next{})
		}
	case app.ScreenDecide:
		h.once("decide", app.Tick{Item: "look", On: true}, app.PIN{PIN: h.pin})
	case app.ScreenDone:
		h.over()
	}
}

// observe writes what the window shows before anything else happens.
func (h *headless) observe(t app.Trace) {
	line, err := json.Marshal(t)
	if err == nil {
		_, err = h.traces.Write(append(line, '\n'))
	}
	if err != nil {
		panic(err) // a test whose record is lost shows nothing
	}
	if h.stage != nil && t.Stage != "" {
		h.stage(t.Stage)
	}
}

// readTraces reads what a window showed.
func readTraces(t *testing.T, path string) []app.Trace {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []app.Trace
	for in := bufio.NewScanner(f); in.Scan(); {
		var x app.Trace
		if err := json.Unmarshal(in.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		all = append(all, x)
	}
	return all
}

// noise is a camera before an empty wall.
type noise struct {
	n    uint8
	end  chan struct{}
	once sync.Once
}

func (s *noise) Read() (*image.RGBA, error) {
	tick := time.NewTimer(40 * time.Millisecond)
	defer tick.Stop()
	select {
	case <-s.end:
		return nil, camera.Ended
	case <-tick.C:
	}
	s.n++
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	img.SetRGBA(0, 0, color.RGBA{s.n, 0, 0, 255})
	return img, nil
}

func (s *noise) Close() error {
	s.once.Do(func() { close(s.end) })
	return nil
}

// oneCode is a phone that is always before the camera.
type oneCode string

func (c oneCode) Read(*image.RGBA) app.CodeReading {
	return app.CodeReading{Texts: []string{string(c)}}
}
func (oneCode) Reset() {}

// sameFace sees the enrolled person in every picture.
type sameFace struct{}

func (sameFace) Look(_ context.Context, img *image.RGBA, _ bool) (app.Finding, error) {
	q := face.Quality{Components: []face.Component{{Code: face.OneFace, Score: 100, Limit: 50, Measured: true}}}
	f := face.Face{Box: face.Box{X: 2, Y: 2, W: 4, H: 4}, Score: 0.99,
		Landmarks: face.Landmarks{{X: 3, Y: 3}, {X: 5, Y: 3}, {X: 4, Y: 4}, {X: 3, Y: 5}, {X: 5, Y: 5}}}
	return app.Finding{Faces: []face.Face{f}, Descriptor: face.Descriptor{1, 0}, Quality: q}, nil
}

func (s sameFace) Reference(ctx context.Context, img *image.RGBA) (app.Finding, error) {
	return s.Look(ctx, img, true)
}

func (sameFace) Engine() app.Engine {
	m := face.Model{Name: "face-reidentification-retail-0095", SHA256: "00", Metric: face.Similarity}
	return app.Engine{Ready: true, Detector: face.Model{Name: "yunet-2022mar"}, Matcher: m,
		Limits: face.Thresholds{Model: m.Name, Metric: m.Metric, Match: 0.553, Doubtful: 0.433, Measured: true, Data: "LFW"}}
}

// openHeadless opens a data folder.
func openHeadless(dir, text, pin string) (*headless, error) {
	s, err := openStation(context.Background(), dir, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "traces.jsonl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &headless{station: s, text: text, pin: pin, traces: f}, nil
}

func (h *headless) close() error {
	return errors.Join(h.traces.Close(), h.station.Close())
}

// copyDir copies a data folder.
func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, "machine.key"), 0o600); err != nil {
		t.Fatal(fmt.Errorf("machine secret: %w", err))
	}
	return to
}
