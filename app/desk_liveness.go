package app

import (
	"context"
	cryptorand "crypto/rand"
	"image"
	"math/rand/v2"
	"time"

	"loket/app/activation"
	"loket/scanner/face"
	"loket/scanner/face/liveness"
	"loket/scanner/face/sameday"
)

// waive says that the citizen can't move as asked: a supervisor looks instead.
func (d *Desk) waive() {
	c := d.c
	if c.compared && d.step("", activation.ChallengeWaived{Why: activation.CannotMove}) {
		c.live.Sentence, c.live.Progress = "", 0
		c.turn++
		d.keep()
	}
}

// drawChallenge draws steps that nobody can foresee.
func drawChallenge() liveness.Challenge {
	var seed [32]byte
	cryptorand.Read(seed[:]) // never fails: crypto/rand ends the program instead
	return liveness.Draw(rand.New(rand.NewChaCha8(seed)))
}

// When nothing was looked at for so long, nobody knows who sat there meanwhile.
// That is this PC's fault or the engine's, not the citizen's.
const (
	blindFor  = 1900 * time.Millisecond // less than liveness.Rules' Blind
	blindMost = 2                       // rounds cut short before the officer is told
)

// challenge asks the face that was compared to move, in one round. A round that
// an engine's restart or a busy PC cut short is drawn anew and does not count.
func (d *Desk) challenge(ctx context.Context) {
	c := d.c
	known, probe := c.known, c.Probe
	c.live = FaceView{Sentence: "challenge-straight", Quality: c.live.Quality}
	attempt := len(c.s.Attempts)
	d.start(ctx, func(ctx context.Context, t tell) {
		r := round{desk: d, c: c, tell: t, attempt: attempt, known: known}
		for ctx.Err() == nil && !r.done {
			if r.known == nil && !r.describe(ctx, probe) {
				return
			}
			before := r.blind
			if r.run(ctx, d.ports.FacesCamera); r.blind > before && r.blind >= blindMost {
				r.tell(func() { r.desk.say("challenge-slow", Attention) })
			}
		}
	})
}

// faceWork is what the face stage knows beside the session; a draft keeps none
// of it.
type faceWork struct {
	known    face.Descriptor // of the probe
	near     []sameday.Near  // faces of the day, closest first
	nearCrop *image.RGBA     // of the closest
	halted   bool            // a round of the challenge failed, the next one waits for a key
	asked    liveness.Step   // what the citizen is asked to do at this moment
}

// round is one round of the challenge under way.
type round struct {
	desk    *Desk
	c       *current
	tell    tell
	attempt int
	known   face.Descriptor // of the probe that was compared
	done    bool            // its outcome was told
	blind   int             // how often nothing was looked at for too long

	steps liveness.Challenge
}

// describe finds out anew who was compared, in a case that was taken up again;
// false when ctx ended or the probe shows nobody.
func (r *round) describe(ctx context.Context, probe []byte) bool {
	img := pictureOf(probe)
	for img != nil && ctx.Err() == nil {
		look, err := r.desk.ports.Faces.Reference(ctx, img)
		switch {
		case err == nil && look.Descriptor != nil:
			r.known = look.Descriptor
			r.tell(func() { r.c.known = look.Descriptor })
			return true
		case err == nil:
			img = nil
		default:
			r.desk.engineAway(ctx, r.c.shutter, err, r.tell)
		}
	}
	if ctx.Err() == nil {
		r.giveUp()
	}
	return false
}

// giveUp says that this counter can't tell.
func (r *round) giveUp() {
	r.tell(func() {
		r.desk.step("", activation.ChallengeWaived{Why: activation.NoMeasure})
		r.c.live.Sentence, r.c.asked = "", ""
		r.c.turn++
		r.desk.keep()
	})
}

// run plays the round to its end, or until the engine fails.
func (r *round) run(ctx context.Context, cam Camera) {
	var s *liveness.Session
	var seq uint64
	var looked time.Time
	r.steps = drawChallenge()
	r.tell(func() { r.show(liveness.State{Instruction: liveness.LookStraight, Of: len(r.steps)}) })
	describe := true
	for {
		f, err := cam.Next(ctx, seq)
		if err != nil {
			return
		}
		seq = f.Seq
		look, err := r.desk.ports.Faces.Look(ctx, f.Image, describe)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.desk.engineAway(ctx, nil, err, r.tell)
			return
		}
		if s != nil && f.At.Sub(looked) > blindFor {
			r.blind++
			return
		}
		looked = f.At
		if s == nil {
			s = liveness.New(r.steps, r.desk.ports.Faces.Engine().Limits, liveness.Rules{}, f.At)
			s.Know(r.known)
		}
		state := s.See(liveness.Sight{At: f.At, Image: f.Image, Faces: look.Faces, Descriptor: look.Descriptor})
		describe = state.Describe
		if state.Outcome != liveness.Running {
			r.end(state)
			return
		}
		if !r.tell(func() { r.show(state) }) {
			return
		}
	}
}

