package app

import (
	"image"
	"time"

	"loket/app/activation"
	"loket/scanner/face"
)

// What the screens of one case show, from readiness to done.

// Ready is readiness and consent.
type Ready struct {
	Items   []ReadyItem // own phone, official app, e-mail opens, number active
	Consent bool
}

// ReadyItem is one thing the officer asks about.
type ReadyItem struct {
	Check activation.Readiness
	Done  bool
}

// Scan is the code's screen. The picture itself reaches the window through
// Preview, never through a View.
type Scan struct {
	Hint    string       // "closer", "dimmer", "hold", "searching"; "" for none
	Checks  []Line       // of the code that was refused, so that one sees which failed
	Outline []face.Point // corners of what was found, in 0..1 of the picture; nil for none
	Items   []ReadyItem

	// Shown says that the citizen's window is open: it shows the counter's own
	// code for the citizen's app to scan. F4 opens and closes it.
	Shown bool
	// CanShow opens F4, CanType opens F3 (a registration code and a NIK by hand).
	CanShow, CanType bool
	Slips            []Line // what is wrong with what was typed, each named

	// Card is a bare card that was read: all of it is shown, and the registration
	// that it does not name is typed. Photo is its own; nil for none to show.
	Card       *activation.Card
	CardChecks []Line
	Photo      image.Image
}

// Compare is the enrolled record beside the KTP-el in hand.
type Compare struct {
	NIK      [3]string // region, date, serial
	Region   string    // "Kab. Rejang Lebong, Kec. Curup"; "" where unknown
	Birth    string    // "Perempuan · 5 Mei 1992 · 34 th" is the screen's: from Sex, Born, Age
	Sex      activation.Sex
	Born     time.Time
	Age      int
	Verdict  Line // boleh diaktifkan, or why not
	Rows     []CompareRow
	Selected int
	Source   string // "central", "roster", "qr"
	Fetched  time.Time
	Photo    image.Image // enrolled photo; nil for none
	Taken    time.Time
	Checks   []Line // of the code
	CanGoOn  bool
}

// CompareRow is one field. Value is masked by the desk until it is revealed.
type CompareRow struct {
	Field     activation.Field
	Value     string
	FromPhone bool
	Mark      Mark
	Revealed  bool
}

// Mark is what the officer (or the citizen, for contact) said of a field.
type Mark string

const (
	MarkNone   Mark = ""
	MarkSame   Mark = "same"
	MarkDiffer Mark = "differ"
)

// FaceView is the face's screen.
type FaceView struct {
	Sentence  string // code of the one sentence on the picture: "come-closer", "look-here", "hold-still", …
	Progress  float64
	Guide     bool
	Probe     image.Image // aligned crops, alike
	Reference image.Image
	Taken     time.Time
	Band      face.Band // "" before a comparison
	Score     float64
	Limits    face.Thresholds
	Quality   []Line
	Live      []Line
	Attempt   int // 1..3
	Attempts  int
	CanGoOn   bool
	Eye       bool // no matcher: the officer compares by eye

	Moving    bool                  // the liveness challenge goes on: Sentence asks, Progress says how much is done
	Again     bool                  // a round of it failed, another one is left
	Challenge []Line                // its steps, as far as they were asked
	Weak      []activation.Weakness // of the enrolled photo
	Near      *NearView             // a face of the day under another NIK; nil for none
}

// Decide is the whole case on one screen.
type Decide struct {
	Name     string
	NIK      [3]string
	Age      int
	Region   string
	Photo    image.Image
	Email    string              // masked
	Offered  activation.Decision // what Enter does: approve or, where that is not allowed, refuse/refer
	Reason   activation.Reason
	Code     Line
	Data     Line
	Face     Line
	PIN      int  // digits typed so far, never the digits
	Second   bool // a supervisor signs too
	SecondBy string
	Why      []Line // why approval is not open

	// Turn says whose PIN the boxes take. For the supervisor's, Supervisors are
	// offered (arrows, Select) and Supervisor is the chosen one.
	Turn        Turn
	Supervisors []OfficerChoice
	Supervisor  int
	// Compared is what the face's screen showed, for whoever signs as the second
	// person to see; the zero FaceView where nothing was compared.
	Compared FaceView
	// Options are what can be decided instead, on F1 to F4, first to last; nil
	// for refer, decline and the panel of reasons.
	Options []Choose
	// CanAsk opens F5, a supervisor at another counter; Asked says where that
	// stands, and Waits for how long.
	CanAsk bool
	Asked  AskedStage
	Waits  time.Duration
}

// Turn is who signs now.
type Turn string

const (
	TurnOfficer    Turn = ""
	TurnSupervisor Turn = "supervisor"
)

// Done says that it is saved, and where; and what the citizen does next.
type Done struct {
	Decision activation.Decision
	Reason   activation.Reason
	Saved    bool // true only after the commit
	Sent     bool
	Undo     time.Duration // left to cancel before it is sent; 0 is over
	Email    string        // masked
	Slip     []Line        // next steps for the citizen
	Seconds  int
}
