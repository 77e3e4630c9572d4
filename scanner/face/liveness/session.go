package liveness

import (
	"image"
	"math"
	"time"

	"loket/scanner/face"
)

// Outcome is how a challenge stands.
type Outcome string

const (
	Running Outcome = "running"
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
)

// Reason is why a challenge failed.
type Reason string

const (
	TooLate     Reason = "too-late"     // the step was not done in time
	TooSoon     Reason = "too-soon"     // done before anybody could have reacted
	WrongStep   Reason = "wrong-step"   // something else was done
	FaceLost    Reason = "face-lost"    // nobody was seen for a while
	OtherPerson Reason = "other-person" // a second face as large as half the subject
	Jumped      Reason = "jumped"       // the face was suddenly elsewhere
	NotSame     Reason = "not-same"     // it is somebody else than before
	Flat        Reason = "flat"         // it turned as a picture does, not as a head
	NoIdentity  Reason = "no-identity"  // no matcher told who it is
	NoPicture   Reason = "no-picture"   // a face was found, but its picture did not come along
)

// Rules say what counts as done. The zero value means the defaults.
type Rules struct {
	Turn     float64       // degrees of yaw away from the straight look, to the side that is asked for; 12, as it must show relief too
	Wrong    float64       // likewise, to the side that is not; 20, as nothing else speaks for it
	Far      float64       // degrees beyond which a turned face need show neither nose nor who it is, and the person is asked back; 45. Negative: nobody is
	Straight float64       // degrees of yaw that still are a straight look; 13, as five landmarks err by up to 7 either way
	Closer   float64       // how many times the eyes' distance grows; 1.25
	Limit    time.Duration // for one step; 10 s, as old people turn slowly
	Reaction time.Duration // sooner nobody reacts; 150 ms
	Gap      time.Duration // how long sights may show no face; 800 ms
	Blind    time.Duration // how long there may be no sight at all, on a busy PC; 2 s
	Overlap  float64       // intersection over union of the face's box from one sight to the next within Gap/2; 0.2

	// What a turned face keeps at least of its breadth against its height, which
	// a picture that is turned loses; 0.8. Of LFW's 534 faces that are turned by
	// 20 degrees and more none has less than 0.80 of the mean. Negative: not asked.
	Breadth float64
	// How far the nose moves in a turn at least, in millimetres beyond a sheet of
	// paper's middle (Straight.Relief), where both looks are wholly alike and the
	// face keeps its breadth; 0.8. Heads made of photographs show 4 to 13, drawn ones
	// sometimes none. Negative: not asked.
	Nose float64
	// How many millimetres more are asked for where the looks have nothing in
	// common; 8, in proportion between.
	Doubt float64
	// How many millimetres more are asked for a breadth of nothing; 16, in
	// proportion to what is lost of it. With both, 3 in 1000 sights of 2400 of sheets
	// pass (moved and bent, or worn with holes; kiosk eval liveness, seed 201), and
	// 94 in 100 of 1800 of drawn heads and of photographs made into heads (seed 3).
	// Negative: not asked.
	Narrow float64
	// How well the moved straight look must explain the turned one for its nose to
	// count; 0.75. What is explained worse shows nothing, whoever it is.
	Alike float64
}

// firm is how many sights must show a turn's relief, with none between that
// turned without.
const firm = 2

// back is how often a step asks somebody back who turned too far.
const back = 2

func (r Rules) orDefault() Rules {
	for _, f := range []struct {
		v  *float64
		by float64
	}{{&r.Turn, 12}, {&r.Wrong, 20}, {&r.Far, 45}, {&r.Straight, 13}, {&r.Closer, 1.25}, {&r.Overlap, 0.2}, {&r.Breadth, 0.8}, {&r.Nose, 0.8}, {&r.Doubt, 8}, {&r.Narrow, 16}, {&r.Alike, 0.75}} {
		if *f.v == 0 {
			*f.v = f.by
		}
	}
	for _, d := range []struct {
		v  *time.Duration
		by time.Duration
	}{{&r.Limit, 10 * time.Second}, {&r.Reaction, 150 * time.Millisecond}, {&r.Gap, 800 * time.Millisecond}, {&r.Blind, 2 * time.Second}} {
		if *d.v == 0 {
			*d.v = d.by
		}
	}
	return r
}

// Sight is what the face engine said of one frame: faces, largest first, and
// the first one's descriptor; nil where it was not described. Image is the
// frame, never written again; a face without it ends the challenge, unless Rules
// ask for no relief.
type Sight struct {
	At         time.Time
	Image      *image.RGBA
	Faces      []face.Face
	Descriptor face.Descriptor
}

// State is where the challenge stands: what to ask now, and how many of the
// steps are done.
type State struct {
	Instruction Step
	Done, Of    int
	Outcome     Outcome
	Reason      Reason // where it failed
	// Back says that the person turned too far: they are asked to look straight, and
	// then to turn less.
	Back bool
	// Describe says that the next sight should carry a descriptor.
	Describe bool
}

