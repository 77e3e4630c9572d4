package main

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// facePicture is a picture by name; open is called once for each.
type facePicture struct {
	name string
	open func() (*image.RGBA, error)
}

func fileOf(path string) facePicture {
	return facePicture{name: path, open: func() (*image.RGBA, error) { return openPicture(path) }}
}

// facePair holds places in the pictures and the truth about them.
type facePair struct {
	a, b  int32
	same  bool
	group int32 // place in the groups, less one; 0 is none
}

// faceTrials are the pairs, fold by fold, over pictures that are described once each.
type faceTrials struct {
	pictures []facePicture
	folds    [][]facePair
	groups   []string
}

// readPairs reads LFW's pairs.txt: a header with the number of folds and of pairs of each kind in a fold (one number
// alone is one fold), then lines of NAME N M for the same person or NAME N NAME M for two. A last word group=G puts the
// pair into the group G as well.
func readPairs(file, dir string) (faceTrials, error) {
	var out faceTrials
	f, err := os.Open(file)
	if err != nil {
		return out, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	if !lines.Scan() {
		return out, fmt.Errorf("%s is empty", file)
	}
	var header []int
	for _, s := range strings.Fields(lines.Text()) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return out, fmt.Errorf("%s: header %q", file, lines.Text())
		}
		header = append(header, n)
	}
	if len(header) == 1 {
		header = []int{1, header[0]}
	}
	if len(header) != 2 {
		return out, fmt.Errorf("%s: header %q", file, lines.Text())
	}
	places, groups := map[string]int32{}, map[string]int32{}
	picture := func(name, number string) (int32, error) {
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || name != filepath.Base(name) {
			return 0, fmt.Errorf("%s: picture %q %q", file, name, number)
		}
		path := filepath.Join(dir, name, fmt.Sprintf("%s_%04d.jpg", name, n))
		at, have := places[path]
		if !have {
			at = int32(len(out.pictures))
			places[path] = at
			out.pictures = append(out.pictures, fileOf(path))
		}
		return at, nil
	}
	var all []facePair
	for lines.Scan() {
		w := strings.Fields(lines.Text())
		var p facePair
		var errA, errB error
		if last := len(w) - 1; last > 0 && strings.HasPrefix(w[last], "group=") {
			g := w[last][len("group="):]
			if groups[g] == 0 {
				out.groups = append(out.groups, g)
				groups[g] = int32(len(out.groups))
			}
			p.group, w = groups[g], w[:last]
		}
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
			return out, fmt.Errorf("%s: line %q", file, lines.Text())
		}
		if err := errors.Join(errA, errB); err != nil {
			return out, err
		}
		all = append(all, p)
	}
	if err := lines.Err(); err != nil {
		return out, err
	}
	if len(all) != header[0]*header[1]*2 {
		return out, fmt.Errorf("%s has %d pairs, its header says %d", file, len(all), header[0]*header[1]*2)
	}
	for i := range header[0] {
		out.folds = append(out.folds, all[i*2*header[1]:(i+1)*2*header[1]])
	}
	return out, nil
}

// crossPairs compares every picture of live/NAME with every one of references/NAME, of the same name and of the others,
// as the counter does.
func crossPairs(live, references string) (faceTrials, error) {
	var out faceTrials
	probes, err := peopleIn(live)
	if err != nil {
		return out, err
	}
	gallery, err := peopleIn(references)
	if err != nil {
		return out, err
	}
	out.pictures = append(pictures(probes), pictures(gallery)...)
	var pairs []facePair
	for i, p := range probes {
		for j, g := range gallery {
			pairs = append(pairs, facePair{a: int32(i), b: int32(len(probes) + j), same: p.person == g.person})
		}
	}
	out.folds = [][]facePair{pairs}
	return out, nil
}

// allPairs compares every picture of dir/NAME with every other one.
func allPairs(dir string) (faceTrials, error) {
	var out faceTrials
	all, err := peopleIn(dir)
	if err != nil {
		return out, err
	}
	out.pictures = pictures(all)
	pairs := make([]facePair, 0, len(all)*(len(all)-1)/2)
	for i, p := range all {
		for j := range i {
			pairs = append(pairs, facePair{a: int32(j), b: int32(i), same: p.person == all[j].person})
		}
	}
	out.folds = [][]facePair{pairs}
	return out, nil
}

// ofPerson is one picture file and the folder that says who it is.
type ofPerson struct{ person, path string }

func peopleIn(dir string) ([]ofPerson, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	var all []ofPerson
	for _, ending := range []string{"*.jpg", "*.jpeg", "*.png"} {
		paths, err := filepath.Glob(filepath.Join(dir, "*", ending))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			all = append(all, ofPerson{filepath.Base(filepath.Dir(path)), path})
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no NAME/*.jpg", dir)
	}
	return all, nil
}

func pictures(of []ofPerson) []facePicture {
	all := make([]facePicture, len(of))
	for i, p := range of {
		all[i] = fileOf(p.path)
	}
	return all
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
