package storybook

import (
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face"
)

// All lists every story.
func All(a Art) []Story {
	var all []Story
	add := func(name string, v app.View) *Story {
		all = append(all, Story{Name: name, View: v})
		return &all[len(all)-1]
	}
	entering(add)
	serving(a, add)
	carrying(a, add)
	facing(a, add)
	ending(a, add)
	managing(add)
	supervising(a, add)
	taking(add)
	travelling(a, add)
	return all
}

type adder func(name string, v app.View) *Story

// entering are the screens before anybody is served.
func entering(add adder) {
	v := base(app.ScreenSetup)
	v.Officer, v.Office, v.Counter, v.Served, v.Mean, v.Link = "", "", "", 0, 0, app.Link{State: app.LinkUnchecked}
	add("setup", v)
	v.Setup.Fault = "enrol-failed"
	add("setup-fault", v)

	v = base(app.ScreenLogIn)
	v.Officer = ""
	add("login-nobody", v)
	v.LogIn.Officers = []app.OfficerChoice{{ID: "014", Name: "Petugas Contoh"}, {ID: "021", Name: "Budi Contoh"}, {ID: "003", Name: "Ratna Contoh", Supervisor: true}}
	v.LogIn.Selected = 1
	add("login-pin", v)
	v.LogIn.TriesLeft, v.LogIn.Resume = 3, true
	v.Notice = &app.Notice{Code: "pin-wrong", Tone: app.Bad, Args: []any{3}}
	add("login-wrong", v)
	v.LogIn.Paused, v.Notice = 28*time.Minute, nil
	add("login-paused", v)
	for _, s := range []app.LogInStep{app.LogInFirst, app.LogInNewPassword, app.LogInNewPIN} {
		v := base(app.ScreenLogIn)
		v.Officer = ""
		v.LogIn.Step = s
		add("login-"+string(s), v)
	}
	v = base(app.ScreenLogIn)
	v.Officer = ""
	v.LogIn.Step = app.LogInFirst
	v.Busy = &app.Busy{Code: "logging-in"}
	add("login-busy", v)

	add("home", base(app.ScreenHome))
	v = base(app.ScreenHome)
	v.Training, v.Link = true, app.Link{State: app.LinkOffline, Waiting: 23}
	v.Home.Drafts = []app.Draft{{ID: "1", Since: now().Add(-11 * time.Minute), Stage: activation.StageCompare, Last4: "0011"}, {ID: "2", Since: now().Add(-3 * time.Minute), Stage: activation.StageReady}}
	v.Notice = &app.Notice{Code: "draft-offered", Tone: app.Info, Args: []any{2}}
	add("home-drafts", v)
	v = base(app.ScreenHome)
	v.Home.Rules = []app.Rule{{Code: "sync", Used: 6, Most: 7}, {Code: "disk", Used: 430, Most: 100}}
	add("home-near", v)
	v.Home.Rules = []app.Rule{{Code: "end-of-day", Used: 3, Most: 3, Stop: true}, {Code: "pending", Used: 412, Most: 500}}
	add("home-frozen", v)

	v = base(app.ScreenLock)
	v.Lock.Case = true
	add("lock", v)
	v.Lock.TriesLeft = 2
	v.Notice = &app.Notice{Code: "pin-wrong", Tone: app.Bad, Args: []any{2}}
	add("lock-wrong", v)
}

