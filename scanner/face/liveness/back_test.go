package liveness_test

import (
	"image"
	"math"
	"testing"
	"time"

	"loket/camera/footage/held"
	"loket/scanner/face"
	"loket/scanner/face/liveness"
)

// Rules with Nose -1 ask nothing of the pixels: there are landmarks only.

// keen turns by 60 degrees the first times that a turn is asked for, and by 30
// then. Turned so far nobody is recognized.
func keen(times int) func(s liveness.State) (face.Face, face.Descriptor) {
	yaw, turns, wait, last := 0.0, 0, 0, liveness.LookStraight
	return func(s liveness.State) (face.Face, face.Descriptor) {
		if s.Instruction != last {
			if wait, last = 3, s.Instruction; last == liveness.TurnLeft {
				turns++
			}
		}
		target := 0.0
		if last == liveness.TurnLeft {
			if target = -30; turns <= times {
				target = -60
			}
		}
		if wait--; wait < 0 {
			yaw = target
		}
		who := anna
		if math.Abs(yaw) > 45 {
			who = budi
		}
		return seen(yaw, 80, 320, false), who
	}
}

// TestWhoTurnsTooFarIsAskedBack: a turn of 60 degrees shows neither a nose nor
// who it is, and whoever stays there would fail as somebody else.
func TestWhoTurnsTooFarIsAskedBack(t *testing.T) {
	for _, c := range []struct {
		name  string
		times int
		rules liveness.Rules
		want  liveness.Reason
	}{
		{"once", 1, liveness.Rules{Nose: -1}, ""},
		{"twice", 2, liveness.Rules{Nose: -1}, ""},
		{"three times", 3, liveness.Rules{Nose: -1}, liveness.NotSame},
		{"control: nobody is asked back", 1, liveness.Rules{Nose: -1, Far: -1}, liveness.NotSame},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
			s, sit := liveness.New(liveness.Challenge{liveness.TurnLeft}, bands, c.rules, at), keen(c.times)
			state, said := s.State(), map[liveness.Step]bool{}
			for state.Outcome == liveness.Running {
				at = at.Add(200 * time.Millisecond)
				f, who := sit(state)
				if state = s.See(liveness.Sight{At: at, Faces: []face.Face{f}, Descriptor: who}); state.Back {
					said[state.Instruction] = true
				}
			}
			if state.Reason != c.want {
				t.Errorf("ends as %s %s, want %q", state.Outcome, state.Reason, c.want)
			}
			if asked := c.rules.Far >= 0; said[liveness.LookStraight] != asked || said[liveness.TurnLeft] != asked || len(said) > 2 {
				t.Errorf("says so with %v", said)
			}
		})
	}
}

// TestOneBlurredLook: one straight look that is like nobody may be the blur of
// turning back; a second one in a row is somebody else.
func TestOneBlurredLook(t *testing.T) {
	for looks, want := range map[int]liveness.Reason{1: "", 2: liveness.NotSame} {
		sit, left := keen(0), looks
		state := run(t, liveness.Challenge{liveness.TurnLeft}, func(_ int, s liveness.State) ([]face.Face, face.Descriptor) {
			f, who := sit(s)
			if s.Done == 1 && left > 0 {
				f, who = seen(0, 80, 320, false), budi
				left--
			}
			return []face.Face{f}, who
		})
		if state.Reason != want {
			t.Errorf("%d such looks end as %s %s, want %q", looks, state.Outcome, state.Reason, want)
		}
	}
}

// quick is a head that turns at once as far as it can, where nobody is
// recognized, and comes back so when it is asked to. once is how many degrees it
// is seen at on the way, each way; 0 is not at all.
func quick(once float64) func(s liveness.State) liveness.Sight {
	pose := map[float64]liveness.Sight{}
	side, at, last := 0.0, 0, liveness.LookStraight
	return func(s liveness.State) liveness.Sight {
		if at++; s.Instruction != last {
			at, last = 0, s.Instruction
		}
		way := []float64{once, 0}
		switch last {
		case liveness.TurnLeft:
			side, way = -1, []float64{0, once, 58}
		case liveness.TurnRight:
			side, way = 1, []float64{0, once, 58}
		}
		yaw := side * way[min(at, len(way)-1)]
		v, have := pose[yaw]
		if !have {
			var img *image.RGBA
			img, f := shown(held.Head, held.Pose{Yaw: yaw}, yaw)
			v = liveness.Sight{Image: img, Faces: []face.Face{f}, Descriptor: anna}
			if math.Abs(yaw) > 45 {
				v.Descriptor = budi
			}
			pose[yaw] = v
		}
		return v
	}
}

// TestWhoTurnsQuicklyIsSeenOnTheWay: one sight of each way shows the turn, and
// without them there is nothing to count.
func TestWhoTurnsQuicklyIsSeenOnTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		once float64
		want liveness.Reason
	}{
		"seen on the way":              {28, ""},
		"control: not seen on the way": {0, liveness.NotSame},
	} {
		t.Run(name, func(t *testing.T) {
			at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
			s, sit := liveness.New(liveness.Challenge{liveness.TurnLeft, liveness.TurnRight}, bands, liveness.Rules{}, at), quick(c.once)
			state := s.State()
			for state.Outcome == liveness.Running {
				at = at.Add(200 * time.Millisecond)
				v := sit(state)
				v.At = at
				state = s.See(v)
			}
			if state.Reason != c.want {
				t.Errorf("%+v, want %q", state, c.want)
			}
		})
	}
}
