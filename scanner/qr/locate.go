package qr

import "image"

// maxEqualise bounds the rounds of equalising; most pictures are read before the first.
const maxEqualise = 3

// sighting is a code that was located but perhaps not read.
type sighting struct {
	grid    grid
	modules *modules
	text    string // empty where it was not read
}

// locate finds codes in g, whose scale is its size against the frame's, and reads what it can.
func locate(g *image.Gray, shift, step int) []sighting {
	if g.Rect.Dx() < 21 || g.Rect.Dy() < 21 {
		return nil
	}
	t := newThresholds(g, shift)
	s := &seeker{fitter: fitter{px: newPixels(g)}, finder: finderPattern(), align: alignmentPattern()}
	var out []sighting
	used := map[Point]bool{}
	for _, tr := range triples(t.finders(step)) {
		if used[tr.tl.c] || used[tr.tr.c] || used[tr.bl.c] {
			continue
		}
		for _, gr := range s.grids(&tr) {
			si := s.read(gr)
			if si.text != "" {
				used[tr.tl.c], used[tr.tr.c], used[tr.bl.c] = true, true, true
			}
			out = append(out, si)
			if si.text != "" {
				break
			}
		}
	}
	return out
}

// read settles a grid and reads its modules, equalised where needed.
func (s *seeker) read(gr grid) sighting {
	s.settle(&gr)
	si := sighting{grid: gr, modules: s.sample(&gr)}
	l, err := newLayout(gr.version())
	if err != nil {
		return si
	}
	for round := 0; ; round++ {
		if text, ok := si.modules.text(l); ok {
			si.text = text
			return si
		}
		if round == maxEqualise || si.modules.equalise() == 0 && round > 0 {
			return si
		}
	}
}

// symbols are the sightings that were read; scale is the size of their picture against the frame's.
func symbols(found []sighting, scale float64, attempt string) []Symbol {
	var out []Symbol
	for _, s := range found {
		if s.text == "" {
			continue
		}
		c := s.grid.corners()
		for i := range c {
			c[i] = c[i].mul(1 / scale)
		}
		out = append(out, Symbol{Text: s.text, Corners: c, ModulePixels: s.grid.modulePixels() / scale, Attempt: attempt})
	}
	return out
}
