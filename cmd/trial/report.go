package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"time"
)

// newFlags are a trial's, whose mistakes and help go to progress.
func newFlags(trial string, progress io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("trial "+trial, flag.ContinueOnError)
	flags.SetOutput(progress)
	return flags
}

// tell prints what a trial found as one indented JSON object, and is the error
// of a bar that was missed.
func tell(out io.Writer, report interface{ judge() error }) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return errors.Join(enc.Encode(report), report.judge())
}

// secondsSince is how long a trial took, to a tenth.
func secondsSince(began time.Time) float64 {
	return time.Since(began).Round(100 * time.Millisecond).Seconds()
}
