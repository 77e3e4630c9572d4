package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // of enrolled photos
	"slices"
	"strings"
	"sync"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/sync/clock"
	"loket/sync/ledger"
	"loket/sync/vault"
	"loket/sync/wire"
)

// book is app.Ledger over the SQLite ledger: it signs and seals decisions and
// seals drafts with the keys of who is logged in.
type book struct {
	s    *station
	zone *time.Location
	sent func(context.Context)                        // told when the outbox has changed; never waits for the line
	left func() (done, total int, left time.Duration) // of what is being sent; nil where nothing sends

	deciding sync.Mutex // a packet's position and its commit belong together
}

// errNoOfficer says that nobody is logged in whose key opens drafts.
var errNoOfficer = errors.New("nobody is logged in")

func (b *book) Decide(ctx context.Context, c app.Case, officer app.Officer, supervisor *app.Officer) (string, error) {
	signer, ok := officer.Key.(*vault.Session)
	if !ok {
		return "", errNoOfficer
	}
	k, ok := b.s.known()
	if !ok {
		return "", errNotEnrolled
	}
	if b.s.now().After(signer.Officer().NotAfter) { // central would refuse what it signs
		return "", &app.Fault{Code: "certificate-expired", Tone: app.Attention}
	}
	sealing := wire.Sealing{Decision: b.decision(c, k), Device: b.s.vault.Device(), Officer: signer}
	if supervisor != nil {
		switch second := supervisor.Key.(type) {
		case *vault.Session:
			defer second.Lock()
			sealing.Supervisor = second
		case given: // signed at another counter: the same payload, or it does not hold
			sealing.Decision, sealing.Supervisor = second.decision, second.Given
		default:
			return "", errNoOfficer
		}
	}
	for _, r := range k.policy.Recipients {
		to, err := wire.NewRecipient(r.Public)
		if err != nil {
			return "", err
		}
		sealing.Recipients = append(sealing.Recipients, to)
	}
	entry := ledger.Entry{Decision: sealing.Decision.Kind, Reason: sealing.Decision.Reason, Session: c.Session.ID}
	if nik := sealing.Decision.NIK; nik != "" {
		hashes, err := signer.Hashes("nik", nik)
		if err != nil {
			return "", err
		}
		entry.Duplicate, entry.Last4 = hashes[0], nik[max(len(nik)-4, 0):]
	}
	return b.commit(ctx, sealing, entry)
}

// commit seals at the next position and keeps the packet.
func (b *book) commit(ctx context.Context, sealing wire.Sealing, entry ledger.Entry) (string, error) {
	b.deciding.Lock()
	defer b.deciding.Unlock()
	var err error
	if sealing.Position, err = b.s.ledger.Next(ctx); err != nil {
		return "", err
	}
	entry.Packet, err = wire.Seal(sealing)
	switch {
	case errors.Is(err, vault.ErrPINAgain), errors.Is(err, vault.ErrLocked):
		return "", &app.Fault{Code: "key-expired", Tone: app.Attention, Err: err}
	case err != nil:
		return "", err
	}
	if err := b.s.ledger.Decide(ctx, entry); err != nil {
		return "", err
	}
	b.s.after("Decide")
	b.sent(ctx)
	b.s.clock.Record()
	if err := b.s.keepClock(ctx); err != nil {
		b.s.log.Error("keep clock", "err", err) // the decision is safe; the floor follows with the next
	}
	return entry.Packet.ID().String(), nil
}

// decision writes a case as what travels.
func (b *book) decision(c app.Case, k known) wire.Decision {
	s := c.Session
	d := wire.Decision{Packet: wire.NewPacketID(), Session: s.ID, Kind: string(s.Outcome.Decision), Reason: string(s.Outcome.Reason),
		Next: string(activation.NextStep(s.Outcome.Reason)), At: s.Outcome.At.UTC().Truncate(time.Second), Zone: b.zone.String(),
		Unsure: c.Unsure, Train: c.Training, Office: k.device.Office, Counter: k.device.Counter, Device: k.device.Device,
		Officer: s.Officer, Supervisor: s.Outcome.Supervisor, Consent: wire.Consent{How: "none", At: s.Started.UTC().Truncate(time.Second)},
		App: version()}
	if !s.Consent.IsZero() {
		d.Consent = wire.Consent{How: "spoken", At: s.Consent.UTC().Truncate(time.Second)}
	}
	for _, r := range s.Ready {
		d.Readiness = append(d.Readiness, string(r))
	}
	for _, cause := range c.Causes {
		d.Override = append(d.Override, string(cause))
	}
	if code := s.Code; code != nil {
		d.Registration, d.NIK, d.Email, d.Number = code.Registration, code.NIK, code.Email, code.Number
		d.Presentation, d.Audience, d.Typed = code.Presentation, code.Audience, code.Typed
		for _, x := range code.Checks {
			d.Checks = append(d.Checks, wire.Check{Name: x.Name, OK: x.OK, Reason: x.Reason})
		}
	}
	if len(s.Marks) > 0 {
		d.Marks = map[string]string{}
		for f, same := range s.Marks {
			d.Marks[string(f)] = map[bool]string{true: "same", false: "differ"}[same]
		}
	}
	d.Contact = s.Marks[activation.FieldEmail] && s.Marks[activation.FieldPhone]
	if c.Record != nil {
		d.Source = c.Record.Source
	}
	d.Face = faceOf(c)
	return d
}

