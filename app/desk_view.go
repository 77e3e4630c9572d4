package app

import (
	"time"

	"loket/app/activation"
	"loket/scanner/face"
)

// view makes the View of this moment from the desk's state.
func (d *Desk) view() View {
	now := d.now().Truncate(time.Second)
	v := View{Lang: d.lang, Look: d.look, Training: d.site.Training, Office: d.site.Office, Counter: d.site.Counter,
		Now: now, Link: d.ports.Line.Link(), Screen: d.screen, Notice: d.notice, Served: d.today}
	v.Link.Retry = v.Link.Retry.Round(time.Second)
	if d.served > 0 {
		v.Mean = d.spent / time.Duration(d.served)
	}
	if d.job != "" {
		v.Busy = &Busy{Code: d.job, Done: d.progress[0], Total: d.progress[1]}
	}
	v.Setup, v.LogIn, v.Tools = d.setup, d.logIn, d.tools
	v.Queue = d.queue
	v.Queue.Paused = d.paused
	v.Queue.Sending, v.Queue.Total, v.Queue.Remaining = v.Link.Done, v.Link.Total, v.Link.Left
	if d.cancelling != nil {
		open := *d.cancelling
		v.Queue.Cancelling = &open
	}
	if d.officer == nil {
		return v
	}
	v.Officer = d.officer.Name
	if left := IdleLimit - d.now().Sub(d.touched); left <= idleWarning && !d.locked {
		v.Idle = max(left, 0).Truncate(time.Second)
	}
	if d.locked {
		v.Screen, v.Lock = ScreenLock, d.lock
		return v
	}
	v.Home = Home{Drafts: d.drafts, Rules: d.rules}
	v.Tools.Drafts = len(d.drafts)
	v.CanTake, v.CanStick = d.ports.Roster != nil, d.ports.Stick != nil
	switch d.screen {
	case ScreenStick:
		v.Stick = StickView{Places: d.stick.places, Selected: d.stick.selected, Looked: d.stick.looked, Result: d.stick.result, Waiting: v.Link.Waiting}
	case ScreenRoster:
		v.Roster = d.viewRoster()
	}
	if d.supervises() {
		v.Reviews = d.viewReviews(now)
		v.Supervises = true
	}
	if d.c != nil {
		d.viewCase(&v, now)
	}
	return v
}

// viewCase fills in what belongs to the case.
func (d *Desk) viewCase(v *View, now time.Time) {
	c := d.c
	v.Screen, v.Asking = c.screen(), c.asking
	v.Steps = c.steps(now)
	if c.packet == "" {
		v.Served++
	}
	items := make([]ReadyItem, 0, 4)
	for _, r := range activation.AllReadiness() {
		items = append(items, ReadyItem{Check: r, Done: c.has(r)})
	}
	v.Ready = Ready{Items: items, Consent: !c.s.Consent.IsZero()}
	switch v.Screen {
	case ScreenScan:
		v.Scan = c.scan
		v.Scan.Items, v.Scan.CanShow, v.Scan.Shown = items, d.ports.Citizen != nil, d.citizen
		v.Scan.CanType = d.ports.Registrations != nil
		d.viewCard(&v.Scan)
	case ScreenCompare:
		v.Compare = d.viewCompare(now)
		if !c.fetched && v.Busy == nil && v.Notice == nil {
			v.Busy = &Busy{Code: "fetching-record"}
		}
	case ScreenFace:
		v.Face = d.viewFace()
	case ScreenDecide:
		v.Decide = d.viewDecide(now)
	case ScreenDone:
		v.Done = d.viewDone(now)
	}
}

func (c *current) has(r activation.Readiness) bool {
	for _, x := range c.s.Ready {
		if x == r {
			return true
		}
	}
	return false
}

// steps is the rail. Consent stands with readiness and contact with compare,
// as on the screens.
func (c *current) steps(now time.Time) []Step {
	groups := [][]activation.Stage{{activation.StageReady, activation.StageConsent}, {activation.StageScan},
		{activation.StageCompare, activation.StageContact}, {activation.StageFace}, {activation.StageDecide}, {activation.StageDone}}
	var steps []Step
	state := StepPast
	for _, g := range groups {
		s := Step{Stage: g[0], State: state}
		for _, st := range g {
			s.Elapsed += c.s.Elapsed(st, now)
			if st == c.s.Stage {
				s.State, state = StepHere, StepAhead
			}
		}
		s.Elapsed = s.Elapsed.Truncate(time.Second)
		steps = append(steps, s)
	}
	return steps
}

// nik is the NIK in its parts, and its region's name.
func (d *Desk) nik(now time.Time) (parts [3]string, region string, warnings []activation.Warning) {
	if d.c.s.Code == nil {
		return parts, "", nil
	}
	n, err := activation.ParseNIK(d.c.s.Code.NIK, now)
	if err != nil {
		return parts, "", nil
	}
	region, warnings = activation.RegionOf(n, d.ports.Regions)
	return n.Parts(), region, warnings
}

