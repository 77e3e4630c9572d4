package liveness_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"loket/scanner/face"
	"loket/scanner/face/liveness"
)

var bands = face.Thresholds{Model: "contoh", Metric: face.Similarity, Match: 0.9, Doubtful: 0.5, Measured: true}

var (
	anna = face.Descriptor{1, 0}
	budi = face.Descriptor{0, 1}
)

// seen is a mean face turned by yaw degrees, its eyes d pixels apart; flat puts
// the nose into the plane of a photograph.
func seen(yaw, d, cx float64, flat bool) face.Face {
	mean := [5][3]float64{{-31.5, 0, 0}, {31.5, 0, 0}, {0, 37, 24}, {-27.5, 63, 1}, {27.5, 63, 1}}
	sin, cos := math.Sincos(yaw * math.Pi / 180)
	var f face.Face
	for i, m := range mean {
		z := m[2]
		if flat {
			z = 0
		}
		f.Landmarks[i] = face.Point{X: cx + d/63*(m[0]*cos+z*sin), Y: 240 + d/63*m[1]}
	}
	f.Box = face.Box{X: cx - d, Y: 240 - d, W: 2 * d, H: 2.5 * d}
	return f
}

// actor answers a session frame by frame, ten a second.
type actor struct {
	yaw, eyes float64
	flat      bool
	wait      int // frames of reaction
}

// follow moves towards what is asked: 12 degrees or 4 % a frame.
func (a *actor) follow(step liveness.Step) {
	if a.wait > 0 {
		a.wait--
		return
	}
	target := 0.0
	switch step {
	case liveness.TurnLeft:
		target = -32
	case liveness.TurnRight:
		target = 32
	case liveness.ComeCloser:
		a.eyes *= 1.04
	}
	a.yaw += max(-12, min(12, target-a.yaw))
}

// unseen is a frame that nobody looked at.
var unseen = []face.Face{{}}

// marks asks nothing of the pixels: these tests have landmarks only.
var marks = liveness.Rules{Nose: -1}

// run lets sight make the nth frame for an instruction until the session ends.
func run(t *testing.T, c liveness.Challenge, sight func(n int, s liveness.State) ([]face.Face, face.Descriptor)) liveness.State {
	t.Helper()
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	s := liveness.New(c, bands, marks, at)
	state := s.State()
	for n := range 600 {
		at = at.Add(100 * time.Millisecond)
		faces, d := sight(n, state)
		if len(faces) > 0 && &faces[0] == &unseen[0] {
			continue
		}
		if state = s.See(liveness.Sight{At: at, Faces: faces, Descriptor: d}); state.Outcome != liveness.Running {
			return state
		}
	}
	t.Fatal("the session never ends")
	return state
}

func TestSession(t *testing.T) {
	challenge := liveness.Challenge{liveness.TurnLeft, liveness.ComeCloser, liveness.TurnRight}
	type sight = func(n int, s liveness.State) ([]face.Face, face.Descriptor)
	willing := func() sight {
		a := &actor{eyes: 80}
		last := liveness.LookStraight
		return func(_ int, s liveness.State) ([]face.Face, face.Descriptor) {
			if s.Instruction != last {
				a.wait, last = 3, s.Instruction
			}
			a.follow(s.Instruction)
			return []face.Face{seen(a.yaw, a.eyes, 320, a.flat)}, anna
		}
	}
	spoilt := func(change func(n int, s liveness.State, f []face.Face, d face.Descriptor) ([]face.Face, face.Descriptor)) sight {
		good := willing()
		return func(n int, s liveness.State) ([]face.Face, face.Descriptor) {
			f, d := good(n, s)
			return change(n, s, f, d)
		}
	}
	for _, c := range []struct {
		name  string
		sight sight
		want  liveness.Reason
	}{
		{"a living head", willing(), ""},
		{"a photograph that is turned", func(_ int, s liveness.State) ([]face.Face, face.Descriptor) {
			return []face.Face{seen(map[liveness.Step]float64{liveness.TurnLeft: -50}[s.Instruction], 80, 320, true)}, anna
		}, liveness.TooLate},
		{"a still picture", func(int, liveness.State) ([]face.Face, face.Descriptor) {
			return []face.Face{seen(0, 80, 320, false)}, anna
		}, liveness.TooLate},
		{"a clip of another challenge", func(n int, _ liveness.State) ([]face.Face, face.Descriptor) {
			return []face.Face{seen(40*math.Sin(float64(n)/8), 80, 320, false)}, anna // right first
		}, liveness.WrongStep},
		{"one landmark that errs", spoilt(func(n int, s liveness.State, f []face.Face, d face.Descriptor) ([]face.Face, face.Descriptor) {
			if s.Instruction == liveness.TurnLeft && n%3 == 0 {
				f = []face.Face{seen(25, 80, 320, false)}
			}
			return f, d
		}), ""},
		{"turned before it was asked", func(_ int, s liveness.State) ([]face.Face, face.Descriptor) {
			return []face.Face{seen(map[liveness.Step]float64{liveness.TurnLeft: -30}[s.Instruction], 80, 320, false)}, anna
		}, liveness.TooSoon},
		{"somebody else after the first step", spoilt(func(_ int, s liveness.State, f []face.Face, d face.Descriptor) ([]face.Face, face.Descriptor) {
			if s.Done > 0 {
				d = budi
			}
			return f, d
		}), liveness.NotSame},
		{"a blink at the straight looks", spoilt(func(n int, s liveness.State, f []face.Face, d face.Descriptor) ([]face.Face, face.Descriptor) {
			if s.Instruction == liveness.LookStraight && n%2 == 1 {
				d = face.Descriptor{0.7, 0.7} // doubtful
			}
			return f, d
		}), ""},
		{"doubtful ever after", spoilt(func(_ int, s liveness.State, f []face.Face, d face.Descriptor) ([]face.Face, face.Descriptor) {
			if s.Done > 0 {
				d = face.Descriptor{0.7, 0.7}
			}
			return f, d
		}), liveness.NotSame},
		{"a swap at the end only", spoilt(func(_ int, s liveness.State, f []face.Face, d face.Descriptor) ([]face.Face, face.Descriptor) {
			if s.Done == 3 {
				d = budi
			}
			return f, d
		}), liveness.NotSame},
		{"a swap through an empty picture", spoilt(func(n int, _ liveness.State, f []face.Face, d face.Descriptor) ([]face.Face, face.Descriptor) {
			if n > 5 && n < 16 {
				return nil, nil
			}
			return f, d
		}), liveness.FaceLost},
		{"a swap beside the first face", spoilt(func(n int, _ liveness.State, f []face.Face, d face.Descriptor) ([]face.Face, face.Descriptor) {
			if n > 5 {
				f = []face.Face{seen(0, 80, 520, false)}
			}
			return f, d
		}), liveness.Jumped},
		{"a busy PC that looks every 1.5 s", func() sight {
			good := willing()
			return func(n int, s liveness.State) ([]face.Face, face.Descriptor) {
				f, d := good(n, s)
				if n%15 != 0 {
					return unseen, nil
				}
				return f, d
			}
		}(), ""},
		{"nobody looked for three seconds", func() sight {
			good := willing()
			return func(n int, s liveness.State) ([]face.Face, face.Descriptor) {
				f, d := good(n, s)
				if n > 5 && n < 36 {
					return unseen, nil
				}
				return f, d
			}
		}(), liveness.FaceLost},
		{"a second person", spoilt(func(n int, _ liveness.State, f []face.Face, d face.Descriptor) ([]face.Face, face.Descriptor) {
			if n > 5 {
				f = append(f, seen(0, 75, 520, false))
			}
			return f, d
		}), liveness.OtherPerson},
		{"no matcher", spoilt(func(_ int, _ liveness.State, f []face.Face, _ face.Descriptor) ([]face.Face, face.Descriptor) {
			return f, nil
		}), liveness.NoIdentity},
		{"nobody at all", func(int, liveness.State) ([]face.Face, face.Descriptor) { return nil, nil }, liveness.TooLate},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := run(t, challenge, c.sight)
			if s.Reason != c.want || (s.Outcome == liveness.Passed) != (c.want == "") {
				t.Errorf("%+v, want %q", s, c.want)
			}
		})
	}
}

