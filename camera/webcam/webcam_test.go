package webcam_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gocv.io/x/gocv"

	"loket/camera"
	"loket/camera/webcam"
)

func open(t *testing.T, c webcam.Config) camera.Source {
	t.Helper()
	src, err := webcam.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

// What cannot be opened says why, in camera's words. The control is a stream
// that can.
func TestOpenFaults(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // an ordinary user gets as far as the files
		t.Fatal(err)
	}
	locked, text := filepath.Join(dir, "locked.avi"), filepath.Join(dir, "text.avi")
	for path, mode := range map[string]os.FileMode{locked: 0, text: 0o644} {
		if err := os.WriteFile(path, []byte("not a video"), mode); err != nil {
			t.Fatal(err)
		}
	}
	null := filepath.Join(dir, "device") // a camera under a lasting name
	if err := os.Symlink("/dev/null", null); err != nil {
		t.Fatal(err)
	}
	status := func(code int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		t.Cleanup(s.Close)
		return s.URL
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	release := make(chan struct{})
	mute := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(mute.Close)
	t.Cleanup(func() { close(release) })
	live := serve(t)

	tests := []struct {
		name, address string
		want          camera.Fault
	}{
		{"control: a stream", live.URL, ""},
		{"no name", "", camera.NoCamera},
		{"no such number", "97", camera.NoCamera},
		{"no such device", "/dev/video97", camera.NoCamera},
		{"no such file", filepath.Join(dir, "none.avi"), camera.NoCamera},
		{"a file of another user", locked, camera.NoPermission},
		{"a device that is no camera", null, camera.CannotOpen},
		{"a file that is no video", text, camera.CannotOpen},
		{"a folder", dir, camera.CannotOpen},
		{"nobody listens", gone.URL, camera.NoCamera},
		{"no such stream", status(404), camera.NoCamera},
		{"a stream with a password", status(401), camera.NoPermission},
		{"a stream in use", status(503), camera.CannotOpen},
		{"a page instead of a stream", status(200), camera.CannotOpen},
		{"a server that does not answer", mute.URL, camera.CannotOpen},
		{"no address", "http://[", camera.NoCamera},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var src camera.Source
			var err error
			began := time.Now()
			unprivileged(t, func() { src, err = webcam.Open(t.Context(), webcam.Config{Address: tt.address}) })
			if took := time.Since(began); took > 30*time.Second { // the slowest gives up after 2 s; a busy machine needs longer
				t.Errorf("took %v", took)
			}
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				src.Close()
				return
			}
			if src != nil || !errors.Is(err, tt.want) || camera.FaultOf(err, "") != tt.want {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// A video written by OpenCV comes back with its colours in their places, its
// length and its end.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "video.avi")
	out, err := gocv.VideoWriterFile(path, "MJPG", 50, 64, 48, true)
	if err != nil {
		t.Fatal(err)
	}
	red := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(0, 0, 255, 0), 48, 64, gocv.MatTypeCV8UC3)
	defer red.Close()
	const frames = 10
	for range frames {
		if err := out.Write(red); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		unpaced bool
		least   time.Duration
	}{{"at its pace", false, (frames - 1) * time.Second / 50}, {"as fast as it goes", true, 0}} {
		t.Run(tt.name, func(t *testing.T) {
			src := open(t, webcam.Config{Address: path, Unpaced: tt.unpaced})
			began := time.Now()
			var last *image.RGBA
			for n := 0; ; n++ {
				img, err := src.Read()
				if errors.Is(err, io.EOF) {
					if n != frames {
						t.Errorf("%d frames", n)
					}
					break
				}
				if err != nil || img == last {
					t.Fatalf("frame %d: %v", n, err)
				}
				if c := img.RGBAAt(30, 20); img.Rect != image.Rect(0, 0, 64, 48) || !near(c, color.RGBA{255, 0, 0, 255}) {
					t.Fatalf("frame %d: %v, %v", n, img.Rect, c)
				}
				last = img
			}
			if took := time.Since(began); took < tt.least {
				t.Errorf("%v for what lasts %v", took, tt.least)
			}
			if err := src.Close(); err != nil {
				t.Error(err)
			}
			if _, err := src.Read(); !errors.Is(err, webcam.ErrClosed) {
				t.Errorf("read after Close: %v", err)
			}
		})
	}
}

// Close may come at any moment of a Read and more than once; nothing native is
// freed under a Read's feet.
func TestCloseWhileReading(t *testing.T) {
	live := serve(t)
	for range 20 {
		src := open(t, webcam.Config{Address: live.URL})
		over := make(chan error)
		started := make(chan struct{})
		go func() {
			for n := 0; ; n++ {
				if n == 1 {
					close(started)
				}
				if _, err := src.Read(); err != nil {
					over <- err
					return
				}
			}
		}()
		<-started
		src.Close()
		src.Close()
		if err := <-over; !errors.Is(err, webcam.ErrClosed) {
			t.Fatalf("Read ended with %v", err)
		}
	}
}

func near(a, b color.RGBA) bool {
	d := func(x, y uint8) bool { return max(x, y)-min(x, y) < 12 }
	return d(a.R, b.R) && d(a.G, b.G) && d(a.B, b.B) && a.A == b.A
}

func TestOpenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := webcam.Open(ctx, webcam.Config{Address: serve(t).URL}); err == nil {
		t.Error("opened for nobody")
	}
}
