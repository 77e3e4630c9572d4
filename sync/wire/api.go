package wire

import "time"

// The JSON bodies of central's endpoints. []byte travels as standard base64,
// times as RFC 3339 in UTC, days of the calendar as "2006-01-02". Central's
// OpenAPI document describes the same, and a test of central holds both
// together.
//
// Counters speak mutual TLS with their device certificate. What stands under
// "officer session" also needs "Authorization: Bearer TOKEN" of an officer who
// logged in at that device. Phones speak HTTPS and sign what they ask for (see
// SignRequest).

// Paths of the endpoints for counters.
const (
	PathDevices      = "/v1/devices"               // POST DeviceRequest -> DeviceResponse; no client certificate, a device code
	PathSessions     = "/v1/officers/sessions"     // POST SessionRequest -> SessionResponse
	PathPassword     = "/v1/officers/password"     // POST PasswordRequest -> SessionResponse; officer session
	PathCertificates = "/v1/officers/certificates" // POST CertificateRequest -> CertificateResponse; officer session
	PathRecords      = "/v1/records"               // POST RecordRequest -> RecordResponse; officer session
	PathLookup       = "/v1/registrations/lookup"  // POST LookupRequest -> LookupResponse; officer session
	PathRoster       = "/v1/roster"                // GET ?area=CODE&after=CURSOR -> RosterResponse; officer session
	PathAreas        = "/v1/roster/areas"          // GET -> AreasResponse; officer session
	PathPolicy       = "/v1/policy"                // GET -> Signed
	PathTrust        = "/v1/trust"                 // GET -> Signed; both listeners, anybody
	PathPackets      = "/v1/packets"               // POST PacketsRequest -> PacketsResponse
	PathEvents       = "/v1/events"                // GET ?after=CURSOR -> EventsResponse; officer session
	PathHeads        = "/v1/audit/heads"           // POST HeadRequest, GET -> HeadResponse
	PathSeen         = "/v1/presentations/seen"    // POST SeenRequest -> SeenResponse
	PathTime         = "/v1/time"                  // GET -> TimeResponse; both listeners
	PathOpenAPI      = "/v1/openapi.yaml"          // GET; both listeners
)

// Paths of the endpoints for phones. All but captchas take a Request.
const (
	PathRegistrations = "/v1/registrations"       // POST Request of Registration -> RegistrationResponse
	PathCaptchas      = "/v1/captchas"            // POST -> CaptchaResponse
	PathActivations   = "/v1/activations"         // POST Request of Activation -> StateResponse
	PathPIN           = "/v1/pin"                 // POST Request of PIN -> StateResponse
	PathCard          = "/v1/card"                // POST Request of Ask -> CardResponse
	PathState         = "/v1/registrations/state" // POST Request of Ask -> StateResponse
)

