package qr_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/scanner/qr"
	"loket/scanner/qr/clip"
)

// sharedFolder is a folder of ../shared/qr beside the module, whether it exists or not.
func sharedFolder(t testing.TB, folder string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	return filepath.Join(dir, "..", "shared", "qr", folder)
}

// sharedPictures loads the public pictures of one folder of ../shared/qr, or skips.
func sharedPictures(t testing.TB, folder string) map[string]image.Image {
	t.Helper()
	dir := sharedFolder(t, folder)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Skipf("the public pictures are not there: %v", err)
	}
	out := map[string]image.Image{}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".png" && ext != ".jpg" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := image.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", e.Name(), err)
		}
		out[e.Name()] = img
	}
	return out
}

// BenchmarkBesideZbar reads every picture once an iteration, with ours and with Debian's libzbar in the same run, on the
// same luminance. It reports both means, both counts and the ratio of the times.
func BenchmarkBesideZbar(b *testing.B) {
	zbar := filepath.Join(b.TempDir(), "zbar")
	if out, err := exec.Command("cc", "-O2", "-o", zbar, "testdata/zbar.c", "-lzbar").CombinedOutput(); err != nil {
		b.Skipf("libzbar-dev and a C compiler are needed: %v: %s", err, out)
	}
	for _, folder := range []string{"photos", "screens"} {
		b.Run(folder, func(b *testing.B) {
			pictures := sharedPictures(b, folder)
			dir := b.TempDir()
			for name, img := range pictures {
				g := qr.GrayOf(img)
				pgm := append(fmt.Appendf(nil, "P5 %d %d 255\n", g.Rect.Dx(), g.Rect.Dy()), g.Pix...)
				if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, ".", "_")+".pgm"), pgm, 0o600); err != nil {
					b.Fatal(err)
				}
			}
			var ours, theirs float64
			found := 0
			var got struct {
				Images, Found int
				MeanMS        float64 `json:"mean_ms"`
			}
			n := 0
			for b.Loop() {
				n++
				out, err := exec.Command(zbar, dir).Output()
				if err != nil {
					b.Fatal(err)
				}
				if err := json.Unmarshal(out, &got); err != nil {
					b.Fatal(err)
				}
				theirs += got.MeanMS
				start := time.Now()
				found = 0
				for _, img := range pictures {
					if len(qr.Decode(img).Symbols) > 0 {
						found++
					}
				}
				ours += float64(time.Since(start)) / 1e6 / float64(len(pictures))
			}
			b.ReportMetric(ours/float64(n), "ms/picture")
			b.ReportMetric(theirs/float64(n), "zbar-ms/picture")
			b.ReportMetric(ours/theirs, "times-zbar")
			b.ReportMetric(float64(found), "found")
			b.ReportMetric(float64(got.Found), "zbar-found")
		})
	}
}

// BenchmarkReader reads one frame of a stream again and again: a code in sight, and a room without one.
func BenchmarkReader(b *testing.B) {
	c, err := clip.New(3, "IKD1:"+strings.Repeat("6BF+70790T9WJWG", 45), qr.LevelL)
	if err != nil {
		b.Fatal(err)
	}
	for _, bb := range []struct {
		name  string
		frame *image.RGBA
	}{
		{"code", c.Frame(c.Len() - 1)},
		{"room", image.NewRGBA(image.Rect(0, 0, clip.Width, clip.Height))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			r := qr.NewReader(qr.Options{})
			for b.Loop() {
				r.Read(bb.frame, 60*time.Millisecond)
			}
		})
	}
}
