package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"time"

	"loket/assets/models"
	"loket/scanner/face"
)

// duplicateRate is the false match rate at which two people of one day are shown to the supervisor.
const duplicateRate = 1e-5

// duplicateFigures is what `kiosk eval duplicates` prints. The pairs of a few people are not independent of each other:
// the bounds are those of as many independent pairs, and People says how many people stand behind them.
type duplicateFigures struct {
	Pictures   int     `json:"pictures"`
	Undetected int     `json:"undetected"`
	People     int     `json:"people"`
	Genuine    int     `json:"genuine"`  // pairs of one person
	Impostor   int     `json:"impostor"` // pairs of two people
	Citizens   int     `json:"citizens_a_day"`
	Pairs      int     `json:"pairs_a_day"` // n·(n−1)/2
	Rate       float64 `json:"rate"`        // the false match rate that is asked for
	Expected   float64 `json:"alarms_a_day_at_rate"`

	Shipped  *duplicateBand `json:"at_shipped"`  // the description's threshold; null where it has none
	Measured *duplicateBand `json:"at_measured"` // the loosest one that keeps the rate on these pairs; null where they are fewer than 10 / rate
	Model    string         `json:"model"`
	SHA256   string         `json:"sha256"`
	Data     string         `json:"data"`
}

// duplicateBand is what one threshold does. Upper bounds are of 95 % confidence (one-sided, Poisson): with no false match
// among n pairs 3/n, the rule of three.
type duplicateBand struct {
	Threshold   float64  `json:"threshold"`
	Passed      int      `json:"false_matches"`
	FMR         *float64 `json:"fmr"`
	FMRUpper    *float64 `json:"fmr_upper_95"`
	Alarms      *float64 `json:"alarms_a_day"`
	AlarmsUpper *float64 `json:"alarms_a_day_upper_95"`
	Caught      int      `json:"caught"` // pairs of one person that are shown
	CaughtShare *float64 `json:"caught_share"`
}

// evalDuplicates compares all pictures with each other as the counter compares the faces of a day, and prints one JSON
// object: how many false alarms a day, and how many true ones would be caught.
// It returns 0, 1 where something can't be read or run, 2 for wrong usage.
func evalDuplicates(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk eval duplicates", flag.ContinueOnError)
	flags.SetOutput(stderr)
	images := flags.String("images", "", "folder with NAME/*.jpg, a folder for each person")
	citizens := flags.Int("citizens", 150, "people that one counter sees in a day")
	name := flags.String("matcher", "", "the matcher's name; by default the one that the kiosk takes")
	data := flags.String("data", "", "what the data are called beside the threshold; by default the folder's name")
	write := flags.String("write-thresholds", "", "write the model's description with the measured threshold to this file (a new model.json)")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: kiosk eval duplicates --images DIR [--citizens N] [flags]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 || *images == "" || *citizens < 2 || *citizens > 1_000_000 {
		flags.Usage()
		return 2
	}
	failed := func(err error) int {
		fmt.Fprintln(stderr, "kiosk eval duplicates:", err)
		return 1
	}
	people, err := peopleIn(*images)
	if err != nil {
		return failed(err)
	}
	engines, err := openFaces(*name, os.Getenv, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return failed(err)
	}
	defer engines.Close()
	var counted faceFigures
	described, err := describeAll(pictures(people), engines, &counted)
	if err != nil {
		return failed(err)
	}
	trials, err := allScores(people, described, engines.matcher.Model().Metric)
	if err != nil {
		return failed(err)
	}
	if *data == "" {
		*data = filepath.Base(*images)
	}
	out := duplicatesOf(trials, engines.matcher.Thresholds(), *citizens)
	out.Pictures, out.Undetected = counted.Pictures, counted.Undetected
	names := map[string]bool{}
	for _, p := range people {
		names[p.person] = true
	}
	out.People, out.Data = len(names), *data
	out.Model, out.SHA256 = engines.matcher.Model().Name, engines.matcher.Model().SHA256
	if *write != "" {
		d, err := withDuplicate(engines.about, out, time.Now())
		if err == nil {
			err = writeDescription(*write, d)
		}
		if err != nil {
			return failed(err)
		}
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return 1
	}
	return 0
}

