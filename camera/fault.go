package camera

import (
	"errors"
	"io"
)

// A Fault is why there is no picture, as a code. It is an error, so a Source
// or an open function wraps it (fmt.Errorf("open %s: %w", path, NoCamera)) and
// callers ask errors.Is or FaultOf. The sentence and the next step that people
// read for each code belong to the window.
type Fault string

// The faults that are told apart. No fault is the empty string.
const (
	NoCamera     Fault = "no-camera"     // nothing there: unplugged, wrong name, server refuses the connection
	NoPermission Fault = "no-permission" // there, but this user may not open it
	CannotOpen   Fault = "cannot-open"   // there and allowed, but it does not open: in use by another program, or not answering
	NoNewFrame   Fault = "no-new-frame"  // open, but no picture for Patience
	Frozen       Fault = "frozen"        // pictures come, but their bytes have not changed for Patience
	Ended        Fault = "ended"         // the stream or file ended, or reading broke off
)

// Faults lists every code, so that whoever puts words to them can be checked
// for completeness.
func Faults() []Fault {
	return []Fault{NoCamera, NoPermission, CannotOpen, NoNewFrame, Frozen, Ended}
}

func (f Fault) Error() string {
	switch f {
	case NoCamera:
		return "no camera"
	case NoPermission:
		return "no permission for the camera"
	case CannotOpen:
		return "camera cannot be opened"
	case NoNewFrame:
		return "no new frame"
	case Frozen:
		return "frames do not change"
	case Ended:
		return "stream ended"
	}
	return "camera fault " + string(f)
}

// FaultOf finds the code in err: the Fault it wraps, Ended for io.EOF, and
// otherwise what is given, since where an error came from says what it means.
func FaultOf(err error, otherwise Fault) Fault {
	if f, ok := errors.AsType[Fault](err); ok {
		return f
	}
	if errors.Is(err, io.EOF) {
		return Ended
	}
	return otherwise
}
