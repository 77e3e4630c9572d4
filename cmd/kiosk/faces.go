package main

import (
	"context"
	"errors"
	"image"

	"loket/app"
	"loket/scanner/face"
	"loket/scanner/face/engine"
	"loket/sync/wire"
)

// faces is app.Faces: the engine's child process, with the policy's thresholds.
type faces struct {
	s      *station
	engine *engine.Client
}

func (f *faces) Look(ctx context.Context, img *image.RGBA, describe bool) (app.Finding, error) {
	r, err := f.engine.Look(ctx, img, describe)
	return app.Finding{Faces: r.Faces, Descriptor: r.Descriptor, Quality: r.Quality, Passive: r.Passive}, engineFault(err)
}

func (f *faces) Reference(ctx context.Context, img *image.RGBA) (app.Finding, error) {
	r, err := f.engine.Describe(ctx, img)
	if errors.Is(err, face.ErrNoFace) || errors.Is(err, engine.ErrNoMatcher) {
		err = nil
	}
	return app.Finding{Faces: r.Faces, Descriptor: r.Descriptor, Quality: r.Quality}, engineFault(err)
}

func engineFault(err error) error {
	if errors.Is(err, engine.ErrNoModel) {
		return &app.Fault{Code: "no-models", Tone: app.Attention, Err: err}
	}
	return err
}

func (f *faces) Engine() app.Engine {
	state := f.engine.State()
	e := app.Engine{Ready: state == engine.Ready || state == engine.NoMatcher}
	var shipped face.Thresholds
	e.Detector, e.Matcher, shipped = f.engine.Models()
	policy := wire.Policy{}
	if k, ok := f.s.known(); ok {
		policy = k.policy
	}
	e.Challenge = policy.Liveness != wire.LivenessOff
	if e.Matcher.Name == "" {
		return e
	}
	e.Limits = limits(policy, e.Matcher, shipped)
	return e
}

// limits are the policy's thresholds for a matcher. Without any the shipped
// ones count, but not in training: drawings have thresholds of their own, and
// those of photographs would call every two drawings the same person.
func limits(p wire.Policy, m face.Model, shipped face.Thresholds) face.Thresholds {
	for _, x := range p.Matchers {
		if x.Model == m.Name && (x.SHA256 == "" || x.SHA256 == m.SHA256) && face.Metric(x.Metric) == m.Metric {
			return face.Thresholds{Model: m.Name, Metric: m.Metric, Match: x.Match, Doubtful: x.Doubtful,
				Data: x.Data, FMR: x.FMR, Measured: x.Measured, Duplicate: duplicate(x, shipped, p.Training)}
		}
	}
	if p.Training {
		shipped.Measured, shipped.FMR, shipped.Duplicate = false, 0, 0
	}
	return shipped
}

// duplicate is the description's threshold for the same face under another NIK,
// as policy has none of its own; raised to policy's match where that is
// stricter. Drawings are too alike for it.
func duplicate(x wire.MatcherPolicy, shipped face.Thresholds, training bool) float64 {
	switch {
	case training || shipped.Duplicate == 0:
		return 0
	case shipped.Metric.Better(x.Match, shipped.Duplicate):
		return x.Match
	}
	return shipped.Duplicate
}
