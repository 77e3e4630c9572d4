package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"net"
	"net/http"
	"time"

	"loket/assets"
	"loket/scanner/qr"
	"loket/sync/wire"
)

//go:embed page
var page embed.FS

// poll is how often a phone that waits asks central where it stands.
const poll = 2 * time.Second

// maxPost is the greatest body that the page sends: a selfie in base64.
const maxPost = 16 << 20

// serve shows the page until ctx ends. Its one line on stdout says where.
func serve(ctx context.Context, p *Phone, o options, stdout io.Writer) error {
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	scheme := "http"
	if o.https {
		cert, err := pageCertificate(o.data, l.Addr(), time.Now())
		if err != nil {
			return errors.Join(err, l.Close())
		}
		l, scheme = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}), "https"
	}
	handler, err := glass(p, o.selfie)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(stdout, "listening %s://%s\n", scheme, l.Addr())
	go p.watch(ctx)
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		return srv.Close()
	}
}

// watch asks central where the registration stands while there is something to
// wait for.
func (p *Phone) watch(ctx context.Context) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if s := p.Status(); s.Step == StepRegister || s.Step == StepCard || s.Step == StepPIN {
			continue
		}
		if err := p.Refresh(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, errOffline) {
			p.log.Warn("state", "err", err)
		}
	}
}

// glass is the page and what it asks the phone for. selfie is the file that
// stands for the phone's front camera; "" leaves it to the page.
func glass(p *Phone, selfie string) (http.Handler, error) {
	files, err := fs.Sub(page, "page")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	m := http.NewServeMux()
	m.Handle("GET /", http.FileServerFS(files))
	for name, font := range map[string][]byte{"noto.ttf": assets.Regular, "noto-bold.ttf": assets.Bold} {
		m.HandleFunc("GET /"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "font/ttf")
			w.Write(font)
		})
	}
	m.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) { answer(w, p.Status(), nil) })
	m.HandleFunc("GET /qr.png", func(w http.ResponseWriter, _ *http.Request) { picture(w, "image/png", qrPNG, p) })
	m.HandleFunc("GET /qr.svg", func(w http.ResponseWriter, _ *http.Request) { picture(w, "image/svg+xml", qrSVG, p) })
	m.HandleFunc("GET /qr.txt", func(w http.ResponseWriter, _ *http.Request) {
		picture(w, "text/plain", func(p *Phone) ([]byte, error) { c, err := p.Code(); return []byte(c.Text), err }, p)
	})
	m.HandleFunc("GET /screen.png", func(w http.ResponseWriter, _ *http.Request) { picture(w, "image/png", screenPNG, p) })
	do(m, "/register", p, func(ctx context.Context, f Form) (any, error) {
		if len(f.Selfie) == 0 {
			var err error
			if f.Selfie, err = selfieFor(selfie, f.NIK); err != nil {
				return nil, err
			}
		}
		return nil, p.Register(ctx, f)
	})
	do(m, "/refresh", p, func(ctx context.Context, _ struct{}) (any, error) { return nil, p.Refresh(ctx) })
	do(m, "/forget", p, func(context.Context, struct{}) (any, error) { return nil, p.Forget() })
	do(m, "/again", p, func(context.Context, struct{}) (any, error) { p.Again(); return nil, nil })
	do(m, "/captcha", p, func(ctx context.Context, _ struct{}) (any, error) { return p.Captcha(ctx) })
	do(m, "/activate", p, func(ctx context.Context, in struct{ Code, Captcha, Answer string }) (any, error) {
		return nil, p.Activate(ctx, in.Code, in.Captcha, in.Answer)
	})
	do(m, "/pin", p, func(ctx context.Context, in struct{ PIN, Again string }) (any, error) {
		return nil, p.ChoosePIN(ctx, in.PIN, in.Again)
	})
	do(m, "/card", p, func(ctx context.Context, _ struct{}) (any, error) { return p.Card(ctx) })
	do(m, "/counter", p, func(ctx context.Context, in struct{ Text string }) (any, error) {
		if in.Text == "" {
			p.LeaveCounter()
			return nil, nil
		}
		return nil, p.ScanCounter(ctx, in.Text)
	})
	do(m, "/counter-picture", p, func(ctx context.Context, in struct{ Picture []byte }) (any, error) {
		text, err := counterIn(in.Picture)
		if err != nil {
			return nil, err
		}
		return nil, p.ScanCounter(ctx, text)
	})
	look := newFinder(p)
	m.HandleFunc("POST /counter-frame", func(w http.ResponseWriter, r *http.Request) {
		frame, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFrame))
		if err != nil {
			err = errFrame
		}
		var out seenFrame
		if err == nil {
			out, err = look.look(r.Context(), frame, r.URL.Query().Has("first"))
		}
		answer(w, out, err)
	})
	// A page of another site must not press this phone's buttons.
	return http.NewCrossOriginProtection().Handler(m), nil
}

