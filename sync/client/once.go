package client

import (
	"context"
	"time"
)

// Once does a single round of what Run does again and again: it sends what is
// due, takes events, hands in the head and fetches trust list and policy. It
// never waits, so that whoever has a clock of their own can say when the next
// one is. It says how many packets central settled. Do not call it while Run
// runs.
func (s *Sender) Once(ctx context.Context) (settled int, err error) {
	s.init()
	var refreshed time.Time
	return s.round(ctx, &refreshed)
}
