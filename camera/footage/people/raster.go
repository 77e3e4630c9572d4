package people

import "math"

// fine is how many samples a pixel has along each side.
const fine = 2

// canvas collects the nearest surface of each sample.
type canvas struct {
	w, h  int // samples
	depth []float32
	light []float32 // r, g, b per sample, linear
}

func newCanvas(w, h int) *canvas {
	c := &canvas{w: w, h: h, depth: make([]float32, w*h), light: make([]float32, w*h*3)}
	for i := range c.depth {
		c.depth[i] = -math.MaxFloat32
	}
	return c
}

// spot is a shaded vertex on the canvas: position in samples, nearness, light
// and whether the surface is there.
type spot struct{ x, y, z, r, g, b, keep float32 }

// draw fills the grid's cells, nearest sample wins.
func (c *canvas) draw(cols, rows int, at []spot) {
	for j := range rows - 1 {
		for i := range cols - 1 {
			p := j*cols + i
			c.triangle(&at[p], &at[p+1], &at[p+cols])
			c.triangle(&at[p+1], &at[p+cols+1], &at[p+cols])
		}
	}
}

func (c *canvas) triangle(p, q, r *spot) {
	if p.keep < 0.5 && q.keep < 0.5 && r.keep < 0.5 {
		return
	}
	x0 := int(math.Ceil(float64(min(p.x, q.x, r.x)) - 0.5))
	x1 := int(math.Floor(float64(max(p.x, q.x, r.x)) - 0.5))
	y0 := int(math.Ceil(float64(min(p.y, q.y, r.y)) - 0.5))
	y1 := int(math.Floor(float64(max(p.y, q.y, r.y)) - 0.5))
	if x1 < x0 || y1 < y0 {
		return
	}
	x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, c.w-1), min(y1, c.h-1)
	area := (q.x-p.x)*(r.y-p.y) - (q.y-p.y)*(r.x-p.x)
	if area == 0 {
		return
	}
	k := 1 / area
	for y := y0; y <= y1; y++ {
		fy := float32(y) + 0.5
		for x := x0; x <= x1; x++ {
			fx := float32(x) + 0.5
			a := ((q.x-fx)*(r.y-fy) - (q.y-fy)*(r.x-fx)) * k
			b := ((r.x-fx)*(p.y-fy) - (r.y-fy)*(p.x-fx)) * k
			d := 1 - a - b
			if a < -1e-4 || b < -1e-4 || d < -1e-4 || a*p.keep+b*q.keep+d*r.keep < 0.5 {
				continue
			}
			i := y*c.w + x
			z := a*p.z + b*q.z + d*r.z
			if z <= c.depth[i] {
				continue
			}
			c.depth[i] = z
			l := c.light[i*3 : i*3+3 : i*3+3]
			l[0] = a*p.r + b*q.r + d*r.r
			l[1] = a*p.g + b*q.g + d*r.g
			l[2] = a*p.b + b*q.b + d*r.b
		}
	}
}

// covered says whether a surface was drawn at sample i.
func (c *canvas) covered(i int) bool { return c.depth[i] > -math.MaxFloat32 }
