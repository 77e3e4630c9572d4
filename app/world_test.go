package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/camera"
	"loket/scanner/face"
)

// world is a small counter: every port is a little real implementation that
// also checks its caller. What stands before the cameras is a number that the
// picture's first pixel carries.
type world struct {
	t     *testing.T
	mu    sync.Mutex
	desk  *app.Desk
	view  app.View
	trace []app.Trace
	stop  context.CancelFunc
	over  chan error

	before    byte // what stands before the camera
	cameraIs  camera.Fault
	texts     map[byte]string
	codes     map[string]activation.Code
	verified  map[string]bool
	records   map[string]*app.Record
	recordErr error
	engineErr error
	noMatcher bool
	ledger    *ledger
	pins      map[string]string
	wrong     map[string]int
	link      app.Link
	uncertain bool
	logged    []string // codes
}

const (
	nobody byte = iota
	phone
	shop
	citizen
	other
	twin // doubtful
)

// ledger outlives a desk, as a disk does.
type ledger struct {
	mu     sync.Mutex
	err    error
	cases  map[string]app.Case
	states map[string]string
	drafts []app.Draft
	plain  map[string][]byte
	audit  []string
}

func newLedger() *ledger {
	return &ledger{cases: map[string]app.Case{}, states: map[string]string{}, plain: map[string][]byte{}}
}

func newWorld(t *testing.T) *world {
	nik := "1702014505720003"
	good := activation.Code{Kind: "ikd", Valid: true, Proof: true, Fresh: true, NIK: nik, Registration: "r1", Email: "sri@contoh.id", Number: "+6281234567217",
		Checks: []activation.Check{{Name: "format", OK: true}, {Name: "signature", OK: true}, {Name: "replay", OK: true}}, Presentation: []byte{1}}
	return &world{t: t, texts: map[byte]string{phone: "IKD1:SRI", shop: "https://toko.contoh.id"},
		codes:    map[string]activation.Code{"IKD1:SRI": good},
		verified: map[string]bool{},
		records: map[string]*app.Record{nik: {Record: activation.Record{NIK: nik, Name: "SRI CONTOH", Born: time.Date(1972, 5, 5, 0, 0, 0, 0, time.UTC),
			Sex: activation.Female, Address: "Kel. Talang Benih", Recorded: true, Status: activation.NIKActive, IKD: activation.IKDNone},
			Source: "central", Photo: photo(citizen)}},
		ledger: newLedger(), pins: map[string]string{"014": "271828", "002": "314159"}, wrong: map[string]int{}, link: app.Link{State: app.LinkOnline}}
}

// picture is a frame with what stands before the camera, and noise.
func picture(what, noise byte) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	img.SetRGBA(0, 0, color.RGBA{what, noise, 0, 255})
	return img
}

func photo(what byte) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = what * 40
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// source is a camera of 15 frames a second.
type source struct {
	w     *world
	n     byte
	close chan struct{}
	once  sync.Once
}

func (s *source) Read() (*image.RGBA, error) {
	frame := time.NewTimer(66 * time.Millisecond)
	defer frame.Stop()
	select {
	case <-s.close:
		return nil, camera.Ended
	case <-frame.C:
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.w.cameraIs != "" {
		return nil, s.w.cameraIs
	}
	s.n++
	return picture(s.w.before, s.n), nil
}

func (s *source) Close() error {
	s.once.Do(func() { close(s.close) })
	return nil
}

// start opens the counter; on the same world again, as after a power cut.
func (w *world) start() {
	ctx, cancel := context.WithCancel(w.t.Context())
	feed := camera.NewFeed()
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		_ = feed.Keep(ctx, func(context.Context) (camera.Source, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.cameraIs != "" {
				return nil, w.cameraIs
			}
			return &source{w: w, close: make(chan struct{})}, nil
		})
	}()
	n := 0
	w.desk = app.New(app.Ports{CodesCamera: feed, FacesCamera: feed, Preview: func(*image.RGBA) {}, Codes: codesPort{w}, Tokens: tokensPort{w},
		Records: recordsPort{w}, Faces: facesPort{w}, Ledger: ledgerPort{w.ledger}, Officers: officersPort{w}, Clock: clockPort{w}, Line: linePort{w},
		Show:    func(v app.View) { w.mu.Lock(); defer w.mu.Unlock(); w.seen(v) },
		Observe: func(t app.Trace) { w.mu.Lock(); defer w.mu.Unlock(); w.trace = append(w.trace, t) },
		Log:     func(code string, _ error) { w.mu.Lock(); defer w.mu.Unlock(); w.logged = append(w.logged, code) },
		NewID:   func() string { n++; return fmt.Sprint("case-", time.Now().UnixNano(), "-", n) }}, app.Indonesian, app.Light)
	w.over = make(chan error, 1)
	go func() {
		err := w.desk.Run(ctx)
		<-kept
		w.over <- err
	}()
	w.stop = cancel
	synctest.Wait()
}

