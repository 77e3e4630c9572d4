package main

import (
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"loket/sync/central/centraltest"
	"loket/sync/clock"
)

// forward is another address of a central; it counts connections.
func forward(t *testing.T, to string) (address string, count *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	count = new(atomic.Int64)
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			count.Add(1)
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			pipe := func(a, b net.Conn) {
				_, _ = io.Copy(a, b) // ends with either side
				a.Close()
			}
			go pipe(out, in)
			go pipe(in, out)
		}
	}()
	return "https://" + l.Addr().String(), count
}

// TestCentralMoved: this PC is enrolled again under another address of central.
// What runs already, as the sender does, goes on there without a restart.
func TestCentralMoved(t *testing.T) {
	c := newCrash(t)
	s, _ := serving(t, c)
	running, _ := s.known()
	address, count := forward(t, strings.TrimPrefix(c.central.Counters, "https://"))
	if _, err := running.central.Trust(t.Context()); err != nil || count.Load() != 0 {
		t.Fatalf("%d connections to an address that nobody named, %v", count.Load(), err)
	}
	code, err := c.central.Home.NewDeviceCode(t.Context(), address, centraltest.Office, "Loket 4")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.enrol(t.Context(), code.String()); err != nil {
		t.Fatal(err)
	}
	before := count.Load()
	if _, err := running.central.Trust(t.Context()); err != nil || count.Load() == before {
		t.Errorf("after the move: %d connections, %v", count.Load()-before, err)
	}
	now, _ := s.known()
	if now.device.CountersURL != address || now.device.Device != running.device.Device {
		t.Errorf("device %+v", now.device)
	}
	head, err := s.ledger.HeadRequest(t.Context(), s.vault.Device(), now.trust.Version)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := running.central.Head(t.Context(), head); err != nil {
		t.Errorf("with the new certificate: %v", err)
	}
}

// TestEnrolKeepsTheClock: the power goes right after an enrolment. What central
// said of the time is on the disk: without it the counter would have nothing to
// hold its clock against until it has a line again.
func TestEnrolKeepsTheClock(t *testing.T) {
	c := centraltest.Start(t)
	s, err := openStation(t.Context(), filepath.Join(t.TempDir(), "data"), clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var kept clock.State
	if ok, err := s.setting(t.Context(), settingClock, &kept); ok || err != nil {
		t.Fatalf("before: %+v, %v", kept, err)
	}
	if err := s.enrol(t.Context(), c.DeviceCode("Loket 1").String()); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.setting(t.Context(), settingClock, &kept); !ok || err != nil || kept.Floor.IsZero() {
		t.Errorf("after: %+v, %v", kept, err)
	}
}
