package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
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
	"time"
)

// pageFile keeps the page's certificate, so that a browser that was told to
// believe it once does so after a restart too.
const pageFile = "page.pem"

// pageLife is how long such a certificate lasts.
const pageLife = 90 * 24 * time.Hour

// pageCertificate is a self-signed certificate for the address that the page
// listens on, or for all of this machine's when that is every address. It is
// made anew when it is missing, ends within a day or lacks an address.
func pageCertificate(dir string, at net.Addr, now time.Time) (tls.Certificate, error) {
	ips, err := pageAddresses(at)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("page's certificate: %w", err)
	}
	path := filepath.Join(dir, pageFile)
	if cert, err := tls.LoadX509KeyPair(path, path); err == nil && covers(cert.Leaf, ips, now) {
		return cert, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("page's certificate: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("page's certificate: %w", err)
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "IKD (latihan)"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(pageLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		DNSNames: []string{"localhost"}, IPAddresses: ips}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("page's certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("page's certificate: %w", err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return tls.Certificate{}, fmt.Errorf("page's certificate: %w", err)
	}
	if err := replace(path, text); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(text, text)
}

// pageAddresses are the IP addresses under which a listener is reached.
func pageAddresses(at net.Addr) ([]net.IP, error) {
	tcp, ok := at.(*net.TCPAddr)
	if ok && !tcp.IP.IsUnspecified() {
		return []net.IP{tcp.IP}, nil
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	var ips []net.IP
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
			ips = append(ips, n.IP)
		}
	}
	return ips, nil
}

// covers says that a certificate is good for a day more and for every address.
func covers(leaf *x509.Certificate, ips []net.IP, now time.Time) bool {
	if leaf == nil || now.Before(leaf.NotBefore) || now.Add(24*time.Hour).After(leaf.NotAfter) {
		return false
	}
	for _, ip := range ips {
		if leaf.VerifyHostname(ip.String()) != nil {
			return false
		}
	}
	return true
}
