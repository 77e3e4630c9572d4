package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"loket/scanner/token"
	"loket/sync/wire"
)

// BenchmarkPacket is the way of a packet of the usual size (a face crop of 32
// KB), step by step: the counter signs and seals, whoever relays it checks the
// outside, central opens and checks the inside. "ed25519" is one verification of
// a short message in the same run, for the ratio.
func BenchmarkPacket(b *testing.B) {
	d := newDesk(b)
	s := d.sealing()
	s.Decision.Face.Probe = bytes.Repeat([]byte{1, 2, 3, 4}, 8<<10)
	payload, err := s.Decision.Marshal()
	if err != nil {
		b.Fatal(err)
	}
	p, err := wire.Seal(s)
	if err != nil {
		b.Fatal(err)
	}
	opened, err := p.Open(d.central)
	if err != nil {
		b.Fatal(err)
	}
	officers := wire.NewCertificates(token.Keys(d.issuer.Public()))
	message := []byte("message")
	signature := ed25519.Sign(d.device, message)
	for _, c := range []struct {
		name string
		step func() error
	}{
		{"sign", func() error { _, err := d.officer.Approve(wire.AsOfficer, payload); return err }},
		{"seal", func() error { _, err := wire.Seal(s); return err }},
		{"relay", func() error {
			p, err := wire.Parse(p.Bytes)
			if err != nil {
				return err
			}
			return p.Verify(d.device.Public())
		}},
		{"open", func() error { _, err := p.Open(d.central); return err }},
		{"verify", func() error { return opened.VerifyWith(d.device.Public(), officers) }},
		{"ed25519", func() error {
			if !ed25519.Verify(d.device.Public().(ed25519.PublicKey), message, signature) {
				return wire.ErrPacket
			}
			return nil
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.step(); err != nil {
					b.Fatal(err)
				}
			}
			if c.name == "seal" {
				b.ReportMetric(float64(len(p.Bytes)), "bytes/packet")
			}
		})
	}
}
