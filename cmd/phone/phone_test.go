package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"loket/app/activation"
	"loket/scanner/qr"
	"loket/scanner/token"
	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

func TestRegister(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	p := w.phone(t, dir)
	if s := p.Status(); s.Step != StepRegister || s.QR != nil {
		t.Fatalf("before: %+v", s)
	}
	if err := p.Register(t.Context(), form(t)); err != nil {
		t.Fatal(err)
	}
	s := p.Status()
	if s.Step != StepQR || s.QR == nil || s.NIKEnd != "0001" || strings.Contains(s.Email, "contoh@") {
		t.Errorf("after: %+v", s)
	}
	if err := p.Refresh(t.Context()); err != nil || p.Status().State != wire.ProgressRegistered {
		t.Errorf("state %q, %v", p.Status().State, err)
	}
	first, err := p.Code()
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Move(29 * time.Second)
	if same, _ := p.Code(); same.Text != first.Text {
		t.Error("renewed before 30 s")
	}
	w.clock.Move(time.Second)
	if next, _ := p.Code(); next.Text == first.Text {
		t.Error("not renewed after 30 s")
	}
	again := w.phone(t, dir)
	if s := again.Status(); s.Step != StepQR || s.Registration != p.Status().Registration {
		t.Errorf("after a restart: %+v", s)
	}
	// Out of turn, central says no; the phone passes on its words.
	var told *wire.Error
	if _, err := p.Card(t.Context()); !errors.As(err, &told) || told.Code != wire.CodeNotNow {
		t.Errorf("card before activation: %v", err)
	}
	if q, err := p.Captcha(t.Context()); err != nil || q.Question == "" {
		t.Errorf("captcha %+v, %v", q, err)
	} else if err := p.Activate(t.Context(), "000000", q.ID, "salah"); !errors.As(err, &told) || told.Code != wire.CodeCaptcha {
		t.Errorf("wrong answer: %v", err)
	}
}

// TestFaults: what the citizen can put right is said by field, and nothing is sent.
func TestFaults(t *testing.T) {
	w := newWorld(t)
	p := w.phone(t, t.TempDir())
	for _, c := range []struct {
		name, field string
		change      func(*Form)
	}{
		{"NIK too short", "nik", func(f *Form) { f.NIK = "170201" }},
		{"NIK with a letter", "nik", func(f *Form) { f.NIK = "17020150059200O1" }},
		{"NIK with month 13", "nik", func(f *Form) { f.NIK = "1702015013920001" }},
		{"e-mail without a domain", "email", func(f *Form) { f.Email, f.EmailAgain = "sri", "sri" }},
		{"e-mail twice, not the same", "email_again", func(f *Form) { f.EmailAgain = "sri.conto@contoh.id" }},
		{"number of a landline", "number", func(f *Form) { f.Number, f.NumberAgain = "021 500000", "021 500000" }},
		{"number twice, not the same", "number_again", func(f *Form) { f.NumberAgain = "0812 0000 0002" }},
		{"selfie is no picture", "selfie", func(f *Form) { f.Selfie = []byte("foto") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := form(t)
			c.change(&f)
			var fault *Fault
			if err := p.Register(t.Context(), f); !errors.As(err, &fault) || fault.Fields[c.field] == "" {
				t.Errorf("%v", err)
			}
			if p.Status().Step != StepRegister {
				t.Error("registered all the same")
			}
		})
	}
	f := form(t)
	f.Email, f.EmailAgain = "sri.contoh@gmial.com", "sri.contoh@gmial.com"
	var fault *Fault
	if err := p.Register(t.Context(), f); !errors.As(err, &fault) || fault.Suggest != "sri.contoh@gmail.com" {
		t.Errorf("slip: %v", err)
	}
	f.Unusual = true
	if err := p.Register(t.Context(), f); err != nil {
		t.Errorf("control, confirmed: %v", err)
	}
}

func TestPINFault(t *testing.T) {
	const nik = "1702015005920001" // a woman, born 10-05-1992
	for pin, ok := range map[string]bool{
		"492715": true, "12345": false, "12345a": false, "123456": false, "654321": false, "111111": false,
		"121212": false, "123123": false, "100592": false, "500592": false, "170201": false,
	} {
		if why := pinFault(pin, pin, nik); (why == "") != ok {
			t.Errorf("%s: %q", pin, why)
		}
	}
	if pinFault("492715", "492716", nik) == "" {
		t.Error("two different entries pass")
	}
}

