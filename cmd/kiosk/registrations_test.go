package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"image"
	"log/slog"
	"sync"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/camera"
	"loket/scanner/token"
	"loket/sync/client"
	"loket/sync/clock"
	"loket/sync/wire"
)

func TestTypedCodeOfARealCentral(t *testing.T) {
	c := newCrash(t)
	s, _ := serving(t, c)
	r := &registrations{s}
	code, err := r.Find(t.Context(), c.phone.Registration.Code, crashNIK)
	if err != nil || !code.Valid || code.Proof || !code.Fresh || code.Registration != c.phone.Registration.Registration || code.Email != "sri@contoh.id" ||
		code.Presentation != nil || code.Checks[len(code.Checks)-1].Reason != string(token.ReasonNoProof) {
		t.Fatalf("code %+v, %v", code, err)
	}
	for _, x := range code.Checks {
		if !app.HasWords("line." + x.Name) {
			t.Errorf("line.%s has no words", x.Name)
		}
	}
	rec, err := (&records{s}).Record(t.Context(), code)
	if err != nil || rec == nil || rec.Source != "central" || rec.Name != "SRI CONTOH" {
		t.Errorf("record %+v, %v", rec, err)
	}
	k, _ := s.known()
	k.central.LogOut() // as when the session has ended: the officer's key opens another
	if _, err := r.Find(t.Context(), c.phone.Registration.Code, crashNIK); err != nil {
		t.Errorf("after the session's end: %v", err)
	}
	var f *app.Fault
	if _, err := r.Find(t.Context(), c.phone.Registration.Code, "1702096505920004"); !errors.As(err, &f) || f.Code != "central-registration-unknown" {
		t.Errorf("another's NIK: %v", err)
	}
	cut := s.device
	cut.CountersURL = "https://127.0.0.1:9" // discard: nobody listens
	if s.central, err = client.New(*cut, s.vault.Device(), client.Options{Now: s.now}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Find(t.Context(), c.phone.Registration.Code, crashNIK); !errors.As(err, &f) || f.Code != "link-offline" {
		t.Errorf("without a line: %v", err)
	}
}

// nothing is a camera's reader that never reads.
type nothing struct{}

func (nothing) Read(*image.RGBA) app.CodeReading { return app.CodeReading{Hint: "closer"} }
func (nothing) Reset()                           {}

// TestTypedCodeFromTheScreenToCentral serves a citizen whose code no camera
// reads: typed at the desk, signed by two, accepted by central; and one who
// brings a bare card, beside which the code is typed.
func TestTypedCodeFromTheScreenToCentral(t *testing.T) {
	t.Run("nothing to scan", func(t *testing.T) { servedByTyping(t, false) })
	t.Run("a bare card", func(t *testing.T) { servedByTyping(t, true) })
}

func servedByTyping(t *testing.T, card bool) {
	c := newCrash(t)
	s, err := openStation(t.Context(), c.dir, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	const second = "314159"
	o := &officers{s: s}
	for _, err := range []error{
		func() error {
			_, err := o.First(t.Context(), "kasi", c.central.Officer("kasi", "Kasi Contoh", wire.RoleSupervisor))
			return err
		}(),
		o.NewPassword(t.Context(), "sandi contoh 9"),
		func() error { _, err := o.NewPIN(t.Context(), second); return err }(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	o.LogOut()

	feed := camera.NewFeed()
	ctx, over := context.WithTimeout(t.Context(), 5*time.Minute)
	defer over()
	var work sync.WaitGroup
	work.Go(func() {
		_ = feed.Keep(ctx, func(context.Context) (camera.Source, error) { return &noise{end: make(chan struct{})}, nil })
	})
	h := &headless{station: s, pin: crashPIN, did: map[string]bool{}, over: over}
	var codes app.Codes = nothing{}
	if card {
		key := ed25519.NewKeyFromSeed(make([]byte, 32))
		s.admit(true, token.TrustedKey{Use: token.UseClaim169, Key: key.Public()})
		codes = oneCode(mintCard(t, key, s.now(), map[int]any{1: crashNIK, 4: "SRI CONTOH"}))
	}
	shown := false
	slip := []byte(c.phone.Registration.Code)
	slip[3] = '0' + (slip[3]-'0'+1)%10
	var slips []string // of each View that named some
	show := func(v app.View) {
		shown = shown || v.Scan.Card != nil
		switch {
		case v.Screen == app.ScreenScan && card && v.Scan.Card == nil: // not read yet
		case v.Screen == app.ScreenScan && len(v.Scan.Slips) > 0:
			slips = append(slips, v.Scan.Slips[0].Code)
			h.once("type", app.TypedCode{Code: activation.GroupCode(c.phone.Registration.Code), NIK: crashNIK})
		case v.Screen == app.ScreenScan:
			h.once("mistype", app.TypedCode{Code: string(slip), NIK: crashNIK})
		case v.Screen == app.ScreenDecide && v.Decide.Turn == app.TurnSupervisor:
			h.once("second", app.PIN{PIN: second})
		default:
			h.show(v)
		}
	}
	zone := time.FixedZone("WIB", 7*3600)
	h.desk = app.New(app.Ports{CodesCamera: feed, FacesCamera: feed, Codes: codes, Tokens: &tokens{s: s}, Records: &records{s}, Registrations: &registrations{s},
		Faces: sameFace{}, Ledger: &book{s: s, zone: zone, sent: func(context.Context) {}}, Officers: o,
		Clock: &deskClock{s.clock, zone}, Line: &uplink{s: s}, Show: show, NewID: newID}, app.Indonesian, app.Light)
	if err := h.desk.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("not served: %v", err)
	}
	work.Wait()
	if shown != card {
		t.Errorf("a card was on show: %v", shown)
	}
	if len(slips) == 0 {
		t.Error("the slip was not named")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	// Another start of the same counter, when nothing can be undone any more, sends what is in its outbox.
	away, err := openStation(t.Context(), c.dir, later, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer away.Close()
	sending, stop := context.WithCancel(t.Context())
	link := &uplink{s: away}
	work.Go(func() { link.run(sending) })
	mail := c.central.AwaitMail(0)
	stop()
	work.Wait()
	if mail.Code() == "" {
		t.Error("no code in the mail")
	}
	for _, r := range c.central.Rows().Registrations {
		if len(r.Packets) != 1 || r.Packets[0].Result != wire.ResultAccepted || r.Packets[0].Kind != "approve" {
			t.Errorf("central has %+v", r.Packets)
		}
	}
}
