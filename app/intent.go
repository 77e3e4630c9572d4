package app

import "loket/app/activation"

// Intent is what the officer wants: a key, a click or a filled field, freed of
// how it was pressed. The window sends intents, the desk answers with a View.
type Intent interface{ intent() }

type (
	// Next is Enter: the most likely action of the screen.
	Next struct{}
	// Back is Esc: cancel or close a panel.
	Back struct{}
	// SetAside is F9: keep the case as a draft and serve the next citizen.
	SetAside struct{}
	// Resume takes up the case that was kept.
	Resume struct{}
	// Ask is F8: open "Tidak bisa dilayani…".
	Ask struct{}
	// Choose takes a decision and its reason, from the panel or the decide screen.
	Choose struct {
		Decision activation.Decision
		Reason   activation.Reason
	}
	// Tick marks a readiness item, consent, or the officer's own look as done or not.
	Tick struct {
		Item string // activation.Readiness, "consent", "look", "contact"
		On   bool
	}
	// TickAll marks all readiness items at once (the officer asked all of them).
	TickAll struct{}
	// Compare marks one field, or with Field "" all that are still open.
	MarkField struct {
		Field activation.Field
		Mark  Mark
	}
	// Reveal shows a masked field for ten seconds; it is audited.
	Reveal struct{ Field activation.Field }
	// Capture is the shutter.
	Capture struct{}
	// CannotMove is F6 on the face screen: the citizen can't do the movements.
	CannotMove struct{}
	// Retry is R on the face screen, F5 on the queue.
	Retry struct{}
	// Typed is text from a hand scanner or pasted on the scan screen, untrimmed.
	Typed struct{ Text string }
	// TypedCode is a registration code and a NIK entered by hand (F3 on scan).
	TypedCode struct{ Code, NIK string }
	// PIN is a finished PIN; Digits counts while typing. At log-in and on the
	// locked screen it comes with the sixth digit; on the decide screen with
	// Enter after the sixth, and means: sign what is offered (there is no Next
	// beside it).
	PIN    struct{ PIN string }
	Digits struct{ Count int }
	// LogInAs chooses an officer of the list; "" is somebody new here. On the
	// decide screen it chooses the supervisor who signs too.
	LogInAs struct{ Officer string }
	// Credentials is the first log-in here; NewSecrets its later steps.
	Credentials struct{ Officer, Password string }
	NewPassword struct{ Password string }
	NewPIN      struct{ PIN string }
	// DeviceCode enrols this PC.
	DeviceCode struct{ Code string }
	// Undo takes a decision back within ten seconds.
	Undo struct{}
	// Open goes to another place of the rail.
	Open struct{ Screen Screen }
	// Select moves in a list.
	Select struct{ Index int }
	// Act does an item's action in the queue.
	Act struct{ Packet, Action string }
	// Pause stops and resumes sending.
	Pause struct{}
	// ShowCounterCode is F4: the other direction, in the citizen's window; once
	// more closes it. HideCounterCode is that window closed from its own side.
	ShowCounterCode struct{}
	HideCounterCode struct{}
	// LockNow is F12; LogOut ends the officer's session.
	LockNow struct{}
	LogOut  struct{}
	// Seen is any key or movement: it puts off the idle lock.
	Seen struct{}
)

func (Next) intent()            {}
func (Back) intent()            {}
func (SetAside) intent()        {}
func (Resume) intent()          {}
func (Ask) intent()             {}
func (Choose) intent()          {}
func (Tick) intent()            {}
func (TickAll) intent()         {}
func (MarkField) intent()       {}
func (Reveal) intent()          {}
func (Capture) intent()         {}
func (CannotMove) intent()      {}
func (Retry) intent()           {}
func (Typed) intent()           {}
func (TypedCode) intent()       {}
func (PIN) intent()             {}
func (Digits) intent()          {}
func (LogInAs) intent()         {}
func (Credentials) intent()     {}
func (NewPassword) intent()     {}
func (NewPIN) intent()          {}
func (DeviceCode) intent()      {}
func (Undo) intent()            {}
func (Open) intent()            {}
func (Select) intent()          {}
func (Act) intent()             {}
func (Pause) intent()           {}
func (ShowCounterCode) intent() {}
func (HideCounterCode) intent() {}
func (LockNow) intent()         {}
func (LogOut) intent()          {}
func (Seen) intent()            {}
