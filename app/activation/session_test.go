package activation_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"loket/app/activation"
)

func code() activation.Code {
	return activation.Code{Kind: "ikd", Valid: true, Proof: true, Fresh: true, NIK: "1702014505920003", Registration: "r1",
		Checks: []activation.Check{{Name: "signature", OK: true}}}
}

// path is what happens with a citizen for whom nothing goes wrong.
func path() []activation.Event {
	var es []activation.Event
	for _, r := range activation.AllReadiness() {
		es = append(es, activation.Asked{Item: r, Yes: true})
	}
	es = append(es, activation.Advance{}, activation.Consented{Yes: true}, activation.Advance{},
		activation.CodeRead{Code: code()}, activation.Advance{}, activation.RecordFound{Record: record()})
	for _, f := range activation.RecordFields() {
		es = append(es, activation.Marked{Field: f, Same: true})
	}
	es = append(es, activation.Advance{})
	for _, f := range activation.ContactFields() {
		es = append(es, activation.Marked{Field: f, Same: true})
	}
	return append(es, activation.Advance{}, activation.Compared{Attempt: activation.Attempt{Band: activation.BandMatch, Score: 0.7}},
		activation.Looked{OK: true}, activation.Advance{}, activation.Decided{Decision: activation.Approve})
}

func run(t *testing.T, events []activation.Event) activation.Session {
	t.Helper()
	s, at := activation.Begin("s1", "014", now), now
	for _, e := range events {
		at = at.Add(time.Second)
		next, err := s.Next(e, at)
		if err != nil {
			t.Fatal(err)
		}
		s = next
	}
	return s
}

func TestSessionToApproval(t *testing.T) {
	s := run(t, path())
	if s.Stage != activation.StageDone || s.Outcome.Decision != activation.Approve {
		t.Fatalf("stage %s, outcome %+v", s.Stage, s.Outcome)
	}
	if got := s.Elapsed(activation.StageReady, now); got != 5*time.Second {
		t.Errorf("ready took %s, want 5s", got)
	}
}

// Leaving out any one event closes the approval.
func TestNoEventCanBeLeftOut(t *testing.T) {
	whole := path()
	for i := range whole[:len(whole)-1] {
		s, at := activation.Begin("s1", "014", now), now
		for j, e := range whole {
			at = at.Add(time.Second)
			if j == i {
				continue
			}
			if next, err := s.Next(e, at); err == nil {
				s = next
			}
		}
		if s.Outcome.Decision == activation.Approve {
			t.Errorf("approved without event %d, %#v", i, whole[i])
		}
	}
}

func TestApprovalNeeds(t *testing.T) {
	replace := func(old, new activation.Event) []activation.Event {
		es := path()
		for i, e := range es {
			if c, ok := e.(activation.CodeRead); ok {
				if _, same := old.(activation.CodeRead); same {
					es[i] = new
				}
				_ = c
				continue
			}
			if _, ok := e.(activation.RecordFound); ok {
				if _, same := old.(activation.RecordFound); same {
					es[i] = new
				}
				continue
			}
			if _, ok := e.(activation.Compared); ok {
				if _, same := old.(activation.Compared); same {
					es[i] = new
				}
				continue
			}
			if e == old {
				es[i] = new
			}
		}
		return es[:len(es)-1]
	}
	noProof, staleClock := code(), code()
	noProof.Proof, staleClock.Fresh = false, false
	blocked := record()
	blocked.IKD = activation.IKDBlocked
	band := func(b activation.Band) activation.Event {
		return activation.Compared{Attempt: activation.Attempt{Band: b}}
	}
	field := func(f activation.Field, same bool) activation.Event {
		return activation.Marked{Field: f, Same: same}
	}
	for name, c := range map[string]struct {
		events     []activation.Event
		decision   activation.Decision
		supervisor string
		want       error
	}{
		"match":                          {replace(nil, nil), activation.Approve, "", nil},
		"match, a supervisor signs too":  {replace(nil, nil), activation.Approve, "002", nil},
		"the officer as supervisor":      {replace(nil, nil), activation.Approve, "014", activation.ErrSamePerson},
		"doubtful, alone":                {replace(activation.Compared{}, band(activation.BandDoubtful)), activation.Approve, "", activation.ErrNotAllowed},
		"doubtful, with a supervisor":    {replace(activation.Compared{}, band(activation.BandDoubtful)), activation.Approve, "002", nil},
		"by eye, alone":                  {replace(activation.Compared{}, band(activation.BandUnknown)), activation.Approve, "", activation.ErrNotAllowed},
		"by eye, with a supervisor":      {replace(activation.Compared{}, band(activation.BandUnknown)), activation.Approve, "002", nil},
		"no match, with a supervisor":    {replace(activation.Compared{}, band(activation.BandNoMatch)), activation.Approve, "002", activation.ErrNotAllowed},
		"no proof, alone":                {replace(activation.CodeRead{}, activation.CodeRead{Code: noProof}), activation.Approve, "", activation.ErrNotAllowed},
		"no proof, with a supervisor":    {replace(activation.CodeRead{}, activation.CodeRead{Code: noProof}), activation.Approve, "002", nil},
		"clock uncertain, alone":         {replace(activation.CodeRead{}, activation.CodeRead{Code: staleClock}), activation.Approve, "", activation.ErrNotAllowed},
		"blocked is no approval":         {replace(activation.RecordFound{}, activation.RecordFound{Record: blocked}), activation.Approve, "002", activation.ErrNotAllowed},
		"blocked, reactivated alone":     {replace(activation.RecordFound{}, activation.RecordFound{Record: blocked}), activation.Reactivate, "", activation.ErrNotAllowed},
		"blocked, reactivated by two":    {replace(activation.RecordFound{}, activation.RecordFound{Record: blocked}), activation.Reactivate, "002", nil},
		"another address may go on":      {replace(field(activation.FieldAddress, true), field(activation.FieldAddress, false)), activation.Approve, "", nil},
		"another name may not":           {replace(field(activation.FieldName, true), field(activation.FieldName, false)), activation.Approve, "002", activation.ErrNotAllowed},
		"a helper's e-mail may not":      {replace(field(activation.FieldEmail, true), field(activation.FieldEmail, false)), activation.Approve, "002", activation.ErrNotAllowed},
		"without the officer's own look": {replace(activation.Looked{OK: true}, activation.Looked{}), activation.Approve, "", activation.ErrNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			s := run(t, c.events)
			reason := activation.Reason("")
			if c.decision == activation.Reactivate {
				reason = activation.Blocked
			}
			_, err := s.Next(activation.Decided{Decision: c.decision, Reason: reason, Supervisor: c.supervisor}, now)
			if !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v (obstacles %v)", err, c.want, s.Approval(c.supervisor).Obstacles)
			}
		})
	}
}

