// Package engine keeps native face code in a child process. OpenCV and dlib end
// their process on an exception, and may hang or fault; a session must not.
//
// The child runs Serve between its standard input and output. A Client starts
// it, hands it one picture at a time and takes faces, quality and a descriptor
// back. A child that does not answer within three seconds is killed; it, and
// one that died, is started again, and the caller is told ErrRestarted.
package engine

import (
	"errors"
	"fmt"
	"image"
	"io"

	"loket/scanner/face"
)

// liveScore is the detector's confidence from which a live frame shows a face:
// at YuNet's 0.6 the largest box is sometimes a hand, 0.8 keeps 99.96 % of
// NUAA's live frames.
const liveScore = 0.8

// maxFaces bounds an answer; a counter's camera sees fewer.
const maxFaces = 32

// Result is what one picture holds.
type Result struct {
	Faces      []face.Face     `json:"faces"` // the subject, then the others, largest first
	Descriptor face.Descriptor `json:"descriptor,omitempty"`
	Quality    face.Quality    `json:"quality"`
	Detector   face.Model      `json:"detector"`
	Matcher    face.Model      `json:"matcher"` // of the descriptor; empty where there is no matcher

	// Passive is the share for "living" that each passive liveness network gave the
	// subject of a described live frame, 0..1 by name; nil where none is installed.
	Passive map[string]float64 `json:"passive,omitempty"`
}

// A Passive network says how much a single picture looks like a living face. It
// is a hint: its faults are no fault of the picture.
type Passive interface {
	Model() face.Model
	Live(img *image.RGBA, f face.Face) (share float64, err error)
}

// A detector says which network it is.
type detector interface{ Model() face.Model }

// A refiner looks again at a face that it found in a scaled picture.
type refiner interface {
	Refine(img *image.RGBA, f face.Face) (face.Face, error)
}

// A thresholder carries the bands of its network's description.
type thresholder interface{ Thresholds() face.Thresholds }

// Serve answers requests until in ends, one at a time. match may be nil: then
// faces are found and none is described. det may be nil as well: every request
// is then answered with an error. Serve returns nil at the end of in.
func Serve(in io.Reader, out io.Writer, det face.Detector, match face.Matcher, passive ...Passive) error {
	var g greeting
	if d, ok := det.(detector); ok {
		g.Detector = d.Model()
	}
	if match != nil {
		g.Matcher = match.Model()
		if t, ok := match.(thresholder); ok {
			g.Thresholds = t.Thresholds()
		}
	}
	if err := writeAnswer(out, answer{Greeting: &g}); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	var img *image.RGBA
	for {
		o, next, err := readRequest(in, img)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		img = next
		var a answer
		if r, err := look(o, img, det, match, passive); err != nil {
			a.Error = err.Error()
		} else {
			r.Detector, r.Matcher = g.Detector, g.Matcher
			a.Result = &r
		}
		if err := writeAnswer(out, a); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

func look(o op, img *image.RGBA, det face.Detector, match face.Matcher, passive []Passive) (Result, error) {
	var r Result
	if det == nil {
		return r, errors.New("no detector")
	}
	faces, err := det.Detect(img)
	if err != nil {
		return r, fmt.Errorf("detect: %w", err)
	}
	guide := face.Guide(img.Rect.Dx(), img.Rect.Dy())
	if o == opStill {
		guide = face.Whole(img)
	}
	for _, f := range faces {
		if (o == opStill || f.Score >= liveScore) && len(r.Faces) < maxFaces {
			r.Faces = append(r.Faces, f)
		}
	}
	if o != opStill {
		subjectFirst(r.Faces, guide)
	}
	if again, ok := det.(refiner); ok && len(r.Faces) > 0 {
		if r.Faces[0], err = again.Refine(img, r.Faces[0]); err != nil {
			return r, fmt.Errorf("refine: %w", err)
		}
	}
	r.Quality = face.Measure(img, r.Faces, guide)
	if o == opLook || match == nil || len(r.Faces) == 0 {
		return r, nil
	}
	if o == opDescribe {
		r.Passive = shares(img, r.Faces[0], passive)
	}
	r.Descriptor, err = match.Describe(img, r.Faces[0])
	if errors.Is(err, face.ErrNoFace) || errors.Is(err, face.ErrLandmarks) {
		return r, nil // a face that this matcher can't take: no descriptor, no fault
	}
	if err != nil {
		return r, fmt.Errorf("describe: %w", err)
	}
	return r, nil
}

// subjectFirst moves the largest face whose middle lies in the guide to the
// front: who passes by, or looks over a shoulder from nearby, is not served.
// With nobody in the guide the largest face stays the subject.
func subjectFirst(faces []face.Face, guide face.Box) {
	for i, f := range faces {
		x, y := f.Box.X+f.Box.W/2, f.Box.Y+f.Box.H/2
		if x >= guide.X && x < guide.X+guide.W && y >= guide.Y && y < guide.Y+guide.H {
			copy(faces[1:i+1], faces[:i])
			faces[0] = f
			return
		}
	}
}

// shares asks each passive network; one that fails is left out.
func shares(img *image.RGBA, f face.Face, passive []Passive) map[string]float64 {
	var all map[string]float64
	for _, p := range passive {
		live, err := p.Live(img, f)
		if err != nil {
			continue
		}
		if all == nil {
			all = map[string]float64{}
		}
		all[p.Model().Name] = live
	}
	return all
}
