package central

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// How long certificates last. Devices renew theirs; listeners make themselves a
// new one when less than a third is left.
const (
	rootLife     = 20 * 365 * 24 * time.Hour
	caLife       = 5 * 365 * 24 * time.Hour
	deviceLife   = 365 * 24 * time.Hour
	listenerLife = 90 * 24 * time.Hour
	// early is for PCs whose clock is a little behind.
	early = 10 * time.Minute
)

// RootFile is the X.509 root in a data directory: what phones are given.
const RootFile = "root.pem"

const caFile = "ca.pem"

// chain is the certificates above a leaf.
type chain struct{ root, ca *x509.Certificate }

func (c chain) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.root)
	return pool
}

func (c chain) intermediates() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.ca)
	return pool
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return n
}

// newChain makes root and CA certificates and writes them to dir.
func newChain(dir string, k *keys, now time.Time) error {
	root := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Loket IKD root"},
		NotBefore: now.Add(-early), NotAfter: now.Add(rootLife),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	ca := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Loket IKD CA"},
		NotBefore: now.Add(-early), NotAfter: now.Add(caLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	for _, c := range []struct {
		file           string
		it, issuer     *x509.Certificate
		public, signer crypto.PrivateKey
	}{{RootFile, root, root, k.root, k.root}, {caFile, ca, root, k.ca, k.root}} {
		der, err := x509.CreateCertificate(rand.Reader, c.it, c.issuer, c.public.(ed25519.PrivateKey).Public(), c.signer)
		if err != nil {
			return fmt.Errorf("make %s: %w", c.file, err)
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
		if err := os.WriteFile(filepath.Join(dir, c.file), text, 0o644); err != nil {
			return fmt.Errorf("make %s: %w", c.file, err)
		}
	}
	return nil
}

func loadChain(dir string) (c chain, err error) {
	for file, cert := range map[string]**x509.Certificate{RootFile: &c.root, caFile: &c.ca} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return c, fmt.Errorf("load certificates: %w", err)
		}
		block, _ := pem.Decode(text)
		if block == nil {
			return c, fmt.Errorf("load certificates: %s is not PEM", file)
		}
		if *cert, err = x509.ParseCertificate(block.Bytes); err != nil {
			return c, fmt.Errorf("load certificates: %s: %w", file, err)
		}
	}
	return c, nil
}

// deviceTLS certifies a device's key for the client side of TLS.
func (h *Home) deviceTLS(id string, key crypto.PublicKey, now time.Time) ([][]byte, error) {
	leaf := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: id},
		NotBefore: now.Add(-early), NotAfter: now.Add(deviceLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, h.chain.ca, key, h.keys.ca)
	if err != nil {
		return nil, fmt.Errorf("certify device: %w", err)
	}
	return [][]byte{der, h.chain.ca.Raw}, nil
}

// listener keeps the certificate of a listener for these names and addresses.
type listener struct {
	home  *Home
	hosts []string

	mu   sync.Mutex
	cert *tls.Certificate
}

func (l *listener) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.home.now()
	if l.cert != nil && now.Before(l.cert.Leaf.NotAfter.Add(-listenerLife/3)) {
		return l.cert, nil
	}
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("listener's certificate: %w", err)
	}
	leaf := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Loket IKD central"},
		NotBefore: now.Add(-early), NotAfter: now.Add(listenerLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, host := range l.hosts {
		if ip := net.ParseIP(host); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, l.home.chain.ca, public, l.home.keys.ca)
	if err != nil {
		return nil, fmt.Errorf("listener's certificate: %w", err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("listener's certificate: %w", err)
	}
	// The root travels too: a PC that has only a device code knows its fingerprint.
	l.cert = &tls.Certificate{Certificate: [][]byte{der, l.home.chain.ca.Raw, l.home.chain.root.Raw}, PrivateKey: key, Leaf: parsed}
	return l.cert, nil
}

// TLS is the configuration of a listener that is reached under these names and
// addresses. counters asks for the device's certificate; it is judged per
// request, so that a device without a good one is told why.
func (h *Home) TLS(counters bool, hosts ...string) *tls.Config {
	l := &listener{home: h, hosts: hosts}
	c := &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: l.certificate}
	if counters {
		c.ClientAuth = tls.RequestClientCert
	}
	return c
}