// Session runs one challenge. It is not for concurrent use.
type Session struct {
	challenge Challenge
	bands     face.Thresholds
	rules     Rules
	state     State
	straight  bool      // a straight look is asked for, not the step
	asked     time.Time // when the instruction was given
	seen      time.Time // the last sight with a face
	sight     time.Time // the last sight
	box       face.Box
	first     face.Descriptor // of the first straight look, or of before
	known     bool            // first is of before, and nothing was seen yet
	base      struct {
		yaw, eyes float64
		marks     face.Landmarks // of the last straight look
		look      *Straight      // likewise; nil where no relief is asked for
	}
	wrong int    // sights in a row that did another step, or showed somebody else
	far   int    // sights in a row that turned too far
	backs int    // how often somebody was asked back in this step
	back  Step   // the turn that they are asked back from, or will be asked for again
	firm  int    // straight looks since one that was not
	shown int    // sights that showed a turn's relief since one that turned without
	doubt Reason // why what looked like the step did not count
}

// New begins a challenge at a time. bands say when two descriptors are the same
// person: a Match is needed after every step.
func New(c Challenge, bands face.Thresholds, rules Rules, at time.Time) *Session {
	return &Session{
		challenge: c, bands: bands, rules: rules.orDefault(), straight: true, asked: at, seen: at,
		state: State{Instruction: LookStraight, Of: len(c), Outcome: Running, Describe: true},
	}
}

// Know makes the challenge ask whether the person is the one of this
// descriptor, which was taken before it began: then a swap between the
// comparison and the challenge fails too. Call it before the first See.
func (s *Session) Know(d face.Descriptor) { s.first, s.known = d, true }

// State is where the challenge stands after the last sight.
func (s *Session) State() State { return s.state }

// See takes the next sight; sights come in order of time. After the end it
// changes nothing.
func (s *Session) See(v Sight) State {
	if s.state.Outcome != Running {
		return s.state
	}
	if reason := s.broken(v); reason != "" {
		return s.fail(reason)
	}
	s.sight = v.At
	if len(v.Faces) > 0 {
		if v.Image == nil && s.relief() {
			return s.fail(NoPicture)
		}
		s.seen, s.box = v.At, v.Faces[0].Box
		if s.straight {
			s.look(v)
		} else {
			s.step(v)
		}
	}
	if s.state.Outcome == Running && v.At.Sub(s.asked) > s.rules.Limit {
		if s.doubt != "" {
			return s.fail(s.doubt)
		}
		return s.fail(TooLate)
	}
	return s.state
}

func (s *Session) fail(r Reason) State {
	s.state.Outcome, s.state.Reason, s.state.Describe = Failed, r, false
	return s.state
}

// broken says whether the face that is seen need not be the one before.
func (s *Session) broken(v Sight) Reason {
	if len(v.Faces) == 0 {
		if s.begun() && v.At.Sub(s.seen) > s.rules.Gap {
			return FaceLost
		}
		return ""
	}
	if len(v.Faces) > 1 && area(v.Faces[1].Box) > area(v.Faces[0].Box)/2 {
		return OtherPerson
	}
	if !s.begun() {
		return ""
	}
	limit := s.rules.Gap
	if s.seen.Equal(s.sight) { // nobody looked since: the face was not seen to be gone
		limit = s.rules.Blind
	}
	if v.At.Sub(s.seen) > limit {
		return FaceLost
	}
	if v.At.Sub(s.seen) <= s.rules.Gap/2 && overlap(s.box, v.Faces[0].Box) < s.rules.Overlap {
		return Jumped
	}
	return ""
}

// begun says that the first straight look was seen.
func (s *Session) begun() bool { return s.first != nil && !s.known }

// look waits for a straight look, and asks whether it is still the same person.
func (s *Session) look(v Sight) {
	yaw := v.Faces[0].Landmarks.Pose().Yaw
	if turned := math.Abs(yaw - s.base.yaw); turned > s.rules.Straight { // the base is 0 before the first look
		s.firm = 0
		// Who comes back from too far passes where a turn shows most.
		if s.back == side(yaw-s.base.yaw) && turned <= s.rules.Far && s.shows(s.back, s.unlike(v, s.back)) {
			s.done(v.At)
		}
		return
	}
	if v.Descriptor == nil {
		// Without a matcher time runs out: say why.
		if v.At.Sub(s.asked) > s.rules.Limit {
			s.fail(NoIdentity)
		}
		return
	}
	if s.first != nil {
		switch s.band(v) {
		case face.Match:
			s.wrong = 0
		case face.Doubtful: // a blink or a blurred frame: the next one may be better
			s.doubt, s.wrong = NotSame, 0
			return
		default: // once it may be the blur of turning back
			if s.doubt, s.wrong = NotSame, s.wrong+1; s.wrong == firm {
				s.fail(NotSame)
			}
			return
		}
	}
	// Who turns back passes the straight look before they rest.
	if s.firm++; s.firm < firm && s.begun() {
		return
	}
	if !s.begun() {
		if s.first == nil {
			s.first = v.Descriptor
		}
		s.known, s.base.yaw = false, yaw
	}
	s.base.eyes, s.base.marks = eyes(v.Faces[0]), v.Faces[0].Landmarks
	if s.relief() {
		s.base.look = NewStraight(v.Image, s.base.marks)
	}
	if s.state.Done == len(s.challenge) {
		s.state.Outcome, s.state.Describe = Passed, false
		return
	}
	s.ask(s.challenge[s.state.Done], v.At)
}

