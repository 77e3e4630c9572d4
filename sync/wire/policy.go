package wire

import (
	"crypto"
	"encoding/json"
	"fmt"
	"time"

	"loket/scanner/token"
)

// Policy is what central decides for its counters. It is signed by the root
// (typ policy), and a counter never goes back to an older Version.
type Policy struct {
	Version  uint64    `json:"version"`
	Issued   time.Time `json:"issued"`
	Training bool      `json:"training"` // drawn people: nothing here concerns a real person

	Matcher  string          `json:"matcher"`  // name of the model to use; "" is the counter's choice
	Matchers []MatcherPolicy `json:"matchers"` // thresholds per model
	Offline  OfflinePolicy   `json:"offline"`
	QR       QRPolicy        `json:"qr"`
	Offices  []Office        `json:"offices"`
	Mail     MailPolicy      `json:"mail"`

	Recipients []SealKey `json:"recipients"` // whom packets are sealed to; central fills these in

	// Liveness is LivenessWhere, LivenessAlways or LivenessOff.
	Liveness string `json:"liveness,omitempty"`
}

// Who is asked to move before the camera.
const (
	LivenessWhere  = ""          // everybody, where a matcher with measured thresholds can tell that it is the same face
	LivenessAlways = "challenge" // everybody; an approval without a passed challenge needs a supervisor at central too
	LivenessOff    = "off"       // nobody; the officer's own look remains
)

// MatcherPolicy are the thresholds of one model. For similarity Match is the
// least score of a match and Doubtful the least of a doubtful one; for distance
// they are the greatest. Thresholds that nobody measured give at most doubtful.
type MatcherPolicy struct {
	Model    string  `json:"model"`            // name in assets/models
	SHA256   string  `json:"sha256,omitempty"` // of its weights, hex; "" any
	Metric   string  `json:"metric"`           // similarity, distance
	Match    float64 `json:"match"`
	Doubtful float64 `json:"doubtful"`
	Measured bool    `json:"measured"`
	Data     string  `json:"data,omitempty"` // what they were measured on
	FMR      float64 `json:"fmr,omitempty"`  // at Match, on Data
}

// OfflinePolicy freezes new work at these limits; counters warn at 80 %.
type OfflinePolicy struct {
	DaysWithoutSync     int `json:"days_without_sync"`
	PacketsPending      int `json:"packets_pending"`
	DaysWithoutEndOfDay int `json:"days_without_end_of_day"`
	ClockAheadDays      int `json:"clock_ahead_days"`      // past the floor, before the clock is uncertain
	RosterDays          int `json:"roster_days,omitempty"` // a roster older than this says so on each record
}

// QRPolicy says which codes beside IKD1 are taken.
type QRPolicy struct {
	Claim169 bool `json:"claim169"` // bare claim-169 cards, with the supervisor
}

// Office is a Disdukcapil and the places where it serves.
type Office struct {
	Code     string         `json:"code"` // kabupaten/kota, "17.02"
	Name     string         `json:"name"`
	Recorded int            `json:"recorded"` // people with biometrics: what targets count from
	Target   float64        `json:"target"`   // share of Recorded by 31 December
	Points   []ServicePoint `json:"points"`
}

// ServicePoint is a place with counters.
type ServicePoint struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Kind string `json:"kind"` // office, mpp, kecamatan, van
}

// MailPolicy is how central's mails present themselves.
type MailPolicy struct {
	Sender string `json:"sender"` // display name
}

// SealKey is a recipient of packets: an MLKEM768-X25519 public key as crypto/hpke
// writes it. KID is the first 8 bytes of SHA-256 of Public.
type SealKey struct {
	Name   string `json:"name"` // central, recovery
	KID    []byte `json:"kid"`
	Public []byte `json:"public"`
}

// SignPolicy signs p with the root's key.
func SignPolicy(p Policy, root crypto.Signer) ([]byte, error) {
	payload, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("sign policy: %w", err)
	}
	return token.Sign(token.TypPolicy, root, payload)
}

// OpenPolicy reads a signed policy, which must not be older than have.
func OpenPolicy(msg []byte, root crypto.PublicKey, have uint64) (Policy, error) {
	payload, _, err := token.Open(token.TypPolicy, msg, token.Keys(root))
	if err != nil {
		return Policy{}, fmt.Errorf("open policy: %w", err)
	}
	var p Policy
	if err := json.Unmarshal(payload, &p); err != nil {
		return Policy{}, fmt.Errorf("open policy: %w", err)
	}
	if p.Version < have {
		return Policy{}, fmt.Errorf("open policy: version %d after %d: %w", p.Version, have, ErrVersion)
	}
	return p, nil
}
