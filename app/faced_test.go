package app_test

import (
	"image"
	"math"
	"slices"
	"time"

	"loket/app"
	"loket/scanner/face"
	"loket/scanner/face/liveness"
)

// faced is how the face before the camera behaves, and what the policy asks of
// it. The zero value stands still and is asked nothing.
type faced struct {
	challenge bool
	duplicate float64
	willing   bool        // does what the window asks
	flat      bool        // a photograph: its nose stays in the plane
	quick     int         // how often it turns by 60 degrees at once, where nobody is known
	clip      func() bool // does something else instead
	swap      byte        // who it is once the challenge has begun; 0: nobody else
	others    int         // faces beside it, as large
	reference []face.Component
	passive   map[string]float64
	takes     time.Duration // for one picture

	yaw, eyes float64 // of the next frame
	waits     int
	away      bool // turned too far
	last      liveness.Step
	painted   *image.RGBA // the last frame, while nothing has moved
}

// paint makes a frame show what the engine will be told of it: a head's relief,
// or a flat photograph, turned by yaw with the eyes that far apart. The second
// pixel says so to the engine; the others stay as light as who it is, for crops.
func (a *faced) paint(img *image.RGBA) {
	if a.eyes == 0 {
		a.eyes = 12
	}
	yaw, eyes := uint8(math.Round(a.yaw)+128), uint8(8*a.eyes)
	if p := a.painted; p != nil && p.Pix[0] == img.Pix[0] && p.Pix[4] == yaw && p.Pix[5] == eyes {
		copy(img.Pix[4:], p.Pix[4:]) // all but the first pixel, which tells frames apart
		return
	}
	sin, cos := math.Sincos((float64(yaw) - 128) * math.Pi / 180)
	depth := func(x, y float64) float64 {
		if a.flat {
			return 0
		}
		return 24 * math.Exp(-(x*x+(y-37)*(y-37))/(2*13*13))
	}
	mm := 63 / (float64(eyes) / 8) // a pixel
	for py := range img.Rect.Dy() {
		for px := range img.Rect.Dx() {
			u, y := float64(px-32)*mm, float64(py-20)*mm
			x := u / cos
			for range 10 { // which place of the surface is seen here
				x = (u - depth(x, y)*sin) / cos
			}
			l := uint8(40*float64(img.Pix[0]) + 9*math.Sin(x/7+math.Sin(y/15)) + 9*math.Cos(y/8+math.Sin(x/13)))
			if i := img.PixOffset(px, py); i > 0 {
				copy(img.Pix[i:], []uint8{l, l, l, 255})
			}
		}
	}
	img.Pix[4], img.Pix[5] = yaw, eyes
	a.painted = img
}

// live says where the face of a live frame is, and moves it for the next by up to
// 12 degrees or 4 %, two frames after it was asked.
func (a *faced) live(w *world, img *image.RGBA, f app.Finding, describe bool) app.Finding {
	if len(f.Faces) == 0 {
		return f
	}
	yaw, eyes := float64(img.Pix[4])-128, float64(img.Pix[5])/8
	if eyes == 0 { // no challenge, so nothing was painted
		yaw, eyes = 0, 12
	}
	asked := liveness.Step("")
	if n := len(w.trace); n > 0 {
		asked = w.trace[n-1].Asked
	}
	speed := 12.0
	if asked != a.last {
		if turns := asked == liveness.TurnLeft || asked == liveness.TurnRight; turns || a.away {
			if a.away = turns && a.quick > 0; a.away {
				a.quick--
			}
		}
		a.last, a.waits = asked, 2
	}
	switch target := 0.0; {
	case a.waits > 0:
		a.waits--
	case !a.willing:
	default:
		if asked == liveness.TurnLeft {
			target = -32
		}
		if asked == liveness.TurnRight {
			target = 32
		}
		if a.clip != nil && a.clip() {
			target = -target
		}
		if asked == liveness.ComeCloser {
			a.eyes = min(20, a.eyes*1.04)
		}
		if a.away {
			target *= 2
		}
		if a.away || math.Abs(a.yaw) > 40 {
			speed = 64
		}
		a.yaw += max(-speed, min(speed, target-a.yaw))
	}
	f.Faces = slices.Clone(f.Faces)
	f.Faces[0] = head(yaw, eyes, a.flat)
	for i := range a.others {
		other := head(0, eyes, false)
		other.Box.X += float64(40 * (i + 1))
		f.Faces = append(f.Faces, other)
	}
	if a.swap != 0 && asked != "" && asked != liveness.LookStraight {
		w.before = a.swap // somebody else moves
	}
	if a.away && math.Abs(yaw) > 45 && f.Descriptor != nil {
		f.Descriptor = face.Descriptor{0, 1}
	}
	if describe {
		f.Passive = a.passive
	}
	return f
}

// head is a mean face in a picture of 64 × 48, turned by yaw degrees, its eyes
// d pixels apart.
func head(yaw, d float64, flat bool) face.Face {
	mean := [5][3]float64{{-31.5, 0, 0}, {31.5, 0, 0}, {0, 37, 24}, {-27.5, 63, 1}, {27.5, 63, 1}}
	sin, cos := math.Sincos(yaw * math.Pi / 180)
	f := face.Face{Box: face.Box{X: 32 - d, Y: 20 - d, W: 2 * d, H: 2.5 * d}, Score: 0.99}
	for i, m := range mean {
		z := m[2]
		if flat {
			z = 0
		}
		f.Landmarks[i] = face.Point{X: 32 + d/63*(m[0]*cos+z*sin), Y: 20 + d/63*m[1]}
	}
	return f
}
