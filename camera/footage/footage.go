// Package footage plays pictures as a camera: a list, a folder, or a scene
// that is drawn frame by frame. It stands in for a webcam in tests, in the demo
// and in training, behind the same interface.
//
// Like a camera it keeps its own time: at Rate frames a second, and what the
// reader was too slow for is left out.
package footage

import (
	"errors"
	"image"
	"image/draw"
	_ "image/jpeg" // photographs
	_ "image/png"  // screenshots
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// ErrClosed is what Read returns after Close.
var ErrClosed = errors.New("footage: closed")

// Play says how pictures follow one another.
type Play struct {
	Rate float64 // frames a second; 0 is as fast as they are read
	Once bool    // end with io.EOF after the last, instead of starting over
}

// Source is a camera.Source; a drawn scene and a folder differ in frame only.
type Source struct {
	play  Play
	frame func(n int, at time.Duration) (*image.RGBA, error)

	once   sync.Once
	closed chan struct{}
	start  time.Time // of the first Read
	next   int       // frame that is due
}

// Scene draws frame n, which shows the moment at since the first, and makes a
// fresh image each time; io.EOF ends it. draw is called by Read alone.
// Play.Once means nothing to it.
func Scene(play Play, draw func(n int, at time.Duration) (*image.RGBA, error)) *Source {
	return &Source{play: play, frame: draw, closed: make(chan struct{})}
}

// Pictures plays the images in their order. Mind that one still picture played
// for long is what a Feed calls frozen.
func Pictures(play Play, images ...image.Image) *Source {
	return Scene(play, func(n int, _ time.Duration) (*image.RGBA, error) {
		if len(images) == 0 || play.Once && n >= len(images) {
			return nil, io.EOF
		}
		return fresh(images[n%len(images)]), nil
	})
}

// Folder plays the JPEG and PNG files of a folder in the order of their names,
// each read when it is due.
func Folder(play Play, dir string) (*Source, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".jpg", ".jpeg", ".png":
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, &os.PathError{Op: "play", Path: dir, Err: errors.New("no pictures")}
	}
	slices.Sort(files)
	return Scene(play, func(n int, _ time.Duration) (*image.RGBA, error) {
		if play.Once && n >= len(files) {
			return nil, io.EOF
		}
		return load(files[n%len(files)])
	}), nil
}

// Read waits until a frame is due and returns it.
func (s *Source) Read() (*image.RGBA, error) {
	select {
	case <-s.closed:
		return nil, ErrClosed
	default:
	}
	if s.start.IsZero() {
		s.start = time.Now()
	}
	if s.play.Rate > 0 {
		if late := int(time.Since(s.start).Seconds() * s.play.Rate); late > s.next && !s.play.Once {
			s.next = late
		}
		due := time.NewTimer(time.Until(s.start.Add(s.at(s.next))))
		defer due.Stop()
		select {
		case <-due.C:
		case <-s.closed:
			return nil, ErrClosed
		}
	}
	n, at := s.next, s.at(s.next)
	if s.play.Rate == 0 {
		at = time.Since(s.start)
	}
	s.next++
	return s.frame(n, at)
}

func (s *Source) at(n int) time.Duration {
	if s.play.Rate == 0 {
		return 0
	}
	return time.Duration(float64(n) / s.play.Rate * float64(time.Second))
}

// Close ends a waiting Read.
func (s *Source) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func load(path string) (*image.RGBA, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		return nil, &os.PathError{Op: "decode", Path: path, Err: err}
	}
	return fresh(img), nil
}

// fresh copies img into an RGBA that starts at (0, 0).
func fresh(img image.Image) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rectangle{Max: b.Size()})
	draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	return out
}
