package central

import (
	"context"
	"errors"
	"fmt"
	"time"

	"loket/sync/wire"
)

// AccessTerm is how long central has to answer a citizen's access request: 3
// times 24 hours (UU 27/2022 on personal data, article 32).
const AccessTerm = 72 * time.Hour

// ErrNobody says that central holds nothing about a NIK.
var ErrNobody = errors.New("nothing is kept about this NIK")

// Subject is everything that central keeps about one person: what answers an
// access request. It is personal data through and through.
type Subject struct {
	NIK           string              `json:"nik"`
	At            time.Time           `json:"at"`
	Record        *wire.Record        `json:"record"` // nil where the registry has none
	Registrations []SubjectPhone      `json:"registrations"`
	Decisions     []SubjectDecision   `json:"decisions"`
	Access        []SubjectAccess     `json:"access"` // who saw the record, or took it along
	Unread        []wire.PacketResult `json:"unread"` // packets of this person's registrations whose key central lacks
}

// SubjectPhone is one registration.
type SubjectPhone struct {
	Registration string        `json:"registration"`
	Email        string        `json:"email"`
	Number       string        `json:"number"`
	Selfie       []byte        `json:"selfie"` // SHA-256: central keeps no picture
	Created      time.Time     `json:"created"`
	Expires      time.Time     `json:"expires"`
	State        wire.Progress `json:"state"`
	StateAt      time.Time     `json:"state_at"`
	Reason       string        `json:"reason,omitempty"`
	Activated    time.Time     `json:"activated"`
	Codes        []SubjectCode `json:"codes"`
	Mail         []SubjectMail `json:"mail"`
}

// SubjectCode is one activation code, of which only a hash is kept.
type SubjectCode struct {
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	State   string    `json:"state"`
}

// SubjectMail is one mail.
type SubjectMail struct {
	Kind    string    `json:"kind"` // "code", or "cancelled": the approval was taken back
	Created time.Time `json:"created"`
	Sent    time.Time `json:"sent"`
	State   string    `json:"state"`
}

// SubjectDecision is what an officer decided, opened.
type SubjectDecision struct {
	Device   string        `json:"device"`
	Received time.Time     `json:"received"`
	State    wire.State    `json:"state"`
	Reason   string        `json:"reason,omitempty"`
	Decision wire.Decision `json:"decision"`
}

// SubjectAccess is one look at the record.
type SubjectAccess struct {
	At      time.Time `json:"at"`
	Device  string    `json:"device"`
	Officer string    `json:"officer"`
	What    string    `json:"what"`
}

// ExportSubject gathers what central keeps about a NIK, and writes down which
// officer asked for it.
func (h *Home) ExportSubject(ctx context.Context, nik, officer string) (Subject, error) {
	s := Subject{NIK: nik, At: h.now().UTC(), Registrations: []SubjectPhone{}, Decisions: []SubjectDecision{}, Access: []SubjectAccess{}, Unread: []wire.PacketResult{}}
	if !nikDigits.MatchString(nik) {
		return s, errors.New("export: want a NIK of 16 digits")
	}
	var n int
	if err := h.store.db.QueryRowContext(ctx, "SELECT count(*) FROM officers WHERE id = $1 AND closed_at = 0", officer).Scan(&n); err != nil || n != 1 {
		return s, errors.Join(fmt.Errorf("export: no officer %q", officer), err)
	}
	r, found, err := h.record(ctx, h.store.db, nik)
	if err != nil {
		return s, err
	}
	if found {
		s.Record = &r
	}
	for _, step := range []func(context.Context, *Subject) error{h.subjectPhones, h.subjectDecisions, h.subjectAccess} {
		if err := step(ctx, &s); err != nil {
			return s, fmt.Errorf("export: %w", err)
		}
	}
	if !found && len(s.Registrations) == 0 && len(s.Decisions) == 0 {
		return s, ErrNobody
	}
	subject := "-"
	if len(s.Registrations) > 0 {
		subject = s.Registrations[0].Registration
	}
	return s, h.audit(ctx, session{Officer: Officer{ID: officer}}, "export", subject, found)
}