// serving are the screens with a citizen, up to the face.
func serving(a Art, add adder) {
	v := during(app.ScreenReady, activation.StageReady)
	v.Ready.Items = readyItems(2)
	add("ready", v)
	v.Ready.Items, v.Ready.Consent = readyItems(4), true
	add("ready-done", v)
	v.Asking = true
	add("ready-asking", v)

	v = during(app.ScreenScan, activation.StageScan)
	v.Scan = app.Scan{Hint: "closer", Items: readyItems(4), CanShow: true, CanType: true}
	add("scan", v).Picture = a.Phone
	v.Scan.Outline = []face.Point{{X: 0.34, Y: 0.24}, {X: 0.66, Y: 0.25}, {X: 0.65, Y: 0.72}, {X: 0.33, Y: 0.71}}
	v.Scan.Hint = "hold"
	add("scan-found", v).Picture = a.Phone
	v.Scan = app.Scan{Hint: "searching", CanShow: true, CanType: true, Checks: []app.Line{
		{Code: "format", State: app.LineOK}, {Code: "signature", State: app.LineOK}, {Code: "issuer", State: app.LineOK},
		{Code: "validity", State: app.LineBad, Detail: "expired"}}}
	v.Notice = &app.Notice{Code: "code-refused", Tone: app.Bad}
	add("scan-refused", v).Picture = a.Phone
	v.Scan, v.Notice = app.Scan{CanShow: true, CanType: true, Shown: true, Items: readyItems(4)}, nil
	add("scan-counter", v).Picture = a.Phone
	v.Scan = app.Scan{CanShow: true, CanType: true, Items: readyItems(4)}
	s := add("scan-typing", v)
	s.Picture, s.Keys = a.Phone, []string{"F3", "482 913 07"}
	v.Scan.Slips = []app.Line{{Code: "code-digit", State: app.LineBad, Args: []any{4}}, {Code: "nik-day", State: app.LineBad}}
	s = add("scan-typo", v)
	s.Picture, s.Keys = a.Phone, []string{"F3", "482 513 0730", "Tab", "170201 390592 0003"}
	v.Scan = app.Scan{CanType: true, Items: readyItems(4)}
	v.Notice = &app.Notice{Code: "camera-no-camera", Tone: app.Bad}
	add("scan-camera", v)

	v = during(app.ScreenCompare, activation.StageCompare)
	v.Compare = compared(a.Photo)
	add("compare", v)
	v.Compare = compared(a.Photo)
	v.Compare.Rows[4].Mark = app.MarkSame
	v.Compare.Rows[4].Revealed, v.Compare.Rows[4].Value = true, "sri.contoh@contoh.id"
	v.Compare.CanGoOn = true
	add("compare-revealed", v)
	v.Asking = true
	add("compare-asking", v)
	v.Asking, v.Compare = false, app.Compare{NIK: nik(), Checks: passed(), Verdict: app.Line{Code: "fetching", State: app.LineNow}}
	v.Busy = &app.Busy{Code: "fetching-record"}
	add("compare-fetching", v)
	v.Busy, v.Compare = nil, compared(nil)
	v.Compare.Verdict = app.Line{Code: "DI_BAWAH_17", State: app.LineBad}
	v.Compare.Age, v.Compare.Born = 15, time.Date(2011, 6, 5, 0, 0, 0, 0, time.UTC)
	v.Compare.CanGoOn = true
	v.Notice = &app.Notice{Code: "compare-open", Tone: app.Attention}
	add("compare-under17", v)
}

// ending are the decision and what follows it.
func ending(a Art, add adder) {
	v := during(app.ScreenDecide, activation.StageDecide)
	v.Decide = decided(a)
	add("decide", v)
	v.Decide.Second, v.Decide.Turn, v.Decide.PIN = true, app.TurnSupervisor, 0
	v.Decide.Face = app.Line{Code: "face-doubtful", State: app.LineWarn}
	v.Decide.Supervisors = []app.OfficerChoice{{ID: "003", Name: "Ratna Contoh", Supervisor: true}, {ID: "004", Name: "Joko Contoh", Supervisor: true}}
	v.Decide.Why = []app.Line{{Code: "doubtful", State: app.LineWarn}}
	v.Decide.Compared = faced(a, face.Doubtful, 0.49)
	add("decide-second", v)
	v.Decide.Face = app.Line{Code: "face-match", State: app.LineOK}
	v.Decide.Why = []app.Line{{Code: "near", State: app.LineWarn}}
	v.Decide.Compared = faced(a, face.Match, 0.71)
	v.Decide.Compared.Near = &app.NearView{Crop: a.Other, Last4: "0011", At: "09.12", Score: 0.68, Count: 1}
	add("decide-near", v)
	v.Decide.Face = app.Line{Code: "face-no-match", State: app.LineBad}
	v.Decide.Why = []app.Line{{Code: "weak-photo", State: app.LineWarn}, {Code: "liveness", State: app.LineWarn}}
	v.Decide.Compared = faced(a, face.NoMatch, 0.31)
	v.Decide.Compared.Weak = []activation.Weakness{activation.WeakOld}
	v.Decide.Options = []app.Choose{{Decision: activation.Refer, Reason: activation.PhotoInadequate}, {Decision: activation.Refuse, Reason: activation.FaceNoMatch}, {Decision: activation.Decline, Reason: activation.NotWanted}}
	add("decide-weak", v)
	v.Decide = decided(a)
	v.Decide.Offered, v.Decide.Reason = activation.Refuse, activation.FaceNoMatch
	v.Decide.Face = app.Line{Code: "face-no-match", State: app.LineBad}
	v.Decide.Compared = faced(a, face.NoMatch, 0.12)
	v.Decide.Why = []app.Line{{Code: "face-differs", State: app.LineBad}, {Code: "look", State: app.LineOpen}}
	v.Decide.PIN = 0
	v.Decide.Options = []app.Choose{{Decision: activation.Approve}, {Decision: activation.Refer, Reason: activation.PhotoInadequate}, {Decision: activation.Decline, Reason: activation.NotWanted}}
	v.Notice = &app.Notice{Code: "pin-needed", Tone: app.Info}
	add("decide-refuse", v)
	v.Notice, v.Decide = nil, decided(unseen(a))
	v.Decide.Name, v.Decide.Photo, v.Decide.Age, v.Decide.Region = "", nil, 0, ""
	v.Decide.Offered, v.Decide.Reason, v.Decide.PIN = activation.Refer, activation.NotRecorded, 6
	v.Decide.Data = app.Line{Code: "data-absent", State: app.LineBad}
	v.Decide.Face = app.Line{Code: "face-open", State: app.LineOpen}
	v.Busy = &app.Busy{Code: "signing"}
	add("decide-refer", v)
	v.Busy, v.Decide, v.Asking = nil, decided(a), true
	add("decide-asking", v)

	v = during(app.ScreenDone, activation.StageDone)
	slip := func(codes ...string) (ls []app.Line) {
		for _, c := range codes {
			ls = append(ls, app.Line{Code: c, State: app.LineOpen})
		}
		return ls
	}
	v.Done = app.Done{Decision: activation.Approve, Saved: true, Undo: 8 * time.Second, Email: "s•••••o@contoh.id", Seconds: 47,
		Slip: slip("cek-email", "isi-kode-captcha", "buat-pin", "ponsel-hilang", "ktp-el-tetap", "gratis")}
	add("done-approve", v)
	v.Done.Undo, v.Done.Sent = 0, true
	add("done-sent", v)
	v.Done.Saved = false
	add("done-saving", v)
	v.Done = app.Done{Decision: activation.Refer, Reason: activation.NotRecorded, Saved: true, Undo: 3 * time.Second, Seconds: 31,
		Slip: slip("rekam-ktp-el", "bawa-kk", "bawa-akta", "ktp-el-tetap", "gratis")}
	add("done-refer", v)
	v.Done = app.Done{Decision: activation.Refuse, Reason: activation.FaceNoMatch, Saved: true, Seconds: 64,
		Slip: slip("tunggu-pemeriksaan", "ktp-el-tetap", "gratis")}
	add("done-refuse", v)
}

