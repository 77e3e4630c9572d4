package client_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/client"
	"loket/sync/wire"
)

// place is a server with a certificate of a root of its own.
type place struct {
	url    string
	root   []byte
	server *httptest.Server
}

// serve answers with h; its certificate is good from and until.
func serve(t *testing.T, from, until time.Time, h http.HandlerFunc) place {
	t.Helper()
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotBefore: from.Add(-time.Hour), NotAfter: until.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	root, err := x509.CreateCertificate(rand.Reader, ca, ca, public, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: until, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, public, key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(s.Close)
	return place{s.URL, root, s}
}

// at makes a client of a place.
func at(t *testing.T, url string, root []byte, now func() time.Time) *client.Client {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(wire.DeviceResponse{CountersURL: url, Roots: [][]byte{root}}, key, client.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// TestMain keeps this machine's proxy and name servers out: what they answer
// is theirs, not the client's.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		os.Unsetenv(name)
	}
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go nameServer(server)
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	os.Exit(m.Run())
}

// nameServer answers NXDOMAIN to all names but here.invalid, which is this machine (RFC 1035, section 4.1).
func nameServer(conn net.PacketConn) {
	question := make([]byte, 512)
	for {
		n, from, err := conn.ReadFrom(question)
		if err != nil {
			return
		}
		if n < 12 {
			continue
		}
		answer := append([]byte{}, question[:n]...)
		answer[2], answer[3] = 0x81, 0x83
		if bytes.Contains(question, []byte("unreachable")) {
			answer[3] = 0x82 // SERVFAIL: it can't ask any further
		}
		copy(answer[6:12], make([]byte, 6)) // no answer, authority or additional record
		if at := bytes.IndexByte(answer[12:], 0); at >= 0 {
			answer = answer[:min(n, 12+at+5)]
		}
		if bytes.Contains(question[:n], []byte("here")) {
			if answer[3] = 0x80; answer[len(answer)-3] == 1 {
				answer[7] = 1
				answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1)
			}
		}
		_, _ = conn.WriteTo(answer, from) // the client asks again
	}
}

func TestEachCauseHasItsName(t *testing.T) {
	now := time.Now()
	day := 24 * time.Hour
	good := func(h http.HandlerFunc) place { return serve(t, now.Add(-day), now.Add(day), h) }
	clock := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(wire.TimeResponse{Now: now})
	}
	answer := func(status int, kind, header, value, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			if header != "" {
				w.Header().Set(header, value)
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	plain := httptest.NewServer(answer(200, "text/html", "", "", "<html>login</html>"))
	t.Cleanup(plain.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	release := make(chan struct{})
	silent := good(func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	shifted := func(d time.Duration) func() time.Time { return func() time.Time { return now.Add(d) } }
	fine, other := good(clock), good(clock)
	old := serve(t, now.Add(-3*day), now.Add(-2*day), clock)
	tests := []struct {
		name   string
		place  place
		now    func() time.Time
		link   client.Link
		detail string
	}{
		{"all is well", fine, nil, client.Online, ""},
		{"nobody listens", place{"https://" + closed.Addr().String(), fine.root, nil}, nil, client.Offline, "refused"},
		{"name not found", place{"https://central.invalid:8443", fine.root, nil}, nil, client.Offline, "name"},
		{"no name server that knows more", place{"https://unreachable.invalid:8443", fine.root, nil}, nil, client.Offline, "route"},
		{"no answer", silent, nil, client.Offline, "timeout"},
		{"another's certificate", place{fine.url, other.root, nil}, nil, client.TLS, "foreign"},
		{"a certificate for another name", place{strings.Replace(fine.url, "127.0.0.1", "here.invalid", 1), fine.root, nil}, nil, client.TLS, "foreign"},
		{"expired certificate", old, nil, client.TLS, "expired"},
		{"expired certificate of another", place{old.url, other.root, nil}, nil, client.TLS, "foreign"},
		{"this clock is late", fine, shifted(3 * day), client.Clock, "late"},
		{"this clock is early", fine, shifted(-3 * day), client.Clock, "early"},
		{"plain HTTP on the port", place{"https" + strings.TrimPrefix(plain.URL, "http"), fine.root, nil}, nil, client.Portal, "html"},
		{"redirect to a login page", good(answer(302, "text/html", "Location", "http://hotspot.example/", "")), nil, client.Portal, "status"},
		{"network authentication required", good(answer(511, "text/html", "", "", "")), nil, client.Portal, "status"},
		{"a page instead of an answer", good(answer(200, "text/html", "", "", "<html>")), nil, client.Portal, "html"},
		{"too many", good(answer(503, "application/json", "Retry-After", "7", `{"code":"busy"}`)), nil, client.Busy, "status"},
		{"a proxy that limits", good(answer(429, "text/plain", "", "", "slow down")), nil, client.Busy, "status"},
		{"a fault of its own", good(answer(500, "application/json", "", "", `{"code":"server"}`)), nil, client.Server, "status"},
		{"its disk is full", good(answer(507, "application/json", "", "", `{"code":"full"}`)), nil, client.Server, "full"},
		{"a gateway without a server", good(answer(502, "text/html", "", "", "bad gateway")), nil, client.Server, "status"},
		{"an answer that is no JSON", good(answer(200, "application/json", "", "", "oh")), nil, client.Server, "status"},
		{"an answer that is cut off", good(answer(200, "application/json", "Content-Length", "999", "{")), nil, client.Offline, "closed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.now == nil {
				tt.now = shifted(0)
			}
			limit := 2 * time.Minute
			if tt.detail == "timeout" {
				limit = 200 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			_, err := at(t, tt.place.url, tt.place.root, tt.now).Time(ctx)
			if got := client.LinkOf(err); got != tt.link {
				t.Errorf("link %s, want %s: %v", got, tt.link, err)
			}
			if got := detail(err); got != tt.detail {
				t.Errorf("detail %q, want %q: %v", got, tt.detail, err)
			}
		})
	}
}

func TestRevokedDevice(t *testing.T) {
	c := centraltest.Start(t)
	k := c.Counter("petugas-1", wire.RoleOfficer)
	if _, err := k.Client.Policy(t.Context()); client.LinkOf(err) != client.Online {
		t.Fatalf("before: %v", err)
	}
	if err := c.Home.RevokeDevice(t.Context(), k.Device.Device); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Client.Policy(t.Context()); client.LinkOf(err) != client.Revoked {
		t.Errorf("after: %v", err)
	}
	stranger := at(t, c.Counters, k.Device.Roots[0], time.Now)
	if _, err := stranger.Policy(t.Context()); client.LinkOf(err) != client.Revoked {
		t.Errorf("a PC without a certificate: %v", err)
	}
}

// Without the header that lets net/http try again, 21 of 40 runs of this test
// failed with EOF.
func TestStaleConnectionIsNoFault(t *testing.T) {
	now := time.Now()
	p := serve(t, now.Add(-time.Hour), now.Add(time.Hour), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"results":[{"result":"accepted"}],"seen":false}`)
	})
	c := at(t, p.url, p.root, time.Now)
	for range 3 {
		if _, err := c.Packets(t.Context(), [][]byte{{1}}); err != nil {
			t.Error(err)
		}
		p.server.CloseClientConnections()
	}
}