// faceOf writes the comparison; nil where there was none.
func faceOf(c app.Case) *wire.Face {
	last, ok := c.Session.Last()
	if !ok {
		return nil
	}
	e := c.Engine
	f := &wire.Face{Probe: c.Probe, Detector: wire.Model{Name: e.Detector.Name, SHA256: e.Detector.SHA256},
		Matcher: wire.Model{Name: e.Matcher.Name, SHA256: e.Matcher.SHA256}, Metric: string(e.Matcher.Metric), Score: last.Score, Band: string(last.Band),
		Limits:   wire.Thresholds{Match: e.Limits.Match, Doubtful: e.Limits.Doubtful, Data: e.Limits.Data, FMR: e.Limits.FMR, Measured: e.Limits.Measured},
		Look:     c.Session.Look,
		Liveness: "officer-look"}
	f.Passive, f.Near = last.Passive, slices.ContainsFunc(c.Session.Attempts, func(a activation.Attempt) bool { return a.Near })
	if f.Live = liveOf(c.Session); f.Live != nil && f.Live.Outcome != "" {
		f.Liveness = "challenge-" + f.Live.Outcome
	}
	if last.Eye { // nothing of the engine's took part in what was decided
		f.Matcher, f.Metric, f.Limits, f.Liveness = wire.Model{}, "", wire.Thresholds{}, "officer-eye"
	}
	for _, a := range c.Session.Attempts {
		f.Attempts = append(f.Attempts, wire.Attempt{At: a.At.UTC().Truncate(time.Second), Score: a.Score, Band: string(a.Band), Quality: a.Quality})
	}
	if r := c.Record; r != nil && len(r.Photo) > 0 {
		f.Reference = wire.Reference{SHA256: sha256.Sum256(r.Photo), Source: r.Source, Taken: r.Taken.UTC()}
		if size, _, err := image.DecodeConfig(bytes.NewReader(r.Photo)); err == nil {
			f.Reference.Width, f.Reference.Height = size.Width, size.Height
		}
	}
	for _, w := range last.Weak {
		f.Reference.Weak = append(f.Reference.Weak, string(w))
	}
	return f
}

// liveOf writes the liveness challenge; nil where nobody asked for it.
func liveOf(s activation.Session) *wire.Live {
	if !s.Challenged {
		return nil
	}
	l := &wire.Live{Outcome: string(s.Alive()), Why: string(s.Waived)}
	for _, c := range s.Challenges {
		l.Challenges = append(l.Challenges, wire.Challenge{At: c.At.UTC().Truncate(time.Second), Attempt: c.Attempt, Steps: c.Steps, Done: c.Done, Passed: c.Passed, Reason: c.Reason})
	}
	return l
}

func (b *book) Undo(ctx context.Context, packet string) error {
	id, err := wire.ParsePacketID(packet)
	if err != nil {
		return err
	}
	err = b.s.ledger.Undo(ctx, id)
	if errors.Is(err, ledger.ErrTooLate) {
		return &app.Fault{Code: "undo-over", Tone: app.Info, Err: err}
	}
	b.s.after("Undo")
	b.sent(ctx)
	return err
}

func (b *book) Audit(ctx context.Context, kind, subject string) error {
	var fields map[string]string
	if subject != "" {
		fields = map[string]string{"subject": subject}
	}
	err := b.s.ledger.Record(ctx, kind, fields)
	b.s.after("Record " + kind)
	return err
}

// draftMeta is what stands readable before a draft's sealed part.
type draftMeta struct {
	Stage activation.Stage `json:"stage"`
	Last4 string           `json:"last4,omitempty"`
}

// sealer is the session of who is logged in.
func (b *book) sealer() (*vault.Session, error) {
	k, _ := b.s.known()
	if k.officer == nil {
		return nil, errNoOfficer
	}
	return k.officer, nil
}

