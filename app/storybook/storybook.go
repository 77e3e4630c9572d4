// Package storybook lists every screen of the counter's window in every state,
// as canned Views of sample citizens. Golden pictures are drawn from it, and
// whoever works on a screen can page through it. The people in it are drawn,
// their data are samples.
package storybook

import (
	"image"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face"
)

// Story is one state of one screen.
type Story struct {
	Name    string // screen-state, the golden picture's file name
	View    app.View
	Picture *image.RGBA // what the camera shows; nil for none
	Keys    []string    // what is pressed and typed before the picture is drawn
}

// Art is the drawn person who is served.
type Art struct {
	Photo   image.Image // enrolled, portrait
	Probe   image.Image // aligned crops, square
	Match   image.Image
	Other   image.Image // an aligned crop of somebody else
	Live    *image.RGBA // the camera's picture of the person
	Empty   *image.RGBA // and of an empty chair
	Phone   *image.RGBA // the camera's picture of a phone with a code
	Counter image.Image // the counter's own code
}

// CitizenStory is one state of the citizen's window.
type CitizenStory struct {
	Name string // the golden picture's file name
	View app.CitizenView
}

// Citizens are all states of the citizen's window.
func Citizens(a Art) []CitizenStory {
	var all []CitizenStory
	for _, s := range []struct {
		name  string
		stage app.CitizenStage
	}{{"citizen-idle", app.CitizenIdle}, {"citizen-scan", app.CitizenScan}, {"citizen-wait", app.CitizenWait},
		{"citizen-straight", app.CitizenStraight}, {"citizen-right", app.CitizenRight}, {"citizen-left", app.CitizenLeft}, {"citizen-closer", app.CitizenCloser},
		{"citizen-mail", app.CitizenMail}, {"citizen-thanks", app.CitizenThanks}} {
		v := app.CitizenView{On: true, Lang: app.Indonesian, Stage: s.stage}
		if s.stage == app.CitizenScan {
			v.Code = a.Counter
		}
		all = append(all, CitizenStory{s.name, v})
	}
	return all
}

// now is the moment of every story.
func now() time.Time {
	return time.Date(2026, 11, 21, 9, 41, 0, 0, time.FixedZone("WIB", 7*3600))
}

// base is a view of a connected counter in the middle of the morning.
func base(s app.Screen) app.View {
	return app.View{
		Lang: app.Indonesian, Look: app.Light, Screen: s,
		Office: "Disdukcapil Kab. Rejang Lebong", Counter: "Loket 3", Officer: "Petugas 014",
		Now: now(), Link: app.Link{State: app.LinkOnline},
		Served: 17, Mean: 52 * time.Second,
	}
}

// during is base in the given step of a session.
func during(s app.Screen, at activation.Stage) app.View {
	v := base(s)
	spent := map[activation.Stage]time.Duration{
		activation.StageReady: 9 * time.Second, activation.StageScan: 6 * time.Second,
		activation.StageCompare: 9 * time.Second, activation.StageFace: 14 * time.Second,
		activation.StageDecide: 3 * time.Second,
	}
	state := app.StepPast
	for _, st := range []activation.Stage{activation.StageReady, activation.StageScan, activation.StageCompare,
		activation.StageFace, activation.StageDecide, activation.StageDone} {
		step := app.Step{Stage: st, State: state, Elapsed: spent[st]}
		if st == at {
			step.State, state = app.StepHere, app.StepAhead
		}
		v.Steps = append(v.Steps, step)
	}
	return v
}

// nik is the sample citizen's, whose region is real and person is not.
func nik() [3]string { return [3]string{"170201", "450592", "0003"} }

func readyItems(done int) []app.ReadyItem {
	var items []app.ReadyItem
	for i, c := range []activation.Readiness{activation.OwnPhone, activation.OfficialApp, activation.EmailOpens, activation.NumberActive} {
		items = append(items, app.ReadyItem{Check: c, Done: i < done})
	}
	return items
}

func passed() []app.Line {
	return []app.Line{
		{Code: "format", State: app.LineOK},
		{Code: "signature", State: app.LineOK},
		{Code: "issuer", State: app.LineOK, Detail: "trust-of", Args: []any{"20-11-2026"}},
		{Code: "validity", State: app.LineOK, Detail: "seconds-left", Args: []any{61}},
		{Code: "device", State: app.LineOK},
		{Code: "replay", State: app.LineOK},
	}
}

func compared(photo image.Image) app.Compare {
	mark := app.MarkSame
	return app.Compare{
		NIK: nik(), Region: "Kab. Rejang Lebong, Kec. Curup", Sex: activation.Female,
		Born: time.Date(1992, 5, 5, 0, 0, 0, 0, time.UTC), Age: 34,
		Verdict: app.Line{Code: "eligible", State: app.LineOK},
		Rows: []app.CompareRow{
			{Field: activation.FieldName, Value: "SRI CONTOH", Mark: mark},
			{Field: activation.FieldBorn, Value: "05-05-1992", Mark: mark},
			{Field: activation.FieldSex, Value: "P", Mark: mark},
			{Field: activation.FieldAddress, Value: "Kel. Talang Benih", Mark: app.MarkDiffer},
			{Field: activation.FieldEmail, Value: "s•••••o@contoh.id", FromPhone: true},
			{Field: activation.FieldPhone, Value: "08•• •••• •217", FromPhone: true, Mark: mark},
			{Field: activation.FieldMarried, Value: "Kawin", Mark: mark},
		},
		Selected: 4, Source: "central", Fetched: now().Add(-103 * time.Minute),
		Photo: photo, Taken: time.Date(2021, 3, 12, 0, 0, 0, 0, time.UTC),
		Checks: passed(),
	}
}

func quality(warn string) []app.Line {
	var ls []app.Line
	for _, c := range []string{"one-face", "eye-distance", "head-size", "yaw", "pitch", "roll", "luminance", "balance", "dynamic-range", "sharpness"} {
		st := app.LineOK
		if c == warn {
			st = app.LineWarn
		}
		ls = append(ls, app.Line{Code: c, State: st})
	}
	for _, c := range []string{"exposure", "compression", "eyes", "mouth", "glasses", "mask", "hat"} {
		st := app.LineUnknown
		if c == warn {
			st = app.LineWarn
		}
		ls = append(ls, app.Line{Code: c, State: st})
	}
	return ls
}

func faced(a Art, band face.Band, score float64) app.FaceView {
	return app.FaceView{
		Guide: true, Probe: a.Probe, Reference: a.Match, Taken: time.Date(2021, 3, 12, 0, 0, 0, 0, time.UTC),
		Band: band, Score: score,
		Limits:  face.Thresholds{Model: "face-reidentification-retail-0095", Metric: face.Similarity, Match: 0.553, Doubtful: 0.433, Data: "NUAA", FMR: 1e-4, Measured: true},
		Quality: quality(""), Live: []app.Line{{Code: "look", State: app.LineOpen}},
		Attempt: 1, Attempts: 3,
	}
}

func decided(a Art) app.Decide {
	return app.Decide{
		Name: "SRI CONTOH", NIK: nik(), Age: 34, Region: "Kec. Curup", Photo: a.Photo, Email: "s•••••o@contoh.id",
		Offered: activation.Approve,
		Code:    app.Line{Code: "code-passed", State: app.LineOK, Args: []any{6, 6}},
		Data:    app.Line{Code: "data-differ", State: app.LineWarn, Args: []any{activation.FieldAddress}},
		Face:    app.Line{Code: "face-match", State: app.LineOK},
		PIN:     4,
	}
}