func (s *Session) ask(step Step, at time.Time) {
	s.straight = step == LookStraight
	s.state.Instruction, s.state.Describe, s.state.Back, s.asked = step, true, s.back != "", at
	s.firm, s.wrong, s.far, s.doubt = 0, 0, 0, ""
	if s.back == "" {
		s.shown = 0
	}
}

// done goes on from a step that was done.
func (s *Session) done(at time.Time) {
	s.state.Done++
	s.back, s.backs = "", 0
	s.ask(LookStraight, at)
}

// step waits until the step is done.
func (s *Session) step(v Sight) {
	yaw := v.Faces[0].Landmarks.Pose().Yaw - s.base.yaw
	near := eyes(v.Faces[0]) / s.base.eyes
	far := func(side Step) float64 {
		if s.state.Instruction == side {
			return s.rules.Turn
		}
		return s.rules.Wrong
	}
	var done Step
	switch {
	case yaw <= -far(TurnLeft):
		done = TurnLeft
	case yaw >= far(TurnRight):
		done = TurnRight
	case near >= s.rules.Closer: // whose head is turned has answered above
		done = ComeCloser
	default:
		s.wrong = 0
		return
	}
	switch {
	case v.At.Sub(s.asked) < s.rules.Reaction:
		if done == ComeCloser || math.Abs(yaw) >= s.rules.Wrong { // else it may be what is left of the straight look
			s.fail(TooSoon)
		}
	case done != s.state.Instruction:
		if s.shown, s.wrong = 0, s.wrong+1; s.wrong == firm { // a landmark may err once
			s.fail(WrongStep)
		}
	default:
		s.wrong = 0
		why := s.unlike(v, done)
		switch {
		case done != ComeCloser && s.rules.Far > 0 && math.Abs(yaw) > s.rules.Far && s.backs < back && why != "":
			if s.far++; s.far == firm {
				s.backs, s.back = s.backs+1, done
				s.ask(LookStraight, v.At) // and then the step again
			}
		case s.shows(done, why):
			s.done(v.At)
		}
	}
}

// shows takes one more sight of a step, and why it does not count or "", and
// says whether enough have shown it.
func (s *Session) shows(done Step, why Reason) bool {
	s.far = 0
	if why != "" {
		s.shown, s.doubt = 0, why
		return false
	}
	s.shown++
	return s.shown >= firm || done == ComeCloser || !s.relief()
}

// side is where a face is turned to by degrees of yaw.
func side(yaw float64) Step {
	if yaw < 0 {
		return TurnLeft
	}
	return TurnRight
}

// relief says whether turns must show it.
func (s *Session) relief() bool { return s.rules.Nose > 0 }

// unlike says why a step that seems to be done is not: it is not the same
// person now, or a turn shows no head. A photograph, a mask of paper or
// somebody else may be before the camera only while the step is done.
func (s *Session) unlike(v Sight, done Step) Reason {
	if v.Descriptor == nil {
		return NoIdentity
	}
	// A turned face is less like the straight one: doubtful is enough.
	if s.band(v) == face.NoMatch {
		return NotSame
	}
	if done == ComeCloser {
		return ""
	}
	marks := v.Faces[0].Landmarks
	breadth := marks.Breadth() / s.base.marks.Breadth()
	if !(breadth >= s.rules.Breadth) {
		return Flat
	}
	if !s.relief() {
		return ""
	}
	// A doubt speaks against the turn, never for it: who makes looks unlike each
	// other, by holes or by light, has shown no nose.
	side := 1.0
	if done == TurnLeft {
		side = -1
	}
	r := s.base.look.Relief(v.Image, marks, side)
	nose := s.rules.Nose + s.rules.Doubt*(1-r.Alike) + max(0, s.rules.Narrow)*max(0, 1-breadth)
	if !(r.Alike >= s.rules.Alike && r.Nose >= nose) {
		return Flat
	}
	return ""
}

// eyes is their distance in pixels as if the head looked straight ahead.
func eyes(f face.Face) float64 {
	l := f.Landmarks
	return math.Hypot(l[1].X-l[0].X, l[1].Y-l[0].Y) / math.Max(math.Cos(l.Pose().Yaw*math.Pi/180), 0.5)
}

// band says whether a sight's person is the first one.
func (s *Session) band(v Sight) face.Band {
	score, err := face.Compare(s.first, v.Descriptor, s.bands.Metric)
	if err != nil {
		return face.NoMatch
	}
	return s.bands.Band(score)
}

func area(b face.Box) float64 { return b.W * b.H }

// overlap is intersection over union.
func overlap(a, b face.Box) float64 {
	w := math.Min(a.X+a.W, b.X+b.W) - math.Max(a.X, b.X)
	h := math.Min(a.Y+a.H, b.Y+b.H) - math.Max(a.Y, b.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (area(a) + area(b) - w*h)
}
