package camera_test

import (
	"errors"
	"image"
	"io"
	"sync"
	"testing"
	"time"

	"loket/camera"
)

// fake is a camera that yields a frame every interval of the bubble's clock.
// Its switches can be thrown while it is read; it checks that Read is never
// called by two goroutines at once nor again after Close returned an error.
type fake struct {
	t        *testing.T
	interval time.Duration

	mu      sync.Mutex
	reading bool
	closed  chan struct{}
	still   bool          // the same bytes for ever
	dead    chan struct{} // while not nil, Read blocks until it is closed, deaf to Close, as V4L2 is
	ends    int           // frames until io.EOF; 0 is never
	n       byte
	reads   int
	closes  int
}

func newFake(t *testing.T) *fake {
	return &fake{t: t, interval: 66 * time.Millisecond, closed: make(chan struct{})}
}

func (f *fake) set(change func(*fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *fake) Read() (*image.RGBA, error) {
	f.mu.Lock()
	if f.reading {
		f.t.Error("two goroutines read one source")
	}
	f.reading = true
	dead, interval := f.dead, f.interval
	f.mu.Unlock()
	defer f.set(func(f *fake) { f.reading = false })

	if dead != nil {
		<-dead
	}
	select {
	case <-f.closed:
		if dead == nil {
			return nil, errors.New("read on a closed source")
		}
	case <-time.After(interval):
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.ends > 0 && f.reads > f.ends {
		return nil, io.EOF
	}
	if !f.still {
		f.n++
	}
	img := image.NewRGBA(image.Rect(0, 0, 4, 3))
	img.Pix[0] = f.n
	return img, nil
}

func (f *fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closes++; f.closes == 1 {
		close(f.closed)
	}
	return nil
}

var _ camera.Source = (*fake)(nil)
