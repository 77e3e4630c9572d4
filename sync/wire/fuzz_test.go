package wire_test

import (
	"bytes"
	"testing"

	"loket/sync/wire"
)

// FuzzParse: whatever is sent, parsing neither panics nor takes what another
// encoder would write; what it takes is never believed without the device's key.
func FuzzParse(f *testing.F) {
	d := newDesk(f)
	p, err := wire.Parse(unhex(f, readVector(f, "testdata/packet-v1.json").Packet)) // the same in every worker
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p.Bytes)
	f.Add(p.Bytes[:200])
	f.Add([]byte{0x84, 0x01, 0x40, 0x40, 0x40})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := wire.Parse(b)
		if err != nil {
			return
		}
		if got.Verify(d.device.Public()) == nil && !bytes.Equal(b, p.Bytes) {
			t.Errorf("a packet of %d bytes that nobody made verifies", len(b))
		}
		if _, err := got.Open(d.central); err == nil && got.ID() != p.ID() {
			t.Error("a packet that nobody made opens")
		}
	})
}