// unseen is the art of somebody who has no enrolled photo.
func unseen(a Art) Art { a.Photo = nil; return a }

// managing are the screens of what was decided and of the equipment.
func managing(add adder) {
	add("queue-empty", base(app.ScreenQueue))
	v := base(app.ScreenHome)
	v.Idle = 28 * time.Second
	add("home-idle", v)
	v = base(app.ScreenQueue)
	v.Link = app.Link{State: app.LinkBusy, Waiting: 37, Retry: 24 * time.Second}
	at := func(h, m int) time.Time {
		return time.Date(2026, 11, 21, h, m, 0, 0, now().Location())
	}
	v.Queue = app.Queue{
		Waiting: 37, Accepted: 175, Active: 141, Attention: 4, Sending: 138, Total: 175, Remaining: 2 * time.Minute, Selected: 2,
		Items: []app.QueueItem{
			{Packet: "a", At: at(9, 38), Last4: "0003", Decision: activation.Approve, State: "queued", Wait: 2 * time.Minute},
			{Packet: "b", At: at(9, 31), Last4: "0011", Decision: activation.Approve, State: "mailed", StateAt: at(9, 36)},
			{Packet: "c", At: at(9, 12), Last4: "0002", Decision: activation.Approve, State: "aside", Cause: "TIDAK_TERBACA", Action: "retry",
				Next: "Paket tidak terbaca. Simpan dan laporkan ke administrator."},
			{Packet: "d", At: at(8, 57), Last4: "0019", Decision: activation.Refer, Reason: activation.PhotoInadequate, State: "accepted"},
			{Packet: "e", At: at(8, 49), Last4: "0001", Decision: activation.Approve, State: "activated", StateAt: at(8, 53)},
			{Packet: "f", At: at(8, 40), Last4: "0007", Decision: activation.Approve, State: "held", Cause: "KODE_TERPAKAI",
				Next: "Kode ini sudah dipakai di paket lain. Menunggu pemeriksaan penyelia di pusat."},
			{Packet: "g", At: at(8, 31), Last4: "0004", Decision: activation.Approve, State: "bounced", Cause: "EMAIL_TIDAK_TERBUKA",
				Next: "E-mail ditolak. Warga mendaftar ulang dengan alamat yang benar."},
			{Packet: "h", At: at(8, 22), Last4: "0015", Decision: activation.Approve, State: "expired",
				Next: "Warga dapat meminta kode baru di loket."},
		},
	}
	add("queue", v)
	v.Queue.Paused = true
	add("queue-paused", v)

	v = base(app.ScreenTools)
	add("tools-running", v)
	v.Tools = app.Tools{Checked: now(), Lines: []app.Line{
		{Code: "tool-camera-codes", State: app.LineOK}, {Code: "tool-camera-faces", State: app.LineBad, Detail: "camera-no-camera"},
		{Code: "tool-engine", State: app.LineOK}, {Code: "tool-matcher", State: app.LineWarn, Detail: "no-matcher"},
		{Code: "tool-clock", State: app.LineOK}, {Code: "tool-disk", State: app.LineOK}, {Code: "tool-keys", State: app.LineWarn, Detail: "keys-in-file"},
		{Code: "tool-link", State: app.LineOK},
	}}
	add("tools", v)
	v.Tools.Ending, v.Tools.Drafts = true, 2
	add("tools-ending", v)
}
