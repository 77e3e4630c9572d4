package main

import (
	"context"
	"crypto/ecdh"
	"image"
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
	s *station

	mu      sync.Mutex
	counter token.CounterCode
	key     *ecdh.PrivateKey // of the code on show; nil for none
}

func (t *tokens) Verify(ctx context.Context, text string, now time.Time) activation.Code {
	k, ok := t.s.known()
	if !ok {
		return activation.Code{Checks: []activation.Check{{Name: token.CheckIssuer, Reason: string(token.ReasonTrustOld)}}}
	}
	v := token.Verifier{Trust: k.trust, Replay: t.s, Claim169: k.policy.QR.Claim169}
	t.mu.Lock()
	if t.key != nil && !now.After(t.counter.Expires) {
		v.Audience, v.SessionKey = t.counter.Audience(), t.key
	}
	t.mu.Unlock()
	return t.code(ctx, k, v.Verify(text, now))
}

// code writes a verdict in the words of the rules, and asks central about
// replays where there is a line.
func (t *tokens) code(ctx context.Context, k known, v token.Verdict) activation.Code {
	_, doubt := t.s.clock.Check()
	c := activation.Code{Kind: v.Kind, Valid: v.Valid, Proof: v.Proof, Fresh: v.Kind == token.KindSealed || doubt == ""}
	for _, x := range v.Checks {
		c.Checks = append(c.Checks, activation.Check{Name: x.Name, OK: x.OK, Reason: string(x.Reason)})
	}
	if !v.Valid {
		return c
	}
	if cred := v.Credential; cred != nil {
		c.Registration, c.NIK, c.Email, c.Number = cred.Registration, cred.NIK, cred.Email, cred.Number
	} else if card, ok := v.Claims["claim169"].(map[string]any); ok {
		c.NIK, _ = card["id"].(string)
		c.Email, _ = card["email"].(string)
		c.Number, _ = card["phone"].(string)
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
	ctx, cancel := context.WithTimeout(ctx, askSeen)
	defer cancel()
	answer, err := k.central.Seen(ctx, cti)
	return err == nil && answer.Seen
}

// Counter makes a new code of this counter and draws it.
func (t *tokens) Counter(_ context.Context, now time.Time) (image.Image, error) {
	k, ok := t.s.known()
	if !ok {
		return nil, errNotEnrolled
	}
	code, key, err := token.NewCounter(k.device.Device, k.device.Office, k.device.Certificate, t.s.vault.Device(), now)
	if err != nil {
		return nil, err
	}
	img, err := qr.Encode(code.Text, 8, qr.LevelM)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counter, t.key = code, key
	return img, nil
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
