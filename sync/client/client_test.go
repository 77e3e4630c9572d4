package client_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"loket/sync/central"
	"loket/sync/central/centraltest"
	"loket/sync/client"
	"loket/sync/wire"
)

// detail is the finer cause of a fault; "" for none.
func detail(err error) string {
	var f *client.Fault
	if errors.As(err, &f) {
		return f.Detail
	}
	return ""
}

// code is the code of a refusal; "" for none.
func code(err error) string {
	var told *wire.Error
	if errors.As(err, &told) {
		return told.Code
	}
	return ""
}

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestEnrol(t *testing.T) {
	c := centraltest.Start(t)
	other := centraltest.Start(t)
	good := c.DeviceCode("Loket 1")
	elsewhere := good
	elsewhere.Central = other.Counters
	if _, err := client.Enrol(t.Context(), elsewhere, newKey(t), time.Now); client.LinkOf(err) != client.TLS {
		t.Errorf("a central with another root: %v", err)
	}
	for name, d := range map[string]time.Duration{"early": -24 * time.Hour, "late": 200 * 24 * time.Hour} {
		now := func() time.Time { return time.Now().Add(d) }
		if _, err := client.Enrol(t.Context(), good, newKey(t), now); client.LinkOf(err) != client.Clock || detail(err) != name {
			t.Errorf("a PC whose clock is %s: %v", name, err)
		}
	}
	wrong := good
	wrong.Secret[0]++
	if _, err := client.Enrol(t.Context(), wrong, newKey(t), time.Now); code(err) != wire.CodeDeviceCode {
		t.Errorf("a wrong secret: %v", err)
	}
	d, err := client.Enrol(t.Context(), good, newKey(t), time.Now)
	if err != nil || d.Counter != "Loket 1" || d.Office != centraltest.Office || d.PhonesURL != c.Phones {
		t.Fatalf("a good code: %+v, %v", d, err)
	}
	if _, err := client.Enrol(t.Context(), good, newKey(t), time.Now); code(err) != wire.CodeDeviceCode {
		t.Errorf("a second time: %v", err)
	}
}

func TestDeviceCodeEndsAfterADay(t *testing.T) {
	c := centraltest.Start(t)
	for name, tt := range map[string]struct {
		age  time.Duration
		want string
	}{"23 hours": {23 * time.Hour, ""}, "25 hours": {25 * time.Hour, wire.CodeDeviceCode}} {
		home, err := central.OpenHome(t.Context(), c.Dir, func() time.Time { return time.Now().Add(-tt.age) })
		if err != nil {
			t.Fatal(err)
		}
		made, err := home.NewDeviceCode(t.Context(), c.Counters, centraltest.Office, "Loket 1")
		if err != nil {
			t.Fatal(err)
		}
		if err := home.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Enrol(t.Context(), made, newKey(t), time.Now); code(err) != tt.want {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func TestOfficerLogsIn(t *testing.T) {
	c := centraltest.Start(t)
	k := c.Counter("petugas-1", wire.RoleOfficer)
	ctx := t.Context()
	if s, err := k.Client.LogInSigned(ctx, "petugas-1", k.Signer); err != nil || s.MustChange || s.Role != wire.RoleOfficer {
		t.Errorf("by key: %+v, %v", s, err)
	}
	if _, err := k.Client.LogInSigned(ctx, "petugas-1", newKey(t)); code(err) != wire.CodeSession {
		t.Errorf("by a key that nobody certified: %v", err)
	}
	first := c.Officer("petugas-2", "BUDI CONTOH", wire.RoleOfficer)
	s, err := k.Client.LogIn(ctx, "petugas-2", first)
	if err != nil || !s.MustChange {
		t.Fatalf("first password: %+v, %v", s, err)
	}
	if _, err := k.Client.Events(ctx, 0); code(err) != wire.CodeMustChange {
		t.Errorf("work with the first password: %v", err)
	}
	if _, err := k.Client.ChangePassword(ctx, first, "pendek"); code(err) != wire.CodeWeakPassword {
		t.Errorf("a short password: %v", err)
	}
	if _, err := k.Client.ChangePassword(ctx, first, centraltest.Password); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Client.Events(ctx, 0); err != nil {
		t.Errorf("work after the change: %v", err)
	}
	for range 5 {
		if _, err := k.Client.LogIn(ctx, "petugas-2", "salah"); code(err) != wire.CodePassword {
			t.Errorf("a wrong password: %v", err)
		}
	}
	if _, err := k.Client.LogIn(ctx, "petugas-2", centraltest.Password); code(err) != wire.CodePaused {
		t.Errorf("after five wrong ones: %v", err)
	}
	k.Client.LogOut()
	if _, err := k.Client.Events(ctx, 0); !errors.Is(err, client.ErrNoSession) {
		t.Errorf("logged out: %v", err)
	}
	if _, err := k.Client.LogIn(ctx, "siapa", "sandi contoh 1"); code(err) != wire.CodePassword {
		t.Errorf("nobody of that name: %v", err)
	}
}

func TestAnotherOfficerApart(t *testing.T) {
	c := centraltest.Start(t)
	k := c.Counter("petugas-1", wire.RoleOfficer)
	first := c.Officer("kasi-1", "BUDI CONTOH", wire.RoleSupervisor)
	apart := k.Client.Apart()
	if _, err := apart.LogIn(t.Context(), "kasi-1", first); err != nil {
		t.Fatal(err)
	}
	mine, _ := k.Client.Session()
	theirs, _ := apart.Session()
	if mine.Officer != "petugas-1" || theirs.Officer != "kasi-1" {
		t.Errorf("sessions of %s and %s", mine.Officer, theirs.Officer)
	}
	if _, err := k.Client.Events(t.Context(), 0); err != nil {
		t.Errorf("the officer's session: %v", err)
	}
}

func TestSeenElsewhere(t *testing.T) {
	c := centraltest.Start(t)
	a, b := c.Counter("petugas-1", wire.RoleOfficer), c.Counter("petugas-2", wire.RoleOfficer)
	ask := func(k *centraltest.Counter, cti [16]byte) bool {
		s, err := k.Client.Seen(context.Background(), cti)
		if err != nil {
			t.Fatal(err)
		}
		return s.Seen
	}
	for range 2 {
		if ask(a, [16]byte{1}) {
			t.Error("seen elsewhere, but only this counter scanned it")
		}
	}
	if !ask(b, [16]byte{1}) {
		t.Error("another counter scanned it before")
	}
	if ask(b, [16]byte{2}) {
		t.Error("nobody scanned this one")
	}
}
