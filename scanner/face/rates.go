package face

import (
	"math"
	"slices"
)

// Trials are the scores of comparisons whose truth is known.
type Trials struct {
	Metric   Metric
	Genuine  []float64 // of the same person
	Impostor []float64 // of different people
	Lost     int       // comparisons without a score, because a face was not found
}

// Accuracy is the share of comparisons decided rightly by a threshold that
// was chosen on the other folds, averaged over the folds, as LFW's protocol
// says; Lost ones count as wrong. The threshold is the mean of those used. With
// one fold the threshold is chosen on the same comparisons.
func Accuracy(folds []Trials) (accuracy, threshold float64) {
	for i, test := range folds {
		rest := Trials{Metric: test.Metric}
		for j, f := range folds {
			if j != i || len(folds) == 1 {
				rest.Genuine = append(rest.Genuine, f.Genuine...)
				rest.Impostor = append(rest.Impostor, f.Impostor...)
			}
		}
		t := rest.Threshold()
		right := 0
		for _, s := range test.Genuine {
			if !test.Metric.Better(t, s) {
				right++
			}
		}
		for _, s := range test.Impostor {
			if test.Metric.Better(t, s) {
				right++
			}
		}
		if n := len(test.Genuine) + len(test.Impostor) + test.Lost; n > 0 {
			accuracy += float64(right) / float64(n) / float64(len(folds))
		}
		threshold += t / float64(len(folds))
	}
	return accuracy, threshold
}

// Threshold is the score that decides the most comparisons rightly, halfway to
// the next one.
func (t Trials) Threshold() float64 {
	type trial struct {
		score   float64
		genuine bool
	}
	var all []trial
	for _, s := range t.Genuine {
		all = append(all, trial{s, true})
	}
	for _, s := range t.Impostor {
		all = append(all, trial{s, false})
	}
	if len(all) == 0 {
		return math.NaN()
	}
	slices.SortFunc(all, func(a, b trial) int { // best scores first
		switch {
		case t.Metric.Better(a.score, b.score):
			return -1
		case t.Metric.Better(b.score, a.score):
			return 1
		}
		return 0
	})
	// Accepting nothing is right for every impostor.
	right, best, at := len(t.Impostor), len(t.Impostor), all[0].score
	for i, s := range all {
		if s.genuine {
			right++
		} else {
			right--
		}
		if i+1 < len(all) && all[i+1].score == s.score {
			continue
		}
		if right > best {
			best, at = right, s.score
			if i+1 < len(all) {
				at = (s.score + all[i+1].score) / 2
			}
		}
	}
	return at
}

// FNMR is the share of genuine comparisons that a threshold refuses.
func (t Trials) FNMR(threshold float64) float64 {
	return share(t.Genuine, func(s float64) bool { return t.Metric.Better(threshold, s) })
}

// FMR is the share of impostor comparisons that a threshold lets through.
func (t Trials) FMR(threshold float64) float64 {
	return share(t.Impostor, func(s float64) bool { return !t.Metric.Better(threshold, s) })
}

func share(scores []float64, is func(float64) bool) float64 {
	n := 0
	for _, s := range scores {
		if is(s) {
			n++
		}
	}
	return float64(n) / float64(len(scores))
}

// At returns the loosest threshold that lets at most fmr of the impostors
// through, and what it refuses. It is not ok with fewer than 10/fmr impostor
// comparisons: they say nothing about such a rate.
func (t Trials) At(fmr float64) (threshold, fnmr float64, ok bool) {
	n := len(t.Impostor)
	if float64(n)*fmr < 10 || len(t.Genuine) == 0 {
		return 0, 0, false
	}
	worstFirst := t.sorted(t.Impostor)
	through := int(math.Floor(fmr * float64(n)))
	limit := worstFirst[n-1-through] // this one must not pass
	threshold = math.Nextafter(limit, math.Inf(1))
	if t.Metric == Distance {
		threshold = math.Nextafter(limit, math.Inf(-1))
	}
	return threshold, t.FNMR(threshold), true
}

// EER is the rate at which as many genuine comparisons are refused as impostors
// are let through; NaN without either.
func (t Trials) EER() float64 {
	if len(t.Genuine) == 0 || len(t.Impostor) == 0 {
		return math.NaN()
	}
	best, eer := math.Inf(1), math.NaN()
	genuine, impostor := t.sorted(t.Genuine), t.sorted(t.Impostor)
	i := 0 // impostors that this threshold refuses
	for refused, s := range genuine {
		for i < len(impostor) && t.Metric.Better(s, impostor[i]) {
			i++
		}
		fnmr, fmr := float64(refused)/float64(len(genuine)), float64(len(impostor)-i)/float64(len(impostor))
		if d := math.Abs(fnmr - fmr); d < best {
			best, eer = d, (fnmr+fmr)/2
		}
	}
	return eer
}

// sorted returns the scores from the worst to the best.
func (t Trials) sorted(scores []float64) []float64 {
	s := slices.Clone(scores)
	slices.SortFunc(s, func(a, b float64) int {
		if t.Metric.Better(b, a) {
			return -1
		}
		if t.Metric.Better(a, b) {
			return 1
		}
		return 0
	})
	return s
}