// allScores compares every described picture with every other.
func allScores(people []ofPerson, described []face.Descriptor, m face.Metric) (face.Trials, error) {
	t := face.Trials{Metric: m}
	for i, a := range described {
		for j, b := range described[:i] {
			if a == nil || b == nil {
				t.Lost++
				continue
			}
			score, err := face.Compare(a, b, m)
			if err != nil {
				return t, err
			}
			if people[i].person == people[j].person {
				t.Genuine = append(t.Genuine, score)
			} else {
				t.Impostor = append(t.Impostor, score)
			}
		}
	}
	return t, nil
}

// duplicatesOf counts at the shipped threshold and at the one that these pairs give, which is never looser than match.
func duplicatesOf(t face.Trials, shipped face.Thresholds, citizens int) duplicateFigures {
	out := duplicateFigures{Genuine: len(t.Genuine), Impostor: len(t.Impostor), Citizens: citizens, Pairs: citizens * (citizens - 1) / 2, Rate: duplicateRate}
	out.Expected = duplicateRate * float64(out.Pairs)
	if shipped.Duplicate != 0 {
		out.Shipped = duplicateAt(t, shipped.Duplicate, out.Pairs)
	}
	if at, _, ok := t.At(duplicateRate); ok {
		if shipped.Measured && t.Metric.Better(shipped.Match, at) {
			at = shipped.Match
		}
		out.Measured = duplicateAt(t, at, out.Pairs)
	}
	return out
}

func duplicateAt(t face.Trials, threshold float64, pairs int) *duplicateBand {
	band := bandOf(t, threshold, true)
	b := &duplicateBand{Threshold: threshold, Passed: band.Passed, FMR: band.FMR, Caught: band.Genuine - band.Refused}
	if band.Impostor > 0 {
		upper := mostOf(band.Passed) / float64(band.Impostor)
		b.FMRUpper = number(math.Min(upper, 1))
		b.Alarms, b.AlarmsUpper = number(*b.FMR*float64(pairs)), number(*b.FMRUpper*float64(pairs))
	}
	if band.Genuine > 0 {
		b.CaughtShare = number(float64(b.Caught) / float64(band.Genuine))
	}
	return b
}

// mostOf is the largest mean of a Poisson count that still gives k or fewer in 5 of 100 cases: 3.00 for none, 4.74 for
// one.
func mostOf(k int) float64 {
	if k > 300 { // the exponential would vanish; the normal approximation is near enough
		return float64(k) + 1.645*math.Sqrt(float64(k)) + 1.5
	}
	low, high := float64(k), 2*float64(k)+20
	for range 60 {
		mean := (low + high) / 2
		term := math.Exp(-mean)
		sum := term
		for i := 1; i <= k; i++ {
			term *= mean / float64(i)
			sum += term
		}
		if sum > 0.05 {
			low = mean
		} else {
			high = mean
		}
	}
	return high
}

// withDuplicate is a copy of a description with the measured threshold, its data and day.
func withDuplicate(d models.Description, f duplicateFigures, now time.Time) (models.Description, error) {
	if f.Measured == nil {
		return d, fmt.Errorf("a threshold for a false match rate of %g needs at least %.0f pairs of different people, here are %d", duplicateRate, 10/duplicateRate, f.Impostor)
	}
	if d.Policy == nil {
		return d, fmt.Errorf("%s has no match threshold yet: measure it first with kiosk eval faces --write-thresholds", d.Name)
	}
	policy := *d.Policy
	policy.Duplicate = &models.Duplicate{Threshold: f.Measured.Threshold, FMR: duplicateRate, Data: f.Data, Date: now.Format(time.DateOnly)}
	d.Policy = &policy
	return d, nil
}
