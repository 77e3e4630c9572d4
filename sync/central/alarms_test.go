package central_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"loket/sync/central"
	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// auditLog is a counter's log as a thief can make one: entries and their hashes.
type auditLog struct {
	t      *testing.T
	stored []tlog.Hash
	size   int64
}

func newLog(t *testing.T, entries ...string) *auditLog {
	l := &auditLog{t: t}
	for _, e := range entries {
		l.add(e)
	}
	return l
}

func (l *auditLog) add(entry string) {
	l.t.Helper()
	hashes, err := tlog.StoredHashes(l.size, []byte(entry), l)
	if err != nil {
		l.t.Fatal(err)
	}
	l.stored, l.size = append(l.stored, hashes...), l.size+1
}

// ReadHashes implements tlog.HashReader.
func (l *auditLog) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		out[i] = l.stored[n]
	}
	return out, nil
}

// request is the head of the log with the proof from an earlier size; 0 is none.
func (l *auditLog) request(k *centraltest.Counter, epoch uint64, from int64) wire.HeadRequest {
	l.t.Helper()
	root, err := tlog.TreeHash(l.size, l)
	if err != nil {
		l.t.Fatal(err)
	}
	var req wire.HeadRequest
	req.Head, err = wire.SignHead(wire.Head{Device: k.Device.Device, Epoch: epoch, Size: l.size, Root: root, At: time.Now().UTC()}, k.Key)
	if err != nil {
		l.t.Fatal(err)
	}
	if from == 0 {
		return req
	}
	proof, err := tlog.ProveTree(l.size, from, l)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, h := range proof {
		req.Proof = append(req.Proof, h[:])
	}
	return req
}

// journal is a log of a server that a test reads.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *journal) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *journal) has(what string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), what)
}

// TestAlarms: central holds heads of 2, 4 and 6 entries. A log that does not
// continue them is refused and found by whoever asks; one whose counter has only
// missed an answer is refused and no alarm.
func TestAlarms(t *testing.T) {
	honest := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for name, c := range map[string]struct {
		epoch   uint64
		entries []string
		from    int64             // the proof's; 0 is none
		want    central.AlarmKind // "" for none
		refused bool
	}{
		"control: it continues":          {0, honest, 6, "", false},
		"an answer was lost":             {0, honest, 4, "", true},
		"two answers were lost":          {0, honest, 2, "", true},
		"every answer was lost":          {0, honest, 0, "", true},
		"the same head again":            {0, honest[:6], 4, "", true},
		"cut short":                      {0, honest[:5], 2, central.AlarmRollback, true},
		"put back to an earlier head":    {0, honest[:4], 0, central.AlarmRollback, true},
		"as long, another last entry":    {0, []string{"a", "b", "c", "d", "e", "x"}, 4, central.AlarmFork, true},
		"an entry below was edited":      {0, []string{"a", "b", "x", "d", "e", "f", "g"}, 6, central.AlarmChanged, true},
		"cut short and grown again":      {0, []string{"a", "b", "c", "d", "e", "x", "y"}, 6, central.AlarmChanged, true},
		"two entries in another order":   {0, []string{"a", "c", "b", "d", "e", "f", "g"}, 6, central.AlarmChanged, true},
		"a new epoch nobody confirmed":   {7, honest, 6, central.AlarmEpoch, true},
		"grown anew, without any proof":  {0, []string{"x", "y", "z", "x", "y", "z", "x"}, 0, "", true}, // the second try, below, has one
		"grown anew, asked what is held": {0, []string{"x", "y", "z", "x", "y", "z", "x"}, 6, central.AlarmChanged, true},
	} {
		t.Run(name, func(t *testing.T) {
			var log journal
			d := centraltest.StartWith(t, centraltest.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			k := d.Counter("petugas-1", wire.RoleOfficer)
			offer := func(req wire.HeadRequest) bool {
				t.Helper()
				_, err := k.Client.Head(t.Context(), req)
				if e := (*wire.Error)(nil); errors.As(err, &e) && e.Code == wire.CodeHead {
					return false
				} else if err != nil {
					t.Fatal(err)
				}
				return true
			}
			alarms := func() []central.Alarm {
				t.Helper()
				a, err := d.Home.Alarms(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return a
			}
			held := newLog(t)
			for i, e := range honest[:6] {
				if held.add(e); i%2 == 1 && !offer(held.request(k, 0, int64(i-1))) {
					t.Fatalf("the head of %d entries is refused", i+1)
				}
			}
			bad := newLog(t, c.entries...)
			for range 2 {
				if taken := offer(bad.request(k, c.epoch, c.from)); taken == c.refused {
					t.Errorf("taken %v, want refused %v", taken, c.refused)
				}
				if !c.refused {
					break
				}
			}
			got := alarms()
			if c.want == "" {
				if len(got) != 0 {
					t.Errorf("alarms %+v", got)
				}
				return
			}
			if len(got) != 1 {
				t.Fatalf("alarms %+v", got)
			}
			a := got[0]
			if a.Kind != c.want || a.Device != k.Device.Device || a.Office != centraltest.Office || a.Counter != "Loket 1" || a.HeldSize != 6 ||
				a.Size != bad.size || a.Times != 2 || a.First.IsZero() || !a.Continued.IsZero() || !a.Seen.IsZero() {
				t.Errorf("alarm %+v", a)
			}
			if _, err := wire.OpenHead(a.Head, k.Key.Public()); err != nil {
				t.Errorf("the evidence: %v", err)
			}
			if !log.has(fmt.Sprintf(`msg="audit alarm" device=%s kind=%s held=6 offered=%d`, k.Device.Device, c.want, bad.size)) {
				t.Error("the log says nothing of it")
			}

			// The true log goes on: the alarm stays, and says so. Then somebody looks.
			held.add("g")
			if !offer(held.request(k, 0, 6)) {
				t.Error("the true log is refused")
			}
			if _, err := d.Home.SeeAlarms(t.Context(), k.Device.Device, "petugas-1"); err == nil {
				t.Error("an officer closes an alarm")
			}
			if n, err := d.Home.SeeAlarms(t.Context(), k.Device.Device, central.Administrator); n != 1 || err != nil {
				t.Errorf("%d seen, %v", n, err)
			}
			if a := alarms()[0]; a.Continued.IsZero() || a.Seen.IsZero() || a.SeenBy != central.Administrator {
				t.Errorf("alarm %+v", a)
			}
			if _, err := d.Home.SeeAlarms(t.Context(), k.Device.Device, central.Administrator); !errors.Is(err, central.ErrNoAlarm) {
				t.Errorf("seen again: %v", err)
			}
		})
	}
}
