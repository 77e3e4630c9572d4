package activation_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"loket/app/activation"
)

func TestRegistration(t *testing.T) {
	good := activation.Registration{NIK: "1702014505920003", Email: "sri@contoh.id", EmailAgain: "sri@contoh.id",
		Number: "0812-3456-7217", NumberAgain: "+62 812 3456 7217", OfficeDomains: []string{"rejanglebongkab.go.id"}}
	for name, c := range map[string]struct {
		change func(*activation.Registration)
		want   error
	}{
		"as it should be":      {func(*activation.Registration) {}, nil},
		"domain in capitals":   {func(r *activation.Registration) { r.EmailAgain = "sri@CONTOH.ID" }, nil},
		"e-mail not repeated":  {func(r *activation.Registration) { r.EmailAgain = "sry@contoh.id" }, activation.EmailTwice},
		"no domain":            {func(r *activation.Registration) { r.Email, r.EmailAgain = "sri", "sri" }, activation.EmailForm},
		"domain without a dot": {func(r *activation.Registration) { r.Email, r.EmailAgain = "sri@contoh", "sri@contoh" }, activation.EmailForm},
		"name and address":     {func(r *activation.Registration) { r.Email = "Sri <sri@contoh.id>"; r.EmailAgain = r.Email }, activation.EmailForm},
		"gmial":                {func(r *activation.Registration) { r.Email = "sri@gmial.com"; r.EmailAgain = r.Email }, activation.EmailTypo},
		"gmail.co":             {func(r *activation.Registration) { r.Email = "sri@gmail.co"; r.EmailAgain = r.Email }, activation.EmailTypo},
		"gmial, confirmed": {func(r *activation.Registration) {
			r.Email = "sri@gmial.com"
			r.EmailAgain = r.Email
			r.AcceptUnusual = true
		}, nil},
		"ymail is no slip of gmail": {func(r *activation.Registration) { r.Email = "sri@ymail.com"; r.EmailAgain = r.Email }, nil},
		"the office's own address":  {func(r *activation.Registration) { r.Email = "loket@rejanglebongkab.go.id"; r.EmailAgain = r.Email }, activation.EmailOfficer},
		"number not repeated":       {func(r *activation.Registration) { r.NumberAgain = "081234567218" }, activation.NumberTwice},
		"a land line":               {func(r *activation.Registration) { r.Number = "073221234"; r.NumberAgain = r.Number }, activation.NumberForm},
		"letters":                   {func(r *activation.Registration) { r.Number = "0812E4567217"; r.NumberAgain = r.Number }, activation.NumberForm},
		"NIK":                       {func(r *activation.Registration) { r.NIK = "1702014505920000" }, activation.NIKSerial},
	} {
		t.Run(name, func(t *testing.T) {
			r := good
			c.change(&r)
			got, err := r.Check(now)
			if !errors.Is(err, c.want) {
				t.Fatalf("err = %v, want %v", err, c.want)
			}
			if err == nil && got.NormalN != "+6281234567217" {
				t.Errorf("number %q", got.NormalN)
			}
		})
	}
}

func TestMasks(t *testing.T) {
	if got := activation.MaskEmail("sri.contoh@contoh.id"); got != "s•••••h@contoh.id" {
		t.Error(got)
	}
	if got := activation.MaskEmail("s@contoh.id"); got != "s•••••@contoh.id" {
		t.Error(got)
	}
	if got := activation.MaskNumber("+6281234567217"); got != "08•• •••• •217" {
		t.Error(got)
	}
}

func record() activation.Record {
	return activation.Record{NIK: "1702014505920003", Name: "SRI CONTOH", Born: day(1992, time.May, 5), Sex: activation.Female,
		Address: "Kel. Talang Benih", Recorded: true, Status: activation.NIKActive, IKD: activation.IKDNone, Taken: day(2021, time.March, 12)}
}

