package central

import (
	"context"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"loket/sync/wire"
)

// ErrRecovery says that a text is not this central's recovery key.
var ErrRecovery = errors.New("not the recovery key")

// Recovery says what the recovery key opened.
type Recovery struct {
	Packets  int                 `json:"packets"`  // kept here
	Opened   int                 `json:"opened"`   // by the recovery key alone
	Verified int                 `json:"verified"` // with every signature inside
	Waiting  int                 `json:"waiting"`  // held since central lacks their key
	Settled  []wire.PacketResult `json:"settled"`  // of those, when they were to be settled
	Faults   []string            `json:"faults"`   // device and packet of what did not open or verify
}

// Recover opens every packet with the recovery key that Init printed (base32),
// instead of central's own. Without settle it changes nothing: a drill, which
// shows that nothing is lost when central's key is. With settle, packets that
// are held since central lacks their key are judged as if they came now.
func (h *Home) Recover(ctx context.Context, text string, settle bool) (Recovery, error) {
	with, err := h.withRecovery(ctx, text)
	if err != nil {
		return Recovery{}, fmt.Errorf("recover: %w", err)
	}
	out := Recovery{Settled: []wire.PacketResult{}, Faults: []string{}}
	var waiting []packetRef
	err = h.each(ctx, "SELECT device, id, body, reason = $1 AND state = $2 FROM packets ORDER BY received, device, id", []any{reasonKey, string(wire.StateHeld)},
		func(scan func(...any) error) error {
			var ref packetRef
			var body []byte
			var waits bool
			if err := scan(&ref.Device, &ref.Packet, &body, &waits); err != nil {
				return err
			}
			out.Packets++
			if waits {
				waiting = append(waiting, ref)
			}
			return with.drill(ctx, ref, body, &out)
		})
	if out.Waiting = len(waiting); err != nil || !settle {
		return out, err
	}
	for _, ref := range waiting {
		r, err := with.rejudge(ctx, ref)
		if err != nil {
			return out, fmt.Errorf("recover packet %s: %w", ref.Packet, err)
		}
		out.Settled = append(out.Settled, r)
	}
	return out, nil
}

// withRecovery is a Home whose key for packets is the recovery key.
func (h *Home) withRecovery(ctx context.Context, text string) (*Home, error) {
	text = strings.ToUpper(strings.Join(strings.Fields(text), ""))
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecovery, err)
	}
	private, err := wire.ReadSealKey(seed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecovery, err)
	}
	public, err := setting(ctx, h.store.db, "recovery")
	if err != nil {
		return nil, err
	}
	if string(private.PublicKey().Bytes()) != string(public) {
		return nil, ErrRecovery
	}
	keys := *h.keys
	keys.seal = private
	with := *h
	with.keys = &keys
	return &with, nil
}

// drill opens one packet and checks what is inside.
func (h *Home) drill(ctx context.Context, ref packetRef, body []byte, out *Recovery) error {
	bad := func(what string) { out.Faults = append(out.Faults, ref.Device+" "+ref.Packet+" "+what) }
	p, err := wire.Parse(body)
	if err != nil {
		bad(reasonUnread)
		return nil
	}
	opened, err := p.Open(h.keys.seal)
	if err != nil {
		bad(reasonKey)
		return nil
	}
	out.Opened++
	d, err := h.device(ctx, h.store.db, ref.Device)
	if err == nil {
		d, err = h.maker(ctx, h.store.db, d, p)
	}
	if err != nil {
		return err
	}
	if p.Verify(d.Key) != nil || opened.Verify(d.Key, h.certifiers()) != nil {
		bad(reasonForged)
		return nil
	}
	out.Verified++
	return nil
}

// rejudge takes a packet out and in again, now that it can be read, and tells
// its counter.
func (h *Home) rejudge(ctx context.Context, ref packetRef) (r wire.PacketResult, err error) {
	policy, err := h.Policy(ctx)
	if err != nil {
		return r, err
	}
	return r, h.store.tx(ctx, func(tx *sql.Tx) error {
		var body []byte
		var sender string
		err := tx.QueryRowContext(ctx, "DELETE FROM packets WHERE device = $1 AND id = $2 AND reason = $3 AND state = $4 RETURNING body, sender",
			ref.Device, ref.Packet, reasonKey, string(wire.StateHeld)).Scan(&body, &sender)
		if err != nil {
			return err
		}
		p, err := wire.Parse(body)
		if err != nil {
			return err
		}
		d, err := h.device(ctx, tx, ref.Device)
		if err == nil {
			d, err = h.maker(ctx, tx, d, p)
		}
		if err != nil {
			return err
		}
		in, first := h.read(p, d)
		if r, err = h.settle(ctx, tx, sender, arrival{inside: in, packet: p, first: first}, policy); err != nil {
			return err
		}
		return h.packetState(ctx, tx, ref, r.State, r.Reason, r.Next)
	})
}
