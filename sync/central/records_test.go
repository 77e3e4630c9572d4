package central_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

func TestRecordNeedsAPresentationOfNow(t *testing.T) {
	d := newDesk(t)
	p := d.phone(t, nik)
	stranger := d.Phone()
	stranger.Registration = p.Registration
	old := *p
	old.Now = func() time.Time { return time.Now().Add(-time.Hour) }
	audience := bytes.Repeat([]byte{1}, 32)
	bound, err := token.Present(p.Registration.Credential, p.Key, time.Now(), audience)
	if err != nil {
		t.Fatal(err)
	}
	good := p.Present()
	tests := []struct {
		name     string
		raw      []byte
		audience []byte
		want     string
	}{
		{"of now", good, nil, ""},
		{"bound to this counter's code", bound, audience, ""},
		{"bound to another code", bound, nil, wire.CodePresentation},
		{"an hour old", old.Present(), nil, wire.CodePresentation},
		{"by another phone's key", stranger.Present(), nil, wire.CodePresentation},
		{"cut", good[:len(good)-1], nil, wire.CodePresentation},
		{"none", nil, nil, wire.CodePresentation},
	}
	shown := 0
	for _, tt := range tests {
		r, err := d.counter.Client.Record(t.Context(), tt.raw, tt.audience)
		if code(err) != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if r.Found != (tt.want == "") {
			t.Errorf("%s: found %t", tt.name, r.Found)
		}
		if r.Found {
			shown++
		}
	}
	if got := d.Rows().Registrations[0].Access; got != shown {
		t.Errorf("audited %d times, shown %d times", got, shown)
	}
	r, err := d.counter.Client.Record(t.Context(), d.phone(t, "1702124505920098").Present(), nil)
	if err != nil || r.Found || r.Record != nil {
		t.Errorf("a NIK that is not recorded: %+v, %v", r, err)
	}
}

func TestRosterComesInPages(t *testing.T) {
	var records []wire.Record
	for i := range 120 {
		r := sample(fmt.Sprintf("17021245059300%02d", i%100))
		r.NIK = fmt.Sprintf("170212450593%04d", i)
		records = append(records, r)
	}
	away := sample("1702134505920001")
	away.Kecamatan = "17.02.13"
	d := newDesk(t, append(records, away)...)
	seen, after := map[string]bool{}, ""
	for pages := 0; ; pages++ {
		page, err := d.counter.Client.Roster(t.Context(), "17.02.12", after)
		if err != nil {
			t.Fatal(err)
		}
		if page.Total != 121 {
			t.Errorf("total %d, want 121", page.Total)
		}
		for _, r := range page.Records {
			if seen[r.NIK] || r.Kecamatan != "17.02.12" {
				t.Errorf("%s twice, or of %s", r.NIK, r.Kecamatan)
			}
			seen[r.NIK] = true
		}
		if after = page.Next; after == "" {
			if pages != 2 {
				t.Errorf("%d pages, want 3", pages+1)
			}
			break
		}
	}
	if len(seen) != 121 {
		t.Errorf("%d records, want 121", len(seen))
	}
	for area, want := range map[string]string{"17.02": "", "17.02.13": "", "17": wire.CodeForbidden, "17.0": wire.CodeForbidden, "31.71.01": wire.CodeForbidden, "": wire.CodeForbidden} {
		if _, err := d.counter.Client.Roster(t.Context(), area, ""); code(err) != want {
			t.Errorf("area %q: %v, want %q", area, err, want)
		}
	}
	d.counter.Client.LogOut()
	if _, err := d.counter.Client.Roster(t.Context(), "17.02", ""); err == nil {
		t.Error("a roster without an officer")
	}
}

// lines is a buffer that several goroutines write to.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestNothingPersonalIsLoggedAndNoCodeIsStored(t *testing.T) {
	var log lines
	c := centraltest.StartWith(t, centraltest.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	c.Records(sample(nik))
	k := c.Counter("petugas-1", wire.RoleOfficer)
	s, _ := k.Client.Session()
	p := c.Phone()
	if err := p.Register(nik, "sri.contoh@contoh.id"); err != nil {
		t.Fatal(err)
	}
	k.Send(k.Seal(k.Approval(p), nil))
	secret := c.AwaitMail(0).Code()
	if err := p.Activate("12345678"); code(err) != wire.CodeActivation {
		t.Fatal(err)
	}
	if err := p.Activate(secret); err != nil {
		t.Fatal(err)
	}
	if err := p.SetPIN("258025"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "result=accepted") {
		t.Errorf("the log lacks the packet:\n%s", log.String())
	}
	for name, never := range map[string]string{"NIK": nik, "name": "SRI CONTOH", "address": "sri.contoh", "number": "81234567890", "code": secret, "PIN": "258025", "token": s.Token} {
		if strings.Contains(log.String(), never) {
			t.Errorf("the log holds the %s", name)
		}
	}
	files, err := filepath.Glob(filepath.Join(c.Dir, "central.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files %v, %v", files, err)
	}
	found := false
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(data, []byte("sri.contoh@contoh.id")) // the control: this is where it would be
		for name, never := range map[string]string{"code": secret, "PIN": "258025", "token": s.Token, "password": centraltest.Password} {
			if bytes.Contains(data, []byte(never)) {
				t.Errorf("%s holds the %s", filepath.Base(file), name)
			}
		}
	}
	if !found {
		t.Error("the database does not hold the address: the search finds nothing at all")
	}
}

func TestHeadsContinue(t *testing.T) {
	d := newDesk(t)
	sign := func(h wire.Head) wire.HeadRequest {
		h.Device, h.At = d.counter.Device.Device, time.Now()
		msg, err := wire.SignHead(h, d.counter.Key)
		if err != nil {
			t.Fatal(err)
		}
		return wire.HeadRequest{Head: msg}
	}
	tests := []struct {
		name string
		head wire.Head
		want string
	}{
		{"the first", wire.Head{Epoch: 1, Size: 1, Root: [32]byte{1}}, ""},
		{"the same again", wire.Head{Epoch: 1, Size: 1, Root: [32]byte{1}}, ""},
		{"changed below", wire.Head{Epoch: 1, Size: 1, Root: [32]byte{2}}, wire.CodeHead},
		{"cut off", wire.Head{Epoch: 1, Size: 0}, wire.CodeHead},
		{"longer without a proof", wire.Head{Epoch: 1, Size: 2, Root: [32]byte{3}}, wire.CodeHead},
		{"another epoch", wire.Head{Epoch: 2, Size: 1, Root: [32]byte{1}}, wire.CodeHead},
	}
	for _, tt := range tests {
		if _, err := d.counter.Client.Head(t.Context(), sign(tt.head)); code(err) != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	held, err := d.counter.Client.HeldHead(t.Context())
	if err != nil || held.Size != 1 || held.Hash[0] != 1 {
		t.Errorf("held %+v, %v", held, err)
	}
}
