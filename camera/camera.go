// Package camera carries pictures from a source to whoever looks at them.
//
// One goroutine reads a Source without pause and publishes immutable frames;
// a Feed keeps the newest only. Preview, code reader and face engine each take
// the newest frame they have not seen yet: a slow reader skips, nobody queues,
// and a device's own buffer never goes stale.
package camera

import (
	"image"
	"time"
)

// Frame is one picture. Neither the image nor its pixels are written after it
// is published, so readers share it without a lock.
type Frame struct {
	Image *image.RGBA // tightly packed: Stride is 4 × width, bounds start at (0, 0)
	Seq   uint64      // counts up from 1 over the life of a Feed
	At    time.Time   // when Read returned it
}

// A Source yields pictures, each a fresh image that the caller owns. Read
// blocks until there is one; io.EOF ends a finite source. Close may be called
// from another goroutine and makes a blocked Read return soon.
type Source interface {
	Read() (*image.RGBA, error)
	Close() error
}
