package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	_ "image/png" // a browser's picture may be either
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// A glass is the citizen's hand and eye on the phone: the page in a real
// browser, or, where none is installed, what the phone's own code draws and
// the requests that the page would make.
type glass interface {
	Register(ctx context.Context, c citizen) error
	Screen(ctx context.Context) (image.Image, error)
	ScanCounter(ctx context.Context, seen image.Image) error // what stands before the phone's camera
	Activate(ctx context.Context, code string) error
	ChoosePIN(ctx context.Context, pin string) error
	Close()
}

// chromium finds Debian's browser, or one by another common name.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// browser is the page at 412×915, two device pixels each, as on a mid-range
// phone.
type browser struct {
	ctx    context.Context
	stop   []context.CancelFunc
	camera string // the file that the browser takes for the phone's camera
}

func openBrowser(ctx context.Context, path, address, camera string) (*browser, error) {
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "id"),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", camera))
	alloc, stopAlloc := chromedp.NewExecAllocator(ctx, options...)
	tab, stopTab := chromedp.NewContext(alloc)
	b := &browser{ctx: tab, stop: []context.CancelFunc{stopTab, stopAlloc}, camera: camera}
	// The first call starts the browser and ends it with its context, so it has no limit of its own.
	err := chromedp.Do(tab, chromedp.EmulateViewport(412, 915, chromedp.EmulateScale(2), chromedp.EmulatePortrait), chromedp.Navigate(address))
	if err != nil {
		b.Close()
		return nil, fmt.Errorf("open browser: %w", err)
	}
	return b, nil
}

func (b *browser) Close() {
	for _, stop := range b.stop {
		stop()
	}
}

// do runs actions that return nothing, ask one that returns a value; each has
// half a minute.
func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

func ask[T any](b *browser, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// until waits for a condition in the page's own language.
func (b *browser) until(condition string) error {
	_, err := ask(b, chromedp.Poll[bool](condition))
	return err
}

// step is the section of the page that is shown.
func step(name string) string { return `section.on[data-step="` + name + `"] ` }

func (b *browser) Register(_ context.Context, c citizen) error {
	form := step("register")
	if err := b.do(
		chromedp.WaitVisible(form+`[name="nik"]`),
		chromedp.SendKeys(form+`[name="nik"]`, c.NIK),
		chromedp.SendKeys(form+`[name="email"]`, c.Email),
		chromedp.SendKeys(form+`[name="email_again"]`, c.Email),
		chromedp.SendKeys(form+`[name="number"]`, c.Number),
		chromedp.SendKeys(form+`[name="number_again"]`, c.Number),
		chromedp.Click(form+`.main`),
		chromedp.WaitVisible(step("qr")+`#qr`)); err != nil {
		return fmt.Errorf("register on the page: %w", err)
	}
	return b.until(`document.querySelector('#qr').complete && document.querySelector('#qr').naturalWidth > 0`)
}

func (b *browser) Screen(context.Context) (image.Image, error) {
	png, err := ask(b, chromedp.CaptureScreenshot())
	if err != nil {
		return nil, fmt.Errorf("phone's screen: %w", err)
	}
	img, _, err := image.Decode(bytes.NewReader(png))
	return img, err
}

// ScanCounter opens the camera on the page, as a citizen does, and waits until
// the phone's own code is for this counter only.
func (b *browser) ScanCounter(_ context.Context, seen image.Image) error {
	film, err := film(seen)
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.camera, film, 0o600); err != nil { // the browser opens it with the camera
		return err
	}
	if err := b.do(chromedp.Click("#look"), chromedp.WaitVisible("#leave")); err != nil {
		told, _ := ask(b, chromedp.Text("#seen"))
		return fmt.Errorf("scan the counter's code on the page, which says %q: %w", told, err)
	}
	return b.until(`document.querySelector('#qr').complete && document.querySelector('#qr').naturalWidth > 0`)
}

func (b *browser) Activate(_ context.Context, code string) error {
	form := step("code")
	if err := b.do(chromedp.WaitVisible(form + `[name="code"]`)); err != nil {
		return fmt.Errorf("code page: %w", err)
	}
	question, err := ask(b, chromedp.Poll[string](`document.querySelector('#question').textContent.endsWith('?') && document.querySelector('#question').textContent`))
	if err != nil {
		return fmt.Errorf("question: %w", err)
	}
	answer, err := sum(question)
	if err != nil {
		return err
	}
	return b.do(
		chromedp.SendKeys(form+`[name="code"]`, code),
		chromedp.SendKeys(form+`[name="answer"]`, answer),
		chromedp.Click(form+`.main`),
		chromedp.WaitVisible(step("pin")+`[name="pin"]`))
}

func (b *browser) ChoosePIN(_ context.Context, pin string) error {
	form := step("pin")
	return b.do(
		chromedp.SendKeys(form+`[name="pin"]`, pin),
		chromedp.SendKeys(form+`[name="again"]`, pin),
		chromedp.Click(form+`.main`),
		chromedp.WaitVisible(`#facts dd`))
}

// drawn is the phone without a browser.
type drawn struct{ address string }

func (d drawn) Close() {}

func (d drawn) Register(ctx context.Context, c citizen) error {
	return d.post(ctx, "/register", map[string]string{"nik": c.NIK, "email": c.Email, "email_again": c.Email, "number": c.Number, "number_again": c.Number}, nil)
}

func (d drawn) Screen(ctx context.Context) (image.Image, error) {
	body, err := get(ctx, d.address+"/screen.png")
	if err != nil {
		return nil, err
	}
	img, _, err := image.Decode(bytes.NewReader(body))
	return img, err
}

func (d drawn) ScanCounter(ctx context.Context, seen image.Image) error {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, seen, &jpeg.Options{Quality: 90}); err != nil {
		return err
	}
	return d.post(ctx, "/counter-picture", map[string][]byte{"picture": b.Bytes()}, nil)
}

func (d drawn) Activate(ctx context.Context, code string) error {
	var q struct{ ID, Question string }
	if err := d.post(ctx, "/captcha", struct{}{}, &q); err != nil {
		return err
	}
	answer, err := sum(q.Question)
	if err != nil {
		return err
	}
	return d.post(ctx, "/activate", map[string]string{"code": code, "captcha": q.ID, "answer": answer}, nil)
}

func (d drawn) ChoosePIN(ctx context.Context, pin string) error {
	return d.post(ctx, "/pin", map[string]string{"pin": pin, "again": pin}, nil)
}

func (d drawn) post(ctx context.Context, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.address+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := send(req)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer, into)
}

func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return send(req)
}

func send(req *http.Request) ([]byte, error) {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", req.URL.Path, resp.Status, body)
	}
	return body, err
}

// phoneState is what a phone says of itself.
type phoneState struct {
	Step         string `json:"step"`
	State        string `json:"state"`
	Registration string `json:"registration"`
}

func stateOf(ctx context.Context, address string) (phoneState, error) {
	body, err := get(ctx, address+"/state")
	if err != nil {
		return phoneState{}, err
	}
	var s phoneState
	return s, json.Unmarshal(body, &s)
}

// sum answers central's question, which asks for a sum in words.
func sum(question string) (string, error) {
	figures := []string{"nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"}
	total, found := 0, 0
	for _, word := range strings.Fields(strings.Trim(strings.ToLower(question), " ?")) {
		if n := slices.Index(figures, word); n >= 0 {
			total, found = total+n, found+1
		}
	}
	if found != 2 {
		return "", fmt.Errorf("a question that is no sum of two: %q", question)
	}
	return fmt.Sprint(total), nil
}
