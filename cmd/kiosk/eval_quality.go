package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

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

// degradeLine is one spoilt picture: which component should fall most, and which did.
type degradeLine struct {
	Picture   string    `json:"picture"`
	Degraded  string    `json:"degraded"`
	Component face.Code `json:"component"`
	Fell      face.Code `json:"fell_most"` // empty where no face is found any more
	By        float64   `json:"by"`
	Right     bool      `json:"right"`
}

// degradeSum ends the lines of --degrade.
type degradeSum struct {
	Seed    uint64         `json:"seed"`
	Cases   int            `json:"cases"`
	Right   int            `json:"right"`
	Share   *float64       `json:"share"`
	By      map[string]int `json:"right_by_degradation"`
	Skipped int            `json:"skipped"` // pictures that don't pass before they are spoilt
}

// evalQuality prints a line of JSON with all components of each picture under a folder. With --degrade it spoils each
// picture that passes in six ways instead, and says which component falls most.
// It returns 0, 1 where something can't be read or run, 2 for wrong usage.
func evalQuality(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk eval quality", flag.ContinueOnError)
	flags.SetOutput(stderr)
	degrade := flags.Bool("degrade", false, "darken, side-light, blur, turn, scale down and re-compress each good picture, and say what falls most")
	seed := flags.Uint64("seed", 1, "of how strongly --degrade spoils")
	limit := flags.Int("limit", 0, "look at so many pictures only, spread over the folder; 0 is all")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: kiosk eval quality [--degrade --seed N] [--limit N] DIR")
		flags.PrintDefaults()
	}
	dirs, err := flagsAndWords(flags, args)
	if err != nil {
		return 2
	}
	if len(dirs) != 1 || *limit < 0 {
		flags.Usage()
		return 2
	}
	failed := func(err error) int {
		fmt.Fprintln(stderr, "kiosk eval quality:", err)
		return 1
	}
	paths, err := picturesUnder(dirs[0])
	if err != nil {
		return failed(err)
	}
	if *limit > 0 && len(paths) > *limit {
		var some []string
		for i := range *limit {
			some = append(some, paths[i*len(paths) / *limit])
		}
		paths = some
	}
	engines, err := openFaces("", os.Getenv, slog.New(slog.NewTextHandler(stderr, nil)))
	if engines.detector == nil {
		return failed(err)
	}
	defer engines.Close()
	out := json.NewEncoder(stdout)
	out.SetEscapeHTML(false)
	sum := degradeSum{Seed: *seed, By: map[string]int{}}
	for _, path := range paths {
		img, err := openPicture(path)
		if err != nil {
			return failed(err)
		}
		if *degrade {
			err = spoil(path, img, engines.detector, *seed, &sum, out)
		} else {
			var faces []face.Face
			var q face.Quality
			if faces, q, err = measureStill(engines.detector, img); err == nil {
				_, pass := q.Weakest()
				err = out.Encode(qualityLine{path, len(faces), pass, q.Hint, q.Components})
			}
		}
		if err != nil {
			return failed(fmt.Errorf("%s: %w", path, err))
		}
	}
	if *degrade {
		if sum.Cases > 0 {
			sum.Share = number(float64(sum.Right) / float64(sum.Cases))
		}
		if err := out.Encode(sum); err != nil {
			return failed(err)
		}
	}
	return 0
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

// spoil tries all degradations on a picture that passes.
func spoil(path string, img *image.RGBA, det face.Detector, seed uint64, sum *degradeSum, out *json.Encoder) error {
	faces, was, err := measureStill(det, img)
	if err != nil {
		return err
	}
	if _, pass := was.Weakest(); !pass {
		sum.Skipped++
		return nil
	}
	for i, d := range degradations() {
		spoilt, err := d.apply(img, faces[0], rand.New(rand.NewPCG(seed, uint64(sum.Cases)<<8|uint64(i))))
		if err != nil {
			return err
		}
		_, is, err := measureStill(det, spoilt)
		if err != nil {
			return err
		}
		line := degradeLine{Picture: path, Degraded: d.name, Component: d.component}
		line.Fell, line.By = fellMost(was, is)
		line.Right = line.Fell == d.component
		sum.Cases++
		if line.Right {
			sum.Right++
			sum.By[d.name]++
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// fellMost is the component that lost most points; none where no face is found any more.
func fellMost(was, is face.Quality) (code face.Code, by float64) {
	for _, c := range was.Components {
		now := is.Component(c.Code)
		if c.Measured && now.Measured && c.Score-now.Score > by {
			code, by = c.Code, c.Score-now.Score
		}
	}
	if !is.Component(face.Yaw).Measured {
		return "", 0
	}
	return code, by
}
