package qr

// Bounds of what a hint is derived from.
const (
	// closerBelow is the number of pixels a module under which a dense code on a phone's screen is rarely readable, by
	// any of the decoders that were compared (DESIGN.md section 4).
	closerBelow = 2.5
	// saturated is the grey value from which a module says only that it was too bright.
	saturated = 250
	// mostSaturated is the share of saturated modules above which black is being eaten: a mask leaves about half of the
	// modules white, and of those some are dimmed by black neighbours.
	mostSaturated = 0.45
	// surelyCode is the correlation of the format information from which a sighting is a code and worth a word.
	surelyCode = 0.5
)

// hintFor says what keeps a located code from being read. Small comes first: what is small is blurred too.
func hintFor(s *sighting) Hint {
	switch {
	case s == nil || s.text != "" || s.score < surelyCode && !s.suspect:
		return HintNone
	case s.module < closerBelow:
		return HintCloser
	case s.glare > mostSaturated:
		return HintDimmer
	}
	return HintHold
}

// surest is the sighting that most surely is a code, nil where there is none: the highest score, a suspect last.
func surest(found []sighting) *sighting {
	var best *sighting
	for i := range found {
		if best == nil || found[i].surer(best) {
			best = &found[i]
		}
	}
	return best
}

func (s *sighting) surer(than *sighting) bool {
	if s.score >= surelyCode || than.score >= surelyCode || s.suspect == than.suspect {
		return s.score > than.score
	}
	return s.suspect
}
