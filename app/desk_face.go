package app

import (
	"context"
	"image"
	"slices"
	"time"

	"loket/app/activation"
	"loket/camera"
	"loket/scanner/face"
)

const (
	holdFor     = 500 * time.Millisecond // quality must pass for so long before the shutter falls by itself
	bestOf      = 3                      // frames that are compared; the best score counts
	cropSide    = 240                    // pixels of the crops on the screen
	enginePause = 500 * time.Millisecond // before an engine that failed is asked again
)

// shot is a frame that may become the probe.
type shot struct {
	frame camera.Frame
	look  Finding
}

// watchFace describes the enrolled photo and then watches the camera until a
// picture is good for half a second, or the officer presses the shutter. Only
// one goroutine looks: a slow engine skips frames.
func (d *Desk) watchFace(ctx context.Context) {
	c := d.c
	d.drain()
	c.live = FaceView{Guide: true, Sentence: "look-here"}
	photo, ref := c.photo, c.ref
	if ref != nil && (ref.missing || ref.model != d.ports.Faces.Engine().Matcher) {
		ref = nil // another engine, or another chance
	}
	d.start(ctx, func(ctx context.Context, t tell) {
		if ref == nil {
			ref = d.describeReference(ctx, c.shutter, photo, t)
		}
		if ref == nil || !t(func() { c.ref = ref }) {
			return
		}
		w := watch{desk: d, c: c, ref: ref, tell: t}
		w.run(ctx, d.ports.FacesCamera)
	})
}

// weakness is what speaks against an enrolled photo, as far as it was measured:
// eyes too close together, or a picture too soft, by the limits of a live one.
func weakness(q face.Quality) []activation.Weakness {
	var weak []activation.Weakness
	for _, w := range []struct {
		code face.Code
		is   activation.Weakness
	}{{face.EyeDistance, activation.WeakSmall}, {face.Sharpness, activation.WeakBlurred}} {
		if c := q.Component(w.code); c.Measured && !c.Passes() {
			weak = append(weak, w.is)
		}
	}
	return weak
}

// old says that the enrolled photo is.
func (c *current) old() bool { return slices.Contains(c.s.Eligible.Warnings, activation.PhotoOld) }

func (d *Desk) drain() {
	select {
	case <-d.c.shutter:
	default:
	}
}

// describeReference asks until the engine answers; nil when ctx ended. While
// the engine is away the shutter still works: then it is compared by eye.
func (d *Desk) describeReference(ctx context.Context, shutter chan struct{}, photo *image.RGBA, t tell) *reference {
	if photo == nil {
		return &reference{missing: true}
	}
	for ctx.Err() == nil {
		look, err := d.ports.Faces.Reference(ctx, photo)
		e := d.ports.Faces.Engine()
		switch {
		case err == nil && len(look.Faces) == 0:
			return &reference{missing: true}
		case err == nil:
			crop, err := face.Align(photo, look.Faces[0].Landmarks, face.Portrait(), cropSide, cropSide)
			if err != nil {
				return &reference{missing: true}
			}
			return &reference{crop: crop, descriptor: look.Descriptor, model: e.Matcher, weak: weakness(look.Quality)}
		}
		if !d.engineAway(ctx, shutter, err, t) {
			select {
			case shutter <- struct{}{}: // for the frame that comes
			default:
			}
			return &reference{missing: true, crop: photo}
		}
	}
	return nil
}

// engineAway tells that the engine does not answer and waits a moment; false
// when the officer pressed the shutter meanwhile, who need not wait for it.
func (d *Desk) engineAway(ctx context.Context, shutter <-chan struct{}, err error, t tell) bool {
	t(func() {
		if !d.engineNotice() {
			d.fail("engine-restarting", err)
		}
		d.c.live.Eye = true
	})
	wait := time.NewTimer(enginePause)
	defer wait.Stop()
	select {
	case <-ctx.Done():
	case <-wait.C:
	case <-shutter:
		return false
	}
	return true
}

func (d *Desk) engineNotice() bool {
	return d.notice != nil && (d.notice.Code == "engine-restarting" || d.notice.Code == "no-models")
}

// watch is one attempt under way.
type watch struct {
	desk *Desk
	c    *current
	ref  *reference
	tell tell

	coach coach
	since time.Time // quality has passed since
	last  burst
}

func (w *watch) run(ctx context.Context, cam Camera) {
	seq := uint64(0)
	for {
		f, err := cam.Next(ctx, seq)
		if err != nil {
			return
		}
		seq = f.Seq
		pressed := false
		select {
		case <-w.c.shutter:
			pressed = true
		default:
		}
		look, err := w.desk.ports.Faces.Look(ctx, f.Image, false)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			if pressed {
				w.byEye(f)
				return
			}
			w.since, w.last = time.Time{}, nil
			if !w.desk.engineAway(ctx, w.c.shutter, err, w.tell) {
				w.byEye(f)
				return
			}
			continue
		}
		if !w.watch(ctx, shot{f, look}, pressed) {
			return
		}
	}
}

