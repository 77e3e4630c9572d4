package activation

import (
	"slices"
	"time"
)

// Obstacle is one thing that stands against an approval.
type Obstacle string

const (
	NotAtDecide   Obstacle = "stage"        // a stage is still open
	NotReady      Obstacle = "readiness"    // own phone, official app, e-mail, number
	NoConsent     Obstacle = "consent"      //
	NoCode        Obstacle = "code"         // no code, or a check of it failed
	NoRecord      Obstacle = "record"       //
	NotEligible   Obstacle = "eligible"     // see Eligibility.Reason
	DataDiffers   Obstacle = "data"         // name, date of birth or sex differ, or a field was not compared
	NoContact     Obstacle = "contact"      // the citizen did not confirm e-mail and number
	NoFace        Obstacle = "face"         // not compared
	FaceDiffers   Obstacle = "face-differs" //
	NotLookedAt   Obstacle = "look"         // the officer's own look is missing
	NotChallenged Obstacle = "challenge"    // the liveness challenge is not settled
	SecondMissing Obstacle = "second"       // a supervisor must sign too
	SecondSame    Obstacle = "second-same"  // and must be another person
)

// Approval says whether this session may end with an activation: which
// decision that is (Approve, or Reactivate for a blocked citizen), why a
// supervisor signs too, and what stands against it. No obstacles: it may.
type Approval struct {
	Decision  Decision
	Second    []Cause // why a supervisor must sign; empty: nobody need
	Obstacles []Obstacle
}

// Cause is why a second pair of eyes is needed.
type Cause string

const (
	CauseDoubtful   Cause = "doubtful"    // the face is in the doubtful band
	CauseEye        Cause = "eye"         // compared by eye, without a matcher
	CauseNoProof    Cause = "no-proof"    // the code carries no proof of the phone
	CauseClock      Cause = "clock"       // freshness hangs on an uncertain clock
	CauseReactivate Cause = "reactivate"  // the citizen was blocked
	CauseIdentity   Cause = "look-differ" // what the officer saw differs from what was measured
	CauseLiveness   Cause = "liveness"    // the liveness challenge was failed, or can't be done
	CauseNear       Cause = "near"        // the face is close to another NIK's of the day
	CauseWeakPhoto  Cause = "weak-photo"  // no match, with an enrolled photo that is old, small or blurred
	CausePhoto      Cause = "photo"       // the photo is to be renewed: only where a supervisor can't confirm either
)

// Approval weighs the session. supervisor is who would sign too, or "".
func (s Session) Approval(supervisor string) Approval {
	a := Approval{Decision: Approve}
	against := func(o Obstacle, when bool) {
		if when {
			a.Obstacles = append(a.Obstacles, o)
		}
	}
	second := func(c Cause, when bool) {
		if when {
			a.Second = append(a.Second, c)
		}
	}
	against(NotAtDecide, s.Stage != StageDecide)
	against(NotReady, slices.ContainsFunc(AllReadiness(), func(r Readiness) bool { return !slices.Contains(s.Ready, r) }))
	against(NoConsent, s.Consent.IsZero())
	against(NoCode, s.Code == nil || !s.Code.Valid || s.Code.Registration == "" || len(s.Code.Checks) == 0 ||
		slices.ContainsFunc(s.Code.Checks, func(c Check) bool { return !c.OK }))
	against(NoRecord, s.Record == nil)
	against(NotEligible, s.Eligible.Allowed == "")
	if s.Eligible.Allowed == Reactivate {
		a.Decision = Reactivate
	}
	against(DataDiffers, !s.marked(RecordFields()) || !s.Marks[FieldName] || !s.Marks[FieldBorn] || !s.Marks[FieldSex])
	against(NoContact, !s.Marks[FieldEmail] || !s.Marks[FieldPhone])
	face, compared := s.Last()
	against(NoFace, !compared)
	weak := compared && face.Band == BandNoMatch && len(face.Weak) > 0
	against(FaceDiffers, compared && face.Band == BandNoMatch && !weak)
	against(NotLookedAt, !s.Look)
	alive := s.Alive()
	against(NotChallenged, alive == AliveOpen)
	if s.Code != nil {
		second(CauseNoProof, !s.Code.Proof)
		second(CauseClock, s.Code.Proof && !s.Code.Fresh)
	}
	second(CauseDoubtful, compared && face.Band == BandDoubtful)
	second(CauseEye, compared && face.Band == BandUnknown)
	second(CauseWeakPhoto, weak)
	second(CauseLiveness, alive == AliveFailed || alive == AliveWaived && (s.Waived == CannotMove || face.Band == BandMatch))
	second(CauseNear, slices.ContainsFunc(s.Attempts, func(a Attempt) bool { return a.Near }))
	second(CauseReactivate, a.Decision == Reactivate)
	against(SecondMissing, len(a.Second) > 0 && supervisor == "")
	against(SecondSame, supervisor != "" && supervisor == s.Officer)
	return a
}

// Second says why a supervisor signs a decision too; nil: nobody need. Whom the
// photo fails is sent for another one only after a second person looked.
func (s Session) Second(d Decision, r Reason) []Cause {
	switch d {
	case Approve, Reactivate:
		return s.Approval("").Second
	case Refer:
		if _, compared := s.Last(); r == PhotoInadequate && compared {
			return []Cause{CausePhoto}
		}
	}
	return nil
}

// allows says whether the session may end with o; nil when it may. What is not
// an approval may be decided from any stage, since no citizen has to stay.
func (s Session) allows(o Outcome, _ time.Time) error {
	if o.Supervisor != "" && o.Supervisor == s.Officer {
		return ErrSamePerson
	}
	switch o.Decision {
	case Approve, Reactivate:
		a := s.Approval(o.Supervisor)
		if o.Decision != a.Decision || len(a.Obstacles) > 0 {
			return ErrNotAllowed
		}
		if o.Decision == Approve && o.Reason != "" {
			return ErrNotAllowed
		}
		return nil
	case Refuse, Refer, Decline, Block:
		if !slices.Contains(ReasonsFor(o.Decision), o.Reason) || len(s.Second(o.Decision, o.Reason)) > 0 && o.Supervisor == "" {
			return ErrNotAllowed
		}
		return nil
	}
	return ErrNotAllowed // a cancel is a packet about an earlier session, not an end of this one
}

// Proposed is what the session itself suggests: the approval where it is open
// but for a supervisor's signature, else the decision that its first obstacle
// leads to.
func (s Session) Proposed() (Decision, Reason) {
	a := s.Approval("")
	open := slices.DeleteFunc(slices.Clone(a.Obstacles), func(o Obstacle) bool { return o == SecondMissing })
	if len(open) == 0 || len(open) == 1 && open[0] == NotLookedAt {
		if a.Decision == Reactivate {
			return Reactivate, Blocked
		}
		return Approve, ""
	}
	face, compared := s.Last()
	switch {
	case s.Absent:
		return Refer, NotRecorded
	case s.Record != nil && s.Eligible.Allowed == "":
		return DecisionFor(s.Eligible.Reason), s.Eligible.Reason
	case slices.Contains(open, DataDiffers) && s.marked(RecordFields()):
		return Refer, DataProblem
	case compared && face.Band == BandNoMatch && len(face.Weak) == 0:
		return Refuse, FaceNoMatch
	case s.Code == nil && s.Refused > 0:
		return Refuse, CodeInvalid
	}
	return Decline, NotAble
}
