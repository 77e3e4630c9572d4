package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"loket/camera/footage/people"
	"loket/scanner/face"
)

// qualityLine is all that is measured of one picture.
type qualityLine struct {
	Picture    string           `json:"picture"`
	Faces      int              `json:"faces"`
	Pass       bool             `json:"pass"`
	Hint       face.Hint        `json:"hint"`
	Components []face.Component `json:"components"`
}

// heldSeed gives the strengths with which the README's figures of --degrade were measured, once, after tuning had ended.
// Spent are 1 to 20, 9001, 9002 and 9101, on which quality was tuned, and with those figures 9301 itself: whoever tunes
// again needs another.
const heldSeed = 9301

// evalQuality prints a line of JSON with all components of each picture under a folder, or of the drawn citizens. With
// --degrade it spoils each good portrait in six ways instead, and says which component falls most.
// It returns 0, 1 where something can't be read or run, 2 for wrong usage.
func evalQuality(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk eval quality", flag.ContinueOnError)
	flags.SetOutput(stderr)
	degrade := flags.Bool("degrade", false, "darken, side-light, blur, turn, scale down and re-compress each good picture, and say what falls most")
	seed := flags.Uint64("seed", heldSeed, "with --degrade: of how strongly it spoils, and on which side")
	seeds := flags.Uint64("seeds", 1, "with --degrade: so many seeds from --seed on; each spoils every portrait anew")
	sample := flags.Bool("sample", false, "look at the drawn sample citizens instead of a folder")
	limit := flags.Int("limit", 0, "look at so many pictures only, spread over the folder; 0 is all")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: kiosk eval quality [--degrade [--seed N] [--seeds N]] [--limit N] DIR|--sample")
		flags.PrintDefaults()
	}
	dirs, err := flagsAndWords(flags, args)
	if err != nil {
		return 2
	}
	if *sample == (len(dirs) == 1) || len(dirs) > 1 || *limit < 0 || *seeds < 1 || *seeds > 1000 {
		flags.Usage()
		return 2
	}
	failed := func(err error) int {
		fmt.Fprintln(stderr, "kiosk eval quality:", err)
		return 1
	}
	pictures, err := portraits(dirs)
	if err != nil {
		return failed(err)
	}
	if *limit > 0 && len(pictures) > *limit {
		var some []facePicture
		for i := range *limit {
			some = append(some, pictures[i*len(pictures) / *limit])
		}
		pictures = some
	}
	engines, err := openFaces("", os.Getenv, slog.New(slog.NewTextHandler(stderr, nil)))
	if engines.detector == nil {
		return failed(err)
	}
	defer engines.Close()
	out := json.NewEncoder(stdout)
	out.SetEscapeHTML(false)
	sum := newDegradeSum(*seed, *seeds)
	for _, p := range pictures {
		img, err := p.open()
		if err != nil {
			return failed(err)
		}
		if *degrade {
			err = spoil(p.name, img, engines.detector, sum, out)
		} else {
			var faces []face.Face
			var q face.Quality
			if faces, q, err = measureStill(engines.detector, img); err == nil {
				_, pass := q.Weakest()
				err = out.Encode(qualityLine{p.name, len(faces), pass, q.Hint, q.Components})
			}
		}
		if err != nil {
			return failed(fmt.Errorf("%s: %w", p.name, err))
		}
	}
	if *degrade {
		if err := out.Encode(sum.shared()); err != nil {
			return failed(err)
		}
	}
	return 0
}

// A drawn citizen sits for so many frames, nearer than for the matcher by that
// share of the picture's height: at the size that the guide asks for.
const (
	framesEach = 2
	nearer     = 0.11
)

// portraits are the pictures under a folder; without one the drawn citizens.
func portraits(dirs []string) ([]facePicture, error) {
	var all []facePicture
	if len(dirs) == 0 {
		for i, p := range people.All() {
			for n := range uint64(framesEach) {
				look := sampleLook(uint64(i), n)
				look.Scale += nearer
				all = append(all, facePicture{name: fmt.Sprintf("%s/%d", p.ID, n), open: func() (*image.RGBA, error) {
					return p.Draw(image.Pt(640, 480), look), nil
				}})
			}
		}
		return all, nil
	}
	paths, err := picturesUnder(dirs[0])
	for _, path := range paths {
		all = append(all, fileOf(path))
	}
	return all, err
}

// flagsAndWords parses flags before and after the words, and returns the words.
func flagsAndWords(flags *flag.FlagSet, args []string) ([]string, error) {
	var words []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return words, nil
		}
		words, args = append(words, flags.Arg(0)), flags.Args()[1:]
	}
}

// picturesUnder lists the JPEG and PNG files under a folder, by name.
func picturesUnder(dir string) ([]string, error) {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		ending := strings.ToLower(filepath.Ext(path))
		if err == nil && d.Type().IsRegular() && slices.Contains([]string{".jpg", ".jpeg", ".png"}, ending) {
			paths = append(paths, path)
		}
		return err
	})
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("%s has no .jpg or .png", dir)
	}
	return paths, err
}

// measureStill measures an upright picture as a portrait, a lying one as a camera's frame.
func measureStill(det face.Detector, img *image.RGBA) ([]face.Face, face.Quality, error) {
	faces, err := det.Detect(img)
	if err != nil {
		return nil, face.Quality{}, err
	}
	guide := face.Whole(img)
	if w, h := img.Rect.Dx(), img.Rect.Dy(); w > h {
		guide = face.Guide(w, h)
	}
	return faces, face.Measure(img, faces, guide), nil
}
