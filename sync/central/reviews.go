package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"loket/sync/wire"
)

// withSupervisor is withSession for the supervisors of an office.
func withSupervisor[In, Out any](s *Server, f func(context.Context, session, In) (Out, error)) http.Handler {
	return withSession(s, false, func(ctx context.Context, p session, in In) (Out, error) {
		if p.Role != wire.RoleSupervisor || p.Office == "" {
			var out Out
			return out, fault(wire.CodeForbidden)
		}
		return f(ctx, p, in)
	})
}

// reviewPage is how many lines a supervisor sees at once.
const reviewPage = 100

// reviews is what waits for a supervisor of this office, requests of counters
// before held packets, oldest first. A supervisor's own cases are not among them.
func (s *Server) reviews(ctx context.Context, p session, _ none) (wire.ReviewsResponse, error) {
	out := wire.ReviewsResponse{Reviews: []wire.Review{}, Now: s.now().UTC()}
	err := s.store.tx(ctx, func(tx *sql.Tx) error { return endSeconds(ctx, tx, millis(s.now())) })
	if err != nil {
		return out, err
	}
	err = s.each(ctx, `SELECT s.device, s.packet, d.counter, s.officer, o.name, s.kind, s.reason, s.causes, s.created, s.expires
		FROM seconds s JOIN devices d ON d.id = s.device JOIN officers o ON o.id = s.officer
		WHERE s.office = $1 AND s.officer <> $2 AND s.stage IN ($3, $4) ORDER BY s.created LIMIT $5`,
		[]any{p.Office, p.ID, string(wire.SecondWaiting), string(wire.SecondLooked), reviewPage}, func(scan func(...any) error) error {
			r := wire.Review{Kind: wire.ReviewSecond}
			var causes string
			var at, expires int64
			if err := scan(&r.Device, &r.Packet, &r.Counter, &r.Officer, &r.Name, &r.Case, &r.Reason, &causes, &at, &expires); err != nil {
				return err
			}
			r.Causes, r.At, r.Expires = strings.Fields(causes), fromMillis(at), fromMillis(expires)
			out.Reviews = append(out.Reviews, r)
			return nil
		})
	if err != nil {
		return out, fmt.Errorf("reviews: %w", err)
	}
	err = s.each(ctx, `SELECT p.device, p.id, d.counter, p.officer, coalesce(o.name, ''), p.kind, p.reason, p.decided_at, p.received
		FROM packets p JOIN devices d ON d.id = p.device LEFT JOIN officers o ON o.id = p.officer
		WHERE p.state = $1 AND d.office = $2 AND p.officer <> $3 ORDER BY p.received LIMIT $4`,
		[]any{string(wire.StateHeld), p.Office, p.ID, reviewPage}, func(scan func(...any) error) error {
			r := wire.Review{Kind: wire.ReviewHeld}
			var why string
			var at, received int64
			if err := scan(&r.Device, &r.Packet, &r.Counter, &r.Officer, &r.Name, &r.Case, &why, &at, &received); err != nil {
				return err
			}
			r.Causes, r.At = []string{why}, fromMillis(at)
			if r.At.IsZero() { // it could not be opened
				r.At = fromMillis(received)
			}
			out.Reviews = append(out.Reviews, r)
			return nil
		})
	if err != nil {
		return out, fmt.Errorf("reviews: %w", err)
	}
	return out, nil
}

// look opens what waits, after it was written down who looks.
func (s *Server) look(ctx context.Context, p session, in wire.SecondRef) (wire.ReviewLook, error) {
	all, err := s.reviews(ctx, p, none{})
	if err != nil {
		return wire.ReviewLook{}, err
	}
	var out wire.ReviewLook
	for _, r := range all.Reviews {
		if r.Device == in.Device && r.Packet == in.Packet {
			out.Review = r
		}
	}
	if out.Review.Packet == "" {
		return out, s.notThere(ctx, p, in)
	}
	return out, s.store.verdict(ctx, func(tx *sql.Tx) error {
		var second wire.Second
		var err error
		if out.Review.Kind == wire.ReviewSecond {
			if second, err = s.openSecond(ctx, tx, p, in.Device, in.Packet); err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, "UPDATE seconds SET stage = $1, stage_at = $2 WHERE device = $3 AND packet = $4 AND stage = $5",
				string(wire.SecondLooked), millis(s.now()), in.Device, in.Packet, string(wire.SecondWaiting))
		} else {
			second, err = s.heldSecond(ctx, tx, p, packetRef{in.Device, in.Packet})
		}
		if err != nil {
			return err
		}
		if err := s.auditIn(ctx, tx, p, "review", in.Packet, true); err != nil {
			return err
		}
		out.Second, err = second.Encode()
		return err
	})
}

// notThere says why a supervisor has no such line: it is the supervisor's own
// case, another office's, or over.
func (s *Server) notThere(ctx context.Context, p session, in wire.SecondRef) error {
	var officer, office string
	err := s.store.db.QueryRowContext(ctx, `SELECT officer, office FROM seconds WHERE device = $1 AND packet = $2
		UNION ALL SELECT p.officer, d.office FROM packets p JOIN devices d ON d.id = p.device WHERE p.device = $1 AND p.id = $2 AND p.state = $3 LIMIT 1`,
		in.Device, in.Packet, string(wire.StateHeld)).Scan(&officer, &office)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault(wire.CodeReviewOver)
	case err != nil:
		return fmt.Errorf("review: %w", err)
	case office != p.Office:
		return fault(wire.CodeForbidden)
	case officer == p.ID:
		return fault(wire.CodeSamePerson)
	}
	return fault(wire.CodeReviewOver)
}

// heldSecond opens a held packet as something to look at, with central's own
// record beside it. The NIK's record is nobody's to see before that is written
// down, which look does in the same transaction.
func (s *Server) heldSecond(ctx context.Context, tx queryer, p session, ref packetRef) (wire.Second, error) {
	in, first, _, err := s.heldPacket(ctx, tx, p, ref)
	if err != nil {
		return wire.Second{}, err
	}
	if first.result != wire.ResultAccepted {
		return wire.Second{}, fault(wire.CodeReviewNot)
	}
	out := wire.Second{Decision: in.Decision}
	r, found, err := s.record(ctx, tx, in.Decision.NIK)
	if err != nil || !found {
		return out, err
	}
	out.Name, out.Photo = r.Name, r.Photo
	if out.Born, err = time.Parse(time.DateOnly, r.Born); err != nil {
		return out, fmt.Errorf("record: %w", err)
	}
	if r.PhotoTaken != "" {
		out.Taken, err = time.Parse(time.DateOnly, r.PhotoTaken)
	}
	return out, err
}