func TestOutOfTurn(t *testing.T) {
	whole := path()
	upTo := func(n int) activation.Session { return run(t, whole[:n]) }
	other := record()
	other.NIK = "1702014505920004"
	for name, c := range map[string]struct {
		s    activation.Session
		e    activation.Event
		want error
	}{
		"consent before readiness":     {upTo(0), activation.Consented{Yes: true}, activation.ErrOutOfTurn},
		"scan before consent":          {upTo(5), activation.CodeRead{Code: code()}, activation.ErrOutOfTurn},
		"on without readiness":         {upTo(3), activation.Advance{}, activation.ErrIncomplete},
		"a record at the scan":         {upTo(7), activation.RecordFound{Record: record()}, activation.ErrOutOfTurn},
		"somebody else's record":       {upTo(9), activation.RecordFound{Record: other}, activation.ErrNotAllowed},
		"marks before the record":      {upTo(9), activation.Marked{Field: activation.FieldName, Same: true}, activation.ErrOutOfTurn},
		"a reason of another decision": {upTo(0), activation.Decided{Decision: activation.Refer, Reason: activation.NotWanted}, activation.ErrNotAllowed},
		"a refusal without a reason":   {upTo(0), activation.Decided{Decision: activation.Refuse}, activation.ErrNotAllowed},
		"cancel is no end":             {upTo(0), activation.Decided{Decision: activation.Cancel}, activation.ErrNotAllowed},
		"anything after the end":       {run(t, whole), activation.Asked{Item: activation.OwnPhone}, activation.ErrOutOfTurn},
		"on after the end":             {run(t, whole), activation.Advance{}, activation.ErrOutOfTurn},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := c.s.Next(c.e, now); !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v", err, c.want)
			}
		})
	}
}

func TestUndo(t *testing.T) {
	s := run(t, path())
	back, err := s.Next(activation.Undone{}, s.Outcome.At.Add(10*time.Second))
	if err != nil || back.Stage != activation.StageDecide || back.Outcome.Decision != "" {
		t.Fatalf("%s %+v %v", back.Stage, back.Outcome, err)
	}
	if _, err := s.Next(activation.Undone{}, s.Outcome.At.Add(10*time.Second+1)); !errors.Is(err, activation.ErrUndoExpired) {
		t.Errorf("err = %v", err)
	}
	early := run(t, append(path()[:7], activation.Decided{Decision: activation.Decline, Reason: activation.NotWanted}))
	if back, err = early.Next(activation.Undone{}, early.Outcome.At); err != nil || back.Stage != activation.StageScan {
		t.Errorf("%s %v, want the stage that it was declined in", back.Stage, err)
	}
}

func TestNextWritesNoOldSession(t *testing.T) {
	s := run(t, path()[:12])
	marks := len(s.Marks)
	if _, err := s.Next(activation.Marked{Field: activation.FieldPhone, Same: true}, now); err != nil {
		t.Fatal(err)
	}
	if len(s.Marks) != marks {
		t.Error("Next wrote the session that it was given")
	}
}