// show puts what is asked now on the screen.
func (r *round) show(s liveness.State) {
	c := r.c
	c.live.Sentence, c.live.Progress = "challenge-"+string(s.Instruction), float64(s.Done)/float64(s.Of)
	if s.Back {
		c.live.Sentence += "-less"
	}
	c.live.Guide, c.asked = true, s.Instruction
	c.live.Challenge = challengeLines(r.steps, s)
	if s.Outcome == liveness.Running && r.desk.engineNotice() { // it answers again
		r.desk.notice = nil
	}
}

// challengeLines are the steps as far as they may be known: what comes next is
// not said before it is asked.
func challengeLines(steps liveness.Challenge, s liveness.State) []Line {
	var lines []Line
	for i, step := range steps {
		switch {
		case i < s.Done:
			lines = append(lines, Line{Code: string(step), State: LineOK})
		case i == s.Done && s.Instruction == step:
			lines = append(lines, Line{Code: string(step), State: LineNow})
		default:
			lines = append(lines, Line{Code: "step-next", State: LineOpen})
		}
	}
	return lines
}

// end tells how the round ended, and what to do next.
func (r *round) end(s liveness.State) {
	r.done = true
	e := activation.Challenge{Attempt: r.attempt, Done: s.Done, Passed: s.Outcome == liveness.Passed, Reason: string(s.Reason)}
	for _, step := range r.steps {
		e.Steps = append(e.Steps, string(step))
	}
	r.tell(func() {
		d, c := r.desk, r.c
		e.At = d.now()
		if !d.step("", activation.ChallengeEnded{Challenge: e}) {
			return
		}
		c.live.Sentence, c.live.Progress, c.live.Challenge, c.asked = "", 0, nil, ""
		if e.Passed {
			c.live.Sentence, c.live.Progress = "taken", 1
		} else {
			c.halted = true
			d.say("challenge-"+e.Reason, Attention)
		}
		c.turn++
		d.keep()
	})
}

// liveLines say what is known of the living head.
func (d *Desk) liveLines() []Line {
	c := d.c
	lines := c.challengeLines(d.ports.Faces.Engine().Challenge)
	if a, ok := c.s.Last(); ok && c.compared {
		if len(a.Passive) > 0 {
			mean := 0.0
			for _, share := range a.Passive {
				mean += share / float64(len(a.Passive))
			}
			l := Line{Code: "passive", State: LineOK, Detail: "passive-share", Args: []any{int(100*mean + 0.5)}}
			if mean < 0.5 {
				l.State = LineWarn
			}
			lines = append(lines, l)
		}
		if a.Near && len(c.near) == 0 { // a case that was taken up again; else the face itself is shown
			lines = append(lines, Line{Code: "near-face", State: LineWarn})
		}
	}
	look := Line{Code: "look", State: LineOpen}
	if c.s.Look {
		look.State = LineOK
	}
	return append(lines, look)
}

// challengeLines say how the challenge stands; none where nobody asks for it.
func (c *current) challengeLines(asks bool) []Line {
	if !c.compared {
		if asks {
			return []Line{{Code: "challenge-later", State: LineOpen}}
		}
		return nil
	}
	left := activation.MaxChallenges
	reason := ""
	for _, x := range c.s.Challenges {
		if !x.Passed {
			left--
			reason = x.Reason
		}
	}
	switch c.s.Alive() {
	case activation.AliveOpen:
		if c.halted {
			return []Line{{Code: "challenge-again", State: LineWarn, Detail: "challenge-" + reason, Args: []any{left}}}
		}
		return c.live.Challenge
	case activation.AlivePassed:
		return []Line{{Code: "challenge-passed", State: LineOK}}
	case activation.AliveFailed:
		return []Line{{Code: "challenge-failed", State: LineWarn, Detail: "challenge-" + reason}}
	case activation.AliveWaived:
		if c.s.Waived == activation.NoMeasure {
			return []Line{{Code: "challenge-unknown", State: LineUnknown}}
		}
		return []Line{{Code: "challenge-waived", State: LineWarn}}
	}
	return nil
}
