package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"loket/scanner/face"
)

// faceFigures is what `kiosk eval faces` prints. Times are means over all pictures, in milliseconds. A rate that fewer
// than 10 / rate impostor pairs were measured on is null.
type faceFigures struct {
	Pairs      int        `json:"pairs"`
	Skipped    int        `json:"skipped"`    // pairs with a picture in which no face was found; wrong in accuracy
	Pictures   int        `json:"pictures"`   // that the pairs name
	Undetected int        `json:"undetected"` // pictures in which no face was found
	Accuracy   float64    `json:"accuracy"`
	EER        *float64   `json:"eer"`
	FNMR2      *float64   `json:"fnmr_at_fmr_1e-2"`
	FNMR3      *float64   `json:"fnmr_at_fmr_1e-3"`
	FNMR4      *float64   `json:"fnmr_at_fmr_1e-4"`
	FNMR5      *float64   `json:"fnmr_at_fmr_1e-5"`
	Threshold  *float64   `json:"threshold"`
	Match      *faceBand  `json:"at_match,omitempty"`    // at the threshold that ships with the matcher
	Doubtful   *faceBand  `json:"at_doubtful,omitempty"` // and at the lower one
	Groups     []faceRow  `json:"groups,omitempty"`      // by the pairs file's groups, at_match
	DET        []detPoint `json:"det"`                   // from the loosest to the strictest threshold
	DetectMS   float64    `json:"detect_ms"`
	EmbedMS    float64    `json:"embed_ms"`   // alignment and network
	ForwardMS  *float64   `json:"forward_ms"` // the network alone; null where the engine can't run it alone
	Engine     string     `json:"engine"`
	Model      string     `json:"model"`
	SHA256     string     `json:"sha256"`
	Detector   string     `json:"detector"`
	Data       string     `json:"data"`

	Suggested *face.Thresholds `json:"suggested,omitempty"`
	Kept      []string         `json:"kept,omitempty"` // limits of the description that these data would have loosened

	References []referenceRow `json:"references,omitempty"` // with --references-table
}

const facesUsage = `usage: kiosk eval faces --pairs FILE --images DIR [flags]     the pairs of a file in LFW's format
       kiosk eval faces --all-pairs --images DIR [flags]      every picture of DIR/NAME against every other
       kiosk eval faces --live DIR --references DIR [flags]   every live/NAME against every references/NAME
       kiosk eval faces --sample [flags]                      the drawn sample citizens, for training's thresholds`

// evalFaces measures the matcher on pairs whose truth is known, and prints one JSON object.
// It returns 0, 1 where something can't be read or run, 2 for wrong usage.
func evalFaces(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk eval faces", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var from faceSource
	flags.StringVar(&from.pairs, "pairs", "", "pairs in LFW's format (pairs.txt); a last word group=NAME puts a pair into a group")
	flags.StringVar(&from.images, "images", "", "folder with NAME/NAME_0001.jpg")
	flags.BoolVar(&from.allPairs, "all-pairs", false, "compare every picture of --images with every other")
	flags.StringVar(&from.live, "live", "", "folder with NAME/*.jpg from the counter's camera")
	flags.StringVar(&from.references, "references", "", "folder with NAME/*.jpg of enrolled photos")
	flags.BoolVar(&from.sample, "sample", false, "measure on the drawn sample citizens instead, and suggest thresholds for training")
	name := flags.String("matcher", "", "the matcher's name; by default the one that the kiosk takes")
	data := flags.String("data", "", "what the data are called beside the thresholds; by default the name of the file or folder")
	loosen := flags.Bool("loosen", false, "suggest thresholds looser than the description's too, where these data measure such")
	table := flags.Bool("references-table", false, "also spoil the references (of pairs the second picture) as old, small or re-encoded ones are, and count for each")
	write := flags.String("write-thresholds", "", "write the model's description with thresholds of these data to this file (a new model.json)")
	flags.Usage = func() {
		fmt.Fprintln(stderr, facesUsage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 || !from.complete() {
		flags.Usage()
		return 2
	}
	failed := func(err error) int {
		fmt.Fprintln(stderr, "kiosk eval faces:", err)
		return 1
	}
	trials, err := from.read()
	if err != nil {
		return failed(err)
	}
	engines, err := openFaces(*name, os.Getenv, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return failed(err)
	}
	defer engines.Close()
	figures, all, err := measureFaces(trials, engines)
	if err != nil {
		return failed(err)
	}
	if figures.Suggested != nil && !from.sample && !*loosen {
		figures.Kept = keepStrict(figures.Suggested, engines.matcher.Thresholds())
		for _, line := range figures.Kept {
			fmt.Fprintln(stderr, "kiosk eval faces:", line)
		}
	}
	if *table {
		if figures.References, err = referencesTable(trials, engines); err != nil {
			return failed(err)
		}
	}
	if *data == "" {
		*data = from.name()
	}
	figures.Data = *data
	if figures.Suggested != nil {
		figures.Suggested.Data = *data
	}
	if *write != "" {
		d, err := measured(engines.about, all, figures.Suggested, from.sample, time.Now())
		if err == nil {
			err = writeDescription(*write, d)
		}
		if err != nil {
			return failed(err)
		}
	}
	out := json.NewEncoder(stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(figures); err != nil {
		return 1
	}
	return 0
}

// faceSource says where the pairs come from; one of its four forms is complete.
type faceSource struct {
	pairs, images, live, references string
	allPairs, sample                bool
}

func (s faceSource) complete() bool {
	switch {
	case s.sample:
		return s == faceSource{sample: true}
	case s.live != "" || s.references != "":
		return s.live != "" && s.references != "" && s == faceSource{live: s.live, references: s.references}
	}
	return s.images != "" && s.allPairs == (s.pairs == "")
}

func (s faceSource) read() (faceTrials, error) {
	switch {
	case s.sample:
		return samplePairs(), nil
	case s.live != "":
		return crossPairs(s.live, s.references)
	case s.allPairs:
		return allPairs(s.images)
	}
	return readPairs(s.pairs, s.images)
}

// name is how the data are called where nobody named them.
func (s faceSource) name() string {
	switch {
	case s.sample:
		return "gambar contoh"
	case s.live != "":
		return filepath.Base(s.live) + " × " + filepath.Base(s.references)
	case s.allPairs:
		return filepath.Base(s.images)
	}
	return filepath.Base(s.pairs)
}
