package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"loket/scanner/token"
	"loket/sync/client"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// sync does one round over the line as it is: log in at central, renew, send,
// take events, hand in the head, and the roster where it is old.
func (v *van) sync() client.Link {
	w := v.w
	v.signIn()
	s := &client.Sender{Outbox: v.box(), Central: v.central, Keep: v.keep, Log: slog.New(alarm{v})}
	n, err := s.Once(w.ctx)
	link := client.LinkOf(err)
	if err != nil && link == client.Unchecked {
		must(err)
	}
	w.tally.Rounds++
	w.note("%s syncs: %d settled, %s", v.name, n, link)
	if w.guards.freshIDs && err != nil {
		v.sealAgain()
	}
	if link == client.Online && v.officer != nil {
		v.takeAlong()
	}
	return link
}

// signIn opens the officer's session at central while the PIN still counts, and
// renews the certificate in the second half of its time.
func (v *van) signIn() {
	if v.officer == nil {
		return
	}
	key, err := v.officer.Signer()
	if err != nil {
		return
	}
	o := v.officer.Officer()
	if have, ok := v.central.Session(); !ok || have.Officer != o.ID {
		if _, err := v.central.LogInSigned(v.w.ctx, o.ID, key); err != nil {
			return
		}
	}
	if o.NotAfter.Sub(v.now()) > 84*time.Hour {
		return
	}
	if cert, until, err := v.central.CertifyOfficer(v.w.ctx, key.Public()); err == nil {
		must(v.vault.Renew(v.w.ctx, o.ID, cert, until))
	}
}

// takeAlong downloads the area's records where they are not here or a day old.
func (v *van) takeAlong() {
	areas, err := v.roster.Areas(v.w.ctx)
	must(err)
	if len(areas) > 0 && areas[0].Complete && v.now().Sub(areas[0].Fetched) < 24*time.Hour {
		return
	}
	err = v.roster.Download(v.w.ctx, v.officer, vanArea, v.central.Roster, 3*24*time.Hour, nil)
	v.w.note("%s takes the roster along: %v", v.name, err == nil)
}

// alarm hears what the sender calls an error: central refused the audit log's
// head, or documents are not to be believed.
type alarm struct{ v *van }

func (alarm) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }
func (a alarm) WithAttrs([]slog.Attr) slog.Handler         { return a }
func (a alarm) WithGroup(string) slog.Handler              { return a }

func (a alarm) Handle(_ context.Context, r slog.Record) error {
	detail := ""
	r.Attrs(func(x slog.Attr) bool { detail += " " + x.Value.String(); return true })
	a.v.w.breach("heads", "%s: %s%s", a.v.name, r.Message, detail)
	return nil
}

// sealAgain is a control: what may have arrived is sent again under a new id.
func (v *van) sealAgain() {
	w := v.w
	if v.officer == nil || v.officer.Confirm(w.ctx, vanPIN) != nil {
		return
	}
	for _, d := range v.own() {
		item, err := v.ledger.Item(w.ctx, d.id)
		if err != nil || item.State != wire.StateSent || d.kind == "cancel" {
			continue
		}
		p, again, err := v.seal(d.c, d.kind, scanned{}, "", nil, nil)
		must(err)
		must(v.ledger.Decide(w.ctx, v.entry(d.c, p, d.kind, nil)))
		again.acked = true
		v.cases[&citizen{n: d.c.n, registration: d.c.registration}] = again
	}
}

// own are the van's decisions, in an order that does not change.
func (v *van) own() []*decided {
	var out []*decided
	for _, d := range v.cases {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b *decided) int {
		if a.c.n != b.c.n {
			return a.c.n - b.c.n
		}
		return len(a.kind) - len(b.kind)
	})
	return out
}

