package main

import (
	"crypto/rand"
	"log/slog"
	"sync"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// clock is a time that only tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a real central, and a clock that it shares with the phones.
type world struct {
	*centraltest.Central
	clock *clock
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := &clock{now: time.Now().Truncate(time.Second)}
	return &world{centraltest.StartWith(t, centraltest.Options{Now: c.Now}), c}
}

func (w *world) phone(t *testing.T, dir string) *Phone {
	t.Helper()
	c, err := Dial(w.Phones, w.RootFile)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Open(dir, c, w.clock.Now, rand.Reader, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// approve does at a counter what an officer does, up to the packet at central,
// and gives the code from the mail.
func (w *world) approve(t *testing.T, k *centraltest.Counter, p *Phone) string {
	t.Helper()
	seen := w.Central.Phone()
	seen.Key, seen.Now, seen.Registration = p.key, w.clock.Now, wire.RegistrationResponse{Credential: p.memory.Credential}
	if got := k.Send(k.Seal(k.Approval(seen), nil))[0]; got.Result != wire.ResultAccepted {
		t.Fatalf("packet: %+v", got)
	}
	return w.AwaitMail(0).Code()
}

// citizen is in the registry and may have an IKD.
func (w *world) citizen() {
	w.Records(wire.Record{NIK: "1702015005920001", Name: "SRI CONTOH", BirthPlace: "CURUP", Born: "1992-05-10", Sex: "P", Address: "JL. CONTOH 1",
		Kelurahan: "PASAR BARU", Kecamatan: "17.02.01", Recorded: true, NIKStatus: wire.NIKActive, IKD: wire.IKDNone, PhotoTaken: "2012-03-01"})
}

// drawn is one selfie for all tests.
var drawn = sync.OnceValues(func() ([]byte, error) { return drawnSelfie("1702015005920001") })

func form(t *testing.T) Form {
	t.Helper()
	selfie, err := drawn()
	if err != nil {
		t.Fatal(err)
	}
	return Form{NIK: "1702 0150 0592 0001", Email: "sri.contoh@contoh.id", EmailAgain: "sri.contoh@contoh.id",
		Number: "0812 0000 0001", NumberAgain: "+62 812-0000-0001", Selfie: selfie}
}
