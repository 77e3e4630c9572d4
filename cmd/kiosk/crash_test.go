package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/token"
	"loket/sync/central/centraltest"
	"loket/sync/clock"
	"loket/sync/ledger"
	"loket/sync/vault"
	"loket/sync/wire"
)

const (
	crashPIN = "271828"
	crashNIK = "1702096505920003"
)

// TestCrashChild is the kiosk that is killed: it serves a citizen on the data
// folder that its environment names, and kills itself where that says.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv("LOKET_CRASH_DATA")
	if dir == "" {
		return // it is nobody's child
	}
	h, err := openHeadless(dir, os.Getenv("LOKET_CRASH_TEXT"), crashPIN)
	if err != nil {
		t.Fatal(err)
	}
	kill := os.Getenv("LOKET_CRASH_AT")
	calls, err := os.OpenFile(filepath.Join(dir, "calls"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]int{}
	counting := make(chan struct{}, 1)
	h.station.after = func(call string) { // called from several goroutines
		counting <- struct{}{}
		defer func() { <-counting }()
		made[call]++
		if _, err := fmt.Fprintln(calls, call); err != nil {
			panic(err)
		}
		if kill == call+" #"+strconv.Itoa(made[call]) {
			die()
		}
	}
	h.stage = func(s activation.Stage) {
		if kill == "stage "+string(s) {
			die()
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := h.serve(ctx); err != nil {
		t.Fatal(err)
	}
	h.station.after = func(string) {}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
}

// die is the power going: nothing is flushed, closed or told.
func die() {
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		panic(err)
	}
	select {}
}

// crash is a counter that is made once and killed many times.
type crash struct {
	t       *testing.T
	central *centraltest.Central
	phone   *centraltest.Phone
	dir     string // as it is when an officer has logged in for the first time
}

func newCrash(t *testing.T) *crash { return newCrashOf(t, centraltest.JPEG()) }

// newCrashOf is newCrash with the enrolled photo of the citizen.
func newCrashOf(t *testing.T, photo []byte) *crash {
	c := &crash{t: t, central: centraltest.Start(t), dir: filepath.Join(t.TempDir(), "data")}
	c.central.Records(wire.Record{NIK: crashNIK, Name: "SRI CONTOH", BirthPlace: "Curup", Born: "1992-05-25", Sex: "P", Address: "Jl. Merdeka 1",
		Kelurahan: "Talang Benih", Kecamatan: "17.02.09", Recorded: true, NIKStatus: wire.NIKActive, IKD: wire.IKDNone,
		Photo: photo, PhotoTaken: "2021-03-12", PhotoSource: "central"})
	c.phone = c.central.Phone()
	if err := c.phone.Register(crashNIK, "sri@contoh.id"); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	s, err := openStation(ctx, c.dir, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	cheapPINs(t, s, c.dir)
	o := &officers{s: s}
	password := c.central.Officer("014", "Petugas Contoh", wire.RoleOfficer)
	for _, err := range []error{
		o.Enrol(ctx, c.central.DeviceCode("Loket 3").String()),
		func() error { _, err := o.First(ctx, "014", password); return err }(),
		o.NewPassword(ctx, "sandi contoh 1"),
		func() error { _, err := o.NewPIN(ctx, crashPIN); return err }(),
		s.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// cheapPINs makes the PINs that s enrols cost little: they are entered hundreds of
// times, and an officer's row keeps its cost.
func cheapPINs(t *testing.T, s *station, dir string) {
	t.Helper()
	machine, err := machineOf(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.vault, err = vault.Open(t.Context(), rows{s.ledger.Vault(), s}, machine,
		vault.Options{Now: s.now, Floor: s.clock.Floor, Argon2: vault.Argon2{Time: 1, Memory: 64, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
}

// run serves a citizen on dir in a child and says whether it lived.
func (c *crash) run(dir, kill string) bool {
	c.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
	cmd.Env = append(os.Environ(), "LOKET_CRASH_DATA="+dir, "LOKET_CRASH_AT="+kill, "LOKET_CRASH_TEXT="+token.PresentationText(c.phone.Present()))
	out, err := cmd.CombinedOutput()
	if err == nil {
		return true
	}
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		c.t.Fatalf("child at %q: %v\n%s", kill, err, out)
	}
	return false
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

// TestKilledAnywhere kills the kiosk after each call to the ledger and in each
// stage. Whatever the window called saved is in the ledger, once; a case that
// was not decided is offered again and can be finished.
func TestKilledAnywhere(t *testing.T) {
	c := newCrash(t)
	whole := copyDir(t, c.dir)
	if !c.run(whole, "") {
		t.Fatal("killed though nobody asked")
	}
	calls := lines(t, filepath.Join(whole, "calls"))
	if got := c.packets(whole); got != 1 {
		t.Fatalf("%d packets of one citizen", got)
	}
	// Control: what this window showed, beside a ledger that forgot it, is found.
	if shown := readTraces(t, filepath.Join(whole, "traces.jsonl")); len(lost(shown, nil)) == 0 {
		t.Error("a ledger without the packet is not noticed: the check is blind")
	}
	if !slices.Contains(calls, "Decide") {
		t.Fatalf("no decision among %q", calls)
	}
	// Calls of several goroutines come in any order, so a point is a call's name
	// and which of its kind. Another run may have fewer of a kind, but has the
	// first, except for the clock's, which come as time passes.
	type point struct {
		at   string
		sure bool // it has to be reached
	}
	var points []point
	made := map[string]int{}
	for _, call := range calls[:slices.Index(calls, "Decide")+1] {
		made[call]++
		points = append(points, point{call + " #" + strconv.Itoa(made[call]), made[call] == 1 && call != "Set clock"})
	}
	for _, s := range activation.Stages() {
		points = append(points, point{"stage " + string(s), true})
	}
	for _, p := range points {
		t.Run(p.at, func(t *testing.T) {
			t.Parallel() // most of a child's life is waiting for cameras and looks
			here := *c
			here.t = t
			if !here.kill(p.at) && p.sure {
				t.Error("was not reached")
			}
		})
	}
}

// packets counts the decisions in a ledger that is whole.
func (c *crash) packets(dir string) int {
	c.t.Helper()
	s, err := openStation(c.t.Context(), dir, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		c.t.Fatal(err)
	}
	defer s.Close()
	report, err := s.ledger.Verify(c.t.Context())
	if err != nil || !report.OK() {
		c.t.Errorf("audit log: %+v %v", report, err)
	}
	items, err := s.ledger.Items(c.t.Context(), 10)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, packet := range lost(readTraces(c.t, filepath.Join(dir, "traces.jsonl")), items) {
		c.t.Errorf("the window called %s saved; the ledger has %d others", packet, len(items))
	}
	return len(items)
}

// lost are packets that the window called saved and the ledger has not.
func lost(shown []app.Trace, items []ledger.Item) []string {
	var out []string
	for _, x := range shown {
		if x.Saved && !slices.ContainsFunc(items, func(i ledger.Item) bool { return i.Packet.String() == x.Packet }) {
			out = append(out, x.Packet)
		}
	}
	return out
}

// kill kills at one point, looks at what is left, and serves on. It
// says whether the point was reached.
func (c *crash) kill(point string) bool {
	t := c.t
	dir := copyDir(t, c.dir)
	defer os.RemoveAll(dir)
	if c.run(dir, point) {
		return false
	}
	done := lines(t, filepath.Join(dir, "calls"))
	begun, decided := false, false
	for _, call := range done {
		begun = begun || strings.HasPrefix(call, "SaveDraft")
		decided = decided || call == "Decide"
	}
	want := 0
	if decided {
		want = 1
	}
	if got := c.packets(dir); got != want {
		t.Errorf("%d packets, want %d", got, want)
	}
	before := len(readTraces(t, filepath.Join(dir, "traces.jsonl")))
	if !c.run(dir, "") {
		t.Fatal("killed though nobody asked")
	}
	after := readTraces(t, filepath.Join(dir, "traces.jsonl"))
	offered := false
	for _, x := range after[before:] {
		offered = offered || x.Screen == app.ScreenHome && x.Drafts == 1 && x.Notice == "draft-offered"
	}
	if offered != (begun && !decided) {
		t.Errorf("%s: begun %v, decided %v, offered again %v", done[len(done)-1], begun, decided, offered)
	}
	if got := c.packets(dir); got != want+1 {
		t.Errorf("%d packets after serving on, want %d", got, want+1)
	}
	t.Logf("after %-24q saved %v, offered again %v", done[len(done)-1], decided, offered)
	return true
}
