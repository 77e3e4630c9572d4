package central

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"loket/app/activation"
	"loket/scanner/token"
	"loket/sync/wire"
)

// statuses are the HTTP statuses of single packets.
var statuses = map[wire.Result]int{
	wire.ResultAccepted: http.StatusCreated, wire.ResultDuplicate: http.StatusOK, wire.ResultHeld: http.StatusAccepted,
	wire.ResultRefused: http.StatusUnprocessableEntity, wire.ResultPoison: http.StatusBadRequest, wire.ResultConflict: http.StatusConflict,
}

// outcome is what central says of a packet.
type outcome struct {
	result wire.Result
	state  wire.State
	reason string
}

func accepted() outcome            { return outcome{wire.ResultAccepted, wire.StateAccepted, ""} }
func held(reason string) outcome   { return outcome{wire.ResultHeld, wire.StateHeld, reason} }
func poison(reason string) outcome { return outcome{wire.ResultPoison, wire.StateAside, reason} }
func refused(reason string) outcome {
	return outcome{wire.ResultRefused, wire.StateRefused, reason}
}

func (o outcome) answer(id string) wire.PacketResult {
	return wire.PacketResult{Packet: id, Result: o.result, Status: statuses[o.result], State: o.state, Reason: o.reason, Next: nexts[o.reason]}
}

// intake takes one packet in, whoever relays it. What the packet's device
// signed is kept with its outcome, and answered the same ever after; what it
// did not sign is not kept at all. An error is central's own, and the packet
// will come again.
func (h *Home) intake(ctx context.Context, sender string, body []byte) (wire.PacketResult, error) {
	p, err := wire.Parse(body)
	if err != nil {
		return poison(reasonUnread).answer(""), nil
	}
	id := p.ID().String()
	if r, known, err := h.known(ctx, h.store.db, p); err != nil || known {
		return r, err
	}
	d, err := h.device(ctx, h.store.db, p.Header.Device)
	if errors.Is(err, errUnknownDevice) {
		return poison(reasonForged).answer(id), nil
	} else if err != nil {
		return wire.PacketResult{}, err
	}
	if p.Verify(d.Key) != nil {
		return poison(reasonForged).answer(id), nil
	}
	in, first := h.read(p, d)
	policy, err := h.Policy(ctx)
	if err != nil {
		return wire.PacketResult{}, err
	}
	var answer wire.PacketResult
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		r, known, err := h.known(ctx, tx, p)
		if err != nil || known { // another replica was quicker
			answer = r
			return err
		}
		out := first
		if out.result == wire.ResultAccepted {
			if out, err = h.judge(ctx, tx, in, policy); err != nil {
				return err
			}
		}
		answer = out.answer(id)
		if err := h.keep(ctx, tx, sender, p, in, answer); err != nil {
			return err
		}
		if out.result == wire.ResultAccepted {
			return h.follow(ctx, tx, in)
		}
		return nil
	})
	if err != nil {
		return wire.PacketResult{}, fmt.Errorf("packet %s: %w", id, err)
	}
	return answer, nil
}

// inside is a packet that was opened.
type inside struct {
	wire.Opened
	ref          packetRef
	presentation token.Presentation
	credential   token.Credential
	presented    bool // presentation and credential are good, and of this decision
}

// read opens a packet and checks every signature inside.
func (h *Home) read(p wire.Packet, d device) (inside, outcome) {
	in := inside{ref: packetRef{p.Header.Device, p.ID().String()}}
	if d.Revoked {
		return in, held(reasonRevoked)
	}
	var err error
	in.Opened, err = p.Open(h.keys.seal)
	if errors.Is(err, wire.ErrKeyMissing) {
		return in, held(reasonKey)
	} else if err != nil {
		return in, poison(reasonUnread)
	}
	if in.Verify(d.Key, h.certifiers()) != nil {
		return in, poison(reasonForged)
	}
	dec := in.Decision
	in.presentation, in.credential, err = token.OpenPresentation(dec.Presentation, h.issuers())
	in.presented = err == nil && in.credential.Registration == dec.Registration && in.credential.NIK == dec.NIK &&
		(len(in.presentation.Audience) == 0 || bytes.Equal(in.presentation.Audience, dec.Audience))
	return in, accepted()
}

// known answers for a packet that came before.
func (h *Home) known(ctx context.Context, q queryer, p wire.Packet) (wire.PacketResult, bool, error) {
	id := p.ID().String()
	r := wire.PacketResult{Packet: id, Result: wire.ResultDuplicate, Status: http.StatusOK}
	var hash []byte
	err := q.QueryRowContext(ctx, "SELECT hash, state, reason, next FROM packets WHERE device = $1 AND id = $2", p.Header.Device, id).
		Scan(&hash, &r.State, &r.Reason, &r.Next)
	if errors.Is(err, sql.ErrNoRows) {
		return wire.PacketResult{}, false, nil
	} else if err != nil {
		return wire.PacketResult{}, false, fmt.Errorf("packet %s: %w", id, err)
	}
	if want := p.Hash(); !bytes.Equal(hash, want[:]) {
		return outcome{wire.ResultConflict, wire.StateAside, reasonConflict}.answer(id), true, nil
	}
	return r, true, nil
}

// keep stores the packet's bytes with what was said of it.
func (h *Home) keep(ctx context.Context, tx queryer, sender string, p wire.Packet, in inside, answer wire.PacketResult) error {
	hash, now, d := p.Hash(), millis(h.now()), in.Decision
	var cti []byte
	if in.presented && d.Kind != string(activation.Cancel) {
		cti = in.presentation.CTI[:]
	}
	var cancels string
	if d.Cancels != nil {
		cancels = d.Cancels.String()
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO packets (device, id, hash, body, sender, received, result, state, state_at, reason, next,
		kind, officer, supervisor, registration, cancels, cti, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		in.ref.Device, in.ref.Packet, hash[:], p.Bytes, sender, now, string(answer.Result), string(answer.State), now, answer.Reason, answer.Next,
		d.Kind, d.Officer, d.Supervisor, d.Registration, cancels, cti, millis(d.At))
	return err
}
