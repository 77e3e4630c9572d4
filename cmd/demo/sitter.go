package main

import (
	"image"
	"sync"
	"time"

	"loket/camera/footage/people"
	"loket/scanner/face/liveness"
)

// A sitter is a citizen before the webcam: looking into it, swaying a little,
// and moving the head when the counter asks. The frames are drawn once, in the
// background, so that the camera keeps its rate beside the programs under test.
type sitter struct {
	drawing  chan struct{} // closed when all frames are there
	straight []*image.RGBA
	moves    map[liveness.Step][]*image.RGBA // from the straight look outwards

	mu    sync.Mutex
	asked liveness.Step
	move  liveness.Step // under way
	far   int           // how many frames of it
}

const (
	sway       = 12                          // frames of looking straight ahead, shown in turn
	frameShown = 2 * time.Second / frameRate // each is shown twice
	turned     = 33.                         // degrees at the end of a turn
	nearer     = 1.42                        // times larger at the end of coming closer
)

// facing has a citizen sit down.
func facing(p people.Person) *sitter {
	s := &sitter{drawing: make(chan struct{}), moves: map[liveness.Step][]*image.RGBA{}}
	go func() {
		defer close(s.drawing)
		look := people.Look{Scale: 0.42}
		for i := range sway {
			t := float64(i) / sway
			l := look
			l.Yaw, l.Pitch, l.X, l.Y = 2*wave(t), 1.5*wave(2*t), 0.004*wave(t+0.2), 0.004*wave(2*t+0.1)
			s.straight = append(s.straight, p.Draw(frameSize.Max, l))
		}
		const frames = 4
		for i := 1; i <= frames; i++ {
			part := float64(i) / frames
			for step, yaw := range map[liveness.Step]float64{liveness.TurnLeft: -turned, liveness.TurnRight: turned} {
				s.moves[step] = append(s.moves[step], p.Draw(frameSize.Max, people.Look{Scale: look.Scale, Yaw: yaw * part}))
			}
			s.moves[liveness.ComeCloser] = append(s.moves[liveness.ComeCloser], p.Draw(frameSize.Max, people.Look{Scale: look.Scale * (1 + (nearer-1)*part)}))
		}
	}()
	return s
}

// Ask tells the citizen what the counter asks for; anything that is no movement
// is a straight look.
func (s *sitter) Ask(step liveness.Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = step
}

// Scene waits until the citizen is drawn.
func (s *sitter) Scene() scene {
	<-s.drawing
	return func(t time.Duration) *image.RGBA { return clone(s.next(int(t / frameShown))) }
}

// next moves on by one frame of the camera: towards what was asked for, by way
// of the straight look.
func (s *sitter) next(tick int) *image.RGBA {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch frames := s.moves[s.asked]; {
	case s.asked != s.move && s.far > 0:
		s.far--
	case s.asked != s.move:
		s.move = s.asked
	case s.far < len(frames):
		s.far++
	}
	if s.far == 0 {
		return s.straight[tick%sway]
	}
	return s.moves[s.move][s.far-1]
}
