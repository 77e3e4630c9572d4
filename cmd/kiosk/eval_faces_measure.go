package main

import (
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"time"

	"loket/scanner/face"
)

// forwarder is a matcher that can run its network alone.
type forwarder interface {
	Forward(crop *image.RGBA) (face.Descriptor, error)
}

// faceBand counts what one threshold does. Pairs with an undetected face are in neither count.
type faceBand struct {
	Threshold float64  `json:"threshold"`
	Genuine   int      `json:"genuine"`
	Refused   int      `json:"false_non_matches"`
	FNMR      *float64 `json:"fnmr"`
	Impostor  int      `json:"impostor"`
	Passed    int      `json:"false_matches"`
	FMR       *float64 `json:"fmr"`
}

// faceRow is one group of the pairs file.
type faceRow struct {
	Group   string    `json:"group"`
	Pairs   int       `json:"pairs"`
	Skipped int       `json:"skipped"`
	Match   *faceBand `json:"at_match,omitempty"`
}

// detPoint is one point of the detection error trade-off.
type detPoint struct {
	Threshold float64 `json:"threshold"`
	FMR       float64 `json:"fmr"`
	FNMR      float64 `json:"fnmr"`
}

// bandOf counts at a threshold; nil where nobody measured one.
func bandOf(t face.Trials, threshold float64, measured bool) *faceBand {
	if !measured {
		return nil
	}
	b := &faceBand{Threshold: threshold, Genuine: len(t.Genuine), Impostor: len(t.Impostor), FNMR: number(t.FNMR(threshold)), FMR: number(t.FMR(threshold))}
	for _, s := range t.Genuine {
		if t.Metric.Better(threshold, s) {
			b.Refused++
		}
	}
	for _, s := range t.Impostor {
		if !t.Metric.Better(threshold, s) {
			b.Passed++
		}
	}
	return b
}

// detPoints are the thresholds at false match rates of 1, 1/2, 1/5, 1/10 and so on down to one false match.
func detPoints(t face.Trials) []detPoint {
	points := []detPoint{}
	n := len(t.Impostor)
	if n == 0 || len(t.Genuine) == 0 {
		return points
	}
	better := func(a, b float64) int {
		switch {
		case t.Metric.Better(a, b):
			return -1
		case t.Metric.Better(b, a):
			return 1
		}
		return 0
	}
	best := slices.SortedFunc(slices.Values(t.Impostor), better)
	for decade := 1; decade <= n; decade *= 10 {
		for _, part := range []int{1, 2, 5} {
			if through := n / (decade * part); through > 0 {
				at := best[through-1]
				points = append(points, detPoint{at, t.FMR(at), t.FNMR(at)})
			}
		}
	}
	return points
}

// measureFaces describes every picture once and compares all pairs. It returns the scores too.
func measureFaces(in faceTrials, e *faceEngines) (faceFigures, face.Trials, error) {
	out := faceFigures{Engine: e.about.Engine, Model: e.matcher.Model().Name, SHA256: e.matcher.Model().SHA256, Detector: e.detector.Model().Name}
	all := face.Trials{Metric: e.matcher.Model().Metric}
	described, err := describeAll(in.pictures, e, &out)
	if err != nil {
		return out, all, err
	}
	var trials []face.Trials
	groups := make([]face.Trials, len(in.groups))
	add := func(t *face.Trials, p facePair, score float64, lost bool) {
		t.Metric = all.Metric
		switch {
		case lost:
			t.Lost++
		case p.same:
			t.Genuine = append(t.Genuine, score)
		default:
			t.Impostor = append(t.Impostor, score)
		}
	}
	for _, fold := range in.folds {
		t := face.Trials{Metric: all.Metric}
		for _, p := range fold {
			out.Pairs++
			a, b := described[p.a], described[p.b]
			score, lost := 0.0, a == nil || b == nil
			if !lost {
				if score, err = face.Compare(a, b, all.Metric); err != nil {
					return out, all, err
				}
			}
			add(&t, p, score, lost)
			if p.group > 0 {
				add(&groups[p.group-1], p, score, lost)
			}
		}
		out.Skipped += t.Lost
		all.Genuine, all.Impostor = append(all.Genuine, t.Genuine...), append(all.Impostor, t.Impostor...)
		trials = append(trials, t)
	}
	all.Lost = out.Skipped
	bands := e.matcher.Thresholds()
	out.Match, out.Doubtful = bandOf(all, bands.Match, bands.Measured), bandOf(all, bands.Doubtful, bands.Measured)
	for i, t := range groups {
		out.Groups = append(out.Groups, faceRow{in.groups[i], len(t.Genuine) + len(t.Impostor) + t.Lost, t.Lost, bandOf(t, bands.Match, bands.Measured)})
	}
	out.DET = detPoints(all)
	accuracy, threshold := face.Accuracy(trials)
	out.Accuracy, out.Threshold, out.EER = accuracy, number(threshold), number(all.EER())
	for rate, into := range map[float64]**float64{1e-2: &out.FNMR2, 1e-3: &out.FNMR3, 1e-4: &out.FNMR4, 1e-5: &out.FNMR5} {
		if _, fnmr, ok := all.At(rate); ok {
			*into = number(fnmr)
		}
	}
	out.Suggested = suggest(all, e.matcher.Model())
	return out, all, nil
}