// seen checks what holds for every View: saved is said of what is on disk only.
func (w *world) seen(v app.View) {
	w.view = v
	if v.Screen == app.ScreenDone && v.Done.Saved && !w.ledger.has(v.Done.Decision) {
		w.t.Error("the screen says saved, the ledger has nothing")
	}
}

// tally is what a ledger holds, read at one moment.
type tally struct {
	cases, drafts int
	states        []string
}

func (l *ledger) counts() tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	return tally{len(l.cases), len(l.drafts), slices.Sorted(maps.Values(l.states))}
}

func (l *ledger) breaks(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

func (w *world) lastTrace() app.Trace {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trace[len(w.trace)-1]
}

func (l *ledger) has(d activation.Decision) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.cases {
		if c.Session.Outcome.Decision == d {
			return true
		}
	}
	return false
}

func (w *world) end() {
	w.stop()
	if err := <-w.over; !errors.Is(err, context.Canceled) {
		w.t.Errorf("desk ended with %v", err)
	}
	synctest.Wait()
}

// send presses one key after another.
func (w *world) send(is ...app.Intent) {
	for _, i := range is {
		w.desk.Send(i)
		synctest.Wait()
	}
}

// show puts something before the camera and waits for d.
func (w *world) show(what byte, d time.Duration) {
	w.mu.Lock()
	w.before = what
	w.mu.Unlock()
	w.pass(d)
}

func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// pass lets the bubble's time pass.
func (w *world) pass(d time.Duration) {
	time.Sleep(d) // the bubble's clock, not the world's
	synctest.Wait()
}

func (w *world) now() app.View {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view
}

func (w *world) on(want app.Screen) {
	w.t.Helper()
	if v := w.now(); v.Screen != want {
		w.t.Fatalf("screen %q, want %q (notice %+v)", v.Screen, want, v.Notice)
	}
}

func (w *world) notice(want string) {
	w.t.Helper()
	if v := w.now(); v.Notice == nil || v.Notice.Code != want {
		w.t.Fatalf("notice %+v on %s, want %q", v.Notice, v.Screen, want)
	}
}

// logIn is the officer 014.
func (w *world) logIn() {
	w.t.Helper()
	w.on(app.ScreenLogIn)
	w.send(app.LogInAs{Officer: "014"}, app.PIN{PIN: "271828"})
	w.on(app.ScreenHome)
}

// toScan, toFace and toDecide go as far with a citizen for whom all is well.
func (w *world) toScan() {
	w.t.Helper()
	w.send(app.Next{}, app.TickAll{}, app.Tick{Item: "consent", On: true}, app.Next{})
	w.on(app.ScreenScan)
}

func (w *world) toCompare() {
	w.t.Helper()
	w.toScan()
	w.show(phone, time.Second)
	w.on(app.ScreenCompare)
}

func (w *world) toFace() {
	w.t.Helper()
	w.toCompare()
	w.send(app.MarkField{Mark: app.MarkSame}, app.Tick{Item: "contact", On: true}, app.Next{})
	w.on(app.ScreenFace)
}

func (w *world) toDecide(who byte) {
	w.t.Helper()
	w.toFace()
	w.show(who, 2*time.Second)
	w.send(app.Tick{Item: "look", On: true}, app.Next{})
	w.on(app.ScreenDecide)
}

