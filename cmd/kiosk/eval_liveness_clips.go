package main

import (
	"image"
	"math"
	"math/rand/v2"

	"loket/camera/footage/people"
	"loket/scanner/face/liveness"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

// clipKind is one way to stand, or to hold something, before the camera.
type clipKind struct {
	name, source string
	attack       bool
	// start begins the nth clip: frame is called for each frame with what is asked; drawn says that the face is drawn.
	start func(n int, c liveness.Challenge, r *rand.Rand) (frame func(liveness.State) *image.RGBA, drawn bool, err error)
}

func clipKinds(photos []string) []clipKind {
	photo := func(move func(n int, asked liveness.Step) f64.Aff3) func(int, liveness.Challenge, *rand.Rand) (func(liveness.State) *image.RGBA, bool, error) {
		return func(n int, _ liveness.Challenge, r *rand.Rand) (func(liveness.State) *image.RGBA, bool, error) {
			img, drawn, err := photograph(photos, n)
			phase, i := 20*r.Float64(), 0
			shown := image.NewRGBA(image.Rect(0, 0, 480, 360))
			return func(s liveness.State) *image.RGBA {
				if i++; i > 1 && move == nil {
					return shown
				}
				m := f64.Aff3{1, 0, 0, 0, 1, 0}
				if move != nil {
					shown = image.NewRGBA(shown.Rect)
					m = move(int(phase)+i, s.Instruction)
				}
				place(shown, img, m)
				return shown
			}, drawn, err
		}
	}
	return []clipKind{
		{name: "drawn head, willing", source: "drawn", start: func(n int, _ liveness.Challenge, r *rand.Rand) (func(liveness.State) *image.RGBA, bool, error) {
			return head(n, r, nil), true, nil
		}},
		{name: "clip of another challenge", source: "drawn", attack: true, start: func(n int, c liveness.Challenge, r *rand.Rand) (func(liveness.State) *image.RGBA, bool, error) {
			return head(n, r, another(c, r)), true, nil
		}},
		{name: "swap in mid-challenge", source: "drawn", attack: true, start: func(n int, _ liveness.Challenge, r *rand.Rand) (func(liveness.State) *image.RGBA, bool, error) {
			first, second := head(n, r, nil), head(n+1, r, nil)
			return func(s liveness.State) *image.RGBA {
				if s.Instruction == liveness.LookStraight && s.Done == 0 {
					return first(s)
				}
				return second(s)
			}, true, nil
		}},
		{name: "photograph held still", source: "still", attack: true, start: photo(nil)},
		{name: "photograph moved and tilted", source: "warped", attack: true, start: photo(func(i int, _ liveness.Step) f64.Aff3 {
			sin, cos := math.Sincos(0.2 * math.Sin(float64(i)/5))
			return f64.Aff3{cos, -sin, 20 * math.Sin(float64(i)/4), sin, cos, 10 * math.Cos(float64(i)/6)}
		})},
		{name: "photograph turned and brought nearer as asked", source: "warped", attack: true, start: photo(func(i int, asked liveness.Step) f64.Aff3 {
			switch shear := 0.25; asked {
			case liveness.TurnLeft:
				return f64.Aff3{0.7, 0, 0, shear, 1, 0}
			case liveness.TurnRight:
				return f64.Aff3{0.7, 0, 0, -shear, 1, 0}
			case liveness.ComeCloser:
				k := math.Min(1.4, 1+float64(i%12)/20)
				return f64.Aff3{k, 0, 0, 0, k, 0}
			}
			return f64.Aff3{1, 0, 0, 0, 1, 0}
		})},
	}
}

// photograph is the nth picture of the folder, or the nth drawn portrait.
func photograph(photos []string, n int) (*image.RGBA, bool, error) {
	if len(photos) == 0 {
		all := people.All()
		return all[n%len(all)].Portrait(), true, nil
	}
	img, err := openPicture(photos[n*7%len(photos)])
	return img, false, err
}

// place puts a picture, as high as the frame, into its middle and moves it by m about there.
func place(dst, img *image.RGBA, m f64.Aff3) {
	k := float64(dst.Rect.Dy()) / float64(img.Rect.Dy())
	cx, cy := float64(img.Rect.Dx())/2, float64(img.Rect.Dy())/2
	x, y := float64(dst.Rect.Dx())/2+m[2], float64(dst.Rect.Dy())/2+m[5]
	for i := range dst.Pix {
		dst.Pix[i] = 200
	}
	xdraw.ApproxBiLinear.Transform(dst, f64.Aff3{
		k * m[0], k * m[1], x - k*(m[0]*cx+m[1]*cy),
		k * m[3], k * m[4], y - k*(m[3]*cx+m[4]*cy),
	}, img, img.Rect, xdraw.Src, nil)
}

// head is a drawn head that does what is asked after 0.4 seconds, or what clip says, whatever is asked.
func head(n int, r *rand.Rand, clip liveness.Challenge) func(liveness.State) *image.RGBA {
	all := people.All()
	p := all[n%len(all)]
	look := people.Look{Yaw: 6*r.Float64() - 3, Scale: 0.36 + 0.06*r.Float64(), Noise: 3}
	straight := look.Yaw
	var last liveness.Step
	var shown *image.RGBA
	wait, i := 0, 0
	return func(s liveness.State) *image.RGBA {
		asked := s.Instruction
		if clip != nil {
			// Each step and each straight look take ten frames.
			if asked = liveness.LookStraight; i/10%2 == 1 && i/20 < len(clip) {
				asked = clip[i/20]
			}
		}
		i++
		if asked != last {
			wait, last = 3, asked
		}
		if wait > 0 {
			wait--
		}
		target, scale := straight, look.Scale
		switch asked {
		case liveness.TurnLeft:
			target = -33
		case liveness.TurnRight:
			target = 33
		case liveness.ComeCloser:
			scale = math.Min(0.62, scale*1.08)
		}
		was := look
		if wait == 0 {
			look.Yaw += max(-11, min(11, target-look.Yaw))
			look.Scale = scale
		}
		if shown == nil || look != was {
			look.Seed = r.Uint64()
			shown = p.Draw(image.Pt(480, 360), look)
		}
		return shown
	}
}

// another is a challenge whose first step differs.
func another(c liveness.Challenge, r *rand.Rand) liveness.Challenge {
	for {
		if o := liveness.Draw(r); len(c) == 0 || o[0] != c[0] {
			return o
		}
	}
}
