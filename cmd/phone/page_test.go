package main

import (
	"bytes"
	"context"
	"image/png"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// browser opens a phone's page in Chromium at the size of a phone's screen. It
// skips where no Chromium is installed.
func browser(t *testing.T, p *Phone, more ...chromedp.ExecAllocatorOption) (context.Context, string) {
	t.Helper()
	bin := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			bin = path
			break
		}
	}
	if bin == "" {
		t.Skip("no Chromium is installed")
	}
	h, err := glass(p, "")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	go p.watch(t.Context())
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WindowSize(412, 915), chromedp.WSURLReadTimeout(2*time.Minute))
	opts = append(opts, more...)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	return ctx, srv.URL
}

// shot takes the screen as it is seen; LOKET_SHOTS=DIR keeps the pictures.
func shot(t *testing.T, ctx context.Context, name string) []byte {
	t.Helper()
	data, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("LOKET_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

// TestPage fills in the form as a citizen does, is told of a slip, and then
// shows a QR that our own reader reads from the screenshot.
func TestPage(t *testing.T) {
	w := newWorld(t)
	w.citizen()
	k := w.Counter("petugas-1", wire.RoleOfficer)
	p := w.phone(t, t.TempDir())
	ctx, url := browser(t, p)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(412, 915), chromedp.Navigate(url), chromedp.WaitVisible("#register")); err != nil {
		t.Fatal(err)
	}
	shot(t, ctx, "register")
	if err := chromedp.Do(ctx,
		chromedp.SendKeys("[name=nik]", "1702015005920001"),
		chromedp.SendKeys("[name=email]", "sri.contoh@contoh.id"),
		chromedp.SendKeys("[name=email_again]", "sri.conto@contoh.id"),
		chromedp.SendKeys("[name=number]", "081200000001"),
		chromedp.SendKeys("[name=number_again]", "081200000001"),
		chromedp.Click("#register .main"),
		chromedp.WaitVisible("#register em")); err != nil {
		t.Fatal(err)
	}
	if told, err := chromedp.Run(ctx, chromedp.Text("#register em")); err != nil || told != "Kedua alamat e-mail belum sama." {
		t.Errorf("told %q, %v", told, err)
	}
	shot(t, ctx, "register-slip")
	if err := chromedp.Do(ctx,
		chromedp.SetValue("[name=email_again]", "sri.contoh@contoh.id"),
		chromedp.Click("#register .main"),
		chromedp.WaitVisible("#qr")); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("document.querySelector('#qr').complete && document.querySelector('#qr').naturalWidth > 0")); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(shot(t, ctx, "qr")))
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Code()
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, "screenshot", img, c.Text)
	if count, err := chromedp.Run(ctx, chromedp.Text("#count")); err != nil || count != "berlaku 01.30" {
		t.Errorf("count %q, %v", count, err)
	}

	if said, err := chromedp.Run(ctx, chromedp.Text("#spoken")); err != nil || said == "" || said != p.Status().Code {
		t.Errorf("code to say %q, %v, want %q", said, err, p.Status().Code)
	} else if found, err := k.Client.Lookup(t.Context(), said, p.memory.NIK); err != nil || found.Registration != p.Status().Registration {
		t.Errorf("the officer types %q and finds %+v, %v", said, found, err)
	}

	// The officer approves; the page goes on by itself.
	mailed := w.approve(t, k, p)
	if err := chromedp.Do(ctx, chromedp.WaitVisible("#activate")); err != nil {
		t.Fatal(err)
	}
	question, err := chromedp.Run(ctx, chromedp.Poll[string]("document.querySelector('#question').textContent.endsWith('?') && document.querySelector('#question').textContent"))
	if err != nil {
		t.Fatal(err)
	}
	shot(t, ctx, "code")
	if err := chromedp.Do(ctx, chromedp.SendKeys("[name=code]", mailed), chromedp.SendKeys("[name=answer]", centraltest.Answer(question)),
		chromedp.Click("#activate .main"), chromedp.WaitVisible("#pin")); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.SendKeys("[name=pin]", "123456"), chromedp.SendKeys("[name=again]", "123456"),
		chromedp.Click("#pin .main"), chromedp.WaitVisible("#pin em")); err != nil {
		t.Fatal(err)
	}
	shot(t, ctx, "pin-weak")
	if err := chromedp.Do(ctx, chromedp.SetValue("[name=pin]", "492715"), chromedp.SetValue("[name=again]", "492715"),
		chromedp.Click("#pin .main"), chromedp.WaitVisible("#facts dd")); err != nil {
		t.Fatal(err)
	}
	shot(t, ctx, "card")
	if facts, err := chromedp.Run(ctx, chromedp.Text("#facts")); err != nil || !strings.Contains(facts, "SRI CONTOH") {
		t.Errorf("card says %q, %v", facts, err)
	}
}
