package app_test

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"loket/app"
	"loket/app/storybook"
)

// openCitizen makes the citizen's window at a size; it counts how often the
// officer's window is given the keyboard back.
func openCitizen(t *testing.T, size fyne.Size) (win *app.CitizenWindow, w fyne.Window, back *int) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(app.NewLook(app.Light))
	w, back = test.NewTempWindow(t, nil), new(int)
	win = app.NewCitizenWindow(w, func() {}, func() { *back++ })
	w.Resize(size)
	return win, w, back
}

// TestCitizenGolden draws every state of the citizen's window, as TestGolden
// does the officer's.
func TestCitizenGolden(t *testing.T) {
	for _, s := range storybook.Citizens(drawn()) {
		for _, d := range []struct {
			suffix string
			lang   app.Lang
			size   fyne.Size
		}{{"", app.Indonesian, fyne.NewSize(1366, 768)}, {"-en", app.English, fyne.NewSize(1366, 768)},
			{"-upright", app.Indonesian, fyne.NewSize(768, 1366)}, {"-small", app.Indonesian, fyne.NewSize(640, 400)}} {
			if testing.Short() && d.suffix != "" {
				continue // the race detector looks at goroutines, and there are none in painting
			}
			if d.suffix == "-upright" && s.Name != "citizen-scan" || d.suffix == "-small" && s.Name != "citizen-scan" {
				continue
			}
			t.Run(s.Name+d.suffix, func(t *testing.T) {
				win, w, _ := openCitizen(t, d.size)
				v := s.View
				v.Lang = d.lang
				win.Show(v)
				got := w.Canvas().Capture()
				path := filepath.Join("testdata", "golden", s.Name+d.suffix+".png")
				if *update {
					save(t, path, got)
					return
				}
				if part := differs(got, load(t, path)); part > tolerance {
					out := filepath.Join(t.ArtifactDir(), s.Name+d.suffix+".png")
					save(t, out, got)
					t.Errorf("%.3f %% of the pixels differ; drawn: %s", part*100, out)
				}
			})
		}
	}
}

func load(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatalf("%v (draw it with -update and look at it)", err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestCitizenFits says that nothing is cut or leaves the citizen's window on
// any monitor, that it always says that it is free, and that it is read from
// afar: 7 to 1, the AAA of WCAG 2.2.
func TestCitizenFits(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(app.NewLook(app.Light))
	for _, s := range storybook.Citizens(drawn()) {
		for _, lang := range []app.Lang{app.Indonesian, app.English} {
			for _, size := range []fyne.Size{{Width: 1366, Height: 768}, {Width: 1920, Height: 1080}, {Width: 1024, Height: 768},
				{Width: 1280, Height: 1024}, {Width: 640, Height: 400}, {Width: 1080, Height: 1920}, {Width: 3840, Height: 2160}} {
				v := s.View
				v.Lang = lang
				d := app.DrawCitizen(v, size)
				name := s.Name + "/" + string(lang)
				for _, x := range d.Spills {
					t.Errorf("%s at %v: does not fit: %q", name, size, x)
				}
				free := false
				for i, a := range d.Texts {
					free = free || strings.Contains(a.Text, "gratis") || strings.Contains(a.Text, "free")
					if strings.Contains(a.Text, "‹") {
						t.Errorf("%s: no words for %s", name, a.Text)
					}
					if a.X < 0 || a.Y < 0 || a.X+a.W > size.Width || a.Y+a.H > size.Height {
						t.Errorf("%s at %v: %q leaves the window", name, size, a.Text)
					}
					if got := contrast(a.Ink, a.Paper); got < 7 {
						t.Errorf("%s: %q: %.2f", name, a.Text, got)
					}
					for _, b := range d.Texts[i+1:] {
						if lap(a, b) {
							t.Errorf("%s at %v: %q lies on %q", name, size, a.Text, b.Text)
						}
					}
				}
				if !free {
					t.Errorf("%s at %v does not say that it is free", name, size)
				}
			}
		}
	}
}

// TestCitizenGivesBack says that the citizen's window never keeps the keyboard:
// opened, pressed or typed at, the officer's window has it again.
func TestCitizenGivesBack(t *testing.T) {
	win, w, back := openCitizen(t, fyne.NewSize(1366, 768))
	if *back != 0 {
		t.Error("it asked before it was opened")
	}
	win.Show(app.CitizenView{On: true})
	if *back != 1 {
		t.Errorf("%d times after it opened, want 1", *back)
	}
	win.Show(app.CitizenView{On: true, Stage: app.CitizenWait})
	if *back != 1 {
		t.Errorf("%d times after another view, want 1", *back)
	}
	w.Content().(fyne.Tappable).Tapped(&fyne.PointEvent{})
	w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if *back != 3 {
		t.Errorf("%d times after a press and a key, want 3", *back)
	}
}
