package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"loket/app/activation"
	"loket/scanner/token"
	"loket/sync/wire"
)

// renewal is how often the QR is made anew; each is valid for 90 seconds.
const renewal = 30 * time.Second

// Phone is a phone with its key and what it remembers. Its methods may be
// called by several goroutines.
type Phone struct {
	dir     string
	central *Central
	now     func() time.Time
	key     ed25519.PrivateKey
	log     *slog.Logger

	mu      sync.Mutex
	memory  memory
	code    Code
	counter *token.CounterCode // scanned from the office's screen
	offline bool               // central did not answer the last time
	again   time.Time          // of the refusal after which the citizen wants the code back
}

// Code is the QR that the phone shows now.
type Code struct {
	Text    string
	Made    time.Time
	Expires time.Time
	Sealed  bool // to the counter whose code was scanned
	Number  int  // counts up with each new one
}

// Step is what the screen shows.
type Step string

// The steps of a phone's screen.
const (
	StepRegister Step = "register"
	StepQR       Step = "qr"
	StepWait     Step = "wait" // approved, the code is on its way
	StepCode     Step = "code"
	StepPIN      Step = "pin"
	StepCard     Step = "card"
	StepStop     Step = "stop" // refused, blocked, expired, cancelled
)

// Status is what the page and the demo see. It carries no whole NIK, address
// or number.
type Status struct {
	Step         Step          `json:"step"`
	State        wire.Progress `json:"state"` // as central last said it
	Registration string        `json:"registration"`
	NIKEnd       string        `json:"nik_end"` // last four digits
	Email        string        `json:"email"`   // masked
	Reason       string        `json:"reason,omitempty"`
	Next         string        `json:"next"`
	Offline      bool          `json:"offline"`
	QR           *StatusQR     `json:"qr,omitempty"`
	Code         string        `json:"code,omitempty"` // said to the officer where no camera reads the QR: "482 913 0756"
}

// StatusQR tells the page which QR to show and for how long it counts.
type StatusQR struct {
	Number  int       `json:"number"`
	Expires time.Time `json:"expires"`
	Seconds int       `json:"seconds"` // left now
	Life    int       `json:"life"`    // of a fresh one
	Sealed  bool      `json:"sealed"`
	Office  string    `json:"office,omitempty"` // of the scanned counter
}

// Open makes the phone that lives in dir.
func Open(dir string, c *Central, now func() time.Time, random io.Reader, log *slog.Logger) (*Phone, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open phone: %w", err)
	}
	key, err := loadKey(dir, random)
	if err != nil {
		return nil, err
	}
	m, err := load(dir)
	if err != nil {
		return nil, err
	}
	return &Phone{dir: dir, central: c, now: now, key: key, log: log, memory: m}, nil
}

// Form is what the citizen fills in.
type Form struct {
	NIK         string `json:"nik"`
	Email       string `json:"email"`
	EmailAgain  string `json:"email_again"`
	Number      string `json:"number"`
	NumberAgain string `json:"number_again"`
	Unusual     bool   `json:"unusual"` // "the address is right as it stands"
	Selfie      []byte `json:"selfie"`  // JPEG
}

