package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"loket/sync/wire"
)

// round does all that is to be done now: send, take events, hand in the head,
// renew trust list and policy. It says how many packets central settled. An
// error that LinkOf does not know is the outbox's.
func (s *Sender) round(ctx context.Context, refreshed *time.Time) (int, error) {
	sent, err := s.send(ctx)
	if err != nil {
		return sent, err
	}
	events, err := s.events(ctx)
	if err != nil {
		return sent, err
	}
	if sent > 0 || events > 0 || time.Since(*refreshed) > refresh {
		if err := s.head(ctx); err != nil {
			*refreshed = time.Time{} // the next round hands it in, though it may have nothing to send
			return sent, err
		}
	}
	if time.Since(*refreshed) > refresh {
		if err := s.documents(ctx); err != nil {
			return sent, err
		}
		*refreshed = time.Now()
	}
	return sent, nil
}

// send hands in batches until nothing is due.
func (s *Sender) send(ctx context.Context) (int, error) {
	for n := 0; ; {
		batch, err := s.Outbox.Take(ctx, wire.MaxBatch)
		if err != nil {
			return n, fmt.Errorf("sender: %w", err)
		}
		if len(batch) == 0 {
			return n, nil
		}
		s.change(func(st *State) { st.Link = Sending })
		if n == 0 {
			if err := s.progress(ctx, nil, 0); err != nil {
				return n, err
			}
		}
		began := time.Now()
		outcomes, err := s.batch(ctx, batch)
		if settled := s.settle(ctx, outcomes); settled != nil {
			return n, settled
		}
		if err := s.progress(ctx, outcomes, time.Since(began)); err != nil {
			return n, err
		}
		n += len(outcomes)
		if err != nil {
			if disk := s.putOff(ctx, batch[len(outcomes):], err); disk != nil {
				return n, disk
			}
			return n, err
		}
		if s.isPaused() {
			return n, nil
		}
	}
}

func (s *Sender) settle(ctx context.Context, outcomes []Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	// What central has said is written down even if the program is to end now.
	if err := s.Outbox.Settle(context.WithoutCancel(ctx), outcomes); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	return nil
}

// putOff writes down why packets still wait. They stay due: it is the sender
// that waits for the line.
func (s *Sender) putOff(ctx context.Context, batch []Outgoing, cause error) error {
	var outcomes []Outcome
	for _, o := range batch {
		outcomes = append(outcomes, Outcome{ID: o.ID, Cause: CauseOf(cause)})
	}
	return s.settle(ctx, outcomes)
}

// batch sends packets together. Where central can't read the request, each is
// sent alone, so that one never blocks the others. What it gives are outcomes
// of the first packets, as many as were settled.
func (s *Sender) batch(ctx context.Context, batch []Outgoing) ([]Outcome, error) {
	bodies := make([][]byte, len(batch))
	for i, o := range batch {
		bodies[i] = o.Bytes
	}
	answer, err := s.Central.Packets(ctx, bodies)
	var refused *wire.Error
	switch {
	case err == nil:
	case !errors.As(err, &refused), LinkOf(err) != Online:
		return nil, err
	case len(batch) == 1:
		return []Outcome{{ID: batch[0].ID, State: wire.StateAside, Cause: refused.Code, Next: refused.Next}}, nil
	default:
		var all []Outcome
		for _, o := range batch {
			one, err := s.batch(ctx, []Outgoing{o})
			if all = append(all, one...); err != nil {
				return all, err
			}
		}
		return all, nil
	}
	var out []Outcome
	for i, r := range answer.Results {
		out = append(out, outcome(batch[i], r))
	}
	return out, nil
}

// outcome reads central's answer for one packet.
func outcome(o Outgoing, r wire.PacketResult) Outcome {
	if r.Result == wire.ResultLater {
		return Outcome{ID: o.ID, Cause: string(Server), Retry: backMost}
	}
	out := Outcome{ID: o.ID, State: r.State, Cause: r.Reason, Next: r.Next}
	if r.Result == wire.ResultPoison || r.Result == wire.ResultConflict || out.State == "" {
		out.State = wire.StateAside
	}
	return out
}

// events takes what happened since the cursor. Without an officer's session
// central is only asked for the time, to see whether the line is good.
func (s *Sender) events(ctx context.Context) (int, error) {
	if session, ok := s.Central.Session(); !ok || session.MustChange {
		_, err := s.Central.Time(ctx)
		return 0, err
	}
	for n := 0; ; {
		after, err := s.Outbox.Cursor(ctx)
		if err != nil {
			return n, fmt.Errorf("sender: %w", err)
		}
		page, err := s.Central.Events(ctx, after)
		if errors.Is(err, ErrNoSession) {
			return n, nil // it has just ended; the next round asks for the time
		} else if err != nil {
			return n, err
		}
		if len(page.Events) > 0 {
			if err := s.Outbox.Apply(ctx, page.Events, page.Cursor); err != nil {
				return n, fmt.Errorf("sender: %w", err)
			}
		}
		if n += len(page.Events); !page.More {
			return n, nil
		}
	}
}

// head hands in the head of the audit log. When central does not hold what this
// counter thinks (an answer was lost), it is asked once what it does hold.
func (s *Sender) head(ctx context.Context) error {
	for try := 0; ; try++ {
		in, err := s.Outbox.HeadRequest(ctx)
		if err != nil {
			return fmt.Errorf("sender: %w", err)
		}
		held, err := s.Central.Head(ctx, in)
		var refused *wire.Error
		if errors.As(err, &refused) && refused.Code == wire.CodeHead && try == 0 {
			if held, err = s.Central.HeldHead(ctx); err != nil {
				return err
			}
			if err := s.accept(ctx, held); err != nil {
				return err
			}
			continue
		}
		if refused != nil && LinkOf(err) == Online {
			s.Log.Error("central refuses the head of the audit log", "code", refused.Code)
			return nil // packets must still flow
		}
		if err != nil {
			return err
		}
		return s.accept(ctx, held)
	}
}

func (s *Sender) accept(ctx context.Context, held wire.HeadResponse) error {
	if err := s.Outbox.HeadAccepted(ctx, held); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	return nil
}

// documents fetches trust list and policy for Keep to look at.
func (s *Sender) documents(ctx context.Context) error {
	if s.Keep == nil {
		return nil
	}
	trust, err := s.Central.Trust(ctx)
	if err != nil {
		return err
	}
	policy, err := s.Central.Policy(ctx)
	if err != nil {
		return err
	}
	if err := s.Keep(ctx, trust, policy); err != nil {
		s.Log.Error("trust list or policy is not to be believed", "err", err)
	}
	return nil
}
