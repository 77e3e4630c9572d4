package onnx_test

import (
	"errors"
	"image"
	"image/draw"
	_ "image/jpeg" // the shared pictures' format
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	xdraw "golang.org/x/image/draw"

	"loket/assets/models"
	"loket/scanner/face"
	"loket/scanner/face/onnx"
)

// shared returns a folder beside the module, or skips.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "..", "shared"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not here", path)
	}
	return path
}

func detector(t testing.TB, o onnx.Options) *onnx.Detector {
	t.Helper()
	d, paths, err := models.New(shared(t, "models")).Detect()
	if err != nil {
		t.Fatal(err)
	}
	det, err := onnx.NewDetector(d, paths, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { det.Close() })
	return det
}

func matcher(t testing.TB, name string) *onnx.Matcher {
	t.Helper()
	d, paths, err := models.New(shared(t, "models")).Choose(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnx.NewMatcher(d, paths)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func picture(t testing.TB, path string) *image.RGBA {
	t.Helper()
	f, err := os.Open(path)
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
	return rgba
}

// every nth of the pictures that match.
func pictures(t testing.TB, nth int, parts ...string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(append([]string{shared(t, "faces")}, parts...)...))
	if err != nil || len(all) == 0 {
		t.Fatalf("no pictures: %v", err)
	}
	var some []string
	for i := 0; i < len(all); i += nth {
		some = append(some, all[i])
	}
	return some
}

func TestDetectFindsEveryFace(t *testing.T) {
	det := detector(t, onnx.Options{})
	for _, c := range []struct {
		name  string
		paths []string
	}{
		{"LFW, every 20th", pictures(t, 20, "lfw", "*", "*.jpg")},
		{"NUAA live, every 4th", pictures(t, 4, "nuaa", "live", "*", "*")},
		{"NUAA print, every 4th", pictures(t, 4, "nuaa", "print", "*", "*")},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, path := range c.paths {
				img := picture(t, path)
				faces, err := det.Detect(img)
				if err != nil || len(faces) == 0 {
					t.Errorf("%s: %d faces, %v", filepath.Base(path), len(faces), err)
					continue
				}
				l := faces[0].Landmarks
				if !(l[0].X < l[1].X && l[3].X < l[4].X && l[0].Y < l[3].Y) {
					t.Errorf("%s: landmarks %v are not in order", filepath.Base(path), l)
				}
			}
		})
	}
}

// YuNet itself sees faces in even pictures, most of all in black ones.
func TestDetectFindsNobodyInEmptyPictures(t *testing.T) {
	det := detector(t, onnx.Options{})
	for _, size := range []image.Point{{X: 640, Y: 480}, {X: 250, Y: 250}, {X: 1280, Y: 720}} {
		for _, level := range []uint8{0, 16, 64, 128, 255} {
			for _, noise := range []int{0, 3, 10} {
				img := image.NewRGBA(image.Rect(0, 0, size.X, size.Y))
				r := rand.New(rand.NewPCG(uint64(level), uint64(noise)))
				for i := range img.Pix {
					img.Pix[i] = uint8(min(max(int(level)+int(r.NormFloat64()*float64(noise)), 0), 255))
				}
				if faces, err := det.Detect(img); err != nil || len(faces) != 0 {
					t.Errorf("%v, level %d, noise %d: %v, %v", size, level, noise, faces, err)
				}
			}
		}
	}
}

// A large picture is looked at scaled down, and a cut-out of a larger one keeps
// its own coordinates: the face is where it was.
func TestDetectInLargeAndCutPictures(t *testing.T) {
	det := detector(t, onnx.Options{})
	small := picture(t, pictures(t, 1, "nuaa", "live", "0001", "*")[0])
	want, err := det.Detect(small)
	if err != nil || len(want) == 0 {
		t.Fatal(want, err)
	}
	w, h := small.Rect.Dx(), small.Rect.Dy()
	large := image.NewRGBA(image.Rect(0, 0, 3*w, 3*h))
	xdraw.BiLinear.Scale(large, large.Rect, small, small.Rect, draw.Src, nil)
	around := image.NewRGBA(image.Rect(0, 0, w+200, h+200))
	draw.Draw(around, small.Rect.Add(image.Pt(150, 90)), small, image.Point{}, draw.Src)
	for _, c := range []struct {
		name  string
		img   *image.RGBA
		scale float64
		shift image.Point
	}{
		{"three times as large", large, 3, image.Point{}},
		{"a cut-out", around.SubImage(image.Rect(150, 90, 150+w, 90+h)).(*image.RGBA), 1, image.Pt(150, 90)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := det.Detect(c.img)
			if err != nil || len(got) == 0 {
				t.Fatal(got, err)
			}
			for i, p := range want[0].Landmarks {
				x, y := p.X*c.scale+float64(c.shift.X), p.Y*c.scale+float64(c.shift.Y)
				if q := got[0].Landmarks[i]; math.Hypot(q.X-x, q.Y-y) > 2*c.scale {
					t.Errorf("point %d is at %v, want %v, %v", i, q, x, y)
				}
			}
		})
	}
}

