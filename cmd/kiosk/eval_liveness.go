package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"loket/scanner/face"
	"loket/scanner/face/liveness"
)

// clipRow counts one kind of clips. Passed attacks over clips is APCER, refused people over clips BPCER.
type clipRow struct {
	Kind    string                  `json:"kind"`
	Attack  bool                    `json:"attack"`
	Source  string                  `json:"source"` // drawn, warped (a photograph moved by warping) or still
	Clips   int                     `json:"clips"`
	Passed  int                     `json:"passed"`
	Rate    float64                 `json:"rate"` // APCER of an attack, BPCER of people
	Reasons map[liveness.Reason]int `json:"reasons,omitempty"`
	Control int                     `json:"passed_without_challenge"`
}

// liveFigures is what `kiosk eval liveness` prints.
type liveFigures struct {
	Seed  uint64    `json:"seed"`
	Model string    `json:"model"`
	Rows  []clipRow `json:"rows"`
	Note  string    `json:"note"`
}

// frameStep is the time from one looked-at frame to the next.
const frameStep = 125 * time.Millisecond

// evalLiveness plays clips that answer a random challenge, and counts what passes. Attacks on photographs take the
// pictures of a folder, or drawn portraits without one.
// It returns 0, 1 where something can't be read or run, 2 for wrong usage.
func evalLiveness(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk eval liveness", flag.ContinueOnError)
	flags.SetOutput(stderr)
	seed := flags.Uint64("seed", 1, "of the challenges and the clips")
	clips := flags.Int("clips", 40, "clips of each kind")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: kiosk eval liveness [--seed N] [--clips N] [DIR with pictures of faces]")
		flags.PrintDefaults()
	}
	words, err := flagsAndWords(flags, args)
	if err != nil {
		return 2
	}
	if len(words) > 1 || *clips < 1 {
		flags.Usage()
		return 2
	}
	failed := func(err error) int {
		fmt.Fprintln(stderr, "kiosk eval liveness:", err)
		return 1
	}
	var photos []string
	if len(words) == 1 {
		if photos, err = picturesUnder(words[0]); err != nil {
			return failed(err)
		}
	}
	e, err := openFaces("", os.Getenv, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return failed(err)
	}
	defer e.Close()
	out := liveFigures{Seed: *seed, Model: e.matcher.Model().Name, Note: "drawn heads and moved photographs only; no claim about real people, and none about screens beyond these"}
	for k, kind := range clipKinds(photos) {
		row := clipRow{Kind: kind.name, Attack: kind.attack, Source: kind.source, Reasons: map[liveness.Reason]int{}}
		for i := range *clips {
			random := rand.New(rand.NewPCG(*seed, uint64(k)<<32|uint64(i)))
			challenge := liveness.Draw(random)
			state, err := playClip(kind, i, challenge, random, e)
			if err != nil {
				return failed(err)
			}
			row.Clips++
			if state.Outcome == liveness.Passed {
				row.Passed++
			} else {
				row.Reasons[state.Reason]++
			}
			if state, err = playClip(kind, i, nil, random, e); err != nil {
				return failed(err)
			}
			if state.Outcome == liveness.Passed {
				row.Control++
			}
		}
		wrong := row.Passed
		if !row.Attack {
			wrong = row.Clips - row.Passed
		}
		row.Rate = float64(wrong) / float64(row.Clips)
		out.Rows = append(out.Rows, row)
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return failed(err)
	}
	return 0
}

// playClip runs one challenge against one clip.
func playClip(kind clipKind, n int, challenge liveness.Challenge, random *rand.Rand, e *faceEngines) (liveness.State, error) {
	frame, drawn, err := kind.start(n, challenge, random)
	if err != nil {
		return liveness.State{}, err
	}
	bands := e.about.Thresholds()
	if drawn {
		bands = e.about.TrainingThresholds()
	}
	at := time.Unix(0, 0).UTC()
	s := liveness.New(challenge, bands, liveness.Rules{}, at)
	state := s.State()
	var last *image.RGBA
	var sight liveness.Sight
	for state.Outcome == liveness.Running {
		at = at.Add(frameStep)
		// A frame that is the one before is not looked at again.
		if img := frame(state); img != last || state.Describe && sight.Descriptor == nil {
			last = img
			if sight, err = lookAt(img, state.Describe, e); err != nil {
				return state, err
			}
		}
		sight.At = at
		state = s.See(sight)
	}
	return state, nil
}

func lookAt(img *image.RGBA, describe bool, e *faceEngines) (liveness.Sight, error) {
	faces, err := e.detector.Detect(img)
	s := liveness.Sight{}
	for _, f := range faces {
		if f.Score >= 0.8 { // as in live frames
			s.Faces = append(s.Faces, f)
		}
	}
	if err != nil || !describe || len(s.Faces) == 0 {
		return s, err
	}
	s.Descriptor, err = e.matcher.Describe(img, s.Faces[0])
	if errors.Is(err, face.ErrNoFace) || errors.Is(err, face.ErrLandmarks) {
		err = nil
	}
	return s, err
}
