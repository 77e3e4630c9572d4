package people

// vertex is a painted point of a surface. gloss is how much it shines, shade
// how much of the sky it sees (1 is all), keep whether it is there at all: a
// surface ends where keep falls through one half.
type vertex struct {
	at, normal         vec
	colour             rgb // linear
	gloss, shade, keep float64
}

// mesh is a grid of vertices, drawn as two triangles per cell from both sides.
type mesh struct {
	cols, rows int
	points     []vertex
	fixed      float64 // 0 turns with the head, 1 stays with the body
}

// grid evaluates f at cols × rows parameters from 0 to 1 and works out the
// normals, which point away from the axis.
func grid(cols, rows int, f func(s, t float64) vertex) mesh {
	m := mesh{cols: cols, rows: rows, points: make([]vertex, cols*rows)}
	for j := range rows {
		for i := range cols {
			m.points[j*cols+i] = f(float64(i)/float64(cols-1), float64(j)/float64(rows-1))
		}
	}
	for j := range rows {
		for i := range cols {
			l, r := m.points[j*cols+max(i-1, 0)].at, m.points[j*cols+min(i+1, cols-1)].at
			d, u := m.points[max(j-1, 0)*cols+i].at, m.points[min(j+1, rows-1)*cols+i].at
			m.points[j*cols+i].normal = r.sub(l).cross(u.sub(d)).unit()
		}
	}
	return m
}

// solid is everything of a person that is drawn, opaque parts first.
type solid struct {
	shape  shape
	person Person
	meshes []mesh // meshes[0] is the face
	lids   []int  // vertices of the face that closing the eyes repaints
	spots  []vec  // where the face has its moles, z is the size
}

func build(p Person) *solid {
	s := &solid{shape: p.shape(), person: p}
	r := p.random(2)
	for range int(s.shape.spots * 3.2) {
		s.spots = append(s.spots, vec{r.Float64()*1.3 - 0.65, r.Float64()*1.5 - 1, 0.009 + 0.014*r.Float64()})
	}
	s.meshes = append(s.meshes, s.face())
	for i, v := range s.meshes[0].points {
		if s.eyeDistance(v.at.x, v.at.y) < 1.9 {
			s.lids = append(s.lids, i)
		}
	}
	if !p.Hijab {
		s.meshes = append(s.meshes, s.ear(-1), s.ear(1))
	}
	s.meshes = append(s.meshes, s.neck(), s.body())
	s.meshes = append(s.meshes, s.cover()...)
	if p.Glasses != NoGlasses {
		s.meshes = append(s.meshes, s.glasses()...)
	}
	return s
}
