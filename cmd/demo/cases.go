package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/camera/footage/people"
	"loket/scanner/token"
	"loket/sync/central"
	"loket/sync/wire"
)

// selfieLook is how citizens take their own picture.
var selfieLook = people.Look{Scale: 0.5, Pitch: 3}

// A run is one demo under way.
type run struct {
	*office
	*counter
	browser string
	summary *Summary
	after   *citizen // who is served next; nil for nobody
	next    *arrival // who comes after the present citizen
}

// The citizens who come, by their place in people.All, and how each case ends.
var cases = []struct {
	name  string
	place int
	serve func(r *run, ctx context.Context, p *phone, c *Citizen) error
	want  expectation
}{
	{"activated", placeServed, (*run).activated, expectation{activation.Approve, "", token.KindPresentation, "match", wire.StateActivated, wire.ProgressActive}},
	{"impostor", placeOther, (*run).impostor, expectation{activation.Refuse, activation.FaceNoMatch, token.KindPresentation, "no-match", wire.StateAccepted, wire.ProgressRefused}},
	{"not-recorded", placeNotRecorded, (*run).notRecorded, expectation{activation.Refer, activation.NotRecorded, token.KindPresentation, "", wire.StateAccepted, wire.ProgressRefused}},
	{"link-cut", placeLinkCut, (*run).linkCut, expectation{activation.Approve, "", token.KindPresentation, "match", wire.StateActivated, wire.ProgressActive}},
	{"counter-code", placeCounterCode, (*run).counterCode, expectation{activation.Approve, "", token.KindSealed, "match", wire.StateActivated, wire.ProgressActive}},
}

// expectation is how a case has to end.
type expectation struct {
	decision activation.Decision
	reason   activation.Reason
	code     string // its kind
	band     string
	central  wire.State
	phone    wire.Progress
}

// serve plays one case and observes how it ended.
func (r *run) serve(ctx context.Context, i int) (Citizen, error) {
	k := cases[i]
	c := Citizen{Case: k.name, Checks: []Check{}, Steps: []Timed{}}
	if err := r.read(); err != nil {
		return c, err
	}
	from := len(r.traces)
	if r.after = nil; i+1 < len(cases) {
		r.after = &r.citizens[cases[i+1].place]
	}
	p, err := r.here(ctx, r.citizens[k.place])
	if err != nil {
		return c, err
	}
	p.sitter.Scene()
	err = k.serve(r, ctx, p, &c)
	err = errors.Join(err, r.read())
	c.observe(r.traces[from:])
	err = errors.Join(err, r.confirm(ctx, p, &c, k.want))
	return c, errors.Join(err, p.Stop())
}

// activated: log in is done; scan, compare, face, approve, code, PIN.
func (r *run) activated(ctx context.Context, p *phone, c *Citizen) error {
	return steps(
		func() error { return r.comeToCompare(ctx, p, c.Case) },
		func() error { r.camera.Show(p.sitter.Scene()); return r.Compare(ctx, c.Case) },
		func() error { return r.Face(ctx, c.Case, p.sitter) },
		func() error { return r.Sign(ctx, c.Case, officerPIN) },
		func() error { return r.codeAndPIN(ctx, p, c) },
		func() error { return r.home(ctx, c.Case) },
	)
}

// impostor: the enrolled photo shows another person, so the face before the
// camera is not the one of the record.
func (r *run) impostor(ctx context.Context, p *phone, c *Citizen) error {
	return steps(
		func() error { return r.comeToCompare(ctx, p, c.Case) },
		func() error { r.camera.Show(p.sitter.Scene()); return r.Compare(ctx, c.Case) },
		func() error { return r.Face(ctx, c.Case, p.sitter) },
		func() error { return r.Sign(ctx, c.Case, officerPIN) },
		func() error { return r.arrived(ctx) },
		func() error { return r.home(ctx, "") },
	)
}

// notRecorded: the registry has no enrolment, so there is nothing to compare.
func (r *run) notRecorded(ctx context.Context, p *phone, c *Citizen) error {
	return steps(
		func() error { return r.comeToCompare(ctx, p, c.Case) },
		func() error { return r.Picture(ctx, c.Case+"-compare") },
		func() error { return r.Key(ctx, "Return") },
		func() error { return r.shows(ctx, "decide", 10*time.Second, on(app.ScreenDecide)) },
		func() error { return r.Sign(ctx, c.Case, officerPIN) },
		func() error { return r.arrived(ctx) },
		func() error { return r.home(ctx, "") },
	)
}

