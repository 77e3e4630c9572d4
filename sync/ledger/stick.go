package ledger

import (
	"context"
	"fmt"
	"strconv"

	"loket/sync/wire"
)

// Kinds of audit entry for what goes by USB stick.
const (
	auditExport = "export"
	auditImport = "import"
	auditRelay  = "relayed"
)

// Unsent is what waits and may leave on a stick: own packets oldest first, and
// those that are relayed for others. One that can still be undone is left out.
// The packets' states do not change: central or an event says when they arrived.
type Unsent struct {
	Packets      [][]byte
	Relayed      int      // how many of them, at the end, are others'
	Certificates [][]byte // of the devices that made those
	Left         int      // how many more wait that were over the limit
}

// Unsent reads them, up to a number of bytes.
func (l *Ledger) Unsent(ctx context.Context, limit int) (Unsent, error) {
	t, err := l.snapshot(ctx)
	if err != nil {
		return Unsent{}, err
	}
	defer t.Rollback()
	var u Unsent
	known := make(map[string]bool)
	err = t.eachRow(`SELECT body, x'', 0 FROM packets WHERE state IN ('queued', 'sent') AND body IS NOT NULL
			AND (not_before <= ?1 OR not_before > ?1 + `+strconv.FormatInt(UndoFor.Milliseconds(), 10)+`)
		UNION ALL SELECT body, certificate, 1 FROM (SELECT * FROM relayed WHERE state = 'queued' ORDER BY at, ticket)`,
		[]any{millis(t.now)}, func(scan func(...any) error) error {
			var body, cert []byte
			var other bool
			if err := scan(&body, &cert, &other); err != nil {
				return err
			}
			if limit -= len(body); limit < 0 {
				u.Left++
				return nil
			}
			u.Packets = append(u.Packets, body)
			if other {
				u.Relayed++
			}
			if other && !known[string(cert)] {
				known[string(cert)] = true
				u.Certificates = append(u.Certificates, cert)
			}
			return nil
		})
	if err != nil {
		return Unsent{}, fmt.Errorf("unsent packets: %w", err)
	}
	return u, nil
}

// Exported notes in the audit log that a bundle left.
func (l *Ledger) Exported(ctx context.Context, m wire.Manifest) error {
	return l.Record(ctx, auditExport, map[string]string{"bundle": m.ID.String(), "packets": strconv.Itoa(len(m.Hashes) / 32)})
}

// Brought says what became of a bundle's packets here.
type Brought struct {
	New    int // will be sent
	Known  int // this counter's own, or brought before
	Forged int // not signed by the device that they name: left out
}

// Relay takes another counter's bundle in, in one transaction: packets whose
// device's certificate and signature are in order are kept, and sent with this
// counter's own.
func (l *Ledger) Relay(ctx context.Context, b wire.Bundle) (Brought, error) {
	var out Brought
	err := l.tx(ctx, func(t *tx) error {
		own, err := get(t.ctx, t, "settings", settingDevice)
		if err != nil {
			return err
		}
		for _, p := range b.Packets {
			if err := ctx.Err(); err != nil { // a bundle may be long
				return err
			}
			key, ok := b.Key(p.Header.Device)
			if !ok || p.Verify(key) != nil {
				out.Forged++
				continue
			}
			if p.Header.Device == string(own) { // one that a restored backup has lost comes home, and is sent as others' are
				var n int
				id := p.ID()
				if err := t.get("SELECT count(*) FROM packets WHERE id = ?", []any{id[:]}, &n); err != nil {
					return err
				}
				if n > 0 {
					out.Known++
					continue
				}
			}
			ticket := p.Ticket()
			n, err := t.exec("INSERT INTO relayed (ticket, device, at, state, certificate, body) VALUES (?, ?, ?, 'queued', ?, ?) ON CONFLICT (ticket) DO NOTHING",
				ticket[:], p.Header.Device, millis(t.now), b.Certificate(p.Header.Device), p.Bytes)
			if err != nil {
				return err
			}
			out.New += int(n)
			out.Known += 1 - int(n)
		}
		return t.audit(auditImport, map[string]string{"bundle": b.ID.String(), "device": b.Device, "new": strconv.Itoa(out.New),
			"known": strconv.Itoa(out.Known), "forged": strconv.Itoa(out.Forged)})
	})
	if err != nil {
		return Brought{}, fmt.Errorf("relay bundle %s: %w", b.ID, err)
	}
	return out, nil
}

// Relaying counts others' packets that wait here.
func (l *Ledger) Relaying(ctx context.Context) (n int, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT count(*) FROM relayed WHERE state = 'queued'").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("relayed packets: %w", err)
	}
	return n, nil
}

// relayed are others' packets that can be taken, under their tickets.
func (t *tx) relayed(limit int) ([]Outgoing, error) {
	var out []Outgoing
	size := 0
	err := t.eachRow(`SELECT ticket, body FROM relayed WHERE state = 'queued' AND (next_try <= ?1 OR next_try > ?1 + ?3) ORDER BY at, ticket LIMIT ?2`,
		[]any{millis(t.now), limit, MaxRetry.Milliseconds()}, func(scan func(...any) error) error {
			var o Outgoing
			var ticket []byte
			if err := scan(&ticket, &o.Bytes); err != nil {
				return err
			}
			var err error
			if o.ID, err = packetID(ticket); err != nil {
				return err
			}
			if size += len(o.Bytes); size <= batchBytes || len(out) == 0 {
				out = append(out, o)
			}
			return nil
		})
	return out, err
}

// handedOver ends a relayed packet: central has answered, and what it said is
// told to the counter that made it.
func (t *tx) handedOver(o Outcome) error {
	n, err := t.exec("UPDATE relayed SET state = ?, body = NULL WHERE ticket = ? AND state = 'queued'", string(o.State), o.ID[:])
	if err != nil || n == 0 {
		return err
	}
	return t.audit(auditRelay, map[string]string{"ticket": o.ID.String(), "state": string(o.State)})
}

// eachRow calls f for every row of a query.
func (t *tx) eachRow(query string, args []any, f func(scan func(...any) error) error) error {
	rows, err := t.QueryContext(t.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
