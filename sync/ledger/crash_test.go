package ledger_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"loket/sync/ledger"
	"loket/sync/wire"
)

// The crash test runs this test binary as a child that works on a ledger and
// kills itself (SIGKILL) after each call in turn. The parent opens what is left.
const (
	crashDir   = "LOKET_CRASH_DIR"   // where the child's ledger is: this is the child
	crashAfter = "LOKET_CRASH_AFTER" // the number of calls after which it dies
	crashIn    = "LOKET_CRASH_IN"    // or: dies so many microseconds after its first decision, in whatever it is doing
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		child(dir)
	}
	os.Exit(m.Run())
}

// call is one call to the ledger and what must hold once it has returned.
type call struct {
	name  string
	run   func(context.Context, *desk) error
	holds func(context.Context, *desk) error
}

// id of the n-th packet of the child.
func crashID(n byte) wire.PacketID { return wire.PacketID{0xc0, n} }

var cti = [16]byte{0xc7}

// calls is the life of a counter, each writing call of the ledger once at least.
func calls() []call {
	decide := func(n byte) call {
		return call{fmt.Sprintf("Decide %d", n), func(ctx context.Context, d *desk) error {
			e, err := d.numbered(ctx, crashID(n))
			if err != nil {
				return err
			}
			return d.Decide(ctx, e)
		}, state(n, wire.StateQueued)}
	}
	advance := func(by time.Duration, c call) call {
		run := c.run
		c.run = func(ctx context.Context, d *desk) error { d.now = d.now.Add(by); return run(ctx, d) }
		return c
	}
	return []call{
		{"Open", func(context.Context, *desk) error { return nil }, func(ctx context.Context, d *desk) error { return want(d.Head(ctx, 0))(1) }},
		{"SetDevice", func(ctx context.Context, d *desk) error { return d.SetDevice(ctx, "loket-3") }, setting("ledger.device", "loket-3")},
		{"Set", func(ctx context.Context, d *desk) error { return d.Set(ctx, "trust", []byte("9")) }, setting("trust", "9")},
		{"Vault.Put", func(ctx context.Context, d *desk) error {
			return d.Vault().Put(ctx, map[string][]byte{"officer/p-001": []byte("wrapped")})
		}, func(ctx context.Context, d *desk) error {
			_, ok, err := d.Vault().Get(ctx, "officer/p-001")
			return expect(ok, err, "row is lost")
		}},
		{"Record", func(ctx context.Context, d *desk) error {
			return d.Record(ctx, "log-in", map[string]string{"officer": "p-001"})
		}, func(ctx context.Context, d *desk) error {
			e, err := d.Entries(ctx, 1, 1)
			return expect(len(e) == 1 && e[0].Kind == "log-in", err, "entry is lost")
		}},
		{"SaveDraft", func(ctx context.Context, d *desk) error {
			return d.SaveDraft(ctx, ledger.Draft{Session: "s-1", Officer: "p-001", Body: []byte("sealed")})
		}, drafts(1)},
		{"Seen", func(_ context.Context, d *desk) error { _, err := d.Seen(cti, d.now); return err }, func(_ context.Context, d *desk) error {
			seen, err := d.Seen(cti, d.now)
			return expect(seen, err, "a code could be used twice")
		}},
		decide(1), // ends the draft s-1
		decide(2),
		{"Undo", func(ctx context.Context, d *desk) error { return d.Undo(ctx, crashID(2)) }, state(2, wire.StateCancelled)},
		decide(3),
		decide(4),
		advance(time.Minute, call{"Take", func(ctx context.Context, d *desk) error { _, err := d.Take(ctx, 100); return err }, state(1, wire.StateSent)}),
		{"Settle", func(ctx context.Context, d *desk) error {
			return d.Settle(ctx, []ledger.Outcome{{ID: crashID(1), State: wire.StateAccepted}, {ID: crashID(3), Cause: "busy", Retry: time.Hour}, {ID: crashID(4), State: wire.StateAside, Cause: "poison"}})
		}, state(1, wire.StateAccepted)},
		{"Retry", func(ctx context.Context, d *desk) error { _, err := d.Retry(ctx, crashID(4)); return err }, state(4, wire.StateQueued)},
		{"Apply", func(ctx context.Context, d *desk) error {
			return d.Apply(ctx, []wire.Event{{Cursor: 5, Packet: crashID(1).String(), State: wire.StateMailed, At: d.now}}, 5)
		}, state(1, wire.StateMailed)},
		{"HeadAccepted", func(ctx context.Context, d *desk) error {
			h, err := d.Head(ctx, 0)
			if err != nil {
				return err
			}
			return d.HeadAccepted(ctx, wire.HeadResponse{Size: h.Size, Hash: h.Root[:]})
		}, func(ctx context.Context, d *desk) error {
			r, err := d.Verify(ctx)
			return expect(r.Held != nil, err, "the head that central holds is lost")
		}},
		advance(time.Minute, call{"WipeBodies", func(ctx context.Context, d *desk) error { _, err := d.WipeBodies(ctx, d.now); return err }, state(1, wire.StateMailed)}),
		{"SaveDraft again", func(ctx context.Context, d *desk) error {
			return d.SaveDraft(ctx, ledger.Draft{Session: "s-2", Officer: "p-001", Body: []byte("sealed")})
		}, drafts(1)},
		{"DropDraft", func(ctx context.Context, d *desk) error { return d.DropDraft(ctx, "s-2") }, drafts(0)},
		{"CloseDay", func(ctx context.Context, d *desk) error { _, _, err := d.CloseDay(ctx, 0); return err }, func(ctx context.Context, d *desk) error {
			_, err := d.Get(ctx, "ledger.day-closed")
			return err
		}},
		{"Idle", func(ctx context.Context, d *desk) error { _, err := d.Idle(ctx); return err }, state(1, wire.StateMailed)},
	}
}

