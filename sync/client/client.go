package client

import (
	"context"
	"crypto"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"loket/sync/wire"
)

// ErrNoSession says that no officer is logged in at central.
var ErrNoSession = errors.New("no officer's session at central")

// Client is an enrolled device. Its methods may be called from any goroutine.
type Client struct {
	at   *atomic.Pointer[caller] // changed by Use, for who is Apart too
	opts Options

	mu      sync.Mutex
	session wire.SessionResponse
}

// Options of a Client.
type Options struct {
	Now  func() time.Time       // time.Now unless given
	Time func(server time.Time) // told central's clock with every answer (whole seconds)
	Via  http.RoundTripper      // takes requests to central; nil is mutual TLS over the network
}

// New makes the client of an enrolment (see Enrol) with the device's key.
func New(d wire.DeviceResponse, device crypto.Signer, o Options) (*Client, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Client{at: &atomic.Pointer[caller]{}, opts: o}
	if err := c.dial(d, device); err != nil {
		return nil, err
	}
	return c, nil
}

// dial has the next calls go to this enrolment's central.
func (c *Client) dial(d wire.DeviceResponse, device crypto.Signer) error {
	to, err := newCaller(d.CountersURL, d.Roots, &tls.Certificate{Certificate: d.TLS, PrivateKey: device}, c.opts.Now)
	if err != nil {
		return err
	}
	to.time = c.opts.Time
	if c.opts.Via != nil {
		to.http.Transport = c.opts.Via
	}
	c.at.Store(to)
	return nil
}

// c is the caller of this moment.
func (c *Client) c() *caller { return c.at.Load() }

// Close closes idle connections.
func (c *Client) Close() { c.c().http.CloseIdleConnections() }

// Apart is the same device for another officer: it shares the line and has a
// session of its own. A supervisor who logs in for the first time while an
// officer serves does so apart.
func (c *Client) Apart() *Client { return &Client{at: c.at, opts: c.opts} }

// Session is the officer's session at central; ok is false where there is none
// that is still good.
func (c *Client) Session() (s wire.SessionResponse, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session, c.session.Token != "" && c.c().now().Before(c.session.Expires)
}

// LogOut forgets the session.
func (c *Client) LogOut() { c.setSession(wire.SessionResponse{}) }

func (c *Client) setSession(s wire.SessionResponse) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = s
}

// LogIn opens a session by password. While MustChange is set it only serves for
// ChangePassword.
func (c *Client) LogIn(ctx context.Context, officer, password string) (wire.SessionResponse, error) {
	return c.logIn(ctx, wire.SessionRequest{Officer: officer, Password: password})
}

// LogInSigned opens a session by the officer's certified key, which a PIN has
// opened here (vault.Session.Signer).
func (c *Client) LogInSigned(ctx context.Context, officer string, key crypto.Signer) (wire.SessionResponse, error) {
	r, err := wire.SignRequest(wire.PurposeSession, &wire.Ask{Subject: officer}, c.c().now(), key)
	if err != nil {
		return wire.SessionResponse{}, err
	}
	return c.logIn(ctx, wire.SessionRequest{Officer: officer, Signed: r.Message})
}

func (c *Client) logIn(ctx context.Context, in wire.SessionRequest) (wire.SessionResponse, error) {
	var s wire.SessionResponse
	if err := c.c().call(ctx, http.MethodPost, wire.PathSessions, "", in, &s); err != nil {
		return wire.SessionResponse{}, fmt.Errorf("log in: %w", err)
	}
	c.setSession(s)
	return s, nil
}

// ChangePassword changes the password of the officer who is logged in.
func (c *Client) ChangePassword(ctx context.Context, old, fresh string) (wire.SessionResponse, error) {
	var s wire.SessionResponse
	if err := c.officer(ctx, http.MethodPost, wire.PathPassword, wire.PasswordRequest{Old: old, New: fresh}, &s); err != nil {
		return wire.SessionResponse{}, fmt.Errorf("change password: %w", err)
	}
	c.setSession(s)
	return s, nil
}

// CertifyOfficer gets the certificate of the officer's key at this device. It
// has the form that vault.Enrol wants.
func (c *Client) CertifyOfficer(ctx context.Context, key crypto.PublicKey) (certificate []byte, notAfter time.Time, err error) {
	spki, err := publicKey(key)
	if err != nil {
		return nil, time.Time{}, err
	}
	var out wire.CertificateResponse
	if err := c.officer(ctx, http.MethodPost, wire.PathCertificates, wire.CertificateRequest{Key: spki}, &out); err != nil {
		return nil, time.Time{}, fmt.Errorf("certify officer: %w", err)
	}
	return out.Certificate, out.NotAfter, nil
}

// Record asks for the enrolled record of whoever made a presentation (the raw
// COSE message). audience is nil unless the phone scanned the counter's code.
func (c *Client) Record(ctx context.Context, presentation, audience []byte) (wire.RecordResponse, error) {
	var out wire.RecordResponse
	err := c.officer(ctx, http.MethodPost, wire.PathRecords, wire.RecordRequest{Presentation: presentation, Audience: audience}, &out)
	if err != nil {
		return wire.RecordResponse{}, fmt.Errorf("record: %w", err)
	}
	return out, nil
}