type codesPort struct{ w *world }

func (p codesPort) Reset() {}
func (p codesPort) Read(img *image.RGBA) app.CodeReading {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if text, ok := p.w.texts[img.Pix[0]]; ok {
		return app.CodeReading{Texts: []string{text}}
	}
	return app.CodeReading{Hint: "searching"}
}

type tokensPort struct{ w *world }

func (p tokensPort) Verify(_ context.Context, text string, _ time.Time) activation.Code {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.w.verified[text] && p.w.codes[text].Valid {
		p.w.t.Errorf("%s was verified twice: the second is a replay", text)
	}
	p.w.verified[text] = true
	if c, ok := p.w.codes[text]; ok {
		return c
	}
	return activation.Code{Checks: []activation.Check{{Name: "format", Reason: "not-ikd"}}}
}

func (p tokensPort) Counter(context.Context, time.Time) (image.Image, error) {
	return image.NewGray(image.Rect(0, 0, 21, 21)), nil
}

type recordsPort struct{ w *world }

func (p recordsPort) Record(_ context.Context, code activation.Code) (*app.Record, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.w.recordErr != nil {
		return nil, p.w.recordErr
	}
	r := p.w.records[code.NIK]
	if r != nil {
		c := *r
		c.Photo = slices.Clone(r.Photo)
		r = &c
	}
	return r, nil
}

type facesPort struct{ w *world }

var matcher = face.Model{Name: "test-matcher", SHA256: "ab", Metric: face.Similarity}

func (p facesPort) Engine() app.Engine {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	e := app.Engine{Ready: p.w.engineErr == nil, Detector: face.Model{Name: "test-detector", SHA256: "cd"}}
	if !p.w.noMatcher {
		e.Matcher = matcher
		e.Limits = face.Thresholds{Model: matcher.Name, Metric: face.Similarity, Match: 0.8, Doubtful: 0.5, Measured: true, Data: "tes"}
	}
	return e
}

func (p facesPort) Look(_ context.Context, img *image.RGBA, describe bool) (app.Finding, error) {
	return p.find(img.Pix[0], describe)
}

func (p facesPort) Reference(_ context.Context, img *image.RGBA) (app.Finding, error) {
	return p.find((img.Pix[0]+20)/40, true)
}

func (p facesPort) find(who byte, describe bool) (app.Finding, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.w.engineErr != nil {
		return app.Finding{}, p.w.engineErr
	}
	component := face.Component{Code: face.OneFace, Limit: 50, Measured: true}
	if who != citizen && who != other && who != twin {
		return app.Finding{Quality: face.Quality{Components: []face.Component{component}, Hint: face.NoFace}}, nil
	}
	component.Score = 100
	f := app.Finding{Faces: []face.Face{{Box: face.Box{X: 16, Y: 8, W: 24, H: 32},
		Landmarks: face.Landmarks{{X: 22, Y: 20}, {X: 34, Y: 20}, {X: 28, Y: 26}, {X: 23, Y: 32}, {X: 33, Y: 32}}, Score: 0.99}},
		Quality: face.Quality{Components: []face.Component{component}}}
	if describe && !p.w.noMatcher {
		f.Descriptor = map[byte]face.Descriptor{citizen: {1, 0}, other: {0, 1}, twin: {0.6, 0.8}}[who]
	}
	return f, nil
}

type clockPort struct{ w *world }

func (p clockPort) Now() time.Time { return time.Now() }
func (p clockPort) Uncertain() bool {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.w.uncertain
}

type linePort struct{ w *world }

func (p linePort) Link() app.Link {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.w.link
}
func (p linePort) Pause(bool) {}
func (p linePort) Retry()     {}

type officersPort struct{ w *world }

func (p officersPort) Site() app.Site {
	return app.Site{Enrolled: true, Office: "Disdukcapil Kab. Rejang Lebong", Counter: "Loket 3"}
}
func (p officersPort) Enrol(context.Context, string) error { return errors.New("enrolled already") }
func (p officersPort) List(context.Context) ([]app.OfficerChoice, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	list := []app.OfficerChoice{{ID: "014", Name: "Petugas 014"}}
	if _, ok := p.w.pins["002"]; ok {
		list = append(list, app.OfficerChoice{ID: "002", Name: "Penyelia 002", Supervisor: true})
	}
	return list, nil
}

