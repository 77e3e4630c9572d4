package qr

import "image"

// sighting is a code that was located but perhaps not read. Places and sizes are in pixels of the frame.
type sighting struct {
	text    string // empty where it was not read
	corners [4]Point
	module  float64  // a module's edge
	modules *modules // nil where another reader read it
	score   float64  // the format information's correlation: how surely it is a code
	glare   float64  // share of saturated modules
}

// maxEqualise bounds the rounds of equalising; most pictures are read before the first.
const maxEqualise = 3

// drapeFormat is the correlation of the format information from which a code that can't be read is taken for a bent one.
const drapeFormat = 0.6

// locate finds codes in g and reads what it can. scale is g's size against the frame's, shift the size of the blocks that
// thresholds are measured in. It stops between two candidates when stop says so.
func locate(g *image.Gray, scale float64, shift int, stop func() bool) []sighting {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if w < 21 || h < 21 {
		return nil
	}
	step := 1
	if w*h > everyRowUpTo {
		step = 2
	}
	s := &seeker{fitter: fitter{px: newPixels(g)}, finder: finderPattern(), align: alignmentPattern()}
	var out []sighting
	used := map[Point]bool{}
	for i, tr := range triples(newThresholds(g, shift).finders(step)) {
		if used[tr.tl.c] || used[tr.tr.c] || used[tr.bl.c] {
			continue
		}
		if i > 0 && stop() {
			break
		}
		for _, gr := range s.grids(&tr) {
			si := s.read(gr)
			for c := range si.corners {
				si.corners[c] = si.corners[c].mul(1 / scale)
			}
			si.module /= scale
			out = append(out, si)
			if si.text != "" {
				used[tr.tl.c], used[tr.tr.c], used[tr.bl.c] = true, true, true
				break
			}
		}
	}
	return out
}

// read settles a grid and reads its modules: first as they lie, then equalised, then draped over what is not flat.
func (s *seeker) read(gr grid) sighting {
	s.settle(&gr)
	si := s.look(&gr)
	l, err := newLayout(gr.version())
	if err != nil || si.decode(l) || si.score < drapeFormat {
		return si
	}
	bent := s.drape(&gr)
	if other := s.look(&bent); other.decode(l) {
		return other
	}
	return si
}

// look samples a grid.
func (s *seeker) look(gr *grid) sighting {
	si := sighting{corners: gr.corners(), module: gr.modulePixels(), modules: s.sample(gr)}
	_, si.score = si.modules.formats()
	bright := 0
	for _, v := range si.modules.grey {
		if v >= saturated {
			bright++
		}
	}
	si.glare = float64(bright) / float64(len(si.modules.grey))
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
