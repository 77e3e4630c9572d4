package people

import "math"

// vec is a point or direction in head units; rgb a colour, linear light where
// it is shaded and sRGB where it is painted, 0 to 1.
type vec struct{ x, y, z float64 }
type rgb struct{ r, g, b float64 }

func (a vec) add(b vec) vec           { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) sub(b vec) vec           { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) times(k float64) vec     { return vec{a.x * k, a.y * k, a.z * k} }
func (a vec) dot(b vec) float64       { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) cross(b vec) vec         { return vec{a.y*b.z - a.z*b.y, a.z*b.x - a.x*b.z, a.x*b.y - a.y*b.x} }
func (a rgb) add(b rgb) rgb           { return rgb{a.r + b.r, a.g + b.g, a.b + b.b} }
func (a rgb) times(k float64) rgb     { return rgb{a.r * k, a.g * k, a.b * k} }
func (a rgb) by(b rgb) rgb            { return rgb{a.r * b.r, a.g * b.g, a.b * b.b} }
func mix(a, b rgb, t float64) rgb     { return a.times(1 - t).add(b.times(t)) }
func pow(x, y float64) float64        { return math.Pow(x, y) }
func lerp(a, b, t float64) float64    { return a + (b-a)*t }
func clamp(x, lo, hi float64) float64 { return math.Min(math.Max(x, lo), hi) }

func (a vec) unit() vec {
	n := math.Sqrt(a.dot(a))
	if n == 0 {
		return vec{0, 0, 1}
	}
	return a.times(1 / n)
}

// step goes smoothly from 0 at a to 1 at b; a may be the greater.
func step(a, b, x float64) float64 {
	t := clamp((x-a)/(b-a), 0, 1)
	return t * t * (3 - 2*t)
}

// bell is a Gaussian with its width.
func bell(x, width float64) float64 {
	x /= width
	if x > 3.2 || x < -3.2 {
		return 0
	}
	return math.Exp(-x * x)
}

func linear(c rgb) rgb { return rgb{gamma(c.r), gamma(c.g), gamma(c.b)} }

func gamma(x float64) float64 {
	x = clamp(x, 0, 1)
	return x * (0.0125229 + x*(0.682171+x*0.305306)) // sRGB to linear to 0.3 %, without Pow
}

// spline runs smoothly (Catmull-Rom) through points with rising first value.
type spline [][2]float64

func (s spline) at(x float64) float64 {
	n := len(s)
	if x <= s[0][0] {
		return s[0][1]
	}
	for i := 1; i < n; i++ {
		if x > s[i][0] {
			continue
		}
		a, b := s[i-1], s[i]
		slope := func(j int) float64 {
			lo, hi := s[max(j-1, 0)], s[min(j+1, n-1)]
			return (hi[1] - lo[1]) / (hi[0] - lo[0])
		}
		h := b[0] - a[0]
		t := (x - a[0]) / h
		t2, t3 := t*t, t*t*t
		return (2*t3-3*t2+1)*a[1] + (t3-2*t2+t)*h*slope(i-1) + (3*t2-2*t3)*b[1] + (t3-t2)*h*slope(i)
	}
	return s[n-1][1]
}

// noise2 is value noise: smooth, -1 to 1, one feature per unit.
func noise2(seed uint64, x, y float64) float64 {
	xi, yi := math.Floor(x), math.Floor(y)
	fx, fy := x-xi, y-yi
	fx, fy = fx*fx*(3-2*fx), fy*fy*(3-2*fy)
	at := func(i, j float64) float64 { return lattice(seed, int64(i), int64(j)) }
	return lerp(lerp(at(xi, yi), at(xi+1, yi), fx), lerp(at(xi, yi+1), at(xi+1, yi+1), fx), fy)
}

func lattice(seed uint64, i, j int64) float64 {
	h := seed ^ uint64(i)*0x9E3779B97F4A7C15 ^ uint64(j)*0xC2B2AE3D27D4EB4F
	h ^= h >> 31
	h *= 0x94D049BB133111EB
	h ^= h >> 29
	return float64(h>>11)/(1<<52) - 1
}
