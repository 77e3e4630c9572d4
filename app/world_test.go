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
)

// world is a small counter: every port is a little real implementation that
// also checks its caller. What stands before the cameras is a number that the
// picture's first pixel carries.
type world struct {
	t     *testing.T
	mu    sync.Mutex
	desk  *app.Desk
	view  app.View
	views []app.View // all that were shown
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
	faced     faced
	noMatcher bool
	ledger    *ledger
	seconds   app.Seconds // nil: no supervisors elsewhere
	cancels   app.Cancels
	stick     app.Stick
	roster    app.Roster
	pins      map[string]string
	wrong     map[string]int
	link      app.Link
	uncertain bool
	ahead     time.Duration // the counter's clock jumped
	logged    []string      // codes
	lookups   int           // of typed codes

	citizen             app.CitizenView
	counters, forgotten int // codes of this counter that were made, sessions that were forgotten
	counterErr          error
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
	queue  []app.QueueItem // shown instead of the cases, where there are some
	plain  map[string][]byte
	audit  []string
	rules  []app.Rule
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
	img := picture(s.w.before, s.n)
	if s.w.faced.challenge {
		s.w.faced.paint(img)
	}
	return img, nil
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
		Records: recordsPort{w}, Registrations: registrationsPort{w}, Seconds: w.seconds, Cancels: w.cancels, Stick: w.stick, Roster: w.roster, Faces: facesPort{w}, Ledger: ledgerPort{w.ledger}, Officers: officersPort{w}, Clock: clockPort{w}, Line: linePort{w},
		Show:    func(v app.View) { w.mu.Lock(); defer w.mu.Unlock(); w.seen(v) },
		Citizen: func(v app.CitizenView) { w.mu.Lock(); defer w.mu.Unlock(); w.citizen = v },
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
	w.view, w.views = v, append(w.views, v)
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

func (l *ledger) audited(entry string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Contains(l.audit, entry)
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
