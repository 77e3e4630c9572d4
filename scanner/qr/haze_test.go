package qr_test

import (
	"image"
	"image/draw"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/scanner/qr"
	"loket/scanner/qr/clip"
)

// TestReaderHintsAtABlurredCode shows frames so blurred that no finder pattern is left, as they come: three in a row are
// worth a hint, and an empty room none.
func TestReaderHintsAtABlurredCode(t *testing.T) {
	c, err := clip.New(1, "IKD1:"+strings.Repeat("6BF+70790T9WJWG.FKY*4GO0.O1CV2", 21), qr.LevelL)
	if err != nil {
		t.Fatal(err)
	}
	frames := make([]*image.RGBA, 4) // of 3.3 to 4.5 pixels a module
	for i := range frames {
		frames[i] = c.Frame(26 + 3*i)
	}
	budget := time.Minute
	if testing.Short() { // the race detector has little to see in further attempts, and takes ten times as long
		budget = 0
	}
	room := image.NewRGBA(image.Rect(0, 0, clip.Width, clip.Height))
	draw.Draw(room, room.Rect, image.NewUniform(frames[0].At(5, 5)), image.Point{}, draw.Src)
	for _, tt := range []struct {
		name string
		blur int
		room bool
		want []qr.Hint
	}{
		{"sharp", 0, false, nil}, // read at once
		{"blurred", 4, false, []qr.Hint{qr.HintNone, qr.HintNone, qr.HintHold, qr.HintHold}},
		{"blurred more", 6, false, []qr.Hint{qr.HintNone, qr.HintNone, qr.HintHold, qr.HintHold}},
		{"nothing there", 6, true, []qr.Hint{qr.HintNone, qr.HintNone, qr.HintNone, qr.HintNone}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := qr.NewReader(qr.Options{Plausible: isOurs})
			for i, f := range frames {
				if tt.room {
					f = room
				}
				got := r.Read(clip.Blurred(f, tt.blur), budget)
				if tt.want == nil {
					if len(got.Symbols) != 1 {
						t.Errorf("frame %d: %+v", i, got)
					}
					continue
				}
				if got.Hint != tt.want[i] || len(got.Symbols) > 0 {
					t.Errorf("frame %d: hint %v, want %v", i, got.Hint, tt.want[i])
				}
			}
		})
	}
}

// TestHazeOfPeople counts wrong hints: webcam frames of people and of printed portraits, sharp and blurred, show no code.
func TestHazeOfPeople(t *testing.T) {
	dir, err := filepath.Abs("../../../shared/faces/nuaa")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no webcam frames beside the project: ", dir)
	}
	every := 4
	if testing.Short() {
		every = 24
	}
	files, looked, wrong := 0, 0, 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".jpg" {
			return err
		}
		if files++; files%every != 0 { // the rest look alike
			return nil
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		img, err := jpeg.Decode(f)
		if err != nil {
			return err
		}
		g := qr.GrayOf(img)
		frame := image.NewRGBA(g.Rect)
		draw.Draw(frame, frame.Rect, g, image.Point{}, draw.Src)
		for _, blur := range []int{0, 3, 5} {
			looked++
			if qr.Hazy(qr.GrayOf(clip.Blurred(frame, blur))) {
				wrong++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d frames without a code look like a blurred one", wrong, looked)
	if looked == 0 || !testing.Short() && 50*wrong > looked {
		t.Errorf("%d of %d, want at most 2 %%", wrong, looked)
	}
}
