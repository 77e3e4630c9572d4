// Package face holds what the counter decides about faces: where a face is,
// whether the picture is good enough, how alike two faces are and which band
// that falls into. It knows no native library: engines that find and describe
// faces stand behind Detector and Matcher and run in a child process
// (scanner/face/engine).
package face

import (
	"errors"
	"image"
)

// ErrNoFace means that a matcher did not find the face that it was to describe.
var ErrNoFace = errors.New("no face to describe")

// Point is a position in pixels of the picture, x to the right, y down.
type Point struct{ X, Y float64 }

// Box is an upright rectangle in pixels of the picture.
type Box struct{ X, Y, W, H float64 }

// Landmarks are five points in the order of YuNet: image-left eye, image-right
// eye, nose tip, image-left mouth corner, image-right mouth corner.
type Landmarks [5]Point

// Face is one detected face.
type Face struct {
	Box       Box
	Landmarks Landmarks
	Score     float64 // 0..1, the detector's confidence
}

// Descriptor is what a network makes of one aligned face; its length and
// metric belong to the Model that made it. Descriptors of different models are
// never compared.
type Descriptor []float32

// Metric says how two descriptors are compared, and so which way is better.
type Metric string

const (
	Similarity Metric = "similarity" // dot product of L2-normalised descriptors, higher is better, 1 is the same
	Distance   Metric = "distance"   // Euclidean, lower is better, 0 is the same
)

// Model names the network that made a descriptor or found a face. Name and
// SHA-256 stand in every decision.
type Model struct {
	Name   string `json:"name"`   // "face-reidentification-retail-0095"
	SHA256 string `json:"sha256"` // of the weights, lower-case hex
	Metric Metric `json:"metric,omitempty"`
}

// A Detector finds faces, largest first. No face is no error.
type Detector interface {
	Detect(img *image.RGBA) ([]Face, error)
}

// A Matcher describes the face f of img.
type Matcher interface {
	Describe(img *image.RGBA, f Face) (Descriptor, error)
	Model() Model
}

// Band is what a comparison means under a policy.
type Band string

const (
	Match    Band = "match"    // the officer may approve
	Doubtful Band = "doubtful" // a second pair of eyes: the supervisor signs
	NoMatch  Band = "no-match" // refuse or refer; the supervisor sees it
	Unknown  Band = "unknown"  // no matcher: the officer compares by eye, the supervisor confirms
)

// Thresholds are one policy's bands for one model. For Similarity a score at
// least Match is a match, at least Doubtful is doubtful; for Distance a score
// at most. Unmeasured thresholds give at most Doubtful.
type Thresholds struct {
	Model    string  `json:"model"`
	Metric   Metric  `json:"metric"`
	Match    float64 `json:"match"`
	Doubtful float64 `json:"doubtful"`
	Data     string  `json:"data"`          // the data they were measured on: "NUAA", "gambar contoh"
	FMR      float64 `json:"fmr,omitempty"` // false match rate at Match on Data; 0 is not measured
	Measured bool    `json:"measured"`

	// Duplicate is the score from which two people of one day are shown to the
	// supervisor as perhaps the same face under another NIK, at a false match
	// rate of 1e-5 or stricter and never looser than Match; 0 where nobody
	// measured it: then nothing is compared. Alike asks it.
	Duplicate float64 `json:"duplicate,omitempty"`
}
