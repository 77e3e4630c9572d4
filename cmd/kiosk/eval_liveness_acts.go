package main

import (
	"image"
	"math"
	"math/rand/v2"

	"loket/camera/footage/held"
	"loket/camera/footage/people"
	"loket/scanner/face/liveness"
)

// posture is how a head, or what is held, is before the camera: degrees and millimetres; near is 1 at about 48 cm and
// grows as it comes closer.
type posture struct {
	yaw, pitch, roll, x, y, near float64
	light                        float64 // the share that is left of a good light
	shut                         bool    // the eyes
	noise                        uint64  // of the frame
}

// actor follows what is asked after 0.4 to 0.8 seconds. Three of four turn slowly, as the words ask ("pelan"), by 20 to 40
// degrees a second to 15 to 23 degrees, and on from there until something else is asked; one turns at once as far as it
// means to, at 50 to 90 degrees a second. It is never quite still, and a quarter of all are in dim light.
type actor struct {
	r                 *rand.Rand
	turn, speed       float64
	first             float64 // degrees that are turned at once
	own, drift        posture
	now               posture
	asked             liveness.Step
	wait, held, blink int
	sweep             bool // turns to and fro between 12 degrees and turn, in search of what passes
	phase             float64
}

const furthest = 40 // degrees that who turns on turns at most

func newActor(r *rand.Rand, turn float64) *actor {
	a := &actor{r: r, turn: turn, speed: 4 + 4*r.Float64(), phase: 6 * r.Float64()}
	a.own = posture{yaw: 5*r.Float64() - 2.5, pitch: 6*r.Float64() - 3, roll: 5*r.Float64() - 2.5, near: 0.95 + 0.15*r.Float64(), light: 1}
	if r.IntN(4) == 0 {
		a.own.light = 0.2 + 0.3*r.Float64()
	}
	if a.first = 15 + 8*r.Float64(); r.IntN(4) == 0 {
		a.speed, a.first = 10+8*r.Float64(), turn
	}
	a.now = a.own
	return a
}

func (a *actor) next(step liveness.Step) posture {
	if step != a.asked {
		a.asked, a.wait, a.held = step, 2+a.r.IntN(3), 0
	}
	a.phase += 0.35
	goal, near := a.own.yaw, a.own.near
	turn := a.first
	if a.held++; a.held > 6 {
		turn = min(furthest, turn+1.5*float64(a.held-6))
	}
	if a.sweep {
		turn = 12 + (a.turn-12)*(0.5+0.5*math.Sin(a.phase))
	}
	switch step {
	case liveness.TurnLeft:
		goal = -turn
	case liveness.TurnRight:
		goal = turn
	case liveness.ComeCloser:
		near = 1.45 * a.own.near
	}
	if a.wait--; a.wait < 0 {
		a.now.yaw += max(-a.speed, min(a.speed, goal-a.now.yaw))
		a.now.near *= max(0.93, min(1.08, near/a.now.near))
	}
	// A slow drift about the own posture, of some millimetres and degrees.
	for _, v := range []*float64{&a.drift.x, &a.drift.y, &a.drift.pitch, &a.drift.roll} {
		*v = 0.85**v + 0.8*a.r.NormFloat64()
	}
	if a.blink--; a.blink < -15 && a.r.IntN(8) == 0 {
		a.blink = 1
	}
	p := a.now
	p.x, p.y, p.pitch, p.roll = a.drift.x, a.drift.y, a.own.pitch+a.drift.pitch, a.own.roll+a.drift.roll
	p.shut, p.noise = a.blink >= 0, a.r.Uint64()
	return p
}

// bent is a photograph on paper that is flat or bent, turned and brought nearer as asked, by somebody who tries how far
// to turn it.
func (c cast) bent(st *stage, n int, _ liveness.Challenge, r *rand.Rand) (scene, error) {
	p, err := c.photograph(st, n)
	a := newActor(r, 40+25*r.Float64())
	a.sweep = true
	var radius float64 // flat
	if n%4 != 0 {
		radius = 45 + 105*r.Float64()
	}
	return func(s liveness.State) *image.RGBA { return p.shown(sheet(radius), a.next(s.Instruction), nil) }, err
}

func sheet(radius float64) held.Surface {
	if radius == 0 {
		return held.Flat
	}
	return held.Bent(radius)
}

// screen is a photograph on a screen with a frame, whose pixels beat with the camera's and whose refresh runs through
// the picture.
func (c cast) screen(st *stage, n int, _ liveness.Challenge, r *rand.Rand) (scene, error) {
	p, err := c.photograph(st, n)
	if err != nil {
		return nil, err
	}
	p = p.framed()
	a := newActor(r, 40+25*r.Float64())
	a.sweep = true
	pitch, angle, beat := 3+4*r.Float64(), 0.3*r.Float64(), 0.3+r.Float64()
	frame := 0.0
	return func(s liveness.State) *image.RGBA {
		frame++
		return p.lit(pitch, angle, beat*frame).shown(held.Flat, a.next(s.Instruction), nil)
	}, nil
}

// cutOut is a photograph worn like a mask, bent round the wearer's face, whose eyes look and blink through holes.
func (c cast) cutOut(st *stage, n int, _ liveness.Challenge, r *rand.Rand) (scene, error) {
	mask, err := c.photograph(st, n)
	if err != nil {
		return nil, err
	}
	open, shut, err := c.eyes(st, n+3)
	mask = mask.withoutEyes()
	mask.Extent, open.Extent, shut.Extent = 80+20*r.Float64(), wearer, wearer
	a := newActor(r, 35+20*r.Float64())
	a.sweep = true
	radius := 65 + 45*r.Float64()
	return func(s liveness.State) *image.RGBA {
		p := a.next(s.Instruction)
		eyes := open
		if p.shut {
			eyes = shut
		}
		return mask.shown(sheet(radius), p, &eyes)
	}, err
}

// Who wears a mask is seen through its holes only: 70 mm to either side. The paper presses on the nose, which then
// stands out 14 mm, and lies that far before the face.
const (
	wearer      = 70
	wornNose    = 14
	behindPaper = 18
)

// focal is the camera's focal length in pixels of 480 × 360: 60 degrees across.
const focal = 415

// room is the wall behind, in a frame of the counter's shape.
func room() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 480, 360))
	for i := range img.Pix {
		img.Pix[i] = uint8(196 - i/img.Stride/12)
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

// drawnHead is a sample citizen in a light of their own.
func drawnHead(st *stage, n int, r *rand.Rand) (head, error) {
	p := st.gallery.drawn[n%len(st.gallery.drawn)]
	light := people.Office()
	light.Azimuth, light.Strength = -40+80*r.Float64(), 0.85+0.25*r.Float64()
	return func(at posture) *image.RGBA {
		look := people.Look{Yaw: at.yaw, Pitch: at.pitch, Roll: at.roll, Scale: 0.38 * at.near, X: at.x / 350, Y: at.y / 350,
			Light: light}
		if at.shut {
			look.Closed = 1
		}
		img := p.Draw(image.Pt(480, 360), look)
		dim(img, at.light)
		people.Noise(img, 3, at.noise)
		return img
	}, nil
}

// reliefHead is a photograph on a head's relief; noses and heads differ.
func reliefHead(st *stage, n int, r *rand.Rand) (head, error) {
	p, err := stillPhotograph(st, n)
	s := held.Relief(78+17*r.Float64(), 19+11*r.Float64())
	return func(at posture) *image.RGBA { return p.shown(s, at, nil) }, err
}
