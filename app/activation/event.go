package activation

import (
	"slices"
	"time"
)

// Event is something that happened at the counter.
type Event interface {
	apply(s *Session, now time.Time, g guard) error
}

type (
	// Advance goes to the next stage, when this one is complete.
	Advance struct{}
	// Return goes back one stage and forgets what this one found out.
	Return struct{}
	// Asked marks a readiness item as affirmed or not.
	Asked struct {
		Item Readiness
		Yes  bool
	}
	// Consented records consent to the processing of personal data, or takes it back.
	Consented struct{ Yes bool }
	// CodeRead is a code that was verified; an invalid one is only counted.
	CodeRead struct{ Code Code }
	// RecordFound is the registry's answer; RecordAbsent says it has none.
	RecordFound  struct{ Record Record }
	RecordAbsent struct{}
	// Marked compares one field. Clear takes the mark away.
	Marked struct {
		Field Field
		Same  bool
		Clear bool
	}
	// Compared is a finished attempt at the face. Challenge says that the policy
	// asks this face to prove that it lives.
	Compared struct {
		Attempt   Attempt
		Challenge bool
	}
	// Looked is the officer's own look at the person.
	Looked struct{ OK bool }
	// Decided ends the session. Supervisor is who signs too, or "".
	Decided struct {
		Decision   Decision
		Reason     Reason
		Supervisor string
	}
	// TakenOver says that another officer goes on with the case.
	TakenOver struct{ Officer string }
	// Undone takes a decision back within UndoWindow, to the decide stage.
	Undone struct{}
)

func (Advance) apply(s *Session, now time.Time, g guard) error {
	if s.Stage == StageDecide || s.Stage == StageDone {
		return ErrOutOfTurn // these are left by a decision alone
	}
	if err := g.leave(*s); err != nil {
		return err
	}
	s.enter(Stages()[at(s.Stage)+1], now)
	return nil
}

func (Return) apply(s *Session, now time.Time, _ guard) error {
	if s.Stage == StageReady || s.Stage == StageDone {
		return ErrOutOfTurn
	}
	s.forget()
	delete(s.Entered, s.Stage)
	s.enter(Stages()[at(s.Stage)-1], now)
	s.forget()
	return nil
}

// forget clears what the session's stage found out, so that nothing of a code,
// a record or a face outlives the way back over it. Attempts stay counted.
func (s *Session) forget() {
	switch s.Stage {
	case StageConsent:
		s.Consent = time.Time{}
	case StageScan:
		s.Code = nil
	case StageCompare:
		s.Record, s.Absent, s.Eligible, s.Marks = nil, false, Eligibility{}, map[Field]bool{}
	case StageFace:
		s.Look, s.Waived = false, ""
	}
}

func (e Asked) apply(s *Session, _ time.Time, _ guard) error {
	if s.Stage != StageReady && !(s.Stage == StageConsent && e.Yes) {
		return ErrOutOfTurn
	}
	if !slices.Contains(AllReadiness(), e.Item) {
		return ErrNotAllowed
	}
	s.Ready = slices.DeleteFunc(s.Ready, func(r Readiness) bool { return r == e.Item })
	if e.Yes {
		s.Ready = append(s.Ready, e.Item)
	}
	return nil
}

func (e Consented) apply(s *Session, now time.Time, _ guard) error {
	if s.Stage != StageConsent {
		return ErrOutOfTurn
	}
	s.Consent = time.Time{}
	if e.Yes {
		s.Consent = now
	}
	return nil
}

func (e CodeRead) apply(s *Session, _ time.Time, _ guard) error {
	if s.Stage != StageScan {
		return ErrOutOfTurn
	}
	if !e.Code.Valid {
		s.Refused++
		return nil
	}
	code := e.Code
	s.Code = &code
	return nil
}

func (e RecordFound) apply(s *Session, now time.Time, _ guard) error {
	if s.Stage != StageCompare {
		return ErrOutOfTurn
	}
	if s.Code == nil || e.Record.NIK != s.Code.NIK {
		return ErrNotAllowed // another citizen's record
	}
	rec := e.Record
	s.Record, s.Absent, s.Eligible = &rec, false, Eligible(rec, now)
	return nil
}

func (RecordAbsent) apply(s *Session, _ time.Time, _ guard) error {
	if s.Stage != StageCompare {
		return ErrOutOfTurn
	}
	s.Record, s.Absent, s.Eligible = nil, true, Eligibility{Reason: NotRecorded}
	return nil
}

func (e Marked) apply(s *Session, _ time.Time, _ guard) error {
	if s.Stage != StageCompare && s.Stage != StageContact || s.Record == nil {
		return ErrOutOfTurn
	}
	if !slices.Contains(RecordFields(), e.Field) && !slices.Contains(ContactFields(), e.Field) {
		return ErrNotAllowed
	}
	if e.Clear {
		delete(s.Marks, e.Field)
		return nil
	}
	s.Marks[e.Field] = e.Same
	return nil
}

func (e Compared) apply(s *Session, _ time.Time, _ guard) error {
	if s.Stage != StageFace {
		return ErrOutOfTurn
	}
	if len(s.Attempts) >= MaxAttempts {
		return ErrNoAttempts
	}
	s.Attempts = append(s.Attempts, e.Attempt)
	s.Challenged, s.Waived = e.Challenge, ""
	return nil
}

func (e Looked) apply(s *Session, _ time.Time, _ guard) error {
	if s.Stage != StageFace && s.Stage != StageDecide {
		return ErrOutOfTurn
	}
	s.Look = e.OK
	return nil
}

func (e Decided) apply(s *Session, now time.Time, g guard) error {
	if s.Stage == StageDone {
		return ErrOutOfTurn
	}
	o := Outcome{Decision: e.Decision, Reason: e.Reason, At: now, Supervisor: e.Supervisor}
	if err := g.decide(*s, o, now); err != nil {
		return err
	}
	s.Outcome = o
	s.enter(StageDone, now)
	return nil
}

func (e TakenOver) apply(s *Session, _ time.Time, _ guard) error {
	if s.Stage == StageDone {
		return ErrOutOfTurn
	}
	if e.Officer == "" {
		return ErrNotAllowed
	}
	s.Officer = e.Officer
	return nil
}

func (Undone) apply(s *Session, now time.Time, _ guard) error {
	if s.Stage != StageDone {
		return ErrOutOfTurn
	}
	if now.Sub(s.Outcome.At) > UndoWindow {
		return ErrUndoExpired
	}
	s.Outcome = Outcome{}
	s.Undone++
	delete(s.Entered, StageDone)
	// Back to where the decision was taken: the last stage that was entered.
	stage := StageReady
	for _, st := range Stages()[:at(StageDone)] {
		if _, ok := s.Entered[st]; !ok {
			break
		}
		stage = st
	}
	s.Stage = stage
	return nil
}
