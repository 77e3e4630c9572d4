// Package dlib describes faces with dlib's ResNet through go-face: 128 values,
// Euclidean distance.
//
// go-face takes a whole JPEG and finds the faces in it itself. So the face that
// our detector found is cut out with a margin, scaled to the size that dlib's
// detector likes, and of the faces that dlib then sees the one that lies over
// ours is taken. Native code may end the process: the application runs this in
// a child process (scanner/face/engine).
package dlib

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"sync"

	goface "github.com/Kagami/go-face"
	"golang.org/x/image/draw"

	"loket/assets/models"
	"loket/scanner/face"
)

// ErrClosed means that the matcher was closed before; go-face itself would
// dereference null.
var ErrClosed = errors.New("matcher is closed")

const (
	margin    = 2.0  // the cut-out's side over the face box's longer side
	faceSide  = 160  // pixels of the face box's longer side in the cut-out; dlib's detector starts at 80
	leastOver = 0.25 // intersection over union of dlib's box with ours, below which it is another face
	quality   = 95   // of the JPEG handed to go-face
)

// names are the files that go-face opens in its folder, by role.
var names = map[string]string{
	"network":   "dlib_face_recognition_resnet_model_v1.dat",
	"landmarks": "shape_predictor_5_face_landmarks.dat",
	"detector":  "mmod_human_face_detector.dat",
}

// Matcher describes faces. Calls queue on one mutex, as they would in go-face.
type Matcher struct {
	about models.Description
	model face.Model
	mu    sync.Mutex
	rec   *goface.Recognizer // nil once closed
}

// NewMatcher loads the three checked files of a description. go-face reads them
// under fixed names from one folder: a private temporary one that is gone
// before NewMatcher returns.
func NewMatcher(d models.Description, paths models.Paths) (*Matcher, error) {
	dir, err := os.MkdirTemp("", "loket-dlib-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for role, name := range names {
		data, err := paths[role].Read()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, err
		}
	}
	rec, err := goface.NewRecognizer(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	return &Matcher{about: d, model: paths.Model(d), rec: rec}, nil
}

// Model names the network.
func (m *Matcher) Model() face.Model { return m.model }

// Thresholds are the bands of the network's description.
func (m *Matcher) Thresholds() face.Thresholds { return m.about.Thresholds() }

// Close frees the network; the matcher then only returns ErrClosed.
func (m *Matcher) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rec != nil {
		m.rec.Close()
		m.rec = nil
	}
	return nil
}

// Describe returns the descriptor of the face f, L2 norm about 1. ErrNoFace
// means that dlib's own detector sees no face there.
func (m *Matcher) Describe(img *image.RGBA, f face.Face) (face.Descriptor, error) {
	crop, where := cut(img, f.Box)
	if crop == nil {
		return nil, face.ErrNoFace
	}
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, crop, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rec == nil {
		return nil, ErrClosed
	}
	for _, find := range []func([]byte) ([]goface.Face, error){m.rec.Recognize, m.rec.RecognizeCNN} {
		seen, err := find(encoded.Bytes())
		if err != nil {
			return nil, fmt.Errorf("go-face: %w", err)
		}
		if i := nearest(seen, where); i >= 0 {
			d := make(face.Descriptor, len(seen[i].Descriptor))
			copy(d, seen[i].Descriptor[:])
			return d, nil
		}
	}
	return nil, face.ErrNoFace
}

// cut returns the face with its surroundings, scaled, and where the face's box
// is in it; nil for a box outside the picture. What lies outside stays black.
func cut(img *image.RGBA, b face.Box) (*image.RGBA, image.Rectangle) {
	side := math.Max(b.W, b.H)
	if !(side >= 1) || side > 1e6 {
		return nil, image.Rectangle{}
	}
	scale := faceSide / side
	half := margin / 2 * side
	cx, cy := b.X+b.W/2, b.Y+b.H/2
	from := image.Rect(int(cx-half), int(cy-half), int(cx+half), int(cy+half)).Intersect(img.Rect)
	if from.Empty() {
		return nil, image.Rectangle{}
	}
	into := image.Rect(0, 0, int(float64(from.Dx())*scale), int(float64(from.Dy())*scale))
	if into.Empty() {
		return nil, image.Rectangle{}
	}
	out := image.NewRGBA(into)
	draw.BiLinear.Scale(out, into, img, from, draw.Src, nil)
	at := func(x float64, origin int) int { return int((x - float64(origin)) * scale) }
	return out, image.Rect(at(b.X, from.Min.X), at(b.Y, from.Min.Y), at(b.X+b.W, from.Min.X), at(b.Y+b.H, from.Min.Y))
}

// nearest returns the index of the face that lies over where, -1 for none.
func nearest(seen []goface.Face, where image.Rectangle) int {
	best, index := leastOver, -1
	for i, s := range seen {
		if o := overlap(s.Rectangle, where); o > best {
			best, index = o, i
		}
	}
	return index
}

func overlap(a, b image.Rectangle) float64 {
	area := func(r image.Rectangle) float64 { return float64(r.Dx()) * float64(r.Dy()) }
	both := area(a.Intersect(b))
	return both / (area(a) + area(b) - both)
}