func (d *Desk) viewCompare(now time.Time) Compare {
	c := d.c
	v := Compare{Selected: c.selected, Checks: c.checks()}
	var warnings []activation.Warning
	v.NIK, v.Region, warnings = d.nik(now)
	e := c.s.Eligible
	warnings = append(warnings, e.Warnings...)
	switch {
	case !c.fetched:
		v.Verdict = Line{Code: "fetching", State: LineNow}
	case c.s.Absent:
		v.Verdict, v.CanGoOn = Line{Code: "absent", State: LineBad}, true
	case e.Allowed == "":
		v.Verdict = Line{Code: string(e.Reason), State: LineBad}
		v.CanGoOn = true // to the decision that this leads to
	case e.Allowed == activation.Reactivate:
		v.Verdict = Line{Code: "reactivate", State: LineWarn}
	default:
		v.Verdict = Line{Code: "eligible", State: LineOK}
	}
	for _, w := range warnings {
		v.Checks = append(v.Checks, Line{Code: string(w), State: LineWarn})
	}
	r := c.Record
	if r == nil {
		return v
	}
	v.Sex, v.Born, v.Age = r.Sex, r.Born, e.Age
	v.Source, v.Fetched, v.Taken = r.Source, r.Fetched, r.Taken
	if r.Old {
		v.Checks = append(v.Checks, Line{Code: "record-old", State: LineWarn, Args: []any{r.Fetched.Format("02-01-2006"), daysBetween(r.Fetched, now)}})
	}
	if c.photo != nil {
		v.Photo = c.photo
	}
	for _, f := range rowFields() {
		v.Rows = append(v.Rows, d.row(f))
	}
	v.CanGoOn = v.CanGoOn || c.s.Stage == activation.StageContact && c.s.CanGoOn() || c.s.CanGoOn() && c.marked(activation.ContactFields())
	return v
}

func (c *current) marked(fields []activation.Field) bool {
	for _, f := range fields {
		if _, ok := c.s.Marks[f]; !ok {
			return false
		}
	}
	return true
}

// row is one field of the comparison; what the phone said is masked.
func (d *Desk) row(f activation.Field) CompareRow {
	c := d.c
	r := CompareRow{Field: f}
	if same, ok := c.s.Marks[f]; ok {
		r.Mark = MarkDiffer
		if same {
			r.Mark = MarkSame
		}
	}
	_, r.Revealed = c.revealed[f]
	switch f {
	case activation.FieldName:
		r.Value = c.Record.Name
	case activation.FieldBorn:
		r.Value = c.Record.Born.Format("02-01-2006")
	case activation.FieldSex:
		r.Value = string(c.Record.Sex)
	case activation.FieldAddress:
		r.Value = c.Record.Address
	case activation.FieldMarried:
		r.Value = marriedIn(d.lang, c.Record.Married)
	case activation.FieldEmail:
		r.FromPhone, r.Value = true, activation.MaskEmail(c.s.Code.Email)
		if r.Revealed {
			r.Value = c.s.Code.Email
		}
	case activation.FieldPhone:
		r.FromPhone, r.Value = true, activation.MaskNumber(c.s.Code.Number)
		if r.Revealed {
			r.Value = c.s.Code.Number
		}
	}
	return r
}

// marriedIn says the marital status as the KTP-el prints it; who was married
// counts as married for the age.
func marriedIn(l Lang, married bool) string {
	switch {
	case l == English && married:
		return "Married (or was)"
	case l == English:
		return "Not married"
	case married:
		return "Kawin (atau pernah)"
	}
	return "Belum kawin"
}

// checks are those of the code, with what is lacking though nothing failed.
func (c *current) checks() []Line {
	if c.s.Code == nil {
		return nil
	}
	lines := checkLines(c.s.Code.Checks)
	if !c.s.Code.Proof {
		lines = append(lines, Line{Code: "no-proof", State: LineWarn})
	} else if !c.s.Code.Fresh {
		lines = append(lines, Line{Code: "clock", State: LineWarn})
	}
	return lines
}

func (d *Desk) viewFace() FaceView {
	c := d.c
	v := c.live
	e := d.ports.Faces.Engine()
	v.Limits = e.Limits
	v.Attempts = activation.MaxAttempts
	v.Attempt = min(len(c.s.Attempts)+1, v.Attempts)
	v.Eye = v.Eye || e.Ready && e.Matcher.Name == ""
	if c.Record != nil {
		v.Taken = c.Record.Taken
	}
	if c.ref != nil && c.ref.crop != nil {
		v.Reference = c.ref.crop
	} else if c.photo != nil {
		v.Reference = c.photo
	}
	v.Live, v.Near = d.liveLines(), c.viewNear()
	if a, ok := c.s.Last(); ok && c.compared {
		v.Band, v.Score, v.Eye = face.Band(a.Band), a.Score, a.Eye
		v.Limits = c.Engine.Limits
		v.Attempt = len(c.s.Attempts)
		open := c.s.Alive() == activation.AliveOpen
		v.Moving, v.Again, v.Weak = open && !c.halted, open && c.halted, a.Weak
		v.CanGoOn, v.Guide = !open, v.Moving
		if c.crop != nil {
			v.Probe = c.crop
		}
	}
	return v
}
