package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/token"
	"loket/sync/client"
	"loket/sync/client/outbox"
	"loket/sync/clock"
	"loket/sync/ledger"
	"loket/sync/wire"
)

const bossPIN = "314159"

// desk is a counter with somebody logged in, in memory of a test.
type desk struct {
	t *testing.T
	s *station
	o app.Officer
	b *book
}

// another enrols a second counter of c's central with somebody new.
func (c *crash) another(t *testing.T, id, role string) desk {
	t.Helper()
	ctx := t.Context()
	s, err := openStation(ctx, filepath.Join(t.TempDir(), "data"), clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	people := &officers{s: s}
	password := c.central.Officer(id, "Kasi Contoh", role)
	var who app.Officer
	for _, step := range []func() error{
		func() error { return people.Enrol(ctx, c.central.DeviceCode("Loket 9").String()) },
		func() error { _, err := people.First(ctx, id, password); return err },
		func() error { return people.NewPassword(ctx, "sandi contoh 2") },
		func() (err error) { who, err = people.NewPIN(ctx, bossPIN); return err },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	s.work.Wait()
	return desk{t, s, who, bookOf(s)}
}

func bookOf(s *station) *book {
	return &book{s: s, zone: time.UTC, sent: func(context.Context) {}}
}

// doubtful is a case that the officer would approve, with a face in doubt.
func doubtful(t *testing.T, c *crash, s *station) app.Case {
	t.Helper()
	code := (&tokens{s: s}).Verify(t.Context(), token.PresentationText(c.phone.Present()), s.now())
	if !code.Valid {
		t.Fatalf("code: %+v", code)
	}
	rec, err := (&records{s}).Record(t.Context(), code)
	if err != nil || rec == nil {
		t.Fatalf("record: %v, %v", rec, err)
	}
	now := s.now()
	marks := map[activation.Field]bool{}
	for _, f := range append(activation.RecordFields(), activation.ContactFields()...) {
		marks[f] = true
	}
	return app.Case{Record: rec, Probe: rec.Photo, Causes: []activation.Cause{activation.CauseDoubtful}, Session: activation.Session{ID: newID(), Officer: "014",
		Started: now, Consent: now, Code: &code, Marks: marks, Look: true, Stage: activation.StageDone,
		Attempts: []activation.Attempt{{At: now, Score: 0.5, Band: activation.BandDoubtful}},
		Outcome:  activation.Outcome{Decision: activation.Approve, Supervisor: "-", At: now}}}
}

// once sends all that waits, a minute later so that nothing can be undone any
// more, and takes events.
func (d desk) once() {
	d.t.Helper()
	d.s.clock = clock.New(later, d.s.clock.State(), 0)
	k, _ := d.s.known()
	box := outbox.Outbox{Ledger: d.s.ledger, Device: deviceKey{d.s.vault}, Trust: func() uint64 { return k.trust.Version }}
	sender := &client.Sender{Outbox: box, Central: k.central}
	if _, err := sender.Once(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) item(packet string) ledger.Item {
	d.t.Helper()
	id, err := wire.ParsePacketID(packet)
	if err != nil {
		d.t.Fatal(err)
	}
	i, err := d.s.ledger.Item(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return i
}

// in opens c's counter.
func (c *crash) in(t *testing.T) desk {
	t.Helper()
	s, o := serving(t, c)
	return desk{t, s, o, bookOf(s)}
}

// TestSecondOverRealCentral: the officer's counter asks, a supervisor at another
// looks and signs, the decision is completed and central takes it; then it is
// taken back by a packet of its own, and central voids the code.
func TestSecondOverRealCentral(t *testing.T) {
	ctx := t.Context()
	c := newCrash(t)
	d, boss := c.in(t), c.another(t, "kasi", wire.RoleSupervisor)
	asking, signing := &seconds{d.s, d.b}, &seconds{boss.s, boss.b}
	work := doubtful(t, c, d.s)
	ticket, err := asking.Ask(ctx, work, d.o)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := asking.Asked(ctx, ticket); err != nil || a.Stage != app.AskedWaiting {
		t.Fatalf("%+v, %v", a, err)
	}
	list, err := signing.Reviews(ctx)
	if err != nil || len(list) != 1 || list[0].Held || list[0].Case != activation.Approve || list[0].Left <= 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	r, err := signing.Look(ctx, list[0])
	if err != nil || r.Name != "SRI CONTOH" || r.NIK != crashNIK || r.Band != activation.BandDoubtful || len(r.Probe) == 0 || len(r.Photo) == 0 || len(r.Checks) != 6 {
		t.Fatalf("%+v, %v", r, err)
	}
	if a, err := asking.Asked(ctx, ticket); err != nil || a.Stage != app.AskedLooked {
		t.Errorf("%+v, %v", a, err)
	}
	if err := signing.Settle(ctx, r, true, boss.o); err != nil {
		t.Fatal(err)
	}
	a, err := asking.Asked(ctx, ticket)
	if err != nil || a.Stage != app.AskedSigned || a.Supervisor.ID != "kasi" || a.Supervisor.Name == "" {
		t.Fatalf("%+v, %v", a, err)
	}
	other := work
	other.Session.Outcome.Supervisor = "kasi"
	packet, err := d.b.Decide(ctx, other, d.o, &a.Supervisor)
	if err != nil || packet != ticket {
		t.Fatalf("packet %s for request %s, %v", packet, ticket, err)
	}

	d.once()
	c.central.AwaitMail(0)
	if i := d.item(packet); i.State != wire.StateAccepted && i.State != wire.StateMailed {
		t.Fatalf("state %s %s", i.State, i.Cause)
	}
	q, err := d.b.Queue(ctx)
	if err != nil || !q.Items[0].CanCancel {
		t.Fatalf("%+v, %v", q.Items, err)
	}
	if err := d.b.Cancel(ctx, packet, activation.DataProblem, d.o); err != nil {
		t.Fatal(err)
	}
	var f *app.Fault
	if err := d.b.Cancel(ctx, packet, activation.DataProblem, d.o); !errors.As(err, &f) || f.Code != "cancel-late" {
		t.Errorf("cancelled twice: %v", err)
	}
	d.once()
	d.once() // the event
	if i := d.item(packet); i.State != wire.StateCancelled {
		t.Errorf("the approval is %s", i.State)
	}
	if q, err = d.b.Queue(ctx); err != nil || q.Items[0].Decision != activation.Cancel || q.Items[0].State != string(wire.StateAccepted) || q.Items[1].CanCancel {
		t.Errorf("%+v, %v", q.Items, err)
	}
	if p := c.phone.State(); p != wire.ProgressCancelled {
		t.Errorf("the phone says %s", p)
	}
	var refused *wire.Error
	if err := c.phone.Activate(c.central.AwaitMail(0).Code()); !errors.As(err, &refused) {
		t.Errorf("the void code still serves: %v", err)
	}
}

// TestSecondOffline: without a line another counter can't be asked, and the
// screen is told which fault that is.
func TestSecondOffline(t *testing.T) {
	c := newCrash(t)
	d := c.in(t)
	work := doubtful(t, c, d.s)
	cut := *d.s.device
	cut.CountersURL = "https://127.0.0.1:9" // discard: nobody listens
	away, err := client.New(cut, d.s.vault.Device(), client.Options{Now: d.s.now})
	if err != nil {
		t.Fatal(err)
	}
	d.s.central = away
	var f *app.Fault
	if _, err := (&seconds{d.s, d.b}).Ask(t.Context(), work, d.o); !errors.As(err, &f) || f.Code != "second-offline" {
		t.Errorf("%v", err)
	}
}

// TestDeviceLifeLosesNothing: a certificate is renewed, the key is changed, and
// the PC is enrolled again after a revocation; after each, what waited arrives
// and its state comes back.
func TestDeviceLifeLosesNothing(t *testing.T) {
	ctx := t.Context()
	for name, change := range map[string]func(c *crash, d desk) error{
		"renewed":     func(_ *crash, d desk) error { return d.s.renew(ctx, false) },
		"another key": func(_ *crash, d desk) error { return d.s.enrolNext(ctx) },
		"power cut while the key changes": func(_ *crash, d desk) error {
			next, err := d.s.vault.NextDevice(ctx)
			if err != nil {
				return err
			}
			k, _ := d.s.known()
			if _, err := k.central.Renew(ctx, k.device, d.s.vault.Device(), next); err != nil {
				return err
			}
			return d.s.enrolNext(ctx) // at the next start, or look: asked once more
		},
		"enrolled again": func(c *crash, d desk) error {
			return d.s.enrol(ctx, c.central.DeviceCode("Loket 4").String())
		},
		"another officer": func(c *crash, d desk) error {
			people := &officers{s: d.s}
			people.LogOut()
			password := c.central.Officer("021", "Budi Contoh", wire.RoleOfficer)
			if _, err := people.First(ctx, "021", password); err != nil {
				return err
			}
			if err := people.NewPassword(ctx, "sandi contoh 3"); err != nil {
				return err
			}
			_, err := people.NewPIN(ctx, "582031")
			d.s.work.Wait()
			return err
		},
		"a new PIN": func(c *crash, d desk) error {
			people := &officers{s: d.s}
			people.LogOut()
			if _, err := people.First(ctx, "014", "sandi contoh 1"); err != nil {
				return err
			}
			_, err := people.NewPIN(ctx, "582031")
			d.s.work.Wait()
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCrash(t)
			refuse(t, c.dir)
			d := c.in(t)
			items, err := d.s.ledger.Items(ctx, 9)
			if err != nil || len(items) != 1 {
				t.Fatalf("%+v, %v", items, err)
			}
			before, _ := d.s.known()
			if err := change(c, d); err != nil {
				t.Fatal(err)
			}
			after, _ := d.s.known()
			if before.device.Device != after.device.Device {
				t.Errorf("the device was %s and is %s", before.device.Device, after.device.Device)
			}
			d.once()
			if i := d.item(items[0].Packet.String()); i.State != wire.StateAccepted {
				t.Errorf("what waited is %s %s", i.State, i.Cause)
			}
		})
	}
}

// TestRenewsInTime: nothing is asked while the certificate is young; near its
// end, and after it, the station renews by itself.
func TestRenewsInTime(t *testing.T) {
	c := newCrash(t)
	s, _ := serving(t, c)
	if done, err := s.renewDue(t.Context()); done || err != nil {
		t.Errorf("a young certificate: %v, %v", done, err)
	}
	old := s.device.NotAfter
	s.device.NotAfter = s.now().Add(24 * time.Hour)
	if done, err := s.renewDue(t.Context()); !done || err != nil {
		t.Fatalf("an old certificate: %v, %v", done, err)
	}
	if s.device.NotAfter.Before(old) {
		t.Errorf("good until %v", s.device.NotAfter)
	}
	k, _ := s.known()
	if _, err := k.central.HeldHead(t.Context()); err != nil {
		t.Errorf("with the new certificate: %v", err)
	}
}