func TestMatchersHoldPeopleApart(t *testing.T) {
	det := detector(t, onnx.Options{})
	for _, c := range []struct {
		name      string
		threshold float64
	}{
		{"face-reidentification-retail-0095", 0.433},
		{"mobileface-v2", 0.4},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := matcher(t, c.name)
			trials := face.Trials{Metric: m.Model().Metric}
			people := pictures(t, 1, "nuaa", "live", "*")
			var all [][]face.Descriptor
			for _, person := range people {
				var own []face.Descriptor
				for _, path := range pictures(t, 5, "nuaa", "live", filepath.Base(person), "*") {
					img := picture(t, path)
					faces, err := det.Detect(img)
					if err != nil || len(faces) == 0 {
						t.Fatal(path, err)
					}
					d, err := m.Describe(img, faces[0])
					if err != nil {
						t.Fatal(err)
					}
					own = append(own, d)
				}
				all = append(all, own)
			}
			for i := range all {
				for j := i; j < len(all); j++ {
					for k, a := range all[i] {
						for l, b := range all[j] {
							if i == j && k >= l {
								continue
							}
							s, err := face.Compare(a, b, trials.Metric)
							if err != nil {
								t.Fatal(err)
							}
							if i == j {
								trials.Genuine = append(trials.Genuine, s)
							} else {
								trials.Impostor = append(trials.Impostor, s)
							}
						}
					}
				}
			}
			fnmr, fmr := trials.FNMR(c.threshold), trials.FMR(c.threshold)
			t.Logf("%d genuine, %d impostor: FNMR %.3f, FMR %.3f at %.3f, EER %.3f", len(trials.Genuine), len(trials.Impostor), fnmr, fmr, c.threshold, trials.EER())
			if fnmr > 0.05 || fmr > 0.1 {
				t.Errorf("FNMR %.3f, FMR %.3f", fnmr, fmr)
			}
		})
	}
}

func TestDescriptorHasNormOneAndRepeats(t *testing.T) {
	det, m := detector(t, onnx.Options{}), matcher(t, "")
	img := picture(t, pictures(t, 1, "nuaa", "live", "0001", "*")[0])
	faces, err := det.Detect(img)
	if err != nil {
		t.Fatal(err)
	}
	a, err := m.Describe(img, faces[0])
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Describe(img, faces[0])
	if err != nil {
		t.Fatal(err)
	}
	if s, err := face.Compare(a, b, face.Similarity); err != nil || s < 0.99999 {
		t.Errorf("the same picture twice: %v, %v", s, err)
	}
	if n, err := face.Compare(a, make(face.Descriptor, len(a)), face.Distance); err != nil || math.Abs(n-1) > 1e-4 || len(a) != 256 {
		t.Errorf("norm %v, length %d, %v", n, len(a), err)
	}
}

func TestClosedEnginesSaySo(t *testing.T) {
	det, m := detector(t, onnx.Options{}), matcher(t, "")
	img := image.NewRGBA(image.Rect(0, 0, 128, 128))
	if err := errors.Join(det.Close(), m.Close(), det.Close(), m.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := det.Detect(img); !errors.Is(err, onnx.ErrClosed) {
		t.Errorf("detector: %v", err)
	}
	if _, err := m.Forward(img); !errors.Is(err, onnx.ErrClosed) {
		t.Errorf("matcher: %v", err)
	}
}

// Nothing is loaded from a file that is not the described one: the weights are
// read through models.Status.Read, which checks their sum.
func TestChangedWeightsAreNotLoaded(t *testing.T) {
	d, paths, err := models.New(shared(t, "models")).Choose("mobileface-v2")
	if err != nil {
		t.Fatal(err)
	}
	data, err := paths["network"].Read()
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	changed := paths["network"]
	changed.Path = filepath.Join(t.TempDir(), changed.File.Name)
	if err := os.WriteFile(changed.Path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := onnx.NewMatcher(d, models.Paths{"network": changed}); !errors.Is(err, models.ErrIncomplete) {
		t.Errorf("one bit differs: %v", err)
	}
}
