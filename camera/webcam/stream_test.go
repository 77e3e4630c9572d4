package webcam_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"loket/camera"
	"loket/camera/webcam"
)

// server sends an MJPEG stream as a webcam server does, and can be made to
// stop in the ways that real ones do.
type server struct {
	*httptest.Server
	mode atomic.Int32
}

const (
	plays  int32 = iota
	stalls       // keeps the connection, sends nothing
	freezes
	refuses // ends the stream, answers 503
)

func serve(t testing.TB) *server {
	s := &server{}
	over := make(chan struct{})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.stream(w, r, over) }))
	t.Cleanup(s.Server.Close)
	t.Cleanup(func() { close(over) })
	return s
}

func (s *server) stream(w http.ResponseWriter, r *http.Request, over chan struct{}) {
	if s.mode.Load() == refuses {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=--frame") // dashes, as some cameras have it
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	var file []byte
	for n := 0; ; n++ {
		switch s.mode.Load() {
		case refuses:
			return
		case plays:
			file = picture(image.Pt(64, 48), uint8(n))
			fallthrough
		case freezes:
			fmt.Fprintf(w, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n", len(file), file)
			if w.(http.Flusher).Flush(); n%5 == 4 { // damaged pictures come now and then
				fmt.Fprintf(w, "--frame\r\nContent-Type: image/jpeg\r\n\r\n%s\r\n", file[:20])
			}
		}
		select {
		case <-tick.C:
		case <-over:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// picture is blue, with a grey corner that counts.
func picture(size image.Point, n uint8) []byte {
	img := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			c := color.RGBA{20, 40, 200, 255}
			if x < 16 && y < 16 {
				c = color.RGBA{n * 8, n * 8, n * 8, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: 90}); err != nil {
		panic(err) // a picture in memory
	}
	return file.Bytes()
}

func TestStream(t *testing.T) {
	src := open(t, webcam.Config{Address: serve(t).URL})
	var last *image.RGBA
	for n := range 8 {
		img, err := src.Read()
		if err != nil {
			t.Fatal(err)
		}
		if c := img.RGBAAt(40, 30); img.Rect != image.Rect(0, 0, 64, 48) || !near(c, color.RGBA{20, 40, 200, 255}) {
			t.Fatalf("frame %d: %v, %v", n, img.Rect, c)
		}
		if last != nil && bytes.Equal(last.Pix, img.Pix) {
			t.Errorf("frame %d is the one before", n)
		}
		last = img
	}
}

// A picture is not held back until the next one begins, and a header that
// claims 65,535 × 65,535 pixels, at which OpenCV throws, is passed over.
func TestStreamOnePicture(t *testing.T) {
	over := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=other")
		file := picture(image.Pt(64, 48), 1)
		huge := bytes.Clone(file)
		at := bytes.Index(huge, []byte{0xFF, 0xC0})
		copy(huge[at+5:], []byte{0xFF, 0xFF, 0xFF, 0xFF})
		for _, f := range [][]byte{huge, file} {
			fmt.Fprintf(w, "\r\n--b\r\nContent-Length: %d\r\n\r\n%s", len(f), f)
		}
		w.(http.Flusher).Flush()
		<-over
	}))
	defer s.Close()
	defer close(over)
	src := open(t, webcam.Config{Address: s.URL})
	if img, err := src.Read(); err != nil || img.Rect.Dx() != 64 {
		t.Errorf("%v", err)
	}
}

// The stream fails and returns, seen through a Feed as the counter sees it: a
// fault within three seconds, live within five of its return.
func TestStreamComesBack(t *testing.T) {
	for _, tt := range []struct {
		name string
		mode int32
		want []camera.Fault // in the order they may come; the first within 3 s
	}{
		{"stalls", stalls, []camera.Fault{camera.NoNewFrame}},
		{"freezes", freezes, []camera.Fault{camera.Frozen}},
		{"refuses", refuses, []camera.Fault{camera.CannotOpen, camera.Ended}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			ctx, cancel := context.WithCancel(t.Context())
			feed, over := camera.NewFeed(), make(chan error, 1)
			go func() {
				over <- feed.Keep(ctx, func(ctx context.Context) (camera.Source, error) {
					return webcam.Open(ctx, webcam.Config{Address: s.URL})
				})
			}()
			until(t, time.Minute, "live", func() bool { return feed.Health().State == camera.Live })
			s.mode.Store(tt.mode)
			until(t, time.Minute, "the fault", func() bool {
				for _, f := range tt.want {
					if feed.Health().Fault == f {
						return true
					}
				}
				return false
			})
			s.mode.Store(plays)
			until(t, time.Minute, "live again", func() bool { return feed.Health().State == camera.Live })
			cancel()
			if err := <-over; !errors.Is(err, context.Canceled) {
				t.Errorf("Keep: %v", err)
			}
		})
	}
}

// until asks every hundredth of a second, since a server's and OpenCV's time is
// real.
func until(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	tick, end := time.NewTicker(10*time.Millisecond), time.After(limit)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s did not come within %v", what, limit)
		}
	}
}

// One frame at 720p: split, decoded, its colours turned, copied.
func BenchmarkStream720p(b *testing.B) {
	file := picture(image.Pt(1280, 720), 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=frame")
		for r.Context().Err() == nil {
			if _, err := fmt.Fprintf(w, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n", len(file), file); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	src, err := webcam.Open(b.Context(), webcam.Config{Address: s.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	for b.Loop() {
		if _, err := src.Read(); err != nil {
			b.Fatal(err)
		}
	}
}
