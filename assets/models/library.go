package models

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"loket/scanner/face"
)

// ErrIncomplete means that a network's files are not all there; the error
// names each with what is wrong with it.
var ErrIncomplete = errors.New("model files are missing or wrong")

// maxDescription bounds a site's model.json, in bytes.
const maxDescription = 1 << 20

// State is what a Library found of one file.
type State string

const (
	Found     State = "found"
	Missing   State = "missing"
	Truncated State = "truncated" // the right name, too few bytes
	Wrong     State = "wrong"     // the right name, other bytes
)

// Status is one described file as it was found; Path is empty for Missing.
type Status struct {
	File  File
	State State
	Path  string
}

// Paths are the checked files of one network by role.
type Paths map[string]Status

// Library finds files by their bytes in folders, each searched to its depths.
// It remembers sums by path, size and time of change, and is safe for
// concurrent use.
type Library struct {
	folders []string
	mu      sync.Mutex
	sums    map[version]string
}

type version struct {
	path  string
	size  int64
	mtime time.Time
}

// New returns a library of these folders; one that does not exist is empty.
func New(folders ...string) *Library {
	return &Library{folders: folders, sums: map[version]string{}}
}

// Folders lists where this machine keeps networks: the folders of LOKET_MODELS
// (colon-separated), then Data.
func Folders(getenv func(string) string) []string {
	var folders []string
	for _, f := range filepath.SplitList(getenv("LOKET_MODELS")) {
		if f != "" {
			folders = append(folders, f)
		}
	}
	if d := Data(getenv); d != "" {
		folders = append(folders, d)
	}
	return folders
}

// Data is where "kiosk models get" puts files: loket/models in XDG_DATA_HOME,
// by default ~/.local/share; empty where there is no home.
func Data(getenv func(string) string) string {
	base := getenv("XDG_DATA_HOME")
	if base == "" {
		home := getenv("HOME")
		if home == "" {
			return ""
		}
		base = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(base, "loket", "models")
}

// Descriptions returns the shipped descriptions, replaced or joined by every
// model.json in the folders; of two with one name the earlier folder's wins.
// A broken model.json is in the error, the rest is still returned.
func (l *Library) Descriptions() ([]Description, error) {
	all, err := Shipped()
	if err != nil {
		return nil, err
	}
	var errs []error
	own := map[string]bool{}
	for _, v := range l.files() {
		if filepath.Base(v.path) != "model.json" {
			continue
		}
		d, err := readDescription(v)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", v.path, err))
			continue
		}
		if own[d.Name] {
			continue
		}
		own[d.Name] = true
		all = slices.DeleteFunc(all, func(o Description) bool { return o.Name == d.Name })
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b Description) int { return cmp.Compare(a.Name, b.Name) })
	return all, errors.Join(errs...)
}

func readDescription(v version) (Description, error) {
	if v.size > maxDescription {
		return Description{}, fmt.Errorf("%d bytes is too long for a description", v.size)
	}
	data, err := os.ReadFile(v.path)
	if err != nil {
		return Description{}, err
	}
	return Parse(data)
}

// Describe returns the description of that name.
func (l *Library) Describe(name string) (Description, error) {
	all, err := l.Descriptions()
	for _, d := range all {
		if d.Name == name {
			return d, nil
		}
	}
	return Description{}, errors.Join(fmt.Errorf("no model is called %q", name), err)
}

// Check looks for each of a network's files.
func (l *Library) Check(d Description) []Status {
	files := l.files()
	var all []Status
	for _, f := range d.Files {
		all = append(all, l.look(f, files))
	}
	return all
}

func (l *Library) look(f File, files []version) Status {
	s := Status{File: f, State: Missing}
	for _, v := range files {
		named := filepath.Base(v.path) == f.Name
		switch {
		case v.size == f.Size:
			if sum, err := l.sum(v); err == nil && sum == f.SHA256 {
				return Status{File: f, State: Found, Path: v.path}
			}
			if named && s.State == Missing {
				s.State, s.Path = Wrong, v.path
			}
		case named && s.State == Missing && v.size < f.Size:
			s.State, s.Path = Truncated, v.path
		case named && s.State == Missing:
			s.State, s.Path = Wrong, v.path
		}
	}
	return s
}

// Find returns one checked file for each role, or an error that is
// ErrIncomplete and names every file that is missing or wrong.
func (l *Library) Find(d Description) (Paths, error) {
	paths, lacking := Paths{}, map[string][]string{}
	for _, s := range l.Check(d) {
		role := s.File.Role
		if _, have := paths[role]; have {
			continue
		}
		if s.State == Found {
			paths[role] = s
			continue
		}
		said := s.File.Name + " " + string(s.State)
		if s.Path != "" {
			said += " (" + s.Path + ")"
		}
		lacking[role] = append(lacking[role], said)
	}
	var errs []string
	for _, f := range d.Files {
		if _, have := paths[f.Role]; !have && len(lacking[f.Role]) > 0 {
			errs = append(errs, strings.Join(lacking[f.Role], " or "))
			delete(lacking, f.Role)
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("%s: %w: %s", d.Name, ErrIncomplete, strings.Join(errs, "; "))
	}
	return paths, nil
}

// Read returns the bytes of a found file after checking them once more, so
// that what is loaded is what was checked.
func (s Status) Read() ([]byte, error) {
	data, err := os.ReadFile(s.Path)
	if err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != s.File.SHA256 {
		return nil, fmt.Errorf("%w: %s has changed", ErrIncomplete, s.Path)
	}
	return data, nil
}

// Model is what stands in a decision: the network's name and the sum of its
// weights.
func (p Paths) Model(d Description) face.Model {
	return face.Model{Name: d.Name, SHA256: p["network"].File.SHA256, Metric: d.Metric}
}

func (l *Library) files() []version {
	var all []version
	for _, folder := range l.folders {
		// A folder that can't be read holds nothing for us; Check then says Missing.
		_ = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return nil
			}
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				all = append(all, version{path, info.Size(), info.ModTime()})
			}
			return nil
		})
	}
	return all
}

func (l *Library) sum(v version) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.sums[v]; ok {
		return s, nil
	}
	f, err := os.Open(v.path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	s := hex.EncodeToString(h.Sum(nil))
	l.sums[v] = s
	return s, nil
}
