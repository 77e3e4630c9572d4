package central

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

const deviceCodeLife = 24 * time.Hour

// NewDeviceCode makes a code that enrols one counter PC. counters is the
// address of central's listener for counters; "" is where serve said it is.
func (h *Home) NewDeviceCode(ctx context.Context, counters, office, counter string) (wire.DeviceCode, error) {
	if office == "" || counter == "" {
		return wire.DeviceCode{}, errors.New("device code: office and counter are needed")
	}
	if counters == "" {
		known, err := setting(ctx, h.store.db, settingCounters)
		if err != nil {
			return wire.DeviceCode{}, fmt.Errorf("device code: %w", err)
		}
		if counters = string(known); counters == "" {
			return wire.DeviceCode{}, errors.New("device code: central has not served yet, so its address is needed")
		}
	}
	code := wire.NewDeviceCode(counters, spki(h.RootKey()))
	if _, err := wire.ParseDeviceCode(code.String()); err != nil {
		return wire.DeviceCode{}, fmt.Errorf("device code: address %q: %w", counters, err)
	}
	now := h.now()
	err := h.store.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO device_codes (hash, office, counter, created, expires) VALUES ($1, $2, $3, $4, $5)",
			codeHash(code.SecretText()), office, counter, millis(now), millis(now.Add(deviceCodeLife)))
		return err
	})
	if err != nil {
		return wire.DeviceCode{}, fmt.Errorf("device code: %w", err)
	}
	return code, nil
}

// codeHash needs no slowness: a device code's secret is 80 random bits.
func codeHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// enrolDevice takes a code once and certifies the key.
func (h *Home) enrolDevice(ctx context.Context, r wire.DeviceRequest) (wire.DeviceResponse, error) {
	key, kid, err := parseKey(r.Key)
	if _, ok := key.(ed25519.PublicKey); err != nil || !ok {
		return wire.DeviceResponse{}, fault(wire.CodeBadRequest)
	}
	var proof wire.Ask
	if err := wire.OpenRequest(wire.PurposeDevice, wire.Request{Message: r.Proof}, &proof, token.Keys(key)); err != nil {
		return wire.DeviceResponse{}, fault(wire.CodeSignature)
	}
	now := h.now().UTC().Truncate(time.Second)
	out := wire.DeviceResponse{Roots: [][]byte{h.chain.root.Raw}, RootKey: spki(h.RootKey()), Now: now, NotAfter: now.Add(deviceLife)}
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "UPDATE device_codes SET used_at = $1 WHERE hash = $2 AND used_at = 0 AND expires > $1 RETURNING office, counter",
			millis(now), codeHash(r.Code)).Scan(&out.Office, &out.Counter)
		if errors.Is(err, sql.ErrNoRows) {
			return fault(wire.CodeDeviceCode)
		} else if err != nil {
			return err
		}
		if r.Before != nil {
			out, err = h.enrolAgain(ctx, tx, r.Before, out, key)
			return err
		}
		id := make([]byte, 4)
		rand.Read(id)
		out.Device = "dev-" + hex.EncodeToString(id)
		if out.TLS, err = h.deviceTLS(out.Device, key, now); err != nil {
			return err
		}
		out.Certificate, err = token.IssueCertificate(token.Certificate{Kind: token.KindDevice, Subject: out.Device, Name: out.Counter,
			Office: out.Office, Key: key, NotBefore: now.Add(-early), NotAfter: out.NotAfter}, h.keys.device)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO devices (id, office, counter, spki, kid, certificate, created, not_after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			out.Device, out.Office, out.Counter, r.Key, kid, out.Certificate, millis(now), millis(out.NotAfter))
		return err
	})
	if err != nil {
		return wire.DeviceResponse{}, fmt.Errorf("enrol device: %w", err)
	}
	err = h.completeEnrolment(ctx, &out)
	return out, err
}

// completeEnrolment adds what every new counter needs to begin.
func (h *Home) completeEnrolment(ctx context.Context, out *wire.DeviceResponse) (err error) {
	if out.Trust, err = h.Trust(ctx); err != nil {
		return err
	}
	if out.Policy, err = h.policyMessage(ctx); err != nil {
		return err
	}
	p, err := h.Policy(ctx)
	if err != nil {
		return err
	}
	out.OfficeName = out.Office
	for _, o := range p.Offices {
		if o.Code == out.Office {
			out.OfficeName = o.Name
		}
	}
	phones, err := setting(ctx, h.store.db, settingPhones)
	if err != nil {
		return err
	}
	counters, err := setting(ctx, h.store.db, settingCounters)
	out.PhonesURL, out.CountersURL = string(phones), string(counters)
	return err
}

// RevokeDevice makes central refuse a device from now on.
func (h *Home) RevokeDevice(ctx context.Context, id string) error {
	return h.store.tx(ctx, func(tx *sql.Tx) error {
		ok, err := one(tx.ExecContext(ctx, "UPDATE devices SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0", millis(h.now()), id))
		if err == nil && !ok {
			err = fmt.Errorf("revoke %s: no such device, or revoked before", id)
		}
		return err
	})
}

// device is a counter PC as central knows it.
type device struct {
	ID, Office, Counter string
	Key                 crypto.PublicKey
	Revoked             bool
}

// errUnknownDevice says that central never enrolled a device.
var errUnknownDevice = errors.New("unknown device")

func (h *Home) device(ctx context.Context, q queryer, id string) (device, error) {
	d := device{ID: id}
	var der []byte
	var revoked int64
	err := q.QueryRowContext(ctx, "SELECT office, counter, spki, revoked_at FROM devices WHERE id = $1", id).Scan(&d.Office, &d.Counter, &der, &revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return d, errUnknownDevice
	} else if err != nil {
		return d, fmt.Errorf("device: %w", err)
	}
	d.Revoked = revoked != 0
	d.Key, _, err = parseKey(der)
	return d, err
}

// peer judges the certificate chain that a connection brought.
func (h *Home) peer(ctx context.Context, certs []*x509.Certificate) (device, error) {
	if len(certs) == 0 {
		return device{}, fault(wire.CodeRevoked)
	}
	_, err := certs[0].Verify(x509.VerifyOptions{Roots: h.chain.roots(), Intermediates: h.chain.intermediates(),
		CurrentTime: h.now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return device{}, fault(wire.CodeRevoked)
	}
	d, err := h.device(ctx, h.store.db, certs[0].Subject.CommonName)
	if errors.Is(err, errUnknownDevice) || (err == nil && (d.Revoked || !samePublic(d.Key, certs[0].PublicKey))) {
		return device{}, fault(wire.CodeRevoked) // the certificate of a key that was changed serves no longer
	}
	return d, err
}

// parseKey reads a public key's SPKI and gives its id.
func parseKey(der []byte) (crypto.PublicKey, []byte, error) {
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, nil, fmt.Errorf("public key: %w", err)
	}
	kid, err := token.KeyID(key)
	return key, kid, err
}
