package app

import (
	"context"
	"image"
	"time"

	"loket/app/activation"
	"loket/camera"
	"loket/scanner/face"
)

// Ports are all that the desk sees of the world: cameras, engines, disk,
// network and people's keys stand behind them. Every method may be called from
// any goroutine and returns when its context ends. A *Fault as error tells the
// officer what is the matter; any other error is shown by a code of the place
// where it happened, and its cause goes to the log.
type Ports struct {
	CodesCamera Camera            // for the citizen's code
	FacesCamera Camera            // for the face; may be the same one
	Preview     func(*image.RGBA) // shows a picture; never waits
	Codes       Codes
	Tokens      Tokens
	Records     Records
	Faces       Faces
	Ledger      Ledger
	Officers    Officers
	Clock       Clock
	Line        Uplink
	Regions     activation.Regions           // may be nil
	Tools       func(context.Context) []Line // periksa alat; may be nil
	Show        func(View)                   // never waits
	Citizen     func(CitizenView)            // the citizen's window; never waits; nil where there is none
	Observe     func(Trace)                  // what was shown, for who watches from outside; may be nil
	Log         func(code string, err error) // the cause of what the officer was told; may be nil
	NewID       func() string                // of a case

	Registrations Registrations // finds a typed code; nil where nobody may type one
	Seconds       Seconds       // supervisors at other counters; nil where there are none
	Cancels       Cancels       // takes approvals back later; nil where nobody may
	Stick         Stick         // USB sticks; nil where there are none
	Roster        Roster        // records that are taken along; nil where there are none
}

// Fault is an error for people: Code is looked up under notice.CODE.
type Fault struct {
	Code string
	Tone Tone
	Args []any
	Err  error // the cause, for the log
}

func (f *Fault) Error() string {
	if f.Err != nil {
		return f.Code + ": " + f.Err.Error()
	}
	return f.Code
}

func (f *Fault) Unwrap() error { return f.Err }

// PINFault says that a PIN was wrong, or that no PIN is taken for a while.
type PINFault struct {
	Left   int           // tries left; 0 is not said
	Paused time.Duration // 0: not paused
}

func (f *PINFault) Error() string {
	if f.Paused > 0 {
		return "pin paused"
	}
	return "pin wrong"
}

// Camera is a camera.Feed.
type Camera interface {
	Next(ctx context.Context, after uint64) (camera.Frame, error)
	Health() camera.Health
}

// Codes reads successive frames of one stream. One goroutine calls it at a time.
type Codes interface {
	Read(img *image.RGBA) CodeReading
	Reset() // the next citizen
}

// CodeReading is what one frame gave.
type CodeReading struct {
	Texts   []string
	Hint    string       // Scan.Hint
	Outline []face.Point // 0..1 of the picture
}

// Tokens verifies what a code says.
type Tokens interface {
	// Verify checks a text; each check that was reached is listed. It marks a
	// valid presentation as seen, so a text is verified once.
	Verify(ctx context.Context, text string, now time.Time) activation.Code
	// Counter draws a new code of this counter, good for this session, for a
	// phone that scans instead of showing.
	// The ones before stay good until they end or Forget is called.
	Counter(ctx context.Context, now time.Time) (CounterCode, error)
	// Forget throws the keys of this session's codes away: what is sealed to
	// them opens no more.
	Forget()
}

// Record is the enrolled record with its photo and where both came from.
type Record struct {
	activation.Record
	Source  string    `json:"source"` // central, roster, qr
	Fetched time.Time `json:"fetched"`
	Old     bool      `json:"old,omitempty"`   // taken along longer ago than policy allows
	Photo   []byte    `json:"photo,omitempty"` // JPEG; nil for none
}

// Records fetches the enrolled record of whom a verified code is about. It
// returns nil and no error where the registry has none.
type Records interface {
	Record(ctx context.Context, code activation.Code) (*Record, error)
}

