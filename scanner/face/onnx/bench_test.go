package onnx_test

import (
	"image"
	"syscall"
	"testing"
	"time"

	"loket/scanner/face"
	"loket/scanner/face/onnx"
)

// processor reports the time that all threads spent, beside the time that
// passed: that one holds on a busy PC as well.
func processor(b *testing.B) (done func()) {
	spent := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	from := spent()
	return func() { b.ReportMetric(float64((spent()-from).Microseconds())/1000/float64(b.N), "cpu-ms/op") }
}

func BenchmarkDetect(b *testing.B) {
	det := detector(b, onnx.Options{})
	for _, c := range []struct {
		name string
		w, h int
	}{{"250x250", 250, 250}, {"640x480", 640, 480}, {"1280x720", 1280, 720}} {
		img := image.NewRGBA(image.Rect(0, 0, c.w, c.h))
		b.Run(c.name, func(b *testing.B) {
			done := processor(b)
			for b.Loop() {
				if _, err := det.Detect(img); err != nil {
					b.Fatal(err)
				}
			}
			done()
		})
	}
}

// BenchmarkRefine is the second look at a face of a scaled picture.
func BenchmarkRefine(b *testing.B) {
	det := detector(b, onnx.Options{Side: 320})
	img := picture(b, pictures(b, 1, "nuaa", "live", "0001", "*")[0])
	faces, err := det.Detect(img)
	if err != nil || len(faces) == 0 {
		b.Fatal(faces, err)
	}
	done := processor(b)
	for b.Loop() {
		if _, err := det.Refine(img, faces[0]); err != nil {
			b.Fatal(err)
		}
	}
	done()
}

func BenchmarkDescribe(b *testing.B) {
	det := detector(b, onnx.Options{})
	img := picture(b, pictures(b, 1, "nuaa", "live", "0001", "*")[0])
	faces, err := det.Detect(img)
	if err != nil || len(faces) == 0 {
		b.Fatal(faces, err)
	}
	for _, name := range []string{"face-reidentification-retail-0095", "mobileface-v2"} {
		m := matcher(b, name)
		b.Run(name, func(b *testing.B) {
			done := processor(b)
			for b.Loop() {
				if _, err := m.Describe(img, faces[0]); err != nil {
					b.Fatal(err)
				}
			}
			done()
		})
	}
}

func BenchmarkQuality(b *testing.B) {
	det := detector(b, onnx.Options{})
	img := picture(b, pictures(b, 1, "nuaa", "live", "0001", "*")[0])
	faces, err := det.Detect(img)
	if err != nil || len(faces) == 0 {
		b.Fatal(faces, err)
	}
	guide := face.Guide(img.Rect.Dx(), img.Rect.Dy())
	done := processor(b)
	for b.Loop() {
		face.Measure(img, faces, guide)
	}
	done()
}

// BenchmarkFrame is a whole frame of 640 × 480, looked for at 320 × 240.
func BenchmarkFrame(b *testing.B) {
	look := whole(b)
	img := picture(b, pictures(b, 1, "nuaa", "live", "0001", "*")[0])
	done := processor(b)
	for b.Loop() {
		look(img)
	}
	done()
}
