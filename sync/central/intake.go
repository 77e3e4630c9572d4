package central

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"runtime"

	"golang.org/x/sync/errgroup"

	"loket/app/activation"
	"loket/scanner/token"
	"loket/sync/wire"
)

// statuses are the HTTP statuses of single packets.
var statuses = map[wire.Result]int{
	wire.ResultAccepted: http.StatusCreated, wire.ResultDuplicate: http.StatusOK, wire.ResultHeld: http.StatusAccepted,
	wire.ResultRefused: http.StatusUnprocessableEntity, wire.ResultPoison: http.StatusBadRequest, wire.ResultConflict: http.StatusConflict,
	wire.ResultLater: http.StatusInternalServerError,
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

// intake takes packets in, whoever relays them, and gives a result for each.
// What a packet's device signed is kept with its outcome, and answered the same
// ever after; what it did not sign is not kept at all. Signatures are checked
// on all cores, then one transaction keeps the batch. An error is central's
// own: nothing of the batch is kept, and it will come again.
func (h *Home) intake(ctx context.Context, sender string, bodies [][]byte) ([]wire.PacketResult, error) {
	policy, err := h.Policy(ctx)
	if err != nil {
		return nil, err
	}
	arrived := make([]arrival, len(bodies))
	h.spread(len(bodies), func(i int) { arrived[i] = unpack(bodies[i]) })
	if err := h.recall(ctx, arrived); err != nil {
		return nil, err
	}
	h.spread(len(bodies), func(i int) { h.inspect(&arrived[i]) })
	answers, err := h.settleAll(ctx, sender, arrived, policy)
	if err == nil || len(bodies) == 1 || ctx.Err() != nil {
		return answers, err
	}
	return h.settleEach(ctx, sender, arrived, policy, err)
}

// settleAll settles a batch in one transaction.
func (h *Home) settleAll(ctx context.Context, sender string, arrived []arrival, policy wire.Policy) ([]wire.PacketResult, error) {
	answers := make([]wire.PacketResult, len(arrived))
	return answers, h.store.tx(ctx, func(tx *sql.Tx) (err error) {
		q := newPrepared(tx)
		defer q.close()
		for i, a := range arrived {
			if answers[i], err = h.settle(ctx, q, sender, a, policy); err != nil {
				return fmt.Errorf("packet %s: %w", a.ref.Packet, err)
			}
		}
		return nil
	})
}

// settleEach gives each packet a transaction of its own after the batch's went
// wrong, so that one that central can't deal with never blocks the others. When
// none can be settled it is not the packets' fault: why is returned.
func (h *Home) settleEach(ctx context.Context, sender string, arrived []arrival, policy wire.Policy, why error) ([]wire.PacketResult, error) {
	answers, failed := make([]wire.PacketResult, len(arrived)), 0
	for i := range arrived {
		one, err := h.settleAll(ctx, sender, arrived[i:i+1], policy)
		if answers[i] = one[0]; err != nil {
			answers[i] = outcome{wire.ResultLater, wire.StateSent, ""}.answer(arrived[i].ref.Packet)
			failed++
		}
	}
	if failed == len(arrived) {
		return nil, why
	}
	return answers, nil
}

// arrival is a packet of which everything is known that its bytes say.
type arrival struct {
	inside
	packet wire.Packet
	device device             // that signed it
	first  outcome            // of the signatures
	answer *wire.PacketResult // where it is not to be kept: it came before, or nobody signed it
}

func (a *arrival) final(r wire.PacketResult) { a.answer = &r }

// spread does something for each of n packets, on all cores.
func (h *Home) spread(n int, do func(i int)) {
	var g errgroup.Group
	g.SetLimit(runtime.NumCPU())
	for i := range n {
		g.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = g.Wait() // none gives an error
}

// unpack reads a packet's form.
func unpack(body []byte) (a arrival) {
	var err error
	if a.packet, err = wire.Parse(body); err != nil {
		a.final(poison(reasonUnread).answer(""))
		return a
	}
	a.ref = packetRef{a.packet.Header.Device, a.packet.ID().String()}
	return a
}

// recall answers for the packets of a batch that came before, and finds the
// devices that signed the others.
func (h *Home) recall(ctx context.Context, arrived []arrival) error {
	conn, err := h.store.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("recall packets: %w", err)
	}
	defer conn.Close()
	q, devices := newPrepared(conn), map[string]device{}
	defer q.close()
	for i := range arrived {
		a := &arrived[i]
		if a.answer != nil {
			continue
		}
		if r, known, err := h.known(ctx, q, a.packet); err != nil {
			return err
		} else if known {
			a.final(r)
			continue
		}
		d, ok := devices[a.ref.Device]
		if !ok {
			if d, err = h.device(ctx, q, a.ref.Device); err != nil && !errors.Is(err, errUnknownDevice) {
				return err
			}
			devices[a.ref.Device] = d // without a key where it is unknown
		}
		if a.device, err = h.maker(ctx, q, d, a.packet); err != nil {
			return err
		}
	}
	return nil
}

// inspect checks what a new packet's device signed, and reads what is in it.
func (h *Home) inspect(a *arrival) {
	switch {
	case a.answer != nil:
	case a.device.Key == nil, a.packet.Verify(a.device.Key) != nil:
		a.final(poison(reasonForged).answer(a.ref.Packet))
	default:
		a.inside, a.first = h.read(a.packet, a.device)
	}
}

// settle judges an arrival, keeps it, and does what follows from it.
func (h *Home) settle(ctx context.Context, tx queryer, sender string, a arrival, policy wire.Policy) (wire.PacketResult, error) {
	if a.answer != nil {
		return *a.answer, nil
	}
	r, known, err := h.known(ctx, tx, a.packet)
	if err != nil || known { // twice in this batch, or another replica was quicker
		return r, err
	}
	out := a.first
	if out.result == wire.ResultAccepted {
		if out, err = h.judge(ctx, tx, a.inside, policy); err != nil {
			return r, err
		}
	}
	answer := out.answer(a.ref.Packet)
	if err := h.keep(ctx, tx, sender, a.packet, a.inside, answer); err != nil {
		return r, err
	}
	if out.result != wire.ResultAccepted {
		return answer, nil
	}
	return answer, h.follow(ctx, tx, a.inside)
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
	late, err := in.VerifyArrived(d.Key, h.officers, h.now())
	if err != nil {
		return in, poison(reasonForged)
	}
	dec := in.Decision
	in.presentation, in.credential, err = token.OpenPresentation(dec.Presentation, h.issuers())
	in.presented = err == nil && in.credential.Registration == dec.Registration && in.credential.NIK == dec.NIK &&
		(len(in.presentation.Audience) == 0 || bytes.Equal(in.presentation.Audience, dec.Audience))
	if late {
		return in, held(reasonClock)
	}
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
