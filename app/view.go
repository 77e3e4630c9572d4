package app

import (
	"time"

	"loket/app/activation"
)

// View is all that the window shows at one moment. It is plain data: the desk
// makes one, the screens draw it, and every state of every screen can be drawn
// from a literal. Codes, not sentences, stand in it: words are the screens' own
// and follow Lang.
type View struct {
	Lang     Lang
	Look     Look
	Training bool // drawn people and thresholds of their own: the bar says so
	Office   string
	Counter  string
	Officer  string // "" while nobody is logged in
	Now      time.Time
	Link     Link
	Served   int           // citizens today, the present one included
	Mean     time.Duration // officer time per citizen today; 0 is not known yet

	Screen Screen
	Steps  []Step        // the rail during a session; empty elsewhere
	Notice *Notice       // one sentence and its next step, above the bar; nil for none
	Busy   *Busy         // something that takes over a second; nil for none
	Idle   time.Duration // until the idle lock, in its last 30 seconds; else 0
	Asking bool          // the panel "Tidak bisa dilayani…" is open: decision and reason are chosen

	Setup   Setup
	LogIn   LogIn
	Home    Home
	Ready   Ready
	Scan    Scan
	Compare Compare
	Face    FaceView
	Decide  Decide
	Done    Done
	Queue   Queue
	Tools   Tools
	Reviews Reviews
	Stick   StickView
	Roster  RosterView
	Lock    Lock

	Supervises bool // who is logged in looks at others' cases too
	CanTake    bool // there is a roster (F4)
	CanStick   bool // sticks serve here (F10 on the queue's screen)
}

// Lang is the language of the screens; Indonesian unless set otherwise.
type Lang string

const (
	Indonesian Lang = "id"
	English    Lang = "en"
)

// Look is the colour form of the same roles.
type Look string

const (
	Light        Look = "light"
	Dark         Look = "dark"
	HighContrast Look = "contrast"
)

// Screen names what stands on the stage.
type Screen string

const (
	ScreenSetup   Screen = "setup"   // no device certificate yet: the device code is entered
	ScreenLogIn   Screen = "login"   // who serves
	ScreenHome    Screen = "home"    // nobody at the counter; Enter begins the next citizen
	ScreenReady   Screen = "ready"   // readiness and consent
	ScreenScan    Screen = "scan"    // the code on the phone
	ScreenCompare Screen = "compare" // record, KTP-el in hand, contact confirmed
	ScreenFace    Screen = "face"    // live face against the enrolled photo
	ScreenDecide  Screen = "decide"  // the whole case, PIN to sign
	ScreenDone    Screen = "done"    // saved; what the citizen does next
	ScreenQueue   Screen = "queue"   // every item that was decided, and what it waits for
	ScreenTools   Screen = "tools"   // periksa alat: cameras, engine, models, clock, disk, keys
	ScreenReviews Screen = "reviews" // what waits for a supervisor: signatures for other counters, packets that central holds
	ScreenStick   Screen = "stick"   // packets by USB stick
	ScreenRoster  Screen = "roster"  // records that are taken along, and the search in them
	ScreenLock    Screen = "lock"
)

// Link is the state of the line to central, named as what it is.
type Link struct {
	State   LinkState
	Waiting int           // packets saved here that central does not have
	Retry   time.Duration // until the next try; 0 is not waiting

	Done, Total int           // of a haul of several packets that is being sent; 0, 0 is none
	Left        time.Duration // about so long yet; 0 is not known
}

// LinkState is a cause, never a guess: "offline" is no internet only.
type LinkState string

const (
	LinkOnline    LinkState = "online"
	LinkSending   LinkState = "sending"
	LinkOffline   LinkState = "offline"   // no route, no name, connection refused
	LinkPortal    LinkState = "portal"    // a captive portal answers
	LinkTLS       LinkState = "tls"       // central's certificate is not ours or has expired
	LinkClock     LinkState = "clock"     // this PC's clock is wrong
	LinkRevoked   LinkState = "revoked"   // central no longer knows this device
	LinkBusy      LinkState = "busy"      // central answers 429, 503
	LinkServer    LinkState = "server"    // central answers with a fault of its own
	LinkUnchecked LinkState = "unchecked" // not tried yet

	LinkName    LinkState = "name"    // no name server knows central's name
	LinkExpired LinkState = "expired" // central's certificate has expired
	LinkFull    LinkState = "full"    // central's disk is full
)

// Step is one line of the rail.
type Step struct {
	Stage   activation.Stage
	State   StepState
	Elapsed time.Duration
}

// StepState is where a stage stands in the rail.
type StepState string

