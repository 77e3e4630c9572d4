package app_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"loket/app"
	"loket/app/activation"
)

// stickPort is a stick that takes a second a packet; it may be pulled.
type stickPort struct {
	w      *world
	places []app.StickPlace
	err    error
	ran    []string
}

func (p *stickPort) Places(context.Context) ([]app.StickPlace, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return slices.Clone(p.places), nil
}

func (p *stickPort) run(ctx context.Context, what, place string, progress func(done, total int)) error {
	for i := range 3 {
		progress(i, 3)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.ran = append(p.ran, what+" "+place)
	return p.err
}

func (p *stickPort) Export(ctx context.Context, place string, progress func(done, total int)) (app.StickResult, error) {
	return app.StickResult{Packets: 3, File: "ikd.ikdb"}, p.run(ctx, "export", place, progress)
}

func (p *stickPort) Import(ctx context.Context, place string, progress func(done, total int)) (app.StickResult, error) {
	return app.StickResult{Import: true, Bundles: 1, New: 2}, p.run(ctx, "import", place, progress)
}

// TestStickScreen: F10, choose, save with progress; a stick that is pulled is
// told, and done again; import is beside it.
func TestStickScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := &stickPort{w: w}
		w.stick = p
		w.start()
		defer w.end()
		w.logIn()
		w.send(app.Open{Screen: app.ScreenQueue}, app.Open{Screen: app.ScreenStick})
		w.on(app.ScreenStick)
		w.send(app.Next{})
		w.notice("stick-none")
		w.set(func() { p.places = []app.StickPlace{{Path: "/a", Name: "A"}, {Path: "/b", Name: "B"}} })
		w.pass(2 * time.Second)
		w.send(app.Select{Index: 1}, app.Next{})
		w.pass(1500 * time.Millisecond)
		if b := w.now().Busy; b == nil || b.Code != "stick-writing" || b.Done != 1 || b.Total != 3 {
			t.Errorf("progress: %+v", b)
		}
		w.pass(2 * time.Second)
		w.notice("stick-written")
		if r := w.now().Stick.Result; r == nil || r.Packets != 3 || w.now().Busy != nil {
			t.Errorf("result: %+v", r)
		}
		w.set(func() { p.err = &app.Fault{Code: "stick-pulled", Tone: app.Bad, Err: errors.New("input/output error")} })
		w.send(app.Next{})
		w.pass(4 * time.Second)
		w.notice("stick-pulled")
		if w.now().Stick.Result != nil {
			t.Error("a result after the stick was pulled")
		}
		w.set(func() { p.err = nil })
		w.send(app.TakeIn{})
		w.pass(4 * time.Second)
		w.notice("stick-read")
		if want := []string{"export /b", "export /b", "import /b"}; !slices.Equal(p.ran, want) {
			t.Errorf("ran %q", p.ran)
		}
		w.send(app.Back{})
		w.on(app.ScreenQueue)
	})
}

// rosterPort holds two areas.
type rosterPort struct {
	w       *world
	areas   []app.RosterArea
	offered bool
	err     error
	did     []string
	forgot  int
}

func (p *rosterPort) note(s string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.did = append(p.did, s)
	return p.err
}

func (p *rosterPort) Areas(context.Context) ([]app.RosterArea, bool, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return slices.Clone(p.areas), p.offered, nil
}

func (p *rosterPort) Download(_ context.Context, code string, progress func(done, total int)) error {
	progress(50, 120)
	time.Sleep(time.Second) // the bubble's clock
	return p.note("download " + code)
}
func (p *rosterPort) Wipe(_ context.Context, code string) error { return p.note("wipe " + code) }
func (p *rosterPort) Search(_ context.Context, query, reason string) ([]app.Person, error) {
	return []app.Person{{NIK: "1702014505720003", Name: "SRI CONTOH"}}, p.note("search " + query + ": " + reason)
}
func (p *rosterPort) Open(_ context.Context, nik, reason string) (*app.Record, error) {
	return &app.Record{Old: true, Source: "roster", Photo: photo(citizen), Record: activation.Record{NIK: nik, Name: "SRI CONTOH",
		Born: time.Date(1972, 5, 5, 0, 0, 0, 0, time.UTC)}}, p.note("open " + nik[12:] + ": " + reason)
}
func (p *rosterPort) Forget() {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.forgot++
}

