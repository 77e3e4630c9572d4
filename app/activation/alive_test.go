package activation_test

import (
	"errors"
	"testing"
	"time"

	"loket/app/activation"
)

// faceOf is the path up to the decide stage, with these events at the face stage.
func faceOf(a activation.Attempt, challenge bool, more ...activation.Event) []activation.Event {
	whole := path()
	n := len(whole) - 4 // Compared, Looked, Advance, Decided
	es := append(whole[:n:n], activation.Compared{Attempt: a, Challenge: challenge})
	es = append(es, more...)
	return append(es, activation.Looked{OK: true}, activation.Advance{})
}

func ended(attempt int, passed bool) activation.Event {
	c := activation.Challenge{At: now, Attempt: attempt, Steps: []string{"turn-left", "come-closer", "turn-right"}, Done: 3, Passed: passed}
	if !passed {
		c.Done, c.Reason = 1, "too-late"
	}
	return activation.ChallengeEnded{Challenge: c}
}

func TestChallengeDecides(t *testing.T) {
	match := activation.Attempt{Band: activation.BandMatch, Score: 0.7}
	noMatch := activation.Attempt{Band: activation.BandNoMatch, Score: 0.1}
	waived := activation.ChallengeWaived{Why: activation.CannotMove}
	for name, c := range map[string]struct {
		events     []activation.Event
		alive      activation.Alive
		supervisor string
		want       error
	}{
		"policy does not ask":             {faceOf(match, false), activation.AliveNotAsked, "", nil},
		"passed":                          {faceOf(match, true, ended(1, true)), activation.AlivePassed, "", nil},
		"passed at the third try":         {faceOf(match, true, ended(1, false), ended(1, false), ended(1, true)), activation.AlivePassed, "", nil},
		"failed three times, alone":       {faceOf(match, true, ended(1, false), ended(1, false), ended(1, false)), activation.AliveFailed, "", activation.ErrNotAllowed},
		"failed three times, by two":      {faceOf(match, true, ended(1, false), ended(1, false), ended(1, false)), activation.AliveFailed, "002", nil},
		"can't move, alone":               {faceOf(match, true, waived), activation.AliveWaived, "", activation.ErrNotAllowed},
		"can't move, by two":              {faceOf(match, true, waived), activation.AliveWaived, "002", nil},
		"nobody can tell, alone":          {faceOf(match, true, activation.ChallengeWaived{Why: activation.NoMeasure}), activation.AliveWaived, "", activation.ErrNotAllowed},
		"nobody can tell, by two":         {faceOf(match, true, activation.ChallengeWaived{Why: activation.NoMeasure}), activation.AliveWaived, "002", nil},
		"no match need not prove life":    {faceOf(noMatch, true), activation.AliveNotAsked, "002", activation.ErrNotAllowed},
		"compared anew after it, passed":  {faceOf(match, true, ended(1, true), activation.Compared{Attempt: match, Challenge: true}, ended(2, true)), activation.AlivePassed, "", nil},
		"waived, then compared and alive": {faceOf(match, true, waived, activation.Compared{Attempt: match, Challenge: true}, ended(2, true)), activation.AlivePassed, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := run(t, c.events)
			if s.Alive() != c.alive {
				t.Errorf("alive %q, want %q", s.Alive(), c.alive)
			}
			_, err := s.Next(activation.Decided{Decision: activation.Approve, Supervisor: c.supervisor}, now)
			if !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v (%+v)", err, c.want, s.Approval(c.supervisor))
			}
		})
	}
}

