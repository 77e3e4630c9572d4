package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"loket/assets/models"
	"loket/scanner/face"
)

// errTooFewPairs means that the data say nothing about a false match rate of 1e-3.
var errTooFewPairs = errors.New("thresholds need at least 10,000 impostor pairs (a false match rate of 1e-3)")

// keepStrict raises suggested limits that are looser than the description's to those, as nobody may loosen what ships
// without knowing it, and says which. The false match rate is then the suggested one at most.
func keepStrict(suggested *face.Thresholds, shipped face.Thresholds) (kept []string) {
	if !shipped.Measured || shipped.Metric != suggested.Metric {
		return nil
	}
	keep := func(name string, limit *float64, at float64) {
		if shipped.Metric.Better(at, *limit) {
			kept = append(kept, fmt.Sprintf("%s %.3f on these data is looser than the description's %.3f (%s), which stays; --loosen takes it", name, *limit, at, shipped.Data))
			*limit = at
		}
	}
	keep("match", &suggested.Match, shipped.Match)
	keep("doubtful", &suggested.Doubtful, shipped.Doubtful)
	return kept
}

// measured is a copy of a description with the suggested thresholds, their data and day in its policy (in its training
// bands for the drawn citizens), and the operating points that the pairs suffice for among its rates.
func measured(d models.Description, t face.Trials, suggested *face.Thresholds, training bool, now time.Time) (models.Description, error) {
	if suggested == nil {
		return d, errTooFewPairs
	}
	policy := &models.Policy{Match: suggested.Match, Doubtful: suggested.Doubtful, Data: suggested.Data, Date: now.Format(time.DateOnly), FMR: suggested.FMR}
	if training {
		d.Training = policy
		return d, nil
	}
	if d.Policy != nil {
		policy.Accuracy = d.Policy.Accuracy // of the network on LFW: it orders the networks
		if dup := d.Policy.Duplicate; dup != nil {
			raised := *dup
			if d.Metric.Better(policy.Match, raised.Threshold) {
				raised.Threshold = policy.Match
			}
			policy.Duplicate = &raised
		}
	}
	d.Policy = policy
	d.Rates = append([]models.Rate(nil), d.Rates...)
	for _, rate := range []float64{1e-2, 1e-3, 1e-4, 1e-5} {
		if at, fnmr, ok := t.At(rate); ok {
			d.Rates = append(d.Rates, models.Rate{Data: suggested.Data, FMR: rate, Threshold: at, TMR: 1 - fnmr})
		}
	}
	return d, nil
}

// writeDescription writes a new file, never over one that is there.
func writeDescription(path string, d models.Description) error {
	data, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	return errors.Join(err, f.Close())
}
