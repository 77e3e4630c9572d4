package main

import (
	"errors"
	"time"

	"loket/app"
	"loket/sync/client"
	"loket/sync/vault"
	"loket/sync/wire"
)

// officerHalf is how much of an officer's seven-day certificate may be left
// before a new one is asked for.
const officerHalf = 84 * time.Hour

var errNotEnrolled = errors.New("this PC is not a counter yet")

// lineFault says what central, or the line to it, has against something. place
// is what was tried: "login", "password", "pin", "record", "lookup".
func lineFault(place string, err error) error {
	var refused *wire.Error
	switch link := client.LinkOf(err); {
	case errors.As(err, &refused):
		switch refused.Code {
		case wire.CodePassword, wire.CodePaused, wire.CodeWeakPassword, wire.CodeForbidden, wire.CodePresentation, wire.CodeRevoked,
			wire.CodeNoRegistration, wire.CodeLookupPaused, wire.CodeSamePerson, wire.CodeReviewOver, wire.CodeReviewNot:
			return &app.Fault{Code: "central-" + refused.Code, Tone: app.Attention, Err: err}
		}
	case errors.Is(err, vault.ErrPINAgain), errors.Is(err, client.ErrNoSession):
		return &app.Fault{Code: "pin-again", Tone: app.Attention, Err: err}
	case link != client.Online && link != client.Unchecked:
		return &app.Fault{Code: "link-" + client.CauseOf(err), Tone: app.Info, Err: err}
	}
	return &app.Fault{Code: place + "-failed", Err: err}
}
