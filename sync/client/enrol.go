package client

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

// ErrRoot says that what answers is not the central of the device code.
var ErrRoot = errors.New("not the central of this device code")

// Enrol makes this PC a counter: it proves that it has the device's key and
// gets certificates for it. The device code's fingerprint is all that is known
// of central; the answer is believed because the connection proved that root,
// and the root that comes along is that one.
func Enrol(ctx context.Context, code wire.DeviceCode, device crypto.Signer, now func() time.Time) (wire.DeviceResponse, error) {
	return enrol(ctx, code, device, nil, now)
}

// EnrolAgain is Enrol for a PC that was a counter before: was says which, and
// old is the key that it had. It stays the same device, so that what waits here
// arrives and is answered.
func EnrolAgain(ctx context.Context, code wire.DeviceCode, device crypto.Signer, was string, old crypto.Signer, now func() time.Time) (wire.DeviceResponse, error) {
	before, err := wire.SignRenewal(was, now(), old, nil)
	if err != nil {
		return wire.DeviceResponse{}, fmt.Errorf("enrol: %w", err)
	}
	return enrol(ctx, code, device, before, now)
}

func enrol(ctx context.Context, code wire.DeviceCode, device crypto.Signer, before []byte, now func() time.Time) (wire.DeviceResponse, error) {
	c := &caller{base: code.Central, now: now, roots: x509.NewCertPool()}
	c.http = newHTTP(&tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		return verifyPinned(s, code.Root, c.roots, now())
	}})
	defer c.http.CloseIdleConnections()
	spki, err := publicKey(device.Public())
	if err != nil {
		return wire.DeviceResponse{}, fmt.Errorf("enrol: %w", err)
	}
	proof, err := wire.SignRequest(wire.PurposeDevice, &wire.Ask{}, now(), device)
	if err != nil {
		return wire.DeviceResponse{}, fmt.Errorf("enrol: %w", err)
	}
	var out wire.DeviceResponse
	in := wire.DeviceRequest{Code: code.SecretText(), Key: spki, Proof: proof.Message, Before: before}
	if err := c.call(ctx, http.MethodPost, wire.PathDevices, "", in, &out); err != nil {
		return wire.DeviceResponse{}, fmt.Errorf("enrol: %w", err)
	}
	if wire.RootPrint(out.RootKey) != code.Root {
		return wire.DeviceResponse{}, fmt.Errorf("enrol: %w", ErrRoot)
	}
	out.CountersURL = code.Central
	return out, checkEnrolment(out, device, now())
}

// verifyPinned wants a chain up to a root with this fingerprint.
func verifyPinned(s tls.ConnectionState, print [16]byte, roots *x509.CertPool, now time.Time) error {
	above := x509.NewCertPool()
	found := false
	for _, cert := range s.PeerCertificates {
		if wire.RootPrint(cert.RawSubjectPublicKeyInfo) == print && cert.IsCA {
			roots.AddCert(cert)
			found = true
			continue
		}
		above.AddCert(cert)
	}
	if !found {
		return x509.UnknownAuthorityError{}
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: above, DNSName: s.ServerName, CurrentTime: now})
	return err
}

// checkEnrolment makes sure that what came can be worked with, so that a PC is
// either a counter or it is not.
func checkEnrolment(out wire.DeviceResponse, device crypto.Signer, now time.Time) error {
	root, err := x509.ParsePKIXPublicKey(out.RootKey)
	if err != nil {
		return fmt.Errorf("enrol: root's key: %w", err)
	}
	trust, err := token.OpenTrust(out.Trust, []crypto.PublicKey{root}, 0, now)
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	if _, err := wire.OpenPolicy(out.Policy, root, 0); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	cert, err := token.OpenCertificate(out.Certificate, token.KindDevice, trust.Lookup(token.UseDevice, now), now)
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	own, err := token.KeyID(device.Public())
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	if kid, err := token.KeyID(cert.Key); err != nil || string(kid) != string(own) || cert.Subject != out.Device {
		return fmt.Errorf("enrol: %w: certificate of another device", ErrRoot)
	}
	return nil
}
