package people

import (
	"image"
	"math"
)

// Look is how a person is seen: the pose, the place in the picture, the light.
// The zero Look is a face from the front in the middle of the picture, in
// office light before an office wall, with a clean sensor.
type Look struct {
	Yaw, Pitch, Roll float64 // degrees; positive turns to the image's right, lifts the chin, tilts to the image's right
	Closed           float64 // 0 eyes open, 1 shut
	Scale            float64 // hairline to chin as a share of the picture's height; 0 is 0.4
	X, Y             float64 // of the face's middle from the picture's, in shares of its height; y down
	Light            Light   // the zero Light is Office()
	Backdrop         Backdrop
	Noise            float64 // of the sensor, standard deviation in levels of 255; 0 is none
	Seed             uint64  // of the noise; another seed is another frame
}

// pivot is where the head turns on the neck.
var pivot = vec{0, -1.0, -0.45}

// distance of the camera from the middle of the head, in head units: about 60 cm.
const distance = 8.0

// Draw draws the person at the given size. The image is the caller's.
func (p Person) Draw(size image.Point, look Look) *image.RGBA {
	if p.solid == nil {
		p = p.ready()
	}
	if look.Scale == 0 {
		look.Scale = 0.4
	}
	if look.Light == (Light{}) {
		look.Light = Office()
	}
	c := newCanvas(size.X*fine, size.Y*fine)
	p.solid().draw(c, look)
	img := look.Backdrop.paint(size, look.Light)
	c.develop(img)
	if look.Noise > 0 {
		Noise(img, look.Noise, look.Seed)
	}
	return img
}

func (s *solid) draw(c *canvas, look Look) {
	lamps := look.Light.lamps()
	k := look.Scale * float64(c.h) / (2.2 * s.shape.long)
	cx := float64(c.w)/2 + look.X*float64(c.h)
	cy := float64(c.h)/2 + look.Y*float64(c.h)
	middle := -0.34 * s.shape.long
	var at []spot
	for n, m := range s.meshes {
		points := m.points
		if n == 0 && look.Closed > 0 {
			points = s.blink(look.Closed)
		}
		turn := turning(look, 1-m.fixed)
		if cap(at) < len(points) {
			at = make([]spot, len(points))
		}
		at = at[:len(points)]
		for i := range points {
			v := &points[i]
			pos, normal := v.at, v.normal
			if m.fixed < 1 {
				pos = turn.of(pos.sub(pivot)).add(pivot)
				normal = turn.of(normal)
			}
			l := lamps.shine(v, normal)
			near := k * (distance - 1) / (distance - pos.z)
			at[i] = spot{
				x: float32(cx + pos.x*near), y: float32(cy - (pos.y-middle)*near), z: float32(pos.z),
				r: float32(l.r), g: float32(l.g), b: float32(l.b), keep: float32(v.keep),
			}
		}
		c.draw(m.cols, m.rows, at)
	}
}

// blink repaints the eyes of the face.
func (s *solid) blink(closed float64) []vertex {
	points := append([]vertex(nil), s.meshes[0].points...)
	for _, i := range s.lids {
		v := &points[i]
		v.colour, v.gloss, v.shade = s.skin(vec{v.at.x, v.at.y / s.shape.long, v.at.z}, math.Min(closed, 1))
	}
	return points
}

// rotation is a matrix by rows.
type rotation [3]vec

func (r rotation) of(v vec) vec { return vec{r[0].dot(v), r[1].dot(v), r[2].dot(v)} }

// turning is the pose of a part that follows the head by share.
func turning(look Look, share float64) rotation {
	rad := share * math.Pi / 180
	ys, yc := math.Sincos(look.Yaw * rad)
	ps, pc := math.Sincos(-look.Pitch * rad)
	rs, rc := math.Sincos(-look.Roll * rad)
	// roll after pitch after yaw
	yaw := rotation{{yc, 0, ys}, {0, 1, 0}, {-ys, 0, yc}}
	pitch := rotation{{1, 0, 0}, {0, pc, -ps}, {0, ps, pc}}
	roll := rotation{{rc, -rs, 0}, {rs, rc, 0}, {0, 0, 1}}
	return roll.times(pitch.times(yaw))
}

func (r rotation) times(o rotation) rotation {
	var out rotation
	for i, row := range r {
		out[i] = o[0].times(row.x).add(o[1].times(row.y)).add(o[2].times(row.z))
	}
	return out
}
