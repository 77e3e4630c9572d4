package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"loket/sync/central"
	"loket/sync/client"
	"loket/sync/client/outbox"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// count looks at central's rows, the mailbox and each counter's ledger, all
// from outside. bytes is the size of one refusal.
func (o *faultsOffice) count(ctx context.Context) (r faultsResult, bytes int, err error) {
	p := o.plan
	r = faultsResult{Counters: p.counters, Packets: p.packets, Approvals: p.approvals(), Faults: map[string]int{}, CentralKills: o.server.kills}
	rows, err := o.mailed(ctx, r.Approvals)
	if err != nil {
		return r, 0, err
	}
	r.Alarms = rows.Tables["alarms"]
	r.Rows, r.Codes = rows.Tables["packets"], rows.Tables["codes"]
	r.Twice = max(r.Rows-p.packets, 0) + max(r.Codes-r.Approvals, 0) + max(rows.Tables["mail"]-r.Approvals, 0)
	for _, reg := range rows.Registrations {
		r.Twice += max(len(reg.Codes)-1, 0)
	}
	mails, err := o.mail.Mails()
	if err != nil {
		return r, 0, err
	}
	ids := map[string]bool{}
	for _, m := range mails {
		ids[m.MessageID] = true
	}
	r.Mails, r.MailsAgain = len(ids), len(mails)-len(ids)
	drill, err := o.home.Recover(ctx, o.recovery, false)
	if err != nil {
		return r, 0, err
	}
	r.Recovered = drill.Verified
	for i, d := range o.counters {
		for kind, n := range o.lines[i].count {
			r.Faults[kind] += n
		}
		r.CounterKills += d.kills
		if err := o.ledger(ctx, d, &r); err != nil {
			return r, 0, fmt.Errorf("ledger of counter %d: %w", i+1, err)
		}
	}
	bytes, err = o.size()
	return r, bytes, err
}

// mailed waits until the mail of every approval has left.
func (o *faultsOffice) mailed(ctx context.Context, want int) (central.Rows, error) {
	late := time.After(10 * time.Minute)
	for {
		fresh := o.mail.Fresh()
		rows, err := o.home.Rows(ctx)
		if err != nil || rows.States["mail"]["sent"] >= want {
			return rows, err
		}
		select {
		case <-ctx.Done():
			return rows, ctx.Err()
		case <-late:
			return rows, fmt.Errorf("mail after ten minutes: %v", rows.States["mail"])
		case <-fresh:
			wait(ctx, 200*time.Millisecond) // others follow, and central writes it down
		case <-time.After(time.Second):
		}
	}
}

// lastRound syncs a counter over a good line: what is left are events of mails,
// and the head of the log that has them.
func (o *faultsOffice) lastRound(ctx context.Context, d *faultsDesk, l *ledger.Ledger) error {
	k, err := readFaultsKit(d.dir)
	if err != nil {
		return err
	}
	k.Device.CountersURL = o.server.counters
	c, err := client.New(k.Device, k.Key, client.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.LogInSigned(ctx, k.Officer, k.Signer); err != nil {
		return err
	}
	s := &client.Sender{Central: c, Outbox: outbox.Outbox{Ledger: l, Device: k.Key, Trust: func() uint64 { return 1 }}}
	_, err = s.Once(ctx)
	return err
}

// ledger holds a counter's ledger against what its process said and against
// what central said.
func (o *faultsOffice) ledger(ctx context.Context, d *faultsDesk, r *faultsResult) error {
	l, err := ledger.Open(ctx, filepath.Join(d.dir, faultsLedger), ledger.Options{})
	if err != nil {
		return err
	}
	defer l.Close()
	if err := o.lastRound(ctx, d, l); err != nil {
		return err
	}
	items, err := l.Items(ctx, o.plan.packets)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	o.server.mu.Lock()
	defer o.server.mu.Unlock()
	for _, it := range items {
		id := it.Packet.String()
		settled := it.State == wire.StateAccepted || it.State == wire.StateMailed
		if it.State == wire.StateMailed {
			r.ToldMailed++
		}
		if there[id] = settled; settled && d.saved[id] == 0 {
			r.Saved++ // killed between the disk and the word
		}
		if it.Tries > 1 {
			r.SentAgain++
		}
		if n := o.server.results[id]; n["duplicate"]+n["accepted"] > 1 {
			r.ArrivedAgain++
		}
	}
	for id := range d.saved {
		if r.Saved++; !there[id] {
			r.Lost++
		}
	}
	report, err := l.Verify(ctx)
	if err != nil {
		return err
	}
	r.ChainFaults += len(report.Faults)
	if report.Held != nil && report.Held.Size == report.Entries {
		r.HeadsHeld++
	}
	return nil
}

// size is that of a refusal of the first counter.
func (o *faultsOffice) size() (int, error) {
	k, err := readFaultsKit(o.counters[0].dir)
	if err != nil {
		return 0, err
	}
	p, err := wire.Seal(wire.Sealing{Decision: k.decision(1), Position: wire.Position{Epoch: 1, Seq: 2}, Device: k.Key, Recipients: k.Recipients,
		Officer: wire.KeyApprover{Key: k.Signer, Cert: k.Certificate}})
	return len(p.Bytes), err
}
