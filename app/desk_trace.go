package app

import (
	"time"

	"loket/app/activation"
	"loket/scanner/face"
	"loket/scanner/face/liveness"
)

// Trace says what the window showed and what the session held, for who watches
// from outside: a demo, a test, a support case. It reports and decides
// nothing, and names nobody: no NIK, name, face, address or token is in it.
type Trace struct {
	At       time.Time           `json:"at"`
	Screen   Screen              `json:"screen"`
	Case     string              `json:"case,omitempty"`
	Stage    activation.Stage    `json:"stage,omitempty"`
	Asking   bool                `json:"asking,omitempty"`
	Step     LogInStep           `json:"login_step,omitempty"`
	Notice   string              `json:"notice,omitempty"`
	Busy     string              `json:"busy,omitempty"`
	Training bool                `json:"training"`
	Link     LinkState           `json:"link"`
	Waiting  int                 `json:"waiting"`
	Citizen  CitizenStage        `json:"citizen,omitempty"` // what the citizen's window says, where it is open
	Kind     string              `json:"code_kind,omitempty"`
	Checks   []activation.Check  `json:"checks,omitempty"`
	Refused  []Line              `json:"refused_checks,omitempty"`
	Source   string              `json:"record_source,omitempty"`
	Absent   bool                `json:"record_absent,omitempty"`
	Allowed  activation.Decision `json:"allowed,omitempty"`
	Against  activation.Reason   `json:"against,omitempty"`
	CanGoOn  bool                `json:"can_go_on"`
	Engine   bool                `json:"engine_ready"`
	Detector face.Model          `json:"detector,omitzero"`
	Matcher  face.Model          `json:"matcher,omitzero"`
	Limits   face.Thresholds     `json:"limits,omitzero"`
	Attempts int                 `json:"attempts,omitempty"`
	Compared bool                `json:"compared,omitempty"`
	Score    *float64            `json:"score,omitempty"`
	Band     activation.Band     `json:"band,omitempty"`
	Look     bool                `json:"look,omitempty"`
	Asked    liveness.Step       `json:"asked,omitempty"` // of the citizen, at this moment
	Alive    activation.Alive    `json:"alive,omitempty"` // how the challenge stands
	Rounds   int                 `json:"rounds,omitempty"`
	Broke    string              `json:"broke,omitempty"` // why the last round failed
	Near     int                 `json:"near,omitempty"`  // faces of the day under other NIKs

	Offered  activation.Decision   `json:"offered,omitempty"`
	Reason   activation.Reason     `json:"reason,omitempty"`
	Second   []activation.Cause    `json:"second,omitempty"`
	Turn     Turn                  `json:"turn,omitempty"`
	Against2 []activation.Obstacle `json:"obstacles,omitempty"`

	Decision activation.Decision `json:"decision,omitempty"`
	Packet   string              `json:"packet,omitempty"`
	Saved    bool                `json:"saved,omitempty"`
	State    string              `json:"packet_state,omitempty"`
	Seconds  int                 `json:"seconds,omitempty"`
	Drafts   int                 `json:"drafts,omitempty"`
}

// at is the same trace at another time.
func (t Trace) at(at time.Time) Trace {
	t.At = at
	return t
}

// trace is taken from the View that is shown and the session behind it.
func (d *Desk) trace(v View) Trace {
	t := Trace{At: d.now(), Screen: v.Screen, Asking: v.Asking, Training: v.Training, Link: v.Link.State, Waiting: v.Link.Waiting, Drafts: len(d.drafts)}
	if v.Notice != nil {
		t.Notice = v.Notice.Code
	}
	if v.Busy != nil {
		t.Busy = v.Busy.Code
	}
	if v.Screen == ScreenLogIn {
		t.Step = v.LogIn.Step
	}
	t.Citizen = d.seen.Stage
	t.Engine = d.ports.Faces.Engine().Ready
	c := d.c
	if c == nil {
		return t
	}
	t.Case, t.Stage, t.CanGoOn = c.s.ID, c.s.Stage, c.s.CanGoOn()
	t.Refused, t.Absent = v.Scan.Checks, c.s.Absent
	if c.s.Code != nil {
		t.Kind, t.Checks = c.s.Code.Kind, c.s.Code.Checks
	}
	if c.Record != nil {
		t.Source = c.Record.Source
	}
	t.Allowed, t.Against = c.s.Eligible.Allowed, c.s.Eligible.Reason
	t.Attempts, t.Look, t.Compared = len(c.s.Attempts), c.s.Look, c.compared
	t.Asked, t.Near, t.Rounds = c.asked, len(c.near), len(c.s.Challenges)
	if t.Rounds > 0 {
		t.Broke = c.s.Challenges[t.Rounds-1].Reason
	}
	if c.compared {
		t.Alive = c.s.Alive()
	}
	if a, ok := c.s.Last(); ok {
		t.Band = a.Band
		t.Detector, t.Matcher = c.Engine.Detector, c.Engine.Matcher
		if !a.Eye {
			score := a.Score
			t.Score, t.Limits = &score, c.Engine.Limits
		}
	}
	if v.Screen == ScreenDecide {
		t.Offered, t.Reason = v.Decide.Offered, v.Decide.Reason
		t.Second, t.Turn = c.second(), v.Decide.Turn
		t.Against2 = c.s.Approval("").Obstacles
	}
	if c.packet != "" {
		t.Decision, t.Reason = c.s.Outcome.Decision, c.s.Outcome.Reason
		t.Packet, t.Saved, t.State, t.Seconds = c.packet, v.Done.Saved, c.item.State, c.seconds
	}
	return t
}
