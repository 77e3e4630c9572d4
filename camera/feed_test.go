package camera_test

import (
	"context"
	"errors"
	"image"
	"testing"
	"testing/synctest"
	"time"

	"loket/camera"
)

// A slow reader gets the newest frame, not the next one, and each once.
func TestNextSkips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		feed := camera.NewFeed()
		go feed.Run(ctx, newFake(t))

		if _, ok := feed.Latest(); ok {
			t.Error("a frame before the first")
		}
		first, err := feed.Next(ctx, 0)
		if err != nil || first.Seq != 1 {
			t.Fatalf("first frame: %d, %v", first.Seq, err)
		}
		time.Sleep(time.Second) // 15 more frames pass by
		next, err := feed.Next(ctx, first.Seq)
		if err != nil || next.Seq < 15 || next.Seq > 16 {
			t.Errorf("after a second: frame %d, %v; want the newest", next.Seq, err)
		}
		if first.Image.Pix[0] != 1 || next.Image == first.Image {
			t.Error("a published frame was written again")
		}
		cancel()
		synctest.Wait()
		if _, err := feed.Next(ctx, next.Seq+1); !errors.Is(err, context.Canceled) {
			t.Errorf("Next after the end: %v", err)
		}
		if h := feed.Health(); h.State != camera.Idle || h.Fault != "" {
			t.Errorf("after the end: %+v", h)
		}
	})
}

func TestOneReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := camera.NewFeed()
		go feed.Run(t.Context(), newFake(t))
		synctest.Wait()
		second := newFake(t)
		if err := feed.Run(t.Context(), second); !errors.Is(err, camera.ErrRunning) {
			t.Errorf("second Run: %v", err)
		}
		if second.closes != 1 {
			t.Error("the refused source was not closed")
		}
	})
}

// Each fault is found before three seconds are over, and its control, the
// same camera a little better, is none.
func TestFaults(t *testing.T) {
	tests := []struct {
		name  string
		trip  func(*fake)
		want  camera.Fault // "" is none
		after time.Duration
	}{
		{"no frame any more", func(f *fake) { f.dead = make(chan struct{}) }, camera.NoNewFrame, 3 * time.Second},
		{"control: a frame every two seconds", func(f *fake) { f.interval = 2 * time.Second }, "", 3 * time.Second},
		{"a frame every four seconds", func(f *fake) { f.interval = 4 * time.Second }, camera.NoNewFrame, 3 * time.Second},
		{"the same bytes", func(f *fake) { f.still = true }, camera.Frozen, 3 * time.Second},
		{"control: the same bytes for two seconds", func(f *fake) { f.still = true }, "", 2 * time.Second},
		{"control: bytes that change", func(*fake) {}, "", time.Minute},
		{"the end", func(f *fake) { f.ends = 1 }, camera.Ended, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				feed, src := camera.NewFeed(), newFake(t)
				result := make(chan error, 1)
				go func() { result <- feed.Run(ctx, src) }()
				if _, err := feed.Next(ctx, 0); err != nil {
					t.Fatal(err)
				}
				src.set(tt.trip)
				time.Sleep(tt.after)
				h := feed.Health()
				if h.Fault != tt.want || (tt.want != "") != (h.State == camera.Faulty) {
					t.Errorf("after %v: %+v, want fault %q", tt.after, h, tt.want)
				}
				if h.Age < 0 || h.Age > tt.after+2*time.Second {
					t.Errorf("age %v", h.Age)
				}
				if tt.want != "" {
					time.Sleep(time.Second) // grace
					if err := <-result; !errors.Is(err, tt.want) {
						t.Errorf("Run: %v, want %q", err, tt.want)
					}
				}
				cancel()
				if src.dead != nil {
					close(src.dead)
				}
				synctest.Wait()
				if src.closes != 1 {
					t.Errorf("closed %d times", src.closes)
				}
			})
		})
	}
}

// A Read that V4L2 holds for ten seconds: Health answers meanwhile, Run
// returns, and the frame that comes too late is not shown as new. The control
// is a plain loop over Read, which sits there.
func TestStalledRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		stalled := newFake(t)
		stalled.dead = release

		plain := newFake(t)
		plain.dead = release
		noticed := make(chan struct{})
		go func() { plain.Read(); close(noticed) }()

		feed := camera.NewFeed()
		began := time.Now()
		if err := feed.Run(t.Context(), stalled); !errors.Is(err, camera.NoNewFrame) {
			t.Errorf("Run: %v", err)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("Run held on for %v", took)
		}
		select {
		case <-noticed:
			t.Error("control: the plain loop returned, so this test shows nothing")
		default:
		}
		close(release)
		<-noticed
		synctest.Wait()
		if _, ok := feed.Latest(); ok {
			t.Error("a frame of an abandoned source was published")
		}
		if h := feed.Health(); h.Fault != camera.NoNewFrame {
			t.Errorf("fault forgotten: %+v", h)
		}
	})
}

func TestFaultOf(t *testing.T) {
	for _, f := range camera.Faults() {
		err := errors.Join(errors.New("open /dev/video0"), f)
		if got := camera.FaultOf(err, "other"); got != f {
			t.Errorf("%v: %q", err, got)
		}
	}
	if got := camera.FaultOf(image.ErrFormat, camera.CannotOpen); got != camera.CannotOpen {
		t.Errorf("unknown error: %q", got)
	}
}
