package wire

import "time"

// Request is the body of what a phone asks central: a COSE_Sign1 (typ request)
// over the JSON of a Registration, Activation, PIN or Ask, and the public key
// (SPKI) of the phone that signed it. Central holds Key against the one that
// was registered.
type Request struct {
	Key     []byte `json:"key"`
	Message []byte `json:"message"`
}

// Purpose says what a signed request is for; a request for one purpose serves
// no other.
type Purpose string

const (
	PurposeDevice       Purpose = "device"
	PurposeSession      Purpose = "session"
	PurposeRegistration Purpose = "registration"
	PurposeActivation   Purpose = "activation"
	PurposePIN          Purpose = "pin"
	PurposeCard         Purpose = "card"
	PurposeState        Purpose = "state"
)

// Ask is the part that every signed request has. Subject is the registration
// id (an officer's id for a session, "" for a registration), Nonce 16 random
// bytes. SignRequest fills in Purpose, At and Nonce.
type Ask struct {
	Purpose Purpose   `json:"purpose"`
	Subject string    `json:"subject"`
	At      time.Time `json:"at"`
	Nonce   []byte    `json:"nonce"`
}

// Registration is what the citizen enters at home. Key is the phone's public
// key (SPKI); Selfie a JPEG of at most MaxSelfie bytes.
type Registration struct {
	Ask
	NIK    string `json:"nik"`
	Email  string `json:"email"`
	Number string `json:"number"`
	Selfie []byte `json:"selfie"`
	Key    []byte `json:"key"`
}

// MaxSelfie is the greatest size of a selfie's JPEG in bytes.
const MaxSelfie = 2 << 20

// RegistrationResponse is alike for every NIK: known, unknown, blocked or under
// age. Credential is the COSE_Sign1 (typ credential) for the QR, Code what the
// citizen says where no camera reads it (activation.RegistrationCode).
type RegistrationResponse struct {
	Registration string    `json:"registration"`
	Credential   []byte    `json:"credential"`
	Expires      time.Time `json:"expires"`
	Code         string    `json:"code"`
}

// CaptchaResponse is a question in words, for eyes and screen readers alike.
// It is answered once, with digits or a word, within five minutes.
type CaptchaResponse struct {
	ID       string    `json:"id"`
	Question string    `json:"question"` // Indonesian
	English  string    `json:"english"`
	Expires  time.Time `json:"expires"`
}

// Activation hands in the code from the mail.
type Activation struct {
	Ask
	Code    string `json:"code"`
	Captcha string `json:"captcha"` // its id
	Answer  string `json:"answer"`
}

// PIN chooses the citizen's PIN: six digits, none that are easily guessed.
type PIN struct {
	Ask
	PIN string `json:"pin"`
}

// Progress is where a registration stands, as its phone may see it.
type Progress string

const (
	ProgressRegistered Progress = "registered" // come to the counter
	ProgressApproved   Progress = "approved"   // the code is about to be mailed
	ProgressMailed     Progress = "mailed"     // look into the mail
	ProgressCoded      Progress = "coded"      // code accepted: choose a PIN
	ProgressActive     Progress = "active"
	ProgressRefused    Progress = "refused" // refused or referred: the slip says the next step
	ProgressBlocked    Progress = "blocked"
	ProgressExpired    Progress = "expired" // the code or the registration
	ProgressCancelled  Progress = "cancelled"
)

// StateResponse is where a registration stands. Next is an Indonesian sentence.
type StateResponse struct {
	Registration string    `json:"registration"`
	State        Progress  `json:"state"`
	Reason       string    `json:"reason,omitempty"`
	Next         string    `json:"next"`
	Email        string    `json:"email"` // masked
	At           time.Time `json:"at"`
}

// CardResponse is the active IKD on the phone.
type CardResponse struct {
	Registration string    `json:"registration"`
	NIK          string    `json:"nik"`
	Name         string    `json:"name"`
	BirthPlace   string    `json:"birth_place"`
	Born         string    `json:"born"`
	Sex          string    `json:"sex"`
	Address      string    `json:"address"`
	Kelurahan    string    `json:"kelurahan"`
	Kecamatan    string    `json:"kecamatan"`
	Photo        []byte    `json:"photo,omitempty"` // JPEG
	Activated    time.Time `json:"activated"`
}

// Asking is any body of a signed request; all embed Ask.
type Asking interface{ ask() *Ask }

func (a *Ask) ask() *Ask { return a }