// anyEvent draws an event of any kind, more often a useful one.
func anyEvent(r *rand.Rand) activation.Event {
	bad := code()
	bad.Valid = r.IntN(2) == 0
	bad.Checks = []activation.Check{{Name: "signature", OK: bad.Valid}}
	fields := slices.Concat(activation.RecordFields(), activation.ContactFields())
	bands := []activation.Band{activation.BandMatch, activation.BandMatch, activation.BandDoubtful, activation.BandNoMatch, activation.BandUnknown}
	switch r.IntN(17) {
	case 0, 1, 2:
		return activation.Advance{}
	case 3:
		return activation.Asked{Item: activation.AllReadiness()[r.IntN(4)], Yes: r.IntN(5) > 0}
	case 4:
		return activation.Consented{Yes: r.IntN(5) > 0}
	case 5:
		return activation.CodeRead{Code: bad}
	case 6:
		return activation.RecordFound{Record: record()}
	case 7, 8, 13, 14, 15, 16:
		return activation.Marked{Field: fields[r.IntN(len(fields))], Same: r.IntN(15) > 0, Clear: r.IntN(30) == 0}
	case 9:
		return activation.Compared{Attempt: activation.Attempt{Band: bands[r.IntN(len(bands))]}}
	case 10:
		return activation.Looked{OK: r.IntN(5) > 0}
	case 11:
		return []activation.Event{activation.Return{}, activation.RecordAbsent{}, activation.Undone{}, activation.Advance{}, activation.Advance{}, activation.Advance{}}[r.IntN(6)]
	}
	return activation.Decided{Decision: activation.Approve, Supervisor: []string{"", "002", "014"}[r.IntN(3)]}
}

// witness follows the events that were accepted and knows on its own which
// stages were stood in, and whether each was completed before it was left.
type witness struct {
	ready   map[activation.Readiness]bool
	entered []activation.Stage
}

func (w *witness) fault(s activation.Session) string {
	if !slices.Equal(w.entered, activation.Stages()[:len(activation.Stages())-1]) {
		return "stages stood in"
	}
	last, compared := s.Last()
	switch {
	case len(w.ready) != 4:
		return "readiness"
	case s.Consent.IsZero():
		return "consent"
	case s.Code == nil || !s.Code.Valid:
		return "code"
	case s.Record == nil:
		return "record"
	case !s.Marks[activation.FieldName] || !s.Marks[activation.FieldEmail] || !s.Marks[activation.FieldPhone]:
		return "marks"
	case !compared || last.Band == activation.BandNoMatch:
		return "face"
	case !s.Look:
		return "look"
	case last.Band != activation.BandMatch && (s.Outcome.Supervisor == "" || s.Outcome.Supervisor == "014"):
		return "second person"
	}
	return ""
}

// walk sends events until an approval or the end; it says whether there was
// one, and what it lacked.
func walk(r *rand.Rand, next func(activation.Session, activation.Event, time.Time) (activation.Session, error)) (approved bool, fault string) {
	s, at := activation.Begin("s1", "014", now), now
	w := witness{ready: map[activation.Readiness]bool{}, entered: []activation.Stage{activation.StageReady}}
	for range 400 {
		at = at.Add(time.Second)
		e := anyEvent(r)
		n, err := next(s, e, at)
		if err != nil {
			continue
		}
		if a, ok := e.(activation.Asked); ok && a.Yes {
			w.ready[a.Item] = true
		} else if ok {
			delete(w.ready, a.Item)
		}
		if n.Stage != s.Stage && n.Stage != activation.StageDone {
			if i := slices.Index(w.entered, n.Stage); i >= 0 {
				w.entered = w.entered[:i+1]
			} else {
				w.entered = append(w.entered, n.Stage)
			}
		}
		s = n
		if s.Outcome.Decision == activation.Approve {
			return true, w.fault(s)
		}
	}
	return false, ""
}

func TestNoSequenceSkipsAStage(t *testing.T) {
	count := func(next func(activation.Session, activation.Event, time.Time) (activation.Session, error)) (approved, faulty int) {
		r := rand.New(rand.NewPCG(1, 2))
		for range 1000 {
			ok, fault := walk(r, next)
			if ok {
				approved++
			}
			if fault != "" {
				faulty++
			}
		}
		return approved, faulty
	}
	approved, faulty := count(activation.Session.Next)
	if faulty != 0 {
		t.Errorf("%d of %d approvals lacked something", faulty, approved)
	}
	if approved < 50 {
		t.Errorf("only %d of 1000 random sessions were approved: the events reach too little", approved)
	}
	t.Logf("guarded: %d approvals, none lacked anything", approved)
	// Control: with the guard off the same events do get there without a stage.
	approved, faulty = count(activation.Session.NextUnguarded)
	if faulty == 0 {
		t.Error("with the guard off nothing was found: the witness is blind")
	}
	t.Logf("unguarded: %d approvals, %d lacked something", approved, faulty)
}
