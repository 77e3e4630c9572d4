package app_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"loket/app"
	"loket/scanner/face"
)

// quality is a picture of which these components fail, weakest first.
func quality(failing ...face.Code) face.Quality {
	q := face.Quality{}
	for _, code := range []face.Code{face.OneFace, face.HeadSize, face.Yaw, face.Luminance, face.Sharpness} {
		c := face.Component{Code: code, Score: 100, Value: 0.3, Limit: 50, Measured: true}
		for i, f := range failing {
			if f == code {
				c.Score = float64(10 * (i + 1))
			}
		}
		q.Components = append(q.Components, c)
	}
	if c, pass := q.Weakest(); !pass {
		q.Hint = q.HintFor(c.Code)
	}
	return q
}

const frame = time.Second / 15

func TestCoach(t *testing.T) {
	dark, near, both, far := quality(face.Luminance), quality(face.HeadSize), quality(face.Luminance, face.HeadSize), quality(face.HeadSize, face.Luminance)
	good := quality()
	every := func(n int, qs ...face.Quality) (all []face.Quality) {
		for i := range n {
			all = append(all, qs[i%len(qs)])
		}
		return all
	}
	for _, c := range []struct {
		name   string
		frames []face.Quality
		want   []string
	}{
		{"one thing", every(30, dark), []string{"more-light"}},
		{"one after the other", append(append(every(30, dark), every(30, near)...), every(30, good)...), []string{"more-light", "come-closer", "hold-still"}},
		{"two that take turns as the weakest", append(every(30, both), every(60, far, both)...), []string{"more-light"}},
		{"one that comes and goes from frame to frame", append(every(30, dark), every(60, good, dark)...), []string{"more-light"}},
		{"somebody else comes", append(every(30, dark), every(30, quality(face.OneFace, face.Luminance))...), []string{"more-light", "other-person"}},
		{"a moment too short to speak of", append(append(every(30, good), every(3, dark)...), every(30, good)...), []string{"hold-still"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			coach := app.NewCoach()
			var said []string
			for i, q := range c.frames {
				s := coach.Say(q, time.Unix(100, 0).Add(time.Duration(i)*frame))
				if s != "" && (len(said) == 0 || said[len(said)-1] != s) {
					said = append(said, s)
				}
			}
			if strings.Join(said, ",") != strings.Join(c.want, ",") {
				t.Errorf("said %v, want %v", said, c.want)
			}
		})
	}
}

// Whatever is measured, the sentence changes at most once a second. The control
// is the weakest component alone, which changes more often.
func TestCoachChangesAtMostOnceASecond(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	codes := []face.Code{face.OneFace, face.HeadSize, face.Yaw, face.Luminance, face.Sharpness}
	coach, at := app.NewCoach(), time.Unix(100, 0)
	last, changed := "", time.Time{}
	weakest, control, changes := face.Hint(""), 0, 0
	var q face.Quality
	for i := range 5000 {
		if i%7 == 0 {
			r.Shuffle(len(codes), func(a, b int) { codes[a], codes[b] = codes[b], codes[a] })
			q = quality(codes[:r.IntN(4)]...)
		}
		at = at.Add(frame)
		s := coach.Say(q, at)
		if s != last {
			if !changed.IsZero() && at.Sub(changed) < time.Second {
				t.Fatalf("%q after %v", s, at.Sub(changed))
			}
			last, changed = s, at
			changes++
		}
		if q.Hint != weakest {
			weakest = q.Hint
			control++
		}
	}
	if changes < 20 || control < 2*changes {
		t.Errorf("%d changes, %d of the weakest component alone", changes, control)
	}
}

// No sentence has more than 12 words, in either language.
func TestSentencesAreShort(t *testing.T) {
	n := 0
	for key, words := range app.WordTable() {
		if !strings.HasPrefix(key, "sentence.") {
			continue
		}
		n++
		for _, w := range words {
			if len(strings.Fields(w)) > 12 {
				t.Errorf("%s: %q", key, w)
			}
		}
	}
	if n < 20 {
		t.Errorf("%d sentences: have they another name now?", n)
	}
}

// The best picture of the last second is taken, not the last one, nor an older
// better one.
func TestBurst(t *testing.T) {
	b := app.NewBurst()
	for i, lowest := range []float64{3, 1.1, 1.2, 2, 1.3, 1.4, 1.1} {
		b.Add(uint64(i+1), time.Unix(100, 0).Add(time.Duration(i)*200*time.Millisecond), lowest)
	}
	got := b.Best()
	if len(got) != 3 || got[0] != 4 || got[1] != 6 || got[2] != 5 {
		t.Errorf("took %v, want pictures 4, 6 and 5: the first is older than a second", got)
	}
	if kept := b.Len(); kept > 4 {
		t.Errorf("%d pictures are held in memory", kept)
	}
}
