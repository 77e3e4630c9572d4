package app

import (
	"slices"
	"time"

	"loket/scanner/face"
)

const (
	coachHolds  = time.Second            // a sentence stays so long at least
	coachSettle = 300 * time.Millisecond // another one is wanted so long before it is said
)

// coach turns what is measured from frame to frame into one sentence at a time.
// What was asked for is asked for until it is done, though something else is
// weaker by then; and what comes and goes from frame to frame changes nothing.
// Times are those of the frames.
type coach struct {
	said  string    // sentence code on the picture
	code  face.Code // of the component that it is about; "" for none
	since time.Time // when it was said

	next   string // what another sentence would be
	wanted time.Time
}

// Say returns the sentence for a frame.
func (c *coach) Say(q face.Quality, at time.Time) string {
	next, code := "hold-still", face.Code("")
	if weakest, pass := q.Weakest(); !pass {
		next, code = string(q.Hint), weakest.Code
		// Who is there comes before how they look.
		if still := q.HintFor(c.code); still != "" && weakest.Code != face.OneFace {
			next, code = string(still), c.code
		}
	}
	if next != c.next {
		c.next, c.wanted = next, at
	}
	if next == c.said || at.Sub(c.wanted) < coachSettle || at.Sub(c.since) < coachHolds {
		return c.said
	}
	c.said, c.code, c.since = next, code, at
	return c.said
}

// burst keeps the pictures of the last second that may become the probe: those
// that no three later ones are as good as.
type burst []shot

// burstLasts is how far back the best picture is looked for.
const burstLasts = time.Second

// add takes a picture in and lets go of those that no longer count.
func (b burst) add(s shot) burst {
	all := append(slices.Clone(b), s)
	var kept burst
	for i, o := range all {
		better := 0
		for _, l := range all[i+1:] {
			if l.look.Quality.Lowest() >= o.look.Quality.Lowest() {
				better++
			}
		}
		if better < bestOf && s.frame.At.Sub(o.frame.At) <= burstLasts {
			kept = append(kept, o)
		}
	}
	return kept
}

// best are the pictures whose lowest component is highest, best first.
func (b burst) best() []shot {
	all := slices.Clone(b)
	slices.SortStableFunc(all, func(x, y shot) int {
		switch a, b := x.look.Quality.Lowest(), y.look.Quality.Lowest(); {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	return all[:min(bestOf, len(all))]
}
