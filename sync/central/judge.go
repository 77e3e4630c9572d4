package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"loket/app/activation"
	"loket/scanner/face"
	"loket/sync/wire"
)

// maxDraft is how long after its code was scanned a case can still be decided:
// an unfinished one is kept for the day.
const maxDraft = 24 * time.Hour

// judge says whether a decision that is what it says it is may stand. It looks
// at central's own record, not at what the counter saw of it.
func (h *Home) judge(ctx context.Context, tx queryer, in inside, p wire.Policy) (outcome, error) {
	d := in.Decision
	if d.Train != p.Training {
		return refused(reasonTraining), nil
	}
	if d.Kind == string(activation.Cancel) {
		return h.judgeCancel(ctx, tx, in)
	}
	if in.presented {
		var n int
		err := tx.QueryRowContext(ctx, "SELECT count(*) FROM packets WHERE cti = $1", in.presentation.CTI[:]).Scan(&n)
		if err != nil || n > 0 {
			return held(reasonCti), err
		}
	}
	switch activation.Decision(d.Kind) {
	case activation.Approve, activation.Reactivate:
		reason := scanned(in)
		if !in.presented && d.Typed != "" {
			var r registration
			var err error
			if r, reason, err = h.typedIn(ctx, tx, in); err != nil {
				return outcome{}, err
			}
			if reason == "" && underWay(r.State) {
				return held(reasonCti), nil // no cti tells one typed code from the next
			}
		}
		if reason == "" {
			reason = proven(in, p)
		}
		if reason != "" {
			return refused(reason), nil
		}
		return h.judgeApproval(ctx, tx, in)
	case activation.Refuse, activation.Refer, activation.Decline, activation.Block:
		return accepted(), nil
	}
	return poison(reasonUnread), nil
}

// underWay says that a registration was approved and its code is on the way.
func underWay(p wire.Progress) bool {
	return p == wire.ProgressApproved || p == wire.ProgressMailed || p == wire.ProgressCoded
}

// scanned says what the presentation of an approval lacks; "" for nothing.
func scanned(in inside) string {
	d, p, c := in.Decision, in.presentation, in.credential
	if !in.presented || c.Email != d.Email || c.Number != d.Number ||
		p.IssuedAt.Before(c.IssuedAt.Add(-wire.RequestLeeway)) || p.IssuedAt.After(c.Expires) ||
		!d.Unsure && (d.At.Before(p.IssuedAt.Add(-wire.RequestLeeway)) || d.At.After(p.IssuedAt.Add(maxDraft))) {
		return string(activation.CodeInvalid)
	}
	return ""
}

// proven says what an approval lacks besides its code; "" for nothing.
func proven(in inside, policy wire.Policy) string {
	d, p := in.Decision, in.presentation
	if d.Consent.At.IsZero() || d.Consent.How == "" || d.Consent.How == "none" || !d.Contact {
		return reasonConsent
	}
	for _, c := range d.Checks {
		if !c.OK && d.Supervisor == "" {
			return reasonSecond
		}
	}
	needsSecond := !in.presented || len(d.Override) > 0 || (d.Unsure && len(p.Audience) == 0)
	switch {
	case d.Face == nil:
		needsSecond = true
	case d.Face.Band == string(face.NoMatch) && (len(d.Face.Reference.Weak) == 0 || d.Supervisor == ""):
		return string(activation.FaceNoMatch) // two people may see in a weak photo what no machine does
	case d.Face.Band != string(face.Match), !d.Face.Limits.Measured, d.Face.Near:
		needsSecond = true
	case d.Face.Live == nil && policy.Liveness != wire.LivenessAlways: // a counter that was not told to ask
	case !d.Face.Alive():
		needsSecond = true
	}
	if needsSecond && d.Supervisor == "" {
		return reasonSecond
	}
	return ""
}

// decidedAt is when a decision was made as far as anything says so: the
// counter's clock, or where that was in doubt the phone's, or no later than now.
func (h *Home) decidedAt(in inside) time.Time {
	switch {
	case !in.Decision.Unsure:
		return in.Decision.At
	case in.presented:
		return in.presentation.IssuedAt
	}
	return h.now()
}

func (h *Home) judgeApproval(ctx context.Context, tx queryer, in inside) (outcome, error) {
	d := in.Decision
	if _, err := h.registration(ctx, tx, d.Registration); errors.Is(err, errNoRegistration) {
		return refused(string(activation.CodeInvalid)), nil
	} else if err != nil {
		return outcome{}, err
	}
	r, found, err := h.record(ctx, tx, d.NIK)
	if err != nil {
		return outcome{}, err
	}
	born, err := time.Parse(time.DateOnly, r.Born)
	again := d.Kind == string(activation.Reactivate)
	switch {
	case !found || !r.Recorded:
		return refused(string(activation.NotRecorded)), nil
	case err != nil || r.NIKStatus == wire.NIKProblem:
		return refused(string(activation.DataProblem)), nil
	case r.NIKStatus != wire.NIKActive:
		return refused(string(activation.NIKInactive)), nil
	case !r.Married && h.decidedAt(in).Before(born.AddDate(17, 0, 0)):
		return refused(string(activation.Under17)), nil
	case r.IKD == wire.IKDActive && !again:
		return refused(string(activation.AlreadyActive)), nil
	case r.IKD == wire.IKDBlocked && (!again || d.Supervisor == ""):
		return refused(string(activation.Blocked)), nil
	}
	return accepted(), nil
}

