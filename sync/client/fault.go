package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"loket/sync/wire"
)

// Link is the state of the line to central: a cause, never a guess.
type Link string

const (
	Online    Link = "online"
	Sending   Link = "sending"
	Offline   Link = "offline"   // no route, no name, connection refused, no answer
	Portal    Link = "portal"    // a captive portal answers
	TLS       Link = "tls"       // what answers is not our central, or its certificate has expired
	Clock     Link = "clock"     // this PC's clock is wrong
	Revoked   Link = "revoked"   // central does not know this device, or no longer
	Busy      Link = "busy"      // central asks to come later
	Server    Link = "server"    // central's own fault
	Unchecked Link = "unchecked" // not tried yet
)

// Fault is a request that central did not answer. Errors that central answered
// with are *wire.Error, and Link tells those that concern the line too.
type Fault struct {
	Link   Link
	Detail string        // finer: name, refused, route, timeout, closed, foreign, expired, early, late, html, status, full
	After  time.Duration // busy: not before this has passed
	Err    error
}

func (f *Fault) Error() string {
	return "central: " + string(f.Link) + " (" + f.Detail + "): " + f.Err.Error()
}

func (f *Fault) Unwrap() error { return f.Err }

// LinkOf is what an error of this package says of the line: Online for nil and
// for refusals that central gave in its right mind.
func LinkOf(err error) Link {
	var f *Fault
	var refused *wire.Error
	switch {
	case err == nil:
		return Online
	case errors.As(err, &f):
		return f.Link
	case errors.As(err, &refused):
		switch refused.Code {
		case wire.CodeRevoked:
			return Revoked
		case wire.CodeRequestOld:
			return Clock
		}
		return Online
	}
	return Unchecked
}

// Causes that are a matter for other people than their Link's others are.
const (
	CauseName    = "name"    // offline: a name server answers that central's name does not exist
	CauseExpired = "expired" // tls: central's certificate has expired, and the clock is right
	CauseFull    = "full"    // server: its disk is full
)

// CauseOf names what an error says of the line for people: its Link, or one of
// the causes that are told apart from the others of that Link.
func CauseOf(err error) string {
	var f *Fault
	if errors.As(err, &f) {
		return cause(f.Link, f.Detail)
	}
	return string(LinkOf(err))
}

func cause(l Link, detail string) string {
	switch {
	case l == Offline && detail == CauseName, l == TLS && detail == CauseExpired, l == Server && detail == CauseFull:
		return detail
	}
	return string(l)
}

// classify names the cause of a round trip that failed.
func classify(err error) *Fault {
	f := &Fault{Link: Offline, Detail: "closed", Err: unwrapURL(err)}
	var dns *net.DNSError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		f.Detail = "name"
	case errors.As(err, &dns): // no name server answers: there is no network
		f.Detail = "route"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		f.Link, f.Detail = TLS, "expired" // or the clock: Client.judge finds out
	case errors.As(err, &invalid), errors.As(err, &authority), errors.As(err, &host):
		f.Link, f.Detail = TLS, "foreign"
	case errors.As(err, &record):
		f.Link, f.Detail = Portal, "html"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"): // net/http hides the RecordHeaderError
		f.Link, f.Detail = Portal, "html"
	case errors.As(err, &alert):
		f.Link, f.Detail = TLS, "foreign"
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Detail = "refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		f.Detail = "route"
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		f.Detail = "timeout"
	}
	return f
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// unwrapURL takes the address out of an error: it may hold an area or a cursor.
func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// classifyAnswer names the cause of an answer that is not central's JSON, or
// that says central can't serve now; nil where it is an ordinary answer.
func classifyAnswer(r *http.Response) *Fault {
	after := retryAfter(r.Header.Get("Retry-After"))
	json := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	status := errors.New(r.Status)
	switch {
	case r.StatusCode == http.StatusNetworkAuthenticationRequired, r.StatusCode >= 300 && r.StatusCode < 400:
		return &Fault{Portal, "status", 0, status}
	case r.StatusCode == http.StatusServiceUnavailable, r.StatusCode == http.StatusTooManyRequests && !json:
		return &Fault{Busy, "status", after, status}
	case r.StatusCode == http.StatusInsufficientStorage:
		return &Fault{Server, CauseFull, after, status}
	case r.StatusCode >= 500:
		return &Fault{Server, "status", after, status}
	case !json && strings.HasPrefix(r.Header.Get("Content-Type"), "text/html"):
		return &Fault{Portal, "html", 0, status}
	case !json:
		return &Fault{Server, "status", 0, status}
	}
	return nil
}

// retryAfter reads the seconds of a Retry-After header, at most an hour.
func retryAfter(s string) time.Duration {
	d, err := time.ParseDuration(s + "s")
	if err != nil || d < 0 {
		return 0
	}
	return min(d, time.Hour)
}

// cut is an answer that ended before its end.
func cut(err error) *Fault {
	f := classify(err)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		f.Detail = "closed"
	}
	return f
}
