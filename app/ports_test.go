package app_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face"
)

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

func (p tokensPort) Counter(_ context.Context, now time.Time) (app.CounterCode, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.w.counterErr != nil {
		return app.CounterCode{}, p.w.counterErr
	}
	p.w.counters++
	return app.CounterCode{Image: image.NewGray(image.Rect(0, 0, 21, 21)), Expires: now.Add(5 * time.Minute)}, nil
}

func (p tokensPort) Forget() {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.forgotten++
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
		e.Limits = face.Thresholds{Model: matcher.Name, Metric: face.Similarity, Match: 0.8, Doubtful: 0.5, Measured: true, Data: "tes", Duplicate: p.w.faced.duplicate}
	}
	e.Challenge = p.w.faced.challenge
	return e
}

func (p facesPort) Look(_ context.Context, img *image.RGBA, describe bool) (app.Finding, error) {
	p.w.mu.Lock()
	takes := p.w.faced.takes
	p.w.mu.Unlock()
	time.Sleep(takes) // the bubble's clock
	f, err := p.find(img.Pix[0], describe)
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.w.faced.live(p.w, img, f, describe), err
}

func (p facesPort) Reference(_ context.Context, img *image.RGBA) (app.Finding, error) {
	f, err := p.find((img.Pix[0]+20)/40, true)
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	f.Quality.Components = append(f.Quality.Components, p.w.faced.reference...)
	return f, err
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

func (p clockPort) Now() time.Time {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return time.Now().Add(p.w.ahead)
}
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
	q := app.Queue{Items: slices.Clone(l.queue)}
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
