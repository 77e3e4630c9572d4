package app_test

import (
	"cmp"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"loket/app"
	"loket/app/storybook"
)

var update = flag.Bool("update", false, "draw the golden pictures anew")

// open makes a window of a size that shows a story.
func open(t *testing.T, size fyne.Size, send func(app.Intent)) (*app.Window, fyne.Window) {
	t.Helper()
	test.NewTempApp(t)
	w := test.NewTempWindow(t, nil)
	if send == nil {
		send = func(app.Intent) {}
	}
	win := app.NewWindow(w, send)
	w.Resize(size)
	return win, w
}

// capture draws a story without a display.
func capture(t *testing.T, s storybook.Story, size fyne.Size) image.Image {
	t.Helper()
	win, w := open(t, size, nil)
	win.Show(s.View)
	if s.Picture != nil {
		win.Preview().Post(s.Picture)
	}
	press(w, s.Keys...)
	return w.Canvas().Capture()
}

// tolerance is how much of a picture may look another way: less than one digit
// of small text. level is what the file's 256 colours, and curves under another
// version of Go, may change of a pixel.
const (
	tolerance = 0.00001 // part of the pixels
	level     = 24      // of 255, in any channel
)

// TestGolden draws every story and compares it with what a person looked at.
// go test ./app -run Golden -update draws them anew: look at each.
func TestGolden(t *testing.T) {
	for i, s := range variants() {
		if testing.Short() && i%10 != 0 {
			continue // the race detector looks at goroutines, and there are none in painting
		}
		t.Run(s.file, func(t *testing.T) {
			got := capture(t, s.Story, s.size)
			path := filepath.Join("testdata", "golden", s.file+".png")
			if *update {
				save(t, path, got)
				return
			}
			f, err := os.Open(path)
			if err != nil {
				t.Fatalf("%v (draw it with -update and look at it)", err)
			}
			defer f.Close()
			want, err := png.Decode(f)
			if err != nil {
				t.Fatal(err)
			}
			if part := differs(got, want); part > tolerance {
				out := filepath.Join(t.ArtifactDir(), s.file+".png")
				save(t, out, got)
				t.Errorf("%.3f %% of the pixels differ; drawn: %s", part*100, out)
			}
		})
	}
}

// TestDiffers is the control of TestGolden: another picture is seen as one.
func TestDiffers(t *testing.T) {
	all := storybook.All(art(t))
	size := fyne.NewSize(1366, 768)
	a, b := capture(t, all[0], size), capture(t, all[1], size)
	if part := differs(a, b); part <= tolerance {
		t.Errorf("%s and %s count as alike (%.4f)", all[0].Name, all[1].Name, part)
	}
	later := all[0]
	later.View.Now = later.View.Now.Add(time.Minute)
	if part := differs(a, capture(t, later, size)); part <= tolerance {
		t.Errorf("a clock that shows one digit more counts as the same (%.6f)", part)
	}
	if part := differs(a, a); part != 0 {
		t.Errorf("a picture differs from itself by %.4f", part)
	}
}

// differs is the part of the pixels that are seen to differ; 1 for another size.
func differs(a, b image.Image) float64 {
	if a.Bounds().Size() != b.Bounds().Size() {
		return 1
	}
	x, y := plain(a), plain(b)
	n := 0
	for i := 0; i < len(x.Pix); i += 4 {
		if far(x.Pix[i], y.Pix[i]) || far(x.Pix[i+1], y.Pix[i+1]) || far(x.Pix[i+2], y.Pix[i+2]) {
			n++
		}
	}
	return float64(n) / float64(len(x.Pix)/4)
}

func plain(img image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

func far(a, b uint8) bool { return apart(a, b, level) }

func apart(a, b uint8, d int) bool { return int(a)-int(b) > d || int(b)-int(a) > d }

// save writes a picture in 256 colours, a third of the size: what that changes
// is less than level.
func save(t *testing.T, path string, img image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, fewer(plain(img))); err != nil {
		t.Fatal(err)
	}
}

// fewer maps a picture to its 256 commonest colours that are not nearly alike.
func fewer(img *image.RGBA) *image.Paletted {
	count := map[color.RGBA]int{}
	for i := 0; i < len(img.Pix); i += 4 {
		count[color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 0xff}]++
	}
	common := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var p color.Palette
	for near := 8; near >= 0 && len(p) < 256; near -= 4 { // far apart first, then what is left
		for _, c := range common {
			alike := slices.ContainsFunc(p, func(o color.Color) bool {
				q := o.(color.RGBA)
				return !apart(c.R, q.R, near) && !apart(c.G, q.G, near) && !apart(c.B, q.B, near)
			})
			if !alike && len(p) < 256 {
				p = append(p, c)
			}
		}
	}
	out := image.NewPaletted(img.Rect, p)
	nearest := map[color.RGBA]uint8{}
	for i := range out.Pix {
		c := color.RGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], 0xff}
		n, ok := nearest[c]
		if !ok {
			n = uint8(p.Index(c))
			nearest[c] = n
		}
		out.Pix[i] = n
	}
	return out
}

// drawing is a story in one look, language and size.
type drawing struct {
	storybook.Story
	file string
	size fyne.Size
}

// variants are the pictures that are kept: every story in light Indonesian,
// and the main ones in the other looks, in English, and in other sizes.
func variants() []drawing {
	main := map[string]bool{"scan": true, "scan-typo": true, "compare": true, "face": true, "decide": true, "queue": true}
	var all []drawing
	for _, s := range storybook.All(drawn()) {
		all = append(all, drawing{s, s.Name, fyne.NewSize(1366, 768)})
		if !main[s.Name] {
			continue
		}
		for _, l := range []app.Look{app.Dark, app.HighContrast} {
			d := s
			d.View.Look = l
			all = append(all, drawing{d, s.Name + "-" + string(l), fyne.NewSize(1366, 768)})
		}
		en := s
		en.View.Lang = app.English
		all = append(all, drawing{en, s.Name + "-en", fyne.NewSize(1280, 720)})
		all = append(all, drawing{s, s.Name + "-1920", fyne.NewSize(1920, 1080)})
	}
	return all
}
