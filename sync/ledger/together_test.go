package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"loket/sync/ledger"
	"loket/sync/wire"
)

// TestTogether has the desk, the sender and a screen at one ledger at once.
func TestTogether(t *testing.T) {
	const decisions = 40
	d := newDesk(t, t.TempDir())
	group, ctx := errgroup.WithContext(t.Context())
	running, stop := context.WithCancel(ctx)
	group.Go(func() error { // the desk
		defer stop()
		for range decisions {
			e, err := d.entry(ctx)
			if err != nil {
				return err
			}
			e.Undo = -1
			if err := d.Decide(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	sent := make(map[wire.PacketID]bool)
	group.Go(func() error { // the sender
		for {
			last := running.Err() != nil
			out, err := d.Take(ctx, 7)
			if err != nil {
				return err
			}
			var outcomes []ledger.Outcome
			for _, o := range out {
				sent[o.ID] = true
				outcomes = append(outcomes, ledger.Outcome{ID: o.ID, State: wire.StateAccepted})
			}
			if err := d.Settle(ctx, outcomes); err != nil {
				return err
			}
			if last && len(out) == 0 {
				return nil
			}
		}
	})
	group.Go(func() error { // a screen, and the head for central
		for running.Err() == nil {
			items, err := d.Items(ctx, 100)
			if err != nil {
				return err
			}
			c, err := d.Counts(ctx, start.Add(-time.Hour))
			if err != nil {
				return err
			}
			if c.Today < len(items) {
				return fmt.Errorf("%d today after %d items", c.Today, len(items))
			}
			r, err := d.Verify(ctx)
			if err != nil {
				return err
			}
			if !r.OK() {
				return fmt.Errorf("faults while others write: %v", r.Faults)
			}
			if _, err := d.HeadRequest(ctx, d.device, 1); err != nil {
				return err
			}
		}
		return nil
	})
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if len(sent) != decisions {
		t.Errorf("%d packets were sent, want %d", len(sent), decisions)
	}
	if c, err := d.Counts(t.Context(), start); err != nil || c.Accepted != decisions || c.Waiting != 0 {
		t.Errorf("counts %+v, %v", c, err)
	}
}