// TestRosterScreen: an area is chosen, downloaded with progress, and wiped; a
// broken line is told and the area can be resumed.
func TestRosterScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := &rosterPort{w: w, offered: true, areas: []app.RosterArea{{Code: "17.02.09", People: 120}, {Code: "17.02.12", People: 80, Here: 3, Fetched: time.Now()}}}
		w.roster = p
		w.start()
		defer w.end()
		w.logIn()
		w.send(app.Open{Screen: app.ScreenRoster})
		w.pass(time.Second)
		if v := w.now().Roster; !v.Asked || !v.Offered || len(v.Areas) != 2 {
			t.Fatalf("%+v", v)
		}
		w.send(app.Fetch{})
		if b := w.now().Busy; b == nil || b.Code != "fetching-roster" || b.Done != 50 || b.Total != 120 {
			t.Errorf("progress: %+v", b)
		}
		w.pass(2 * time.Second)
		w.notice("roster-fetched")
		w.send(app.Drop{}) // it is not here
		w.set(func() { p.err = &app.Fault{Code: "roster-broke", Tone: app.Info} })
		w.send(app.Select{Index: 1}, app.Fetch{})
		w.pass(2 * time.Second)
		w.notice("roster-broke")
		w.set(func() { p.err = nil })
		w.send(app.Drop{})
		w.notice("roster-wiped")
		if want := []string{"download 17.02.09", "download 17.02.12", "wipe 17.02.12"}; !slices.Equal(p.did, want) {
			t.Errorf("did %q", p.did)
		}
	})
}

// TestRosterSearch: no search without a reason; what was found opens; the lock
// forgets it all, here and behind the port.
func TestRosterSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := &rosterPort{w: w}
		w.roster = p
		w.start()
		defer w.end()
		w.logIn()
		w.send(app.Open{Screen: app.ScreenRoster}, app.Find{}, app.Find{Query: "sri", Reason: "cek"})
		w.notice("search-reason")
		if len(p.did) != 0 {
			t.Errorf("searched without a reason: %q", p.did)
		}
		w.send(app.Find{Query: "sri", Reason: "kode tidak terbaca"})
		if s := w.now().Roster.Search; s == nil || !s.Asked || len(s.Found) != 1 {
			t.Fatalf("%+v", s)
		}
		w.send(app.Next{})
		s := w.now().Roster.Search
		if s.Record == nil || !s.Record.Old || s.NIK[0] != "170201" || s.Age < 20 || s.Photo == nil {
			t.Fatalf("%+v", s)
		}
		w.send(app.Back{})
		if s := w.now().Roster.Search; s == nil || s.Record != nil || len(s.Found) != 1 {
			t.Errorf("closed: %+v", s)
		}
		w.send(app.Next{}, app.LockNow{})
		forgot := p.forgot
		w.send(app.PIN{PIN: "271828"})
		if v := w.now(); v.Roster.Search != nil || forgot == 0 {
			t.Errorf("after the lock: %+v, forgot %d times", v.Roster, forgot)
		}
		if want := []string{"search sri: kode tidak terbaca", "open 0003: kode tidak terbaca", "open 0003: kode tidak terbaca"}; !slices.Equal(p.did, want) {
			t.Errorf("did %q", p.did)
		}
		if v := w.now().Screen; v != app.ScreenRoster {
			t.Errorf("screen %s", v)
		}
	})
}

// TestEnrolAgain: only where central does not know this PC any more; Esc goes
// back to the log-in.
func TestEnrolAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		defer w.end()
		w.send(app.Open{Screen: app.ScreenSetup})
		w.on(app.ScreenLogIn)
		w.set(func() { w.link = app.Link{State: app.LinkRevoked} })
		w.send(app.Open{Screen: app.ScreenSetup})
		w.on(app.ScreenSetup)
		if !w.now().Setup.Again {
			t.Error("a first enrolment is offered")
		}
		w.send(app.DeviceCode{Code: "x"})
		w.on(app.ScreenSetup)
		if w.now().Setup.Fault == "" {
			t.Error("a refused code says nothing")
		}
		w.send(app.Back{})
		w.on(app.ScreenLogIn)
	})
}