// Who turns back passes the straight look before they rest; only then the next
// step is asked for.
func TestStraightLooksRest(t *testing.T) {
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	s := liveness.New(liveness.Challenge{liveness.TurnLeft, liveness.TurnRight}, bands, marks, at)
	for i, c := range []struct {
		yaw  float64
		want liveness.Step
	}{
		{0, liveness.TurnLeft}, {-30, liveness.LookStraight}, {-10, liveness.LookStraight}, {-30, liveness.LookStraight},
		{-10, liveness.LookStraight}, {-5, liveness.TurnRight}, {14, liveness.LookStraight},
	} {
		at = at.Add(200 * time.Millisecond)
		got := s.See(liveness.Sight{At: at, Faces: []face.Face{seen(c.yaw, 80, 320, false)}, Descriptor: anna})
		if got.Outcome != liveness.Running || got.Instruction != c.want {
			t.Errorf("sight %d: %+v, want %s", i, got, c.want)
		}
	}
}

// A swap between the comparison and the challenge: whoever answers is not the
// one who was compared.
func TestKnow(t *testing.T) {
	for _, c := range []struct {
		name string
		know face.Descriptor
		want liveness.Reason
	}{{"the one who was compared", anna, ""}, {"somebody else", budi, liveness.NotSame}, {"control: nobody was compared", nil, ""}} {
		t.Run(c.name, func(t *testing.T) {
			at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
			s := liveness.New(liveness.Challenge{liveness.TurnRight}, bands, marks, at)
			if c.know != nil {
				s.Know(c.know)
			}
			a, state := &actor{eyes: 80}, s.State()
			for range 200 {
				at = at.Add(100 * time.Millisecond)
				a.follow(state.Instruction)
				if state = s.See(liveness.Sight{At: at, Faces: []face.Face{seen(a.yaw, a.eyes, 320, false)}, Descriptor: anna}); state.Outcome != liveness.Running {
					break
				}
			}
			if state.Reason != c.want || (state.Outcome == liveness.Passed) != (c.want == "") {
				t.Errorf("%+v, want %q", state, c.want)
			}
		})
	}
}

// With the challenge switched off the same photograph passes: the steps are
// what stops it.
func TestWithoutStepsAPhotographPasses(t *testing.T) {
	s := run(t, nil, func(int, liveness.State) ([]face.Face, face.Descriptor) {
		return []face.Face{seen(0, 80, 320, true)}, anna
	})
	if s.Outcome != liveness.Passed {
		t.Errorf("%+v", s)
	}
}

// All ten orders come up, about equally often.
func TestDraw(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	counts := map[[3]liveness.Step]int{}
	for range 10000 {
		c := liveness.Draw(random)
		if len(c) != 3 {
			t.Fatal(c)
		}
		counts[[3]liveness.Step(c)]++
	}
	if len(counts) != 10 {
		t.Errorf("%d orders", len(counts))
	}
	for c, n := range counts {
		if n < 850 || n > 1150 {
			t.Errorf("%v came up %d times in 10,000", c, n)
		}
	}
}
