package main

import (
	"context"
	"errors"
	"image"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face"
	"loket/scanner/qr"
	"loket/scanner/token"
	"loket/sync/client"
	"loket/sync/clock"
	"loket/sync/wire"
)

// serving is the counter of newCrash with its officer logged in, here and at
// central.
func serving(t *testing.T, c *crash) (*station, app.Officer) {
	t.Helper()
	s, err := openStation(t.Context(), c.dir, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.areas = []string{"17.02.09"}
	o, err := (&officers{s: s}).LogIn(t.Context(), "014", crashPIN)
	if err != nil {
		t.Fatal(err)
	}
	s.work.Wait()
	return s, o
}

func TestCodeAndRecordOfARealCentral(t *testing.T) {
	c := newCrash(t)
	s, _ := serving(t, c)
	codes := &tokens{s: s}
	text := token.PresentationText(c.phone.Present())
	code := codes.Verify(t.Context(), text, s.now())
	if !code.Valid || !code.Proof || !code.Fresh || code.NIK != crashNIK || len(code.Checks) != 6 {
		t.Fatalf("code %+v", code)
	}
	if again := codes.Verify(t.Context(), text, s.now()); again.Valid || again.Checks[len(again.Checks)-1].Reason != string(token.ReasonSeen) {
		t.Errorf("the same code again: %+v", again)
	}
	rec, err := (&records{s}).Record(t.Context(), code)
	if err != nil || rec == nil || rec.Source != "central" || rec.Name != "SRI CONTOH" || len(rec.Photo) == 0 {
		t.Fatalf("record %+v, %v", rec, err)
	}

	// The line is cut: the roster that was taken along at log-in has it.
	cut := s.device
	cut.CountersURL = "https://127.0.0.1:9" // discard: nobody listens
	away, err := client.New(*cut, s.vault.Device(), client.Options{Now: s.now})
	if err != nil {
		t.Fatal(err)
	}
	s.central = away
	rec, err = (&records{s}).Record(t.Context(), code)
	if err != nil || rec == nil || rec.Source != "roster" || rec.Name != "SRI CONTOH" {
		t.Errorf("record without a line: %+v, %v", rec, err)
	}
	code.NIK = "1702096505920004"
	var f *app.Fault
	if rec, err = (&records{s}).Record(t.Context(), code); rec != nil || !errors.As(err, &f) || f.Code != "link-offline" {
		t.Errorf("somebody who is not in the roster: %+v, %v", rec, err)
	}
}

func TestCounterCode(t *testing.T) {
	c := newCrash(t)
	s, _ := serving(t, c)
	codes := &tokens{s: s}
	answer := func() string {
		t.Helper()
		shown, err := codes.Counter(t.Context(), s.now())
		if err != nil {
			t.Fatal(err)
		}
		if left := shown.Expires.Sub(s.now()); left < 4*time.Minute || left > token.CounterLife {
			t.Errorf("the code lasts %v", left)
		}
		read := qr.Decode(larger(shown.Image, 6))
		if len(read.Symbols) != 1 {
			t.Fatal("nobody can read the counter's code")
		}
		counter, err := token.OpenCounter(read.Symbols[0].Text, s.trust.Lookup(token.UseDevice, s.now()), s.now())
		if err != nil {
			t.Fatal(err)
		}
		msg, err := token.Present(c.phone.Registration.Credential, c.phone.Key, s.now(), counter.Audience())
		if err != nil {
			t.Fatal(err)
		}
		text, err := token.SealPresentation(msg, counter.Key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	text, early := answer(), answer()
	newest := answer() // the window renewed its code: the phones had scanned the ones before
	if other := (&tokens{s: s}).Verify(t.Context(), text, s.now()); other.Valid {
		t.Error("another session opened what was sealed to this one")
	}
	if code := codes.Verify(t.Context(), text, s.now()); !code.Valid || code.Kind != token.KindSealed || len(code.Audience) == 0 {
		t.Errorf("code %+v", code)
	}
	if code := codes.Verify(t.Context(), newest, s.now()); !code.Valid {
		t.Errorf("the newest code: %+v", code.Checks)
	}
	codes.Forget()
	if code := codes.Verify(t.Context(), early, s.now()); code.Valid {
		t.Error("the next session opened what was sealed to the one before")
	}
}

// larger draws each pixel as a square of n, as the window does.
func larger(img image.Image, n int) image.Image {
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx()*n, b.Dy()*n))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.Set(x, y, img.At(b.Min.X+x/n, b.Min.Y+y/n))
		}
	}
	return out
}

