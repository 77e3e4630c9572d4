package main

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/tls"
	"crypto/x509"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"loket/scanner/qr"
	"loket/scanner/token"
	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// shows makes the code that a counter shows, signed by key.
func (w *world) shows(t *testing.T, k *centraltest.Counter, key crypto.Signer) (token.CounterCode, *ecdh.PrivateKey) {
	t.Helper()
	c, session, err := token.NewCounter(k.Device.Device, k.Device.Office, k.Device.Certificate, key, w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c, session
}

// seenBy is what a camera of 1280×720 sees of a code on the office's second
// screen, dx pixels beside the middle.
func seenBy(t testing.TB, text string, dx int) []byte {
	t.Helper()
	frame := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	draw.Draw(frame, frame.Rect, image.NewUniform(color.RGBA{96, 104, 112, 255}), image.Point{}, draw.Src)
	if text != "" {
		code, err := qr.Encode(text, 5, qr.LevelM)
		if err != nil {
			t.Fatal(err)
		}
		at := image.Pt((1280-code.Rect.Dx())/2+dx, (720-code.Rect.Dy())/2)
		draw.Draw(frame, code.Rect.Add(at), code, image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, frame, &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// film writes frames as a file that Chromium takes for its camera.
func film(t *testing.T, frames ...[]byte) chromedp.ExecAllocatorOption {
	t.Helper()
	path := filepath.Join(t.TempDir(), "counter.mjpeg")
	if err := os.WriteFile(path, bytes.Join(frames, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	return chromedp.Flag("use-file-for-fake-video-capture", path)
}

// TestLook: a citizen opens the camera in a real browser, it sees the counter's
// code, and the phone answers with a code that only this session can open.
func TestLook(t *testing.T) {
	w := newWorld(t)
	k := w.Counter("petugas-1", wire.RoleOfficer)
	p := w.phone(t, t.TempDir())
	if err := p.Register(t.Context(), form(t)); err != nil {
		t.Fatal(err)
	}
	shown, session := w.shows(t, k, k.Key)
	frames := [][]byte{seenBy(t, "", 0)}
	for i := range 9 {
		frames = append(frames, seenBy(t, shown.Text, 3*i))
	}
	ctx, url := browser(t, p, chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true), film(t, frames...))
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(412, 915), chromedp.Navigate(url), chromedp.WaitVisible("#look"),
		chromedp.Click("#look"), chromedp.WaitVisible("#video")); err != nil {
		t.Fatal(err)
	}
	shot(t, ctx, "look")
	from := time.Now()
	if err := chromedp.Do(ctx, chromedp.WaitVisible("#leave")); err != nil {
		t.Fatal(err)
	}
	t.Logf("from the viewfinder to the sealed code: %v", time.Since(from).Round(10*time.Millisecond))
	c, err := p.Code()
	if err != nil || !c.Sealed || !strings.HasPrefix(c.Text, token.PrefixSealed) {
		t.Fatalf("code %+v, %v", c.Sealed, err)
	}
	list, err := token.ReadTrust(k.Device.Trust)
	if err != nil {
		t.Fatal(err)
	}
	v := token.Verifier{Trust: list, Audience: shown.Audience(), SessionKey: session}
	if got := v.Verify(c.Text, w.clock.Now()); !got.Valid || got.Kind != token.KindSealed {
		t.Errorf("at the counter: %+v", got.Failed())
	}
	shot(t, ctx, "sealed")
	live, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("stream !== null || document.querySelector('#video').srcObject !== null"))
	if err != nil || live {
		t.Errorf("the camera is still on: %v", err)
	}
	if err := chromedp.Do(ctx, chromedp.Click("#leave"), chromedp.WaitVisible("#look")); err != nil {
		t.Fatal(err)
	}
	if c, err := p.Code(); err != nil || c.Sealed {
		t.Errorf("after leaving the counter: sealed %v, %v", c.Sealed, err)
	}
}

// TestLookCancel: the camera sees another's code, the citizen is told, cancels,
// and the code for all counters is still there.
func TestLookCancel(t *testing.T) {
	w := newWorld(t)
	k := w.Counter("petugas-1", wire.RoleOfficer)
	p := w.phone(t, t.TempDir())
	if err := p.Register(t.Context(), form(t)); err != nil {
		t.Fatal(err)
	}
	forged, _ := w.shows(t, k, p.key)
	ctx, url := browser(t, p, chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true), film(t, seenBy(t, forged.Text, 0)))
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(412, 915), chromedp.Navigate(url), chromedp.WaitVisible("#look"),
		chromedp.Click("#look"), chromedp.WaitVisible("#seen.wrong")); err != nil {
		t.Fatal(err)
	}
	if told, err := chromedp.Run(ctx, chromedp.Text("#seen")); err != nil || !strings.HasPrefix(told, "Ini bukan kode loket Dukcapil yang sah") {
		t.Errorf("told %q, %v", told, err)
	}
	shot(t, ctx, "look-forged")
	if err := chromedp.Do(ctx, chromedp.Click("#close"), chromedp.WaitVisible("#qr"), chromedp.WaitVisible("#look")); err != nil {
		t.Fatal(err)
	}
	if c, err := p.Code(); err != nil || c.Sealed {
		t.Errorf("sealed %v, %v", c.Sealed, err)
	}
}

// TestLookNoCamera: without a camera, or where it is not allowed, the page says
// what else can be done and opens it.
func TestLookNoCamera(t *testing.T) {
	w := newWorld(t)
	p := w.phone(t, t.TempDir())
	if err := p.Register(t.Context(), form(t)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		script, says string
	}{
		"no camera":   {"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))", "Kamera tidak ditemukan."},
		"not allowed": {"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))", "Kamera belum diizinkan."},
		"busy":        {"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError'))", "Kamera sedang dipakai"},
		"not secure":  {"Object.defineProperty(navigator, 'mediaDevices', { value: undefined, configurable: true })", "Halaman ini tidak boleh memakai kamera."},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, url := browser(t, p)
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(412, 915), chromedp.Navigate(url), chromedp.WaitVisible("#look")); err != nil {
				t.Fatal(err)
			}
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](c.script+"; 0")); err != nil {
				t.Fatal(err)
			}
			if err := chromedp.Do(ctx, chromedp.Click("#look"), chromedp.WaitVisible("#counter .error"), chromedp.WaitVisible("[name=text]")); err != nil {
				t.Fatal(err)
			}
			if told, err := chromedp.Run(ctx, chromedp.Text("#counter .error")); err != nil || !strings.HasPrefix(told, c.says) {
				t.Errorf("told %q, %v", told, err)
			}
			shot(t, ctx, "look-"+strings.ReplaceAll(name, " ", "-"))
		})
	}
}

