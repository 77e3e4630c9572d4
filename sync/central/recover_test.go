package central_test

import (
	"errors"
	"testing"

	"loket/sync/central"
	"loket/sync/wire"
)

// TestRecoveryDrill: central's own key is gone, the printed one opens all.
func TestRecoveryDrill(t *testing.T) {
	ctx := t.Context()
	d := newDesk(t)
	both := d.counter.Approval(d.phone(t, nik))
	both.Kind, both.Reason, both.Presentation = "refuse", "KODE_TIDAK_SAH", nil
	if got := d.counter.Send(d.counter.Seal(both, nil))[0]; got.Result != wire.ResultAccepted {
		t.Fatalf("%+v", got)
	}
	// Sealed when central had another key than now: only the recovery key opens it.
	policy := d.counter.Policy()
	for i, r := range policy.Recipients {
		if r.Name == "recovery" {
			policy.Recipients = policy.Recipients[i : i+1]
			break
		}
	}
	lost := d.counter.SealUnder(policy, d.counter.Approval(d.phone(t, nik)), nil)
	if got := d.counter.Send(lost)[0]; got.Result != wire.ResultHeld || got.Reason != "KUNCI_TIDAK_ADA" {
		t.Fatalf("%+v", got)
	}

	for name, text := range map[string]string{"nothing": "", "not base32": "!!", "another's key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := d.Home.Recover(ctx, text, true); !errors.Is(err, central.ErrRecovery) {
			t.Errorf("%s: got %v, want ErrRecovery", name, err)
		}
	}
	drill, err := d.Home.Recover(ctx, d.Recovery, false)
	if err != nil || drill.Packets != 2 || drill.Opened != 2 || drill.Verified != 2 || drill.Waiting != 1 || len(drill.Settled) != 0 || len(drill.Faults) != 0 {
		t.Fatalf("drill: %+v, %v", drill, err)
	}
	if n := d.Rows().Tables["codes"]; n != 0 {
		t.Fatalf("a drill made %d codes", n)
	}
	real, err := d.Home.Recover(ctx, d.Recovery, true)
	if err != nil || len(real.Settled) != 1 || real.Settled[0].Result != wire.ResultAccepted || real.Settled[0].Packet != lost.ID().String() {
		t.Fatalf("in earnest: %+v, %v", real, err)
	}
	events, err := d.counter.Client.Events(ctx, 0)
	if err != nil || len(events.Events) == 0 || events.Events[0].State != wire.StateAccepted {
		t.Errorf("the counter is told: %+v, %v", events, err)
	}
	d.AwaitMail(0)
	if again, err := d.Home.Recover(ctx, d.Recovery, true); err != nil || again.Waiting != 0 || len(again.Settled) != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	if got := d.counter.Send(lost)[0]; got.Result != wire.ResultDuplicate {
		t.Errorf("sent again: %+v", got)
	}
}
