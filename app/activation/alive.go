package activation

import (
	"slices"
	"time"
)

// MaxChallenges is how often a citizen may fail the liveness challenge in one
// session before a supervisor looks instead.
const MaxChallenges = 3

// Challenge is one round of the active liveness challenge: what was asked, in
// order, how much of it was done, and how it ended.
type Challenge struct {
	At      time.Time `json:"at"`
	Attempt int       `json:"attempt"` // the comparison whose face it belongs to, from 1
	Steps   []string  `json:"steps"`   // liveness.Step codes, in the order asked
	Done    int       `json:"done"`
	Passed  bool      `json:"passed"`
	Reason  string    `json:"reason,omitempty"` // liveness.Reason, where it failed
}

// Waiver is why the challenge that the policy asks for is not done.
type Waiver string

const (
	CannotMove Waiver = "cannot-move" // the officer says that the citizen can't turn or come closer
	NoMeasure  Waiver = "no-measure"  // no matcher with measured thresholds: nobody knows whether it is the same face
)

// Alive is how the challenge stands for the comparison that counts.
type Alive string

const (
	AliveNotAsked Alive = ""       // the policy does not ask, or there is nothing to approve
	AliveOpen     Alive = "open"   // asked, not settled yet
	AlivePassed   Alive = "passed" // by the face that was compared
	AliveFailed   Alive = "failed" // no tries left: a supervisor looks
	AliveWaived   Alive = "waived" // see Waiver: a supervisor looks
)

// Alive says how the challenge stands. A face that does not match need not
// prove that it lives.
func (s Session) Alive() Alive {
	last, compared := s.Last()
	switch {
	case !s.Challenged || !compared || last.Band == BandNoMatch && len(last.Weak) == 0:
		return AliveNotAsked
	case slices.ContainsFunc(s.Challenges, func(c Challenge) bool { return c.Passed && c.Attempt == len(s.Attempts) }):
		return AlivePassed
	case s.Waived != "":
		return AliveWaived
	case s.failedChallenges() >= MaxChallenges:
		return AliveFailed
	}
	return AliveOpen
}

func (s Session) failedChallenges() int {
	n := 0
	for _, c := range s.Challenges {
		if !c.Passed {
			n++
		}
	}
	return n
}

type (
	// ChallengeEnded is a round of the liveness challenge, passed or failed.
	ChallengeEnded struct{ Challenge Challenge }
	// ChallengeWaived says why there is none; a supervisor looks then.
	ChallengeWaived struct{ Why Waiver }
)

func (e ChallengeEnded) apply(s *Session, _ time.Time, _ guard) error {
	if s.Stage != StageFace || e.Challenge.Attempt != len(s.Attempts) {
		return ErrOutOfTurn // the face has been compared anew meanwhile
	}
	if s.Alive() != AliveOpen {
		return ErrNotAllowed
	}
	if e.Challenge.Passed && (e.Challenge.Reason != "" || len(e.Challenge.Steps) == 0 || e.Challenge.Done != len(e.Challenge.Steps)) {
		return ErrNotAllowed // nothing was asked, or not all of it was done
	}
	s.Challenges = append(s.Challenges, e.Challenge)
	return nil
}

func (e ChallengeWaived) apply(s *Session, _ time.Time, _ guard) error {
	if s.Stage != StageFace {
		return ErrOutOfTurn
	}
	if s.Alive() != AliveOpen || e.Why != CannotMove && e.Why != NoMeasure {
		return ErrNotAllowed
	}
	s.Waived = e.Why
	return nil
}
