package onnx_test

import (
	"bytes"
	"encoding/json"
	"image"
	"os"
	"runtime/debug"
	"strconv"
	"testing"

	xdraw "golang.org/x/image/draw"

	"gocv.io/x/gocv"

	"loket/scanner/face"
	"loket/scanner/face/onnx"
)

// whole is what one frame of the counter goes through: found, looked at again
// where it was scaled, judged, described.
func whole(t testing.TB) func(img *image.RGBA) {
	det, m := detector(t, onnx.Options{Side: 320}), matcher(t, "")
	return func(img *image.RGBA) {
		faces, err := det.Detect(img)
		if err != nil || len(faces) == 0 {
			t.Fatal(faces, err)
		}
		if faces[0], err = det.Refine(img, faces[0]); err != nil {
			t.Fatal(err)
		}
		face.Measure(img, faces, face.Guide(img.Rect.Dx(), img.Rect.Dy()))
		if _, err := m.Describe(img, faces[0]); err != nil {
			t.Fatal(err)
		}
	}
}

// resident is the process's memory in KiB after the collector gave back what it
// can. It skips where the system does not say.
func resident(t testing.TB) int {
	t.Helper()
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("resident memory is read from /proc: ", err)
	}
	fields := bytes.Fields(data)
	pages, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() / 1024
}

// grown is by how many KiB memory grew over so many rounds, after others that
// fill pools: the least of the last two of five parts above the most of the
// first, so that what one measurement happens to hold does not count.
func grown(t testing.TB, rounds int, round func(i int)) (start, growth int) {
	for i := range rounds/5 + 20 {
		round(i)
	}
	var at [6]int
	at[0] = resident(t)
	for part := range 5 {
		for i := range rounds / 5 {
			round(i)
		}
		at[part+1] = resident(t)
	}
	return at[0], min(at[4], at[5]) - max(at[0], at[1])
}

const bar = 5 * 1024 // KiB

// Over many frames resident memory stays within 5 MiB and, with -tags
// matprofile, as many of OpenCV's pictures are held as before. LOKET_FRAMES says
// over how many: `make memory` takes 10,000.
func TestMemoryStays(t *testing.T) {
	frames := 250
	if s := os.Getenv("LOKET_FRAMES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 50 {
			t.Fatalf("LOKET_FRAMES=%s", s)
		}
		frames = n
	}
	look := whole(t)
	webcam := picture(t, pictures(t, 1, "nuaa", "live", "0001", "*")[0])
	half := image.NewRGBA(image.Rect(0, 0, 320, 240))
	xdraw.BiLinear.Scale(half, half.Rect, webcam, webcam.Rect, xdraw.Src, nil)
	small := picture(t, pictures(t, 1, "lfw", "*", "*.jpg")[0])
	all := []*image.RGBA{half, half, webcam, small} // changing sizes, as two cameras have; one is scaled
	round := func(i int) { look(all[i%len(all)]) }
	for i := range 8 {
		round(i)
	}
	before := mats()
	start, growth := grown(t, frames, round)
	after := mats()
	text, err := json.MarshalIndent(map[string]int{"frames": frames, "resident_kib": start, "grown_kib": growth, "bar_kib": bar,
		"mats_before": before, "mats_after": after}, "", "  ") // -1 Mats: not counted
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", text)
	if path := os.Getenv("LOKET_FIGURES"); path != "" {
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if growth > bar {
		t.Errorf("grown by %d KiB over %d frames", growth, frames)
	}
	if after != before {
		t.Errorf("%d Mats, then %d", before, after)
	}
}

// Without Close memory grows over the bar, and is counted: what is measured
// above can fail.
func TestMemoryGrowsWithoutClose(t *testing.T) {
	var left []gocv.Mat
	defer func() {
		for _, m := range left {
			m.Close()
		}
	}()
	before := mats()
	_, growth := grown(t, 50, func(int) {
		m := gocv.NewMatWithSize(480, 640, gocv.MatTypeCV8UC4)
		m.SetTo(gocv.NewScalar(1, 2, 3, 4)) // touched, so that it is resident
		left = append(left, m)
	})
	if growth <= bar {
		t.Errorf("%d Mats of 1.2 MB are left, yet memory grew by %d KiB only", len(left), growth)
	}
	if after := mats(); before >= 0 && after-before != len(left) {
		t.Errorf("%d Mats are left, %d are counted", len(left), after-before)
	}
}
