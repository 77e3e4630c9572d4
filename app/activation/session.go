package activation

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// What Next refuses. The session it returns with an error is the one it got.
var (
	ErrOutOfTurn   = errors.New("out of turn")         // this stage knows no such event
	ErrIncomplete  = errors.New("stage is incomplete") // something of this stage is still open
	ErrNotAllowed  = errors.New("decision is not allowed")
	ErrSamePerson  = errors.New("supervisor is the officer of the case")
	ErrNoAttempts  = errors.New("no attempts left")
	ErrUndoExpired = errors.New("too late to undo")
)

// MaxAttempts is how often a face is captured and compared in one session.
const MaxAttempts = 3

// UndoWindow is how long a decision can be taken back before it is sent.
const UndoWindow = 10 * time.Second

// Check is one verification of the code, as a name, its outcome and why.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"`
}

// Code is what the citizen's QR said and how it was verified.
type Code struct {
	Kind         string  `json:"kind"` // of scanner/token, or KindTyped
	Valid        bool    `json:"valid"`
	Proof        bool    `json:"proof"` // the phone proved that it holds the key
	Fresh        bool    `json:"fresh"` // freshness does not hang on an uncertain clock
	Checks       []Check `json:"checks"`
	Registration string  `json:"registration"`
	NIK          string  `json:"nik"`
	Email        string  `json:"email"`
	Number       string  `json:"number"`
	Presentation []byte  `json:"presentation,omitempty"` // raw, for central
	Audience     []byte  `json:"audience,omitempty"`
	Typed        string  `json:"typed,omitempty"` // the registration code that was typed instead of a presentation
	Card         *Card   `json:"card,omitempty"`  // of a bare card, which names no registration: the typed code does
}

// KindTyped is a registration that was found by its code and NIK, typed. It is
// never a proof of the phone.
const KindTyped = "typed"

// Band is face.Band by another name: this package imports nothing.
type Band string

// The bands of a comparison.
const (
	BandMatch    Band = "match"
	BandDoubtful Band = "doubtful"
	BandNoMatch  Band = "no-match"
	BandUnknown  Band = "unknown" // no matcher, or no face in the enrolled photo: compared by eye
)

// Attempt is one comparison of the live face with the enrolled photo.
type Attempt struct {
	At      time.Time          `json:"at"`
	Band    Band               `json:"band"`
	Score   float64            `json:"score"`
	Quality map[string]float64 `json:"quality,omitempty"` // component to 0..100
	Eye     bool               `json:"eye,omitempty"`     // the officer compared by eye
	Weak    []Weakness         `json:"weak,omitempty"`    // what speaks against the enrolled photo that it was compared with
	Near    bool               `json:"near,omitempty"`    // close to the face of another NIK of the day
	Passive map[string]float64 `json:"passive,omitempty"` // passive liveness networks, by name: 0..1, higher is livelier
}

// Weakness is why an enrolled photo may fail its own citizen. None of them
// refers anybody by itself.
type Weakness string

const (
	WeakOld     Weakness = "old"     // taken over OldPhoto ago
	WeakSmall   Weakness = "small"   // the eyes are few pixels apart
	WeakBlurred Weakness = "blurred" //
)

// Session is one citizen at the counter, from the first question to the saved
// decision. It is a value: Next returns a new one and never writes the old.
type Session struct {
	ID      string              `json:"id"`
	Officer string              `json:"officer"` // who serves
	Stage   Stage               `json:"stage"`
	Started time.Time           `json:"started"`
	Entered map[Stage]time.Time `json:"entered"` // when each stage was last entered

	Ready    []Readiness    `json:"ready,omitempty"`
	Consent  time.Time      `json:"consent,omitzero"`
	Code     *Code          `json:"code,omitempty"`
	Refused  int            `json:"refused,omitempty"` // codes that failed verification before
	Record   *Record        `json:"record,omitempty"`
	Absent   bool           `json:"absent,omitempty"` // the registry has no such record
	Eligible Eligibility    `json:"eligible"`
	Marks    map[Field]bool `json:"marks,omitempty"` // true: the same; absent: not looked at
	Attempts []Attempt      `json:"attempts,omitempty"`
	Look     bool           `json:"look,omitempty"` // the officer's own look: no mask, screen, paper

	Challenged bool        `json:"challenged,omitempty"` // the policy asks for the liveness challenge; see Alive
	Challenges []Challenge `json:"challenges,omitempty"`
	Waived     Waiver      `json:"waived,omitempty"`

	Outcome Outcome `json:"outcome,omitzero"`
	Undone  int     `json:"undone,omitempty"`
}

