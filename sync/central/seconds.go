package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"loket/app/activation"
	"loket/sync/wire"
)

// maxWaitingSeconds is how many requests one device may have open: there is one
// citizen before it, and an officer who was cut off may ask anew.
const maxWaitingSeconds = 3

// askSecond takes a request for a supervisor's signature. What is asked about
// must be this officer's, at this device; it is opened to make sure, and kept
// sealed.
func (s *Server) askSecond(ctx context.Context, p session, in wire.SecondRequest) (wire.SecondState, error) {
	id, err := wire.ParsePacketID(in.Packet)
	if err != nil || len(in.Sealed) == 0 || len(in.Sealed) > wire.MaxSecond {
		return wire.SecondState{}, fault(wire.CodeBadRequest)
	}
	second, err := wire.OpenSecond(in.Sealed, p.Device, id, s.keys.seal)
	if err != nil {
		return wire.SecondState{}, fault(wire.CodeBadRequest)
	}
	d := second.Decision
	if d.Officer != p.ID || d.Supervisor != "" || len(d.Override) > 20 {
		return wire.SecondState{}, fault(wire.CodeForbidden)
	}
	switch activation.Decision(d.Kind) {
	case activation.Approve, activation.Reactivate, activation.Refer, activation.Refuse, activation.Block:
	default:
		return wire.SecondState{}, fault(wire.CodeBadRequest)
	}
	now := s.now()
	out := wire.SecondState{Packet: id.String(), Stage: wire.SecondWaiting, Expires: now.Add(wire.SecondLife).UTC()}
	return out, s.store.verdict(ctx, func(tx *sql.Tx) error {
		if err := endSeconds(ctx, tx, millis(now)); err != nil {
			return err
		}
		var n int
		err := tx.QueryRowContext(ctx, "SELECT count(*) FROM seconds WHERE device = $1 AND stage IN ($2, $3)", p.Device, string(wire.SecondWaiting), string(wire.SecondLooked)).Scan(&n)
		if err != nil {
			return fmt.Errorf("ask second: %w", err)
		}
		if n >= maxWaitingSeconds {
			return fault(wire.CodeBusy)
		}
		ok, err := one(tx.ExecContext(ctx, `INSERT INTO seconds (device, packet, office, officer, sealed, kind, reason, causes, created, expires, stage, stage_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $9) ON CONFLICT (device, packet) DO NOTHING`, p.Device, out.Packet, p.Office, p.ID, in.Sealed,
			d.Kind, d.Reason, strings.Join(d.Override, " "), millis(now), millis(out.Expires), string(wire.SecondWaiting)))
		if err != nil {
			return fmt.Errorf("ask second: %w", err)
		}
		if !ok { // asked before: an answer was lost on the way
			out, err = second1(ctx, tx, p.Device, out.Packet)
			return err
		}
		return s.auditIn(ctx, tx, p, "second-asked", out.Packet, true)
	})
}

// endSeconds ends the requests whose time is over, with what they were about.
func endSeconds(ctx context.Context, tx queryer, now int64) error {
	_, err := tx.ExecContext(ctx, "UPDATE seconds SET stage = $1, stage_at = $2, sealed = NULL WHERE expires <= $2 AND stage IN ($3, $4)",
		string(wire.SecondExpired), now, string(wire.SecondWaiting), string(wire.SecondLooked))
	if err != nil {
		return fmt.Errorf("end requests: %w", err)
	}
	return nil
}

// second1 reads where a request stands.
func second1(ctx context.Context, q queryer, device, packet string) (wire.SecondState, error) {
	out := wire.SecondState{Packet: packet}
	var expires int64
	var name sql.NullString
	err := q.QueryRowContext(ctx, `SELECT stage, expires, supervisor, certificate, signature, answer, (SELECT name FROM officers WHERE id = supervisor)
		FROM seconds WHERE device = $1 AND packet = $2`, device, packet).
		Scan(&out.Stage, &expires, &out.Supervisor, &out.Certificate, &out.Signature, &out.Reason, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return out, fault(wire.CodeReviewOver)
	} else if err != nil {
		return out, fmt.Errorf("request: %w", err)
	}
	out.Expires, out.Name = fromMillis(expires), name.String
	return out, nil
}

// secondState tells the officer who asked.
func (s *Server) secondState(ctx context.Context, p session, packet string) (wire.SecondState, error) {
	var out wire.SecondState
	return out, s.store.verdict(ctx, func(tx *sql.Tx) (err error) {
		if err := endSeconds(ctx, tx, millis(s.now())); err != nil {
			return err
		}
		if err := s.ownSecond(ctx, tx, p, packet); err != nil {
			return err
		}
		out, err = second1(ctx, tx, p.Device, packet)
		return err
	})
}