// Faces finds, measures and describes faces; it runs in a child process that
// may be restarting, which is an error of a call, not an end.
type Faces interface {
	// Look is for a live frame; describe asks for the largest face's descriptor
	// too, which stays nil without a matcher.
	Look(ctx context.Context, img *image.RGBA, describe bool) (Finding, error)
	// Reference is for an enrolled photo; Faces is empty where it shows none.
	Reference(ctx context.Context, img *image.RGBA) (Finding, error)
	Engine() Engine
}

// Finding is what one picture shows.
type Finding struct {
	Faces      []face.Face // largest first
	Descriptor face.Descriptor
	Quality    face.Quality
	Passive    map[string]float64 // passive liveness networks' shares for "living", by name; nil where none looked
}

// Engine is what the face engine is at this moment. Matcher.Name is "" where
// no matcher is installed: then the officer compares by eye.
type Engine struct {
	Ready    bool // the process runs and answers
	Detector face.Model
	Matcher  face.Model
	Limits   face.Thresholds // of the policy, for this matcher

	Challenge bool // the policy asks for the liveness challenge
}

// Officer is somebody who logged in with a PIN. Key opens the ledger and signs
// for a while after the PIN; it is the adapters' own and nothing here looks
// into it.
type Officer struct {
	OfficerChoice
	Key any
}

// Site is what this PC is since it was enrolled.
type Site struct {
	Enrolled bool
	Office   string
	Counter  string
	Training bool
}

// Officers enrols this PC and the people at it, and opens their keys.
type Officers interface {
	Site() Site
	Enrol(ctx context.Context, deviceCode string) error
	List(ctx context.Context) ([]OfficerChoice, error)
	// LogIn opens the keys; *PINFault for a wrong PIN.
	LogIn(ctx context.Context, officer, pin string) (Officer, error)
	LogOut()
	// First, NewPassword and NewPIN are the first log-in at this counter, in
	// this order; NewPassword only where First says that it must change.
	First(ctx context.Context, officer, password string) (mustChange bool, err error)
	NewPassword(ctx context.Context, password string) error
	NewPIN(ctx context.Context, pin string) (Officer, error)
}

// Ledger keeps decisions and drafts.
type Ledger interface {
	// Decide signs, seals and commits a decision, its audit entry, its place in
	// the outbox and the end of the case's draft in one transaction. When it
	// returns nil the decision is on disk.
	Decide(ctx context.Context, c Case, officer Officer, supervisor *Officer) (packet string, err error)
	// Undo cancels a packet that has not been offered to the sender yet.
	Undo(ctx context.Context, packet string) error
	Item(ctx context.Context, packet string) (QueueItem, error)
	Queue(ctx context.Context) (Queue, error)
	Act(ctx context.Context, packet, action string, officer Officer) error
	// Drafts are sealed with the key of who is logged in.
	SaveDraft(ctx context.Context, d Draft, plain []byte) error
	Drafts(ctx context.Context) ([]Draft, error) // oldest first; nobody need be logged in
	OpenDraft(ctx context.Context, id string) ([]byte, error)
	DropDraft(ctx context.Context, id string) error
	// Audit records something that matters, without personal data.
	Audit(ctx context.Context, kind, subject string) error
	// Rules are the freeze rules, of policy and of the disk, that warn or stop new
	// cases now; those that stop come first.
	Rules(ctx context.Context) ([]Rule, error)
	// EndDay wipes the unfinished cases, and says how many there were.
	EndDay(ctx context.Context, officer Officer) (wiped int, err error)
}

// Case is everything that a decision is about. Session.Outcome is the decision.
type Case struct {
	Session  activation.Session
	Record   *Record
	Probe    []byte // JPEG of the part of the frame round the face
	Engine   Engine // that compared; zero where none did
	Unsure   bool   // the clock was uncertain at the decision
	Causes   []activation.Cause
	Training bool
}

// Clock is trusted time.
type Clock interface {
	Now() time.Time
	Uncertain() bool
}

// Uplink is the way to central.
type Uplink interface {
	Link() Link
	Pause(on bool)
	Retry()
}
