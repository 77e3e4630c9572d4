package main

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/client"
	"loket/sync/clock"
	"loket/sync/wire"
)

// neighbour is a second counter of the same office, where officer 014 has been
// before.
func (c *crash) neighbour(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "neighbour")
	s, err := openStation(t.Context(), dir, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	o := &officers{s: s}
	for _, err := range []error{
		o.Enrol(t.Context(), c.central.DeviceCode("Loket 4").String()),
		func() error { _, err := o.First(t.Context(), "014", "sandi contoh 1"); return err }(),
		func() error { _, err := o.NewPIN(t.Context(), crashPIN); return err }(),
		s.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// reaches points a station's calls at another address.
func (s *station) reaches(t *testing.T, url string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	d := *s.device
	d.CountersURL = url
	away, err := client.New(d, s.vault.Device(), client.Options{Now: s.now})
	if err != nil {
		t.Fatal(err)
	}
	s.central.Close()
	s.central = away
}

// hanging is a central that takes every call and says nothing until the test
// ends. taken is told of each.
func hanging(t *testing.T) (url string, taken <-chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	calls := make(chan struct{}, 16)
	end := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			calls <- struct{}{}
			work.Go(func() {
				<-end
				if err := conn.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	})
	t.Cleanup(func() {
		close(end)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		work.Wait()
	})
	return "https://" + l.Addr().String(), calls
}

// TestTwoCountersOfOneOffice: where there is a line, central says at the scan
// that another counter had this code; where central hangs or is down, the scan
// goes on without it.
func TestTwoCountersOfOneOffice(t *testing.T) {
	if askSeen > 300*time.Millisecond {
		t.Errorf("a scan may wait %v", askSeen)
	}
	c := newCrash(t)
	first, _ := serving(t, c)
	other, err := openStation(t.Context(), c.neighbour(t), clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	there := other.device.CountersURL
	hangs, taken := hanging(t)
	for _, x := range []struct {
		name, url string
		patient   time.Duration // a busy machine may need more than the 300 ms to answer
		seen      bool
		after     func(t *testing.T)
	}{
		{"central answers", there, time.Minute, true, nil},
		{"central hangs", hangs, 0, false, func(t *testing.T) {
			select {
			case <-taken: // it was asked, and is still silent
			case <-time.After(time.Minute):
				t.Error("central was not asked")
			}
		}},
		{"central is down", "https://127.0.0.1:9", 0, false, nil}, // discard: nobody listens
		{"central is back", there, time.Minute, true, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			text := token.PresentationText(c.phone.Present())
			if code := (&tokens{s: first, patient: time.Minute}).Verify(t.Context(), text, first.now()); !code.Valid {
				t.Fatalf("at the first counter: %+v", code.Checks)
			}
			other.reaches(t, x.url)
			code := (&tokens{s: other, patient: x.patient}).Verify(t.Context(), text, other.now())
			last := code.Checks[len(code.Checks)-1]
			if code.Valid == x.seen || last.Name != token.CheckReplay || last.OK == x.seen || x.seen && last.Reason != string(token.ReasonSeen) {
				t.Errorf("at the second: valid %v, %+v", code.Valid, last)
			}
			if x.after != nil {
				x.after(t)
			}
		})
	}
}

// TestCentralHoldsTheSecondPacket: without a line the second counter cannot
// know; central takes one packet of the code and holds the other.
func TestCentralHoldsTheSecondPacket(t *testing.T) {
	c := newCrash(t)
	dirs := []string{c.dir, c.neighbour(t)}
	// As of a phone whose clock is half a minute ahead: two whole sessions on a busy machine take their time.
	shown, err := token.Present(c.phone.Registration.Credential, c.phone.Key, time.Now().Add(30*time.Second), nil)
	if err != nil {
		t.Fatal(err)
	}
	text := token.PresentationText(shown)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for i, dir := range dirs {
		h, err := openHeadless(dir, text, crashPIN)
		if err != nil {
			t.Fatal(err)
		}
		h.station.areas = []string{"17.02.09"}
		o := &officers{s: h.station}
		if _, err := o.LogIn(ctx, "014", crashPIN); err != nil {
			t.Fatal(err)
		}
		h.station.work.Wait() // the roster is here
		o.LogOut()
		if i == 1 {
			h.station.areas = nil
			h.station.reaches(t, "https://127.0.0.1:9")
		}
		if err := h.serve(ctx); err != nil || ctx.Err() != nil {
			t.Fatalf("counter %d: %v, %v", i, err, ctx.Err())
		}
		if err := h.close(); err != nil {
			t.Fatal(err)
		}
	}
	results := map[wire.Result]int{}
	for i, dir := range dirs { // when nothing can be undone any more
		s, err := openStation(ctx, dir, later, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		sending, stop := context.WithCancel(ctx)
		var work sync.WaitGroup
		work.Go(func() { (&uplink{s: s}).run(sending) })
		packets := c.arrived(ctx, t, i+1)
		stop()
		work.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		clear(results)
		for _, p := range packets {
			results[p.Result]++
			if p.Result == wire.ResultHeld && p.Reason != "KODE_TERPAKAI" {
				t.Errorf("held for %q", p.Reason)
			}
		}
	}
	if results[wire.ResultAccepted] != 1 || results[wire.ResultHeld] != 1 {
		t.Errorf("results %v, want one accepted and one held", results)
	}
}

// arrived waits until central has n of them.
func (c *crash) arrived(ctx context.Context, t *testing.T, n int) []wirePacket {
	t.Helper()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		var all []wirePacket
		for _, r := range c.central.Rows().Registrations {
			for _, p := range r.Packets {
				all = append(all, wirePacket{p.Result, p.Reason})
			}
		}
		if len(all) >= n {
			return all
		}
		select {
		case <-ctx.Done():
			t.Fatalf("central has %d packets, want %d", len(all), n)
		case <-look.C:
		}
	}
}

// wirePacket is what central said of a packet.
type wirePacket struct {
	Result wire.Result
	Reason string
}
