package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"time"

	"loket/scanner/face/liveness"
)

// clipRow counts one kind of clips.
type clipRow struct {
	Kind    string                  `json:"kind"`
	Clips   int                     `json:"clips"`
	Passed  int                     `json:"passed"`
	Rate    float64                 `json:"rate"` // passed attacks over clips (APCER), or refused people over clips (BPCER)
	Reasons map[liveness.Reason]int `json:"refused_because,omitempty"`
	Control int                     `json:"passed_without_challenge"`
}

// liveSource are the figures of clips that were made in one way.
type liveSource struct {
	Source string    `json:"source"` // drawn, warped or still
	Made   string    `json:"made"`   // how
	BPCER  []clipRow `json:"bpcer,omitempty"`
	APCER  []clipRow `json:"apcer"`
}

// liveFigures is what `kiosk eval liveness` prints.
type liveFigures struct {
	Seed       uint64       `json:"seed"`
	Clips      int          `json:"clips_of_each_kind"`
	Rate       float64      `json:"frames_a_second"`
	Model      string       `json:"model"`
	Rules      string       `json:"rules"`
	WorstAPCER float64      `json:"worst_apcer"`
	WorstBPCER float64      `json:"worst_bpcer"`
	Sources    []liveSource `json:"sources"`
	Seconds    float64      `json:"seconds"`
	Note       string       `json:"note"`
}

// frameStep is the time from one looked-at frame to the next, as at the counter.
const frameStep = 200 * time.Millisecond

// liveSeed is held: it was played once, whole (figures/liveness.json), and nothing was tuned on it. Spent are 1 to 20, 101, and
// 201 and 301, held until they missed 5 % of drawn people refused with 10 and 7.5. The next free one is 501.
const liveSeed = 401

const liveNote = "Drawn heads, and photographs on a moved relief or sheet: no claim about real people. The screens are synthetic (frame, moire, " +
	"refresh), as are the cut-out eyes; real prints are only those of a folder named print, held still. Of the people three of four turn " +
	"slowly and on until something else is asked."

// evalLiveness plays clips that answer a random challenge, and counts what passes. Attacks with photographs take the
// pictures of a folder, where there is one; of NUAA those under live for what moves, those under print as they are.
// It returns 0, 1 where something can't be read or run, 2 for wrong usage.
func evalLiveness(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk eval liveness", flag.ContinueOnError)
	flags.SetOutput(stderr)
	seed := flags.Uint64("seed", liveSeed, "of the challenges and the clips; 1 to 20, 101, 201 and 301 are spent")
	clips := flags.Int("clips", 40, "clips of each kind")
	loose := flags.Bool("without-relief", false, "ask no relief, no breadth and no identity of a turn: what these rules prevent")
	only := flags.String("kinds", "", "only kinds with one of these parts in source/name, between commas: warped/living,bent")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: kiosk eval liveness [--seed N] [--clips N] [--kinds A,B] [--without-relief] [DIR with pictures of faces]")
		flags.PrintDefaults()
	}
	words, err := flagsAndWords(flags, args)
	if err != nil {
		return 2
	}
	if len(words) > 1 || *clips < 1 {
		flags.Usage()
		return 2
	}
	failed := func(err error) int {
		fmt.Fprintln(stderr, "kiosk eval liveness:", err)
		return 1
	}
	var stills stills
	if len(words) == 1 {
		if stills, err = stillsUnder(words[0]); err != nil {
			return failed(err)
		}
	}
	sources := clipSources(stills).only(kindsNamed(*only))
	if len(sources) == 0 {
		fmt.Fprintf(stderr, "kiosk eval liveness: no kind is named %s\n", *only)
		return 2
	}
	from := time.Now()
	theatre, err := openTheatre(runtime.NumCPU(), stills, *loose, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return failed(err)
	}
	defer theatre.Close()
	out := liveFigures{Seed: *seed, Clips: *clips, Rate: 1 / frameStep.Seconds(), Model: theatre.model(), Rules: "all", Note: liveNote}
	if *loose {
		out.Rules = "without relief, breadth and identity of turns"
	}
	for _, kinds := range sources {
		source := liveSource{Source: kinds.source, Made: kinds.made, APCER: []clipRow{}}
		for _, kind := range kinds.kinds {
			row, err := theatre.play(kind, *clips, *seed)
			if err != nil {
				return failed(err)
			}
			fmt.Fprintf(stderr, "%s: %s: %d of %d pass, without the challenge %d\n", kinds.source, kind.name, row.Passed, row.Clips, row.Control)
			if kind.attack {
				source.APCER = append(source.APCER, row)
				out.WorstAPCER = max(out.WorstAPCER, row.Rate)
			} else {
				source.BPCER = append(source.BPCER, row)
				out.WorstBPCER = max(out.WorstBPCER, row.Rate)
			}
		}
		out.Sources = append(out.Sources, source)
	}
	out.Seconds = float64(int(time.Since(from).Seconds()*10)) / 10
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return failed(err)
	}
	return 0
}
