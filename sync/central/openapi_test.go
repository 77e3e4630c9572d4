package central_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"loket/sync/central"
	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

func document(t *testing.T) (*openapi3.T, routers.Router) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(central.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return doc, router
}

func TestEveryRouteIsInTheDocument(t *testing.T) {
	doc, _ := document(t)
	s := central.NewServer(nil, nil, nil)
	served := map[central.Route][]string{}
	for _, r := range s.CounterRoutes() {
		served[r] = append(served[r], "counters")
	}
	for _, r := range s.PhoneRoutes() {
		served[r] = append(served[r], "phones")
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			r := central.Route{Method: method, Path: path}
			want := op.Tags
			if slices.Equal(want, []string{"both"}) {
				want = []string{"counters", "phones"}
			}
			if !slices.Equal(served[r], want) {
				t.Errorf("%s %s is served to %v, the document says %v", method, path, served[r], want)
			}
			delete(served, r)
		}
	}
	for r := range served {
		t.Errorf("%s %s is not in the document", r.Method, r.Path)
	}
}

// checked is a transport that holds every request and answer against the document.
type checked struct {
	t      *testing.T
	router routers.Router
	next   http.RoundTripper
	seen   map[string]int // operation and status
}

func (c *checked) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		c.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		return c.next.RoundTrip(r)
	}
	opts := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: opts}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
		c.t.Errorf("%s %s: request: %v", r.Method, r.URL.Path, err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Options: opts}
	out.SetBodyBytes(answer)
	if err := openapi3filter.ValidateResponse(r.Context(), out); err != nil {
		c.t.Errorf("%s %s: answer %d: %v", r.Method, r.URL.Path, resp.StatusCode, err)
	}
	c.seen[route.Operation.OperationID]++
	return resp, nil
}

