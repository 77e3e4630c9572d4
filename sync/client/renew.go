package client

import (
	"context"
	"crypto"
	"crypto/tls"
	"fmt"
	"net/http"

	"loket/sync/wire"
)

// Renew asks for new certificates of this device, signed by its key: also when
// the present ones have expired. fresh is the key that is to follow, or nil. The
// connection goes on with the old certificate until Use is called, which the
// caller does once the answer is kept.
func (c *Client) Renew(ctx context.Context, d wire.DeviceResponse, key, fresh crypto.Signer) (wire.DeviceResponse, error) {
	msg, err := wire.SignRenewal(d.Device, c.c().now(), key, fresh)
	if err != nil {
		return wire.DeviceResponse{}, err
	}
	var out wire.DeviceResponse
	if err := c.c().call(ctx, http.MethodPost, wire.PathRenew, "", wire.RenewRequest{Message: msg}, &out); err != nil {
		return wire.DeviceResponse{}, fmt.Errorf("renew: %w", err)
	}
	out.CountersURL = d.CountersURL
	if fresh == nil {
		fresh = key
	}
	if out.Device != d.Device || wire.RootPrint(out.RootKey) != wire.RootPrint(d.RootKey) {
		return wire.DeviceResponse{}, fmt.Errorf("renew: %w", ErrRoot)
	}
	return out, checkEnrolment(out, fresh, c.c().now())
}

// Use goes on with a renewed certificate, or at another address where the
// enrolment says so. Connections that are open under the old one end; an
// officer's session stays, and is forgotten where central does not know it.
func (c *Client) Use(d wire.DeviceResponse, key crypto.Signer) error {
	before := c.c()
	defer before.http.CloseIdleConnections()
	if before.base != d.CountersURL {
		return c.dial(d, key)
	}
	before.cert.Store(&tls.Certificate{Certificate: d.TLS, PrivateKey: key})
	return nil
}
