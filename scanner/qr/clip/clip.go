// Package clip simulates what a counter's webcam sees while a hand brings a phone closer: 1280x720 frames at 15 a second
// of a code on a phone's screen that grows, trembles, tilts and smears, with the room's lamp wandering over the glass,
// the screen's lines and the sensor's noise. Everything follows from a seed, so that two readers see the same clip.
package clip

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"time"

	"loket/scanner/qr"
)

// Size of a frame and time between two.
const (
	Width  = 1280
	Height = 720
	Every  = time.Second / 15
)

// exposure is how much of the time between two frames the shutter is open: half of it, as indoors.
const exposure = 0.5

// Clip is one simulated approach. Its methods may be called in any order; a frame is always the same.
type Clip struct {
	seed    uint64
	code    *image.Gray // one pixel a module, with the quiet zone
	frames  int
	near    float64 // pixels a module at the end
	shake   [6]wave // x, y, turn, tilt across, tilt down, focus
	glare   [2]wave
	shine   float64 // grey values that the lamp's reflection adds at its middle
	bright  float64 // grey value of the screen's white
	noise   float64
	scratch float64 // depth of the screen's lines
}

// wave is a slow sway and a fast tremor around a middle.
type wave struct{ middle, slow, fast, slowHz, fastHz, phase float64 }

func (w wave) at(seconds float64) float64 {
	return w.middle + w.slow*math.Sin(2*math.Pi*w.slowHz*seconds+w.phase) +
		w.fast*math.Sin(2*math.Pi*w.fastHz*seconds+3*w.phase)
}

// New prepares the clip of a seed: text on a phone, three seconds long, growing from about 1.2 to 4–5.5 pixels a module.
func New(seed uint64, text string, level qr.Level) (*Clip, error) {
	code, err := qr.Encode(text, 1, level)
	if err != nil {
		return nil, fmt.Errorf("draw the phone's code: %w", err)
	}
	rnd := rand.New(rand.NewPCG(seed, 0x15f95))
	between := func(lo, hi float64) float64 { return lo + (hi-lo)*rnd.Float64() }
	sway := func(middle, slow, fast float64) wave {
		return wave{middle, slow * between(0.5, 1), fast * between(0.3, 1), between(0.2, 0.6), between(4, 8), between(0, 6.28)}
	}
	c := &Clip{seed: seed, code: code, frames: 45}
	c.near = min(between(4, 5.5), 660/float64(code.Rect.Dy()))
	c.shake = [6]wave{
		sway(Width/2+between(-120, 120), 40, 2), sway(Height/2+between(-10, 10), 10, 2), sway(between(-0.35, 0.35), 0.08, 0.006),
		sway(between(-0.3, 0.3), 0.1, 0.01), sway(between(-0.3, 0.3), 0.1, 0.01), sway(0.6, 0.35, 0),
	}
	c.glare = [2]wave{sway(Width/2, 260, 0), sway(Height/2, 160, 0)}
	c.shine, c.bright = between(20, 110), between(170, 235)
	c.noise, c.scratch = between(2, 7), between(0, 0.12)
	return c, nil
}

// Len is the number of frames.
func (c *Clip) Len() int { return c.frames }

// ModulePixels is the module's edge in pixels at the middle of frame i.
func (c *Clip) ModulePixels(i int) float64 { return c.size(float64(i) * Every.Seconds()) }

func (c *Clip) size(seconds float64) float64 {
	part := min(1, seconds/(float64(c.frames)*Every.Seconds()*0.8))
	return 1.2 + (c.near-1.2)*(3*part*part-2*part*part*part)
}

// view is the plane from code modules to pixels at one moment: a pinhole camera before a tilted screen.
type view [9]float64