func TestEligible(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*activation.Record)
		allowed activation.Decision
		reason  activation.Reason
		warn    []activation.Warning
	}{
		"allowed":                    {func(*activation.Record) {}, activation.Approve, "", nil},
		"not recorded":               {func(r *activation.Record) { r.Recorded = false }, "", activation.NotRecorded, nil},
		"16 by the record":           {func(r *activation.Record) { r.Born = day(2009, time.November, 21) }, "", activation.Under17, []activation.Warning{activation.NIKBirth}},
		"16 and married":             {func(r *activation.Record) { r.Born, r.Married = day(2009, time.November, 21), true }, activation.Approve, "", []activation.Warning{activation.NIKBirth}},
		"17 today":                   {func(r *activation.Record) { r.Born = day(2009, time.November, 20) }, activation.Approve, "", []activation.Warning{activation.NIKBirth}},
		"a NIK that says otherwise":  {func(r *activation.Record) { r.Sex = activation.Male }, activation.Approve, "", []activation.Warning{activation.NIKSex}},
		"inactive":                   {func(r *activation.Record) { r.Status = activation.NIKOff }, "", activation.NIKInactive, nil},
		"a problem":                  {func(r *activation.Record) { r.Status = activation.NIKProblem }, "", activation.DataProblem, nil},
		"a status nobody has named":  {func(r *activation.Record) { r.Status = "" }, "", activation.DataProblem, nil},
		"active elsewhere":           {func(r *activation.Record) { r.IKD = activation.IKDActive }, "", activation.AlreadyActive, nil},
		"blocked":                    {func(r *activation.Record) { r.IKD = activation.IKDBlocked }, activation.Reactivate, activation.Blocked, nil},
		"photo of 2011 only warns":   {func(r *activation.Record) { r.Taken = day(2011, time.June, 1) }, activation.Approve, "", []activation.Warning{activation.PhotoOld}},
		"photo without a date":       {func(r *activation.Record) { r.Taken = time.Time{} }, activation.Approve, "", nil},
		"born 29 February, NIK too":  {func(r *activation.Record) { r.NIK, r.Born = "1702016902000001", day(2000, time.February, 29) }, activation.Approve, "", nil},
		"a NIK that can't be parsed": {func(r *activation.Record) { r.NIK = "x" }, activation.Approve, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := record()
			c.change(&r)
			got := activation.Eligible(r, now)
			if got.Allowed != c.allowed || got.Reason != c.reason || !slices.Equal(got.Warnings, c.warn) {
				t.Errorf("%+v, want %q %q %v", got, c.allowed, c.reason, c.warn)
			}
		})
	}
}

func TestEveryReasonHasAWay(t *testing.T) {
	for _, r := range activation.Reasons() {
		if activation.NextStep(r) == "" {
			t.Errorf("%s has no next step", r)
		}
		d := activation.DecisionFor(r)
		if !slices.Contains(activation.ReasonsFor(d), r) {
			t.Errorf("%s: %s does not take it", r, d)
		}
		slip := activation.SlipFor(d, r)
		if !slices.Contains(slip, activation.StepKeepCard) || !slices.Contains(slip, activation.StepFree) {
			t.Errorf("%s: slip %v", r, slip)
		}
	}
	if activation.NextStep("GANGGUAN") != "" {
		t.Error("a reason that does not exist has a next step")
	}
}

func TestTarget(t *testing.T) {
	target := activation.Target{Recorded: 194_006, Percent: 25, By: activation.EndOfYear(now)}
	if got := target.Goal(); got != 48_502 {
		t.Fatalf("goal %d, want 48502", got)
	}
	// Friday 20 November to Thursday 31 December 2026: 30 weekdays; Christmas Day, a Friday, is a holiday.
	christmas := func(t time.Time) bool { return t.Month() == time.December && t.Day() == 25 }
	for name, c := range map[string]struct {
		active  int
		holiday func(time.Time) bool
		now     time.Time
		want    activation.Progress
	}{
		"nobody yet":       {0, nil, now, activation.Progress{Goal: 48502, Remaining: 48502, WorkingDays: 30, PerDay: 1617, Reachable: true}},
		"with a holiday":   {0, christmas, now, activation.Progress{Goal: 48502, Remaining: 48502, WorkingDays: 29, PerDay: 1673, Reachable: true}},
		"one to go":        {48501, nil, now, activation.Progress{Goal: 48502, Active: 48501, Remaining: 1, WorkingDays: 30, PerDay: 1, Reachable: true}},
		"reached":          {50000, nil, now, activation.Progress{Goal: 48502, Active: 50000, WorkingDays: 30, Reachable: true}},
		"the year is over": {0, nil, now.AddDate(0, 2, 0), activation.Progress{Goal: 48502, Remaining: 48502}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := target.Progress(c.active, c.now, c.holiday); got != c.want {
				t.Errorf("%+v\nwant %+v", got, c.want)
			}
		})
	}
}