// Error is the body of every answer that is not 2xx. Code is for programs,
// Message and Next are Indonesian sentences for whoever reads them: what is
// the matter, and what to do now.
type Error struct {
	Status  int    `json:"-"` // HTTP status
	Code    string `json:"code"`
	Message string `json:"message"`
	Next    string `json:"next"`
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Codes of Error that callers branch on.
const (
	CodeRevoked         = "device-revoked"          // the device certificate is no longer good
	CodeDeviceCode      = "device-code"             // unknown, used or older than 24 hours
	CodePassword        = "password"                // officer or password wrong
	CodePaused          = "paused"                  // five wrong tries: 30 minutes
	CodeSession         = "session"                 // no officer session, or it has ended
	CodeMustChange      = "password-must-change"    // the first password only serves to choose another
	CodeWeakPassword    = "password-weak"           // under ten characters, or the old one
	CodeForbidden       = "forbidden"               // not this officer's to do
	CodePresentation    = "presentation"            // not verified
	CodeNoRegistration  = "registration-unknown"    // no such code, not of this NIK, or ended
	CodeLookupPaused    = "registration-paused"     // ten codes were not found: 15 minutes
	CodeBadRequest      = "bad-request"             // malformed
	CodeRequestOld      = "request-old"             // a phone's request that is not of now; its clock is wrong
	CodeRequestSeen     = "request-seen"            // a phone's request sent twice
	CodeSignature       = "signature"               // not signed by the registration's phone
	CodeCaptcha         = "captcha"                 // wrong, used, or older than five minutes
	CodeActivation      = "activation-code"         // wrong; tries are left
	CodeActivationEnded = "activation-code-expired" // expired, used up, or void: a new one is needed
	CodeWeakPIN         = "pin-weak"                // not six digits, or easy to guess
	CodeNotNow          = "not-now"                 // out of turn: a PIN before the code, a card before the PIN
	CodeHead            = "head"                    // the audit log does not continue what central holds
	CodeBusy            = "busy"                    // come back after Retry-After
	CodeServer          = "server"                  // central's own fault
	CodeFull            = "full"                    // central's disk is full
)

// Signed is a COSE_Sign1 and nothing else: the trust list or the policy.
type Signed struct {
	Message []byte `json:"message"`
}

// TimeResponse is central's clock, as every answer's Date header says it too.
type TimeResponse struct {
	Now time.Time `json:"now"`
}

// DeviceRequest enrols a counter PC. Code is the secret part of the device
// code, Key the device's public key (SPKI, Ed25519), which is its TLS client
// key and its COSE key. Proof is a Request of purpose "device" by that key.
type DeviceRequest struct {
	Code  string `json:"code"`
	Key   []byte `json:"key"`
	Proof []byte `json:"proof"`

	// Before makes a PC that was a counter the same one again: a renewal (see
	// SignRenewal) by the key that it had.
	Before []byte `json:"before,omitempty"`
}

// DeviceResponse makes the PC a counter. TLS is the client certificate chain
// (DER, leaf first), Roots the X.509 roots of central's listeners (DER),
// Certificate the device's certificate for COSE (token.Certificate).
type DeviceResponse struct {
	Device      string    `json:"device"`
	Office      string    `json:"office"`       // code of the kabupaten/kota, "17.02"
	OfficeName  string    `json:"office_name"`  // "Disdukcapil Kab. Rejang Lebong"
	Counter     string    `json:"counter"`      // "Loket 1"
	TLS         [][]byte  `json:"tls"`          // DER, leaf first
	Roots       [][]byte  `json:"roots"`        // DER
	RootKey     []byte    `json:"root_key"`     // SPKI; opens trust list and policy
	Certificate []byte    `json:"certificate"`  // COSE_Sign1, typ certificate
	Trust       []byte    `json:"trust"`        // COSE_Sign1, typ trust
	Policy      []byte    `json:"policy"`       // COSE_Sign1, typ policy
	Now         time.Time `json:"now"`          // server's clock
	NotAfter    time.Time `json:"not_after"`    // of the certificates
	PhonesURL   string    `json:"phones_url"`   // where phones reach central; "" where it is not known
	CountersURL string    `json:"counters_url"` // where this counter does
}

// SessionRequest logs an officer in at a device, with a password (first time at
// this counter), or with Signed: a Request of purpose "session" (an Ask whose
// Subject is the officer) by the officer's certified key.
type SessionRequest struct {
	Officer  string `json:"officer"`
	Password string `json:"password,omitempty"`
	Signed   []byte `json:"signed,omitempty"`
}

// SessionResponse is a session of an officer at one device. While MustChange
// is set the token only serves to change the password.
type SessionResponse struct {
	Token      string    `json:"token"`
	Officer    string    `json:"officer"`
	Name       string    `json:"name"`
	Role       string    `json:"role"` // officer, supervisor, administrator
	Office     string    `json:"office"`
	MustChange bool      `json:"must_change"`
	Expires    time.Time `json:"expires"`
}

// Roles of officers.
const (
	RoleOfficer       = "officer"
	RoleSupervisor    = "supervisor"
	RoleAdministrator = "administrator"
)

// PasswordRequest changes the officer's own password: ten characters or more.
type PasswordRequest struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// CertificateRequest asks for a certificate for the officer's signing key at
// this device. Key is SPKI, Ed25519 or P-256.
type CertificateRequest struct {
	Key []byte `json:"key"`
}

// CertificateResponse is a COSE_Sign1 (typ certificate), good for 7 days.
type CertificateResponse struct {
	Certificate []byte    `json:"certificate"`
	NotAfter    time.Time `json:"not_after"`
}

// RecordRequest asks for the enrolled record of whoever stands at the counter.
// Presentation is the raw COSE_Sign1 of the scanned code (unsealed); Audience
// is the SHA-256 of the counter's code where the phone scanned one. Where no
// camera reads the phone, Code and NIK stand instead, as for a lookup.
type RecordRequest struct {
	Presentation []byte `json:"presentation,omitempty"`
	Audience     []byte `json:"audience,omitempty"`
	Code         string `json:"code,omitempty"`
	NIK          string `json:"nik,omitempty"`
}

// LookupRequest asks for the registration whose code an officer typed, with the
// NIK beside it. It is a body, not an address: a NIK in an address would stay in
// the logs of every proxy on the way.
type LookupRequest struct {
	Code string `json:"code"` // ten digits (activation.ParseRegistrationCode)
	NIK  string `json:"nik"`
}

// LookupResponse is what the phone said when it registered, and no proof that
// the phone is here.
type LookupResponse struct {
	Registration string    `json:"registration"`
	Email        string    `json:"email"`
	Number       string    `json:"number"`
	Expires      time.Time `json:"expires"`
}

// RecordResponse has no record for a NIK that is not recorded.
type RecordResponse struct {
	Found  bool    `json:"found"`
	Record *Record `json:"record,omitempty"`
}

// Record is what the civil registry holds of a person, as far as the counter
// compares it with the KTP-el in hand and the live face.
type Record struct {
	NIK         string    `json:"nik"`
	Name        string    `json:"name"`
	BirthPlace  string    `json:"birth_place"`
	Born        string    `json:"born"` // 2006-01-02
	Sex         string    `json:"sex"`  // L, P
	Address     string    `json:"address"`
	Kelurahan   string    `json:"kelurahan"`
	Kecamatan   string    `json:"kecamatan"` // code, "17.02.12"
	Married     bool      `json:"married"`   // is or has been: counts as 17
	Recorded    bool      `json:"recorded"`  // biometrics are enrolled (perekaman)
	NIKStatus   NIKStatus `json:"nik_status"`
	IKD         IKDStatus `json:"ikd"`
	Photo       []byte    `json:"photo,omitempty"` // JPEG; nil for none
	PhotoTaken  string    `json:"photo_taken"`     // 2006-01-02; "" unknown
	PhotoSource string    `json:"photo_source"`    // where the photo was taken from: "central"
}

// NIKStatus is the state of the number itself.
type NIKStatus string

const (
	NIKActive   NIKStatus = "active"
	NIKInactive NIKStatus = "inactive" // died, moved abroad, replaced
	NIKProblem  NIKStatus = "problem"  // double recording and the like: DATA_BERMASALAH
)

// IKDStatus is the state of the person's digital identity.
type IKDStatus string

const (
	IKDNone    IKDStatus = "none"
	IKDActive  IKDStatus = "active" // on some phone
	IKDBlocked IKDStatus = "blocked"
)

// RosterResponse is one page of the records of an area, in order of NIK. Next
// is the cursor of the following page; "" at the end.
type RosterResponse struct {
	Area    string   `json:"area"`
	Records []Record `json:"records"`
	Next    string   `json:"next"`
	Total   int      `json:"total"`

	// Change is the number that the reading is of: "~" and it as the first cursor
	// brings what changed after it. Gone are then the NIKs that left the area.
	Change int64    `json:"change"`
	Gone   []string `json:"gone,omitempty"`
}

// AreasResponse is what a van can take along, kecamatan before their desa.
type AreasResponse struct {
	Areas []AreaOffer `json:"areas"`
}

// AreaOffer is one area and how much it is. Code is what the roster is asked
// for: a kecamatan ("17.02.12"), or one of its desa ("17.02.12/PASAR BARU").
type AreaOffer struct {
	Code   string `json:"code"`
	Desa   string `json:"desa,omitempty"`
	People int    `json:"people"`
	Bytes  int64  `json:"bytes"` // over the line, about
}

// PacketsRequest is a batch of up to MaxBatch packets, bytes as they are stored.
type PacketsRequest struct {
	Packets [][]byte `json:"packets"`
}

// MaxBatch is the greatest number of packets in one request.
const MaxBatch = 100

// PacketsResponse has one result per packet, in the order of the request.
type PacketsResponse struct {
	Results []PacketResult `json:"results"`
	Now     time.Time      `json:"now"`
}

// PacketResult is what became of one packet. Packet is its id in hex, ""
// where it could not be read. State is the ledger's (accepted, held, refused,
// aside, or later ones for a duplicate). Status is the HTTP status of this
// item alone: 201 accepted, 200 duplicate, 202 held, 422 refused, 400 poison,
// 409 conflict, 500 later.
type PacketResult struct {
	Packet string `json:"packet"`
	Result Result `json:"result"`
	Status int    `json:"status"`
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"` // code
	Next   string `json:"next,omitempty"`   // Indonesian sentence
}

// Result is the outcome of the intake of one packet.
type Result string

const (
	ResultAccepted  Result = "accepted"
	ResultDuplicate Result = "duplicate" // the same bytes were here before; State says what became of them
	ResultHeld      Result = "held"      // waits for a supervisor or a key at central
	ResultRefused   Result = "refused"
	ResultPoison    Result = "poison"   // can't be read or verified: set aside
	ResultConflict  Result = "conflict" // the same packet id with another body: set aside
	ResultLater     Result = "later"    // central's own trouble with this one: not kept, to be sent again
)

// State is where a packet stands.
type State string

const (
	StateQueued    State = "queued"
	StateSent      State = "sent"
	StateAccepted  State = "accepted"
	StateMailed    State = "mailed"    // the code is with the citizen's mail server
	StateActivated State = "activated" // code entered, PIN chosen: the IKD is active
	StateHeld      State = "held"
	StateRefused   State = "refused"
	StateBounced   State = "bounced"
	StateExpired   State = "expired" // of the code
	StateCancelled State = "cancelled"
	StateAside     State = "aside"
)

// EventsResponse is what happened to this device's packets after a cursor, in
// order. Cursor is the last one here, or the asked one where there is nothing.
type EventsResponse struct {
	Events []Event   `json:"events"`
	Cursor int64     `json:"cursor"`
	More   bool      `json:"more"`
	Now    time.Time `json:"now"`
}

// Event is one change of state of one packet.
type Event struct {
	Cursor int64     `json:"cursor"`
	Packet string    `json:"packet"` // hex
	State  State     `json:"state"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	Next   string    `json:"next,omitempty"`
}

// HeadRequest hands over the audit log's head: Head is a COSE_Sign1 (typ head)
// by the device, Proof the consistency proof (tlog.TreeProof) from the size
// that central last acknowledged; empty for the first.
type HeadRequest struct {
	Head  []byte   `json:"head"`
	Proof [][]byte `json:"proof"`
}

// HeadResponse is the head that central holds now.
type HeadResponse struct {
	Size int64  `json:"size"`
	Hash []byte `json:"hash"` // 32 bytes
}

// SeenRequest asks whether another counter has scanned this presentation. Cti
// is 16 bytes.
type SeenRequest struct {
	Cti []byte `json:"cti"`
}

// SeenResponse says that a cti came up elsewhere before.
type SeenResponse struct {
	Seen bool      `json:"seen"`
	At   time.Time `json:"at"` // of the first time
}