// export writes the unsent packets as a bundle; nil where nothing waits.
func (v *van) export(l *ledger.Ledger) []byte {
	u, err := l.Unsent(v.w.ctx, wire.MaxBundle)
	must(err)
	if len(u.Packets) == 0 {
		return nil
	}
	var stick bytes.Buffer
	m, err := wire.WriteBundle(&stick, v.device.Device, v.vault.Device(), v.now(), append(u.Certificates, v.device.Certificate), u.Packets)
	must(err)
	must(l.Exported(v.w.ctx, m))
	v.w.tally.Bundles++
	v.w.note("%s exports %d packets, %d of them others'", v.name, len(u.Packets), u.Relayed)
	return stick.Bytes()
}

// carry brings a bundle to another counter, to central, or both; at times the
// stick is pulled first, or somebody changes a byte, and nothing of it counts.
func (v *van) carry(stick []byte, to *van) {
	w := v.w
	if stick == nil {
		return
	}
	if w.chance(0.3) {
		spoilt := bytes.Clone(stick)
		at := int(w.dice.Float64() * float64(len(spoilt)))
		if w.chance(0.5) {
			spoilt = spoilt[:at]
		} else {
			spoilt[at] ^= 1 << w.dice.IntN(8)
		}
		w.tally.Spoilt++
		if _, err := w.home.ImportBundle(w.ctx, bytes.NewReader(spoilt)); err == nil {
			w.breach("stick", "%s: central took a spoilt bundle", v.name)
		}
		if to != nil && to.ledger != nil {
			if _, err := wire.ReadBundle(bytes.NewReader(spoilt), to.trust.Lookup(token.UseDevice, to.now())); err == nil {
				w.breach("stick", "%s took a spoilt bundle", to.name)
			}
		}
	}
	ways := 1 + w.dice.IntN(3) // a counter, central, both
	if to != nil && to.ledger != nil && ways&1 != 0 {
		b, err := wire.ReadBundle(bytes.NewReader(stick), to.trust.Lookup(token.UseDevice, to.now()))
		if err == nil {
			got, err := to.ledger.Relay(w.ctx, b)
			must(err)
			w.tally.Relayed += got.New
			w.note("%s takes %s's bundle: %d new, %d known, %d forged", to.name, v.name, got.New, got.Known, got.Forged)
			if got.Forged > 0 {
				w.breach("stick", "%s calls packets of %s forged", to.name, v.name)
			}
		} else {
			w.note("%s cannot read %s's bundle by its clock", to.name, v.name)
		}
	}
	if ways&2 != 0 {
		v.toCentral(stick)
	}
}

// toCentral brings a bundle there.
func (v *van) toCentral(stick []byte) {
	r, err := v.w.home.ImportBundle(v.w.ctx, bytes.NewReader(stick))
	must(err)
	v.w.note("central takes %s's bundle: %d accepted, %d known, %d held", v.name, r.Results[wire.ResultAccepted],
		r.Results[wire.ResultDuplicate], r.Results[wire.ResultHeld])
}

// restore puts the last backup in the ledger's place. The ledger that was there
// is kept beside it, and what it still held goes to central on a stick.
func (v *van) restore() {
	w := v.w
	v.quit()
	v.pc.skew = 0 // a technician sets the clock
	wall := func() time.Time { return v.pc.read().Wall }
	r, err := ledger.Restore(w.ctx, v.backupFile(), v.path(vanLedger), ledger.Options{Now: wall}, v.confirm(wall))
	if errors.Is(err, ledger.ErrNeverSynced) {
		v.open()
		w.note("%s: backup is from before the first sync", v.name)
		return
	}
	must(err)
	w.tally.Restores++
	v.open()
	w.note("%s restores a backup: %d aside", v.name, r.Aside)
	old, err := ledger.Open(w.ctx, r.OldAt, ledger.Options{Now: v.now})
	must(err)
	w.pass(time.Minute) // past the last undo
	stick := v.export(old)
	must(old.Close())
	if stick != nil {
		v.toCentral(stick)
	}
}
