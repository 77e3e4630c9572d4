package camera

import (
	"context"
	"errors"
	"time"
)

const (
	pause     = 500 * time.Millisecond // between attempts: with Patience and grace well under the five seconds for recovery
	openLimit = 10 * time.Second       // an open that takes longer is given up; a slow USB camera needs two or three
	maxStuck  = 8                      // reads left behind at once before Keep waits for one to return
)

// Opener opens a camera. Its error wraps a Fault. ctx ends when nobody waits
// for the result any more; a Source returned later is closed at once.
type Opener func(ctx context.Context) (Source, error)

// Keep opens, runs, and after every fault closes and opens again, until ctx
// ends; it returns ctx's error. A camera that comes back is live again within
// five seconds. Neither an open nor a Read that never returns stops it.
// A finite Source starts over; who wants it once calls Run.
func (f *Feed) Keep(ctx context.Context, open Opener) error {
	if err := f.start(); err != nil {
		return err
	}
	defer f.stop()
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wait.C:
		}
		if f.room() {
			if src, err := f.open(ctx, open); err == nil {
				_ = f.run(ctx, src) // its fault is in Health; what follows is the same for all
			}
		}
		wait.Reset(pause)
	}
}

func (f *Feed) room() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stuck < maxStuck
}

// open calls the Opener on its own goroutine. After Patience without an answer
// Health says CannotOpen; after openLimit it is given up.
func (f *Feed) open(ctx context.Context, open Opener) (Source, error) {
	type opened struct {
		src Source
		err error
	}
	limited, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	done := make(chan opened, 1)
	f.begin(Opening)
	go func() {
		src, err := open(limited)
		done <- opened{src, err}
	}()

	slow := time.NewTimer(Patience)
	defer slow.Stop()
	for {
		select {
		case o := <-done:
			if o.err != nil && ctx.Err() == nil {
				return nil, f.fail(FaultOf(o.err, CannotOpen), o.err)
			}
			return o.src, o.err
		case <-slow.C:
			_ = f.fail(CannotOpen, nil) // shown while the attempt goes on
		case <-limited.Done():
			f.abandon(func() error {
				o := <-done
				if o.src != nil {
					return o.src.Close()
				}
				return o.err
			})
			return nil, errors.Join(limited.Err(), CannotOpen)
		}
	}
}