func (h *Home) subjectPhones(ctx context.Context, s *Subject) error {
	err := h.each(ctx, `SELECT id, email, number, selfie, created, expires, state, state_at, reason, activated_at
		FROM registrations WHERE nik = $1 ORDER BY created, id`, []any{s.NIK}, func(scan func(...any) error) error {
		p := SubjectPhone{Codes: []SubjectCode{}, Mail: []SubjectMail{}}
		var created, expires, stateAt, activated int64
		err := scan(&p.Registration, &p.Email, &p.Number, &p.Selfie, &created, &expires, &p.State, &stateAt, &p.Reason, &activated)
		p.Created, p.Expires, p.StateAt, p.Activated = fromMillis(created), fromMillis(expires), fromMillis(stateAt), fromMillis(activated)
		s.Registrations = append(s.Registrations, p)
		return err
	})
	if err != nil {
		return err
	}
	for i := range s.Registrations {
		p := &s.Registrations[i]
		id := []any{p.Registration}
		err := h.each(ctx, "SELECT created, expires, state FROM codes WHERE registration = $1 ORDER BY created, id", id, func(scan func(...any) error) error {
			var c SubjectCode
			var created, expires int64
			err := scan(&created, &expires, &c.State)
			c.Created, c.Expires = fromMillis(created), fromMillis(expires)
			p.Codes = append(p.Codes, c)
			return err
		})
		if err != nil {
			return err
		}
		err = h.each(ctx, "SELECT kind, created, sent_at, state FROM mail WHERE registration = $1 ORDER BY created, id", id, func(scan func(...any) error) error {
			var m SubjectMail
			var created, sent int64
			err := scan(&m.Kind, &created, &sent, &m.State)
			m.Created, m.Sent = fromMillis(created), fromMillis(sent)
			p.Mail = append(p.Mail, m)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// subjectDecisions opens the packets of the person's registrations, and those
// that name none, as when no code could be read.
func (h *Home) subjectDecisions(ctx context.Context, s *Subject) error {
	return h.each(ctx, `SELECT device, id, body, received, result, state, reason, registration <> '' FROM packets
		WHERE registration = '' OR registration IN (SELECT id FROM registrations WHERE nik = $1) ORDER BY received, id`, []any{s.NIK},
		func(scan func(...any) error) error {
			d := SubjectDecision{}
			var id, result string
			var body []byte
			var received int64
			var theirs bool
			if err := scan(&d.Device, &id, &body, &received, &result, &d.State, &d.Reason, &theirs); err != nil {
				return err
			}
			p, err := wire.Parse(body)
			if err != nil {
				return nil // kept as poison: nobody can say whose it is
			}
			opened, err := p.Open(h.keys.seal)
			if err != nil {
				if theirs {
					s.Unread = append(s.Unread, wire.PacketResult{Packet: id, Result: wire.Result(result), State: d.State, Reason: d.Reason})
				}
				return nil
			}
			if d.Decision = opened.Decision; d.Decision.NIK == s.NIK {
				d.Received = fromMillis(received)
				s.Decisions = append(s.Decisions, d)
			}
			return nil
		})
}

// subjectAccess lists who saw the record with one of the registrations, and who
// took along a roster with the person in it.
func (h *Home) subjectAccess(ctx context.Context, s *Subject) error {
	area := "-"
	if s.Record != nil {
		area = s.Record.Kecamatan
	}
	return h.each(ctx, `SELECT at, device, officer, what FROM access WHERE subject IN (SELECT id FROM registrations WHERE nik = $1)
		OR (what = 'roster' AND ($2 = subject OR substr($2, 1, length(subject) + 1) = subject || '.')) ORDER BY number`, []any{s.NIK, area},
		func(scan func(...any) error) error {
			var a SubjectAccess
			var at int64
			err := scan(&at, &a.Device, &a.Officer, &a.What)
			a.At = fromMillis(at)
			s.Access = append(s.Access, a)
			return err
		})
}