func TestFaceStageWaitsForTheChallenge(t *testing.T) {
	match := activation.Attempt{Band: activation.BandMatch}
	open := faceOf(match, true)
	s := run(t, open[:len(open)-1])
	if _, err := s.Next(activation.Advance{}, now); !errors.Is(err, activation.ErrIncomplete) {
		t.Errorf("on with an open challenge: %v", err)
	}
	for name, e := range map[string]activation.Event{
		"of a face that was compared before": ended(0, true),
		"passed with nothing asked":          activation.ChallengeEnded{Challenge: activation.Challenge{Attempt: 1, Passed: true}},
		"passed with a step undone":          activation.ChallengeEnded{Challenge: activation.Challenge{Attempt: 1, Passed: true, Steps: []string{"turn-left", "turn-right"}, Done: 1}},
		"waived for no reason":               activation.ChallengeWaived{},
	} {
		if n, err := s.Next(e, now); err == nil {
			t.Errorf("%s: alive %q", name, n.Alive())
		}
	}
	// The control: the guard off, the same session goes on.
	if _, err := s.NextUnguarded(activation.Advance{}, now); err != nil {
		t.Error(err)
	}
	// After a fresh comparison the challenge that was passed counts no more.
	s = run(t, append(open[:len(open)-1:len(open)-1], ended(1, true), activation.Compared{Attempt: match, Challenge: true}))
	if s.Alive() != activation.AliveOpen {
		t.Errorf("alive %q after a fresh comparison", s.Alive())
	}
}

func TestWeakPhotoGoesToTheSupervisor(t *testing.T) {
	no := activation.Attempt{Band: activation.BandNoMatch, Score: 0.1}
	old := no
	old.Weak = []activation.Weakness{activation.WeakOld}
	oldMatch := activation.Attempt{Band: activation.BandMatch, Weak: old.Weak}
	for name, c := range map[string]struct {
		attempt    activation.Attempt
		decision   activation.Decision
		reason     activation.Reason
		supervisor string
		want       error
	}{
		"no match, good photo, two":            {no, activation.Approve, "", "002", activation.ErrNotAllowed},
		"no match, old photo, alone":           {old, activation.Approve, "", "", activation.ErrNotAllowed},
		"no match, old photo, two":             {old, activation.Approve, "", "002", nil},
		"match, old photo, alone":              {oldMatch, activation.Approve, "", "", nil},
		"new photo wanted, alone":              {old, activation.Refer, activation.PhotoInadequate, "", activation.ErrNotAllowed},
		"new photo wanted, two":                {old, activation.Refer, activation.PhotoInadequate, "002", nil},
		"no match, old photo, refused by one":  {old, activation.Refuse, activation.FaceNoMatch, "", nil},
		"no match, good photo, refused by one": {no, activation.Refuse, activation.FaceNoMatch, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := run(t, faceOf(c.attempt, false))
			_, err := s.Next(activation.Decided{Decision: c.decision, Reason: c.reason, Supervisor: c.supervisor}, now)
			if !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v", err, c.want)
			}
		})
	}
	s := run(t, faceOf(old, false))
	if d, r := s.Proposed(); d != activation.Approve || len(s.Second(d, r)) != 1 || s.Second(d, r)[0] != activation.CauseWeakPhoto {
		t.Errorf("proposed %s %s, by two for %v", d, r, s.Second(d, r))
	}
	s = run(t, faceOf(no, false))
	if d, r := s.Proposed(); d != activation.Refuse || r != activation.FaceNoMatch {
		t.Errorf("control: a good photo proposes %s %s", d, r)
	}
}

func TestNearFaceNeedsASupervisor(t *testing.T) {
	near := activation.Attempt{Band: activation.BandMatch, Near: true}
	far := activation.Attempt{Band: activation.BandMatch}
	s := run(t, faceOf(near, false, activation.Compared{Attempt: far}))
	for supervisor, want := range map[string]error{"": activation.ErrNotAllowed, "002": nil} {
		if _, err := s.Next(activation.Decided{Decision: activation.Approve, Supervisor: supervisor}, now.Add(time.Hour)); !errors.Is(err, want) {
			t.Errorf("supervisor %q: %v, want %v", supervisor, err, want)
		}
	}
	if s := run(t, faceOf(far, false)); len(s.Approval("").Second) != 0 {
		t.Errorf("control: %v", s.Approval("").Second)
	}
}