// ownSecond wants a request of this officer at this device.
func (s *Server) ownSecond(ctx context.Context, tx queryer, p session, packet string) error {
	var officer string
	err := tx.QueryRowContext(ctx, "SELECT officer FROM seconds WHERE device = $1 AND packet = $2", p.Device, packet).Scan(&officer)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault(wire.CodeReviewOver)
	case err != nil:
		return fmt.Errorf("request: %w", err)
	case officer != p.ID:
		return fault(wire.CodeForbidden)
	}
	return nil
}

// withdrawSecond ends one's own request, unless it was answered.
func (s *Server) withdrawSecond(ctx context.Context, p session, in wire.SecondRef) (wire.SecondState, error) {
	var out wire.SecondState
	return out, s.store.verdict(ctx, func(tx *sql.Tx) (err error) {
		if err := s.ownSecond(ctx, tx, p, in.Packet); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE seconds SET stage = $1, stage_at = $2, sealed = NULL WHERE device = $3 AND packet = $4 AND stage IN ($5, $6)",
			string(wire.SecondWithdrawn), millis(s.now()), p.Device, in.Packet, string(wire.SecondWaiting), string(wire.SecondLooked))
		if err != nil {
			return fmt.Errorf("withdraw request: %w", err)
		}
		out, err = second1(ctx, tx, p.Device, in.Packet)
		return err
	})
}

// answerSecond takes a supervisor's signature, or that there will be none.
// Central refuses a person who is the officer, whoever says so.
func (s *Server) answerSecond(ctx context.Context, p session, in wire.SecondAnswer) (wire.SecondState, error) {
	if len(in.Reason) > 40 || len(in.Signature) > 4096 || len(in.Certificate) > 4096 {
		return wire.SecondState{}, fault(wire.CodeBadRequest)
	}
	var out wire.SecondState
	return out, s.store.verdict(ctx, func(tx *sql.Tx) error {
		now := millis(s.now())
		if err := endSeconds(ctx, tx, now); err != nil {
			return err
		}
		second, err := s.openSecond(ctx, tx, p, in.Device, in.Packet)
		if err != nil {
			return err
		}
		stage, what := wire.SecondDeclined, "second-declined"
		if len(in.Signature) > 0 {
			stage, what = wire.SecondSigned, "second-signed"
			sig := wire.Signature{Certificate: in.Certificate, COSE: in.Signature}
			switch _, err := second.VerifySecond(p.ID, sig, s.certifiers()); {
			case errors.Is(err, wire.ErrSamePerson):
				return fault(wire.CodeSamePerson)
			case err != nil:
				return fault(wire.CodeBadRequest)
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE seconds SET stage = $1, stage_at = $2, sealed = NULL, supervisor = $3, certificate = $4, signature = $5, answer = $6
			WHERE device = $7 AND packet = $8`, string(stage), now, p.ID, in.Certificate, in.Signature, in.Reason, in.Device, in.Packet)
		if err != nil {
			return fmt.Errorf("answer request: %w", err)
		}
		if err := s.auditIn(ctx, tx, p, what, in.Packet, true); err != nil {
			return err
		}
		out, err = second1(ctx, tx, in.Device, in.Packet)
		return err
	})
}

// openSecond opens a request that still waits, for a supervisor of its office
// who is not its officer.
func (s *Server) openSecond(ctx context.Context, tx queryer, p session, device, packet string) (wire.Second, error) {
	var officer, office, stage string
	var sealed []byte
	err := tx.QueryRowContext(ctx, "SELECT officer, office, stage, sealed FROM seconds WHERE device = $1 AND packet = $2", device, packet).
		Scan(&officer, &office, &stage, &sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return wire.Second{}, fault(wire.CodeReviewOver)
	case err != nil:
		return wire.Second{}, fmt.Errorf("request: %w", err)
	case office != p.Office:
		return wire.Second{}, fault(wire.CodeForbidden)
	case officer == p.ID:
		return wire.Second{}, fault(wire.CodeSamePerson)
	case stage != string(wire.SecondWaiting) && stage != string(wire.SecondLooked):
		return wire.Second{}, fault(wire.CodeReviewOver)
	}
	id, err := wire.ParsePacketID(packet)
	if err != nil {
		return wire.Second{}, fault(wire.CodeBadRequest)
	}
	second, err := wire.OpenSecond(sealed, device, id, s.keys.seal)
	if err != nil {
		return wire.Second{}, fmt.Errorf("request: %w", err)
	}
	return second, nil
}