func (c *Clip) view(seconds float64) view {
	m := c.size(seconds)
	turn, across, down := c.shake[2].at(seconds), c.shake[3].at(seconds), c.shake[4].at(seconds)
	side := float64(c.code.Rect.Dx())
	distance := 900 / m // modules from the lens, for a lens of 900 pixels
	sin, cos := math.Sincos(turn)
	// Rotation about z, then tilts about y and x; columns for the screen's x and y.
	ax := [3]float64{cos * math.Cos(across), sin * math.Cos(down), cos*math.Sin(across) + sin*math.Sin(down)}
	ay := [3]float64{-sin * math.Cos(across), cos * math.Cos(down), -sin*math.Sin(across) + cos*math.Sin(down)}
	var v view
	for i := range 3 {
		v[3*i], v[3*i+1], v[3*i+2] = ax[i], ay[i], -(ax[i]+ay[i])*side/2
	}
	v[8] += distance
	for i := range 3 {
		v[i] = 900*v[i] + c.shake[0].at(seconds)*v[6+i]
		v[3+i] = 900*v[3+i] + c.shake[1].at(seconds)*v[6+i]
	}
	return v
}

// inverse is the adjugate: good enough for a map that is divided through anyway.
func (v view) inverse() view {
	return view{
		v[4]*v[8] - v[5]*v[7], v[2]*v[7] - v[1]*v[8], v[1]*v[5] - v[2]*v[4],
		v[5]*v[6] - v[3]*v[8], v[0]*v[8] - v[2]*v[6], v[2]*v[3] - v[0]*v[5],
		v[3]*v[7] - v[4]*v[6], v[1]*v[6] - v[0]*v[7], v[0]*v[4] - v[1]*v[3],
	}
}

// samples a pixel: moments of the exposure times places within the lens's blur.
const samples = 12

// Frame draws frame i.
func (c *Clip) Frame(i int) *image.RGBA {
	rnd := rand.New(rand.NewPCG(c.seed, uint64(i)))
	var views [samples]view
	var spread [samples][2]float64
	begin := float64(i) * Every.Seconds()
	blur := max(0.3, c.shake[5].at(begin))
	for k := range samples {
		views[k] = c.view(begin + Every.Seconds()*exposure*float64(k)/samples).inverse()
		a, r := 2.4*float64(k), blur*math.Sqrt(float64(k*5%samples)/samples*2)
		spread[k] = [2]float64{0.5 + r*math.Cos(a), 0.5 + r*math.Sin(a)}
	}
	gx, gy := c.glare[0].at(begin), c.glare[1].at(begin)
	img := image.NewRGBA(image.Rect(0, 0, Width, Height))
	for y := range Height {
		for x := range Width {
			sum := 0.0
			for k := range samples {
				sum += c.light(&views[k], float64(x)+spread[k][0], float64(y)+spread[k][1])
			}
			dx, dy := (float64(x)-gx)/170, (float64(y)-gy)/100
			v := sum/samples + c.shine*math.Exp(-dx*dx-dy*dy) + c.noise*rnd.NormFloat64()
			g := uint8(max(0, min(255, v)))
			p := img.Pix[img.PixOffset(x, y):]
			p[0], p[1], p[2], p[3] = g, g, g, 255
		}
	}
	return img
}

// light is the grey value that falls on one point of the sensor at one moment.
func (c *Clip) light(v *view, x, y float64) float64 {
	z := 1 / (v[6]*x + v[7]*y + v[8])
	u, w := (v[0]*x+v[1]*y+v[2])*z, (v[3]*x+v[4]*y+v[5])*z
	side := float64(c.code.Rect.Dx())
	switch {
	case u < -6 || w < -20 || u >= side+6 || w >= side+20: // the room
		return 70 + 20*x/Width
	case u < 0 || w < 0 || u >= side || w >= side: // the phone's rim
		return 35
	}
	lines := 1 - c.scratch*(0.5+0.5*math.Sin(2*math.Pi*3.1*w)) // the screen's rows beat with the sensor's
	if c.code.Pix[int(w)*c.code.Stride+int(u)] == 0 {
		return 30 * lines
	}
	return c.bright * lines
}
