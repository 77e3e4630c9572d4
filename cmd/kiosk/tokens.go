package main

import (
	"cmp"
	"context"
	"crypto/ecdh"
	"image"
	"slices"
	"sync"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face"
	"loket/scanner/qr"
	"loket/scanner/token"
)

// askSeen is how long central may take to say whether another counter has
// scanned a code; the scan never waits longer.
const askSeen = 300 * time.Millisecond

// tokens is app.Tokens: what a code says, by this counter's trust list, and
// the counter's own code of the session.
type tokens struct {
	s       *station
	patient time.Duration // longest wait for central at the scan; 0 is askSeen

	mu    sync.Mutex
	shown []session // newest first
}

// session is a code of this counter that phones may still answer, and the key
// that opens what they seal to it.
type session struct {
	code token.CounterCode
	key  *ecdh.PrivateKey
}

// open are the codes that have not ended.
func (t *tokens) open(now time.Time) []session {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = slices.DeleteFunc(t.shown, func(s session) bool { return now.After(s.code.Expires) })
	return slices.Clone(t.shown)
}

// Forget throws this session's keys away.
func (t *tokens) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.shown)
	t.shown = nil
}

func (t *tokens) Verify(ctx context.Context, text string, now time.Time) activation.Code {
	k, ok := t.s.known()
	if !ok {
		return activation.Code{Checks: []activation.Check{{Name: token.CheckIssuer, Reason: string(token.ReasonTrustOld)}}}
	}
	v := token.Verifier{Trust: k.trust, Replay: t.s, Claim169: k.policy.QR.Claim169}
	for i, shown := range t.open(now) {
		if i == 0 {
			v.Audience, v.SessionKey = shown.code.Audience(), shown.key
			continue
		}
		v.Earlier = append(v.Earlier, token.Shown{Audience: shown.code.Audience(), SessionKey: shown.key})
	}
	return t.code(ctx, k, v.Verify(text, now))
}

// code writes a verdict in the words of the rules, and asks central about
// replays where there is a line.
func (t *tokens) code(ctx context.Context, k known, v token.Verdict) activation.Code {
	if at, ok := v.Vouched(); ok {
		t.s.clock.NotBefore(at)
	}
	_, doubt := t.s.clock.Check()
	c := activation.Code{Kind: v.Kind, Valid: v.Valid, Proof: v.Proof, Fresh: doubt.Fresh(v.Kind == token.KindSealed)}
	for _, x := range v.Checks {
		c.Checks = append(c.Checks, activation.Check{Name: x.Name, OK: x.OK, Reason: string(x.Reason)})
	}
	if !v.Valid {
		return c
	}
	if cred := v.Credential; cred != nil {
		c.Registration, c.NIK, c.Email, c.Number = cred.Registration, cred.NIK, cred.Email, cred.Number
	} else if v.Card != nil {
		c.Card = cardOf(v.Card, t.s.now())
	}
	if p := v.Presentation; p != nil {
		c.Presentation, c.Audience = p.Raw, p.Audience
		if t.seenElsewhere(ctx, k, p.CTI) {
			c.Valid = false
			for i := range c.Checks {
				if c.Checks[i].Name == token.CheckReplay {
					c.Checks[i].OK, c.Checks[i].Reason = false, string(token.ReasonSeen)
				}
			}
		}
	}
	return c
}

func (t *tokens) seenElsewhere(ctx context.Context, k known, cti [16]byte) bool {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(t.patient, askSeen))
	defer cancel()
	answer, err := k.central.Seen(ctx, cti)
	return err == nil && answer.Seen
}

// Counter makes a new code of this counter and draws it, at the lowest
// correction: on a screen nothing is dirty, and larger modules are read from
// farther away.
func (t *tokens) Counter(_ context.Context, now time.Time) (app.CounterCode, error) {
	k, ok := t.s.known()
	if !ok {
		return app.CounterCode{}, errNotEnrolled
	}
	code, key, err := token.NewCounter(k.device.Device, k.device.Office, k.device.Certificate, t.s.vault.Device(), now)
	if err != nil {
		return app.CounterCode{}, err
	}
	img, err := qr.Encode(code.Text, 1, qr.LevelL)
	if err != nil {
		return app.CounterCode{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = append([]session{{code, key}}, t.shown...)
	return app.CounterCode{Image: img, Expires: code.Expires}, nil
}

// codes is app.Codes: gozxing over successive frames.
type codes struct {
	mu     sync.Mutex
	reader *qr.Reader
}

// readBudget is the time box of one frame: with a frame every 66 ms the reader
// keeps pace on one core and leaves the other to everything else.
const readBudget = 60 * time.Millisecond

func newCodes() *codes {
	return &codes{reader: qr.NewReader(qr.Options{Plausible: ours})}
}

// ours says that a text has the form of our own codes; base45's checksum-like
// structure makes a misread one unlikely to pass verification anyway.
func ours(text string) bool {
	for _, p := range []string{token.PrefixPresentation, token.PrefixSealed} {
		if len(text) > len(p) && text[:len(p)] == p {
			_, err := token.DecodeBase45(text[len(p):])
			return err == nil
		}
	}
	return false
}

func (c *codes) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reader.Reset()
}

func (c *codes) Read(img *image.RGBA) app.CodeReading {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.reader.Read(img, readBudget)
	out := app.CodeReading{}
	if r.Hint != qr.HintNone {
		out.Hint = r.Hint.String()
	}
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	for i, s := range r.Symbols {
		out.Texts = append(out.Texts, s.Text)
		if i == 0 {
			for _, p := range s.Corners {
				out.Outline = append(out.Outline, face.Point{X: p.X / w, Y: p.Y / h})
			}
		}
	}
	return out
}
