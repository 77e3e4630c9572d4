package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	_ "image/jpeg" // the pictures' formats
	_ "image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"loket/scanner/qr"
)

// qrFigures is what `kiosk eval qr` prints: how many pictures gave a text, how many the right one, and the time that
// reading took without loading the file.
type qrFigures struct {
	Images int     `json:"images"`
	Found  int     `json:"found"` // gave at least one text
	Exact  int     `json:"exact"` // gave the true text
	Wrong  int     `json:"wrong"` // gave a text, but not the true one, where the truth is known
	MeanMS float64 `json:"mean_ms"`
	P95MS  float64 `json:"p95_ms"`

	ByModulePixels map[string]*qrFigures `json:"by_module_pixels,omitempty"`

	took []float64
}

// qrLine is one picture's line under --each.
type qrLine struct {
	File         string   `json:"file"`
	Texts        []string `json:"texts"`
	Exact        *bool    `json:"exact,omitempty"` // absent where the truth is not known
	Hint         string   `json:"hint"`
	Attempt      string   `json:"attempt,omitempty"`
	ModulePixels float64  `json:"module_pixels"`
	MS           float64  `json:"ms"`
}

// evalQR reads every PNG and JPEG of a folder, or plays simulated clips, and prints one JSON object.
// The truth is manifest.tsv in the folder (file, tab, text as a JSON string), else NAME.txt beside the picture.
// It returns 0, 1 for a folder that can't be read, 2 for wrong usage.
func evalQR(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk eval qr", flag.ContinueOnError)
	flags.SetOutput(stderr)
	each := flags.Bool("each", false, "print a line of JSON for every file before the summary")
	stream := flags.Bool("stream", false, "play simulated 15 fps clips instead of reading a folder")
	seed := flags.Uint64("seed", 1, "with --stream: the first clip's seed")
	clips := flags.Int("clips", 20, "with --stream: how many clips")
	blur := flags.Int("blur", 0, "with --stream: how many `pixels` each frame is out of focus, for the hints")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: kiosk eval qr DIR [--each]\n       kiosk eval qr --stream [--seed N] [--clips N] [--blur PIXELS] [--each]")
		flags.PrintDefaults()
	}
	var dirs []string
	for rest := args; ; { // flags may stand before or after DIR
		if err := flags.Parse(rest); err != nil {
			return 2
		}
		if flags.NArg() == 0 {
			break
		}
		dirs = append(dirs, flags.Arg(0))
		rest = flags.Args()[1:]
	}
	if *stream == (len(dirs) == 1) || len(dirs) > 1 || *clips < 1 || *blur < 0 {
		flags.Usage()
		return 2
	}
	run := func(out *json.Encoder) error { return runQR(dirs[0], *each, out) }
	if *stream {
		run = func(out *json.Encoder) error { return runQRStream(*seed, *clips, *blur, *each, out) }
	}
	if err := run(json.NewEncoder(stdout)); err != nil {
		fmt.Fprintf(stderr, "kiosk eval qr: %v\n", err)
		return 1
	}
	return 0
}

// moduleSize finds the module's size in names such as d300L_p2.5_hard_0.jpg.
var moduleSize = regexp.MustCompile(`_p(\d+(?:\.\d+)?)_`)

func runQR(dir string, each bool, out *json.Encoder) error {
	truth, err := qrTruth(dir)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list pictures: %w", err)
	}
	total := &qrFigures{ByModulePixels: map[string]*qrFigures{}}
	for _, e := range entries {
		name := e.Name()
		if ext := strings.ToLower(filepath.Ext(name)); ext != ".png" && ext != ".jpg" && ext != ".jpeg" {
			continue
		}
		img, err := loadQRPicture(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		want, known, err := truth(name)
		if err != nil {
			return err
		}
		start := time.Now()
		got := qr.Decode(img)
		took := float64(time.Since(start)) / 1e6
		rows := []*qrFigures{total}
		if m := moduleSize.FindStringSubmatch(name); m != nil {
			if total.ByModulePixels[m[1]] == nil {
				total.ByModulePixels[m[1]] = &qrFigures{}
			}
			rows = append(rows, total.ByModulePixels[m[1]])
		}
		for _, f := range rows {
			f.add(got, want, known, took)
		}
		if each {
			if err := out.Encode(lineOf(name, got, want, known, took)); err != nil {
				return fmt.Errorf("print line: %w", err)
			}
		}
	}
	if total.Images == 0 {
		return fmt.Errorf("no PNG or JPEG in %s", dir)
	}
	total.close()
	for _, f := range total.ByModulePixels {
		f.close()
	}
	if err := out.Encode(total); err != nil {
		return fmt.Errorf("print summary: %w", err)
	}
	return nil
}

func (f *qrFigures) add(got qr.Reading, want string, known bool, ms float64) {
	f.Images++
	f.took = append(f.took, ms)
	if len(got.Symbols) == 0 {
		return
	}
	f.Found++
	if !known {
		return
	}
	if hasText(got, want) {
		f.Exact++
	} else {
		f.Wrong++
	}
}

// close computes mean and 95th percentile.
func (f *qrFigures) close() {
	slices.Sort(f.took)
	sum := 0.0
	for _, ms := range f.took {
		sum += ms
	}
	f.MeanMS = sum / float64(len(f.took))
	f.P95MS = f.took[min(len(f.took)-1, len(f.took)*95/100)]
}

func hasText(r qr.Reading, want string) bool {
	return slices.ContainsFunc(r.Symbols, func(s qr.Symbol) bool { return s.Text == want })
}

func lineOf(name string, got qr.Reading, want string, known bool, ms float64) qrLine {
	l := qrLine{File: name, Texts: []string{}, Hint: got.Hint.String(), ModulePixels: got.ModulePixels, MS: ms}
	for _, s := range got.Symbols {
		l.Texts = append(l.Texts, s.Text)
		l.Attempt, l.ModulePixels = s.Attempt, s.ModulePixels
	}
	if known {
		exact := hasText(got, want)
		l.Exact = &exact
	}
	return l
}

func loadQRPicture(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open picture: %w", err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", path, err)
	}
	return img, nil
}

// qrTruth returns the function that knows what a picture says, where anything does.
func qrTruth(dir string) (func(name string) (text string, known bool, err error), error) {
	f, err := os.Open(filepath.Join(dir, "manifest.tsv"))
	if errors.Is(err, os.ErrNotExist) {
		return func(name string) (string, bool, error) {
			b, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(name, filepath.Ext(name))+".txt"))
			if errors.Is(err, os.ErrNotExist) {
				return "", false, nil
			}
			return strings.TrimRight(string(b), "\r\n"), err == nil, err
		}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open truth: %w", err)
	}
	defer f.Close()
	texts := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, quoted, ok := strings.Cut(lines.Text(), "\t")
		var text string
		if !ok || json.Unmarshal([]byte(quoted), &text) != nil {
			return nil, fmt.Errorf("read truth: line %q is not a file, a tab and a JSON string", lines.Text())
		}
		texts[name] = text
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	return func(name string) (string, bool, error) { t, ok := texts[name]; return t, ok, nil }, nil
}
