package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"sync"
	"sync/atomic"
	"time"

	"loket/camera"
	"loket/camera/footage/people"
	"loket/scanner/face/liveness"
)

// drawnSitter is a drawn citizen before a camera of 640 × 480: too far away
// until near is set, then moving as asked.
type drawnSitter struct {
	photo    []byte
	far      *image.RGBA
	straight *image.RGBA
	moves    map[liveness.Step]*image.RGBA
	near     atomic.Bool
	asked    atomic.Value // liveness.Step
}

func drawSitter(p people.Person) *drawnSitter {
	size := image.Pt(640, 480)
	s := &drawnSitter{far: p.Draw(size, people.Look{Scale: 0.16}), straight: p.Draw(size, people.Look{Scale: 0.42}),
		moves: map[liveness.Step]*image.RGBA{
			liveness.TurnLeft:   p.Draw(size, people.Look{Scale: 0.42, Yaw: -33}),
			liveness.TurnRight:  p.Draw(size, people.Look{Scale: 0.42, Yaw: 33}),
			liveness.ComeCloser: p.Draw(size, people.Look{Scale: 0.6}),
		}}
	s.asked.Store(liveness.Step(""))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p.Portrait(), &jpeg.Options{Quality: 90}); err != nil {
		panic(err)
	}
	s.photo = b.Bytes()
	return s
}

// sitterCamera is a camera of 15 frames a second; a step shows half a second
// after it was asked.
type sitterCamera struct {
	sitter *drawnSitter
	end    chan struct{}
	once   sync.Once
	n      uint64
	last   liveness.Step
	wait   int
}

func (s *sitterCamera) Read() (*image.RGBA, error) {
	tick := time.NewTimer(time.Second / 15)
	defer tick.Stop()
	select {
	case <-s.end:
		return nil, camera.Ended
	case <-tick.C:
	}
	step := s.sitter.asked.Load().(liveness.Step)
	if step != s.last {
		s.last, s.wait = step, 7
	}
	img := s.sitter.straight
	switch {
	case !s.sitter.near.Load():
		img = s.sitter.far
	case s.wait > 0:
		s.wait--
	case s.sitter.moves[step] != nil:
		img = s.sitter.moves[step]
	}
	frame := image.NewRGBA(img.Rect)
	copy(frame.Pix, img.Pix)
	s.n++
	people.Noise(frame, 2, s.n)
	return frame, nil
}

func (s *sitterCamera) Close() error {
	s.once.Do(func() { close(s.end) })
	return nil
}
