package wire

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"loket/scanner/token"
)

// openCertificate opens an officer's certificate as of a time.
type openCertificate func(msg []byte, at time.Time) (token.Certificate, error)

// certifiedBy opens each certificate anew.
func certifiedBy(issuers token.Lookup) openCertificate {
	return func(msg []byte, at time.Time) (token.Certificate, error) {
		return token.OpenCertificate(msg, token.KindOfficer, issuers, at)
	}
}

// maxCertificates bounds what Certificates remembers: an officer has one a
// week, and there are some 20,000 counters.
const maxCertificates = 1 << 16

// Certificates opens officers' certificates and remembers the good ones by
// SHA-256 of their bytes: whether one was valid at a decision's time is judged
// every time, its issuer's signature once. It serves from many goroutines, for
// as long as the issuers' keys are the same.
type Certificates struct {
	issuers token.Lookup

	mu   sync.Mutex
	good map[[32]byte]token.Certificate
}

// NewCertificates trusts the keys of issuers.
func NewCertificates(issuers token.Lookup) *Certificates {
	return &Certificates{issuers: issuers, good: map[[32]byte]token.Certificate{}}
}

func (c *Certificates) open(msg []byte, at time.Time) (token.Certificate, error) {
	id := sha256.Sum256(msg)
	c.mu.Lock()
	cert, ok := c.good[id]
	c.mu.Unlock()
	if ok {
		if at.Before(cert.NotBefore) || at.After(cert.NotAfter) {
			return cert, fmt.Errorf("open certificate: %w", token.ErrValidity)
		}
		return cert, nil
	}
	cert, err := token.OpenCertificate(msg, token.KindOfficer, c.issuers, at)
	if err != nil {
		return cert, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.good) >= maxCertificates {
		clear(c.good)
	}
	c.good[id] = cert
	return cert, nil
}
