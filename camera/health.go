package camera

import "time"

// State is what a Feed is doing.
type State string

// The states of a Feed.
const (
	Idle     State = "idle"     // nobody runs it
	Opening  State = "opening"  // Keep is opening the camera
	Starting State = "starting" // open, no picture yet
	Live     State = "live"     // pictures come and change
	Faulty   State = "faulty"   // Health.Fault says what is wrong; Keep goes on trying
)

// Health is what a Feed's frames say about the camera at one moment.
type Health struct {
	State State
	Fault Fault         // "" unless State is Faulty
	Since time.Time     // when this state, or this fault, began
	Age   time.Duration // of the newest frame; 0 when there was none yet
	Cause error         // the fault's cause, for the log; never for people
}

// Health says how the camera is, at once, whatever the camera does: a fault is
// found by the ages of frames, not by asking the device.
func (f *Feed) Health() Health {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	h := Health{State: f.state, Fault: f.fault, Since: f.since, Cause: f.cause}
	if f.latest.Seq > 0 {
		h.Age = now.Sub(f.latest.At)
	}
	return h
}