// Lookup finds the registration whose code and NIK were typed.
func (c *Client) Lookup(ctx context.Context, code, nik string) (wire.LookupResponse, error) {
	var out wire.LookupResponse
	if err := c.officer(ctx, http.MethodPost, wire.PathLookup, wire.LookupRequest{Code: code, NIK: nik}, &out); err != nil {
		return wire.LookupResponse{}, fmt.Errorf("look up registration: %w", err)
	}
	return out, nil
}

// TypedRecord is Record for a registration whose code and NIK were typed.
func (c *Client) TypedRecord(ctx context.Context, code, nik string) (wire.RecordResponse, error) {
	var out wire.RecordResponse
	if err := c.officer(ctx, http.MethodPost, wire.PathRecords, wire.RecordRequest{Code: code, NIK: nik}, &out); err != nil {
		return wire.RecordResponse{}, fmt.Errorf("record: %w", err)
	}
	return out, nil
}

// Roster asks for a page of an area's records after a cursor ("" for the first).
func (c *Client) Roster(ctx context.Context, area, after string) (wire.RosterResponse, error) {
	var out wire.RosterResponse
	q := url.Values{"area": {area}, "after": {after}}
	if err := c.officer(ctx, http.MethodGet, wire.PathRoster+"?"+q.Encode(), nil, &out); err != nil {
		return wire.RosterResponse{}, fmt.Errorf("roster: %w", err)
	}
	return out, nil
}

// Events asks what happened to this device's packets after a cursor.
func (c *Client) Events(ctx context.Context, after int64) (wire.EventsResponse, error) {
	var out wire.EventsResponse
	if err := c.officer(ctx, http.MethodGet, wire.PathEvents+"?after="+strconv.FormatInt(after, 10), nil, &out); err != nil {
		return wire.EventsResponse{}, fmt.Errorf("events: %w", err)
	}
	return out, nil
}

// officer is a call in the officer's session. A session that central no longer
// knows is forgotten.
func (c *Client) officer(ctx context.Context, method, path string, in, out any) error {
	s, ok := c.Session()
	if !ok {
		return ErrNoSession
	}
	err := c.c().call(ctx, method, path, s.Token, in, out)
	var refused *wire.Error
	if errors.As(err, &refused) && refused.Code == wire.CodeSession {
		c.forget(s.Token)
		return fmt.Errorf("%w: %w", ErrNoSession, err)
	}
	return err
}

// forget drops a session unless another has begun meanwhile.
func (c *Client) forget(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.Token == token {
		c.session = wire.SessionResponse{}
	}
}

// Packets hands in a batch of up to wire.MaxBatch.
func (c *Client) Packets(ctx context.Context, bodies [][]byte) (wire.PacketsResponse, error) {
	var out wire.PacketsResponse
	if err := c.c().call(ctx, http.MethodPost, wire.PathPackets, "", wire.PacketsRequest{Packets: bodies}, &out); err != nil {
		return wire.PacketsResponse{}, fmt.Errorf("packets: %w", err)
	}
	if len(out.Results) != len(bodies) {
		return wire.PacketsResponse{}, &Fault{Server, "status", 0, fmt.Errorf("%d results for %d packets", len(out.Results), len(bodies))}
	}
	return out, nil
}

// Trust and Policy fetch what the root signed; the caller opens and keeps it.
func (c *Client) Trust(ctx context.Context) ([]byte, error) { return c.signed(ctx, wire.PathTrust) }

// Policy fetches the signed policy.
func (c *Client) Policy(ctx context.Context) ([]byte, error) { return c.signed(ctx, wire.PathPolicy) }

func (c *Client) signed(ctx context.Context, path string) ([]byte, error) {
	var out wire.Signed
	if err := c.c().call(ctx, http.MethodGet, path, "", nil, &out); err != nil {
		return nil, fmt.Errorf("fetch %s: %w", path, err)
	}
	return out.Message, nil
}

// Head hands in the head of the audit log; HeldHead asks which central holds.
func (c *Client) Head(ctx context.Context, in wire.HeadRequest) (wire.HeadResponse, error) {
	var out wire.HeadResponse
	if err := c.c().call(ctx, http.MethodPost, wire.PathHeads, "", in, &out); err != nil {
		return wire.HeadResponse{}, fmt.Errorf("head: %w", err)
	}
	return out, nil
}

// HeldHead is the head that central holds of this device.
func (c *Client) HeldHead(ctx context.Context) (wire.HeadResponse, error) {
	var out wire.HeadResponse
	if err := c.c().call(ctx, http.MethodGet, wire.PathHeads, "", nil, &out); err != nil {
		return wire.HeadResponse{}, fmt.Errorf("held head: %w", err)
	}
	return out, nil
}

// Seen asks whether another counter scanned this presentation before. Give ctx
// 300 ms: the scan never waits for it.
func (c *Client) Seen(ctx context.Context, cti [16]byte) (wire.SeenResponse, error) {
	var out wire.SeenResponse
	if err := c.c().call(ctx, http.MethodPost, wire.PathSeen, "", wire.SeenRequest{Cti: cti[:]}, &out); err != nil {
		return wire.SeenResponse{}, fmt.Errorf("seen: %w", err)
	}
	return out, nil
}

// Time asks central's clock: the cheapest way to see whether the line is good.
func (c *Client) Time(ctx context.Context) (time.Time, error) {
	var out wire.TimeResponse
	if err := c.c().call(ctx, http.MethodGet, wire.PathTime, "", nil, &out); err != nil {
		return time.Time{}, fmt.Errorf("time: %w", err)
	}
	return out.Now, nil
}
