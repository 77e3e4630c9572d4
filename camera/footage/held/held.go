// Package held shows a picture of a face as something in the room before a
// camera: a sheet of paper, flat or bent round an upright axis, a screen, or a
// head's relief that the picture is painted on. It is turned, tilted and brought
// nearer, and a pinhole camera sees it, so that what stands out moves against
// what does not and the near side is larger, as in the room.
//
// It makes the scripted attacks, and their counterpart that lives, which the
// liveness challenge is measured with.
package held

import (
	"image"
	"math"
)

// Point is a place in the room in millimetres from the middle of what is held:
// x to the right of the picture, y down, z towards the camera.
type Point struct{ X, Y, Z float64 }

// Surface says where the place (x, y) of the picture, in millimetres from its
// middle, lies in the room.
type Surface func(x, y float64) Point

// Flat is a stiff sheet, or a screen.
func Flat(x, y float64) Point { return Point{x, y, 0} }

// Bent is a sheet bent round an upright axis of the given radius in millimetres,
// its middle towards the camera. What would reach behind the axis lies flat on
// from there.
func Bent(radius float64) Surface {
	return func(x, y float64) Point {
		turn := math.Max(-math.Pi/2, math.Min(math.Pi/2, x/radius))
		sin, cos := math.Sincos(turn)
		rest := x - turn*radius
		return Point{radius * sin, y, radius*(cos-1) - math.Abs(rest)}
	}
}

// Head is the relief of a mean adult's head.
func Head(x, y float64) Point { return Relief(85, 25)(x, y) }

// Relief is that of a head, with the picture's middle between the eyes and eyes
// 63 mm apart: a round of the given radius in millimetres whose foremost line
// lies at 0, and a nose whose tip stands out by so many millimetres from the
// plane of eyes and mouth, 37 mm under the eyes (the mean face of
// face.Landmarks.Pose has 24). What stood beside the head lies in the plane of
// its sides.
func Relief(radius, nose float64) Surface {
	eyes := radius - math.Sqrt(radius*radius-31.5*31.5) // behind the foremost line
	return func(x, y float64) Point {
		z := -0.93 * radius
		if d := math.Abs(x); d < radius {
			z = math.Max(z, math.Sqrt(radius*radius-d*d)-radius)
		}
		below := y - 37
		if below < 0 {
			below /= 1.7 // the bridge runs up to the brow
		}
		return Point{x, y, z + (nose-eyes)*math.Exp(-(x*x/(12*12)+below*below/(13*13))/2)}
	}
}

// Picture is what is held: its pixels, where its middle is in them, and how
// many of them are a millimetre. Pixels without alpha are holes.
type Picture struct {
	Image  *image.RGBA
	X, Y   float64
	PerMM  float64
	Extent float64 // only what lies within so many millimetres of the middle to either side is there; 0 is everything
}

// Pose is where and how it is held, degrees and millimetres: yaw turns it to
// the right of the camera's picture, pitch upwards, roll clockwise; X and Y
// shift it to the right and down from the camera's axis, Distance is to the
// camera.
type Pose struct{ Yaw, Pitch, Roll, X, Y, Distance float64 }

// steps is how finely a surface is cut into triangles.
const steps = 56

// Show draws p on surface s at pose into dst, over what is there. focal is the
// camera's focal length in pixels.
func Show(dst *image.RGBA, p Picture, s Surface, at Pose, focal float64) {
	size := p.Image.Rect.Size()
	left, right := -p.X/p.PerMM, (float64(size.X-1)-p.X)/p.PerMM
	top, bottom := -p.Y/p.PerMM, (float64(size.Y-1)-p.Y)/p.PerMM
	if p.Extent > 0 {
		left, right = math.Max(left, -p.Extent), math.Min(right, p.Extent)
		top, bottom = math.Max(top, -p.Extent), math.Min(bottom, p.Extent)
	}
	look := seeing(s, at, focal, dst.Rect.Size())
	var grid [steps + 1][steps + 1]corner
	for j := range grid {
		y := top + (bottom-top)*float64(j)/steps
		for i := range grid[j] {
			x := left + (right-left)*float64(i)/steps
			c := look(x, y)
			c.u, c.v = p.X+x*p.PerMM, p.Y+y*p.PerMM
			grid[j][i] = c
		}
	}
	near := make([]float64, dst.Rect.Dx()*dst.Rect.Dy())
	for j := range steps {
		for i := range steps {
			a, b, c, d := grid[j][i], grid[j][i+1], grid[j+1][i], grid[j+1][i+1]
			fill(dst, near, p.Image, a, b, c)
			fill(dst, near, p.Image, b, d, c)
		}
	}
}

