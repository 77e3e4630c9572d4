package liveness_test

import (
	"fmt"
	"image"
	"math"
	"testing"
	"time"

	"loket/camera/footage/held"
	"loket/camera/footage/people"
	"loket/scanner/face"
	"loket/scanner/face/liveness"
)

// painted is what heads and sheets of these tests show: spots of all sizes, as
// registration needs no face.
func painted() held.Picture {
	img := image.NewRGBA(image.Rect(0, 0, 301, 401))
	for y := range 401 {
		for x := range 301 {
			u, v := float64(x-150)/1.5, float64(y-150)/1.5 // millimetres
			l := 120 + 35*math.Sin(u/7+2*math.Sin(v/19)) + 35*math.Cos(v/8-math.Sin(u/15)) + 25*math.Sin((u+v)/11)
			i := img.PixOffset(x, y)
			for c := range 3 {
				img.Pix[i+c] = uint8(max(0, min(255, l)))
			}
			img.Pix[i+3] = 255
		}
	}
	return held.Picture{Image: img, X: 150, Y: 150, PerMM: 1.5}
}

// shown is a surface before the camera, and where a detector that expects a head
// sees the landmarks: eyes and mouth where they are, the nose where a head's is.
func shown(s held.Surface, at held.Pose, yaw float64) (*image.RGBA, face.Face) {
	img := image.NewRGBA(image.Rect(0, 0, 480, 360))
	at.Distance = 480
	held.Show(img, painted(), s, at, 420)
	var f face.Face
	for i, m := range [5][2]float64{{-31.5, 0}, {31.5, 0}, {0, 37}, {-27.5, 63}, {27.5, 63}} {
		x, y := held.Place(s, at, 420, img.Rect.Size(), m[0], m[1])
		if i == 2 {
			l := f.Landmarks
			eyes := math.Hypot(l[1].X-l[0].X, l[1].Y-l[0].Y)
			x = (l[0].X+l[1].X)/2 + eyes*0.38*math.Tan(yaw*math.Pi/180)
		}
		f.Landmarks[i] = face.Point{X: x, Y: y}
	}
	f.Box = face.Box{X: 180, Y: 100, W: 120, H: 150}
	return img, f
}

