package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"

	"loket/app/activation"
	"loket/sync/wire"
)

// heldPacket opens a packet that waits, for a supervisor of its office who is
// another person than its officer. A device's revocation is set aside: that is
// what the supervisor judges.
func (s *Server) heldPacket(ctx context.Context, tx queryer, p session, ref packetRef) (in inside, first outcome, reason string, err error) {
	var body []byte
	var officer, office, state string
	err = tx.QueryRowContext(ctx, "SELECT p.body, p.officer, d.office, p.state, p.reason FROM packets p JOIN devices d ON d.id = p.device WHERE p.device = $1 AND p.id = $2",
		ref.Device, ref.Packet).Scan(&body, &officer, &office, &state, &reason)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return in, first, "", fault(wire.CodeReviewOver)
	case err != nil:
		return in, first, "", fmt.Errorf("held packet: %w", err)
	case office != p.Office:
		return in, first, "", fault(wire.CodeForbidden)
	case state != string(wire.StateHeld):
		return in, first, "", fault(wire.CodeReviewOver)
	}
	packet, err := wire.Parse(body)
	if err != nil {
		return in, first, "", fmt.Errorf("held packet: %w", err)
	}
	if officer == p.ID || packet.Header.Officer == p.ID {
		return in, first, "", fault(wire.CodeSamePerson)
	}
	d, err := s.device(ctx, tx, ref.Device)
	if err == nil {
		d, err = s.maker(ctx, tx, d, packet)
	}
	if err != nil {
		return in, first, "", err
	}
	d.Revoked = false
	in, first = s.read(packet, d)
	if first.reason == reasonClock { // so is when it was signed
		first = accepted()
	}
	return in, first, reason, nil
}

var refusalCode = regexp.MustCompile(`^[A-Z][A-Z0-9_]{2,39}$`)

// reasonBySupervisor stands where a supervisor refused without another reason.
const reasonBySupervisor = "DITOLAK_ATASAN"

// settleHeld releases a held packet, so that it is judged as if nothing had held
// it, or refuses it. What follows is told to the counter by events.
func (s *Server) settleHeld(ctx context.Context, p session, in wire.HeldSettle) (wire.PacketResult, error) {
	if in.Reason != "" && !refusalCode.MatchString(in.Reason) {
		return wire.PacketResult{}, fault(wire.CodeBadRequest)
	}
	policy, err := s.Policy(ctx)
	if err != nil {
		return wire.PacketResult{}, err
	}
	defer s.nudge()
	ref := packetRef{in.Device, in.Packet}
	var answer wire.PacketResult
	return answer, s.store.verdict(ctx, func(tx *sql.Tx) error {
		opened, first, held, err := s.heldPacket(ctx, tx, p, ref)
		if err != nil {
			return err
		}
		out, what := refused(in.Reason), "held-refused"
		if in.Reason == "" {
			out = refused(reasonBySupervisor)
		}
		if in.Release {
			what = "held-released"
			if first.result != wire.ResultAccepted { // its key is still missing
				return fault(wire.CodeReviewNot)
			}
			if out, err = s.judgeReleased(ctx, tx, opened, policy); err != nil {
				return err
			}
			if out.result == wire.ResultHeld {
				return fault(wire.CodeReviewNot)
			}
		}
		if err := s.auditIn(ctx, tx, p, what, ref.Packet+" "+held, true); err != nil {
			return err
		}
		answer = out.answer(ref.Packet)
		if err := s.keepSettled(ctx, tx, p, opened, answer); err != nil {
			return err
		}
		if err := s.packetState(ctx, tx, ref, answer.State, answer.Reason, answer.Next); err != nil {
			return err
		}
		if out.result != wire.ResultAccepted {
			return nil
		}
		return s.follow(ctx, tx, opened)
	})
}

// keepSettled writes what a supervisor said of a held packet, and what could
// not be read of it before.
func (s *Server) keepSettled(ctx context.Context, tx queryer, p session, in inside, answer wire.PacketResult) error {
	d := in.Decision
	var cancels string
	if d.Cancels != nil {
		cancels = d.Cancels.String()
	}
	_, err := tx.ExecContext(ctx, `UPDATE packets SET result = $1, settled_by = $2, kind = $3, officer = $4, supervisor = $5, registration = $6, cancels = $7, decided_at = $8
		WHERE device = $9 AND id = $10`, string(answer.Result), p.ID, d.Kind, d.Officer, d.Supervisor, d.Registration, cancels, millis(d.At), in.ref.Device, in.ref.Packet)
	if err != nil {
		return fmt.Errorf("held packet: %w", err)
	}
	return nil
}

// judgeReleased judges a packet whose hold a supervisor has lifted: a code that
// came up twice, a revoked device. Everything else stands.
func (s *Server) judgeReleased(ctx context.Context, tx queryer, in inside, policy wire.Policy) (outcome, error) {
	d := in.Decision
	switch {
	case d.Train != policy.Training:
		return refused(reasonTraining), nil
	case d.Kind == string(activation.Cancel):
		return s.judgeCancel(ctx, tx, in)
	}
	switch activation.Decision(d.Kind) {
	case activation.Approve, activation.Reactivate:
		reason := scanned(in)
		if !in.presented && d.Typed != "" {
			var err error
			if _, reason, err = s.typedIn(ctx, tx, in); err != nil {
				return outcome{}, err
			}
		}
		if reason == "" {
			reason = proven(in, policy)
		}
		if reason != "" {
			return refused(reason), nil
		}
		return s.judgeApproval(ctx, tx, in)
	case activation.Refuse, activation.Refer, activation.Decline, activation.Block:
		return accepted(), nil
	}
	return refused(reasonUnread), nil
}
