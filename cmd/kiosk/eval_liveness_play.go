package main

import (
	"errors"
	"image"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"loket/scanner/face"
	"loket/scanner/face/engine"
	"loket/scanner/face/liveness"
)

// theatre plays clips, as many at once as it has stages.
type theatre struct {
	stages []*stage
	loose  bool
}

// stage is one set of engines, and what plays on it.
type stage struct {
	engines *faceEngines
	gallery *gallery
}

// openTheatre loads n sets of engines, each for one core.
func openTheatre(n int, s stills, loose bool, log *slog.Logger) (*theatre, error) {
	t, g := &theatre{loose: loose}, newGallery(s)
	err := engine.LimitThreads(1, func() error {
		for range n {
			e, err := openFaces("", os.Getenv, log)
			if err == nil {
				err = e.warmUp()
			}
			if err != nil {
				return err
			}
			t.stages = append(t.stages, &stage{engines: e, gallery: g})
		}
		return nil
	})
	if err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// Close ends the engines.
func (t *theatre) Close() {
	for _, s := range t.stages {
		_ = s.engines.Close()
	}
}

func (t *theatre) model() string { return t.stages[0].engines.about.Name }

// play plays so many clips of a kind, and each once more with the challenge switched off. A clip is the same for a seed
// and its number, whichever stage plays it.
func (t *theatre) play(kind clipKind, clips int, seed uint64) (clipRow, error) {
	row := clipRow{Kind: kind.name, Clips: clips, Reasons: map[liveness.Reason]int{}}
	next := make(chan int)
	var mu sync.Mutex
	var errs error
	var wg sync.WaitGroup
	for _, st := range t.stages {
		wg.Go(func() {
			for n := range next {
				random := rand.New(rand.NewPCG(seed, uint64(n)))
				challenge := liveness.Draw(random)
				asked, err := st.clip(kind, n, challenge, random, t.loose)
				var free liveness.State
				if err == nil {
					free, err = st.clip(kind, n, nil, random, t.loose)
				}
				mu.Lock()
				errs = errors.Join(errs, err)
				if asked.Outcome == liveness.Passed {
					row.Passed++
				} else {
					row.Reasons[asked.Reason]++
				}
				if free.Outcome == liveness.Passed {
					row.Control++
				}
				mu.Unlock()
			}
		})
	}
	for n := range clips {
		next <- n
	}
	close(next)
	wg.Wait()
	wrong := row.Passed
	if !kind.attack {
		wrong = clips - row.Passed
	}
	row.Rate = float64(wrong) / float64(clips)
	return row, errs
}

// clip runs one challenge against one clip.
func (s *stage) clip(kind clipKind, n int, challenge liveness.Challenge, random *rand.Rand, loose bool) (liveness.State, error) {
	scene, err := kind.begin(s, n, challenge, random)
	if err != nil {
		return liveness.State{}, err
	}
	bands, rules := s.engines.about.Thresholds(), liveness.Rules{}
	if kind.drawn {
		bands = s.engines.about.TrainingThresholds()
	}
	if loose {
		rules.Nose, rules.Breadth, bands.Doubtful = -1, -1, -2
	}
	at := time.Unix(0, 0).UTC()
	session := liveness.New(challenge, bands, rules, at)
	state := session.State()
	var last *image.RGBA
	var sight liveness.Sight
	for state.Outcome == liveness.Running {
		at = at.Add(frameStep)
		// A frame that is the one before is not looked at again.
		if img := scene(state); img != last {
			last = img
			if sight, err = s.look(img); err != nil {
				return state, err
			}
		}
		sight.At = at
		state = session.See(sight)
	}
	return state, nil
}

// look finds the faces of a frame, and describes the first.
func (s *stage) look(img *image.RGBA) (liveness.Sight, error) {
	sight := liveness.Sight{Image: img}
	faces, err := s.engines.detector.Detect(img)
	for _, f := range faces {
		if f.Score >= 0.8 { // as in live frames
			sight.Faces = append(sight.Faces, f)
		}
	}
	if err != nil || len(sight.Faces) == 0 {
		return sight, err
	}
	sight.Descriptor, err = s.engines.matcher.Describe(img, sight.Faces[0])
	if errors.Is(err, face.ErrNoFace) || errors.Is(err, face.ErrLandmarks) {
		err = nil
	}
	return sight, err
}