// watch takes one frame into account; false when the attempt is over.
func (w *watch) watch(ctx context.Context, s shot, pressed bool) bool {
	_, pass := s.look.Quality.Weakest()
	pass = pass && len(s.look.Faces) > 0
	if !pass {
		w.since = time.Time{}
	} else if w.since.IsZero() {
		w.since = s.frame.At
	}
	if len(s.look.Faces) > 0 {
		w.last = w.last.add(s)
	}
	held := time.Duration(0)
	if !w.since.IsZero() {
		held = s.frame.At.Sub(w.since)
	}
	sentence := or(w.coach.Say(s.look.Quality, s.frame.At), "look-here")
	progress := min(float64(held)/float64(holdFor), 1)
	lines := qualityLines(s.look)
	if !w.tell(func() {
		w.c.live.Sentence, w.c.live.Progress, w.c.live.Quality, w.c.live.Eye = sentence, progress, lines, false
		if w.desk.engineNotice() {
			w.desk.notice = nil
		}
	}) {
		return false
	}
	switch {
	case pressed && len(s.look.Faces) == 0:
		w.tell(func() { w.desk.say("no-face", Attention) })
	case pressed, pass && held >= holdFor:
		w.compare(ctx)
		return false
	}
	return true
}

// compare ends the attempt: of the best pictures of the last second the best
// score counts.
func (w *watch) compare(ctx context.Context) {
	e := w.desk.ports.Faces.Engine()
	if e.Matcher.Name == "" || w.ref.missing || w.ref.descriptor == nil || w.ref.model != e.Matcher {
		w.finish(w.last.best()[0], e, 0, face.Unknown, true)
		return
	}
	w.tell(func() { w.c.live.Sentence = "comparing" })
	best, score, found := shot{}, 0.0, false
	for _, s := range w.last.best() {
		look, err := w.desk.ports.Faces.Look(ctx, s.frame.Image, true)
		if err != nil || look.Descriptor == nil || len(look.Faces) == 0 {
			continue
		}
		got, err := face.Compare(w.ref.descriptor, look.Descriptor, e.Matcher.Metric)
		if err != nil {
			continue
		}
		if !found || e.Matcher.Metric.Better(got, score) {
			best, score, found = shot{s.frame, look}, got, true
		}
	}
	if ctx.Err() != nil {
		return
	}
	if !found {
		w.tell(func() {
			w.desk.say("engine-restarting", Attention)
			w.c.turn++ // the same attempt again
		})
		return
	}
	w.finish(best, e, score, e.Limits.Band(score), false)
}

// byEye takes a frame that nothing measured.
func (w *watch) byEye(f camera.Frame) {
	w.finish(shot{frame: f}, Engine{}, 0, face.Unknown, true)
}

// finish tells the outcome of the attempt.
func (w *watch) finish(s shot, e Engine, score float64, band face.Band, eye bool) {
	crop, box := s.frame.Image, face.Box{}
	if len(s.look.Faces) > 0 {
		box = s.look.Faces[0].Box
		if aligned, err := face.Align(s.frame.Image, s.look.Faces[0].Landmarks, face.Portrait(), cropSide, cropSide); err == nil {
			crop = aligned
		}
	}
	probe := probeOf(s.frame.Image, box)
	quality := map[string]float64{}
	for _, q := range s.look.Quality.Components {
		if q.Measured {
			quality[string(q.Code)] = q.Score
		}
	}
	lines := qualityLines(s.look)
	attempt := activation.Attempt{Band: activation.Band(band), Score: score, Quality: quality, Eye: eye, Weak: w.ref.weak, Passive: s.look.Passive}
	asks := w.desk.ports.Faces.Engine().Challenge
	w.tell(func() {
		d, c := w.desk, w.c
		attempt.At = d.now()
		if c.old() {
			attempt.Weak = append([]activation.Weakness{activation.WeakOld}, attempt.Weak...)
		}
		near := d.sameDay(e, s.look.Descriptor, crop)
		attempt.Near = len(near) > 0
		events := []activation.Event{activation.Compared{Attempt: attempt, Challenge: asks}}
		if asks && (eye || !e.Limits.Measured) {
			events = append(events, activation.ChallengeWaived{Why: activation.NoMeasure})
		}
		if !d.step("attempts-over", events...) {
			return
		}
		c.Probe, c.Engine, c.crop, c.compared = probe, e, crop, true
		c.known, c.near, c.halted = s.look.Descriptor, near, false
		c.live.Quality, c.live.Progress, c.live.Sentence = lines, 1, ""
		c.turn++ // the watch is over; the preview goes on
		d.keep()
	})
}