// Place is where in a picture of the given size the place (x, y) of what is
// held, in millimetres from its middle, is seen.
func Place(s Surface, at Pose, focal float64, size image.Point, x, y float64) (px, py float64) {
	c := seeing(s, at, focal, size)(x, y)
	return c.x, c.y
}

func seeing(s Surface, at Pose, focal float64, size image.Point) func(x, y float64) corner {
	turn, middle := turning(at), size.Div(2)
	return func(x, y float64) corner {
		q := turn.of(s(x, y))
		near := 1 / (at.Distance - q.Z)
		return corner{x: float64(middle.X) + focal*(q.X+at.X)*near, y: float64(middle.Y) + focal*(q.Y+at.Y)*near, near: near}
	}
}

// corner is a corner of a triangle: where it is seen, how near, and its place
// in the picture.
type corner struct{ x, y, near, u, v float64 }

// fill draws a triangle where it is nearer than what is there.
func fill(dst *image.RGBA, near []float64, from *image.RGBA, a, b, c corner) {
	area := (b.x-a.x)*(c.y-a.y) - (c.x-a.x)*(b.y-a.y)
	if !(math.Abs(area) > 1e-9) || a.near <= 0 || b.near <= 0 || c.near <= 0 {
		return
	}
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	x0, x1 := max(0, int(math.Ceil(min(a.x, b.x, c.x)))), min(w-1, int(math.Floor(max(a.x, b.x, c.x))))
	y0, y1 := max(0, int(math.Ceil(min(a.y, b.y, c.y)))), min(h-1, int(math.Floor(max(a.y, b.y, c.y))))
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			px, py := float64(x), float64(y)
			wb := ((px-a.x)*(c.y-a.y) - (c.x-a.x)*(py-a.y)) / area
			wc := ((b.x-a.x)*(py-a.y) - (px-a.x)*(b.y-a.y)) / area
			wa := 1 - wb - wc
			if wa < -1e-9 || wb < -1e-9 || wc < -1e-9 {
				continue
			}
			n := wa*a.near + wb*b.near + wc*c.near
			if n <= near[y*w+x] {
				continue
			}
			if bilinear(from, wa*a.u+wb*b.u+wc*c.u, wa*a.v+wb*b.v+wc*c.v, dst.Pix[y*dst.Stride+4*x:]) {
				near[y*w+x] = n
			}
		}
	}
}

// bilinear writes the colour at (x, y); it writes none, and says so, in a hole.
func bilinear(img *image.RGBA, x, y float64, into []uint8) bool {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	x0, y0 := min(max(int(x), 0), w-2), min(max(int(y), 0), h-2)
	fx, fy := int((x-float64(x0))*256), int((y-float64(y0))*256)
	p := img.Pix[y0*img.Stride+4*x0:]
	q := p[img.Stride:]
	if p[3] == 0 || p[7] == 0 || q[3] == 0 || q[7] == 0 {
		return false
	}
	for k := range 3 {
		top := int(p[k])<<8 + fx*(int(p[4+k])-int(p[k]))
		low := int(q[k])<<8 + fx*(int(q[4+k])-int(q[k]))
		into[k] = uint8(min(max((top<<8+fy*(low-top)+1<<15)>>16, 0), 255))
	}
	into[3] = 255
	return true
}

type rotation [3][3]float64

func (r rotation) of(p Point) Point {
	return Point{
		r[0][0]*p.X + r[0][1]*p.Y + r[0][2]*p.Z,
		r[1][0]*p.X + r[1][1]*p.Y + r[1][2]*p.Z,
		r[2][0]*p.X + r[2][1]*p.Y + r[2][2]*p.Z,
	}
}

// turning is roll after pitch after yaw.
func turning(at Pose) rotation {
	ys, yc := math.Sincos(at.Yaw * math.Pi / 180)
	ps, pc := math.Sincos(at.Pitch * math.Pi / 180)
	rs, rc := math.Sincos(at.Roll * math.Pi / 180)
	yaw := rotation{{yc, 0, ys}, {0, 1, 0}, {-ys, 0, yc}}
	pitch := rotation{{1, 0, 0}, {0, pc, -ps}, {0, ps, pc}}
	roll := rotation{{rc, -rs, 0}, {rs, rc, 0}, {0, 0, 1}}
	return roll.times(pitch.times(yaw))
}

func (r rotation) times(o rotation) (out rotation) {
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				out[i][j] += r[i][k] * o[k][j]
			}
		}
	}
	return out
}
