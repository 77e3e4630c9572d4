package engine_test

import (
	"errors"
	"image"
	"os"
	"strings"
	"syscall"
	"testing"

	"loket/scanner/face"
	"loket/scanner/face/engine"
)

// The child of these tests is this test program itself: with LOKET_TEST_ENGINE
// it serves a detector that does what the picture's first pixel says.
func TestMain(m *testing.M) {
	switch os.Getenv("LOKET_TEST_ENGINE") {
	case "":
		os.Exit(m.Run())
	case "silent": // never greets
		select {}
	case "once": // a second one never greets
		marker := os.Getenv("LOKET_TEST_ENGINE_ONCE")
		if _, err := os.Stat(marker); err == nil {
			select {}
		}
		check(os.WriteFile(marker, nil, 0o600))
		check(engine.Serve(os.Stdin, os.Stdout, byPixel{}, byPixel{}))
	case "no-model":
		check(engine.Serve(os.Stdin, os.Stdout, nil, nil))
	case "no-matcher":
		check(engine.Serve(os.Stdin, os.Stdout, byPixel{}, nil))
	case "refines":
		check(engine.Serve(os.Stdin, os.Stdout, refines{}, byPixel{}))
	case "passive":
		check(engine.Serve(os.Stdin, os.Stdout, byPixel{}, byPixel{}, passive{"first", 0.75}, passive{"broken", -1}))
	default:
		check(engine.Serve(os.Stdin, os.Stdout, byPixel{}, byPixel{}))
	}
	os.Exit(0)
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

// What the first pixel asks for.
const (
	normal = iota
	exits
	faults
	hangs
	fails
	nobody
	unsure // a score of 0.7: a face in a still picture, none in a live frame
	whole  // describes its own process id
	leans  // a larger face leans in beside the one in the guide
)

// passive is a liveness network that always says the same; below 0 it fails.
type passive struct {
	name  string
	share float64
}

func (p passive) Model() face.Model { return face.Model{Name: p.name} }
func (p passive) Live(*image.RGBA, face.Face) (float64, error) {
	if p.share < 0 {
		return 0, errors.New("contoh galat")
	}
	return p.share, nil
}

type byPixel struct{}

func (byPixel) Model() face.Model {
	return face.Model{Name: "by-pixel", SHA256: strings.Repeat("0", 64), Metric: face.Similarity}
}

func (byPixel) Thresholds() face.Thresholds {
	return face.Thresholds{Model: "by-pixel", Metric: face.Similarity, Match: 0.5, Doubtful: 0.4, Data: "gambar contoh", Measured: true}
}

func (byPixel) Detect(img *image.RGBA) ([]face.Face, error) {
	f := face.Face{
		Box:       face.Box{X: 10, Y: 10, W: 40, H: 50},
		Landmarks: face.Landmarks{{X: 20, Y: 25}, {X: 40, Y: 25}, {X: 30, Y: 37}, {X: 22, Y: 46}, {X: 38, Y: 46}},
		Score:     0.95,
	}
	switch img.Pix[0] {
	case exits:
		os.Exit(3)
	case faults:
		syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		select {}
	case hangs:
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case fails:
		return nil, errors.New("contoh galat")
	case nobody:
		return nil, nil
	case leans:
		larger := f
		larger.Box = face.Box{X: -20, Y: 0, W: 44, H: 60}
		return []face.Face{larger, f}, nil
	case unsure:
		f.Score = 0.7
	}
	return []face.Face{f}, nil
}

func (byPixel) Describe(img *image.RGBA, f face.Face) (face.Descriptor, error) {
	pid := float32(os.Getpid())
	return face.Descriptor{1, float32(img.Rect.Dx()), float32(f.Box.W), pid}, nil
}

func asked(what byte) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	img.Pix[0] = what
	return img
}

// refines is byPixel that finds a wider face at a second look.
type refines struct{ byPixel }

func (refines) Refine(_ *image.RGBA, f face.Face) (face.Face, error) {
	f.Box.W++
	return f, nil
}
