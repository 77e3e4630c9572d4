package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"loket/sync/central"
	"loket/sync/central/centraltest"
	"loket/sync/central/maildrop"
	"loket/sync/client"
	"loket/sync/client/outbox"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// TestKilledCentralLosesNothingAndDoesNothingTwice kills the server, a process
// of its own, again and again while a counter sends.
func TestKilledCentralLosesNothingAndDoesNothingTwice(t *testing.T) {
	const people, refusals, kills = 6, 234, 24 // 10 packets a kill
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir, mails := filepath.Join(t.TempDir(), "central"), t.TempDir()
	_, err := central.Init(t.Context(), dir, time.Now)
	ok(err)
	home, err := central.OpenHome(t.Context(), dir, time.Now)
	ok(err)
	defer home.Close()
	drop, err := maildrop.Start(mails, "127.0.0.1:0")
	ok(err)
	defer drop.Close()
	counters, phones := freePort(t), freePort(t)
	args := []string{"serve", "--data", dir, "--counters", counters, "--phones", phones, "--smtp", drop.Addr, "--from", "ikd@contoh.id", "--starttls", "none"}
	server := start(t, args)
	c := centraltest.At(t, home, dir, "https://"+counters, "https://"+phones)
	k := c.Counter("petugas-1", wire.RoleOfficer)
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Device: k.Device.Device})
	ok(err)
	defer l.Close()
	policy := k.Policy()
	var decisions []wire.Decision
	for i := range people {
		nik := "170212450592000" + string(rune('1'+i))
		c.Records(wire.Record{NIK: nik, Name: "SRI CONTOH", Born: "1992-05-05", Sex: "P", Kecamatan: "17.02.12", Recorded: true, NIKStatus: wire.NIKActive, IKD: wire.IKDNone})
		p := c.Phone()
		ok(p.Register(nik, "sri@contoh.id"))
		for range refusals / people {
			d := k.Approval(p)
			d.Kind, d.Reason = "refuse", "WAJAH_TIDAK_COCOK"
			decisions = append(decisions, d)
		}
		decisions = append(decisions, k.Approval(p))
	}
	box := &counting{Outbox: outbox.Outbox{Ledger: l, Device: k.Key, Trust: func() uint64 { return 1 }}, taken: map[wire.PacketID]int{}}
	s := &client.Sender{Central: k.Client, Outbox: box,
		Rand: func() float64 { return 0.02 }}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	for i := range kills {
		for j := i; j < len(decisions); j += kills {
			ok(l.Decide(t.Context(), ledger.Entry{Packet: k.SealUnder(policy, decisions[j], nil), Decision: decisions[j].Kind, Undo: -1}))
		}
		s.Kick()
		pause(time.Duration(rand.IntN(60)) * time.Millisecond)
		ok(server.Process.Kill())
		_ = server.Wait() // it was killed
		server = start(t, args)
	}
	limit := time.Now().Add(5 * time.Minute)
	for {
		n, err := l.Counts(t.Context(), time.Time{})
		ok(err)
		r := c.Rows()
		if n.Waiting == 0 && r.States["mail"]["sent"] == people {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("%d packets still wait, mail %v", n.Waiting, r.States["mail"])
		}
		pause(100 * time.Millisecond)
	}
	cancel()
	ok(<-done)
	ok(server.Process.Signal(syscall.SIGTERM))
	_ = server.Wait()
	r := c.Rows()
	if r.Tables["packets"] != people+refusals || r.States["packets"]["held"] != 0 || r.States["packets"]["aside"] != 0 {
		t.Errorf("packets %v, want %d in all", r.States["packets"], people+refusals)
	}
	if r.Tables["codes"] != people || r.Tables["mail"] != people {
		t.Errorf("%d codes and %d mails, want %d of each", r.Tables["codes"], r.Tables["mail"], people)
	}
	kept, err := drop.Mails()
	ok(err)
	ids := map[string]bool{}
	for _, m := range kept {
		ids[m.MessageID] = true
	}
	if len(ids) != people {
		t.Errorf("%d different mails arrived, want %d", len(ids), people)
	}
	again := 0
	for _, n := range box.taken {
		if n > 1 {
			again++
		}
	}
	if again == 0 {
		t.Error("no packet was sent twice: the kills came at no moment that matters")
	}
	t.Logf("%d packets, %d of them sent again, %d kills; %d mails, %d of them again", r.Tables["packets"], again, kills, len(kept), len(kept)-len(ids))
}

// counting counts how often each packet was handed to the sender.
type counting struct {
	outbox.Outbox
	taken map[wire.PacketID]int
}

func (c *counting) Take(ctx context.Context, limit int) ([]client.Outgoing, error) {
	out, err := c.Outbox.Take(ctx, limit)
	for _, o := range out {
		c.taken[o.ID]++
	}
	return out, err
}

// pause waits for real time: the processes that are waited for have no other.
func pause(d time.Duration) { <-time.After(d) }

// freePort gives a port below those that the system hands out: while the
// server is down nobody else's connection takes it.
func freePort(t *testing.T) string {
	t.Helper()
	for {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
}

// start runs the command until it listens.
func start(t *testing.T, args []string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCentral+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "listening phones") {
			return cmd
		}
	}
	t.Fatalf("central did not listen: %v", lines.Err())
	return nil
}