const (
	StepAhead StepState = "ahead"
	StepHere  StepState = "here"
	StepPast  StepState = "past"
)

// Notice is a fault or a remark. Code chooses sentence and next step from the
// table in words; Args fill its blanks.
type Notice struct {
	Code string // "camera-none", "engine-restarting", "pin-wrong", "saved", "draft-offered", …
	Tone Tone
	Args []any
}

// Tone gives a state its sign and colour.
type Tone string

const (
	Good      Tone = "good"
	Attention Tone = "attention"
	Bad       Tone = "bad"
	Info      Tone = "info"
)

// Busy is progress on something that takes over a second. Total 0 is unknown.
type Busy struct {
	Code        string // "opening-central", "fetching-record", "signing", "loading-engine", …
	Done, Total int
}

// Line is one readable check: a sign, a word, and why. The words of Code and
// Detail are in the table of words; Args fill their blanks.
type Line struct {
	Code   string
	State  LineState
	Detail string
	Args   []any
}

// LineState is how a check stands.
type LineState string

const (
	LineOK      LineState = "ok"
	LineWarn    LineState = "warn"
	LineBad     LineState = "bad"
	LineOpen    LineState = "open"    // not done yet
	LineNow     LineState = "now"     // going on
	LineUnknown LineState = "unknown" // tidak diukur
)

// Setup shows how far the device's enrolment is.
type Setup struct {
	Fault string
	Again bool // this PC was a counter before: central no longer knows it
}

// LogIn shows who can log in here. First asks for officer id and password of a
// first log-in at this counter; NewPassword and NewPIN are its further steps.
type LogIn struct {
	Officers  []OfficerChoice
	Selected  int
	Step      LogInStep
	TriesLeft int           // 0 is not said
	Paused    time.Duration // after five wrong tries
	Resume    bool          // an unfinished case waits
}

// OfficerChoice is one officer enrolled at this counter.
type OfficerChoice struct {
	ID, Name   string
	Supervisor bool
}

// LogInStep is what the log-in screen asks for.
type LogInStep string

const (
	LogInPIN         LogInStep = "pin"          // choose yourself, type the PIN
	LogInFirst       LogInStep = "first"        // officer id and the password from the administrator
	LogInNewPassword LogInStep = "new-password" // twice
	LogInNewPIN      LogInStep = "new-pin"      // twice, six digits
)

// Home is the counter with nobody at it. Enter begins the next citizen, F6
// takes up the oldest case that was set aside.
type Home struct {
	Drafts []Draft // oldest first
	Rules  []Rule  // that warn or stop new cases; those that stop first
}

// Rule is a limit that this counter comes near, or has reached: then no new
// case begins. What is open is always saved.
type Rule struct {
	Code string // sync, pending, end-of-day, disk
	Used int    // days, packets; for disk the megabytes that are free
	Most int    // the limit; for disk the least
	Stop bool
}

// Draft is a case that was set aside or cut short. It is sealed: only what
// stands here is known without opening it.
type Draft struct {
	ID    string
	Since time.Time
	Stage activation.Stage
	Last4 string // of the NIK; "" where no code was read yet
}

// Queue is every decided item.
type Queue struct {
	Waiting, Accepted, Active, Attention int
	Today                                int // decisions since midnight
	Items                                []QueueItem
	Selected                             int
	Sending, Total                       int
	Remaining                            time.Duration
	Paused                               bool
	Cancelling                           *Cancelling // the panel that takes the chosen approval back; nil while closed
}

// QueueItem is one packet as the ledger knows it after sealing.
type QueueItem struct {
	Packet   string
	At       time.Time
	Last4    string
	Decision activation.Decision
	Reason   activation.Reason
	State    string // ledger's state: queued, sent, accepted, mailed, activated, held, refused, bounced, expired, cancelled, aside
	StateAt  time.Time
	Wait     time.Duration // kira-kira; 0 unknown
	Cause    string
	Next     string // central's sentence on what follows, in Indonesian; "" for none
	Action   string // code of what the officer can do here; "" for nothing

	CanCancel bool // an approval that can be taken back by a packet of its own (F8)
}

// Tools is periksa alat: every part and whether it works. F5 (Retry) measures
// again.
type Tools struct {
	Lines   []Line
	Checked time.Time // zero while it goes on for the first time
	Ending  bool      // the officer is asked whether to end the day
	Drafts  int       // unfinished cases, which the end of the day wipes
}

// Lock is the locked screen: who, and how long the case is kept.
type Lock struct {
	Case      bool
	TriesLeft int
	Paused    time.Duration
}