// linkCut: the line goes down in mid-case. The decision waits in the queue,
// and is sent by itself when the line is back.
func (r *run) linkCut(ctx context.Context, p *phone, c *Citizen) error {
	return steps(
		func() error { return r.comeToCompare(ctx, p, c.Case) },
		func() error { return r.line.Cut() },
		func() error { r.camera.Show(p.sitter.Scene()); return r.Compare(ctx, c.Case) },
		func() error { return r.Face(ctx, c.Case, p.sitter) },
		func() error { return r.Sign(ctx, c.Case, officerPIN) },
		func() error {
			return r.shows(ctx, "a packet that waits for the link", 40*time.Second, func(t app.Trace) bool { return t.Link == app.LinkOffline && t.Waiting > 0 })
		},
		func() error { return r.home(ctx, "") },
		func() error { return r.Key(ctx, "F2") },
		func() error { return r.shows(ctx, "the queue", 10*time.Second, on(app.ScreenQueue)) },
		func() error { return r.Picture(ctx, c.Case+"-queue") },
		func() error { return r.stillWaits(ctx, c) },
		func() error { return r.line.Mend() },
		func() error { return r.Key(ctx, "F5") },
		func() error {
			return r.shows(ctx, "nothing waiting", 60*time.Second, func(t app.Trace) bool { return t.Link == app.LinkOnline && t.Waiting == 0 })
		},
		func() error { return r.codeAndPIN(ctx, p, c) },
		func() error { return r.Picture(ctx, c.Case+"-queue-after") },
		func() error { return r.Key(ctx, "F1") },
		func() error { return r.shows(ctx, "home", 10*time.Second, on(app.ScreenHome)) },
	)
}

// comeToCompare is a citizen at the counter up to the record beside the card:
// the phone is held up to the camera, its code as it is at this moment.
func (r *run) comeToCompare(ctx context.Context, p *phone, of string) error {
	r.camera.Show(emptyRoom())
	return steps(
		func() error { return r.Begin(ctx, of) },
		func() error { return r.holdUp(ctx, p, of) },
	)
}

// holdUp shows the phone to the counter's camera until the record is there.
func (r *run) holdUp(ctx context.Context, p *phone, of string) error {
	return steps(
		func() error {
			screen, err := p.Screen(ctx)
			if err != nil {
				return err
			}
			r.camera.Show(phoneHeld(screen))
			time.Sleep(approach / 8) // the hand is on its way: the code is read before it arrives
			return r.Picture(ctx, of+"-scan")
		},
		func() error {
			return r.shows(ctx, "the record", 40*time.Second, func(t app.Trace) bool {
				return t.Screen == app.ScreenCompare && t.Busy == "" && (t.Source != "" || t.Absent)
			})
		},
	)
}

// arrived waits until central has the packet of the case on the done screen.
func (r *run) arrived(ctx context.Context) error {
	return r.shows(ctx, "nothing waiting", 60*time.Second, func(t app.Trace) bool {
		return t.Waiting == 0 && t.Link == app.LinkOnline && (t.Screen == app.ScreenHome || t.Saved && t.State != string(wire.StateQueued))
	})
}

// home waits until the done screen has cleared by itself. Its Enter would
// begin the next case at once, which belongs to the next citizen, who comes
// meanwhile.
func (r *run) home(ctx context.Context, picture string) error {
	r.come(ctx)
	if picture != "" {
		if err := r.Picture(ctx, picture+"-done"); err != nil {
			return err
		}
	}
	return r.shows(ctx, "home", 30*time.Second, on(app.ScreenHome))
}

// stillWaits notes that central does not have the packet while the link is cut.
func (r *run) stillWaits(ctx context.Context, c *Citizen) error {
	packet := ""
	for _, t := range r.traces {
		if t.Packet != "" {
			packet = t.Packet
		}
	}
	if packet == "" {
		return errors.New("the window named no packet")
	}
	rows, err := r.Rows(ctx)
	if err != nil {
		return err
	}
	for _, reg := range rows.Registrations {
		for _, p := range reg.Packets {
			if p.Packet == packet {
				return errors.New("central has a packet that the kiosk could not have sent")
			}
		}
	}
	c.Queued = r.now().Waiting > 0
	return nil
}

