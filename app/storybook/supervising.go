package storybook

import (
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face"
)

// supervising are the screens of a second pair of eyes: the officer who asks
// another counter, and the supervisor there.
func supervising(a Art, add adder) {
	v := during(app.ScreenDecide, activation.StageDecide)
	v.Decide = decided(a)
	v.Decide.Second, v.Decide.Turn, v.Decide.PIN, v.Decide.CanAsk = true, app.TurnSupervisor, 0, true
	v.Decide.Face = app.Line{Code: "face-doubtful", State: app.LineWarn}
	v.Decide.Why = []app.Line{{Code: "doubtful", State: app.LineWarn}}
	v.Decide.Compared = faced(a, face.Doubtful, 0.49)
	alone := v
	add("decide-elsewhere", alone)
	v.Decide.Asked, v.Decide.Waits = app.AskedWaiting, 35*time.Second
	add("decide-elsewhere-waiting", v)
	v.Decide.Asked, v.Decide.Turn = app.AskedSigned, app.TurnOfficer
	v.Notice = &app.Notice{Code: "second-signed", Tone: app.Good, Args: []any{"Ratna Contoh"}}
	add("decide-elsewhere-signed", v)

	v = base(app.ScreenReviews)
	v.Officer, v.Supervises = "Ratna Contoh", true
	add("reviews-none", v)
	v.Reviews = app.Reviews{Asked: now(), Selected: 1, List: []app.Review{
		{Packet: "a", Counter: "Loket 3", Officer: "PETUGAS CONTOH", Case: activation.Approve, Causes: []string{"doubtful"}, At: now().Add(-time.Minute), Left: 14 * time.Minute},
		{Packet: "b", Counter: "Mobil keliling 1", Officer: "BUDI CONTOH", Case: activation.Reactivate, Causes: []string{"reactivate"}, At: now().Add(-4 * time.Minute), Left: 11 * time.Minute},
		{Packet: "c", Held: true, Counter: "Loket 1", Officer: "JOKO CONTOH", Case: activation.Approve, Causes: []string{"KODE_TERPAKAI"}, At: now().Add(-3 * time.Hour)},
		{Packet: "d", Held: true, Counter: "Mobil keliling 2", Causes: []string{"PERANGKAT_DICABUT"}, At: now().Add(-26 * time.Hour)},
	}}
	add("reviews", v)
	away := v
	away.Reviews.Away, away.Link = true, app.Link{State: app.LinkOffline}
	add("reviews-away", away)

	open := app.ReviewOpen{Review: v.Reviews.List[0], Decide: decided(a)}
	open.Decide.PIN = 2
	open.Decide.Face = app.Line{Code: "face-doubtful", State: app.LineWarn}
	open.Decide.Why = []app.Line{{Code: "doubtful", State: app.LineWarn}}
	open.Decide.Compared = faced(a, face.Doubtful, 0.49)
	v.Reviews.Open = &open
	add("review-second", v)
	refusing := open
	refusing.Refusing, refusing.Decide.PIN = true, 0
	v.Reviews.Open = &refusing
	add("review-refuse", v)
	held := open
	held.Review, held.Decide.PIN = v.Reviews.List[2], 0
	held.Decide.Face, held.Decide.Compared = app.Line{Code: "face-match", State: app.LineOK}, faced(a, face.Match, 0.71)
	held.Decide.Why = []app.Line{{Code: "KODE_TERPAKAI", State: app.LineWarn}}
	v.Reviews.Open = &held
	add("review-held", v)
}

// taking are the queue's screens of an approval that is taken back.
func taking(add adder) {
	v := base(app.ScreenQueue)
	at := now().Add(-10 * time.Minute)
	v.Queue = app.Queue{Accepted: 2, Active: 1, Selected: 1, Items: []app.QueueItem{
		{Packet: "b", At: now().Add(-time.Minute), Last4: "0011", Decision: activation.Cancel, Reason: activation.DataProblem, State: "queued"},
		{Packet: "a", At: at, Last4: "0011", Decision: activation.Approve, State: "mailed", StateAt: at.Add(2 * time.Minute), CanCancel: true},
		{Packet: "c", At: at.Add(-time.Hour), Last4: "0003", Decision: activation.Approve, State: "cancelled", StateAt: at},
	}}
	add("queue-cancellable", v)
	v.Queue.Cancelling = &app.Cancelling{Item: v.Queue.Items[1], Reasons: app.CancelReasons(), PIN: 3}
	add("queue-cancelling", v)
}
