package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"syscall"
)

// line is the way from a van to central, in process: it takes the place of
// mutual TLS over a mobile network, and loses what it is told to.
type line struct {
	w     *world
	certs []*x509.Certificate
	down  bool
	loss  float64 // of each request: before it, within it, after it
}

// RoundTrip implements http.RoundTripper. Of a request that is lost, central has
// seen nothing, half, or all; the van can't tell which.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.down {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ENETUNREACH}
	}
	r.TLS = &tls.ConnectionState{HandshakeComplete: true, PeerCertificates: l.certs}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if l.loss == 0 || !l.w.chance(l.loss) {
		return l.w.post(l.w.counters, r), nil
	}
	cut := l.w.dice.IntN(4)
	l.w.tally.LostRequests++
	switch cut {
	case 0: // never left
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case 1: // half of it arrived
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), cutOff{}))
		l.w.post(l.w.counters, r)
	case 2: // all of it arrived, the answer did not
		l.w.post(l.w.counters, r)
		l.w.tally.LostAnswers++
	case 3: // the answer broke off
		resp := l.w.post(l.w.counters, r)
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), cutOff{}))
		l.w.tally.LostAnswers++
		return resp, nil
	}
	return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

// cutOff is a connection that ended within a message.
type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
