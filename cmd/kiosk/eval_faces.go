package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"loket/scanner/face"
)

// faceFigures is what `kiosk eval faces` prints. Times are means over all pictures, in milliseconds. A rate that fewer
// than 10 / rate impostor pairs were measured on is null.
type faceFigures struct {
	Pairs     int      `json:"pairs"`
	Skipped   int      `json:"skipped"` // pairs with a picture in which no face was found; wrong in accuracy
	Accuracy  float64  `json:"accuracy"`
	EER       *float64 `json:"eer"`
	FNMR2     *float64 `json:"fnmr_at_fmr_1e-2"`
	FNMR3     *float64 `json:"fnmr_at_fmr_1e-3"`
	FNMR4     *float64 `json:"fnmr_at_fmr_1e-4"`
	FNMR5     *float64 `json:"fnmr_at_fmr_1e-5"`
	Threshold *float64 `json:"threshold"`
	DetectMS  float64  `json:"detect_ms"`
	EmbedMS   float64  `json:"embed_ms"`   // alignment and network
	ForwardMS *float64 `json:"forward_ms"` // the network alone; null where the engine can't run it alone
	Engine    string   `json:"engine"`
	Model     string   `json:"model"`
	SHA256    string   `json:"sha256"`
	Detector  string   `json:"detector"`
	Data      string   `json:"data"`

	Suggested *face.Thresholds `json:"suggested,omitempty"`
}

// evalFaces measures the matcher on pairs whose truth is known, and prints one JSON object.
// It returns 0, 1 where something can't be read or run, 2 for wrong usage.
func evalFaces(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk eval faces", flag.ContinueOnError)
	flags.SetOutput(stderr)
	pairs := flags.String("pairs", "", "pairs in LFW's format (pairs.txt)")
	images := flags.String("images", "", "folder with NAME/NAME_0001.jpg")
	sample := flags.Bool("sample", false, "measure on the drawn sample citizens instead, and suggest thresholds for training")
	name := flags.String("matcher", "", "the matcher's name; by default the one that the kiosk takes")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: kiosk eval faces --pairs FILE --images DIR [--matcher NAME]\n       kiosk eval faces --sample [--matcher NAME]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 || *sample == (*pairs != "" || *images != "") || !*sample && (*pairs == "" || *images == "") {
		flags.Usage()
		return 2
	}
	folds, err := [][]facePair(nil), error(nil)
	data := "gambar contoh"
	if *sample {
		folds = samplePairs()
	} else {
		folds, err = readPairs(*pairs, *images)
		data = filepath.Base(*pairs)
	}
	if err != nil {
		fmt.Fprintln(stderr, "kiosk eval faces:", err)
		return 1
	}
	engines, err := openFaces(*name, os.Getenv, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		fmt.Fprintln(stderr, "kiosk eval faces:", err)
		return 1
	}
	defer engines.Close()
	figures, err := measureFaces(folds, engines)
	if err != nil {
		fmt.Fprintln(stderr, "kiosk eval faces:", err)
		return 1
	}
	figures.Data = data
	if figures.Suggested != nil {
		figures.Suggested.Data = data
	}
	out := json.NewEncoder(stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(figures); err != nil {
		return 1
	}
	return 0
}

// facePicture is a picture by name; open is called once for each.
type facePicture struct {
	name string
	open func() (*image.RGBA, error)
}

type facePair struct {
	a, b facePicture
	same bool
}

// readPairs reads LFW's pairs.txt: a header with the number of folds and of pairs of each kind in a fold (one number
// alone is one fold), then lines of NAME N M for the same person or NAME N NAME M for two.
func readPairs(file, dir string) ([][]facePair, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	if !lines.Scan() {
		return nil, fmt.Errorf("%s is empty", file)
	}
	var header []int
	for _, s := range strings.Fields(lines.Text()) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s: header %q", file, lines.Text())
		}
		header = append(header, n)
	}
	if len(header) == 1 {
		header = []int{1, header[0]}
	}
	if len(header) != 2 {
		return nil, fmt.Errorf("%s: header %q", file, lines.Text())
	}
	picture := func(name, number string) (facePicture, error) {
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || name != filepath.Base(name) {
			return facePicture{}, fmt.Errorf("%s: picture %q %q", file, name, number)
		}
		path := filepath.Join(dir, name, fmt.Sprintf("%s_%04d.jpg", name, n))
		return facePicture{name: path, open: func() (*image.RGBA, error) { return openPicture(path) }}, nil
	}
	var all []facePair
	for lines.Scan() {
		w := strings.Fields(lines.Text())
		var p facePair
		var errA, errB error
		switch len(w) {
		case 0:
			continue
		case 3:
			p.same = true
			p.a, errA = picture(w[0], w[1])
			p.b, errB = picture(w[0], w[2])
		case 4:
			p.a, errA = picture(w[0], w[1])
			p.b, errB = picture(w[2], w[3])
		default:
			return nil, fmt.Errorf("%s: line %q", file, lines.Text())
		}
		if err := errors.Join(errA, errB); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(all) != header[0]*header[1]*2 {
		return nil, fmt.Errorf("%s has %d pairs, its header says %d", file, len(all), header[0]*header[1]*2)
	}
	var folds [][]facePair
	for i := range header[0] {
		folds = append(folds, all[i*2*header[1]:(i+1)*2*header[1]])
	}
	return folds, nil
}

