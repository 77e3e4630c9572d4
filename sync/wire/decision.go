package wire

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
)

// Version is the version of the inner and outer format that this build writes.
const Version = 1

// PacketID names a packet, and with the device's id is its idempotence key.
type PacketID [16]byte

// NewPacketID draws one at random.
func NewPacketID() PacketID {
	var id PacketID
	rand.Read(id[:]) // never fails: crypto/rand ends the program instead
	return id
}

// String is the id as people and JSON see it: 32 lower-case hex digits.
func (id PacketID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText is String.
func (id PacketID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads 32 hex digits.
func (id *PacketID) UnmarshalText(text []byte) error {
	got, err := ParsePacketID(string(text))
	if err != nil {
		return err
	}
	*id = got
	return nil
}

// ParsePacketID reads what String wrote.
func ParsePacketID(s string) (PacketID, error) {
	var id PacketID
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return id, fmt.Errorf("packet id %q: want 32 hex digits", s)
	}
	copy(id[:], b)
	return id, nil
}

// Decision is how a session at the counter ended and everything that was
// looked at on the way, so that central can follow it and recompute a random
// share. Codes are those of app/activation and scanner; times are kept to the
// second, in UTC.
//
// The numbers are the CBOR map keys of version 1. They are never reused.
type Decision struct {
	Version int       `cbor:"1,keyasint"`
	Packet  PacketID  `cbor:"2,keyasint"`
	Session string    `cbor:"3,keyasint"` // id of the case, the same over drafts and resumes
	Kind    string    `cbor:"4,keyasint"` // activation.Decision: approve, refuse, refer, decline, block, reactivate, cancel
	Reason  string    `cbor:"5,keyasint,omitempty"`
	Next    string    `cbor:"6,keyasint,omitempty"` // code of the citizen's next step
	At      time.Time `cbor:"7,keyasint"`
	Zone    string    `cbor:"8,keyasint"`           // IANA name of the counter's zone: Asia/Jakarta, Asia/Makassar, Asia/Jayapura
	Unsure  bool      `cbor:"9,keyasint,omitempty"` // the clock was uncertain (sync/clock)
	Train   bool      `cbor:"10,keyasint,omitempty"`

	Office     string `cbor:"11,keyasint"`
	Counter    string `cbor:"12,keyasint"`
	Device     string `cbor:"13,keyasint"`
	Officer    string `cbor:"14,keyasint"`
	Supervisor string `cbor:"15,keyasint,omitempty"` // never the officer

	Registration string `cbor:"16,keyasint,omitempty"`
	NIK          string `cbor:"17,keyasint,omitempty"`
	Email        string `cbor:"18,keyasint,omitempty"`
	Number       string `cbor:"19,keyasint,omitempty"`
	Presentation []byte `cbor:"20,keyasint,omitempty"` // COSE_Sign1 as the phone made it
	Audience     []byte `cbor:"21,keyasint,omitempty"` // what aud was checked against; nil for none

	Checks    []Check           `cbor:"22,keyasint,omitempty"` // of the code
	Readiness []string          `cbor:"23,keyasint,omitempty"` // what was asked and answered yes
	Consent   Consent           `cbor:"24,keyasint"`
	Marks     map[string]string `cbor:"25,keyasint,omitempty"` // activation.Field to same or differ
	Contact   bool              `cbor:"26,keyasint,omitempty"` // the citizen confirmed the masked e-mail and number
	Face      *Face             `cbor:"27,keyasint,omitempty"` // nil where no face was compared
	Cancels   *PacketID         `cbor:"28,keyasint,omitempty"` // of a cancel: what it takes back
	Source    string            `cbor:"29,keyasint,omitempty"` // of the record: central, roster, qr
	Override  []string          `cbor:"30,keyasint,omitempty"` // why a second pair of eyes was needed, as codes
	App       string            `cbor:"31,keyasint,omitempty"` // version of the program
	Typed     string            `cbor:"32,keyasint,omitempty"` // the registration code that was typed where no presentation was scanned
}

// Check is one line of a verification, as the officer read it.
type Check struct {
	Name   string `cbor:"1,keyasint"`
	OK     bool   `cbor:"2,keyasint"`
	Reason string `cbor:"3,keyasint,omitempty"`
}

// Consent is when and how the citizen agreed (UU 27/2022).
type Consent struct {
	At  time.Time `cbor:"1,keyasint"`
	How string    `cbor:"2,keyasint"` // "spoken", "signed"; "none" where the session ended before
}

// Face is the comparison of the live face with the enrolled photo.
type Face struct {
	Probe     []byte     `cbor:"1,keyasint,omitempty"` // JPEG of the region round the face that was compared
	Reference Reference  `cbor:"2,keyasint"`
	Detector  Model      `cbor:"3,keyasint"`
	Matcher   Model      `cbor:"4,keyasint"`
	Metric    string     `cbor:"5,keyasint,omitempty"` // face.Metric
	Score     float64    `cbor:"6,keyasint"`
	Band      string     `cbor:"7,keyasint"` // face.Band
	Limits    Thresholds `cbor:"8,keyasint"`
	Attempts  []Attempt  `cbor:"9,keyasint,omitempty"`
	Look      bool       `cbor:"10,keyasint,omitempty"` // the officer looked: no mask, screen or paper
	Liveness  string     `cbor:"11,keyasint,omitempty"`
	Near      bool       `cbor:"12,keyasint,omitempty"` // close to another NIK's face of the day
	Live      *Live      `cbor:"13,keyasint,omitempty"` // nil where nobody asked for the challenge

	// Passive is what passive liveness networks gave, 0..1 by name. A hint.
	Passive map[string]float64 `cbor:"14,keyasint,omitempty"`
}

// Live is the liveness challenge: what was asked, what was answered, and what
// came of it.
type Live struct {
	Outcome    string      `cbor:"1,keyasint"`           // activation.Alive: passed, failed, waived; "" for a face that need not prove it
	Why        string      `cbor:"2,keyasint,omitempty"` // activation.Waiver
	Challenges []Challenge `cbor:"3,keyasint,omitempty"`
}

// Challenge is one round.
type Challenge struct {
	At      time.Time `cbor:"1,keyasint"`
	Attempt int       `cbor:"2,keyasint"` // the capture whose face it belongs to, from 1
	Steps   []string  `cbor:"3,keyasint"` // what was asked, in order
	Done    int       `cbor:"4,keyasint"`
	Passed  bool      `cbor:"5,keyasint,omitempty"`
	Reason  string    `cbor:"6,keyasint,omitempty"` // why it failed
}

// Alive says whether the face that was compared passed a whole challenge.
func (f *Face) Alive() bool {
	if f == nil || f.Live == nil {
		return false
	}
	for _, c := range f.Live.Challenges {
		if c.Passed && c.Attempt == len(f.Attempts) && len(c.Steps) > 1 && c.Done == len(c.Steps) {
			return true
		}
	}
	return false
}

// Reference names the enrolled photo without carrying it.
type Reference struct {
	SHA256 [32]byte  `cbor:"1,keyasint"`
	Source string    `cbor:"2,keyasint,omitempty"` // central, roster, qr
	Taken  time.Time `cbor:"3,keyasint"`
	Width  int       `cbor:"4,keyasint,omitempty"` // pixels
	Height int       `cbor:"5,keyasint,omitempty"`
	Weak   []string  `cbor:"6,keyasint,omitempty"` // activation.Weakness: old, small, blurred
}

// Model names a network by the SHA-256 of its weights, lower-case hex.
type Model struct {
	Name   string `cbor:"1,keyasint,omitempty"`
	SHA256 string `cbor:"2,keyasint,omitempty"`
}

// Thresholds are the policy's bands that the score was held against.
type Thresholds struct {
	Match    float64 `cbor:"1,keyasint"`
	Doubtful float64 `cbor:"2,keyasint"`
	Data     string  `cbor:"3,keyasint,omitempty"` // what they were measured on
	FMR      float64 `cbor:"4,keyasint,omitempty"`
	Measured bool    `cbor:"5,keyasint,omitempty"`
}

// Attempt is one capture of at most three.
type Attempt struct {
	At      time.Time          `cbor:"1,keyasint"`
	Score   float64            `cbor:"2,keyasint"`
	Band    string             `cbor:"3,keyasint"`
	Quality map[string]float64 `cbor:"4,keyasint,omitempty"` // component to 0..100; what was not measured is absent
}

// Faults of a decision that neither counter nor central accepts.
var (
	ErrSamePerson = errors.New("officer and supervisor are the same person")
	ErrIncomplete = errors.New("decision is incomplete")
	ErrVersion    = errors.New("unknown version") // also of a packet
)

// Marshal is the inner payload: deterministic CBOR (RFC 8949, 4.2.1) of a
// decision that is complete.
func (d Decision) Marshal() ([]byte, error) {
	d.Version = Version
	if err := d.check(); err != nil {
		return nil, err
	}
	return token.Encode(d)
}

// check refuses what no reader may accept, whoever signed it.
func (d Decision) check() error {
	switch {
	case d.Packet == PacketID{}, d.Kind == "", d.At.IsZero(), d.Device == "", d.Officer == "":
		return fmt.Errorf("%w: packet, kind, time, device and officer are needed", ErrIncomplete)
	case d.Supervisor == d.Officer:
		return ErrSamePerson
	case d.Kind == "cancel" && d.Cancels == nil:
		return fmt.Errorf("%w: a cancel names what it takes back", ErrIncomplete)
	}
	return nil
}

// UnmarshalDecision reads an inner payload of any published version.
func UnmarshalDecision(payload []byte) (Decision, error) {
	var d Decision
	if err := token.Decode(payload, &d); err != nil {
		return Decision{}, fmt.Errorf("decode decision: %w", err)
	}
	if d.Version != Version {
		return Decision{}, fmt.Errorf("decode decision: %w %d", ErrVersion, d.Version)
	}
	if err := d.check(); err != nil {
		return Decision{}, err
	}
	d.utc()
	return d, nil
}

// utc brings decoded times to one zone, so that equal decisions are equal.
func (d *Decision) utc() {
	d.At, d.Consent.At = d.At.UTC(), d.Consent.At.UTC()
	if d.Face == nil {
		return
	}
	d.Face.Reference.Taken = d.Face.Reference.Taken.UTC()
	for i := range d.Face.Attempts {
		d.Face.Attempts[i].At = d.Face.Attempts[i].At.UTC()
	}
	if d.Face.Live != nil {
		for i := range d.Face.Live.Challenges {
			d.Face.Live.Challenges[i].At = d.Face.Live.Challenges[i].At.UTC()
		}
	}
}
