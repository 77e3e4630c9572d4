// Package models describes the networks that the face engine may load, and
// finds their files. The repository holds no weights: each description names
// its files by size and SHA-256, their licences and their official addresses,
// and a Library looks for exactly those bytes in the folders it is given.
//
// A description is one JSON file of this folder. A site that measured its own
// thresholds, or brings a network of its own, puts a model.json of the same
// form beside the files; it wins over the shipped one of the same name.
package models

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"loket/scanner/face"
)

//go:embed *.json
var shipped embed.FS

// Kind is what a network is for.
type Kind string

const (
	Detector Kind = "detector"
	Matcher  Kind = "matcher"
	Liveness Kind = "liveness"
)

// Description says all there is to know about one network before loading it.
type Description struct {
	Name     string       `json:"name"`
	Kind     Kind         `json:"kind"`
	Engine   string       `json:"engine"` // "onnx" (GoCV's DNN) or "dlib" (go-face)
	Title    string       `json:"title"`
	Files    []File       `json:"files"`
	Input    Input        `json:"input"`
	Template [][2]float64 `json:"template,omitempty"` // where the five landmarks go, as shares of width and height
	Metric   face.Metric  `json:"metric,omitempty"`
	Length   int          `json:"length,omitempty"` // of the descriptor
	Rates    []Rate       `json:"rates,omitempty"`
	Policy   *Policy      `json:"policy,omitempty"`   // absent: nobody measured thresholds
	Training *Policy      `json:"training,omitempty"` // bands for the drawn sample citizens, who are alike to a network
}

// File is one file of a network. Files of one role are alternatives, the first
// found is used; each role needs one.
type File struct {
	Role      string   `json:"role"` // "network", "landmarks", "detector"
	Name      string   `json:"name"`
	Size      int64    `json:"size"`   // bytes
	SHA256    string   `json:"sha256"` // lower-case hex
	Licence   string   `json:"licence"`
	Packed    *Packed  `json:"packed,omitempty"` // the form the addresses serve, where it is not the file itself
	Addresses []string `json:"addresses,omitempty"`
}

// Packed is a file compressed with bzip2.
type Packed struct {
	Name   string `json:"name"`
	Size   int64  `json:"size,omitempty"` // bytes, 0 where nobody published it
	SHA256 string `json:"sha256"`
}

// Input is the picture that the network wants: pixel values 0..255 times
// Scale. Width and height 0 mean any size.
type Input struct {
	Width    int     `json:"width"`
	Height   int     `json:"height"`
	Channels string  `json:"channels"` // "BGR" or "RGB"
	Scale    float64 `json:"scale"`
	Grow     float64 `json:"grow,omitempty"` // liveness: the crop's side, times the face's box
}

// Rate is one measured operating point.
type Rate struct {
	Data      string  `json:"data"`
	FMR       float64 `json:"fmr"` // share of impostor pairs let through at Threshold
	Threshold float64 `json:"threshold"`
	TMR       float64 `json:"tmr"` // share of genuine pairs let through
}

// Policy holds the bands that ship with a network, and on what data they were
// measured; Accuracy, on LFW's ten folds, orders the networks.
type Policy struct {
	Match    float64 `json:"match"`
	Doubtful float64 `json:"doubtful"`
	Data     string  `json:"data"`
	Date     string  `json:"date,omitempty"` // 2006-01-02
	FMR      float64 `json:"fmr,omitempty"`
	Accuracy float64 `json:"accuracy,omitempty"`

	Duplicate *Duplicate `json:"duplicate,omitempty"` // absent: nobody measured it, and faces of one day are not compared with each other
}

// Duplicate is the score from which two people of one day at one counter, who
// gave two NIKs, are shown to the supervisor as perhaps the same face. It is
// never looser than Match, and FMR is 1e-5 or stricter: with n citizens a day
// n·(n−1)/2 pairs are compared, so that 100 citizens see 0.05 false alarms.
// "kiosk eval duplicates --write-thresholds" measures and writes it. Code gets
// it as Description.Thresholds().Duplicate.
type Duplicate struct {
	Threshold float64 `json:"threshold"`
	FMR       float64 `json:"fmr"`  // share of impostor pairs of Data that reach Threshold, at most
	Data      string  `json:"data"` // what it was measured on
	Date      string  `json:"date,omitempty"`
}

// Thresholds are the description's bands; without a policy they are unmeasured.
func (d Description) Thresholds() face.Thresholds { return d.bands(d.Policy) }

// TrainingThresholds are the bands for the drawn sample citizens, as "kiosk eval
// faces --sample" measured them; they say nothing about real people.
func (d Description) TrainingThresholds() face.Thresholds { return d.bands(d.Training) }

func (d Description) bands(p *Policy) face.Thresholds {
	t := face.Thresholds{Model: d.Name, Metric: d.Metric}
	if p != nil {
		t.Match, t.Doubtful, t.Data, t.FMR, t.Measured = p.Match, p.Doubtful, p.Data, p.FMR, true
		if p.Duplicate != nil {
			t.Duplicate = p.Duplicate.Threshold
		}
	}
	return t
}

// Parse reads one description and checks that it is complete.
func Parse(data []byte) (Description, error) {
	var d Description
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return d, fmt.Errorf("model description: %w", err)
	}
	return d, d.check()
}

var (
	plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	hexSum    = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func (d Description) check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !plainName.MatchString(d.Name) {
		wrong("name %q", d.Name)
	}
	if d.Kind != Detector && d.Kind != Matcher && d.Kind != Liveness {
		wrong("kind %q", d.Kind)
	}
	if d.Engine != "onnx" && d.Engine != "dlib" {
		wrong("engine %q", d.Engine)
	}
	if len(d.Files) == 0 {
		wrong("no files")
	}
	for _, f := range d.Files {
		if !plainName.MatchString(f.Name) || f.Role == "" || f.Size <= 0 || !hexSum.MatchString(f.SHA256) {
			wrong("file %q: role, size or sha256", f.Name)
		}
		if p := f.Packed; p != nil && (!plainName.MatchString(p.Name) || !hexSum.MatchString(p.SHA256)) {
			wrong("file %q: packed", f.Name)
		}
	}
	if d.Kind == Matcher && (d.Length <= 0 || d.Metric != face.Similarity && d.Metric != face.Distance) {
		wrong("a matcher has a metric and a length")
	}
	if d.Kind == Matcher && d.Engine == "onnx" && len(d.Template) != 5 {
		wrong("template has %d points, not 5", len(d.Template))
	}
	if d.Input.Channels != "BGR" && d.Input.Channels != "RGB" || d.Input.Scale <= 0 || d.Input.Width < 0 || d.Input.Height < 0 {
		wrong("input")
	}
	for _, p := range []*Policy{d.Policy, d.Training} {
		if p == nil || p.Duplicate == nil {
			continue
		}
		if at := *p.Duplicate; d.Metric.Better(p.Match, at.Threshold) || at.FMR <= 0 || at.FMR > 1e-5 || at.Data == "" {
			wrong("duplicate %+v: a threshold at least as strict as match (%v), measured at a false match rate of 1e-5 or stricter", at, p.Match)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("model description %q: %w", d.Name, err)
	}
	return nil
}

// Shipped returns the descriptions in this folder, by name.
func Shipped() ([]Description, error) {
	names, err := fs.Glob(shipped, "*.json")
	if err != nil {
		return nil, err
	}
	var all []Description
	for _, name := range names {
		data, err := shipped.ReadFile(name)
		if err != nil {
			return nil, err
		}
		d, err := Parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, d)
	}
	return all, nil
}