func TestReliefTellsAHeadFromASheet(t *testing.T) {
	for _, c := range []struct {
		name      string
		s         held.Surface
		yaw       float64 // of what is held
		seen      float64 // that the detector believes
		low, high float64 // of the nose, millimetres
	}{
		{"a head turned right", held.Head, 25, 25, 4.5, 20},
		{"a head turned left", held.Head, -30, -30, 4.5, 20},
		{"a flat photograph", held.Flat, 40, 25, -1, 1},
		{"a photograph bent round 120 mm", held.Bent(120), -40, -25, -1.5, 1.5},
		{"a photograph bent round 75 mm", held.Bent(75), 35, 25, -1.5, 1.5},
		{"a photograph bent and tilted", held.Bent(75), -35, -25, -1.5, 1.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			straight, a := shown(c.s, held.Pose{}, 0)
			pose := held.Pose{Yaw: c.yaw}
			if c.name == "a photograph bent and tilted" {
				pose.Pitch, pose.Roll = 12, 8
			}
			turned, b := shown(c.s, pose, c.seen)
			r := liveness.NewStraight(straight, a.Landmarks).Relief(turned, b.Landmarks, math.Copysign(1, c.seen))
			t.Logf("%+v", r)
			if r.Nose < c.low || r.Nose > c.high || r.Alike < 0.9 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestReliefOfANoseThatIsHardToSee: where light falls from before and the skin is
// fair, what registers best is a nose that goes 16 mm against the turn; it is the
// cheek's edge. Landmarks are those that YuNet finds.
func TestReliefOfANoseThatIsHardToSee(t *testing.T) {
	fair := people.All()[13]
	light := people.Office()
	light.Azimuth = 0
	draw := func(yaw float64) *image.RGBA {
		return fair.Draw(image.Pt(480, 360), people.Look{Yaw: yaw, Scale: 0.38, Light: light})
	}
	straight := face.Landmarks{{X: 220.73, Y: 156.24}, {X: 266.55, Y: 159.21}, {X: 242.62, Y: 184.72}, {X: 219.66, Y: 202.72}, {X: 260.24, Y: 205.34}}
	left := face.Landmarks{{X: 179.50, Y: 159.01}, {X: 221.49, Y: 162.88}, {X: 187.85, Y: 188.59}, {X: 180.05, Y: 207.87}, {X: 215.62, Y: 211.06}}
	if r := liveness.NewStraight(draw(0), straight).Relief(draw(-32), left, -1); r.Nose < 4 || r.Alike < 0.9 {
		t.Errorf("%+v", r)
	}
}

// What is even, black or outside the picture gives no number that fails later.
func TestReliefOfNothing(t *testing.T) {
	even := image.NewRGBA(image.Rect(0, 0, 480, 360))
	_, f := shown(held.Flat, held.Pose{}, 0)
	outside := f.Landmarks
	for i := range outside {
		outside[i].X += 5000
	}
	for name, l := range map[string]face.Landmarks{"even": f.Landmarks, "outside": outside, "one point": {}} {
		r := liveness.NewStraight(even, f.Landmarks).Relief(even, l, 1)
		if r.Alike > 0 || math.IsNaN(r.Nose) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// bent answers like a willing head, but holds up a bent photograph that the
// detector takes for one.
func bent(s held.Surface, yaw, seen float64) func(n int, s liveness.State) ([]face.Face, face.Descriptor, *image.RGBA) {
	return func(_ int, state liveness.State) ([]face.Face, face.Descriptor, *image.RGBA) {
		turn := map[liveness.Step]float64{liveness.TurnLeft: -1, liveness.TurnRight: 1}[state.Instruction]
		img, f := shown(s, held.Pose{Yaw: turn * yaw}, turn*seen)
		return []face.Face{f}, anna, img
	}
}

// Each rule stops what it is there for, and with the rule off the same passes.
func TestWhatOnlyARuleStops(t *testing.T) {
	turns := liveness.Challenge{liveness.TurnLeft, liveness.TurnRight}
	loose := bands
	loose.Doubtful = -2
	swapped := func(n int, s liveness.State) ([]face.Face, face.Descriptor, *image.RGBA) {
		faces, d, img := bent(held.Head, 28, 28)(n, s)
		if s.Instruction != liveness.LookStraight {
			d = budi // somebody else turns, the photograph looks straight
		}
		return faces, d, img
	}
	// What turns has nothing in common with what looked straight: holes, glare, another picture.
	unlike := func(n int, s liveness.State) ([]face.Face, face.Descriptor, *image.RGBA) {
		faces, d, img := bent(held.Head, 28, 28)(n, s)
		if s.Instruction != liveness.LookStraight {
			for i := range img.Pix {
				img.Pix[i] = uint8(i * i >> 7)
			}
		}
		return faces, d, img
	}
	unseen := func(n int, s liveness.State) ([]face.Face, face.Descriptor, *image.RGBA) {
		faces, d, _ := bent(held.Head, 28, 28)(n, s)
		return faces, d, nil
	}
	for _, c := range []struct {
		name  string
		sight func(int, liveness.State) ([]face.Face, face.Descriptor, *image.RGBA)
		rules liveness.Rules
		bands face.Thresholds
		want  liveness.Reason
	}{
		{"a head", bent(held.Head, 28, 28), liveness.Rules{}, bands, ""},
		{"a bent photograph", bent(held.Bent(75), 35, 25), liveness.Rules{}, bands, liveness.Flat},
		{"a bent photograph, relief not asked", bent(held.Bent(75), 35, 25), liveness.Rules{Nose: -1}, bands, ""},
		{"a sheet with a fold for a nose", bent(held.Relief(150, 6), 32, 25), liveness.Rules{}, bands, liveness.Flat},
		{"a sheet with a fold for a nose, breadth not weighed", bent(held.Relief(150, 6), 32, 25), liveness.Rules{Narrow: -1}, bands, ""},
		{"a photograph turned far", bent(held.Flat, 60, 50), liveness.Rules{Nose: -1}, bands, liveness.Flat},
		{"a photograph turned far, breadth not asked", bent(held.Flat, 60, 50), liveness.Rules{Nose: -1, Breadth: -1}, bands, ""},
		{"a turn that nothing explains", unlike, liveness.Rules{}, bands, liveness.Flat},
		{"a turn that nothing explains, relief not asked", unlike, liveness.Rules{Nose: -1}, bands, ""},
		{"faces without their pictures", unseen, liveness.Rules{}, bands, liveness.NoPicture},
		{"faces without their pictures, relief not asked", unseen, liveness.Rules{Nose: -1}, bands, ""},
		{"somebody else turns", swapped, liveness.Rules{}, bands, liveness.NotSame},
		{"somebody else turns, identity not asked", swapped, liveness.Rules{}, loose, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
			c.rules.Limit = 1500 * time.Millisecond
			s := liveness.New(turns, c.bands, c.rules, at)
			state := s.State()
			seen := map[string]liveness.Sight{} // a held pose is drawn once
			for n := 0; state.Outcome == liveness.Running; n++ {
				at = at.Add(200 * time.Millisecond)
				v, have := seen[fmt.Sprint(state.Instruction)]
				if !have {
					v.Faces, v.Descriptor, v.Image = c.sight(n, state)
					seen[fmt.Sprint(state.Instruction)] = v
				}
				v.At = at
				state = s.See(v)
			}
			if state.Reason != c.want {
				t.Errorf("%+v, want %q", state, c.want)
			}
		})
	}
}