// Register checks the form and sends it to central, which answers alike for
// every NIK. Faults of the form are *Fault, by field.
func (p *Phone) Register(ctx context.Context, f Form) error {
	now := p.now()
	f.NIK = strings.Join(strings.Fields(f.NIK), "")
	checked, err := activation.Registration{NIK: f.NIK, Email: f.Email, EmailAgain: f.EmailAgain, Number: f.Number,
		NumberAgain: f.NumberAgain, AcceptUnusual: f.Unusual}.Check(now)
	if err != nil {
		return formFault(checked, err)
	}
	selfie, err := asJPEG(f.Selfie)
	if err != nil {
		return &Fault{Fields: map[string]string{"selfie": "Foto tidak dapat dibaca. Ambil foto lagi."}}
	}
	spki, err := x509.MarshalPKIXPublicKey(p.key.Public())
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	req, err := wire.SignRequest(wire.PurposeRegistration, &wire.Registration{NIK: f.NIK, Email: checked.NormalEmail,
		Number: checked.NormalN, Selfie: selfie, Key: spki}, now, p.key)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	var answer wire.RegistrationResponse
	if err := p.ask(ctx, wire.PathRegistrations, req, &answer); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	if _, err := p.trust(ctx, now); err != nil { // for a counter's code where there is no internet
		p.log.Info("trust list", "err", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code, p.counter = Code{Number: p.code.Number}, nil
	p.memory = memory{Registration: answer.Registration, NIK: f.NIK, Email: checked.NormalEmail, Number: checked.NormalN,
		Credential: answer.Credential, Code: answer.Code, Expires: answer.Expires, Trust: p.memory.Trust,
		Progress: wire.StateResponse{Registration: answer.Registration, State: wire.ProgressRegistered}}
	return p.memory.save(p.dir)
}

// Forget ends the registration on this phone, to begin again.
func (p *Phone) Forget() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.memory, p.code, p.counter = memory{Trust: p.memory.Trust}, Code{Number: p.code.Number}, nil
	return p.memory.save(p.dir)
}

// errNotRegistered is a step that needs a registration.
var errNotRegistered = errors.New("phone is not registered")

// Code gives the QR of now and makes a new one when 30 seconds have passed.
func (p *Phone) Code() (Code, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current()
}

func (p *Phone) current() (Code, error) {
	now := p.now()
	if p.memory.Credential == nil {
		return Code{}, errNotRegistered
	}
	if p.counter != nil && now.After(p.counter.Expires) {
		p.counter, p.code.Text = nil, ""
	}
	if p.code.Text != "" && now.Sub(p.code.Made) < renewal && !now.Before(p.code.Made) {
		return p.code, nil
	}
	var audience []byte
	if p.counter != nil {
		audience = p.counter.Audience()
	}
	msg, err := token.Present(p.memory.Credential, p.key, now, audience)
	if err != nil {
		return Code{}, fmt.Errorf("make code: %w", err)
	}
	next := Code{Text: token.PresentationText(msg), Made: now, Expires: now.Add(token.PresentationLife), Number: p.code.Number + 1}
	if p.counter != nil {
		next.Sealed = true
		if next.Text, err = token.SealPresentation(msg, p.counter.Key); err != nil {
			return Code{}, fmt.Errorf("make code: %w", err)
		}
	}
	p.code = next
	return next, nil
}

// ScanCounter takes the text of the counter's code. It believes it only when
// central's trust list says that this is a counter; from then on and until the
// code ends, the phone's codes are sealed to it.
func (p *Phone) ScanCounter(ctx context.Context, text string) error {
	now := p.now()
	list, err := p.trust(ctx, now)
	if err != nil {
		return fmt.Errorf("scan counter: %w", err)
	}
	code, err := token.OpenCounter(text, list.Lookup(token.UseDevice, now), now)
	if err != nil {
		p.log.Info("counter's code refused", "cause", err)
		return &Fault{Message: "Ini bukan kode loket Dukcapil yang sah, atau sudah lewat waktunya.", Next: "Pindai kode yang sedang tampil di layar loket."}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counter, p.code.Text = &code, ""
	_, err = p.current()
	return err
}

// trust is central's trust list: the newest, or where central does not answer
// the one that the phone keeps, as long as it lasts. It never goes backwards.
func (p *Phone) trust(ctx context.Context, now time.Time) (token.TrustList, error) {
	p.mu.Lock()
	kept := p.memory.Trust
	p.mu.Unlock()
	known, have := []crypto.PublicKey{p.central.root}, uint64(0)
	before, keptErr := token.OpenTrust(kept, known, 0, now)
	if before.Roots != nil { // also when it has ended: its version and roots still count
		known, have = append(known, before.Roots...), before.Version
	}
	msg, err := p.central.trustMessage(ctx)
	p.noteLink(err)
	if errors.Is(err, errOffline) && keptErr == nil {
		return before, nil
	} else if err != nil {
		return token.TrustList{}, err
	}
	list, err := token.OpenTrust(msg, known, have, now)
	if err != nil {
		return list, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if bytes.Equal(p.memory.Trust, msg) {
		return list, nil
	}
	p.memory.Trust = msg
	return list, p.memory.save(p.dir)
}

// LeaveCounter goes back to codes for any counter.
func (p *Phone) LeaveCounter() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counter, p.code.Text = nil, ""
}

// Status is what the screen shows now.
func (p *Phone) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Status{Step: p.step(), State: p.memory.Progress.State, Registration: p.memory.Registration, Offline: p.offline,
		Reason: p.memory.Progress.Reason, Next: p.memory.Progress.Next}
	if s.Step == StepStop && p.now().After(p.memory.Expires) {
		s.Next = lapsed
	}
	if len(p.memory.NIK) == 16 {
		s.NIKEnd = p.memory.NIK[12:]
		s.Email = activation.MaskEmail(p.memory.Email)
	}
	if s.Step == StepQR {
		if c, err := p.current(); err == nil {
			s.QR = &StatusQR{Number: c.Number, Expires: c.Expires, Seconds: int(c.Expires.Sub(p.now()).Seconds()),
				Life: int(token.PresentationLife.Seconds()), Sealed: c.Sealed}
			if p.counter != nil {
				s.QR.Office = p.counter.Office
			}
			s.Code = activation.GroupCode(p.memory.Code)
		}
	}
	return s
}

// lapsed is what the phone says itself when its credential has ended.
const lapsed = "Pendaftaran sudah lewat tujuh hari. Daftar ulang, hanya sebentar."

// step is what the screen shows; p.mu is held.
func (p *Phone) step() Step {
	m := p.memory
	if m.Registration == "" {
		return StepRegister
	}
	switch m.Progress.State {
	case wire.ProgressApproved:
		return StepWait
	case wire.ProgressMailed:
		return StepCode
	case wire.ProgressCoded:
		return StepPIN
	case wire.ProgressActive:
		return StepCard
	case wire.ProgressBlocked, wire.ProgressCancelled:
		return StepStop
	case wire.ProgressRefused, wire.ProgressExpired:
		if !p.again.Equal(m.Progress.At) || p.again.IsZero() {
			return StepStop
		}
	}
	if p.now().After(m.Expires) {
		return StepStop
	}
	return StepQR
}

// Again brings the code back after a refusal: what was missing may be there now.
func (p *Phone) Again() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.again = p.memory.Progress.At
}
