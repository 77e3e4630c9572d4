package main

import (
	"context"
	"slices"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/sync/ledger"
	"loket/sync/vault"
	"loket/sync/wire"
)

// cancels are the states from which an approval can still be taken back by a
// packet of its own.
var cancels = []wire.State{wire.StateQueued, wire.StateSent, wire.StateAccepted, wire.StateMailed, wire.StateActivated, wire.StateHeld,
	wire.StateBounced, wire.StateExpired}

// canCancel says whether an item is an approval that nobody took back yet.
func (b *book) canCancel(i ledger.Item, all []ledger.Item) bool {
	if i.Decision != string(activation.Approve) && i.Decision != string(activation.Reactivate) {
		return false
	}
	taken := slices.ContainsFunc(all, func(x ledger.Item) bool {
		return x.Cancels != nil && *x.Cancels == i.Packet && x.State != wire.StateRefused && x.State != wire.StateCancelled
	})
	return !taken && i.Undo == 0 && slices.Contains(cancels, i.State)
}

// Cancel implements app.Cancels: an approval is taken back by a packet that
// names it, signed like every decision. Central voids its code and its mail,
// and ends an IKD that is active already.
func (b *book) Cancel(ctx context.Context, packet string, reason activation.Reason, officer app.Officer) error {
	signer, ok := officer.Key.(*vault.Session)
	if !ok {
		return errNoOfficer
	}
	k, ok := b.s.known()
	if !ok {
		return errNotEnrolled
	}
	if b.s.now().After(signer.Officer().NotAfter) {
		return &app.Fault{Code: "certificate-expired", Tone: app.Attention}
	}
	id, err := wire.ParsePacketID(packet)
	if err != nil {
		return err
	}
	item, err := b.s.ledger.Item(ctx, id)
	if err != nil {
		return err
	}
	all, err := b.s.ledger.Items(ctx, queueLength)
	if err != nil {
		return err
	}
	if !b.canCancel(item, all) {
		return &app.Fault{Code: "cancel-late", Tone: app.Info}
	}
	_, doubt := b.s.clock.Check()
	now := b.s.now().UTC().Truncate(time.Second)
	d := wire.Decision{Packet: wire.NewPacketID(), Session: newID(), Kind: string(activation.Cancel), Reason: string(reason), At: now, Zone: b.zone.String(),
		Unsure: doubt != "", Train: k.policy.Training, Office: k.device.Office, Counter: k.device.Counter, Device: k.device.Device,
		Officer: signer.Officer().ID, Consent: wire.Consent{How: "none", At: now}, Cancels: &id, App: version()}
	sealing := wire.Sealing{Decision: d, Device: b.s.vault.Device(), Officer: signer}
	if sealing.Recipients, err = recipients(k.policy); err != nil {
		return err
	}
	// No undo: whoever cancels has said so with a reason and a PIN.
	_, err = b.commit(ctx, sealing, ledger.Entry{Decision: d.Kind, Reason: d.Reason, Last4: item.Last4, Cancels: &id, Undo: -1})
	return err
}

// recipients are whom a packet is sealed for.
func recipients(p wire.Policy) ([]wire.Recipient, error) {
	var all []wire.Recipient
	for _, r := range p.Recipients {
		to, err := wire.NewRecipient(r.Public)
		if err != nil {
			return nil, err
		}
		all = append(all, to)
	}
	return all, nil
}