func (p officersPort) LogIn(_ context.Context, officer, pin string) (app.Officer, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.w.wrong[officer] >= 5 {
		return app.Officer{}, &app.PINFault{Paused: 30 * time.Minute}
	}
	if p.w.pins[officer] != pin {
		p.w.wrong[officer]++
		if p.w.wrong[officer] >= 5 {
			return app.Officer{}, &app.PINFault{Paused: 30 * time.Minute}
		}
		return app.Officer{}, &app.PINFault{Left: 5 - p.w.wrong[officer]}
	}
	p.w.wrong[officer] = 0
	return app.Officer{OfficerChoice: app.OfficerChoice{ID: officer, Name: "Petugas " + officer, Supervisor: officer == "002"}, Key: time.Now()}, nil
}
func (p officersPort) LogOut() {}
func (p officersPort) First(context.Context, string, string) (bool, error) {
	return true, nil
}
func (p officersPort) NewPassword(context.Context, string) error { return nil }
func (p officersPort) NewPIN(_ context.Context, pin string) (app.Officer, error) {
	p.w.set(func() { p.w.pins["021"] = pin })
	return app.Officer{OfficerChoice: app.OfficerChoice{ID: "021", Name: "Petugas 021"}, Key: time.Now()}, nil
}

type ledgerPort struct{ *ledger }

func (l ledgerPort) Decide(_ context.Context, c app.Case, o app.Officer, sup *app.Officer) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return "", l.err
	}
	switch opened, ok := o.Key.(time.Time); {
	case c.Session.Stage != activation.StageDone || c.Session.Outcome.Decision == "":
		return "", errors.New("a session without an end")
	case !ok || time.Since(opened) > 5*time.Minute || o.ID != c.Session.Officer:
		return "", errors.New("the officer's key is not open")
	case (sup != nil) != (c.Session.Outcome.Supervisor != "") || sup != nil && sup.ID == o.ID:
		return "", errors.New("not the supervisor whom the session names")
	}
	id := fmt.Sprintf("%032x", len(l.cases)+1)
	l.cases[id], l.states[id] = c, "queued"
	l.drop(c.Session.ID)
	return id, nil
}

func (l ledgerPort) drop(id string) {
	l.drafts = slices.DeleteFunc(l.drafts, func(d app.Draft) bool { return d.ID == id })
	delete(l.plain, id)
}

func (l ledgerPort) Undo(_ context.Context, packet string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.states[packet] != "queued" {
		return errors.New("sent already")
	}
	l.states[packet] = "cancelled"
	return l.err
}

func (l ledgerPort) Item(_ context.Context, packet string) (app.QueueItem, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return app.QueueItem{Packet: packet, State: l.states[packet]}, l.err
}

func (l ledgerPort) Queue(context.Context) (app.Queue, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := app.Queue{}
	for id, s := range l.states {
		q.Items = append(q.Items, app.QueueItem{Packet: id, State: s})
	}
	return q, l.err
}

func (l ledgerPort) Act(context.Context, string, string, app.Officer) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l ledgerPort) SaveDraft(_ context.Context, d app.Draft, plain []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	l.drop(d.ID)
	l.drafts = append(l.drafts, d)
	l.plain[d.ID] = slices.Clone(plain)
	return nil
}

func (l ledgerPort) Drafts(context.Context) ([]app.Draft, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.drafts), l.err
}

func (l ledgerPort) OpenDraft(_ context.Context, id string) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.plain[id] == nil {
		return nil, errors.New("no such draft")
	}
	return slices.Clone(l.plain[id]), l.err
}

func (l ledgerPort) DropDraft(_ context.Context, id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(id)
	return l.err
}

func (l ledgerPort) Audit(_ context.Context, kind, subject string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.audit = append(l.audit, kind+" "+subject)
	return l.err
}
