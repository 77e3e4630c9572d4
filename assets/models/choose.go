package models

import "fmt"

// Choose picks the matcher to use: the one that policy names, else go-face
// where its files are installed and its thresholds measured, else the most
// accurate one whose files are there and whose thresholds are measured, else
// any that is there (it gives at most doubtful). The error is ErrIncomplete
// when there is none.
func (l *Library) Choose(name string) (Description, Paths, error) {
	if name != "" {
		d, err := l.Describe(name)
		if err != nil {
			return d, nil, err
		}
		if d.Kind != Matcher {
			return d, nil, fmt.Errorf("model %q is a %s, not a matcher", name, d.Kind)
		}
		paths, err := l.Find(d)
		return d, paths, err
	}
	all, err := l.Descriptions()
	if all == nil {
		return Description{}, nil, err
	}
	var best Description
	var found Paths
	for _, d := range all {
		if d.Kind != Matcher || found != nil && rank(d) <= rank(best) {
			continue
		}
		if paths, err := l.Find(d); err == nil {
			best, found = d, paths
		}
	}
	if found == nil {
		return Description{}, nil, fmt.Errorf("no matcher: %w", ErrIncomplete)
	}
	return best, found, nil
}

// rank orders matchers: unmeasured 0, measured 1 and its accuracy, measured
// go-face above all.
func rank(d Description) float64 {
	switch {
	case d.Policy == nil:
		return 0
	case d.Engine == "dlib":
		return 3
	}
	return 1 + d.Policy.Accuracy
}

// Detect picks the first detector whose files are there.
func (l *Library) Detect() (Description, Paths, error) {
	all, err := l.Descriptions()
	if all == nil {
		return Description{}, nil, err
	}
	err = fmt.Errorf("no detector: %w", ErrIncomplete)
	for _, d := range all {
		if d.Kind != Detector {
			continue
		}
		paths, lacking := l.Find(d)
		if lacking == nil {
			return d, paths, nil
		}
		err = lacking
	}
	return Description{}, nil, err
}