func openPicture(path string) (*image.RGBA, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	rgba := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(rgba, rgba.Rect, img, img.Bounds().Min, draw.Src)
	return rgba, nil
}

// forwarder is a matcher that can run its network alone.
type forwarder interface {
	Forward(crop *image.RGBA) (face.Descriptor, error)
}

// measureFaces describes every picture once and compares all pairs.
func measureFaces(folds [][]facePair, e *faceEngines) (faceFigures, error) {
	out := faceFigures{Engine: e.about.Engine, Model: e.matcher.Model().Name, SHA256: e.matcher.Model().SHA256, Detector: e.detector.Model().Name}
	metric := e.matcher.Model().Metric
	described := map[string]face.Descriptor{}
	var detect, embed time.Duration
	embedded := 0
	describe := func(p facePicture) (face.Descriptor, error) {
		if d, have := described[p.name]; have {
			return d, nil
		}
		img, err := p.open()
		if err != nil {
			return nil, err
		}
		start := time.Now()
		faces, err := e.detector.Detect(img)
		if err != nil {
			return nil, err
		}
		detect += time.Since(start)
		var d face.Descriptor
		if len(faces) > 0 {
			start = time.Now()
			d, err = e.matcher.Describe(img, faces[0])
			if err != nil && !errors.Is(err, face.ErrNoFace) && !errors.Is(err, face.ErrLandmarks) {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			embed += time.Since(start)
			embedded++
		}
		described[p.name] = d
		return d, nil
	}
	var trials []face.Trials
	all := face.Trials{Metric: metric}
	for _, fold := range folds {
		t := face.Trials{Metric: metric}
		for _, p := range fold {
			out.Pairs++
			a, errA := describe(p.a)
			b, errB := describe(p.b)
			if err := errors.Join(errA, errB); err != nil {
				return out, err
			}
			if a == nil || b == nil {
				t.Lost++
				continue
			}
			score, err := face.Compare(a, b, metric)
			if err != nil {
				return out, err
			}
			if p.same {
				t.Genuine = append(t.Genuine, score)
			} else {
				t.Impostor = append(t.Impostor, score)
			}
		}
		out.Skipped += t.Lost
		all.Genuine, all.Impostor = append(all.Genuine, t.Genuine...), append(all.Impostor, t.Impostor...)
		trials = append(trials, t)
	}
	accuracy, threshold := face.Accuracy(trials)
	out.Accuracy, out.Threshold, out.EER = accuracy, number(threshold), number(all.EER())
	for rate, into := range map[float64]**float64{1e-2: &out.FNMR2, 1e-3: &out.FNMR3, 1e-4: &out.FNMR4, 1e-5: &out.FNMR5} {
		if _, fnmr, ok := all.At(rate); ok {
			*into = number(fnmr)
		}
	}
	out.Suggested = suggest(all, e.matcher.Model())
	ms := func(d time.Duration, n int) float64 { return float64(d.Microseconds()) / 1000 / float64(max(n, 1)) }
	out.DetectMS, out.EmbedMS = ms(detect, len(described)), ms(embed, embedded)
	if f, ok := e.matcher.(forwarder); ok {
		const runs = 100
		crop := image.NewRGBA(image.Rect(0, 0, e.about.Input.Width, e.about.Input.Height))
		for i := range crop.Pix {
			crop.Pix[i] = uint8(i * 37)
		}
		start := time.Now()
		for range runs {
			if _, err := f.Forward(crop); err != nil {
				return out, err
			}
		}
		out.ForwardMS = number(ms(time.Since(start), runs))
	}
	return out, nil
}

// suggest takes for a match the stricter of the thresholds at a false match rate of 1e-3 and with the best accuracy, for
// doubtful the one at 1e-2; nil where the pairs are too few for that.
func suggest(t face.Trials, m face.Model) *face.Thresholds {
	match, _, ok := t.At(1e-3)
	doubtful, _, enough := t.At(1e-2)
	if !ok || !enough {
		return nil
	}
	if best := t.Threshold(); m.Metric.Better(best, match) {
		match = best
	}
	return &face.Thresholds{Model: m.Name, Metric: m.Metric, Match: match, Doubtful: doubtful, FMR: 1e-3, Measured: true}
}

func number(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}