// Outcome is how the session ended.
type Outcome struct {
	Decision   Decision  `json:"decision"`
	Reason     Reason    `json:"reason,omitempty"`
	At         time.Time `json:"at"`
	Supervisor string    `json:"supervisor,omitempty"`
}

// Begin starts a session in its first stage.
func Begin(id, officer string, now time.Time) Session {
	return Session{ID: id, Officer: officer, Stage: StageReady, Started: now, Entered: map[Stage]time.Time{StageReady: now}}
}

// Stages lists all stages in their order.
func Stages() []Stage {
	return []Stage{StageReady, StageConsent, StageScan, StageCompare, StageContact, StageFace, StageDecide, StageDone}
}

// AllReadiness lists what the officer asks, in the order of the screen.
func AllReadiness() []Readiness {
	return []Readiness{OwnPhone, OfficialApp, EmailOpens, NumberActive}
}

// RecordFields are compared with the KTP-el in hand; ContactFields are what
// the citizen sees, masked, and confirms as their own.
func RecordFields() []Field {
	return []Field{FieldName, FieldBorn, FieldSex, FieldAddress, FieldMarried}
}

// ContactFields: see RecordFields.
func ContactFields() []Field { return []Field{FieldEmail, FieldPhone} }

// Next applies an event that happened at now.
func (s Session) Next(e Event, now time.Time) (Session, error) {
	return s.next(e, now, guarded)
}

// guard says whether a stage may be left, and whether an outcome may be taken.
type guard struct {
	leave  func(Session) error
	decide func(Session, Outcome, time.Time) error
}

var guarded = guard{leave: Session.complete, decide: Session.allows}

func (s Session) next(e Event, now time.Time, g guard) (Session, error) {
	n := s.clone()
	if err := e.apply(&n, now, g); err != nil {
		return s, fmt.Errorf("%T in stage %s: %w", e, s.Stage, err)
	}
	return n, nil
}

// clone copies whatever an event may write.
func (s Session) clone() Session {
	s.Entered, s.Marks = maps.Clone(s.Entered), maps.Clone(s.Marks)
	if s.Marks == nil {
		s.Marks = map[Field]bool{}
	}
	if s.Entered == nil {
		s.Entered = map[Stage]time.Time{}
	}
	s.Ready, s.Attempts = slices.Clone(s.Ready), slices.Clone(s.Attempts)
	s.Challenges = slices.Clone(s.Challenges)
	return s
}

func (s *Session) enter(stage Stage, now time.Time) {
	s.Stage = stage
	s.Entered[stage] = now
}

// at is the stage's place in the order.
func at(stage Stage) int { return slices.Index(Stages(), stage) }

// complete says why the session's stage can't be left yet; nil when it can.
func (s Session) complete() error {
	switch s.Stage {
	case StageReady:
		for _, r := range AllReadiness() {
			if !slices.Contains(s.Ready, r) {
				return ErrIncomplete
			}
		}
	case StageConsent:
		if s.Consent.IsZero() {
			return ErrIncomplete
		}
	case StageScan:
		if s.Code == nil || !s.Code.Valid || s.Code.Registration == "" {
			return ErrIncomplete
		}
	case StageCompare:
		if s.Record == nil || s.Eligible.Allowed == "" || !s.marked(RecordFields()) {
			return ErrIncomplete
		}
	case StageContact:
		if !s.marked(RecordFields()) || !s.marked(ContactFields()) {
			return ErrIncomplete
		}
	case StageFace:
		if len(s.Attempts) == 0 || s.Alive() == AliveOpen {
			return ErrIncomplete
		}
	default:
		return ErrOutOfTurn
	}
	return nil
}

// CanGoOn says whether Advance would succeed.
func (s Session) CanGoOn() bool { return s.complete() == nil }

func (s Session) marked(fields []Field) bool {
	for _, f := range fields {
		if _, ok := s.Marks[f]; !ok {
			return false
		}
	}
	return true
}

// Last is the comparison that counts: the last one. An officer who repeats an
// attempt gives up the one before; all stay in the record.
func (s Session) Last() (Attempt, bool) {
	if len(s.Attempts) == 0 {
		return Attempt{}, false
	}
	return s.Attempts[len(s.Attempts)-1], true
}

// Elapsed is the time spent in a stage so far; 0 before it was entered.
func (s Session) Elapsed(stage Stage, now time.Time) time.Duration {
	from, ok := s.Entered[stage]
	if !ok || at(stage) > at(s.Stage) {
		return 0
	}
	until := now
	for _, later := range Stages()[at(stage)+1:] {
		if at(later) > at(s.Stage) {
			break
		}
		if t, ok := s.Entered[later]; ok {
			until = t
			break
		}
	}
	return max(until.Sub(from), 0)
}
