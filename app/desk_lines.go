package app

import "loket/app/activation"

// codeLineOf sums up the code. This line and the next two are alike for the
// officer of a case and for a supervisor at another desk.
func codeLineOf(checks []activation.Check) Line {
	if len(checks) == 0 {
		return Line{Code: "code-none", State: LineOpen}
	}
	ok := 0
	for _, c := range checks {
		if c.OK {
			ok++
		}
	}
	l := Line{Code: "code-passed", State: LineOK, Args: []any{ok, len(checks)}}
	if ok < len(checks) {
		l.State = LineWarn
	}
	return l
}

// dataLineOf is the first difference that somebody marked between record and card.
func dataLineOf(marks map[activation.Field]bool) Line {
	for _, f := range activation.RecordFields() {
		same, ok := marks[f]
		switch {
		case !ok:
			return Line{Code: "data-open", State: LineOpen}
		case !same && (f == activation.FieldAddress || f == activation.FieldMarried):
			return Line{Code: "data-differ", State: LineWarn, Args: []any{f}}
		case !same:
			return Line{Code: "data-serious", State: LineBad, Args: []any{f}}
		}
	}
	return Line{Code: "data-same", State: LineOK}
}

// faceLineOf is the band of the face that was compared last.
func faceLineOf(compared bool, band activation.Band) Line {
	if !compared {
		return Line{Code: "face-open", State: LineOpen}
	}
	switch band {
	case activation.BandMatch:
		return Line{Code: "face-match", State: LineOK}
	case activation.BandDoubtful:
		return Line{Code: "face-doubtful", State: LineWarn}
	case activation.BandUnknown:
		return Line{Code: "face-unknown", State: LineWarn}
	}
	return Line{Code: "face-no-match", State: LineBad}
}
