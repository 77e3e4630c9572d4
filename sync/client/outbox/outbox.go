// Package outbox shows a counter's ledger to the sender of sync/client, which
// itself knows no database.
package outbox

import (
	"context"
	"crypto"
	"time"

	"loket/sync/client"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// Outbox is a ledger as client.Outbox.
type Outbox struct {
	Ledger *ledger.Ledger
	Device crypto.Signer               // signs the audit log's head
	Trust  func() (version uint64)     // of the trust list in use
	Taken  func(events []wire.Event)   // told events that were applied; nil for nobody
	Done   func(outs []client.Outcome) // told what became of packets; nil for nobody
}

var (
	_ client.Outbox = Outbox{}
	_ client.Waits  = Outbox{}
)

// Take implements client.Outbox.
func (o Outbox) Take(ctx context.Context, limit int) ([]client.Outgoing, error) {
	taken, err := o.Ledger.Take(ctx, limit)
	var out []client.Outgoing
	for _, t := range taken {
		out = append(out, client.Outgoing{ID: t.ID, Bytes: t.Bytes})
	}
	return out, err
}

// Settle implements client.Outbox.
func (o Outbox) Settle(ctx context.Context, outcomes []client.Outcome) error {
	out := make([]ledger.Outcome, len(outcomes))
	for i, c := range outcomes {
		out[i] = ledger.Outcome{ID: c.ID, State: c.State, Cause: c.Cause, Next: c.Next, Retry: c.Retry}
	}
	if err := o.Ledger.Settle(ctx, out); err != nil {
		return err
	}
	if o.Done != nil {
		o.Done(outcomes)
	}
	return nil
}

// Cursor implements client.Outbox.
func (o Outbox) Cursor(ctx context.Context) (int64, error) { return o.Ledger.Cursor(ctx) }

// Apply implements client.Outbox.
func (o Outbox) Apply(ctx context.Context, events []wire.Event, after int64) error {
	if err := o.Ledger.Apply(ctx, events, after); err != nil {
		return err
	}
	if o.Taken != nil {
		o.Taken(events)
	}
	return nil
}

// Due implements client.Outbox.
func (o Outbox) Due(ctx context.Context) (time.Time, bool, error) { return o.Ledger.Due(ctx) }

// Waiting implements client.Waits.
func (o Outbox) Waiting(ctx context.Context) (int, error) {
	c, err := o.Ledger.Counts(ctx, time.Time{})
	return c.Waiting, err
}

// HeadRequest implements client.Outbox.
func (o Outbox) HeadRequest(ctx context.Context) (wire.HeadRequest, error) {
	return o.Ledger.HeadRequest(ctx, o.Device, o.Trust())
}

// HeadAccepted implements client.Outbox.
func (o Outbox) HeadAccepted(ctx context.Context, r wire.HeadResponse) error {
	return o.Ledger.HeadAccepted(ctx, r)
}
