package vault_test

import (
	"testing"

	"loket/sync/wire"
)

// BenchmarkSession is what an officer's session does for one case: it seals and
// opens a draft of 40 KB with a face crop, finds a NIK again, and signs.
func BenchmarkSession(b *testing.B) {
	p := newPC(b)
	s := p.enrol(b, "p-001")
	draft := make([]byte, 40<<10)
	sealed, err := s.Seal("draft/1", draft)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		step func() error
	}{
		{"seal", func() error { _, err := s.Seal("draft/1", draft); return err }},
		{"open", func() error { _, err := s.Open("draft/1", sealed); return err }},
		{"hash", func() error { _, err := s.Hashes("nik", "1702124505920001"); return err }},
		{"sign", func() error { _, err := s.Approve(wire.AsOfficer, draft); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.step(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
