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

// drapeFormat is the correlation of the format information from which a code that can't be read is taken for a bent one.
const drapeFormat = 0.6

// read settles a grid and reads its modules: first as they lie, then equalised, then draped over what is not flat.
func (s *seeker) read(gr grid) sighting {
	s.settle(&gr)
	si := sighting{grid: gr, modules: s.sample(&gr)}
	l, err := newLayout(gr.version())
	if err != nil || si.decode(l) {
		return si
	}
	if _, score := si.modules.formats(); score > drapeFormat {
		bent := sighting{grid: s.drape(&gr)}
		bent.modules = s.sample(&bent.grid)
		if bent.decode(l) {
			return bent
		}
	}
	return si
}

// decode reads the modules, equalised where needed.
func (si *sighting) decode(l *layout) bool {
	for round := 0; ; round++ {
		if text, ok := si.modules.text(l); ok {
			si.text = text
			return true
		}
		if round == maxEqualise || si.modules.equalise() == 0 && round > 0 {
			return false
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
