package app_test

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"loket/app"
	"loket/app/activation"
	"loket/app/storybook"
)

// everywhere runs check on every story in every look, language and size.
func everywhere(t *testing.T, check func(t *testing.T, d app.Drawn, size fyne.Size)) {
	t.Helper()
	a := test.NewTempApp(t)
	for _, l := range []app.Look{app.Light, app.Dark, app.HighContrast} {
		a.Settings().SetTheme(app.NewLook(l))
		for _, lang := range []app.Lang{app.Indonesian, app.English} {
			for _, size := range []fyne.Size{{Width: 1366, Height: 768}, {Width: 1280, Height: 720}, {Width: 1920, Height: 1080}} {
				for _, s := range storybook.All(drawn()) {
					if testing.Short() && (l != app.Light || size.Width != 1280) {
						continue
					}
					v := s.View
					v.Look, v.Lang = l, lang
					t.Run(fmt.Sprintf("%s/%s/%s/%.0f", s.Name, l, lang, size.Width), func(t *testing.T) {
						check(t, app.Draw(v, size), size)
					})
				}
			}
		}
	}
}

// TestFits says that no text is cut, none leaves the window, none lies on
// another, and none is a code without words.
func TestFits(t *testing.T) {
	everywhere(t, func(t *testing.T, d app.Drawn, size fyne.Size) {
		for _, s := range d.Spills {
			t.Errorf("does not fit: %q", s)
		}
		for i, a := range d.Texts {
			if strings.Contains(a.Text, "‹") {
				t.Errorf("no words for %s", a.Text)
			}
			if a.X < 0 || a.Y < -2 || a.X+a.W > size.Width || a.Y+a.H > size.Height+2 {
				t.Errorf("%q leaves the window: %.0f,%.0f %.0f×%.0f", a.Text, a.X, a.Y, a.W, a.H)
			}
			for _, b := range d.Texts[i+1:] {
				if lap(a, b) {
					t.Errorf("%q lies on %q", a.Text, b.Text)
				}
			}
		}
	})
}

// TestLongNames says that names and addresses as long as they come stay in
// their places: cut or small, never over each other.
func TestLongNames(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(app.NewLook(app.Light))
	long := "RADEN AYU SITI CONTOH KUSUMANINGRUM WIDYANINGSIH TJOKROSOEMARTOSOEWIRJO"
	for _, s := range storybook.All(drawn()) {
		v := s.View
		v.Office, v.Officer = "Disdukcapil Kabupaten Kepulauan Siau Tagulandang Biaro Sulawesi Utara", long
		v.Compare.Rows = slices.Clone(v.Compare.Rows)
		for i := range v.Compare.Rows {
			if v.Compare.Rows[i].Field != activation.FieldSex {
				v.Compare.Rows[i].Value = long
			}
		}
		v.Compare.Region, v.Decide.Region = v.Office, v.Office
		v.Decide.Name, v.Decide.Email, v.Done.Email = long, long, long
		for _, width := range []fyne.Size{{Width: 1280, Height: 720}, {Width: 1366, Height: 768}} {
			d := app.Draw(v, width)
			for i, x := range d.Texts {
				if x.X < 0 || x.X+x.W > width.Width {
					t.Errorf("%s: %q leaves the window", s.Name, x.Text)
				}
				for _, y := range d.Texts[i+1:] {
					if lap(x, y) {
						t.Errorf("%s at %.0f: %q lies on %q", s.Name, width.Width, x.Text, y.Text)
					}
				}
			}
		}
	}
}

// lap reports whether two texts' letters touch: boxes hold room above and
// below the letters, which may overlap.
func lap(a, b app.DrawnText) bool {
	x := math.Min(float64(a.X+a.W), float64(b.X+b.W)) - math.Max(float64(a.X), float64(b.X))
	trim := func(t app.DrawnText) (float64, float64) {
		d := float64(t.H-t.Size) / 2
		return float64(t.Y) + d, float64(t.Y+t.H) - d
	}
	a1, a2 := trim(a)
	b1, b2 := trim(b)
	y := math.Min(a2, b2) - math.Max(a1, b1)
	return x > 1 && y > 1
}

// TestContrast says that every text stands out from what is under it by the
// 4.5 to 1 of WCAG 2.2 AA, in the high-contrast look by the 7 of AAA.
func TestContrast(t *testing.T) {
	everywhere(t, func(t *testing.T, d app.Drawn, _ fyne.Size) {
		want := 4.5
		if strings.Contains(t.Name(), "/contrast/") {
			want = 7
		}
		for _, x := range d.Texts {
			if got := contrast(x.Ink, x.Paper); got < want {
				t.Errorf("%q: %.2f, %v on %v", x.Text, got, x.Ink, x.Paper)
			}
		}
	})
}

// TestContrastMeasure is the control of TestContrast: known ratios.
func TestContrastMeasure(t *testing.T) {
	grey := color.NRGBA{0x76, 0x76, 0x76, 0xff}
	white, black := color.NRGBA{0xff, 0xff, 0xff, 0xff}, color.NRGBA{0, 0, 0, 0xff}
	if got := contrast(black, white); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white is %.2f, want 21", got)
	}
	if got := contrast(grey, white); math.Abs(got-4.54) > 0.01 {
		t.Errorf("#767676 on white is %.2f, want 4.54", got)
	}
}

// contrast is WCAG's ratio.
func contrast(a, b color.NRGBA) float64 {
	l := func(c color.NRGBA) float64 {
		f := func(v uint8) float64 {
			x := float64(v) / 255
			if x <= 0.04045 {
				return x / 12.92
			}
			return math.Pow((x+0.055)/1.055, 2.4)
		}
		return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
	}
	x, y := l(a), l(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}
