package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"math"

	"loket/scanner/face"

	xdraw "golang.org/x/image/draw"
)

// referenceRow is one way in which an enrolled photo may have been stored, at the thresholds that ship. A reference in
// which no face is found any more is in no count but Lost.
type referenceRow struct {
	Treatment string    `json:"treatment"`
	Pictures  int       `json:"pictures"`
	Lost      int       `json:"lost"`
	Mean      *float64  `json:"mean_genuine_score"`
	Match     *faceBand `json:"at_match"`
	Doubtful  *faceBand `json:"at_doubtful"`
}

// treatment stores a reference picture; f is the face in it.
type treatment struct {
	name  string
	apply func(img *image.RGBA, f face.Face) (*image.RGBA, error)
}

// treatments are what enrolled photos went through. There is no WebP among them: Go has no encoder for it.
func treatments() []treatment {
	compress := func(quality int) func(*image.RGBA, face.Face) (*image.RGBA, error) {
		return func(img *image.RGBA, _ face.Face) (*image.RGBA, error) { return throughJPEG(img, quality) }
	}
	eyes := func(pixels float64) func(*image.RGBA, face.Face) (*image.RGBA, error) {
		return func(img *image.RGBA, f face.Face) (*image.RGBA, error) {
			return scaled(img, math.Min(1, pixels/eyesOf(f))), nil
		}
	}
	return []treatment{
		{"as it is", func(img *image.RGBA, _ face.Face) (*image.RGBA, error) { return img, nil }},
		{"JPEG 90", compress(90)}, {"JPEG 70", compress(70)}, {"JPEG 50", compress(50)}, {"JPEG 30", compress(30)}, {"JPEG 10", compress(10)},
		{"eyes 40 px apart", eyes(40)}, {"eyes 30 px apart", eyes(30)}, {"eyes 20 px apart", eyes(20)}, {"eyes 15 px apart", eyes(15)},
		{"card chip: grey 160×200, JPEG 50", func(img *image.RGBA, f face.Face) (*image.RGBA, error) { return chip(img, f, 160, 50) }},
		{"card chip: grey 160×200, JPEG 20", func(img *image.RGBA, f face.Face) (*image.RGBA, error) { return chip(img, f, 160, 20) }},
		{"grey 96×120, JPEG 50", func(img *image.RGBA, f face.Face) (*image.RGBA, error) { return chip(img, f, 96, 50) }},
	}
}

func eyesOf(f face.Face) float64 {
	return math.Hypot(f.Landmarks[1].X-f.Landmarks[0].X, f.Landmarks[1].Y-f.Landmarks[0].Y)
}

func throughJPEG(img *image.RGBA, quality int) (*image.RGBA, error) {
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	stored, err := jpeg.Decode(&data)
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(img.Rect)
	draw.Draw(out, out.Rect, stored, stored.Bounds().Min, draw.Src)
	return out, nil
}

func scaled(img *image.RGBA, k float64) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, max(int(k*float64(img.Rect.Dx())), 1), max(int(k*float64(img.Rect.Dy())), 1)))
	xdraw.CatmullRom.Scale(out, out.Rect, img, img.Rect, xdraw.Src, nil)
	return out
}

// chip is a grey portrait of 4:5 as on a card's chip, width pixels wide: the eyes a quarter of the width apart, at two
// fifths of the height. What lies outside the picture is its nearest edge.
func chip(img *image.RGBA, f face.Face, width, quality int) (*image.RGBA, error) {
	height := width * 5 / 4
	step := 4 * eyesOf(f) / float64(width) // pixels of img for one of the chip
	left := (f.Landmarks[0].X+f.Landmarks[1].X)/2 - step*float64(width)/2
	top := (f.Landmarks[0].Y+f.Landmarks[1].Y)/2 - step*float64(height)*0.4
	side := int(math.Max(1, math.Ceil(step)))
	fine := image.NewRGBA(image.Rect(0, 0, width*side, height*side))
	for y := range fine.Rect.Dy() {
		for x := range fine.Rect.Dx() {
			sx := min(max(int(left+step/float64(side)*(float64(x)+0.5)), 0), img.Rect.Dx()-1)
			sy := min(max(int(top+step/float64(side)*(float64(y)+0.5)), 0), img.Rect.Dy()-1)
			p := img.Pix[sy*img.Stride+4*sx:]
			grey := uint8((2126*int(p[0]) + 7152*int(p[1]) + 722*int(p[2]) + 5000) / 10000)
			q := fine.Pix[y*fine.Stride+4*x:]
			q[0], q[1], q[2], q[3] = grey, grey, grey, 255
		}
	}
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	xdraw.CatmullRom.Scale(out, out.Rect, fine, fine.Rect, xdraw.Src, nil)
	return throughJPEG(out, quality)
}

// referencesTable treats every reference (the second picture of a pair) in every way, finds and describes its face
// again, and compares the probes, which stay as they are, with it.
func referencesTable(in faceTrials, e *faceEngines) ([]referenceRow, error) {
	bands := e.matcher.Thresholds()
	var unused faceFigures
	probes, err := describeAll(in.pictures, e, &unused)
	if err != nil {
		return nil, err
	}
	all := treatments()
	stored := make([][]face.Descriptor, len(all))
	rows := make([]referenceRow, len(all))
	for i := range all {
		stored[i] = make([]face.Descriptor, len(in.pictures))
	}
	isReference := map[int32]bool{}
	for _, fold := range in.folds {
		for _, p := range fold {
			isReference[p.b] = true
		}
	}
	for i, p := range in.pictures {
		if !isReference[int32(i)] || probes[i] == nil {
			continue
		}
		img, err := p.open()
		if err != nil {
			return nil, err
		}
		found, err := e.detector.Detect(img)
		if err != nil {
			return nil, err
		}
		for k, t := range all {
			rows[k].Pictures++
			if stored[k][i], err = describeStored(img, found[0], t, e); err != nil {
				return nil, fmt.Errorf("%s, %s: %w", p.name, t.name, err)
			}
			if stored[k][i] == nil {
				rows[k].Lost++
			}
		}
	}
	for k, t := range all {
		trials := face.Trials{Metric: e.matcher.Model().Metric}
		for _, fold := range in.folds {
			for _, p := range fold {
				a, b := probes[p.a], stored[k][p.b]
				if a == nil || b == nil {
					trials.Lost++
					continue
				}
				score, err := face.Compare(a, b, trials.Metric)
				if err != nil {
					return nil, err
				}
				if p.same {
					trials.Genuine = append(trials.Genuine, score)
				} else {
					trials.Impostor = append(trials.Impostor, score)
				}
			}
		}
		var sum float64
		for _, s := range trials.Genuine {
			sum += s
		}
		rows[k].Treatment, rows[k].Mean = t.name, number(sum/float64(len(trials.Genuine)))
		rows[k].Match, rows[k].Doubtful = bandOf(trials, bands.Match, bands.Measured), bandOf(trials, bands.Doubtful, bands.Measured)
	}
	return rows, nil
}

// describeStored is the descriptor of a treated reference, nil where no face is found in it any more.
func describeStored(img *image.RGBA, f face.Face, t treatment, e *faceEngines) (face.Descriptor, error) {
	kept, err := t.apply(img, f)
	if err != nil {
		return nil, err
	}
	faces, err := e.detector.Detect(kept)
	if err != nil || len(faces) == 0 {
		return nil, err
	}
	d, err := e.matcher.Describe(kept, faces[0])
	if errors.Is(err, face.ErrNoFace) || errors.Is(err, face.ErrLandmarks) {
		return nil, nil
	}
	return d, err
}
