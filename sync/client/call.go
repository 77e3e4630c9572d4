package client

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"loket/sync/wire"
)

// maxAnswer is the greatest answer: a page of the roster with its photos.
const maxAnswer = 128 << 20

// caller makes requests to one central and tells failures apart.
type caller struct {
	base  string
	http  *http.Client
	roots *x509.CertPool
	now   func() time.Time
	cert  atomic.Pointer[tls.Certificate] // the device's; nil for phones
	time  func(server time.Time)          // told central's clock with every answer; nil for nobody
}

// newCaller trusts these roots alone. cert is the device's, nil for phones.
func newCaller(base string, roots [][]byte, cert *tls.Certificate, now func() time.Time) (*caller, error) {
	pool := x509.NewCertPool()
	for _, der := range roots {
		root, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("central's root: %w", err)
		}
		pool.AddCert(root)
	}
	c := &caller{base: base, roots: pool, now: now}
	conf := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13, Time: now}
	if c.cert.Store(cert); cert != nil {
		conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.cert.Load(), nil }
	}
	c.http = newHTTP(conf)
	return c, nil
}

// newHTTP follows no redirects: central sends none, captive portals do.
func newHTTP(conf *tls.Config) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSClientConfig: conf, TLSHandshakeTimeout: 10 * time.Second,
			ResponseHeaderTimeout: 60 * time.Second, IdleConnTimeout: 60 * time.Second, MaxIdleConnsPerHost: 2,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// call sends in (nil for none) and reads the answer into out.
func (c *caller) call(ctx context.Context, method, path, bearer string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("ask central: %w", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return fmt.Errorf("ask central: %w", err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	if path != wire.PathSessions && path != wire.PathDevices && path != wire.PathPassword && path != wire.PathRenew { // those work once
		req.Header["Idempotency-Key"] = nil // net/http tries again on a connection that went stale; it is not sent
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
		return c.judge(ctx, classify(err))
	}
	defer resp.Body.Close()
	return c.read(resp, out)
}

func (c *caller) read(resp *http.Response, out any) error {
	if f := classifyAnswer(resp); f != nil {
		return f
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return cut(err)
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil && c.time != nil {
		c.time(at)
	}
	if resp.StatusCode != http.StatusOK {
		refused := &wire.Error{Status: resp.StatusCode}
		if err := json.Unmarshal(data, refused); err != nil || refused.Code == "" {
			return &Fault{Server, "status", 0, errors.New(resp.Status)}
		}
		return refused
	}
	if err := json.Unmarshal(data, out); err != nil {
		return &Fault{Server, "status", 0, fmt.Errorf("read answer: %w", err)}
	}
	return nil
}

// judge finds out whose fault an expired certificate is. Whoever answers has
// the key of a certificate of our CA; when it was valid is left aside, and its
// clock is asked: a central that agrees with us about the time has a certificate
// that expired, one that does not says that our clock is wrong.
func (c *caller) judge(ctx context.Context, f *Fault) error {
	if f.Link != TLS || f.Detail != "expired" {
		return f
	}
	conf := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13, VerifyConnection: func(s tls.ConnectionState) error {
		return c.verifyAnyTime(s)
	}}
	client := newHTTP(conf)
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+wire.PathTime, nil)
	if err != nil {
		return f
	}
	resp, err := client.Do(req)
	if err != nil {
		f.Detail = "foreign"
		return f
	}
	defer resp.Body.Close()
	var answer wire.TimeResponse
	if json.NewDecoder(io.LimitReader(resp.Body, 1<<10)).Decode(&answer) != nil {
		return f
	}
	switch d := c.now().Sub(answer.Now); {
	case d > wrongClock:
		f.Link, f.Detail = Clock, "late"
	case d < -wrongClock:
		f.Link, f.Detail = Clock, "early"
	}
	return f
}

// wrongClock is how far the PC's clock may be from central's before it is the
// clock that is wrong.
const wrongClock = time.Minute

// verifyAnyTime verifies a listener's chain at the time when it was made.
func (c *caller) verifyAnyTime(s tls.ConnectionState) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("no certificate")
	}
	leaf, above := s.PeerCertificates[0], x509.NewCertPool()
	for _, cert := range s.PeerCertificates[1:] {
		above.AddCert(cert)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: c.roots, Intermediates: above, DNSName: s.ServerName, CurrentTime: leaf.NotBefore.Add(time.Minute)})
	return err
}

// publicKey is the SPKI of a key.
func publicKey(key crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	return der, nil
}
