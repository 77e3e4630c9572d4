package central

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"loket/sync/wire"
)

// OpenAPI is the document of every endpoint.
//
//go:embed openapi.yaml
var OpenAPI []byte

// The greatest bodies of requests: a counter's is a batch of packets in base64,
// a phone's a registration, whose selfie is in base64 twice.
const (
	maxCounterBody = 64 << 20
	maxPhoneBody   = 6 << 20
)

const pathExplain = "/aktivasi"

//go:embed explain.html
var explain []byte

// Route is one endpoint, as the OpenAPI document has it too.
type Route struct{ Method, Path string }

// mux is a ServeMux that remembers its routes and answers JSON for the rest.
type mux struct {
	http.ServeMux
	routes []Route
}

func (m *mux) handle(method, path string, h http.Handler) {
	m.routes = append(m.routes, Route{method, path})
	m.Handle(method+" "+path, h)
}

// CounterRoutes and PhoneRoutes are the endpoints of the two listeners.
func (s *Server) CounterRoutes() []Route { return s.counterMux().routes }

// PhoneRoutes are the endpoints for phones.
func (s *Server) PhoneRoutes() []Route { return s.phoneMux().routes }

// Counters answers counters; Phones answers phones.
func (s *Server) Counters() http.Handler { return s.guard(maxCounterBody, s.counterMux()) }

// Phones answers phones.
func (s *Server) Phones() http.Handler { return s.guard(maxPhoneBody, s.phoneMux()) }

// guard bounds bodies and turns a panic into central's own fault.
func (s *Server) guard(maxBody int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("panic", "path", r.URL.Path, "panic", fmt.Sprint(p))
				s.answer(w, r, nil, fault(wire.CodeServer))
			}
		}()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// common adds what both listeners answer.
func (s *Server) common(m *mux) {
	m.handle("GET", wire.PathTime, call(s, func(context.Context, none) (wire.TimeResponse, error) {
		return wire.TimeResponse{Now: s.now().UTC()}, nil
	}))
	m.handle("GET", wire.PathTrust, call(s, func(ctx context.Context, _ none) (wire.Signed, error) {
		msg, err := s.Trust(ctx)
		return wire.Signed{Message: msg}, err
	}))
	m.handle("GET", wire.PathOpenAPI, file("application/yaml", OpenAPI))
	m.Handle("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, nil, fault(codeNotFound)) }))
}

func (s *Server) phoneMux() *mux {
	m := &mux{}
	s.common(m)
	m.handle("GET", pathExplain, file("text/html; charset=utf-8", explain))
	m.handle("POST", wire.PathRegistrations, call(s, s.signedRegistration))
	m.handle("POST", wire.PathCaptchas, call(s, func(ctx context.Context, _ none) (wire.CaptchaResponse, error) { return s.newCaptcha(ctx) }))
	m.handle("POST", wire.PathActivations, call(s, s.activate))
	m.handle("POST", wire.PathPIN, call(s, func(ctx context.Context, r wire.Request) (wire.StateResponse, error) {
		defer s.takeTurn()()
		return s.choosePIN(ctx, r)
	}))
	m.handle("POST", wire.PathCard, call(s, s.card))
	m.handle("POST", wire.PathState, call(s, s.progress))
	return m
}

// takeTurn waits for one of the places for slow hashes and gives it back.
func (s *Server) takeTurn() func() {
	s.slow <- struct{}{}
	return func() { <-s.slow }
}

func file(kind string, data []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Write(data)
	})
}

// none is the body of a request without one.
type none struct{}

// call makes a handler of a function from one JSON body to another.
func call[In, Out any](s *Server, f func(context.Context, In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in In
		if _, empty := any(in).(none); !empty {
			body, err := readAll(r)
			if err == nil {
				err = readJSON(body, &in)
			}
			if err != nil {
				s.answer(w, r, nil, fault(wire.CodeBadRequest))
				return
			}
		}
		out, err := f(r.Context(), in)
		s.answer(w, r, out, err)
	})
}

// maxAhead is how much is allocated for a body that only announced its length.
const maxAhead = 8 << 20

// readAll reads a body into a buffer of the length that it announced: growing
// one would copy a batch of packets a dozen times.
func readAll(r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(max(r.ContentLength, 0), maxAhead)) + bytes.MinRead)
	_, err := b.ReadFrom(r.Body)
	return b.Bytes(), err
}

// readJSON reads one JSON value and nothing behind it.
func readJSON(data []byte, v any) error {
	if own, ok := v.(interface{ ReadJSON([]byte) error }); ok {
		return own.ReadJSON(data)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	return nil
}

// answer writes a result or an error; the cause of central's own faults is
// logged and not told.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, out any, err error) {
	status := http.StatusOK
	if err != nil {
		var known *wire.Error
		if !errors.As(err, &known) {
			if r.Context().Err() == nil {
				s.log.Error("request", "path", r.URL.Path, slog.Any("err", err))
			}
			code := wire.CodeServer
			if isFull(err) {
				code = wire.CodeFull
			}
			errors.As(fault(code), &known)
		}
		if known.Status == http.StatusServiceUnavailable || known.Status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "5")
		}
		status, out = known.Status, known
	}
	body, err := json.Marshal(out)
	if err != nil {
		s.log.Error("answer", "path", r.URL.Path, slog.Any("err", err))
		status, body = http.StatusInternalServerError, []byte(`{"code":"server","message":"","next":""}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}

// bearer is the token of an Authorization header.
func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}