// TestAnswersAreAsDocumented takes a citizen through every endpoint, with each
// request and answer held against the document.
func TestAnswersAreAsDocumented(t *testing.T) {
	doc, router := document(t)
	c := centraltest.Start(t)
	c.Records(sample(nik))
	k := c.Counter("petugas-1", wire.RoleOfficer)
	first := c.Officer("petugas-2", "BUDI CONTOH", wire.RoleOfficer)
	p := c.Phone()
	root, err := x509.ParseCertificate(k.Device.Roots[0])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(root)
	check := &checked{t: t, router: router, seen: map[string]int{}, next: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool,
		Certificates: []tls.Certificate{{Certificate: k.Device.TLS, PrivateKey: k.Key}}}}}
	browser := &http.Client{Transport: check}
	ask := func(base, method, path, bearer string, in, out any, want int) {
		t.Helper()
		data, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), method, base+path, bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if bearer != "" {
			req.Header.Set("Authorization", "Bearer "+bearer)
		}
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s %s: status %d, want %d", method, path, resp.StatusCode, want)
		}
		if out != nil && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
			if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
				t.Errorf("%s %s: %v", method, path, err)
			}
		}
	}
	signed := func(purpose wire.Purpose, body wire.Asking, key ed25519.PrivateKey) wire.Request {
		t.Helper()
		r, err := wire.SignRequest(purpose, body, time.Now(), key)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	_, device, _ := ed25519.GenerateKey(nil)
	ask(c.Counters, "POST", wire.PathDevices, "", wire.DeviceRequest{Code: c.DeviceCode("Loket 2").SecretText(), Key: centraltest.SPKI(t, device.Public()),
		Proof: signed(wire.PurposeDevice, &wire.Ask{}, device).Message}, nil, 200)
	var s wire.SessionResponse
	ask(c.Counters, "POST", wire.PathSessions, "", wire.SessionRequest{Officer: "petugas-2", Password: "salah"}, nil, 401)
	ask(c.Counters, "POST", wire.PathSessions, "", wire.SessionRequest{Officer: "petugas-2", Password: first}, &s, 200)
	ask(c.Counters, "GET", wire.PathEvents+"?after=0", s.Token, nil, nil, 403)
	ask(c.Counters, "POST", wire.PathPassword, s.Token, wire.PasswordRequest{Old: first, New: centraltest.Password}, &s, 200)
	ask(c.Counters, "POST", wire.PathCertificates, s.Token, wire.CertificateRequest{Key: centraltest.SPKI(t, device.Public())}, nil, 200)
	ask(c.Phones, "POST", wire.PathRegistrations, "", signed(wire.PurposeRegistration,
		&wire.Registration{NIK: nik, Email: "sri@contoh.id", Number: "081234567890", Selfie: centraltest.JPEG(), Key: p.SPKI()}, p.Key), &p.Registration, 200)
	ask(c.Counters, "POST", wire.PathRecords, s.Token, wire.RecordRequest{Presentation: p.Present()}, nil, 200)
	ask(c.Counters, "POST", wire.PathRecords, s.Token, wire.RecordRequest{Presentation: []byte("x")}, nil, 422)
	ask(c.Counters, "POST", wire.PathLookup, s.Token, wire.LookupRequest{Code: p.Registration.Code, NIK: nik}, nil, 200)
	ask(c.Counters, "POST", wire.PathLookup, s.Token, wire.LookupRequest{Code: p.Registration.Code, NIK: "1702124505920098"}, nil, 404)
	ask(c.Counters, "POST", wire.PathLookup, s.Token, wire.LookupRequest{Code: "1", NIK: nik}, nil, 400)
	ask(c.Counters, "POST", wire.PathRecords, s.Token, wire.RecordRequest{Code: p.Registration.Code, NIK: nik}, nil, 200)
	ask(c.Counters, "GET", wire.PathRoster+"?area=17.02.12", s.Token, nil, nil, 200)
	ask(c.Counters, "GET", wire.PathRoster+"?area=31.71", s.Token, nil, nil, 403)
	ask(c.Counters, "GET", wire.PathAreas, s.Token, nil, nil, 200)
	ask(c.Counters, "GET", wire.PathAreas, "", nil, nil, 401)
	ask(c.Counters, "GET", wire.PathPolicy, "", nil, nil, 200)
	ask(c.Counters, "POST", wire.PathSeen, "", wire.SeenRequest{Cti: make([]byte, 16)}, nil, 200)
	ask(c.Counters, "GET", wire.PathHeads, "", nil, nil, 200)
	head, err := wire.SignHead(wire.Head{Device: k.Device.Device, Epoch: 1, Size: 1, At: time.Now()}, k.Key)
	if err != nil {
		t.Fatal(err)
	}
	ask(c.Counters, "POST", wire.PathHeads, "", wire.HeadRequest{Head: head}, nil, 200)
	ask(c.Counters, "POST", wire.PathPackets, "", wire.PacketsRequest{Packets: [][]byte{k.Seal(k.Approval(p), nil).Bytes, []byte("not a packet")}}, nil, 200)
	secret := c.AwaitMail(0).Code()
	var q wire.CaptchaResponse
	ask(c.Phones, "POST", wire.PathCaptchas, "", struct{}{}, &q, 200)
	ask(c.Phones, "POST", wire.PathCard, "", signed(wire.PurposeCard, ref(p.Subject()), p.Key), nil, 409)
	ask(c.Phones, "POST", wire.PathActivations, "", signed(wire.PurposeActivation,
		&wire.Activation{Ask: p.Subject(), Code: secret, Captcha: q.ID, Answer: centraltest.Answer(q.Question)}, p.Key), nil, 200)
	ask(c.Phones, "POST", wire.PathPIN, "", signed(wire.PurposePIN, &wire.PIN{Ask: p.Subject(), PIN: "258025"}, p.Key), nil, 200)
	ask(c.Phones, "POST", wire.PathCard, "", signed(wire.PurposeCard, ref(p.Subject()), p.Key), nil, 200)
	ask(c.Phones, "POST", wire.PathState, "", signed(wire.PurposeState, ref(p.Subject()), p.Key), nil, 200)
	ask(c.Counters, "GET", wire.PathEvents+"?after=0", s.Token, nil, nil, 200)
	askSeconds(t, c, k, p, ask)
	for _, base := range []string{c.Counters, c.Phones} {
		ask(base, "GET", wire.PathTime, "", nil, nil, 200)
		ask(base, "GET", wire.PathTrust, "", nil, nil, 200)
		ask(base, "GET", wire.PathOpenAPI, "", nil, nil, 200)
	}
	ask(c.Phones, "GET", "/aktivasi", "", nil, nil, 200)
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if check.seen[op.OperationID] == 0 {
				t.Errorf("%s was not called", op.OperationID)
			}
		}
	}
}