// codeAndPIN is the citizen's part afterwards: the letter, code and question,
// the PIN, the card.
func (r *run) codeAndPIN(ctx context.Context, p *phone, c *Citizen) error {
	l, err := r.letter(ctx, p.citizen)
	if err != nil {
		return err
	}
	c.MessageID = l.MessageID
	if err := p.Activate(ctx, l.Code()); err != nil {
		return fmt.Errorf("enter the code: %w", err)
	}
	if err := p.ChoosePIN(ctx, citizenPIN); err != nil {
		return fmt.Errorf("choose a PIN: %w", err)
	}
	return r.keepScreen(ctx, p, c.Case+"-card")
}

// confirm asks central's rows and the phone how the case ended.
func (r *run) confirm(ctx context.Context, p *phone, c *Citizen, want expectation) error {
	var row central.RegistrationRows
	err := await(ctx, "central and phone to agree", 30*time.Second, func() (bool, error) {
		s, err := stateOf(ctx, p.address)
		if err != nil {
			return false, err
		}
		rows, err := r.Rows(ctx)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(rows.Registrations, func(g central.RegistrationRows) bool { return g.Registration == s.Registration })
		if i < 0 {
			return false, errors.New("central does not know the registration")
		}
		row = rows.Registrations[i]
		c.Phone = s.State
		if n := len(row.Packets); n > 0 {
			c.Central = string(row.Packets[n-1].State)
		}
		return c.Phone == string(want.phone) && c.Central == string(want.central), nil
	})
	var errs []error
	if err != nil {
		errs = append(errs, fmt.Errorf("%w: phone %q, packet at central %q", err, c.Phone, c.Central))
	}
	check := func(what string, got, want any) {
		if got != want {
			errs = append(errs, fmt.Errorf("%s is %v, want %v", what, got, want))
		}
	}
	check("decision", c.Decision, string(want.decision))
	check("reason", c.Reason, string(want.reason))
	check("kind of code", c.Code, want.code)
	check("band", c.Band, want.band)
	if want.decision == activation.Approve {
		check("liveness", c.Liveness, string(activation.AlivePassed))
	}
	check("packets at central", len(row.Packets), 1)
	if len(row.Packets) == 1 {
		check("packet", row.Packets[0].Packet, c.Packet)
		check("decision at central", row.Packets[0].Kind, string(want.decision))
	}
	if want.decision == activation.Approve {
		check("letters", len(row.MessageIDs), 1)
		if len(row.MessageIDs) == 1 {
			check("Message-ID", c.MessageID, row.MessageIDs[0])
		}
	} else {
		check("letters", len(row.MessageIDs), 0)
	}
	if len(c.Checks) == 0 {
		errs = append(errs, errors.New("the window showed no check of the code"))
	}
	for _, k := range c.Checks {
		check("check "+k.Name, k.OK, true)
	}
	return errors.Join(errs...)
}

// observe takes from the window's traces what happened in a case.
func (c *Citizen) observe(traces []app.Trace) {
	spent := map[app.Screen]time.Duration{}
	var order []app.Screen
	for i, t := range traces {
		if t.Case == "" {
			continue
		}
		if !slices.Contains(order, t.Screen) {
			order = append(order, t.Screen)
		}
		if i+1 < len(traces) {
			spent[t.Screen] += traces[i+1].At.Sub(t.At)
		}
		if len(t.Checks) > 0 {
			c.Code, c.Checks = t.Kind, c.Checks[:0]
			for _, k := range t.Checks {
				c.Checks = append(c.Checks, Check{k.Name, k.OK, k.Reason})
			}
		}
		if t.Band != "" {
			c.Band, c.Score = string(t.Band), t.Score
			c.Model, c.Engine = Network{t.Matcher.Name, t.Matcher.SHA256}, engineOf(t.Matcher.Name)
		}
		if t.Compared {
			c.Liveness, c.Rounds = string(t.Alive), t.Rounds
		}
		if t.Packet != "" {
			c.Packet, c.Decision, c.Reason = t.Packet, string(t.Decision), string(t.Reason)
		}
	}
	for _, s := range order {
		c.Steps = append(c.Steps, Timed{string(s), spent[s].Seconds()})
	}
}

// keepScreen keeps a picture of the phone.
func (r *run) keepScreen(ctx context.Context, p *phone, name string) error {
	img, err := p.Screen(ctx)
	if err != nil {
		return err
	}
	return r.keep(img, name)
}