func TestFirstLogInFaults(t *testing.T) {
	c := newCrash(t)
	s, _ := serving(t, c)
	o := &officers{s: s}
	var f *app.Fault
	if err := o.Enrol(t.Context(), "nonsense"); !errors.As(err, &f) || f.Code != "code" {
		t.Errorf("device code: %v", err)
	}
	if _, err := o.First(t.Context(), "014", "not the password"); !errors.As(err, &f) || f.Code != "central-password" {
		t.Errorf("password: %v", err)
	}
	password := c.central.Officer("021", "Petugas Lain", wire.RoleOfficer)
	if change, err := o.First(t.Context(), "021", password); err != nil || !change {
		t.Fatalf("first log-in: %v %v", change, err)
	}
	if err := o.NewPassword(t.Context(), "short"); !errors.As(err, &f) || f.Code != "central-password-weak" {
		t.Errorf("new password: %v", err)
	}
	if err := o.NewPassword(t.Context(), "sandi contoh 2"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.NewPIN(t.Context(), "123456"); !errors.As(err, &f) || f.Code != "pin-weak" {
		t.Errorf("new PIN: %v", err)
	}
	if _, err := o.LogIn(t.Context(), "014", "000001"); !isPINFault(err, 4) {
		t.Errorf("wrong PIN: %v", err)
	}
}

func isPINFault(err error, left int) bool {
	var f *app.PINFault
	return errors.As(err, &f) && f.Left == left
}

func TestDraftNamesNobody(t *testing.T) {
	c := newCrash(t)
	s, o := serving(t, c)
	b := &book{s: s, zone: time.UTC, sent: func(context.Context) {}}
	plain := []byte(`{"name":"SRI CONTOH","nik":"1702096505920003"}`)
	if err := b.SaveDraft(t.Context(), app.Draft{ID: "d1", Stage: activation.StageFace, Last4: "0003"}, plain); err != nil {
		t.Fatal(err)
	}
	list, err := b.Drafts(t.Context())
	if err != nil || len(list) != 1 || list[0].Stage != activation.StageFace || list[0].Last4 != "0003" {
		t.Fatalf("drafts %+v, %v", list, err)
	}
	raw, err := s.ledger.Drafts(t.Context())
	if err != nil || len(raw) != 1 {
		t.Fatal(err)
	}
	for _, name := range []string{"SRI", crashNIK} {
		if contains(raw[0].Body, name) {
			t.Errorf("the draft's row holds %s", name)
		}
	}
	if got, err := b.OpenDraft(t.Context(), "d1"); err != nil || string(got) != string(plain) {
		t.Errorf("opened %q, %v", got, err)
	}
	(&officers{s: s}).LogOut()
	if _, err := b.OpenDraft(t.Context(), "d1"); err == nil {
		t.Error("opened though nobody is logged in")
	}
	_ = o
}

func contains(b []byte, s string) bool {
	for i := 0; i+len(s) <= len(b); i++ {
		if string(b[i:i+len(s)]) == s {
			return true
		}
	}
	return false
}

func TestLimits(t *testing.T) {
	m := face.Model{Name: "m", SHA256: "aa", Metric: face.Similarity}
	shipped := face.Thresholds{Model: "m", Metric: face.Similarity, Match: 0.553, Doubtful: 0.433, Measured: true, FMR: 1e-4, Duplicate: 0.6}
	row := wire.MatcherPolicy{Model: "m", Metric: "similarity", Match: 0.9, Doubtful: 0.8, Measured: true}
	other := row
	other.SHA256 = "bb"
	for name, c := range map[string]struct {
		policy    wire.Policy
		score     float64
		want      face.Band
		duplicate float64 // raised to policy's match, none for drawings
	}{
		"policy's":                        {wire.Policy{Matchers: []wire.MatcherPolicy{row}}, 0.85, face.Doubtful, 0.9},
		"shipped where policy has none":   {wire.Policy{}, 0.85, face.Match, 0.6},
		"policy's of another file":        {wire.Policy{Matchers: []wire.MatcherPolicy{other}}, 0.85, face.Match, 0.6},
		"training without its thresholds": {wire.Policy{Training: true}, 0.99, face.Doubtful, 0},
		"training with them":              {wire.Policy{Training: true, Matchers: []wire.MatcherPolicy{row}}, 0.99, face.Match, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := limits(c.policy, m, shipped).Duplicate; got != c.duplicate {
				t.Errorf("duplicates from %v, want %v", got, c.duplicate)
			}
			if got := limits(c.policy, m, shipped).Band(c.score); got != c.want {
				t.Errorf("band %s, want %s", got, c.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	env := func(m map[string]string) func(string) string { return func(k string) string { return m[k] } }
	o, err := parseOptions([]string{"--data", "d", "--roster", "17.02.09, 17.02.16"}, env(map[string]string{"LOKET_CODES_CAMERA": "/dev/video2"}), io.Discard)
	if err != nil || o.Codes != "/dev/video2" || o.Faces != "/dev/video2" || len(o.Roster) != 2 || o.Lang != app.Indonesian || o.Zone.String() != "Asia/Jakarta" {
		t.Errorf("%+v, %v", o, err)
	}
	for _, args := range [][]string{{"--lang", "jw"}, {"--look", "pink"}, {"--zone", "Mars/Olympus"}, {"serve"}, {"--nonsense"}} {
		if _, err := parseOptions(args, env(nil), io.Discard); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}

func TestRegions(t *testing.T) {
	dir, err := filepath.Abs("../../../shared/wilayah")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no administrative codes beside the project: ", dir)
	}
	r, err := loadRegions(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		code           string
		want           string
		retired, known bool
	}{
		"in use":   {"170209", "Kabupaten Rejang Lebong, Kec. Curup", false, true},
		"retired":  {"910101", "", true, true},
		"nowhere":  {"999999", "", false, false},
		"too long": {"1702091001", "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, retired, known := r.Region(c.code)
			if retired != c.retired || known != c.known || c.want != "" && got != c.want {
				t.Errorf("%q %v %v", got, retired, known)
			}
		})
	}
}

func TestReadsItsOwnKind(t *testing.T) {
	img, err := qr.Encode("IKD1:"+token.EncodeBase45(make([]byte, 60)), 4, qr.LevelM)
	if err != nil {
		t.Fatal(err)
	}
	frame := image.NewRGBA(img.Rect)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			frame.Set(x, y, img.At(x, y))
		}
	}
	r := newCodes().Read(frame)
	if len(r.Texts) != 1 || len(r.Outline) != 4 {
		t.Errorf("%+v", r)
	}
}