// judgeCancel looks for what is taken back. A cancel that overtook its approval
// waits for it.
func (h *Home) judgeCancel(ctx context.Context, tx queryer, in inside) (outcome, error) {
	var kind string
	err := tx.QueryRowContext(ctx, "SELECT kind FROM packets WHERE device = $1 AND id = $2", in.ref.Device, in.Decision.Cancels.String()).Scan(&kind)
	if errors.Is(err, sql.ErrNoRows) {
		return held(reasonGone), nil
	} else if err != nil {
		return outcome{}, err
	}
	if kind != string(activation.Approve) && kind != string(activation.Reactivate) {
		return refused(reasonGone), nil
	}
	return accepted(), nil
}

// follow does what an accepted decision asks for, in the packet's transaction.
func (h *Home) follow(ctx context.Context, tx queryer, in inside) error {
	d := in.Decision
	switch activation.Decision(d.Kind) {
	case activation.Approve, activation.Reactivate:
		return h.approve(ctx, tx, in)
	case activation.Cancel:
		return h.cancel(ctx, tx, packetRef{in.ref.Device, d.Cancels.String()})
	case activation.Block:
		return h.block(ctx, tx, in)
	}
	if !in.presented {
		if _, reason, err := h.typedIn(ctx, tx, in); err != nil || reason != "" {
			return err // nobody proved whose registration it was
		}
	}
	r, err := h.registration(ctx, tx, d.Registration)
	if errors.Is(err, errNoRegistration) {
		return nil
	} else if err != nil {
		return err
	}
	if r.State != wire.ProgressRegistered && r.State != wire.ProgressRefused && r.State != wire.ProgressExpired {
		return nil // a later word does not undo an approval: that is a cancel
	}
	return h.setProgress(ctx, tx, r.ID, wire.ProgressRefused, d.Reason)
}

func (h *Home) approve(ctx context.Context, tx queryer, in inside) error {
	var cancel string
	err := tx.QueryRowContext(ctx, "SELECT id FROM packets WHERE device = $1 AND cancels = $2 AND state = $3",
		in.ref.Device, in.ref.Packet, string(wire.StateHeld)).Scan(&cancel)
	switch {
	case err == nil: // taken back before it came
		if err := h.packetState(ctx, tx, packetRef{in.ref.Device, cancel}, wire.StateAccepted, "", ""); err != nil {
			return err
		}
		return h.cancel(ctx, tx, in.ref)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	d := in.Decision
	// One person has one IKD: whatever another phone had, or was about to get, ends.
	if err := h.endIKD(ctx, tx, d.NIK, wire.IKDNone, wire.ProgressCancelled, d.Registration); err != nil {
		return err
	}
	if err := h.setProgress(ctx, tx, d.Registration, wire.ProgressApproved, ""); err != nil {
		return err
	}
	return h.newCode(ctx, tx, in.ref, d.Registration)
}

// cancel takes an approval back, however far it has come.
func (h *Home) cancel(ctx context.Context, tx queryer, approval packetRef) error {
	var registration string
	err := tx.QueryRowContext(ctx, "SELECT registration FROM packets WHERE device = $1 AND id = $2", approval.Device, approval.Packet).Scan(&registration)
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	if err := h.voidCodes(ctx, tx, registration); err != nil {
		return err
	}
	if err := h.queueCancelMail(ctx, tx, approval); err != nil {
		return err
	}
	if err := h.setProgress(ctx, tx, registration, wire.ProgressCancelled, ""); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE records SET ikd = $1, ikd_registration = '', changed = "+changedNow+" WHERE ikd_registration = $2 AND ikd = $3",
		string(wire.IKDNone), registration, string(wire.IKDActive))
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return h.packetState(ctx, tx, approval, wire.StateCancelled, "", "")
}

func (h *Home) block(ctx context.Context, tx queryer, in inside) error {
	d := in.Decision
	return h.endIKD(ctx, tx, d.NIK, wire.IKDBlocked, wire.ProgressBlocked, "")
}

// endIKD ends whatever IKD a person has, on every phone but that of the
// registration to keep.
func (h *Home) endIKD(ctx context.Context, tx queryer, nik string, to wire.IKDStatus, progress wire.Progress, keep string) error {
	_, err := tx.ExecContext(ctx, "UPDATE records SET ikd = $1, ikd_registration = '', changed = CASE WHEN ikd <> $1 THEN "+changedNow+" ELSE changed END WHERE nik = $2", string(to), nik)
	if err != nil {
		return fmt.Errorf("end IKD: %w", err)
	}
	rows, err := tx.QueryContext(ctx, "SELECT id FROM registrations WHERE nik = $1 AND id <> $2 AND state IN ($3, $4, $5, $6)",
		nik, keep, string(wire.ProgressApproved), string(wire.ProgressMailed), string(wire.ProgressCoded), string(wire.ProgressActive))
	if err != nil {
		return fmt.Errorf("end IKD: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("end IKD: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("end IKD: %w", err)
	}
	for _, id := range ids {
		if err := h.voidCodes(ctx, tx, id); err != nil {
			return err
		}
		if err := h.setProgress(ctx, tx, id, progress, ""); err != nil {
			return err
		}
	}
	return nil
}