func (b *book) SaveDraft(ctx context.Context, d app.Draft, plain []byte) error {
	session, err := b.sealer()
	if err != nil {
		return err
	}
	if disk, err := b.s.ledger.Disk(); err == nil && disk.Stop && d.Stage == activation.StageReady {
		return &app.Fault{Code: "disk-full"} // no new case begins; what is open is still saved
	}
	sealed, err := session.Seal("draft/"+d.ID, plain)
	if err != nil {
		return err
	}
	meta, err := json.Marshal(draftMeta{d.Stage, d.Last4})
	if err != nil {
		return err
	}
	body := binary.BigEndian.AppendUint16(nil, uint16(len(meta)))
	err = b.s.ledger.SaveDraft(ctx, ledger.Draft{Session: d.ID, Officer: session.Officer().ID, Body: slices.Concat(body, meta, sealed)})
	b.s.after("SaveDraft " + string(d.Stage))
	return err
}

// split parts a draft's body.
func split(body []byte) (meta draftMeta, sealed []byte, err error) {
	if len(body) < 2 || len(body)-2 < int(binary.BigEndian.Uint16(body)) {
		return meta, nil, fmt.Errorf("draft of %d bytes", len(body))
	}
	n := 2 + int(binary.BigEndian.Uint16(body))
	if err := json.Unmarshal(body[2:n], &meta); err != nil {
		return meta, nil, fmt.Errorf("draft: %w", err)
	}
	return meta, body[n:], nil
}

// draftLife is how long a case is kept that nobody took up again.
const draftLife = 24 * time.Hour

func (b *book) Drafts(ctx context.Context) ([]app.Draft, error) {
	all, err := b.s.ledger.Drafts(ctx)
	if err != nil {
		return nil, err
	}
	now, doubt := b.s.clock.Check()
	var list []app.Draft
	for _, d := range slices.Backward(all) {
		if doubt == clock.None && now.Sub(d.At) > draftLife {
			continue
		}
		meta, _, err := split(d.Body)
		if err != nil {
			return nil, err
		}
		list = append(list, app.Draft{ID: d.Session, Since: d.At.In(b.zone), Stage: meta.Stage, Last4: meta.Last4})
	}
	return list, nil
}

func (b *book) OpenDraft(ctx context.Context, id string) ([]byte, error) {
	session, err := b.sealer()
	if err != nil {
		return nil, err
	}
	all, err := b.s.ledger.Drafts(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if d.Session == id {
			_, sealed, err := split(d.Body)
			if err != nil {
				return nil, err
			}
			return session.Open("draft/"+id, sealed)
		}
	}
	return nil, fmt.Errorf("draft %s: %w", id, ledger.ErrNotFound)
}

func (b *book) DropDraft(ctx context.Context, id string) error {
	err := b.s.ledger.DropDraft(ctx, id)
	b.s.after("DropDraft")
	return err
}

func (b *book) Item(ctx context.Context, packet string) (app.QueueItem, error) {
	id, err := wire.ParsePacketID(packet)
	if err != nil {
		return app.QueueItem{}, err
	}
	i, err := b.s.ledger.Item(ctx, id)
	return b.item(i), err
}

// queueLength is how many decisions the queue's screen holds.
const queueLength = 200

func (b *book) Queue(ctx context.Context) (app.Queue, error) {
	items, err := b.s.ledger.Items(ctx, queueLength)
	if err != nil {
		return app.Queue{}, err
	}
	now := b.s.now().In(b.zone)
	counts, err := b.s.ledger.Counts(ctx, time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, b.zone))
	if err != nil {
		return app.Queue{}, err
	}
	q := app.Queue{Waiting: counts.Waiting, Accepted: counts.Accepted, Active: counts.Active, Attention: counts.Attention, Today: counts.Today}
	if b.left != nil {
		q.Sending, q.Total, q.Remaining = b.left()
	}
	for _, i := range items {
		item := b.item(i)
		item.CanCancel = b.canCancel(i, items)
		q.Items = append(q.Items, item)
	}
	return q, nil
}

// item writes a ledger's item for the screen, with what the officer can do.
func (b *book) item(i ledger.Item) app.QueueItem {
	q := app.QueueItem{Packet: i.Packet.String(), At: i.At.In(b.zone), Last4: i.Last4, Decision: activation.Decision(i.Decision),
		Reason: activation.Reason(i.Reason), State: string(i.State), StateAt: i.StateAt.In(b.zone), Wait: i.Wait.Round(time.Second), Cause: i.Cause, Next: i.Next}
	switch i.State {
	case wire.StateQueued, wire.StateSent:
		if i.Tries > 0 {
			q.Action = "retry"
		}
	case wire.StateAside:
		q.Action = "retry"
	}
	return q
}

func (b *book) Act(ctx context.Context, packet, action string, _ app.Officer) error {
	id, err := wire.ParsePacketID(packet)
	if err != nil {
		return err
	}
	if !strings.EqualFold(action, "retry") {
		return fmt.Errorf("no such action: %q", action)
	}
	_, err = b.s.ledger.Retry(ctx, id)
	b.s.after("Retry")
	b.sent(ctx)
	return err
}