// TestOffline: without central the code still counts; with it back, all goes on.
func TestOffline(t *testing.T) {
	w := newWorld(t)
	p := w.phone(t, t.TempDir())
	if err := p.Register(t.Context(), form(t)); err != nil {
		t.Fatal(err)
	}
	good := p.central.url
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.central.url = "https://" + gone.Addr().String()
	gone.Close()
	if err := p.Refresh(t.Context()); !errors.Is(err, errOffline) || !p.Status().Offline {
		t.Errorf("no central: %v, %+v", err, p.Status())
	}
	if s := p.Status(); s.QR == nil {
		t.Error("no code without central")
	}
	p.central.url = good
	if err := p.Refresh(t.Context()); err != nil || p.Status().Offline {
		t.Errorf("central is back: %v", err)
	}
}

// TestActivation goes the whole way: registered, approved, code, PIN, card.
func TestActivation(t *testing.T) {
	w := newWorld(t)
	w.citizen()
	k := w.Counter("petugas-1", wire.RoleOfficer)
	p := w.phone(t, t.TempDir())
	ctx := t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(p.Register(ctx, form(t)))
	mailed := w.approve(t, k, p)
	ok(p.Refresh(ctx))
	if s := p.Status(); s.Step != StepCode && s.Step != StepWait {
		t.Fatalf("approved: %+v", s)
	}
	q, err := p.Captcha(ctx)
	ok(err)
	ok(p.Activate(ctx, mailed[:3]+" "+mailed[3:], q.ID, centraltest.Answer(q.Question)))
	if s := p.Status(); s.Step != StepPIN {
		t.Fatalf("code taken: %+v", s)
	}
	var fault *Fault
	if err := p.ChoosePIN(ctx, "123456", "123456"); !errors.As(err, &fault) {
		t.Errorf("weak PIN: %v", err)
	}
	ok(p.ChoosePIN(ctx, "492715", "492715"))
	card, err := p.Card(ctx)
	ok(err)
	if s := p.Status(); s.Step != StepCard || card.Name != "SRI CONTOH" {
		t.Errorf("active: %+v, card of %q", s, card.Name)
	}
}

// TestRefused: after a refusal the code comes back when the citizen asks for
// it, not by itself; a registration that has lapsed says so.
func TestRefused(t *testing.T) {
	w := newWorld(t)
	k := w.Counter("petugas-1", wire.RoleOfficer)
	p := w.phone(t, t.TempDir())
	if err := p.Register(t.Context(), form(t)); err != nil {
		t.Fatal(err)
	}
	seen := w.Central.Phone()
	seen.Key, seen.Now, seen.Registration = p.key, w.clock.Now, wire.RegistrationResponse{Credential: p.memory.Credential}
	d := k.Approval(seen)
	d.Kind, d.Reason, d.Face = "refer", "BELUM_REKAM", nil
	if got := k.Send(k.Seal(d, nil))[0]; got.Result != wire.ResultAccepted {
		t.Fatalf("packet: %+v", got)
	}
	if err := p.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := p.Status(); s.Step != StepStop || s.State != wire.ProgressRefused || s.QR != nil {
		t.Fatalf("refused: %+v", s)
	}
	p.Again()
	if s := p.Status(); s.Step != StepQR || s.QR == nil {
		t.Errorf("again: %+v", s)
	}
	w.clock.Move(token.CredentialLife + time.Hour)
	if s := p.Status(); s.Step != StepStop || s.Next != lapsed {
		t.Errorf("lapsed: %+v", s)
	}
}

