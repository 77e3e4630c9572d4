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
	suspect bool     // three finder patterns that fit no grid: enough for a hint, once they stay
}

// drapeFormat is the correlation of the format information from which a code that can't be read is taken for a bent one.
const drapeFormat = 0.6

// mostSuspect is the cost up to which a triple looks like the corners of a code even where no grid fits it.
const mostSuspect = 1.8

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
		grids := s.grids(&tr)
		if len(grids) == 0 && tr.cost < mostSuspect {
			m := (tr.tl.module() + tr.tr.module() + tr.bl.module()) / 3
			out = append(out, sighting{module: m / scale, suspect: true})
		}
		for _, gr := range grids {
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
	if err != nil {
		return si
	}
	var ok bool
	if si.text, ok = si.modules.decode(l); ok || si.score < drapeFormat {
		return si
	}
	bent := s.drape(&gr)
	other := s.look(&bent)
	if other.text, ok = other.modules.decode(l); ok {
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