// numbered is entry with an id of its own.
func (d *desk) numbered(ctx context.Context, id wire.PacketID) (ledger.Entry, error) {
	p, err := d.Next(ctx)
	if err != nil {
		return ledger.Entry{}, err
	}
	pkt, err := wire.Seal(wire.Sealing{
		Decision: wire.Decision{Packet: id, Session: "s-1", Kind: "approve", At: d.now, Device: "loket-3", Officer: "p-001", NIK: "1702014505920001"},
		Position: p, Device: d.device, Officer: d.officer, Recipients: d.recipients})
	return ledger.Entry{Packet: pkt, Last4: "0001", Decision: "approve", Session: "s-1"}, err
}

func expect(ok bool, err error, what string) error {
	if err == nil && !ok {
		err = errors.New(what)
	}
	return err
}

// want says whether the log has at least so many entries.
func want(h wire.Head, err error) func(int64) error {
	return func(n int64) error { return expect(h.Size >= n, err, "audit log is empty") }
}

func state(n byte, s wire.State) func(context.Context, *desk) error {
	return func(ctx context.Context, d *desk) error {
		i, err := d.Item(ctx, crashID(n))
		return expect(i.State == s, err, fmt.Sprintf("packet %d is %s, want %s", n, i.State, s))
	}
}

func setting(name, value string) func(context.Context, *desk) error {
	return func(ctx context.Context, d *desk) error {
		b, err := d.Get(ctx, name)
		return expect(string(b) == value, err, name+" is lost")
	}
}

func drafts(n int) func(context.Context, *desk) error {
	return func(ctx context.Context, d *desk) error {
		got, err := d.Drafts(ctx)
		return expect(len(got) == n, err, fmt.Sprintf("%d drafts, want %d", len(got), n))
	}
}

// child works until it is dead. It says "ok N" after each call that returned.
func child(dir string) {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	die := func() { syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }
	ctx := context.Background()
	d, err := setup(dir)
	if err != nil {
		fail(err)
	}
	if in, err := strconv.Atoi(os.Getenv(crashIn)); err == nil {
		for n := byte(0); ; n++ {
			e, err := d.numbered(ctx, crashID(n))
			if err == nil {
				err = d.Decide(ctx, e)
			}
			if err != nil {
				fail(err)
			}
			fmt.Println("ok", n)
			if n == 0 {
				time.AfterFunc(time.Duration(in)*time.Microsecond, die)
			}
		}
	}
	last, err := strconv.Atoi(os.Getenv(crashAfter))
	if err != nil {
		fail(err)
	}
	for n, c := range calls() {
		if err := c.run(ctx, d); err != nil {
			fail(fmt.Errorf("%s: %w", c.name, err))
		}
		fmt.Println("ok", n)
		if n == last {
			die()
		}
	}
}

// run starts the child and gives the calls that it said had returned.
func run(t *testing.T, dir, name, value string) (acknowledged []int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir, name+"="+value)
	var out, faults bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &faults
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("child was not killed: %v\n%s", err, &faults)
	}
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		n, err := strconv.Atoi(strings.TrimPrefix(lines.Text(), "ok "))
		if err != nil {
			t.Fatalf("child said %q", lines.Text())
		}
		acknowledged = append(acknowledged, n)
	}
	return acknowledged
}

// left opens what a dead child left and checks that it is whole and goes on.
func left(t *testing.T, dir string) *desk {
	t.Helper()
	d := newDesk(t, dir)
	r, err := d.Verify(t.Context())
	if err != nil || !r.OK() {
		t.Errorf("verify: %+v, %v", r, err)
	}
	return d
}

func TestKilledAfterEachCall(t *testing.T) {
	for n, c := range calls() {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if got := run(t, dir, crashAfter, strconv.Itoa(n)); len(got) != n+1 {
				t.Fatalf("%d calls returned, want %d", len(got), n+1)
			}
			d := left(t, dir)
			if err := c.holds(t.Context(), d); err != nil {
				t.Errorf("lost: %v", err)
			}
			d.decide(t)
		})
	}
}

// TestKilledInACall kills at random moments in a row of decisions: each that
// was acknowledged is there, and at most one more.
func TestKilledInACall(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 8 {
		in := rng.IntN(20_000)
		t.Run(strconv.Itoa(in)+"us", func(t *testing.T) {
			dir := t.TempDir()
			acknowledged := run(t, dir, crashIn, strconv.Itoa(in))
			d := left(t, dir)
			for _, n := range acknowledged {
				if err := state(byte(n), wire.StateQueued)(t.Context(), d); err != nil {
					t.Errorf("lost: %v", err)
				}
			}
			items, err := d.Items(t.Context(), 1000)
			if extra := len(items) - len(acknowledged); err != nil || extra < 0 || extra > 1 {
				t.Errorf("%d kept, %d acknowledged, %v", len(items), len(acknowledged), err)
			}
			d.decide(t)
		})
	}
}

// TestKilledControl: without a commit, nothing would be there to find.
func TestKilledControl(t *testing.T) {
	d := newDesk(t, t.TempDir())
	if err := state(1, wire.StateQueued)(t.Context(), d); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	for _, c := range calls()[1:] {
		if c.name != "DropDraft" && c.holds(t.Context(), d) == nil {
			t.Errorf("%s holds before it was called", c.name)
		}
	}
}
