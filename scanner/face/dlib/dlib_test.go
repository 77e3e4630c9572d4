package dlib_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/draw"
	_ "image/jpeg" // the shared pictures' format
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"loket/assets/models"
	"loket/scanner/face"
	"loket/scanner/face/dlib"
	"loket/scanner/face/onnx"
)

// weights is a file of the architecture that go-face loads, with random
// weights, made once a run: dlib's own weights can't be had everywhere. What
// these tests show is that loading, choosing the face and closing work; nothing
// about accuracy.
var weights = sync.OnceValues(func() (string, error) {
	program := filepath.Join(folder, "randomweights")
	build := exec.Command("g++", "-O1", "-std=c++17", filepath.Join("testdata", "randomweights.cpp"), "-o", program, "-ldlib", "-lblas", "-llapack")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(err.Error() + ": " + string(out))
	}
	path := filepath.Join(folder, "dlib_face_recognition_resnet_model_v1.dat")
	if out, err := exec.Command(program, path).CombinedOutput(); err != nil {
		return "", errors.New(err.Error() + ": " + string(out))
	}
	return path, nil
})

// folder holds the random weights while the tests run.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "loket-randomweights-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// shared returns a folder beside the module, or skips.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "..", "shared"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not here", path)
	}
	return path
}

// file describes a file as it is, under the name that go-face wants.
func file(t testing.TB, role, name, path string) models.Status {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return models.Status{State: models.Found, Path: path, File: models.File{Role: role, Name: name, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}}
}

// files are random weights, Debian's 68 landmarks in place of the 5, and the
// public domain's CNN detector.
func files(t testing.TB) (models.Description, models.Paths) {
	t.Helper()
	mmod := filepath.Join(shared(t, "models"), "dlib", "mmod_human_face_detector.dat")
	random, err := weights()
	if err != nil {
		t.Fatal(err)
	}
	d, err := models.New().Describe("dlib-resnet-v1")
	if err != nil {
		t.Fatal(err)
	}
	return d, models.Paths{
		"network":   file(t, "network", "dlib_face_recognition_resnet_model_v1.dat", random),
		"landmarks": file(t, "landmarks", "shape_predictor_5_face_landmarks.dat", "/usr/share/dlib/shape_predictor_68_face_landmarks.dat"),
		"detector":  file(t, "detector", "mmod_human_face_detector.dat", mmod),
	}
}

func open(t testing.TB) *dlib.Matcher {
	t.Helper()
	d, paths := files(t)
	m, err := dlib.NewMatcher(d, paths)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// seen is a live webcam frame and the face that our detector finds in it.
func seen(t testing.TB, person string) (*image.RGBA, face.Face) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(shared(t, "faces"), "nuaa", "live", person, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	f, err := os.Open(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	rgba := image.NewRGBA(img.Bounds())
	draw.Draw(rgba, rgba.Rect, img, rgba.Rect.Min, draw.Src)
	d, found, err := models.New(shared(t, "models")).Detect()
	if err != nil {
		t.Fatal(err)
	}
	det, err := onnx.NewDetector(d, found, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer det.Close()
	faces, err := det.Detect(rgba)
	if err != nil || len(faces) == 0 {
		t.Fatal(faces, err)
	}
	return rgba, faces[0]
}

func TestDescribe(t *testing.T) {
	m := open(t)
	img, f := seen(t, "0001")
	a, err := m.Describe(img, f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Describe(img, f)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := face.Compare(a, b, m.Model().Metric); err != nil || d != 0 || len(a) != 128 {
		t.Errorf("the same face twice: distance %v, length %d, %v", d, len(a), err)
	}
	if band := m.Thresholds().Band(0); m.Thresholds().Measured || band == face.Match {
		t.Errorf("nobody measured it, yet a distance of 0 is %s", band)
	}
}

// Of two people in one picture, the one that is asked for is described,
// wherever they stand.
func TestDescribeTakesTheFaceThatIsAskedFor(t *testing.T) {
	m := open(t)
	left, fl := seen(t, "0001")
	right, fr := seen(t, "0004")
	alone, err := m.Describe(right, fr)
	if err != nil {
		t.Fatal(err)
	}
	both := image.NewRGBA(image.Rect(0, 0, left.Rect.Dx()+right.Rect.Dx(), left.Rect.Dy()))
	draw.Draw(both, left.Rect, left, image.Point{}, draw.Src)
	draw.Draw(both, right.Rect.Add(image.Pt(left.Rect.Dx(), 0)), right, image.Point{}, draw.Src)
	shifted := fr
	shifted.Box.X += float64(left.Rect.Dx())
	for _, c := range []struct {
		name string
		f    face.Face
		same bool
	}{{"the right one", shifted, true}, {"the left one", fl, false}} {
		t.Run(c.name, func(t *testing.T) {
			d, err := m.Describe(both, c.f)
			if err != nil {
				t.Fatal(err)
			}
			distance, err := face.Compare(d, alone, face.Distance)
			if err != nil || (distance < 1e-3) != c.same {
				t.Errorf("distance %v, %v", distance, err)
			}
		})
	}
}

func TestNoFace(t *testing.T) {
	m := open(t)
	img, _ := seen(t, "0001")
	for _, c := range []struct {
		name string
		box  face.Box
	}{
		{"an empty wall", face.Box{X: 2, Y: 2, W: 60, H: 60}},
		{"outside the picture", face.Box{X: 5000, Y: 5000, W: 60, H: 60}},
		{"no size", face.Box{X: 100, Y: 100}},
		{"not a number", face.Box{W: math.NaN(), H: math.NaN()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := m.Describe(img, face.Face{Box: c.box}); !errors.Is(err, face.ErrNoFace) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestClosedMatcherSaysSo(t *testing.T) {
	m := open(t)
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Describe(image.NewRGBA(image.Rect(0, 0, 99, 99)), face.Face{Box: face.Box{W: 50, H: 50}}); !errors.Is(err, dlib.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestWrongFilesAreNotLoaded(t *testing.T) {
	d, paths := files(t)
	cut := paths["network"]
	data, err := cut.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		data []byte
		sum  bool // the description is made to fit the wrong bytes: go-face itself must refuse them
	}{{"cut short", data[:len(data)/2], false}, {"cut short, and described so", data[:len(data)/2], true}} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), cut.File.Name)
			if err := os.WriteFile(path, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			wrong := models.Paths{"landmarks": paths["landmarks"], "detector": paths["detector"], "network": cut}
			s := wrong["network"]
			s.Path = path
			if c.sum {
				s = file(t, "network", cut.File.Name, path)
			}
			wrong["network"] = s
			if m, err := dlib.NewMatcher(d, wrong); err == nil {
				m.Close()
				t.Error("it was loaded")
			} else if errors.Is(err, models.ErrIncomplete) == c.sum {
				t.Errorf("got %v", err)
			}
		})
	}
}

func BenchmarkDescribe(b *testing.B) {
	m := open(b)
	img, f := seen(b, "0001")
	for b.Loop() {
		if _, err := m.Describe(img, f); err != nil {
			b.Fatal(err)
		}
	}
}
