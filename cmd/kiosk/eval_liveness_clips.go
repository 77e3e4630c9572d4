package main

import (
	"image"
	"math/rand/v2"
	"slices"
	"strings"

	"loket/camera/footage/people"
	"loket/scanner/face/liveness"
)

// scene gives the next frame, knowing what is asked now.
type scene func(liveness.State) *image.RGBA

// clipKind is one way to stand, or to hold something, before the camera.
type clipKind struct {
	name          string
	attack, drawn bool
	begin         func(st *stage, n int, c liveness.Challenge, r *rand.Rand) (scene, error)
}

// clipKinds are made from the same pictures in the same way.
type clipKinds struct {
	source, made string
	kinds        []clipKind
}

// cast gives the heads and pictures of one source.
type cast struct {
	drawn  bool
	people int // how many there are; the nth is the same as the (n + people)th
	// living is a head that turns and comes nearer as its script says.
	living func(st *stage, n int, r *rand.Rand) (head, error)
	// photograph is the nth person's, and behind are the eyes of somebody behind one.
	photograph func(st *stage, n int) (portrait, error)
	eyes       func(st *stage, n int) (open, shut portrait, err error)
}

// head is a person whose frames are drawn or rendered for a posture.
type head func(posture) *image.RGBA

// liveSources are all kinds of clips.
type liveSources []clipKinds

// kindNames are parts of "source/name".
type kindNames []string

// kindsNamed reads what stands between commas; nothing means all.
func kindsNamed(list string) (parts kindNames) {
	for part := range strings.SplitSeq(list, ",") {
		parts = append(parts, strings.TrimSpace(part))
	}
	return parts
}

// only leaves the kinds that a part names.
func (all liveSources) only(parts kindNames) (out liveSources) {
	for _, s := range all {
		s.kinds = slices.DeleteFunc(s.kinds, func(k clipKind) bool {
			return !slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s.source+"/"+k.name, part) })
		})
		if len(s.kinds) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func clipSources(s stills) liveSources {
	drawn := cast{drawn: true, people: len(people.All()), living: drawnHead, photograph: drawnPhotograph, eyes: drawnEyes}
	out := liveSources{{"drawn", "the project's drawn heads, and sheets with their portraits", drawn.kinds()}}
	still := []clipKind{{name: "drawn portrait held still", attack: true, drawn: true, begin: drawn.heldStill}}
	if len(s.faces) > 0 {
		warped := cast{people: len(s.faces), living: reliefHead, photograph: stillPhotograph, eyes: stillEyes}
		out = append(out, clipKinds{"warped", "photographs on the relief of a moved head, and sheets with photographs", warped.kinds()})
		still = append(still, clipKind{name: "photograph held still", attack: true, begin: warped.heldStill})
	}
	if len(s.prints) > 0 {
		still = append(still, clipKind{name: "frames of real prints in turn", attack: true, begin: printedFrames})
	}
	return append(out, clipKinds{"still", "pictures that are not moved", still})
}

func (c cast) kinds() []clipKind {
	kinds := []clipKind{
		{"living head", false, c.drawn, c.alive},
		{"photograph moved and bent", true, c.drawn, c.bent},
		{"photograph on a synthetic screen", true, c.drawn, c.screen},
		{"photograph with cut-out eyes", true, c.drawn, c.cutOut},
		{"replayed clip of another challenge", true, c.drawn, c.replay},
	}
	if c.people > 1 {
		kinds = append(kinds, clipKind{"swap in mid-challenge", true, c.drawn, c.swap})
	}
	return kinds
}

// alive does what is asked, at once and willingly.
func (c cast) alive(st *stage, n int, _ liveness.Challenge, r *rand.Rand) (scene, error) {
	h, err := c.living(st, n, r)
	a := newActor(r, 26+9*r.Float64())
	return func(s liveness.State) *image.RGBA { return h(a.next(s.Instruction)) }, err
}

// replay is a living head that answers a challenge whose first step differs: ten frames for each look and step.
func (c cast) replay(st *stage, n int, asked liveness.Challenge, r *rand.Rand) (scene, error) {
	h, err := c.living(st, n, r)
	a := newActor(r, 26+9*r.Float64())
	script, i := another(asked, r), 0
	return func(liveness.State) *image.RGBA {
		step := liveness.LookStraight
		if i/10%2 == 1 && i/20 < len(script) {
			step = script[i/20]
		}
		i++
		return h(a.next(step))
	}, err
}

// swap lets somebody else do a part: all but the first look, the steps while the first one's photograph looks straight,
// or the last look.
func (c cast) swap(st *stage, n int, _ liveness.Challenge, r *rand.Rand) (scene, error) {
	first, err := c.living(st, n, r)
	if err != nil {
		return nil, err
	}
	second, err := c.living(st, n+1+r.IntN(c.people-1), r)
	a := newActor(r, 26+9*r.Float64())
	return func(s liveness.State) *image.RGBA {
		p, straight := a.next(s.Instruction), s.Instruction == liveness.LookStraight
		var its bool
		switch n % 3 {
		case 0:
			its = straight && s.Done == 0
		case 1:
			if its = straight; its {
				p.yaw = 0 // the photograph
			}
		default:
			its = !(straight && s.Done > 0 && s.Done == s.Of)
		}
		if its {
			return first(p)
		}
		return second(p)
	}, err
}

// heldStill is one picture, again and again.
func (c cast) heldStill(st *stage, n int, _ liveness.Challenge, r *rand.Rand) (scene, error) {
	p, err := c.photograph(st, n)
	if err != nil {
		return nil, err
	}
	img := p.shown(sheet(0), posture{near: 1, light: 1, noise: r.Uint64()}, nil)
	return func(liveness.State) *image.RGBA { return img }, nil
}

// printedFrames are real frames of one person's printed photographs, as many at a time as the counter looks at.
func printedFrames(st *stage, n int, _ liveness.Challenge, r *rand.Rand) (scene, error) {
	person := st.gallery.prints[n%len(st.gallery.prints)]
	at := r.IntN(len(person))
	var shown *image.RGBA
	img, err := openPicture(person[at])
	shown = img
	held := 0
	return func(liveness.State) *image.RGBA {
		// Half a second each: they were taken seconds apart.
		if held++; held%3 == 0 {
			at = (at + 1) % len(person)
			if next, err := openPicture(person[at]); err == nil {
				shown = next
			}
		}
		return shown
	}, err
}

// another is a challenge whose first step differs.
func another(c liveness.Challenge, r *rand.Rand) liveness.Challenge {
	for {
		if o := liveness.Draw(r); len(c) == 0 || o[0] != c[0] {
			return o
		}
	}
}
