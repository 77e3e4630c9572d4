package wire

import "time"

// Paths of what needs a second pair of eyes. All want an officer's session;
// those of the second group a supervisor's of the same office, who is another
// person than the officer of the case.
const (
	PathSeconds        = "/v1/seconds"          // POST SecondRequest -> SecondState; officer
	PathSecondState    = "/v1/seconds/state"    // GET ?packet=ID -> SecondState; the officer who asked
	PathSecondWithdraw = "/v1/seconds/withdraw" // POST SecondRef -> SecondState; the officer who asked

	PathReviews      = "/v1/reviews"         // GET -> ReviewsResponse; supervisor
	PathReviewLook   = "/v1/reviews/look"    // POST SecondRef -> ReviewLook; supervisor; audited
	PathSecondAnswer = "/v1/reviews/answer"  // POST SecondAnswer -> SecondState; supervisor
	PathHeldSettle   = "/v1/reviews/release" // POST HeldSettle -> PacketResult; supervisor
)

// SecondLife is how long a supervisor of another counter is waited for.
const SecondLife = 15 * time.Minute

// SecondRequest asks for a supervisor's signature from another counter. Sealed
// is SealSecond for central.
type SecondRequest struct {
	Packet string `json:"packet"` // hex
	Sealed []byte `json:"sealed"`
}

// SecondRef names a request or a held packet. Device is "" for one's own.
type SecondRef struct {
	Device string `json:"device,omitempty"`
	Packet string `json:"packet"`
}

// SecondStage is where a request stands.
type SecondStage string

const (
	SecondWaiting   SecondStage = "waiting"
	SecondLooked    SecondStage = "looked" // a supervisor has it open
	SecondSigned    SecondStage = "signed"
	SecondDeclined  SecondStage = "declined"
	SecondWithdrawn SecondStage = "withdrawn"
	SecondExpired   SecondStage = "expired"
)

// SecondState is what became of a request. Signature and certificate are those
// of the supervisor once it is signed.
type SecondState struct {
	Packet      string      `json:"packet"`
	Stage       SecondStage `json:"stage"`
	Expires     time.Time   `json:"expires"`
	Supervisor  string      `json:"supervisor,omitempty"`
	Name        string      `json:"name,omitempty"` // of the supervisor
	Reason      string      `json:"reason,omitempty"`
	Certificate []byte      `json:"certificate,omitempty"`
	Signature   []byte      `json:"signature,omitempty"`
}

// ReviewKind tells what waits for a supervisor.
type ReviewKind string

const (
	ReviewSecond ReviewKind = "second" // a signature is asked for, the citizen stands there
	ReviewHeld   ReviewKind = "held"   // a packet that central holds
)

// Review is one line of the supervisor's queue. It names no citizen.
type Review struct {
	Kind    ReviewKind `json:"kind"`
	Device  string     `json:"device"`
	Packet  string     `json:"packet"`
	Counter string     `json:"counter"`
	Officer string     `json:"officer"`
	Name    string     `json:"name"` // of the officer
	Case    string     `json:"case"` // decision's kind
	Reason  string     `json:"reason,omitempty"`
	Causes  []string   `json:"causes"` // why a second pair of eyes is needed, or why it is held
	At      time.Time  `json:"at"`
	Expires time.Time  `json:"expires"` // zero for a held one
}

// ReviewsResponse is the supervisor's queue, oldest first.
type ReviewsResponse struct {
	Reviews []Review  `json:"reviews"`
	Now     time.Time `json:"now"`
}

// ReviewLook is what is to be looked at: Second is Second.Encode.
type ReviewLook struct {
	Review Review `json:"review"`
	Second []byte `json:"second"`
}

// SecondAnswer signs, or declines where Signature is empty. Reason is a code.
type SecondAnswer struct {
	Device      string `json:"device"`
	Packet      string `json:"packet"`
	Certificate []byte `json:"certificate,omitempty"`
	Signature   []byte `json:"signature,omitempty"`
	Reason      string `json:"reason,omitempty"`
}

// HeldSettle releases a packet that central holds, or refuses it.
type HeldSettle struct {
	Device  string `json:"device"`
	Packet  string `json:"packet"`
	Release bool   `json:"release"`
	Reason  string `json:"reason,omitempty"` // of a refusal, a code
}

// Codes of Error that belong to a second pair of eyes.
const (
	CodeSamePerson = "same-person" // officer and supervisor must be two people
	CodeReviewOver = "review-over" // answered, withdrawn or expired meanwhile
	CodeReviewNot  = "review-not"  // it can't be released as things stand
)
