package face

import (
	"errors"
	"fmt"
	"math"
)

// ErrDescriptor means that two descriptors can't be compared.
var ErrDescriptor = errors.New("descriptors can't be compared")

// Compare returns how alike two faces are in the metric of the network that
// described both: for Similarity the dot product of the descriptors divided by
// their L2 norms (-1..1, higher is better), for Distance the Euclidean distance
// (0 and up, lower is better).
func Compare(a, b Descriptor, m Metric) (float64, error) {
	if len(a) == 0 || len(a) != len(b) {
		return 0, fmt.Errorf("%w: lengths %d and %d", ErrDescriptor, len(a), len(b))
	}
	var dot, aa, bb, dist float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot += x * y
		aa += x * x
		bb += y * y
		dist += (x - y) * (x - y)
	}
	var score float64
	switch m {
	case Similarity:
		score = dot / math.Sqrt(aa*bb)
	case Distance:
		score = math.Sqrt(dist)
	default:
		return 0, fmt.Errorf("%w: metric %q", ErrDescriptor, m)
	}
	if math.IsNaN(score) || math.IsInf(score, 0) {
		return 0, fmt.Errorf("%w: not a number", ErrDescriptor)
	}
	return score, nil
}

// Better says whether score a speaks more for the same person than b.
func (m Metric) Better(a, b float64) bool {
	if m == Distance {
		return a < b
	}
	return a > b
}

// Band says what a score means. Without thresholds it is Unknown. Thresholds
// that nobody measured give Doubtful at most, and never NoMatch: a number that
// means nothing refuses nobody either.
func (t Thresholds) Band(score float64) Band {
	reaches := func(limit float64) bool { return score == limit || t.Metric.Better(score, limit) }
	switch {
	case t.Model == "" || t.Metric != Similarity && t.Metric != Distance || math.IsNaN(score):
		return Unknown
	case !t.Measured:
		return Doubtful
	case reaches(t.Match):
		return Match
	case reaches(t.Doubtful):
		return Doubtful
	}
	return NoMatch
}

// Alike says whether the score of two people of one day is close enough to be
// shown to the supervisor as the same face under another NIK. Where nobody
// measured a threshold nothing is.
func (t Thresholds) Alike(score float64) bool {
	if t.Duplicate == 0 || !t.Measured || t.Metric != Similarity && t.Metric != Distance || math.IsNaN(score) {
		return false
	}
	return score == t.Duplicate || t.Metric.Better(score, t.Duplicate)
}