// TestCounter: having scanned the office's code, the phone answers with codes
// that only this session of this counter reads; a forged one is refused.
func TestCounter(t *testing.T) {
	w := newWorld(t)
	k := w.Counter("petugas-1", wire.RoleOfficer)
	p := w.phone(t, t.TempDir())
	if err := p.Register(t.Context(), form(t)); err != nil {
		t.Fatal(err)
	}
	now := w.clock.Now()
	shown, session, err := token.NewCounter(k.Device.Device, k.Device.Office, k.Device.Certificate, k.Key, now)
	if err != nil {
		t.Fatal(err)
	}
	forged, _, err := token.NewCounter(k.Device.Device, k.Device.Office, k.Device.Certificate, p.key, now)
	if err != nil {
		t.Fatal(err)
	}
	var fault *Fault
	if err := p.ScanCounter(t.Context(), forged.Text); !errors.As(err, &fault) {
		t.Errorf("forged code: %v", err)
	}
	picture, err := qr.Encode(shown.Text, 6, qr.LevelM)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	text, err := counterIn(b.Bytes())
	if err != nil || text != shown.Text {
		t.Fatalf("code in a picture: %v", err)
	}
	if err := p.ScanCounter(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	c, err := p.Code()
	if err != nil || !c.Sealed || !strings.HasPrefix(c.Text, token.PrefixSealed) {
		t.Fatalf("code %+v, %v", c, err)
	}
	list, err := token.ReadTrust(k.Device.Trust)
	if err != nil {
		t.Fatal(err)
	}
	v := token.Verifier{Trust: list, Audience: shown.Audience(), SessionKey: session}
	if got := v.Verify(c.Text, now); !got.Valid || got.Kind != token.KindSealed {
		t.Errorf("at the counter: %+v", got.Failed())
	}
	if got := (token.Verifier{Trust: list}).Verify(c.Text, now); got.Valid {
		t.Error("another counter reads it")
	}
	w.clock.Move(token.CounterLife + time.Second)
	if c, err := p.Code(); err != nil || c.Sealed {
		t.Errorf("after the counter's code has ended: %+v, %v", c, err)
	}
}

// TestPictures: the QR in each form, and the screen drawn without a browser, at
// the size at which a webcam sees it, reads as the very text.
func TestPictures(t *testing.T) {
	w := newWorld(t)
	p := w.phone(t, t.TempDir())
	if err := p.Register(t.Context(), form(t)); err != nil {
		t.Fatal(err)
	}
	h, err := glass(p, "")
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) []byte {
		t.Helper()
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		if rec.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
		}
		return rec.Body.Bytes()
	}
	text := string(get("/qr.txt"))
	if !strings.HasPrefix(text, token.PrefixPresentation) {
		t.Fatalf("text %q", text)
	}
	for _, path := range []string{"/qr.png", "/screen.png"} {
		img, err := png.Decode(bytes.NewReader(get(path)))
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, path, img, text)
	}
	if !bytes.HasPrefix(get("/qr.svg"), []byte("<svg")) || !bytes.Contains(get("/"), []byte("<!doctype html>")) {
		t.Error("no svg or no page")
	}
	var s Status
	if err := json.Unmarshal(get("/state"), &s); err != nil || s.QR == nil || s.QR.Seconds != 90 {
		t.Errorf("state %+v, %v", s, err)
	}
	if code, err := activation.ParseRegistrationCode(s.Code); err != nil || s.Code != activation.GroupCode(code) {
		t.Errorf("code to say: %q, %v", s.Code, err)
	}
}

func wantText(t *testing.T, name string, img image.Image, text string) {
	t.Helper()
	got := qr.Decode(img)
	if len(got.Symbols) != 1 || got.Symbols[0].Text != text {
		t.Errorf("%s: read %d codes (%s)", name, len(got.Symbols), got.Hint)
		return
	}
	t.Logf("%s: %.1f pixels a module", name, got.Symbols[0].ModulePixels)
}

// TestForeignPage: another site's page can't press this phone's buttons.
func TestForeignPage(t *testing.T) {
	w := newWorld(t)
	p := w.phone(t, t.TempDir())
	h, err := glass(p, "")
	if err != nil {
		t.Fatal(err)
	}
	for site, want := range map[string]int{"cross-site": http.StatusForbidden, "same-origin": http.StatusOK} {
		req := httptest.NewRequest("POST", "/forget", strings.NewReader("{}"))
		req.Header.Set("Sec-Fetch-Site", site)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if rec.Code != want {
			t.Errorf("%s: %d, want %d", site, rec.Code, want)
		}
	}
}