// TestFrames: what is no frame, no code, another's code or far away says so.
func TestFrames(t *testing.T) {
	w := newWorld(t)
	k := w.Counter("petugas-1", wire.RoleOfficer)
	p := w.phone(t, t.TempDir())
	if err := p.Register(t.Context(), form(t)); err != nil {
		t.Fatal(err)
	}
	shown, _ := w.shows(t, k, k.Key)
	forged, _ := w.shows(t, k, p.key)
	h, err := glass(p, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path string
		frame      []byte
		times      int
		status     int
		says       string
	}{
		{"no picture", "/counter-frame?first=1", []byte("x"), 1, http.StatusBadRequest, "Gambar kamera tidak terbaca."},
		{"too much", "/counter-frame?first=1", make([]byte, maxFrame+1), 1, http.StatusBadRequest, "Gambar kamera tidak terbaca."},
		{"nothing there", "/counter-frame?first=1", seenBy(t, "", 0), 1, http.StatusOK, `{"found":false}`},
		{"forged", "/counter-frame?first=1", seenBy(t, forged.Text, 0), 1, http.StatusUnprocessableEntity, "Ini bukan kode loket Dukcapil yang sah"},
		{"still forged", "/counter-frame", seenBy(t, forged.Text, 9), 1, http.StatusUnprocessableEntity, "Ini bukan kode loket Dukcapil yang sah"},
		{"a shop's code, twice", "/counter-frame", seenBy(t, "https://contoh.id/promo", 0), 2, http.StatusOK, "Itu bukan kode loket."},
		{"the counter's", "/counter-frame?first=1", seenBy(t, shown.Text, 0), 1, http.StatusOK, `"found":true`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var rec *httptest.ResponseRecorder
			for range c.times {
				rec = httptest.NewRecorder()
				h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, c.path, bytes.NewReader(c.frame)))
			}
			if rec.Code != c.status || !strings.Contains(rec.Body.String(), c.says) {
				t.Errorf("%d %s", rec.Code, rec.Body)
			}
		})
	}
}

// TestTrustKept: a phone that once had the trust list believes counters without
// internet, and never goes back to an older list.
func TestTrustKept(t *testing.T) {
	w := newWorld(t)
	k := w.Counter("petugas-1", wire.RoleOfficer)
	p := w.phone(t, t.TempDir())
	if err := p.Register(t.Context(), form(t)); err != nil {
		t.Fatal(err)
	}
	shown, _ := w.shows(t, k, k.Key)
	p.central.url = "https://127.0.0.1:1"
	if err := p.ScanCounter(t.Context(), shown.Text); err != nil {
		t.Errorf("without internet: %v", err)
	}
	if !p.Status().Offline {
		t.Error("the screen does not say that there is no internet")
	}
	p.memory.Trust = nil
	if err := p.ScanCounter(t.Context(), shown.Text); err == nil {
		t.Error("control: believed without any list")
	}
}

// TestHTTPS: the page over TLS under its address, with a certificate that stays.
func TestHTTPS(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	at := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}
	first, err := pageCertificate(dir, at, now)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(first.Certificate[0])
	if err != nil || leaf.VerifyHostname("127.0.0.1") != nil {
		t.Fatalf("certificate %v", err)
	}
	same := func(c tls.Certificate) bool { return bytes.Equal(c.Certificate[0], first.Certificate[0]) }
	for _, c := range []struct {
		name string
		at   net.Addr
		now  time.Time
		same bool
	}{
		{"again", at, now.Add(time.Hour), true},
		{"another address", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}, now, false},
	} {
		got, err := pageCertificate(dir, c.at, c.now)
		if err != nil || same(got) != c.same {
			t.Errorf("%s: same %v, %v", c.name, same(got), err)
		}
	}
	if got, err := pageCertificate(dir, at, now.Add(pageLife)); err != nil || same(got) {
		t.Errorf("at its end: %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, pageFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file %v, %v", info, err)
	}
}