// describeAll describes each picture, nil where no face is found, and puts the times and counts into out.
func describeAll(pictures []facePicture, e *faceEngines, out *faceFigures) ([]face.Descriptor, error) {
	all := make([]face.Descriptor, len(pictures))
	var detect, embed time.Duration
	embedded := 0
	alone := newForwardTimer(e)
	for i, p := range pictures {
		img, err := p.open()
		if err != nil {
			return nil, err
		}
		if i%forwardEach == 0 {
			if err := alone.run(); err != nil {
				return nil, err
			}
		}
		start := time.Now()
		faces, err := e.detector.Detect(img)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		if len(faces) > 0 {
			if faces[0], err = e.detector.Refine(img, faces[0]); err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
		}
		detect += time.Since(start)
		if len(faces) > 0 {
			start = time.Now()
			all[i], err = e.matcher.Describe(img, faces[0])
			if err != nil && !errors.Is(err, face.ErrNoFace) && !errors.Is(err, face.ErrLandmarks) {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			embed += time.Since(start)
			embedded++
		}
		if all[i] == nil {
			out.Undetected++
		}
	}
	out.Pictures = len(pictures)
	out.DetectMS, out.EmbedMS = milliseconds(detect, len(pictures)), milliseconds(embed, embedded)
	out.ForwardMS = alone.mean()
	return all, nil
}

// forwardEach is how many pictures there are to one run of the network alone, spread among them so that both are timed
// under the same load.
const forwardEach = 16

// forwardTimer times the network alone; it does nothing where the engine can't run it alone.
type forwardTimer struct {
	matcher forwarder // nil: none
	crop    *image.RGBA
	took    time.Duration
	runs    int
}

func newForwardTimer(e *faceEngines) *forwardTimer {
	f := &forwardTimer{crop: image.NewRGBA(image.Rect(0, 0, e.about.Input.Width, e.about.Input.Height))}
	f.matcher, _ = e.matcher.(forwarder)
	for i := range f.crop.Pix {
		f.crop.Pix[i] = uint8(i * 37)
	}
	return f
}

func (f *forwardTimer) run() error {
	if f.matcher == nil {
		return nil
	}
	start := time.Now()
	_, err := f.matcher.Forward(f.crop)
	f.took += time.Since(start)
	f.runs++
	return err
}

// mean is in milliseconds, nil where nothing was run.
func (f *forwardTimer) mean() *float64 {
	if f.runs == 0 {
		return nil
	}
	return number(milliseconds(f.took, f.runs))
}

// milliseconds is the mean of d over n.
func milliseconds(d time.Duration, n int) float64 {
	return float64(d.Microseconds()) / 1000 / float64(max(n, 1))
}

// suggest takes for a match the stricter of the thresholds at a false match rate of 1e-3 and with the best accuracy, for
// doubtful the one at 1e-2; nil where the pairs are too few for that.
func suggest(t face.Trials, m face.Model) *face.Thresholds {
	match, _, ok := t.At(1e-3)
	doubtful, _, enough := t.At(1e-2)
	if !ok || !enough {
		return nil
	}
	if best := t.Threshold(); m.Metric.Better(best, match) {
		match = best
	}
	return &face.Thresholds{Model: m.Name, Metric: m.Metric, Match: match, Doubtful: doubtful, FMR: 1e-3, Measured: true}
}

func number(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}
