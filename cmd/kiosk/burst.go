package main

import (
	"sync"
	"time"

	"loket/sync/client"
)

// burst is what is being sent now: from the moment that the sender begins until
// nothing waits any more. It serves "37 dari 212, kira-kira 2 menit".
type burst struct {
	mu      sync.Mutex
	began   time.Time // zero: nothing is being sent
	done    int
	waiting int
}

// watch is told each change of the line.
func (b *burst) watch(link client.Link, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if link == client.Sending && b.began.IsZero() {
		b.began, b.done = now, 0
	}
}

// settled counts what central has answered for.
func (b *burst) settled(outs []client.Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range outs {
		if o.State != "" && !b.began.IsZero() {
			b.done++
		}
	}
}

// waits is told how many packets central does not have.
func (b *burst) waits(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting = n; n == 0 {
		b.began, b.done = time.Time{}, 0
	}
}

// left says how far it is, and how long the rest takes if it goes on like this;
// total 0 where nothing is being sent, left 0 where nobody can say yet.
func (b *burst) left(now time.Time) (done, total int, left time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.began.IsZero() || b.waiting == 0 {
		return 0, 0, 0
	}
	if b.done > 0 {
		left = now.Sub(b.began) / time.Duration(b.done) * time.Duration(b.waiting)
	}
	return b.done, b.done + b.waiting, left
}
