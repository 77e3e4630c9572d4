package central_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// stick is a bundle that a counter writes of these packets.
func stick(t *testing.T, by *centraltest.Counter, certificates [][]byte, packets ...[]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := wire.WriteBundle(&out, by.Device.Device, by.Key, time.Now(), append(certificates, by.Device.Certificate), packets); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestImportBundle(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t)
	approval := d.counter.Seal(d.counter.Approval(d.phone(t, nik)), nil)
	refusal := d.counter.Approval(d.phone(t, nik))
	refusal.Kind, refusal.Reason, refusal.Presentation = "refuse", "KODE_TIDAK_SAH", nil
	second := d.counter.Seal(refusal, nil)
	file := stick(t, d.counter, nil, approval.Bytes, second.Bytes)

	if _, err := d.Home.ImportBundle(ctx, bytes.NewReader(file[:len(file)-9])); !errors.Is(err, wire.ErrBundle) {
		t.Errorf("a torn file: %v", err)
	}
	if n := d.Rows().Tables["packets"]; n != 0 {
		t.Fatalf("%d packets of a torn file are in", n)
	}
	// A rogue counter relays the approval changed, and its own under the same id.
	rogue := d.Central.Counter("petugas-9", wire.RoleOfficer)
	forged := bytes.Clone(approval.Bytes)
	forged[len(forged)/2] ^= 1
	shadow := rogue.Approval(d.phone(t, nik))
	shadow.Packet, shadow.Kind, shadow.Reason, shadow.Presentation = approval.ID(), "refuse", "TIDAK_INGIN", nil
	r, err := d.Home.ImportBundle(ctx, bytes.NewReader(stick(t, rogue, [][]byte{d.counter.Device.Certificate}, forged, rogue.Seal(shadow, nil).Bytes)))
	if err != nil || r.Results[wire.ResultPoison] != 1 || r.Results[wire.ResultAccepted] != 1 || len(r.Others) != 1 {
		t.Fatalf("the rogue's: %+v, %v", r, err)
	}
	if got := d.counter.Send(second)[0]; got.Result != wire.ResultAccepted {
		t.Fatalf("over the line: %+v", got)
	}
	r, err = d.Home.ImportBundle(ctx, bytes.NewReader(file))
	if err != nil || r.Packets != 2 || r.Results[wire.ResultAccepted] != 1 || r.Results[wire.ResultDuplicate] != 1 {
		t.Fatalf("the honest one's: %+v, %v", r, err)
	}
	r, err = d.Home.ImportBundle(ctx, bytes.NewReader(file))
	if err != nil || r.Results[wire.ResultDuplicate] != 2 {
		t.Errorf("again: %+v, %v", r, err)
	}
	if got := d.counter.Send(approval)[0]; got.Result != wire.ResultDuplicate {
		t.Errorf("and over the line: %+v", got)
	}
	d.AwaitMail(0)
	if n := d.Rows().Tables["codes"]; n != 1 {
		t.Errorf("%d codes for one approval", n)
	}
}
