// Package liveness decides whether a living head is before the camera, by what
// it does when asked: it turns and comes nearer in an order that nobody knew
// before, at once, and is the same person before and after.
//
// A turn is told by the nose, which stands out: it moves against the eyes and
// the mouth. On a photograph, however it is moved, tilted or bent, it does not
// (Straight.Relief). What this does not stop is a picture that is computed to obey, or
// a modelled mask; passive networks and the officer's own look stand beside it,
// and none decides alone.
package liveness

import "math/rand/v2"

// Step is one thing that the citizen is asked to do, as an instruction code.
// Left and right are those of the picture as the camera took it, as in
// face.Hint: words and mirrored previews belong to the screen.
type Step string

const (
	LookStraight Step = "look-straight" // before, between and after the others
	TurnLeft     Step = "turn-left"
	TurnRight    Step = "turn-right"
	ComeCloser   Step = "come-closer"
)

// Challenge is what is asked, in order. Straight looks stand between by
// themselves.
type Challenge []Step

// Draw draws three steps at random, one of ten orders: never the same twice in
// a row, and nearer once at most. random must be unpredictable outside of
// tests (rand.NewChaCha8 with a seed of crypto/rand, or the global source).
func Draw(random *rand.Rand) Challenge {
	for {
		all := [3]Step{TurnLeft, TurnRight, ComeCloser}
		c := Challenge{all[random.IntN(3)], all[random.IntN(3)], all[random.IntN(3)]}
		closer := 0
		for _, s := range c {
			if s == ComeCloser {
				closer++
			}
		}
		if c[0] != c[1] && c[1] != c[2] && closer <= 1 {
			return c
		}
	}
}
