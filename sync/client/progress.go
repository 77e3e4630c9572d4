package client

import (
	"context"
	"fmt"
	"time"
)

// Waits is an Outbox that knows how many packets central does not have yet.
type Waits interface {
	Waiting(ctx context.Context) (int, error)
}

// Progress is how far a haul is: "37 dari 212, kira-kira 2 menit". A haul begins
// where several packets wait, as when a van comes home, grows by what is decided
// meanwhile, outlasts faults of the line, and ends when nothing waits. Zero is
// none.
type Progress struct {
	Done, Total int
	Left        time.Duration // at the pace until now, without waits for the line; 0 is not known
}

// haul measures one.
type haul struct {
	done int
	busy time.Duration // that its batches took
}

// progress counts a batch that took so long.
func (s *Sender) progress(ctx context.Context, outcomes []Outcome, took time.Duration) error {
	box, ok := s.Outbox.(Waits)
	if !ok {
		return nil
	}
	waiting, err := box.Waiting(ctx)
	if err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	for _, o := range outcomes {
		if o.State != "" {
			s.haul.done++
		}
	}
	if len(outcomes) > 0 {
		s.haul.busy += took
	}
	p := s.haul.progress(waiting)
	if waiting == 0 {
		s.haul = haul{}
	}
	s.change(func(st *State) { st.Progress = p })
	return nil
}

func (h haul) progress(waiting int) Progress {
	if waiting == 0 || h.done+waiting < 2 {
		return Progress{}
	}
	p := Progress{Done: h.done, Total: h.done + waiting}
	if h.done > 0 {
		p.Left = max(time.Duration(float64(h.busy)/float64(h.done)*float64(waiting)).Round(time.Second), time.Second)
	}
	return p
}
