package central_test

import (
	"testing"

	"loket/sync/client"
	"loket/sync/wire"
)

// TestFullServer: a central without room says so, keeps nothing of the batch,
// and takes it when there is room again.
func TestFullServer(t *testing.T) {
	d := newDesk(t)
	var packets []wire.Packet
	for range 20 {
		w := d.counter.Approval(d.phone(t, nik))
		w.Kind, w.Reason, w.Face.Probe = "refuse", "WAJAH_TIDAK_COCOK", probe()
		packets = append(packets, d.counter.Seal(w, nil))
	}
	var bodies [][]byte
	for _, p := range packets {
		bodies = append(bodies, p.Bytes)
	}
	if err := d.Home.Fill(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	_, err := d.counter.Client.Packets(t.Context(), bodies)
	if got := client.CauseOf(err); got != client.CauseFull {
		t.Fatalf("%q, want %q: %v", got, client.CauseFull, err)
	}
	if n := d.Rows().Tables["packets"]; n != 0 {
		t.Errorf("%d packets were kept", n)
	}
	if err := d.Home.Fill(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	for _, r := range d.counter.Send(packets...) {
		if r.Result != wire.ResultAccepted {
			t.Errorf("then: %+v", r)
		}
	}
}

// probe has the usual size of a face crop: 30 KB.
func probe() []byte { return make([]byte, 30<<10) }
