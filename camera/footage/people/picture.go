package people

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

// Backdrop is what stands behind the person.
type Backdrop string

// The backdrops. KTP-el photos are blue for an even year of birth, red for an
// odd one.
const (
	Wall Backdrop = "" // an office, out of focus
	Blue Backdrop = "blue"
	Red  Backdrop = "red"
)

// paint fills a picture with the backdrop.
func (b Backdrop) paint(size image.Point, light Light) *image.RGBA {
	img := image.NewRGBA(image.Rectangle{Max: size})
	power := clamp(0.45+0.35*light.Strength+0.25*light.Fill, 0.2, 1.15)
	for y := range size.Y {
		ty := float64(y) / float64(size.Y)
		for x := range size.X {
			tx := (float64(x) - float64(size.X)/2) / float64(size.Y)
			c := b.at(tx, ty).times(power)
			i := img.PixOffset(x, y)
			img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = level(c.r), level(c.g), level(c.b), 255
		}
	}
	return img
}

// at is the colour in sRGB at tx (0 is the middle) and ty (0 top, 1 bottom).
func (b Backdrop) at(tx, ty float64) rgb {
	fall := 1 - 0.16*math.Hypot(tx, ty-0.45)
	switch b {
	case Blue:
		return rgb{0.15, 0.33, 0.72}.times(fall)
	case Red:
		return rgb{0.70, 0.10, 0.12}.times(fall)
	}
	c := mix(rgb{0.74, 0.76, 0.75}, rgb{0.60, 0.62, 0.61}, ty).times(fall)
	door := step(0.42, 0.46, tx) * step(0.86, 0.82, tx) * step(0.1, 0.14, ty)
	c = mix(c, rgb{0.48, 0.42, 0.36}, 0.75*door)
	shelf := step(-0.5, -0.54, tx) * (bell(ty-0.3, 0.02) + bell(ty-0.62, 0.02))
	c = mix(c, rgb{0.4, 0.38, 0.36}, 0.7*math.Min(1, shelf))
	files := step(-0.5, -0.54, tx) * step(0.36, 0.39, ty) * step(0.61, 0.58, ty)
	return mix(c, mix(rgb{0.35, 0.42, 0.55}, rgb{0.62, 0.5, 0.4}, 0.5+0.5*math.Sin(tx*40)), 0.6*files)
}

// develop lays the canvas over img, averaging the samples of each pixel and
// softening a little as a lens does.
func (c *canvas) develop(img *image.RGBA) {
	var curve [4096]uint8
	for i := range curve {
		curve[i] = level(tone(float64(i) / 4095))
	}
	size := img.Rect.Size()
	for y := range size.Y {
		for x := range size.X {
			var r, g, b float32
			n := 0
			for j := y*fine - 1; j < y*fine+fine+1; j++ { // one sample more on each side is the lens
				if j < 0 || j >= c.h {
					continue
				}
				for i := x*fine - 1; i < x*fine+fine+1; i++ {
					if i < 0 || i >= c.w || !c.covered(j*c.w+i) {
						continue
					}
					l := c.light[(j*c.w+i)*3:]
					r, g, b = r+l[0], g+l[1], b+l[2]
					n++
				}
			}
			if n == 0 {
				continue
			}
			a, k := float32(n)/((fine+2)*(fine+2)), 4095/float32(n)
			p := img.Pix[img.PixOffset(x, y):]
			for i, v := range [3]float32{r, g, b} {
				p[i] = uint8(float32(curve[min(int(v*k), 4095)])*a + float32(p[i])*(1-a) + 0.5)
			}
		}
	}
}

// tone is the camera's curve from linear light to sRGB, with a soft shoulder.
func tone(x float64) float64 {
	if x > 0.7 {
		x = 0.7 + 0.3*math.Tanh((x-0.7)/0.3)
	}
	if x <= 0.0031308 {
		return 12.92 * x
	}
	return 1.055*math.Pow(x, 1/2.4) - 0.055
}

func level(x float64) uint8 { return uint8(clamp(x, 0, 1)*255 + 0.5) }

// Noise adds a sensor's noise to img: mostly of lightness, a little of colour,
// normal with the standard deviation given in levels. Another seed is another
// frame: no two frames of a live camera are equal.
func Noise(img *image.RGBA, deviation float64, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 5))
	var table [8192]int16
	for i := range table {
		table[i] = int16(r.NormFloat64() * deviation * 16)
	}
	for i := 0; i+3 < len(img.Pix); i += 4 {
		bits := r.Uint64()
		grey := int(table[bits&8191])
		for k := range 3 {
			bits >>= 13
			v := int(img.Pix[i+k]) + (grey*7+int(table[bits&8191])*4+64)>>7
			img.Pix[i+k] = uint8(min(max(v, 0), 255))
		}
	}
}

// Portrait is the enrolled photo: 480 × 640, taken on another day in another
// shirt, by a flash from the front before blue or red, and kept as a small
// JPEG, as records are.
func (p Person) Portrait() *image.RGBA {
	r := p.random(6)
	back := Blue
	if r.IntN(2) == 1 {
		back = Red
	}
	if p.solid == nil {
		p = p.ready()
	}
	then := p.then()
	img := then.Draw(image.Pt(480, 640), Look{
		Yaw: r.Float64()*6 - 3, Pitch: r.Float64()*4 - 2, Roll: r.Float64()*3 - 1.5, Scale: 0.42, Y: -0.03 + 0.02*r.Float64(),
		Light: Light{Azimuth: r.Float64()*20 - 10, Elevation: 25, Strength: 0.85, Fill: 1.15, Warm: 0.4}, Backdrop: back, Noise: 2, Seed: p.Seed,
	})
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: 80}); err != nil {
		return img // only a picture of more than 65,535 pixels a side
	}
	kept, err := jpeg.Decode(&file)
	if err != nil {
		return img
	}
	draw.Draw(img, img.Rect, kept, image.Point{}, draw.Src)
	return img
}

// then is the person some years before: less grey, in another shirt.
func (p Person) then() Person {
	p.Age = math.Max(0, p.Age-0.08)
	now := p.random(7)
	other := cloth(now.IntN(8))
	p.solid = func() *solid {
		s := build(p)
		for i := range s.meshes {
			if s.meshes[i].fixed == 1 {
				for j := range s.meshes[i].points {
					v := &s.meshes[i].points[j]
					v.colour = linear(other).times(v.colour.g / math.Max(1e-3, linear(s.shape.shirt).g))
				}
			}
		}
		return s
	}
	return p
}
