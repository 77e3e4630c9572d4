package camera_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"loket/camera"
)

// A camera is lost in every way, and given back: the fault is known within
// three seconds and pictures are live again within five of its return. The
// control case never gives it back.
func TestKeep(t *testing.T) {
	const away = 20 * time.Second
	refuse := func(f camera.Fault) camera.Opener {
		return func(context.Context) (camera.Source, error) { return nil, fmt.Errorf("open: %w", f) }
	}
	tests := []struct {
		name    string
		lose    func(*fake)   // what happens to the source in use
		gone    camera.Opener // what opening gives while it is away
		want    camera.Fault
		returns bool
	}{
		{"unplugged", func(f *fake) { f.ends = 1 }, refuse(camera.NoCamera), camera.NoCamera, true},
		{"control: unplugged for good", func(f *fake) { f.ends = 1 }, refuse(camera.NoCamera), camera.NoCamera, false},
		{"permission taken", func(f *fake) { f.ends = 1 }, refuse(camera.NoPermission), camera.NoPermission, true},
		{"taken by another program", func(f *fake) { f.ends = 1 }, refuse(camera.CannotOpen), camera.CannotOpen, true},
		{"hangs in Read, then refuses", func(f *fake) { f.dead = make(chan struct{}) }, refuse(camera.CannotOpen), camera.NoNewFrame, true},
		{"freezes, also when reopened", func(f *fake) { f.still = true }, nil, camera.Frozen, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				feed, first := camera.NewFeed(), newFake(t)
				var gone atomic.Bool
				var opens atomic.Int32
				over := make(chan error, 1)
				go func() {
					over <- feed.Keep(ctx, func(ctx context.Context) (camera.Source, error) {
						switch {
						case opens.Add(1) == 1:
							return first, nil
						case !gone.Load():
							back := newFake(t)
							back.n = 200
							return back, nil
						case tt.gone == nil:
							again := newFake(t)
							again.still = true
							first.set(func(f *fake) { again.n = f.n })
							return again, nil
						}
						return tt.gone(ctx)
					})
				}()
				time.Sleep(time.Second)
				if h := feed.Health(); h.State != camera.Live {
					t.Fatalf("at first: %+v", h)
				}
				gone.Store(true)
				first.set(tt.lose)
				time.Sleep(3 * time.Second)
				if h := feed.Health(); h.State != camera.Faulty || h.Fault != tt.want {
					t.Errorf("after 3 s: %+v, want %q", h, tt.want)
				}
				for range 10 { // it stays a fault, without flicker
					time.Sleep(away / 10)
					if h := feed.Health(); h.State != camera.Faulty {
						t.Errorf("while away: %+v", h)
					}
				}
				gone.Store(!tt.returns)
				time.Sleep(5 * time.Second)
				if h := feed.Health(); (h.State == camera.Live) != tt.returns {
					t.Errorf("5 s later: %+v, returned: %v", h, tt.returns)
				}
				if first.dead != nil {
					close(first.dead)
				}
				cancel()
				if err := <-over; !errors.Is(err, context.Canceled) {
					t.Errorf("Keep: %v", err)
				}
				synctest.Wait()
				if first.closes != 1 {
					t.Errorf("the lost source was closed %d times", first.closes)
				}
			})
		})
	}
}

// Opening can hang as well. It is said within three seconds, given up after
// ten, and what it brings too late is closed.
func TestKeepHangingOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		feed, late := camera.NewFeed(), newFake(t)
		release := make(chan struct{})
		var opens atomic.Int32
		over := make(chan error, 1)
		go func() {
			over <- feed.Keep(ctx, func(context.Context) (camera.Source, error) {
				if opens.Add(1) == 1 {
					<-release // deaf to ctx
					return late, nil
				}
				return newFake(t), nil
			})
		}()
		time.Sleep(time.Second)
		if h := feed.Health(); h.State != camera.Opening {
			t.Errorf("after 1 s: %+v", h)
		}
		time.Sleep(2 * time.Second)
		if h := feed.Health(); h.Fault != camera.CannotOpen {
			t.Errorf("after 3 s: %+v", h)
		}
		time.Sleep(9 * time.Second)
		if h := feed.Health(); h.State != camera.Live {
			t.Errorf("after 12 s: %+v", h)
		}
		close(release)
		synctest.Wait()
		if late.closes != 1 {
			t.Error("the late source was not closed")
		}
		cancel()
		<-over
	})
}

// A camera whose Reads never return leaves a bounded number of them behind.
func TestKeepBoundsStuckReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		feed, release := camera.NewFeed(), make(chan struct{})
		var opens atomic.Int32
		over := make(chan error, 1)
		go func() {
			over <- feed.Keep(ctx, func(context.Context) (camera.Source, error) {
				opens.Add(1)
				src := newFake(t)
				src.dead = release
				return src, nil
			})
		}()
		time.Sleep(10 * time.Minute)
		if n := opens.Load(); n != 8 {
			t.Errorf("opened %d times while all reads hang", n)
		}
		close(release)
		time.Sleep(5 * time.Second)
		if opens.Load() <= 8 {
			t.Error("not tried again after the reads returned")
		}
		cancel()
		<-over
	})
}