// do makes an endpoint that takes JSON and answers JSON: what f gives, else the
// phone's state.
func do[In any](m *http.ServeMux, path string, p *Phone, f func(context.Context, In) (any, error)) {
	m.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in In
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPost))
		if err == nil && len(bytes.TrimSpace(data)) > 0 {
			err = json.Unmarshal(data, &in)
		}
		if err != nil {
			answer(w, nil, &wire.Error{Status: http.StatusBadRequest, Code: wire.CodeBadRequest, Message: "Isian tidak terbaca.", Next: "Muat ulang halaman."})
			return
		}
		out, err := f(r.Context(), in)
		if out == nil {
			out = p.Status()
		}
		answer(w, out, err)
	})
}

// answer writes JSON: the value, or what the citizen can do about the error.
func answer(w http.ResponseWriter, v any, err error) {
	status := http.StatusOK
	var fault *Fault
	var told *wire.Error
	switch {
	case err == nil:
	case errors.As(err, &fault):
		status, v = http.StatusUnprocessableEntity, fault
	case errors.As(err, &told):
		status, v = max(told.Status, http.StatusBadRequest), told
	case errors.Is(err, errOffline):
		status, v = http.StatusBadGateway, &Fault{Message: "Pusat belum dapat dihubungi.", Next: "Periksa internet, lalu coba lagi."}
	case errors.Is(err, errFrame):
		status, v = http.StatusBadRequest, &Fault{Message: "Gambar kamera tidak terbaca.", Next: "Tutup kamera, lalu buka lagi."}
	case errors.Is(err, errNotRegistered):
		status, v = http.StatusConflict, &Fault{Message: "Ponsel ini belum didaftarkan.", Next: "Isi formulir dulu."}
	default:
		status, v = http.StatusInternalServerError, &Fault{Message: "Ada gangguan di aplikasi.", Next: "Coba lagi sebentar lagi."}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// picture answers with bytes of a kind.
func picture(w http.ResponseWriter, kind string, make func(*Phone) ([]byte, error), p *Phone) {
	data, err := make(p)
	if err != nil {
		answer(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Write(data)
}

// qrPNG is the QR at 10 pixels a module, with its quiet zone.
func qrPNG(p *Phone) ([]byte, error) {
	c, err := p.Code()
	if err != nil {
		return nil, err
	}
	img, err := qr.Encode(c.Text, 10, qr.LevelL)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return b.Bytes(), err
}

// qrSVG is the QR as one path of whole modules, sharp at any size. The lowest
// correction makes the largest modules: on a screen size is what is short.
func qrSVG(p *Phone) ([]byte, error) {
	c, err := p.Code()
	if err != nil {
		return nil, err
	}
	img, err := qr.Encode(c.Text, 1, qr.LevelL)
	if err != nil {
		return nil, err
	}
	side := img.Rect.Dx()
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><rect width="100%%" height="100%%" fill="#fff"/><path fill="#000" d="`, side, side)
	for y := range side {
		for x := 0; x < side; x++ {
			from := x
			for x < side && img.GrayAt(x, y).Y == 0 {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1H%dz", from, y, x-from, from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes(), nil
}