// askSeconds goes through the endpoints of a second pair of eyes and of a
// device's renewal.
func askSeconds(t *testing.T, c *centraltest.Central, k *centraltest.Counter, p *centraltest.Phone, ask func(base, method, path, bearer string, in, out any, want int)) {
	t.Helper()
	// An officer and a supervisor, both at the device whose certificate speaks.
	session := func(id, role string) (s wire.SessionResponse) {
		first := c.Officer(id, "PETUGAS CONTOH", role)
		ask(c.Counters, "POST", wire.PathSessions, "", wire.SessionRequest{Officer: id, Password: first}, &s, 200)
		ask(c.Counters, "POST", wire.PathPassword, s.Token, wire.PasswordRequest{Old: first, New: centraltest.Password}, &s, 200)
		return s
	}
	officer, boss := session("petugas-3", wire.RoleOfficer), session("kasi-3", wire.RoleSupervisor)
	second := doubtful(k, p)
	second.Decision.Officer = "petugas-3"
	id := second.Decision.Packet.String()
	ask(c.Counters, "POST", wire.PathSeconds, officer.Token, wire.SecondRequest{Packet: id, Sealed: sealed(t, k, second)}, nil, 200)
	ask(c.Counters, "GET", wire.PathSecondState+"?packet="+id, officer.Token, nil, nil, 200)
	ask(c.Counters, "GET", wire.PathReviews, boss.Token, nil, nil, 200)
	ask(c.Counters, "GET", wire.PathReviews, officer.Token, nil, nil, 403)
	ask(c.Counters, "POST", wire.PathReviewLook, boss.Token, wire.SecondRef{Device: k.Device.Device, Packet: id}, nil, 200)
	ask(c.Counters, "POST", wire.PathSecondAnswer, boss.Token, wire.SecondAnswer{Device: k.Device.Device, Packet: id, Reason: "FOTO_TIDAK_MEMADAI"}, nil, 200)
	ask(c.Counters, "POST", wire.PathSecondWithdraw, officer.Token, wire.SecondRef{Packet: id}, nil, 200)
	again := k.Approval(p) // its code came before: held
	var sent wire.PacketsResponse
	for range 2 {
		again.Packet = wire.NewPacketID()
		ask(c.Counters, "POST", wire.PathPackets, "", wire.PacketsRequest{Packets: [][]byte{k.Seal(again, nil).Bytes}}, &sent, 200)
	}
	ask(c.Counters, "GET", wire.PathReviews, boss.Token, nil, nil, 200)
	ask(c.Counters, "POST", wire.PathHeldSettle, boss.Token, wire.HeldSettle{Device: k.Device.Device, Packet: sent.Results[0].Packet}, nil, 200)
	msg, err := wire.SignRenewal(k.Device.Device, time.Now(), k.Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	ask(c.Counters, "POST", wire.PathRenew, "", wire.RenewRequest{Message: msg}, nil, 200)
	ask(c.Counters, "POST", wire.PathRenew, "", wire.RenewRequest{Message: msg}, nil, 409)
}

func ref(a wire.Ask) *wire.Ask { return &a }

// The control: the check fails when an answer is not as the document says.
func TestCheckOfAnswersFails(t *testing.T) {
	_, router := document(t)
	req, err := http.NewRequest("GET", "https://central.contoh.id"+wire.PathTime, nil)
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(req)
	if err != nil {
		t.Fatal(err)
	}
	for body, good := range map[string]bool{`{"now":"2026-07-01T00:00:00Z"}`: true, `{"now":1}`: false, `{}`: false, `{"now":"2026-07-01T00:00:00Z","more":1}`: false} {
		out := &openapi3filter.ResponseValidationInput{RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
			Status: 200, Header: http.Header{"Content-Type": {"application/json"}}}
		out.SetBodyBytes([]byte(body))
		if err := openapi3filter.ValidateResponse(context.Background(), out); (err == nil) != good {
			t.Errorf("%s: %v, want good %t", body, err, good)
		}
	}
}
